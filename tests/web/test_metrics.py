"""Health checks and metrics."""

from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from httpx import AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from app.main import VERSION, create_app
from app.sessions.stores.base import StoreUnavailable
from app.settings import Settings
from tests.support.lab import Lab
from tests.support.page_client import PageClient


async def figure(client: AsyncClient, name: str, **labels: str) -> float | None:
    """One sample of /metrics by its name and labels; None if it is not there."""
    families = text_string_to_metric_families((await client.get("/metrics")).text)
    samples = [sample for family in families for sample in family.samples]
    return next((s.value for s in samples if s.name == name and s.labels == labels), None)


async def answered(client: AsyncClient, method: str, route: str, status: int) -> float | None:
    """How many requests were answered so."""
    labels = {"method": method, "route": route, "status": str(status)}
    return await figure(client, "backstep_requests_total", **labels)


async def test_alive_and_ready(client: AsyncClient) -> None:
    """Both health checks answer GET and HEAD."""
    for path in ("/healthz", "/readyz"):
        assert (await client.get(path)).json() == {"status": "ok"}
        assert (await client.head(path)).status_code == 200


async def test_stopping(app: Starlette, client: AsyncClient) -> None:
    """A stopping server is alive and not ready."""
    assert "Connection" not in (await client.get("/readyz")).headers
    app.state.stopping.set()
    response = await client.get("/readyz")
    assert response.headers["Connection"] == "close"
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json()["detail"] == "The server is shutting down."
    assert (await client.get("/healthz")).status_code == 200


async def test_requests_are_counted(client: AsyncClient, lab: Lab) -> None:
    """Requests are counted by route template."""
    await lab.create()
    await lab.step()
    await client.get("/api/nowhere/special")
    await client.request("BREW", "/api/nowhere/special")
    metrics = await client.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for secret in (lab.id, lab.key, "special", "BREW"):
        assert secret not in metrics.text
    assert await figure(client, "backstep_sessions") == 1
    assert await answered(client, "POST", "/api/sessions/{id}/step", 200) == 1
    assert await answered(client, "GET", "none", 404) == 1
    assert await answered(client, "other", "none", 404) == 1
    timed = {"route": "/api/sessions/{id}/step"}
    assert await figure(client, "backstep_request_duration_seconds_count", **timed) == 1


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("POST", "/step?preset=deck", "/step", 303),
        ("PUT", "/step", "/step", 405),
        ("GET", "/", "/", 200),
        ("GET", "/static/nothing.css", "/static", 404),
        ("GET", "/docs", "/docs", 200),
        ("GET", "/export/run.py", "/export/{name}", 200),
        (
            "GET",
            "/api/sessions/x/slope/weight/0/0/0",
            "/api/sessions/{id}/slope/{address:path}",
            404,
        ),
    ],
)
async def test_every_kind_of_route_has_its_template(
    client: AsyncClient, method: str, path: str, route: str, status: int
) -> None:
    """Every kind of route is counted by its template."""
    assert (await client.request(method, path)).status_code == status
    assert await answered(client, method, route, status) == 1


async def test_a_crash_is_counted(settings: Settings) -> None:
    """A crash is counted as a 500."""
    app = create_app(settings)

    @app.state.api.get("/api/crash")  # type: ignore[untyped-decorator]
    async def crash() -> None:
        raise RuntimeError("of the test")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://testserver") as client,
    ):
        assert (await client.get("/api/crash")).status_code == 500
        assert await answered(client, "GET", "/api/crash", 500) == 1


async def test_changes_and_drawing_are_timed(visitor: PageClient, lab: Lab) -> None:
    """Changes and rendering are timed by name."""
    await visitor.look()
    await visitor.press("Step")
    await lab.create()
    await lab.step()
    await lab.step(count=500)
    await lab.train(3)

    async def timed(name: str, **labels: str) -> float | None:
        return await figure(lab.client, f"backstep_{name}_seconds_count", **labels)

    assert await timed("change", change="step") == 3
    assert await timed("change", change="train") == 1
    assert await timed("render") == 2
    assert await figure(lab.client, "backstep_change_seconds_sum", change="train") != 0


async def test_a_refused_change_is_not_timed(lab: Lab) -> None:
    """A refused change is not timed."""
    await lab.create()
    assert (await lab.request("PATCH", json={"learning_rate": 0.5})).status_code == 200
    wrong = await lab.request("PATCH", json={"biases": [1.0]})
    assert wrong.status_code == 422
    assert await figure(lab.client, "backstep_change_seconds_count", change="edit") == 1


async def test_metrics_without_a_store(
    app: Starlette, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a store its errors are counted, and the number of sessions is left out."""
    away: Iterable[str] = ("get", "count", "check", "replace", "create", "delete", "sweep")

    async def unavailable(*_: Any) -> None:
        raise StoreUnavailable

    await lab.create()
    for name in away:
        monkeypatch.setattr(app.state.store.store, name, unavailable)
    assert (await lab.request("GET")).status_code == 503
    assert (await lab.request("POST", "/step")).status_code == 503
    assert (await lab.client.post("/api/sessions", json={"preset": "deck"})).status_code == 503
    assert (await lab.client.get("/readyz")).status_code == 503
    assert (await lab.client.get("/metrics")).status_code == 200
    assert await figure(lab.client, "backstep_sessions") is None
    for operation, times in {"get": 1, "replace": 1, "create": 1, "check": 1, "count": 3}.items():
        found = await figure(lab.client, "backstep_store_errors_total", operation=operation)
        assert found is not None
        assert found >= times, operation
    monkeypatch.undo()
    assert await figure(lab.client, "backstep_sessions") == 1


async def test_what_is_running(client: AsyncClient) -> None:
    """The metrics have the version and the process."""
    text = (await client.get("/metrics")).text
    assert f'version="{VERSION}"' in text
    assert (await figure(client, "process_start_time_seconds") or 0) > 0
