"""Export and import: a link, files, the drawing as SVG, and the worksheet on paper."""

from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import expect

from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.view.export.csv_files import parameters_csv
from app.view.export.graph_svg import graph_svg
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

# Every color on the worksheet that is not black, white or gray, and what is wider than the paper.
COLORED = """() => {
  const found = new Set();
  for (const part of document.querySelectorAll("main, main *")) {
    const style = getComputedStyle(part);
    for (const name of ["color", "backgroundColor", "borderTopColor", "fill", "stroke"]) {
      const numbers = style[name].match(/[\\d.]+/g);
      if (numbers && new Set(numbers.slice(0, 3)).size > 1) found.add(`${part.tagName} ${name} ${style[name]}`);
    }
  }
  return [...found];
}"""
TOO_WIDE = """() => [...document.querySelectorAll("main li, main table, main svg")]
  .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0 ||
    part.getBoundingClientRect().right > document.querySelector("main").getBoundingClientRect().right)
  .map((part) => part.textContent.slice(0, 60))"""
# Texts and circles of a drawing that are not within it.
OUTSIDE = """() => {
  const box = document.querySelector("svg").getBoundingClientRect();
  return [...document.querySelectorAll("text, circle")].filter((part) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
  }).map((part) => part.textContent);
}"""
TAGS = set("svg title defs pattern rect g path circle text tspan".split())


def test_the_link_is_copied_and_opens(new_visitor: NewVisitor) -> None:
    """Another visitor, who has no session, sees the same moment."""
    visitor = new_visitor(fresh=True, permissions=["clipboard-read", "clipboard-write"]).open()
    visitor.key("b")
    visitor.choose("panel", "home")
    visitor.page.locator("[data-copy=home-link]").click()
    expect(visitor.page.locator("[data-copy=home-link]")).to_have_text("Copied")
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    assert link == visitor.page.locator("#home-link").input_value()
    other = new_visitor().open(link)
    assert other.drawing() == visitor.drawing()
    assert other.session is None
    expect(visitor.page.locator("[data-copy=home-link]")).to_have_text("Copy")


def test_files(new_visitor: NewVisitor, tmp_path: Path) -> None:
    """session.json opens as the same session elsewhere; parameters.csv is an edit that Back undoes."""
    visitor = new_visitor().open("/?preset=mazur")
    visitor.click("Backward")
    visitor.choose("panel", "home")
    before = visitor.state()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="session.json").click()
    assert download.value.suggested_filename == "backstep-session.json"
    path = tmp_path / "session.json"
    download.value.save_as(path)
    other = new_visitor().open()
    other.choose("panel", "home")
    button = other.page.locator('form[action*="/import"] button')
    other.field("file").set_input_files(path)
    other.press(button)
    after = other.state()
    assert {**after, "id": "", "version": 0} == {**before, "id": "", "version": 0}
    assert other.session != visitor.session
    other.open("/?preset=deck").click("Step")
    look = other.look()
    other.field("text").fill(parameters_csv(DECK.simulation.train(50)))
    other.press(button)
    assert other.look() != look
    assert other.state()["network"]["layers"] == [3, 4, 2]
    other.click("Back")
    assert other.look() == look


def test_the_drawing_by_itself(visitor: Visitor, tmp_path: Path) -> None:
    """The SVG file needs nothing else, has its text as text, and all of it is visible."""
    page = visitor.page
    page.set_viewport_size({"width": 1400, "height": 1400})
    for layers in ([3, 4, 2], [8, 8, 8, 8, 8], [1, 1]):
        simulation = random_simulation(layers, 7, bias="per_unit" if len(layers) == 2 else "shared")
        path = tmp_path / "graph.svg"
        path.write_text(graph_svg(simulation.update(), "The network <&>"), encoding="utf-8")
        root = ElementTree.parse(path).getroot()
        assert {part.tag.partition("}")[2] for part in root.iter()} <= TAGS
        assert not {"style", "href", "class"} & {
            name for part in root.iter() for name in part.attrib
        }
        page.set_content(f"<body>{path.read_text()}</body>")
        assert f"O{layers[-1]}" in page.locator("text").all_text_contents()
        assert page.evaluate(OUTSIDE) == []


def test_the_worksheet_on_paper(either: NewVisitor) -> None:
    """Blank or with the answers it is black on white and fits A4, also for the largest network."""
    visitor = either(color_scheme="dark")
    layers = "3-4-2" if visitor.script else "8-8-8-8-8"
    page = visitor.open(f"/?layers={layers}&seed=7").page
    page.set_viewport_size({"width": 680, "height": 900})
    visitor.choose("panel", "home")
    for answers in (0, 1) if visitor.script else (1,):
        link = page.locator(f'#home a[href^="/sheet"][href$="answers={answers}"]')
        visitor.open(link.get_attribute("href") or "")
        page.emulate_media(media="print")
        assert page.evaluate(COLORED) == []
        assert page.evaluate(TOO_WIDE) == []
        pdf = page.pdf(prefer_css_page_size=True)
        assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf or b"/MediaBox [0 0 595" in pdf
        if layers == "3-4-2":
            assert pdf.count(b"/Type /Page\n") == 4
        page.emulate_media(media="screen")
        page.go_back()
