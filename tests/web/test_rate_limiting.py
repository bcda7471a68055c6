"""Rate limits and other limits."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from app.analysis.gradient_check import GradientCheck, check_gradients
from app.sessions import capacity
from app.settings import Settings
from app.simulation.simulation import Simulation
from app.web.http.rate_limiting import client_network
from tests.support.lab import Lab
from tests.support.page_client import PageClient


def limited(**limits: float) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("limits", [limits])


@pytest.fixture
def settings(settings: Settings, limits: dict[str, float]) -> Settings:
    """The tests' settings with limits that are soon reached."""
    return settings.model_copy(update=limits)


def refused(response: Response, status: int = 429) -> bool:
    """Whether it is a refusal; one says when to come back."""
    if response.status_code != status:
        return False
    assert response.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(response.headers["Retry-After"]) <= 600
    assert response.json()["status"] == status
    return True


@limited(client_requests=5)
async def test_requests_of_a_client(app: Starlette) -> None:
    """A client above its limit is refused, except for health checks and files."""

    def at(address: str) -> AsyncClient:
        return AsyncClient(
            transport=ASGITransport(app, client=(address, 1)), base_url="http://testserver"
        )

    async with at("10.0.0.1") as one, at("10.0.0.2") as other:
        # A header makes nobody another: no proxy is trusted.
        answers = [
            await one.get("/api/presets", headers={"X-Forwarded-For": f"1.2.3.{n}"})
            for n in range(7)
        ]
        assert [refused(answer) for answer in answers] == [False] * 5 + [True] * 2
        assert "nosniff" in answers[-1].headers["X-Content-Type-Options"]
        for path in ("/healthz", "/readyz", "/metrics", "/static/docs/api_docs.css"):
            assert (await one.get(path)).status_code == 200
        assert (await other.get("/api/presets")).status_code == 200
        metrics = (await one.get("/metrics")).text
        assert 'status="429"} 2' in metrics


@limited(session_requests=4)
async def test_requests_of_a_session(app: Starlette, lab: Lab) -> None:
    """A session above its limit is refused, and others are not."""
    await lab.create()
    stranger = {"Authorization": "Bearer guessed"}
    for _ in range(6):  # a stranger uses up a stranger's requests
        await lab.client.get(lab.path, headers=stranger)
    answers = [await lab.request("POST", "/step") for _ in range(6)]
    assert [refused(answer) for answer in answers] == [False] * 4 + [True] * 2
    assert refused(await lab.request("GET"))
    assert refused(await lab.request("DELETE"))
    other = Lab(lab.client)
    await other.create()
    assert (await other.step())["version"] == 2


@limited(session_requests=3)
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Too many requests. Please wait a moment and try again."),
        ("ko", "요청이 너무 많습니다. 잠시 기다렸다가"),
    ],
)
async def test_page_says_so(visitor: PageClient, language: str, said: str) -> None:
    """A page or a notice says so in the visitor's language."""
    visitor.client.headers["Accept-Language"] = language
    await visitor.post("/step")
    for _ in range(3):
        assert (await visitor.post("/step")).status_code == 303
    page = await visitor.client.get("/")
    notice = await visitor.post("/step", htmx=True)
    for response in (page, notice):
        assert response.status_code == 429
        assert int(response.headers["Retry-After"]) in range(1, 11)
        assert said in response.text
    assert notice.headers["HX-Retarget"] == "#notice"
    assert "<html" in page.text


@limited(client_sessions=2)
async def test_sessions_begun_by_a_client(client: AsyncClient, visitor: PageClient) -> None:
    """A client may begin only so many sessions."""
    deck = {"preset": "deck"}
    assert (await client.post("/api/sessions", json=deck)).status_code == 201
    assert (await visitor.post("/step")).status_code == 303
    assert refused(await client.post("/api/sessions", json=deck))
    assert (await visitor.post("/step")).status_code == 303
    visitor.client.cookies.clear()
    response = await visitor.post("/step")
    assert response.status_code == 429
    assert "Too many new simulations" in response.text
    assert "set-cookie" not in response.headers


@limited(most_sessions=3)  # one is the list of networks
@pytest.mark.parametrize(
    ("language", "said"), [("en", "The server is full"), ("ko", "서버가 가득 찼습니다")]
)
async def test_no_room(
    visitor: PageClient, lab: Lab, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    """A full server begins no session, and keeps those that it has."""
    monkeypatch.setattr(capacity, "COUNT_WHEN_FULL_EVERY", 0.0)
    visitor.client.headers["Accept-Language"] = language
    await lab.create()
    assert (await visitor.post("/step")).status_code == 303
    assert refused(await lab.client.post("/api/sessions", json={"preset": "deck"}), 503)
    assert (await visitor.post("/step")).status_code == 303
    assert (await lab.step())["version"] == 2
    visitor.client.cookies.clear()
    for htmx in (False, True):
        response = await visitor.post("/step", htmx=htmx)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
        assert said in response.text
    assert (await visitor.client.get("/")).status_code == 200  # looking takes no room
    await lab.delete()
    assert (await visitor.post("/step")).status_code == 303


@limited(change_seconds=1e-9)
async def test_long_work_ends(lab: Lab, visitor: PageClient) -> None:
    """Work that takes too long is given up without a change."""
    state = await lab.create()
    for path, body in (("/train", {"iterations": 100_000}), ("/back", {"count": 10_000})):
        response = await lab.request("POST", path, json=body)
        assert refused(response, 503)
        assert await lab.state() == state
    assert refused(await lab.request("GET", "/gradient-check"), 503)
    assert (await lab.step())["version"] == 2
    await visitor.post("/step")
    response = await visitor.post("/train", {"iterations": "1000"})
    assert response.status_code == 503
    assert "so nothing was changed" in response.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The gradient check took too long"), ("ko", "그래디언트 검산이 너무 오래")],
)
@limited(change_seconds=1e-9)
async def test_a_long_check_on_the_page_ends(visitor: PageClient, language: str, said: str) -> None:
    """A gradient check that takes too long is given up."""
    visitor.client.headers["Accept-Language"] = language
    example = "?layers=3-2&seed=98765"  # which no other test has checked
    visitor.client.cookies.set("backstep_view", "panel=check")
    for response in (
        await visitor.client.get(f"/{example}"),
        await visitor.post(f"/view{example}", {"by": "unit"}, htmx=True),
        await visitor.post(f"/step{example}", htmx=True),
    ):
        assert response.status_code == 503
        assert 1 <= int(response.headers["Retry-After"]) <= 60
        assert said in response.text
    visitor.client.cookies.set("backstep_view", "panel=matrices")
    assert (await visitor.client.get(f"/{example}")).status_code == 200


@limited(change_seconds=10)
async def test_checks_take_turns(
    lab: Lab, visitor: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gradient checks run one at a time on a thread, and are cached for the page."""
    running, most, made = 0, 0, 0

    def slow(simulation: Simulation, address: str | None = None) -> GradientCheck:
        nonlocal running, most, made
        assert threading.current_thread() is not threading.main_thread()
        running, made = running + 1, made + 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1
        return check_gradients(simulation, address)

    monkeypatch.setattr("app.view.panels.gradient_check.check_gradients", slow)
    monkeypatch.setattr("app.web.api.check_queue.check_gradients", slow)
    await lab.create()
    visitor.client.cookies.set("backstep_view", "panel=check")
    answers = await asyncio.gather(
        *(lab.request("GET", "/gradient-check") for _ in range(3)),
        *(visitor.client.get(f"/?layers=2-2&seed=9876{seed}") for seed in (1, 2, 3, 3)),
    )
    assert {answer.status_code for answer in answers} == {200}
    assert (most, made) == (1, 6)
    assert (await visitor.post("/step?layers=2-2&seed=98763", htmx=True)).status_code == 200
    assert made == 6


@limited(request_seconds=0.05)
async def test_slow_body(lab: Lab, visitor: PageClient) -> None:
    """A body that does not arrive is refused, and the connection closed."""

    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"count":'
        await asyncio.sleep(30)

    async def fields() -> AsyncIterator[bytes]:
        yield b"weight/0/0/0="
        await asyncio.sleep(30)

    state = await lab.create()
    json = {"Content-Type": "application/json"}
    answer = await lab.request("POST", "/step", content=stalled(), headers=json)
    page = await visitor.client.post("/edit", content=fields())
    for response in (answer, page):
        assert (response.status_code, response.headers["Connection"]) == (408, "close")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Request timed out" in page.text
    assert await lab.state() == state


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::7", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("unix:", "unknown", False),
    ],
)
def test_household(one: str, other: str, same: bool) -> None:
    """An IPv6 network is one client."""
    assert (client_network(one) == client_network(other)) is same
