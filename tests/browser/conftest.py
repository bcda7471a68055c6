"""A real server, Debian's Chromium, and visitors whose every mishap fails the test.

Nothing leaves the machine: other hosts have no address here, and asking for one is a mishap.
"""

import shutil
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.server import Server, serving
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Motion is off but where it is the subject: tests need not wait for it.
AS_USUAL = {
    "viewport": {"width": 1280, "height": 720},
    "locale": "en-US",
    "reduced_motion": "reduce",
    "color_scheme": "light",
}


class NewContext(Protocol):
    def __call__(self, **options: Any) -> BrowserContext: ...


class NewVisitor(Protocol):
    def __call__(self, server: Server | None = None, **options: Any) -> Visitor: ...


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium: nothing is downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium", pytrace=False)
    return browser_type_launch_args | {"executable_path": chromium, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """`serve(BACKSTEP_…="…")`: a server with these settings, shared by all who ask for the same."""
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
    """The server as it is set up by `make run`, but for a store of the tests' own."""
    return serve()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Complains, when the test is over, of whatever went wrong in its browsers meanwhile."""
    watch = Watch()
    yield watch
    watch.check()


@pytest.fixture
def new_context(watch: Watch, browser: Browser, server: Server) -> Iterator[NewContext]:
    """A browser with cookies of its own, watched."""
    contexts: list[BrowserContext] = []

    def made(**options: Any) -> BrowserContext:
        context = browser.new_context(**{**AS_USUAL, "base_url": server.url, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        watch.over(context)
        return context

    yield made
    for context in contexts:
        context.close()


@pytest.fixture
def new_visitor(new_context: NewContext) -> NewVisitor:
    """Another visitor. Options are those of a browser context: a viewport, a locale, no script."""

    def made(server: Server | None = None, **options: Any) -> Visitor:
        if server is not None:
            options["base_url"] = server.url
        context = new_context(**options)
        return Visitor(context.new_page(), script=options.get("java_script_enabled", True))

    return made


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    """A newcomer with an English browser on a laptop, not yet at the page."""
    return new_visitor()
