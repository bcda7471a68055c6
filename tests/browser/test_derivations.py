"""Numbers that explain themselves: clicked, unfolded, linked, by keyboard and without JavaScript."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.derivations import (
    BIASES,
    DEEP,
    UNITS,
    WEIGHTS,
    address_of,
    explain,
    opened,
    operand,
)
from tests.browser.measure import FOCUSED
from tests.browser.visitor import Visitor
from tests.support.derivation_markup import number, way_of

# The result and the operands of each level, in full and as shown. A weight's gradient is written twice;
# the last row is what its step computes.
LEVELS = """() => [...document.querySelectorAll("#derivation .level")].map((level) => {
  const read = (element) => [element.title, element.innerText];
  const row = [...level.querySelectorAll(".row")].at(-1);
  return [level.querySelector("output"), ...row.querySelectorAll(".under")].map(read);
})"""
# Holds back what happens once no second click can follow, until the test lets it happen.
HELD = """(() => {
  const set = window.setTimeout;
  window.setTimeout = (run, time, ...more) => time === 300 ? (window.held = run, 0) : set(run, time, ...more);
})()"""


def test_every_number_of_the_drawing_opens(new_visitor: NewVisitor) -> None:
    """A click on any weight, unit or bias opens its derivation in place, with the API's numbers."""
    visitor = new_visitor(fresh=True)
    visitor.page.add_init_script("window.doubleClickTime = 0")
    page = visitor.open().click("Update").page
    for address in WEIGHTS + UNITS + BIASES:
        explain(visitor, address)
        path = opened(page)
        assert path[0] == address
        assert way_of(page.url) == path
        levels = page.evaluate(LEVELS)
        assert len(levels) == len(path) == (1 if address in UNITS else 2)
        for text, shown in zip(path, levels, strict=True):
            answer = visitor.api(f"/derivation/{text}")
            expected = [answer["value"], *(each["value"] for each in answer["operands"])]
            assert [number(full) for full, _ in shown] == expected
            for full, short in shown:
                assert abs(number(full) - number(short.strip("()"))) <= 0.5e-4


def test_down_to_the_inputs_and_up_again(visitor: Visitor) -> None:
    """A click shows the derivation, each level leads deeper, and folding one folds all below it."""
    page = visitor.open().click("Forward").page
    explain(visitor, DEEP[0])
    expect(page.locator("#derivation")).to_be_focused()
    expect(page.locator("#derivation")).to_be_in_viewport()
    expect(page.locator("#editing")).to_be_hidden()
    expect(page.locator("#derivation .after").first).to_contain_text("computed in step")
    visitor.click("Backward")
    expect(page.locator("#derivation .after")).to_have_count(1)
    visitor.click("Update")
    expect(page.locator("#derivation .after")).to_have_count(0)
    assert opened(page) == DEEP[:2]
    for depth in range(2, len(DEEP)):
        visitor.press(operand(page, DEEP[depth]))
        assert opened(page) == DEEP[: depth + 1]
    expect(page.locator("#derivation .given")).to_contain_text("given")
    expect(page.locator("#derivation .level")).to_have_count(len(DEEP))
    for depth in (8, 3, 1):
        level = page.locator("#derivation .level").nth(depth - 1)
        visitor.press(level.locator('a[aria-expanded="true"]').first)
        assert opened(page) == DEEP[:depth]
    visitor.press(page.locator("#derivation .close"))
    expect(page.locator("#derivation")).to_have_count(0)
    assert way_of(page.url) == ()


def test_going_on_at_once(visitor: Visitor) -> None:
    """After a click on a number and a key or a button the page does not scroll to the derivation."""
    page = visitor.page
    for going_on, cursor in (("key", 4), ("button", 8)):
        visitor.open()
        page.evaluate(HELD)
        explain(visitor, "weight/0/0/0")
        if going_on == "key":
            visitor.key("ArrowRight")
        else:
            visitor.click("Step")
        page.evaluate("held(); new Promise(requestAnimationFrame)")
        assert page.evaluate("scrollY") == 0
        expect(page.locator("#derivation")).not_to_be_focused()
        assert visitor.state()["cursor"] == cursor
        assert opened(page)[0] == "weight/0/0/0"


def tab_to(page: Page, path: tuple[str, ...], *, drawn: bool) -> dict[str, Any]:
    """Press Tab until the link to a derivation has the focus, in the drawing or in a derivation."""
    for _ in range(120):
        page.keyboard.press("Tab")
        at: dict[str, Any] = page.evaluate(FOCUSED)
        if at["drawn" if drawn else "inside"] and way_of(at["href"])[: len(path)] == path:
            return at
    raise AssertionError(f"Tab does not reach {path}")


def test_by_keyboard(visitor: Visitor) -> None:
    """Tab and Enter open a number, and then its operands, which stay where they are."""
    page = visitor.open().click("Backward").page
    for address in ("weight/1/0/0", "delta/1/0"):
        page.locator(".skip").focus()
        tab_to(page, (address,), drawn=True)
        visitor.key("Enter")
        path = opened(page)
        assert path[0] == address
        expect(page.locator("#derivation")).to_be_focused()
        text = visitor.api(f"/derivation/{path[-1]}")["operands"][0]["address"]
        at = tab_to(page, (*path, text), drawn=False)
        for expected in ((*path, text), path):
            visitor.key("Enter")
            assert opened(page) == expected
            now = page.evaluate(FOCUSED)
            assert now["operand"] == text
            assert abs(now["top"] - at["top"]) < 2


def test_links(either: NewVisitor) -> None:
    """With and without JavaScript they open and fold levels, which are pages of the browser's history."""
    visitor = either().open().click("Backward")
    page = visitor.page
    explain(visitor, "weight/1/0/1")
    path = ("weight/1/0/1", "weight_gradient/1/0/1")
    assert opened(page) == path
    expect(page.locator("#derivation .row").first).to_contain_text("16")  # the step that is missing
    visitor.press(operand(page, "delta/2/1"))
    assert opened(page) == (*path, "delta/2/1")
    marked = page.locator("[data-chosen]")
    places = marked.evaluate_all("(all) => all.map((one) => one.closest('[id]').id)")
    assert "edge-1-0-1" in places
    page.go_back()
    expect(page.locator("#derivation nav a")).to_have_count(2)
    assert opened(page) == path
    page.go_back()
    expect(page.locator("#derivation")).to_have_count(0)
    assert visitor.state()["cursor"] == 55
    page.go_forward()
    expect(page.locator("#derivation nav a")).to_have_count(2)
    visitor.press(page.locator('#derivation a[aria-expanded="true"]').first)
    assert opened(page) == path[:1]
    visitor.press(page.locator("#derivation .close"))
    expect(page.locator("#derivation")).to_have_count(0)


def test_a_link_for_somebody_else(new_visitor: NewVisitor) -> None:
    """It shows the same moment and derivation, and continues from there."""
    visitor = new_visitor().open().click("Update", "Forward", "Step").open(address_of(*DEEP[:5]))
    link = visitor.page.locator("#derivation .link").get_attribute("href") or ""
    friend = new_visitor().open(link)
    assert friend.session is None
    assert friend.drawing() == visitor.drawing()
    levels = [each.page.locator(".level").all_inner_texts() for each in (visitor, friend)]
    assert levels[0] == levels[1]
    friend.click("Step")
    visitor.click("Step")
    assert way_of(friend.page.url) == opened(friend.page) == DEEP[:5]
    assert "moment" not in friend.page.url
    for part in ("values", "network", "iteration", "cursor"):
        assert friend.state()[part] == visitor.state()[part]
