"""A real server, Debian's Chromium, and visitors whose errors fail the test.

No request leaves the machine: other hosts cannot be resolved, and asking for one is an error.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser.browser_errors import BrowserErrors
from tests.browser.server import Server, serving
from tests.browser.visitor import Visitor

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
    # Debian turns these on, and without a graphics card they are emulated.
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--host-resolver-rules=MAP slides.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Motion is off unless it is the subject, so that tests need not wait for it.
DEFAULTS = {
    "viewport": {"width": 1280, "height": 720},
    "locale": "en-US",
    "reduced_motion": "reduce",
    "color_scheme": "light",
}

IDLE = "/healthz"  # where visitors wait for their next test, in the process that the page had


class NewVisitor(Protocol):
    def __call__(self, at: Server = ..., **options: Any) -> Visitor: ...


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; nothing is downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium", pytrace=False)
    return browser_type_launch_args | {"executable_path": chromium, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """`serve(BACKSTEP_…="…")`: a server with these settings, shared by all tests that ask for it."""
    running: dict[tuple[tuple[str, str], ...], tuple[Server, Any]] = {}

    def served(**settings: str) -> Server:
        key = tuple(sorted(settings.items()))
        if key not in running:
            manager = serving(tmp_path_factory.mktemp("server"), **settings)
            running[key] = manager.__enter__(), manager
        return running[key][0]

    yield served
    for _, manager in running.values():
        manager.__exit__(None, None, None)
    logs = [server.log.read_text() for server, _ in running.values()]
    assert not [log for log in logs if "Traceback" in log], "\n".join(logs)


@pytest.fixture(scope="session")
def server(serve: Callable[..., Server]) -> Server:
    """The server as `make run` starts it, with a database of its own."""
    return serve()


@pytest.fixture
def errors() -> Iterator[BrowserErrors]:
    """The errors of all browsers of a test; unexpected ones fail it at its end."""
    errors = BrowserErrors()
    yield errors
    errors.check()


@pytest.fixture(scope="session")
def idle_visitors() -> dict[str, list[Visitor]]:
    """Visitors whose tests are over, by the options of their contexts: a new one costs a process."""
    return {}


@pytest.fixture
def new_visitor(
    errors: BrowserErrors,
    browser: Browser,
    server: Server,
    idle_visitors: dict[str, list[Visitor]],
) -> Iterator[NewVisitor]:
    """Another visitor. Options are those of a browser context: viewport, locale, no JavaScript.

    `fresh` if the test gives the context or its page more than cookies, storage, routes and a size,
    for example a clock or a script.
    """
    used: list[tuple[BrowserContext, Page, Visitor, str]] = []

    def made(at: Server = server, *, fresh: bool = False, **options: Any) -> Visitor:
        options = {**DEFAULTS, "base_url": at.url, **options}
        key = "" if fresh else repr(sorted(options.items()))
        if idle := idle_visitors.get(key):
            visitor = idle.pop()
            visitor.page.set_viewport_size(options["viewport"])
        else:
            page = browser.new_context(**options).new_page()
            visitor = Visitor(page, script=options.get("java_script_enabled", True))
        context = visitor.page.context
        context.set_default_timeout(10_000)
        used.append((context, visitor.page, visitor, key))
        errors.listen(context)
        return visitor

    yield made
    for context, page, visitor, key in used:
        errors.ignore(context)
        if key and visitor.page is page and cleared(page):
            idle_visitors.setdefault(key, []).append(visitor)
        else:
            context.close()


def cleared(page: Page) -> bool:
    """Leave nothing of a test in a page and its context, but a warm cache. Return whether that worked."""
    context = page.context
    for other in context.pages:
        if other is not page:
            other.close()
    try:
        page.unroute_all()
        context.unroute_all()
        page.mouse.move(0, 0)
        page.goto(IDLE)
        page.evaluate("[localStorage, sessionStorage].forEach((storage) => storage.clear())")
        protocol = context.new_cdp_session(page)
        protocol.send("Page.resetNavigationHistory")
        protocol.detach()
    except Error:  # closed, or its server is gone
        return False
    context.clear_cookies()
    return True


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    """A new visitor with an English browser on a laptop, who has not opened the page yet."""
    return new_visitor()


@pytest.fixture(params=[True, False], ids=["en", "ko-no-javascript"])
def either(request: pytest.FixtureRequest, new_visitor: NewVisitor) -> NewVisitor:
    """A test with this runs twice: in English with JavaScript, and in Korean without."""

    return partial(
        new_visitor, java_script_enabled=request.param, locale="en-US" if request.param else "ko-KR"
    )
