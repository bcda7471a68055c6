"""Presses: each counts once, however fast they come and whatever is lost; none on an outdated page."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.derivations import address_of
from tests.browser.visitor import STEP, Visitor

# Five presses within a few milliseconds.
PRESS_FIVE_TIMES = (
    "(selector) => { for (let n = 0; n < 5; n += 1) document.querySelector(selector).click(); }"
)
OUTDATED = "Another tab or device changed"


def second_tab(visitor: Visitor) -> Visitor:
    """The same browser, in another tab."""
    return Visitor(visitor.page.context.new_page(), script=visitor.script)


def by_unit(visitor: Visitor, address: str = "/") -> Visitor:
    """Open a page and step by units, beginning a session."""
    visitor.open(address).choose("by", "unit")
    visitor.step()
    return visitor


def test_five_presses_at_once(new_visitor: NewVisitor) -> None:
    """Five presses within a few milliseconds are five steps, on an example as well."""
    visitor = by_unit(new_visitor())
    for cursor in (6, 11):
        with visitor.changes(5):
            visitor.page.evaluate(PRESS_FIVE_TIMES, STEP)
        visitor.check()
        assert visitor.state()["cursor"] == cursor
    visitor.step()
    assert visitor.state()["cursor"] == 12


def test_back_and_the_same_button(either: NewVisitor) -> None:
    """After the browser's Back, the button that was pressed last counts again."""
    visitor = by_unit(either())
    for cursor in (2, 3):
        visitor.open(address_of("delta/1/0"))
        visitor.page.go_back()
        visitor.step()
        assert visitor.state()["cursor"] == cursor


def test_a_press_in_an_outdated_tab(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """It is not applied; the tab shows the newest state and says so, and then its presses count."""
    errors.expect("status of 409")
    one = by_unit(new_visitor())
    two = second_tab(one).open()
    two.step()
    notice = one.page.locator("#notice")
    one.click("Step")
    expect(notice).to_contain_text(OUTDATED)
    expect(notice).to_be_in_viewport()
    expect(notice).to_have_role("status")
    assert one.state()["cursor"] == 2
    assert one.drawing() == two.drawing()
    one.click("Step")
    expect(notice).to_be_empty()
    assert one.state()["cursor"] == 3
    one.check()


def test_play_ends_in_an_outdated_tab(visitor: Visitor, errors: BrowserErrors) -> None:
    """Whoever plays does not go on from what somebody else has made."""
    errors.expect("status of 409")
    by_unit(visitor)
    second_tab(visitor).open().step()
    play = visitor.page.locator("#play")
    visitor.press(play)
    expect(visitor.page.locator("#notice")).to_contain_text(OUTDATED)
    expect(play).to_have_attribute("aria-pressed", "false")
    assert visitor.state()["cursor"] == 2


@pytest.mark.parametrize("place", ["panel", "derivation"])
def test_a_number_in_an_outdated_tab(
    new_visitor: NewVisitor, errors: BrowserErrors, place: str
) -> None:
    """It stays in its field, beside the reason; to press Enter again applies it."""
    errors.expect("status of 422")
    visitor, name = by_unit(new_visitor()), "weight/0/0/0"
    if place == "panel":
        visitor.choose("panel", "matrices")
    else:
        visitor.open(address_of(name))
        name = f"derivation/{name}"
    second_tab(visitor).open().step()
    before = visitor.state()
    visitor.enter(name, "0.375")
    field = visitor.field(name)
    expect(visitor.page.get_by_role("alert")).to_contain_text(OUTDATED)
    expect(field).to_have_value("0.375")
    expect(field).to_be_focused()
    assert visitor.state() == before
    with visitor.changes():
        field.press("Enter")
    assert visitor.state()["network"]["weights"][0][0][0] == 0.375
    expect(visitor.page.get_by_role("alert")).to_have_count(0)


def test_a_number_of_the_drawing_in_an_outdated_tab(
    visitor: Visitor, errors: BrowserErrors
) -> None:
    """The field over the drawing stays open, with what was typed and the reason."""
    errors.expect("status of 409")
    page = by_unit(visitor).page
    with visitor.changes():  # the first click shows where the number comes from
        page.locator("#learning-rate a").dblclick()
    two = second_tab(visitor).open()
    two.step()
    field = page.locator("#editing input")
    with visitor.changes():
        field.fill("0.125")
        field.press("Enter")
    expect(page.locator("#editing-refusal")).to_contain_text(OUTDATED)
    expect(field).to_have_value("0.125")
    expect(field).to_be_focused()
    assert visitor.drawing() == two.drawing()
    with visitor.changes():
        field.press("Enter")
    expect(field).to_be_hidden()
    assert visitor.state()["learning_rate"] == 0.125


def lose(route: Route) -> None:
    """Let the server answer, and the answer be lost."""
    route.fetch()
    route.abort()


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_the_answer_is_lost(visitor: Visitor, errors: BrowserErrors, made: bool) -> None:
    """The same press again is made once, whether the server has made it or not; others count."""
    errors.expect("Failed to load resource", "Failed to fetch")
    page = by_unit(visitor).page
    notice = page.locator("#notice")

    def press(name: str, *, lost: bool = False) -> None:
        if lost:
            page.route("**/step", lose if made else lambda route: route.abort())
        visitor.click(name)
        page.unroute("**/step")
        expect(notice).to_contain_text("cannot be reached") if lost else expect(
            notice
        ).to_be_empty()

    press("Step", lost=True)
    press("Step", lost=True)
    press("Step")
    assert visitor.state()["cursor"] == 2
    press("Step")
    assert visitor.state()["cursor"] == 3
    press("Step", lost=True)
    press("Back")
    assert visitor.state()["cursor"] == (3 if made else 2)
    press("Step")
    press("Step", lost=True)
    with visitor.changes(2):  # the second of two is a new press
        visitor.page.evaluate(
            "(selector) => { for (const n of [1, 2]) document.querySelector(selector).click(); }",
            STEP,
        )
    assert visitor.state()["cursor"] == (6 if made else 5)
    visitor.check()


def test_the_answer_to_a_number_is_lost(visitor: Visitor, errors: BrowserErrors) -> None:
    """The same number again is one edit, and another number another one."""
    errors.expect("Failed to load resource", "Failed to fetch")
    by_unit(visitor).choose("panel", "matrices")
    page, name = visitor.page, "weight/0/0/0"
    version = visitor.state()["version"]
    for text, versions in (("0.375", 1), ("0.5", 3)):
        page.route("**/edit", lose)
        visitor.enter(name, text if versions == 1 else "0.625")
        page.unroute("**/edit")
        visitor.enter(name, text)
        state = visitor.state()
        assert state["version"] == version + versions
        assert state["network"]["weights"][0][0][0] == float(text)
