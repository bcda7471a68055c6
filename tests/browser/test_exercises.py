"""A student with an exercise sheet and a phone: enters it, works it out, has it marked, practises."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.web.test_exercise_page import FORM, ONE_OUTPUT

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WORKING = """net_h1 = 0.21, out_h1 = 0.5523
net_h2 = 0.315, out_h2 = 0.5781
net_o = 0.6860, out_o = 0.6651
delta_o = 0.0746
w5 = 0.2794"""


class Taps:
    """Counts what a student does: a tap, or something typed or pasted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 1  # the page was opened

    def tap(self, selector: str) -> None:
        self.count += 1
        self.page.locator(selector).tap()

    def type(self, selector: str, text: str) -> None:
        self.tap(selector)
        self.count += 1
        self.page.keyboard.insert_text(text)


@pytest.mark.parametrize("script", [True, False], ids=["", "no-javascript"])
@pytest.mark.parametrize(("how", "most"), [("pasted", 8), ("form", 20)])
def test_an_exercise_on_a_phone(new_visitor: NewVisitor, script: bool, how: str, most: int) -> None:
    """Entered by pasting in at most 8 actions, by the form in at most 20; then worked and marked."""
    page = new_visitor(java_script_enabled=script, **PHONE).open("/exercise").page
    taps = Taps(page)
    if how == "pasted":
        taps.type("textarea", ONE_OUTPUT)
        taps.tap("[value=read]")
    else:
        taps.tap(".by-form > summary")
        for name, text in FORM.items():
            taps.type(f"input[name={name}]", text)
        taps.tap("[value=form]")
    expect(page.locator("#reading h2")).to_have_text("A 2-2-1 network")
    taps.tap("#reading [value=working]")
    page.wait_for_url("**/working*")
    assert taps.count <= most
    page.locator("textarea").fill(WORKING)
    page.locator(".paste .button").tap()
    outcome = page.locator("#outcome")
    expect(outcome.locator("h2")).to_have_text("The first mistake")
    expect(outcome.locator(".marked")).to_contain_text("delta_o = 0.0746")
    expect(outcome.locator(".marked")).to_contain_text("target − out was used")
    expect(outcome.locator(".done b")).to_have_text("−0.0746")
    expect(page.locator(".lines .follow_on")).to_have_count(1)
    expect(page.locator("textarea")).to_have_value(WORKING)


def test_what_was_typed_is_there_again(visitor: Visitor) -> None:
    """The draft of a page that was left or loaded again; it is read while it is typed."""
    page = visitor.open("/exercise").page
    page.locator("textarea").fill(ONE_OUTPUT)
    expect(page.locator("#reading h2")).to_have_text("A 2-2-1 network")
    page.locator("textarea").fill(ONE_OUTPUT + "\nw7 = ?")
    expect(page.locator("#reading .unread-parts")).to_contain_text("w7")
    page.reload()
    expect(page.locator("textarea")).to_have_value(ONE_OUTPUT + "\nw7 = ?")
    page.goto("/working?preset=mazur")
    page.locator('[name="net/1/0"]').fill("0.3775")
    page.goto("/")
    page.goto("/working?preset=mazur")
    expect(page.locator('[name="net/1/0"]')).to_have_value("0.3775")


def test_practising_from_the_drawer(visitor: Visitor) -> None:
    """By keyboard: a wrong number is named, a right one leads on, and the simulator is where one is."""
    visitor.open().choose("panel", "exercises")
    page = visitor.page
    page.get_by_role("button", name="Practise").click()
    page.wait_for_url("**/practise")
    for index, number in enumerate(("-0.25", "-0.7", "0.75", "-0.4")):
        page.locator(".blank input").nth(index).fill(number)
    page.keyboard.press("Enter")
    expect(page.locator(".blank.wrong")).to_have_count(1)
    page.locator(".blank.wrong input").fill("-0.5")
    page.keyboard.press("Enter")
    expect(page.locator(".next-step h2")).to_have_text("out of the hidden layer")
    page.get_by_role("link", name="To the network").click()
    expect(page.locator("#unit-1-3")).to_have_attribute("data-net", "-0.5")


@pytest.mark.parametrize("script", [True, False], ids=["", "no-javascript"])
def test_choosing_what_is_asked(new_visitor: NewVisitor, script: bool) -> None:
    """By keyboard: δ alone, one of each layer; the field is focused and in view after each press."""
    visitor = new_visitor(java_script_enabled=script, **PHONE)
    visitor.open().choose("panel", "exercises")
    page = visitor.page
    page.get_by_role("button", name="Practise").click()
    page.wait_for_url("**/practise")
    page.locator(".choose summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    boxes = page.locator("[type=checkbox]")
    for index in range(boxes.count()):
        page.keyboard.press("Tab")
        if boxes.nth(index).get_attribute("name") != "kind/delta":
            page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".where")).to_contain_text("question 1 of 2")
    field = page.locator(".blank input")
    expect(field).to_have_count(1)
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    expect(page.locator(".known")).to_contain_text("0.2481")
    field.fill("1")
    page.keyboard.press("Enter")
    expect(page.locator(".blank.wrong input")).to_be_focused()
    expect(page.locator(".blank.wrong .marked")).to_be_in_viewport()
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 390


@pytest.mark.parametrize(
    ("theme", "language", "size"), [("light", "ko", (390, 844)), ("dark", "en", (1280, 720))]
)
def test_axe_finds_nothing(
    new_visitor: NewVisitor,
    errors: BrowserErrors,
    theme: str,
    language: str,
    size: tuple[int, int],
) -> None:
    """On the three pages, with what they say of right and wrong entries."""
    errors.expect("status of 422")
    width, height = size
    viewport = {"width": width, "height": height}
    visitor = new_visitor(color_scheme=theme, locale=language, viewport=viewport)
    page, found = visitor.page, {}
    for name, text in (("read", ONE_OUTPUT), ("unread", "w1 = ?")):
        visitor.open("/exercise")
        page.locator("textarea").fill(text)
        page.locator("[value=read]").click()
        page.locator("#reading .outcome").wait_for()
        found[name] = visitor.findings()
    visitor.open("/working?preset=mazur")
    page.locator("textarea").fill("net_h1 = 0.3775; out_h1 = 0.3775; E = x; net_9 = 1")
    page.locator('[name="net/1/1"]').fill("3")
    page.locator(".paste .button").click()
    page.locator("#outcome").wait_for()
    found["working"] = visitor.findings()
    page.evaluate(
        """() => {
          const form = document.createElement("form");
          Object.assign(form, { method: "post", action: "/practise?preset=mazur" });
          document.body.append(form);
          form.submit();
        }"""
    )
    page.wait_for_url("**/practise")
    page.locator(".blank input").first.fill("1")
    page.locator("[value=check]").click()
    page.locator("[value=hint]").click()
    found["practice"] = visitor.findings()
    for state in ("only/net", "reveal", "reveal", "stop"):
        page.locator(f"[value='{state}']").first.click()
        if state == "stop":
            page.wait_for_url("**/n/*")
            visitor.open(f"{urlsplit(page.url).path}/practise")
        else:
            page.locator(".choose summary").click()
        found[state] = visitor.findings()
    assert not {screen: words for screen, words in found.items() if words}
