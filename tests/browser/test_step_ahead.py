"""One step ahead: a press shows the next step at once, and its answer confirms it or takes it back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.visitor import DICTIONARY, STEP, Visitor

AHEAD = "\x1d"  # in an answer, before the patch of the next step
FOCUS = (
    "document.activeElement.closest('[data-of]')?.dataset.of ?? document.activeElement.className"
)


def by(visitor: Visitor, granularity: str) -> Visitor:
    """Step until an answer brings the next step: the server compares the steps after the first one."""
    visitor.open().choose("by", granularity)
    for _ in range(20):
        with visitor.page.expect_response("**/step*") as answer:
            visitor.step()
        if AHEAD in answer.value.text():
            return visitor
    pytest.fail("No answer brings the next step.")


def shown(visitor: Visitor) -> int:
    return int(visitor.page.locator("#moves").get_attribute("data-cursor") or "")


@contextmanager
def held(visitor: Visitor) -> Iterator[list[Route]]:
    """The steps that are on their way meanwhile; they go on in the end."""
    routes: list[Route] = []
    visitor.page.route("**/step*", lambda route: routes.append(route))
    yield routes
    visitor.page.unroute("**/step*")  # which lets them go on


def press(visitor: Visitor, count: int = 1) -> None:
    for _ in range(count):
        visitor.page.locator(STEP).click()


def test_a_step_is_shown_before_its_answer(visitor: Visitor) -> None:
    """It is not made until the server says so. Of further presses none is shown before that."""
    at = shown(by(visitor, "unit"))
    with visitor.changes(3), held(visitor) as routes:
        press(visitor, 3)
        assert shown(visitor) == at + 1
        assert visitor.state()["cursor"] == at
        assert len(routes) == 1
    assert shown(visitor) == visitor.state()["cursor"] == at + 3
    visitor.check()


def test_every_step_of_an_iteration(visitor: Visitor) -> None:
    """Into the next one, too: what the script goes ahead to is what the server answers."""
    by(visitor, "layer")
    ahead: list[str | None] = []
    visitor.page.on("request", lambda request: ahead.append(request.headers.get("ahead")))
    for _ in range(19):
        visitor.step()
        visitor.check()
    assert len([state for state in ahead if state]) > 15
    assert visitor.state()["iteration"] == 1


Failure = Callable[[Route], None]


def lost(route: Route) -> None:
    route.abort()


def of_a_proxy(route: Route) -> None:
    route.fulfill(status=502, body="<h1>Bad Gateway</h1>")


def made_and_lost(route: Route) -> None:
    route.fetch()
    route.abort()


@pytest.mark.parametrize("failure", [lost, of_a_proxy, made_and_lost])
def test_no_answer_takes_it_back(visitor: Visitor, errors: BrowserErrors, failure: Failure) -> None:
    """The page shows the last step that is confirmed, says so, and keeps the focus; the same press
    again is one step."""
    errors.expect("Failed to load resource", "Failed to fetch")
    page, at = by(visitor, "unit").page, shown(visitor)
    page.locator("#card a[data-of], #graph a[href]").first.focus()
    before, focus = visitor.look(), page.evaluate(FOCUS)
    page.route("**/step*", failure)
    for _ in range(2):
        visitor.key("ArrowRight")
        expect(page.locator("#notice")).to_contain_text("cannot be reached")
        page.locator("#notice").evaluate("(notice) => { notice.textContent = ''; }")
        assert visitor.look() == before
        assert page.evaluate(FOCUS) == focus
    page.unroute("**/step*")
    visitor.key("ArrowRight")
    expect(page.locator("#notice")).to_be_empty()
    assert shown(visitor) == visitor.state()["cursor"] == at + 1
    visitor.check()
    visitor.step()
    assert shown(visitor) == visitor.state()["cursor"] == at + 2


def test_something_else_came_first(visitor: Visitor, errors: BrowserErrors) -> None:
    """The page shows the newest state, and says that the press was not applied."""
    errors.expect("status of 409")
    by(visitor, "unit")
    other = Visitor(visitor.page.context.new_page()).open()
    other.click("Step", "Step", "Back")
    press(visitor)
    expect(visitor.page.locator("#notice")).to_contain_text("Another tab or device changed")
    assert visitor.drawing() == other.drawing()
    visitor.step()
    visitor.check()


def test_another_tab_steps_by_phases(visitor: Visitor) -> None:
    """The granularity is that of the browser: the answer shows how far the step went."""
    by(visitor, "unit")
    Visitor(visitor.page.context.new_page()).open().choose("by", "phase")
    visitor.step()
    assert shown(visitor) == visitor.state()["cursor"] == 15
    visitor.check()


def test_play_does_not_go_ahead(visitor: Visitor) -> None:
    """While it runs each step waits for its answer."""
    page = by(visitor, "unit").page
    asked: list[Request] = []

    def note(request: Request) -> None:
        if DICTIONARY not in request.url:
            asked.append(request)

    page.on("request", note)
    with visitor.changes():
        page.locator("#play").click()
    page.locator("#play").click()
    assert "shown" in asked[0].headers
    assert "ahead" not in asked[0].headers
    visitor.check()
