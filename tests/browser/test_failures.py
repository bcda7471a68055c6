"""When the server fails, or is away: the page says so, stays as it is, and goes on afterwards."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.drawing import drawn
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

PROBLEM = '{"title": "Oh", "status": %d, "detail": "The server encountered an error."}'


def mistake(route: Route) -> None:
    """What the outermost middleware answers where the app fails."""
    route.fulfill(status=500, content_type="application/problem+json", body=PROBLEM % 500)


def proxy(route: Route) -> None:
    """What a reverse proxy answers where the app is gone."""
    route.fulfill(status=502, content_type="text/html", body="<html><h1>Bad Gateway</h1></html>")


def away(route: Route) -> None:
    """No answer at all."""
    route.abort()


def no_store(route: Route) -> None:
    """What the page's own refusal looks like where sessions are unavailable."""
    headers = {"HX-Retarget": "#notice", "HX-Reswap": "textContent"}
    text = "Sessions are temporarily unavailable."
    route.fulfill(status=503, content_type="text/html", headers=headers, body=text)


@pytest.mark.parametrize("failure", [mistake, proxy, away, no_store])
def test_a_failure_is_said_and_changes_nothing(
    visitor: Visitor, watch: Watch, failure: Callable[[Route], None]
) -> None:
    """A press that fails leaves a notice and the page; play ends; the next press goes on."""
    watch.expect("Failed to load resource", "Failed to fetch")
    visitor.open()
    visitor.key("f")
    before = visitor.look().drawing
    notice, play = visitor.page.locator("#notice"), visitor.page.locator("#play")
    visitor.page.route("**/step", failure)
    with visitor.changes():
        play.click()
    expect(notice).to_contain_text("temporarily unavailable")
    expect(play).to_have_attribute("aria-pressed", "false")
    assert visitor.look().drawing == before
    visitor.page.unroute("**/step")
    visitor.key("ArrowRight")
    expect(notice).to_be_empty()
    assert visitor.state()["cursor"] == 17
    assert visitor.look().drawing == drawn(visitor.state())
