"""Numbers that explain themselves, in Chromium: clicked, unfolded, linked and without a script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.explaining import (
    BIASES,
    DEEP,
    UNITS,
    WEIGHTS,
    address_of,
    at_work,
    in_drawing,
    opened,
    operand,
    stayed,
)
from tests.browser.visitor import Visitor
from tests.support.derivation_markup import number, way_of

# What the levels of a derivation come to and are made of: in full, and as they are to be seen. A
# weight's gradient is written twice; the last time as its step reckons.
LEVELS = """() => [...document.querySelectorAll("#derivation .level")].map((level) => {
  const read = (element) => [element.title, element.innerText];
  const row = [...level.querySelectorAll(".row")].at(-1);
  return [level.querySelector("output"), ...row.querySelectorAll(".under")].map(read);
})"""


# Keeps what would happen when no second click can come any more, until the test lets it.
HELD = """(() => {
  const set = window.setTimeout;
  window.setTimeout = (run, time, ...more) => time === 300 ? (window.held = run, 0) : set(run, time, ...more);
})()"""


def test_every_number_of_the_drawing_opens(visitor: Visitor) -> None:
    """Each of the 20 weights, 6 units and 2 biases: a click opens its derivation in place, with its
    address in the bar, and with the numbers that the API has for it."""
    page = at_work(visitor, "Update").page
    assert len(WEIGHTS + UNITS + BIASES) == 28
    for address in WEIGHTS + UNITS + BIASES:
        with visitor.changes():
            in_drawing(page, address).click()
        way = opened(page)
        assert way[0] == address
        assert way_of(page.url) == way
        levels = page.evaluate(LEVELS)
        assert len(levels) == len(way) == (1 if address in UNITS else 2)
        for text, shown in zip(way, levels, strict=True):
            answer = visitor.derivation(text)
            wanted = [answer["value"], *(each["value"] for each in answer["operands"])]
            assert [number(full) for full, _ in shown] == wanted
            for full, short in shown:
                assert abs(number(full) - number(short.strip("()"))) <= 0.5e-4
    assert stayed(page)


@pytest.mark.parametrize("going_on", ["key", "button"])
def test_going_on_at_once(visitor: Visitor, going_on: str) -> None:
    """Whoever clicks on a number and goes on at once stays: the page moves for the last thing pressed."""
    page = visitor.open().page
    page.evaluate(HELD)
    page.evaluate("scrollTo(0, 0)")
    with visitor.changes():
        in_drawing(page, "weight/0/0/0").click()
    with visitor.changes():
        if going_on == "key":
            page.keyboard.press("ArrowRight")
        else:
            visitor.move("Step").click()
    page.evaluate("held(); new Promise(requestAnimationFrame)")
    assert page.evaluate("scrollY") == 0
    expect(page.locator("#derivation")).not_to_be_focused()
    assert visitor.state()["cursor"] == 4
    assert opened(page)[0] == "weight/0/0/0"


@pytest.mark.parametrize("script", [True, False])
def test_the_back_button_returns(new_visitor: NewVisitor, script: bool) -> None:
    """Each level is a page of the browser's history; forward leads down again."""
    visitor = at_work(new_visitor(java_script_enabled=script), "Backward")
    page = visitor.page
    ways = [("delta/2/0",), ("delta/2/0", "error_slope/2/0")]
    with visitor.changes():
        in_drawing(page, "delta/2/0").click()
    with visitor.changes():
        operand(page, "error_slope/2/0").click()
    assert opened(page) == ways[1]
    page.go_back()
    expect(page.locator("#derivation nav a")).to_have_count(1)
    assert opened(page) == ways[0]
    page.go_back()
    expect(page.locator("#derivation")).to_have_count(0)
    assert visitor.state()["cursor"] == 55
    page.go_forward()
    expect(page.locator("#derivation nav a")).to_have_count(1)
    assert opened(page) == ways[0]


def focused(page: Page) -> dict[str, Any]:
    """What has the focus: where it leads, whether in the drawing, and the number that it shows."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const at = document.activeElement;
          return {
            href: at.getAttribute("href") ?? "",
            drawn: at.closest("#graph") !== null,
            operand: at.closest(".operand-of")?.dataset.of ?? "",
            inside: at.closest("#derivation") !== null,
            top: at.getBoundingClientRect().top,
          };
        }"""
    )
    return found


@pytest.mark.parametrize("address", ["weight/1/0/0", "delta/1/0", "bias/0"])
def test_by_keyboard(visitor: Visitor, address: str) -> None:
    """Tab comes to it and Enter opens it; Tab goes on from there to its operands, and where Enter
    has unfolded one or folded it again, the reader is still there."""
    page = at_work(visitor, "Backward").page
    page.locator(".skip").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        at = focused(page)
        if at["drawn"] and way_of(at["href"])[:1] == (address,):
            break
    else:
        pytest.fail(f"Tab does not come to {address}")
    with visitor.changes():
        page.keyboard.press("Enter")
    way = opened(page)
    assert way[0] == address
    expect(page.locator("#derivation")).to_be_focused()
    text = visitor.derivation(way[-1])["operands"][0]["address"]
    for _ in range(16):
        page.keyboard.press("Tab")
        at = focused(page)
        assert at["inside"]
        if way_of(at["href"]) == (*way, text):
            break
    else:
        pytest.fail(f"Tab does not come to {text}")
    for expected in ((*way, text), way):
        with visitor.changes():
            page.keyboard.press("Enter")
        assert opened(page) == expected
        now = focused(page)
        assert now["operand"] == text
        assert abs(now["top"] - at["top"]) < 2
    assert stayed(page)


def test_down_to_the_inputs_and_up_again(visitor: Visitor) -> None:
    """From a weight to what was given, number by number; folding the first folds all."""
    page = at_work(visitor, "Update").page
    with visitor.changes():
        in_drawing(page, DEEP[0]).click()
    assert opened(page) == DEEP[:2]
    for depth in range(2, len(DEEP)):
        with visitor.changes():
            operand(page, DEEP[depth]).click()
        assert opened(page) == DEEP[: depth + 1]
    expect(page.locator("#derivation .given")).to_contain_text("given")
    expect(page.locator("#derivation .level")).to_have_count(len(DEEP))
    for depth in (8, 3, 1):
        level = page.locator("#derivation .level").nth(depth - 1)
        with visitor.changes():
            level.locator('a[aria-expanded="true"]').first.click()
        assert opened(page) == DEEP[:depth]
    with visitor.changes():
        page.locator("#derivation .close").click()
    expect(page.locator("#derivation")).to_have_count(0)
    assert way_of(page.url) == ()
    assert stayed(page)


def test_a_step_keeps_it_open(visitor: Visitor) -> None:
    """The derivation follows the iteration: what was not known yet is, once its step is taken."""
    page = at_work(visitor, "Forward").page
    with visitor.changes():
        in_drawing(page, "weight/1/0/0").click()
    expect(page.locator("#derivation .after").first).to_contain_text("known after step")
    visitor.key("b")
    expect(page.locator("#derivation .after")).to_have_count(1)
    visitor.key("u")
    expect(page.locator("#derivation .after")).to_have_count(0)
    assert way_of(page.url) == opened(page) == ("weight/1/0/0", "weight_gradient/1/0/0")


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """Links open and fold by loading the page; what is explained is marked all over it."""
    visitor = at_work(new_visitor(java_script_enabled=False), "Backward")
    page = visitor.page
    with visitor.changes():
        in_drawing(page, "weight/1/0/1").click()
    assert opened(page) == ("weight/1/0/1", "weight_gradient/1/0/1")
    with visitor.changes():
        operand(page, "delta/2/1").click()
    assert opened(page)[-1] == "delta/2/1"
    chosen = page.locator("[data-chosen]")
    places = chosen.evaluate_all("(all) => all.map((one) => one.closest('[id]').id)")
    assert {"edge-1-0-1", "matrices"} <= set(places)
    outline = page.locator("#matrices td[data-chosen]").first
    assert outline.evaluate("(cell) => getComputedStyle(cell).outlineStyle") == "solid"
    with visitor.changes():
        page.locator('#derivation a[aria-expanded="true"]').first.click()
    assert opened(page) == ("weight/1/0/1",)
    with visitor.changes():
        page.locator("#derivation .close").click()
    expect(page.locator("#derivation")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_a_link_for_somebody_else(visitor: Visitor, new_visitor: NewVisitor, script: bool) -> None:
    """Opened in another browser it shows the same drawing and derivation, and goes on from there."""
    at_work(visitor, "Update", "Forward")
    visitor.click("Step")
    visitor.open(address_of(*DEEP[:5]))
    link = visitor.page.locator("#derivation .link").get_attribute("href") or ""
    friend = new_visitor(java_script_enabled=script).open(link)
    assert friend.session is None
    assert friend.look().drawing == visitor.look().drawing
    read = "(part) => part.innerText"
    levels = [
        each.page.locator("#derivation .level").evaluate_all(f"(all) => all.map({read})")
        for each in (visitor, friend)
    ]
    assert levels[0] == levels[1]
    friend.click("Step")
    visitor.click("Step")
    assert opened(friend.page) == DEEP[:5]
    assert way_of(friend.page.url) == DEEP[:5]
    assert "moment" not in friend.page.url
    for part in ("values", "network", "iteration", "cursor"):
        assert friend.state()[part] == visitor.state()[part]


def test_an_unknown_number_says_when(new_visitor: NewVisitor) -> None:
    """Before its step nothing is shown that could be taken for a number."""
    visitor = new_visitor(java_script_enabled=False).open(address_of("error", "output_error/0"))
    levels = visitor.page.locator("#derivation .level .row")
    for text in levels.all_inner_texts():
        assert "?" in text
        assert re.search(r"known after step \d+ of 77", text)
