"""htmx from the CDN, with its integrity checked by the browser; and the page without it."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from app.settings import ROOT, Settings
from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.server import Server
from tests.browser.visitor import Visitor

HTMX = ROOT / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
CDN = "https://cdn.jsdelivr.net/**"
OTHER_HOST = "request to another host: https://cdn.jsdelivr.net/"


def answer(route: Route, text: str) -> None:
    """What the CDN answers."""
    headers = {"Access-Control-Allow-Origin": "*"}
    route.fulfill(body=text, content_type="text/javascript", headers=headers)


@pytest.fixture
def on_cdn(
    new_visitor: NewVisitor, serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Callable[[Route], None]], Visitor]:
    """A visitor of a server without vendored files, and of a CDN that answers like this."""
    nothing = str(tmp_path_factory.getbasetemp() / "no-vendor")

    def opened(cdn: Callable[[Route], None]) -> Visitor:
        visitor = new_visitor(serve(BACKSTEP_VENDOR=nothing), fresh=True)
        visitor.page.context.route(CDN, cdn)
        return visitor.open()

    return opened


def check_moves(visitor: Visitor) -> None:
    """Every kind of change works."""
    visitor.click("Step", "Backward", "Back")
    assert visitor.state()["cursor"] == 54
    visitor.check()
    visitor.choose("panel", "matrices")
    visitor.enter("weight/0/0/0", "0.25")
    assert visitor.state()["network"]["weights"][0][0][0] == 0.25
    visitor.choose("panel", "data")
    expect(visitor.page.locator("#data")).to_be_visible()


def test_htmx_comes_from_the_cdn(on_cdn: Callable[..., Visitor], errors: BrowserErrors) -> None:
    """Without vendored files the browser loads the version of package.json, checks its hash, and runs it."""
    errors.expect(OTHER_HOST)
    visitor = on_cdn(lambda route: answer(route, HTMX.read_text()))
    script = visitor.page.locator("script[integrity]")
    version = json.loads((ROOT / "package.json").read_text())["dependencies"]["htmx.org"]
    assert f"htmx.org@{version}/dist/htmx.min.js" in Settings().htmx_url
    expect(script).to_have_attribute("src", Settings().htmx_url)
    expect(script).to_have_attribute("integrity", Settings().htmx_integrity)
    expect(script).to_have_attribute("crossorigin", "anonymous")
    check_moves(visitor)
    assert visitor.page.evaluate("answers") > 0


def test_the_cdn_is_blocked_or_wrong(on_cdn: Callable[..., Visitor], errors: BrowserErrors) -> None:
    """Everything works by loading the page, the keys too; a file with another hash does not run."""
    errors.expect(OTHER_HOST, "Failed to load resource", "integrity")
    visitor = on_cdn(lambda route: route.abort())
    visitor.script = False
    check_moves(visitor)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("ArrowRight")
    assert visitor.state()["cursor"] == 4
    visitor.page.keyboard.press("?")
    expect(visitor.page.locator("#keys")).to_be_visible()
    visitor = on_cdn(lambda route: answer(route, HTMX.read_text() + "\n"))
    visitor.script = False
    assert visitor.page.evaluate("typeof htmx") == "undefined"
    assert any("integrity" in message for message in errors.messages)
    visitor.click("Step")
    assert visitor.state()["cursor"] == 4
