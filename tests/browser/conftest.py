"""A real server, Debian's Chromium, and visitors whose errors fail the test.

No request leaves the machine: other hosts cannot be resolved, and asking for one is an error.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext

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
    "--host-resolver-rules=MAP slides.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Motion is off unless it is the subject, so that tests need not wait for it.
DEFAULTS = {
    "viewport": {"width": 1280, "height": 720},
    "locale": "en-US",
    "reduced_motion": "reduce",
    "color_scheme": "light",
}


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
def idle_contexts() -> dict[str, list[BrowserContext]]:
    """Contexts that earlier tests have finished with: no page, no cookie, but a warm cache."""
    return {}


@pytest.fixture
def new_visitor(
    errors: BrowserErrors,
    browser: Browser,
    server: Server,
    idle_contexts: dict[str, list[BrowserContext]],
) -> Iterator[NewVisitor]:
    """Another visitor. Options are those of a browser context: viewport, locale, no JavaScript.

    `fresh` if the test changes more of the context than its pages and cookies.
    """
    used: list[tuple[BrowserContext, str]] = []

    def made(at: Server = server, *, fresh: bool = False, **options: Any) -> Visitor:
        options = {**DEFAULTS, "base_url": at.url, **options}
        key = "" if fresh else repr(sorted(options.items()))
        idle = idle_contexts.get(key)
        context = idle.pop() if idle else browser.new_context(**options)
        context.set_default_timeout(10_000)
        used.append((context, key))
        errors.listen(context)
        return Visitor(context.new_page(), script=options.get("java_script_enabled", True))

    yield made
    for context, key in used:
        errors.ignore(context)
        if not key:
            context.close()
            continue
        for page in context.pages:
            page.close()
        context.clear_cookies()
        idle_contexts.setdefault(key, []).append(context)


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
