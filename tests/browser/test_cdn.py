"""htmx from the CDN, with its integrity checked by the browser; and the page without it."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from app.settings import ROOT, Settings
from tests.browser.conftest import NewVisitor
from tests.browser.drawing import drawn
from tests.browser.server import Server
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

HTMX = ROOT / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"
CDN = "https://cdn.jsdelivr.net/**"
WRONG = "sha384-" + base64.b64encode(b"\0" * 48).decode()


def from_npm(route: Route) -> None:
    """What the CDN answers: the package's file, for everybody."""
    headers = {"Access-Control-Allow-Origin": "*"}
    route.fulfill(path=HTMX, content_type="text/javascript", headers=headers)


@pytest.fixture
def bare(serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server whose vendor folder is empty."""
    return serve(BACKSTEP_VENDOR=str(empty(tmp_path_factory)))


def empty(factory: pytest.TempPathFactory) -> Path:
    """One empty folder, the same for all."""
    folder = factory.getbasetemp() / "vendor"
    folder.mkdir(exist_ok=True)
    return folder


def check_moves(visitor: Visitor) -> None:
    """Whatever became of htmx, every kind of change works."""
    for name, cursor in (("Step", 4), ("Backward", 55), ("Back", 54)):
        visitor.click(name)
        assert visitor.state()["cursor"] == cursor
    assert visitor.look().drawing == drawn(visitor.state())
    field = visitor.page.locator('[name="weight/0/0/0"]')
    with visitor.changes():
        field.fill("0.25")
        field.press("Enter")
    assert visitor.state()["network"]["weights"][0][0][0] == 0.25
    visitor.choose("panel", "data")
    expect(visitor.page.locator("#data")).to_be_visible()


def test_the_setting_is_the_package() -> None:
    """The address names the version of package.json, and the hash is that of its file."""
    settings = Settings()
    version = json.loads((ROOT / "package.json").read_text())["dependencies"]["htmx.org"]
    assert f"htmx.org@{version}/dist/htmx.min.js" in settings.htmx_url
    digest = hashlib.sha384(HTMX.read_bytes()).digest()
    assert settings.htmx_integrity == "sha384-" + base64.b64encode(digest).decode()


def test_htmx_comes_from_the_cdn(new_visitor: NewVisitor, watch: Watch, bare: Server) -> None:
    """Without vendored files the script is the CDN's, asked for with its hash, and it works."""
    watch.expect("request to another host: https://cdn.jsdelivr.net/")
    visitor = new_visitor(bare)
    visitor.page.context.route(CDN, from_npm)
    visitor.open()
    script = visitor.page.locator("script[integrity]")
    expect(script).to_have_attribute("src", Settings().htmx_url)
    expect(script).to_have_attribute("integrity", Settings().htmx_integrity)
    expect(script).to_have_attribute("crossorigin", "anonymous")
    check_moves(visitor)
    assert visitor.page.evaluate("answers") > 0


def test_the_cdn_is_blocked(new_visitor: NewVisitor, watch: Watch, bare: Server) -> None:
    """Out of reach of the CDN everything works by loading the page, the keys too."""
    watch.expect("request to another host: https://cdn.jsdelivr.net/", "Failed to load resource")
    visitor = new_visitor(bare)
    visitor.script = False
    visitor.page.context.route(CDN, lambda route: route.abort())
    visitor.open()
    check_moves(visitor)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("ArrowRight")
    assert visitor.state()["cursor"] == 4
    visitor.page.keyboard.press("?")
    expect(visitor.page.locator("#keys")).to_be_visible()


def test_a_wrong_hash_is_refused(
    new_visitor: NewVisitor,
    watch: Watch,
    serve: Callable[..., Server],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The browser does not run a file of another hash; the page works without it."""
    watch.expect("request to another host: https://cdn.jsdelivr.net/", "integrity")
    folder = str(empty(tmp_path_factory))
    visitor = new_visitor(serve(BACKSTEP_VENDOR=folder, BACKSTEP_HTMX_INTEGRITY=WRONG))
    visitor.script = False
    visitor.page.context.route(CDN, from_npm)
    visitor.open()
    assert visitor.page.evaluate("typeof htmx") == "undefined"
    assert any("integrity" in complaint for complaint in watch.complaints)
    check_moves(visitor)


def test_vendored_htmx_asks_nobody(visitor: Visitor) -> None:
    """With vendored files the policy names no other host, and no script but our own is asked for."""
    hosts: set[str] = set()
    visitor.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    response = visitor.page.goto("/")
    assert response is not None
    assert "script-src 'self';" in response.headers["content-security-policy"]
    visitor.step()
    assert hosts == {visitor.page.url.split("/")[2]}
