"""Request ids."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from app.main import create_app
from app.settings import Settings

OURS = re.compile("[0-9a-f]{16}")


async def test_every_answer_names_its_request(client: httpx.AsyncClient) -> None:
    """Every answer has its own request id."""
    paths = ("/", "/healthz", "/api/nothing", "/static/nothing", "/api/sessions/x")
    names = [(await client.get(path)).headers["X-Request-ID"] for path in paths]
    assert all(map(OURS.fullmatch, names))
    assert len(set(names)) == len(names)


@pytest.fixture
async def behind_proxy(settings: Settings) -> AsyncIterator[Starlette]:
    """An app that trusts a network, and says who it thinks that it speaks to."""
    app = create_app(settings.model_copy(update={"trusted_proxies": "10.0.0.0/8, 192.0.2.1"}))

    @app.state.api.get("/api/client")  # type: ignore[untyped-decorator]
    async def client(request: Request) -> list[str]:
        assert request.client
        return [request.client.host, request.url.scheme]

    @app.state.api.get("/api/crash")  # type: ignore[untyped-decorator]
    async def crash() -> None:
        raise RuntimeError("of the test")

    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(params=["10.1.2.3", "192.0.2.1"])
async def proxy(
    request: pytest.FixtureRequest, behind_proxy: Starlette
) -> AsyncIterator[httpx.AsyncClient]:
    """A trusted proxy."""
    transport = httpx.ASGITransport(
        behind_proxy, client=(request.param, 5000), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.mark.parametrize("path", ["/api/client", "/api/nothing", "/api/crash"])
async def test_a_proxys_name_is_taken(proxy: httpx.AsyncClient, path: str) -> None:
    """The id of a trusted proxy is used, on errors as well."""
    response = await proxy.get(path, headers={"X-Request-ID": "f00-1.2_3="})
    assert response.headers["X-Request-ID"] == "f00-1.2_3="


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "<b>", 'a"b', "é"])
async def test_a_proxys_name_that_is_none(proxy: httpx.AsyncClient, name: str) -> None:
    """An unsafe id is replaced."""
    headers = {b"X-Request-ID": name.encode()}
    response = await proxy.get("/api/client", headers=headers)
    assert OURS.fullmatch(response.headers["X-Request-ID"])


async def test_a_proxy_says_who_asks(proxy: httpx.AsyncClient) -> None:
    """A trusted proxy tells the client's address and scheme."""
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    assert (await proxy.get("/api/client", headers=headers)).json() == ["203.0.113.9", "https"]


async def test_a_stranger_says_nothing(behind_proxy: Starlette) -> None:
    """Nobody else can."""
    headers = {
        "X-Forwarded-For": "10.9.9.9",
        "X-Forwarded-Proto": "https",
        "X-Request-ID": "from-anybody",
    }
    transport = httpx.ASGITransport(behind_proxy, client=("198.51.100.7", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        response = await client.get("/api/client", headers=headers)
    assert response.json() == ["198.51.100.7", "http"]
    assert OURS.fullmatch(response.headers["X-Request-ID"])
