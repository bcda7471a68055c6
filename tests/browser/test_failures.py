"""Failures: the page shows a notice or a problem page, keeps its state, and continues afterwards."""

from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.server import serving
from tests.browser.visitor import Visitor
from tests.support.redis_server import FOR_GOOD, redis_server

# What comes back if the app fails, if it is gone behind a proxy, and if sessions cannot be reached.
ANSWERS: list[dict[str, Any]] = [
    {"status": 500, "content_type": "application/problem+json", "body": '{"title": "Oh"}'},
    {"status": 502, "content_type": "text/html", "body": "<html><h1>Bad Gateway</h1></html>"},
    {
        "status": 503,
        "content_type": "text/html",
        "headers": {"HX-Retarget": "#notice", "HX-Reswap": "textContent"},
        "body": "Sessions are temporarily unavailable.",
    },
]


def fail(answer: dict[str, Any] | None, route: Route) -> None:
    """Answer like this, or not at all."""
    route.fulfill(**answer) if answer else route.abort()


def test_a_failure_changes_nothing(visitor: Visitor, errors: BrowserErrors) -> None:
    """A press that fails leaves a notice and the page, and ends play; the next press continues."""
    errors.expect("Failed to load resource", "Failed to fetch")
    visitor.open().key("f")
    notice, play = visitor.page.locator("#notice"), visitor.page.locator("#play")
    for answer, cursor in zip((*ANSWERS, None), (17, 19, 21, 29), strict=True):
        before = visitor.drawing()
        visitor.page.route("**/step", partial(fail, answer))
        visitor.press(play)
        expect(notice).to_contain_text("temporarily unavailable")
        expect(play).to_have_attribute("aria-pressed", "false")
        assert visitor.drawing() == before
        visitor.page.unroute("**/step")
        visitor.blur()
        visitor.key("ArrowRight")
        expect(notice).to_be_empty()
        assert visitor.state()["cursor"] == cursor
        visitor.check()


def test_problem_pages(either: NewVisitor, errors: BrowserErrors) -> None:
    """An address without a page, or a damaged link, shows a page that ignores keys and leads back."""
    visitor = either()
    for address, status in (("/nowhere", 404), ("/?preset=nothing", 422), ("/?moment=x", 422)):
        errors.expect(f"status of {status}")
        response = visitor.page.goto(address)
        assert response is not None
        assert response.status == status
        visitor.page.keyboard.press("ArrowRight")
        visitor.page.locator("main a").first.click()
        expect(visitor.move("Step")).to_be_visible()


def test_redis_is_away(new_visitor: NewVisitor, errors: BrowserErrors, tmp_path: Path) -> None:
    """A notice, or a page without JavaScript, says so; when Redis is back the next press continues.
    Without JavaScript the page says that the press before it was not applied."""
    errors.expect("status of 503")
    with (
        redis_server(tmp_path, *FOR_GOOD) as redis,
        serving(tmp_path, BACKSTEP_STORE_URL=redis.url) as server,
    ):
        visitor = new_visitor(server, fresh=True).open()
        plain = new_visitor(server, fresh=True, java_script_enabled=False, locale="ko-KR").open()
        visitor.step()
        before = visitor.drawing()
        plain.step()
        plain.step()
        notice = visitor.page.locator("#notice")
        redis.kill()
        for _ in range(2):
            visitor.click("Step")
            expect(notice).to_have_text(
                "Sessions are temporarily unavailable. Nothing was lost. Please try again shortly."
            )
            assert visitor.drawing() == before
        plain.click("Step")
        expect(plain.page.locator("h1")).to_have_text("지금은 이용할 수 없습니다")
        redis.start()
        visitor.click("Step")
        expect(notice).to_be_empty()
        plain.page.reload()
        expect(plain.page.locator("#notice")).to_contain_text("적용되지 않았습니다")
        plain.step()
        for each, cursor in ((visitor, 8), (plain, 10)):
            assert each.state()["cursor"] == cursor
            each.check()
