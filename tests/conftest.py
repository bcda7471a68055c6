"""Fixtures of most tests: an app, an HTTP client, and clients of the API and of the page."""

import gc
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.main import create_app
from app.settings import Settings
from tests.support.lab import Lab
from tests.support.page_client import PageClient

# httpx tries to import it at each request to an app, and a package that is missing is searched anew.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


def pytest_collection_finish() -> None:
    """Look for garbage less often: tests make trees of large pages, and what was imported stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store of the test's own, and a secret that is no secret."""
    return Settings(store_url=f"sqlite:///{tmp_path / 'backstep.db'}", secret="for tests alone" * 2)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    """The real app, started."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies, as a browser does, but says nothing of where it comes from."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
def lab(client: httpx.AsyncClient) -> Lab:
    """A student with the API: `await lab.create(); await lab.step(by="unit")`."""
    return Lab(client)


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> PageClient:
    """A client of the page: `await visitor.look(); await visitor.press("Step")`."""
    return PageClient(client)
