"""Training, watched: it moves, it can be stopped, and what was done is kept."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import findings
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

LARGEST = "/?layers=8-8-8-8-8&seed=3"
PROGRESS = "#training progress"


def train(visitor: Visitor, iterations: int) -> None:
    """Asks for so many iterations in the panel of the error curve."""
    field = visitor.page.locator('input[name="iterations"]')
    field.fill(str(iterations))
    with visitor.changes():
        field.press("Enter")


def at(visitor: Visitor) -> int:
    """How far the bar is."""
    return int(visitor.page.locator(PROGRESS).evaluate("bar => bar.value"))


@pytest.mark.parametrize(("locale", "stop"), [("en-US", "Stop"), ("ko-KR", "멈춤")])
def test_it_moves_and_stops(new_visitor: NewVisitor, locale: str, stop: str) -> None:
    """The bar and the drawing move by themselves; Stop stops, and what was done is there."""
    visitor = new_visitor(locale=locale).open(LARGEST)
    visitor.choose("panel", "error")
    train(visitor, 100_000)
    first = at(visitor)
    visitor.page.wait_for_function(
        f"n => document.querySelector('{PROGRESS}').value > n", arg=first
    )
    shown = visitor.page.locator(".facts dd").first
    iteration = shown.inner_text()
    expect(shown).not_to_have_text(iteration)
    assert findings(visitor) == []
    visitor.page.locator("#training").get_by_role("button", name=stop).click()
    visitor.page.wait_for_selector("#training.stopped")
    state = visitor.state()
    assert first <= state["iteration"] + 1 < 100_000
    expect(shown).to_have_text(str(state["iteration"]))
    visitor.page.wait_for_timeout(300)
    assert visitor.state() == state
    assert visitor.page.locator(PROGRESS).count() == 0
    assert findings(visitor) == []


def test_a_second_tab(visitor: Visitor) -> None:
    """It sees the training that the first began, and stops it for both."""
    visitor.open(LARGEST)
    visitor.choose("panel", "error")
    train(visitor, 100_000)
    page = visitor.page.context.new_page()
    page.goto("/")
    page.wait_for_function(f"document.querySelector('{PROGRESS}').value > 0")
    page.locator("#training").get_by_role("button", name="Stop").click()
    page.wait_for_selector("#training.stopped")
    visitor.page.wait_for_selector("#training.stopped")
    assert visitor.state()["iteration"] < 99_999


def test_to_the_end(visitor: Visitor) -> None:
    """It ends by itself, and the page shows where."""
    visitor.open(LARGEST)
    visitor.choose("panel", "error")
    train(visitor, 2_500)
    visitor.page.wait_for_selector("#training.done")
    assert visitor.state()["iteration"] == 2_499


def test_values_at_a_point(visitor: Visitor) -> None:
    """Wherever one points at the curve, it says which iteration that is, and E with all digits."""
    visitor.open("/?preset=deck")
    visitor.choose("panel", "error")
    train(visitor, 40)
    spots = visitor.page.locator(".spot")
    assert spots.count() == 40
    spots.nth(7).locator("rect").hover()
    expect(spots.nth(7).locator("text")).to_be_visible()
    expect(spots.nth(8).locator("text")).not_to_be_visible()
    expect(spots.nth(7).locator("text")).to_contain_text("iteration 7: E = 0.")


def test_runs_side_by_side(visitor: Visitor) -> None:
    """Four are kept, each drawn in its own stroke and told of; on either scale nothing is amiss."""
    visitor.open("/?preset=deck")
    visitor.choose("panel", "error")
    for rate in (0.1, 0.5, 2, 8):
        train(visitor, 60)
        visitor.page.context.request.patch(
            f"/api/sessions/{visitor.session}", data={"learning_rate": rate}
        )
        train(visitor, 60)
        with visitor.changes():
            visitor.page.get_by_role("button", name="Keep this run").click()
        visitor.click("Reset")
    train(visitor, 30)
    strokes = visitor.page.locator(".curve .run").evaluate_all(
        "runs => runs.map(run => [getComputedStyle(run).stroke, getComputedStyle(run).strokeDasharray])"
    )
    assert len({stroke for stroke, _ in strokes}) == len({dash for _, dash in strokes}) == 4
    visitor.page.locator('button[name="scale"][value="log"]').click()
    expect(visitor.page.locator('button[name="scale"][value="log"]')).to_have_attribute(
        "aria-pressed", "true"
    )
    assert findings(visitor) == []
