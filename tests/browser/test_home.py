"""Taking home and opening again, in a browser; the drawing as a file, and the sheet on paper."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.view.export.csv_files import parameters_csv
from app.view.export.graph_svg import graph_svg
from app.view.export.session_file import session_json
from tests.browser.conftest import NewContext, NewVisitor
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

# Every colour on the sheet that is none: what is not black, white or between.
COLOURED = """() => {
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

TAGS = set("svg title defs pattern rect g line circle text tspan".split())


def at_home(visitor: Visitor) -> Visitor:
    visitor.open()
    visitor.choose("panel", "home")
    return visitor


def test_the_link_is_copied_and_opens(new_visitor: NewVisitor) -> None:
    """Another visitor, who has nothing of the first one's, sees the same moment."""
    visitor = new_visitor(permissions=["clipboard-read", "clipboard-write"])
    visitor.open("/")
    visitor.key("b")
    visitor.choose("panel", "home")
    visitor.page.locator("[data-copy]").click()
    expect(visitor.page.locator("[data-copy]")).to_have_text("Copied")
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    assert link == visitor.page.locator("#home-link").input_value()
    other = new_visitor().open(link)
    assert other.look().drawing == visitor.look().drawing
    assert other.session is None
    expect(visitor.page.locator("[data-copy]")).to_have_text("Copy")


@pytest.mark.parametrize("script", [True, False])
def test_a_file_goes_home_and_comes_back(
    new_visitor: NewVisitor, script: bool, tmp_path: Path
) -> None:
    """The file that is kept opens again, with and without a script; what was drawn is drawn again."""
    visitor = new_visitor(java_script_enabled=script)
    visitor.open("/?preset=mazur")
    if script:
        visitor.key("b")
    else:
        visitor.click("Backward")
    visitor.choose("panel", "home")
    before = visitor.state()
    with visitor.page.expect_download() as kept:
        visitor.page.get_by_role("link", name="session.json").click()
    assert kept.value.suggested_filename == "backstep-session.json"
    path = tmp_path / "kept.json"
    kept.value.save_as(path)
    other = at_home(new_visitor(java_script_enabled=script))
    other.page.locator('[name="file"]').set_input_files(path)
    with other.page.expect_navigation():
        other.page.get_by_role("button", name="Open", exact=True).click()
    after = other.state()
    assert {**after, "id": "", "version": 0} == {**before, "id": "", "version": 0}
    assert other.session != visitor.session


@pytest.mark.parametrize("script", [True, False])
def test_what_is_wrong_is_said_beside_the_form(
    new_visitor: NewVisitor, watch: Watch, script: bool
) -> None:
    """A damaged text is refused in the panel, and the session stays as it was."""
    watch.expect("status of 422")
    visitor = at_home(new_visitor(java_script_enabled=script))
    visitor.click("Step")
    before = visitor.state()
    content = json.loads(session_json(DECK.simulation)) | {"cursor": 99}
    visitor.page.locator('[name="text"]').fill(json.dumps(content))
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Open", exact=True).click()
    said = visitor.page.get_by_role("alert")
    expect(said).to_have_text("step: must be an integer from 0 to 77")
    assert visitor.page.locator("#home").is_visible()
    visitor.open("/")
    assert visitor.state() == before


def test_a_table_of_weights_is_taken_back(visitor: Visitor) -> None:
    """parameters.csv is an edit like any other."""
    at_home(visitor)
    visitor.click("Step")
    before = visitor.look()
    visitor.page.locator('[name="text"]').fill(parameters_csv(DECK.simulation.train(50)))
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Open", exact=True).click()
    assert visitor.look() != before
    visitor.click("Back")
    assert visitor.look() == before


@pytest.mark.parametrize("layers", [[3, 4, 2], [8, 8, 8, 8, 8], [1, 1]])
def test_the_drawing_stands_by_itself(
    new_context: NewContext, tmp_path: Path, layers: list[int]
) -> None:
    """The file opens alone, asks for nothing, has its text as text, and all of it is in sight."""
    simulation = random_simulation(layers, 7, bias="per_unit" if len(layers) == 2 else "shared")
    path = tmp_path / "graph.svg"
    path.write_text(graph_svg(simulation.update(), "The network <&>"), encoding="utf-8")
    root = ElementTree.parse(path).getroot()
    assert {part.tag.partition("}")[2] for part in root.iter()} <= TAGS
    assert not {"style", "href", "class"} & {name for part in root.iter() for name in part.attrib}
    page = new_context(viewport={"width": 1400, "height": 1400}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(f"<body>{path.read_text()}</body>")
    assert asked == []
    texts = page.locator("text").all_text_contents()
    assert f"O{layers[-1]}" in texts
    outside = page.evaluate(
        """() => {
          const box = document.querySelector("svg").getBoundingClientRect();
          return [...document.querySelectorAll("text, circle")].filter((part) => {
            const { left, right, top, bottom } = part.getBoundingClientRect();
            return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
          }).map((part) => part.textContent);
        }"""
    )
    assert outside == []


@pytest.mark.parametrize(("language", "layers"), [("en-US", "3-4-2"), ("ko-KR", "8-8-8-8-8")])
def test_the_sheet_on_paper(new_visitor: NewVisitor, language: str, layers: str) -> None:
    """Black on white, nothing wider than the paper, on A4: blank and with the answers."""
    visitor = new_visitor(
        locale=language, color_scheme="dark", viewport={"width": 680, "height": 900}
    )
    for answers in (0, 1):
        visitor.open(f"/sheet?layers={layers}&seed=7&answers={answers}")
        visitor.page.emulate_media(media="print")
        assert visitor.page.evaluate(COLOURED) == []
        assert visitor.page.evaluate(TOO_WIDE) == []
        pdf = visitor.page.pdf(prefer_css_page_size=True)
        assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf or b"/MediaBox [0 0 595" in pdf
        if layers == "3-4-2":
            assert pdf.count(b"/Type /Page\n") == 4
        visitor.page.emulate_media(media="screen")
