"""Security headers, cross-site requests, cookies and the secret."""

import stat
from collections.abc import AsyncIterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.main import create_app
from app.settings import Settings
from app.web.http.middleware import BODY_LIMIT
from app.web.http.security import (
    OF_DOCUMENTS,
    content_security_policy,
    load_secret,
    read_cookie,
    write_cookie,
)
from tests.support.lab import Lab
from tests.support.markup import tree
from tests.support.page_client import PageClient

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ANSWERS = [
    ("GET", "/healthz", 200),
    ("GET", "/docs", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/static/docs/api_docs.css", 200),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/api/nothing", 404),
    ("PUT", "/api/sessions", 405),
    ("POST", "/api/sessions", 422),
    ("GET", "/broken", 500),
]


@pytest.fixture
def broken(app: Starlette) -> Starlette:
    """The app with a route that fails."""

    async def fail(request: Request) -> Response:
        raise RuntimeError("a secret of the code")

    app.router.routes.insert(0, Route("/broken", fail))
    return app


async def test_answers_to_the_script_have_no_headers_of_documents(visitor: PageClient) -> None:
    """A browser heeds them in documents alone; a script reads the answer as text, whatever it is."""
    for headers in ({}, {"HX-Request": "true"}):
        response = await visitor.client.get("/", headers=headers)
        sent = {name for name in HEADERS if name.lower() in response.headers}
        assert sent == set(HEADERS) - (set(OF_DOCUMENTS) if headers else set())
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_every_answer_is_guarded(
    broken: Starlette, method: str, path: str, status: int
) -> None:
    """Every answer has the security headers and reveals no code."""
    transport = httpx.ASGITransport(broken, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers.items() >= {(k.lower(), v) for k, v in HEADERS.items()}
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy
    assert "secret" not in response.text
    kept = "no-cache" if path.startswith("/static") and status == 200 else "no-store"
    assert response.headers["Cache-Control"] == kept
    if status >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"


def test_policy_allows_the_cdn_only_where_it_is_needed(tmp_path: Path) -> None:
    """The CDN is allowed only while htmx is not vendored."""
    settings = Settings(vendor=tmp_path, htmx_url="https://cdn.example:8443/htmx@4/htmx.js")
    assert "script-src 'self' https://cdn.example:8443;" in content_security_policy(
        settings, "'none'"
    )
    (tmp_path / "htmx.min.js").touch()
    assert "script-src 'self';" in content_security_policy(settings, "'none'")


SITES: list[tuple[dict[str, str], bool]] = [
    ({}, False),
    ({"sec-fetch-site": "same-origin"}, False),
    ({"sec-fetch-site": "none"}, False),
    ({"sec-fetch-site": "same-site"}, True),
    ({"sec-fetch-site": "cross-site"}, True),
    ({"sec-fetch-site": "same-origin", "origin": "null"}, False),
    ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, True),
    ({"origin": "http://testserver"}, False),
    ({"origin": "https://testserver"}, False),
    ({"origin": "https://TESTSERVER:443"}, False),
    ({"origin": "http://testserver:80"}, False),
    ({"origin": "http://testserver:8000"}, True),
    ({"origin": "http://evil.example"}, True),
    ({"origin": "http://testserver.evil.example"}, True),
    ({"origin": "http://evil.example/://testserver"}, True),
    ({"origin": "http://testserver@evil.example"}, True),
    ({"origin": "http://evil.example@testserver"}, True),
    ({"origin": "http://evil.example#testserver"}, True),
    ({"origin": "http://testserver/"}, True),
    ({"origin": "http://testserver:port"}, True),
    ({"origin": "http://[testserver"}, True),
    ({"origin": "testserver"}, True),
    ({"origin": "null"}, True),
    ({"origin": ""}, True),
    ({"origin": "null", "host": ""}, True),
    ({"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}, False),
    ({"origin": "http://[::1]:8000", "host": "[::1]:8000"}, False),
    ({"origin": "http://[::1]:8001", "host": "[::1]:8000"}, True),
]


@pytest.mark.parametrize(("headers", "refused"), SITES)
async def test_changes_asked_for_by_other_sites(
    client: AsyncClient, headers: dict[str, str], refused: bool
) -> None:
    """Other sites may read but not change anything."""
    body = {"preset": "deck"}
    response = await client.post("/api/sessions", json=body, headers=headers)
    assert response.status_code == (403 if refused else 201)
    if refused:
        assert response.headers["Content-Type"] == "application/problem+json"
    assert (await client.get("/api/presets", headers=headers)).status_code == 200


ALLOWED = "lecture.example.edu, *.example.org,[::1]"
NAMED = {
    "lecture.example.edu": True,
    "LECTURE.example.edu:8000": True,
    "a.b.example.org": True,
    "[::1]:8000": True,
    "example.org": False,
    "notexample.org": False,
    "example.edu": False,
    "lecture.example.edu.evil.example": False,
    "evil.example@lecture.example.edu": False,
    "evil.example/.example.org": False,
    "lecture.example.edu:port": False,
    "127.0.0.1": False,
    "": False,
}


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_hosts(settings: Settings, language: str) -> None:
    """A request for another host is refused, with a page for a browser; probes name any host."""
    app = create_app(settings.model_copy(update={"allowed_hosts": ALLOWED}))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client,
    ):
        browser = {"Accept": "text/html", "Accept-Language": language}
        for host, allowed in NAMED.items():
            response = await client.get("/", headers=browser | {"Host": host})
            assert response.status_code == (200 if allowed else 400), host
            if not allowed:
                page = tree(response.text)
                expected = "Invalid request" if language == "en" else "잘못된 요청입니다"
                assert page.all("h1")[0].text == expected
                [style] = [
                    link["href"] for link in page.all("link") if "styles.css" in link["href"]
                ]
                assert (await client.get(style, headers={"Host": host})).status_code == 200
            response = await client.post("/api/sessions", json={}, headers={"Host": host})
            assert response.status_code == (422 if allowed else 400), host
            assert response.headers["Content-Type"] == "application/problem+json"
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200
        notice = await client.post("/step", headers={"Accept": "text/html", "HX-Request": "true"})
        assert (notice.status_code, notice.headers["HX-Retarget"]) == (400, "#notice")


async def test_body_limit(lab: Lab) -> None:
    """A body of more than 64 KiB is refused."""

    async def stream(size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, 1000):
            yield b" " * min(1000, size - start)

    await lab.create()
    json = {"Content-Type": "application/json"}
    for size, status in ((BODY_LIMIT, 422), (BODY_LIMIT + 1, 413)):
        for content in (b" " * size, stream(size)):
            response = await lab.request("POST", "/step", content=content, headers=json)
            assert response.status_code == status
            assert response.headers["Content-Type"] == "application/problem+json"


async def cookie_app(settings: Settings) -> Starlette:
    """An app that gives its visitor a key to hold, and says which one he holds."""

    async def give(request: Request) -> Response:
        response = PlainTextResponse("")
        write_cookie(request, response, request.query_params["key"])
        return response

    async def held(request: Request) -> Response:
        return PlainTextResponse(repr(read_cookie(request)))

    app = create_app(settings)
    app.router.routes[:0] = [Route("/give", give), Route("/held", held)]
    return app


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_cookie_attributes(settings: Settings, scheme: str) -> None:
    """The cookie has the right attributes."""
    app = await cookie_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with AsyncClient(transport=transport, base_url=f"{scheme}://testserver") as browser:
            response = await browser.get("/give", params={"key": "k"})
    attributes = set(response.headers["Set-Cookie"].split("; ")[1:])
    secure = {"Secure"} if scheme == "https" else set()
    assert attributes == {"HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=lax"} | secure


def test_secret_is_made_once(tmp_path: Path) -> None:
    """The secret is created once, readable by its owner only."""
    settings = Settings(store_url=f"sqlite:///{tmp_path}/new/backstep.db")
    secret = load_secret(settings)
    file = tmp_path / "new" / "secret"
    assert len(secret) >= 43
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret"]
    assert load_secret(settings) == secret
    assert load_secret(Settings(secret="a secret of one's own")) == "a secret of one's own"


def read_secret(url: str) -> str:
    return load_secret(Settings(store_url=url))


def test_secret_is_agreed_upon(tmp_path: Path) -> None:
    """Processes that start together use the same secret."""
    url = f"sqlite:///{tmp_path}/backstep.db"
    with get_context("spawn").Pool(2) as pool:
        secrets: Any = pool.map(read_secret, [url] * 8, chunksize=1)
    assert len(set(secrets)) == 1
