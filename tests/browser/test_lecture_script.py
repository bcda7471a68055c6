"""The lecture script: pinned, ordered, kept as a file, and paged through."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.measure import size
from tests.browser.visitor import Visitor

SCRIPT: list[dict[str, object]] = [
    {"title": title, "note": "", "moment": {"iteration": 0, "cursor": cursor}}
    for title, cursor in (("One", 4), ("Two", 8), ("Three", 15), ("Four", 21))
]
# What the speaker's window has a button for.
PRESS = """async (path) =>
  (await fetch(path, { method: "POST", headers: { "HX-Request": "true" } })).status"""


def titles(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".pins h2").all_text_contents()


def opened(visitor: Visitor, script: list[dict[str, object]] | None = None) -> str:
    """Begin a network with a script, and open the page of it; return its path."""
    visitor.open("/?preset=deck").click("Step")
    path = f"/n/{visitor.session}/script"
    if script is not None:
        answer = visitor.page.context.request.put(
            f"/api/sessions/{visitor.session}/script", data=script
        )
        assert answer.ok, answer.text()
    visitor.open(path)
    return path


def click(visitor: Visitor, path: str) -> tuple[int, int]:
    """Press Next or Previous of the clicker, as a page would."""
    assert visitor.page.evaluate(PRESS, path) == 200
    return visitor.position


def test_a_lecturer_prepares_a_lecture(visitor: Visitor, tmp_path: Path) -> None:
    """Pin, reorder by keyboard and by dragging, export, import; then page through it, with single
    steps in between."""
    page = visitor.page
    path = opened(visitor, SCRIPT)
    page.locator(".new summary").click()
    page.locator(".new [name=title]").fill("Mine")
    page.locator(".new [name=note]").fill("Ask for the error.")
    page.locator(".new [name=kind]").select_option("sign")
    page.locator(".new [name=address]").select_option("delta/2/0")
    visitor.follow(page.locator(".new form button"))
    assert titles(visitor) == ["One", "Mine", "Two", "Three", "Four"]
    expect(page.locator("#pin-2")).to_contain_text("positive or negative?")

    page.locator("#pin-2 .down").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#pin-4 h2")).to_have_text("Mine")
    expect(page.locator("#pin-4 .down")).to_be_focused()
    expect(page.locator("#said")).to_contain_text("“Mine” is moment 4 of 5.")
    page.keyboard.press("Enter")
    expect(page.locator("#pin-5 h2")).to_have_text("Mine")
    expect(page.locator("#pin-5 .up")).to_be_focused()

    handle, goal = page.locator("#pin-4 .handle"), page.locator("#pin-1")
    handle.scroll_into_view_if_needed()
    handle.hover()
    page.mouse.down()
    box = goal.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40, steps=5)
    page.mouse.move(box["x"] + 20, box["y"] + 4, steps=5)
    page.mouse.up()
    expect(page.locator("#pin-1 h2")).to_have_text("Four")
    expect(page.locator("#said")).to_contain_text("“Four” is moment 1 of 5.")
    order = ["Four", "One", "Two", "Three", "Mine"]
    assert titles(visitor.open(path)) == order

    with page.expect_download() as download:
        page.locator(".tools a[download]").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert [each["title"] for each in json.loads(file.read_text())] == order
    visitor.follow(page.locator("#pin-1 form[action$=delete] button"))
    assert titles(visitor) == order[1:]
    page.locator(".import summary").click()
    page.locator(".import [type=file]").set_input_files(file)
    visitor.follow(page.locator(".import form button"))
    assert titles(visitor) == order
    visitor.follow(page.locator(".notice button"))  # undo
    assert titles(visitor) == order[1:]

    following = [click(visitor, f"{path}/next") for _ in range(2)]
    assert following == [(0, 4), (0, 8)]
    visitor.open(path.removesuffix("/script")).click("Step", "Step")
    assert visitor.position != (0, 8)
    visitor.open(path)
    assert click(visitor, f"{path}/previous") == (0, 8)
    assert click(visitor, f"{path}/next") == (0, 15)
    visitor.open(path)
    expect(page.locator(".pins .last h2")).to_have_text("Three")
    visitor.follow(page.locator("#pin-1 form[action$=go] button"))
    assert page.url.endswith(path.removesuffix("/script"))
    assert visitor.position == (0, 4)


def test_without_a_script(new_visitor: NewVisitor) -> None:
    """Buttons move a pin, and edit, delete and bring it back."""
    visitor = new_visitor(java_script_enabled=False)
    page = visitor.page
    page.goto("/?preset=deck")
    with page.expect_navigation():
        page.locator("#moves button.main").click()
    page.goto(page.url.split("?")[0] + "/script")
    expect(page.locator(".handle").first).to_be_hidden()
    before = page.locator(".pins h2").all_text_contents()
    visitor.follow(page.locator("#pin-1 .down"))
    moved = page.locator(".pins h2").all_text_contents()
    assert moved == [before[1], before[0], *before[2:]]
    visitor.follow(page.locator("#pin-2 a"))
    page.locator("[name=title]").last.fill("제목")
    visitor.follow(page.locator("#pin-2 form.what button"))
    visitor.follow(page.locator("#pin-1 form[action$=delete] button"))
    assert page.locator(".pins h2").all_text_contents() == ["제목", *before[2:]]
    visitor.follow(page.locator(".notice button"))
    visitor.follow(page.locator("form[action$=built-in] button"))
    assert page.locator(".pins h2").all_text_contents() == before


@pytest.mark.parametrize(
    ("where", "theme", "language"),
    [("laptop", "light", "en"), ("phone", "dark", "ko")],
)
def test_it_is_accessible(new_visitor: NewVisitor, where: str, theme: str, language: str) -> None:
    """The list, every form open, and a refused file break no rule of axe; nothing is too wide."""
    viewport = size(where)
    visitor = new_visitor(viewport=viewport, color_scheme=theme, locale=language)
    page, path = visitor.page, opened(visitor)
    found = {"list": visitor.findings()}
    for summary in page.locator("summary").all():
        summary.click()
    page.locator(".new [name=kind]").select_option("larger")
    found["forms"] = visitor.findings()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    visitor.open(f"{path}?edit=9")
    found["edit"] = visitor.findings()
    visitor.open(path)
    visitor.follow(page.locator("#pin-1 form[action$=delete] button"))
    found["deleted"] = visitor.findings()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert not {name: words for name, words in found.items() if words}
