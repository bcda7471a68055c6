"""Training: its progress, Stop, the error curve, and saved runs."""

from playwright.sync_api import expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

LARGEST = "/?layers=8-8-8-8-8&seed=3"
PROGRESS = "document.querySelector('#training progress').value"


def test_it_can_be_watched_and_stopped(visitor: Visitor, errors: BrowserErrors) -> None:
    """The bar and the drawing move by themselves; Stop in one tab keeps what was done, in both."""
    errors.expect("net::ERR_FAILED")
    page = visitor.open(LARGEST).page
    visitor.train(100_000)
    first = int(page.evaluate(PROGRESS))
    page.wait_for_function(f"first => {PROGRESS} > first", arg=first)
    iteration = page.locator("#jump input")
    expect(iteration).not_to_have_value(iteration.input_value())
    # Training waits until a page listens, so that it cannot end before Stop on a slow machine.
    page.context.route("**/training/events", lambda route: route.abort())
    page.reload()
    second = page.context.new_page()
    second.goto("/")
    assert second.evaluate(PROGRESS) > first
    assert visitor.findings() == []
    second.locator("#training").get_by_role("button", name="Stop").click()
    expect(second.locator("#training.stopped")).to_be_visible()
    page.context.unroute("**/training/events")
    expect(page.locator("#training.stopped")).to_be_visible()
    state = visitor.state()
    assert first <= state["iteration"] + 1 < 100_000
    expect(iteration).to_have_value(str(state["iteration"] + 1))
    expect(page.locator("#training progress")).to_have_count(0)
    assert visitor.findings() == []
    assert visitor.state() == state


def test_it_ends_by_itself(new_visitor: NewVisitor) -> None:
    """The page shows when the last iteration is done, and says so."""
    visitor = new_visitor(locale="ko-KR").open(LARGEST)
    visitor.train(2_500)
    expect(visitor.page.locator("#training.done")).to_be_visible()
    assert visitor.state()["iteration"] == 2_499
    visitor.check()


def test_the_error_curve(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """Training draws the curve; the number of iterations and the bound are checked beside their fields."""
    errors.expect("status of 422")
    visitor = new_visitor().open()
    page = visitor.page
    visitor.choose("panel", "error")
    for name, wrong in (("iterations", "100001"), ("below", "-1")):
        visitor.enter(name, wrong)
        expect(page.get_by_role("alert")).to_have_count(1)
        expect(visitor.field(name)).to_have_value(wrong)
        expect(visitor.field(name)).to_have_attribute("aria-invalid", "true")
    visitor.enter("iterations", "40")
    assert visitor.position == (39, 77)
    visitor.check()
    expect(page.locator("#error-curve figure svg")).to_be_visible()
    spot = page.locator(".spot")
    expect(spot).to_have_count(40)
    spot.nth(7).locator("rect").hover()
    expect(spot.nth(7).locator("text")).to_be_visible()
    expect(spot.nth(8).locator("text")).not_to_be_visible()
    expect(spot.nth(7).locator("text")).to_contain_text("iteration 8: E = 0.")
    for place, iteration in ((7, 8), (38, 39)):  # along the curve the network moves, there and back
        spot.nth(place).locator("rect").click()
        expect(page.locator("#jump input")).to_have_value(str(iteration))
        assert visitor.position == (iteration - 1, 77)
    visitor.enter("below", "0.02")
    assert visitor.state()["values"]["error"] < 0.02
    visitor.click("Back")
    assert visitor.state()["cursor"] == 76


def test_saved_runs(new_visitor: NewVisitor) -> None:
    """Four are kept, each with its own stroke, and can be compared on a logarithmic scale and removed."""
    visitor = new_visitor().open("/?preset=deck")
    page = visitor.page
    for rate in (0.1, 0.5, 2, 8):
        visitor.train(60)
        page.context.request.patch(f"/api/sessions/{visitor.session}", data={"learning_rate": rate})
        page.reload()
        visitor.train(60)
        visitor.press(page.locator("form.keep button"))
        visitor.click("Reset")
    visitor.train(30)
    expect(page.locator("form.keep")).to_have_count(0)
    strokes = page.locator(".curve .run").evaluate_all(
        "runs => runs.map(run => [getComputedStyle(run).stroke, getComputedStyle(run).strokeDasharray])"
    )
    assert len({stroke for stroke, _ in strokes}) == len({dash for _, dash in strokes}) == 4
    visitor.press(page.locator('button[name="scale"][value="log"]'))
    expect(page.locator('button[value="log"][aria-pressed="true"]')).to_be_visible()
    assert visitor.findings() == []
    visitor.press(page.locator(".kept button").first)
    expect(page.locator(".kept li")).to_have_count(3)
    expect(page.locator("form.keep button")).to_be_visible()


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """A long training continues with each press of a button, until Stop."""
    visitor = new_visitor(java_script_enabled=False).open(LARGEST)
    visitor.train(100_000)
    first = int(visitor.page.evaluate(PROGRESS))
    visitor.press(visitor.page.locator('form[action*="/train/on"] button'))
    assert int(visitor.page.evaluate(PROGRESS)) > first > 0
    visitor.press(visitor.page.locator('form[action*="/train/stop"] button'))
    expect(visitor.page.locator("#training.stopped")).to_be_visible()
    assert first < visitor.state()["iteration"] + 1 < 100_000
