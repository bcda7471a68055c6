"""What is told to whoever runs the server."""

from httpx import AsyncClient

from tests.lab import Lab


async def test_alive_and_ready(client: AsyncClient) -> None:
    """Both are answered, also to what asks for the headers alone."""
    for path in ("/healthz", "/readyz"):
        assert (await client.get(path)).json() == {"status": "ok"}
        assert (await client.head(path)).status_code == 200


async def test_metrics(client: AsyncClient, lab: Lab) -> None:
    """Sessions are counted, and requests by their route's template, never by an id or a path."""
    await lab.create()
    await lab.step()
    await client.get("/api/nowhere/special")
    metrics = await client.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = metrics.text.splitlines()
    assert "backstep_sessions 1" in lines
    template = 'method="POST",route="/api/sessions/{id}/step",status="200"'
    assert f"backstep_requests_total{{{template}}} 1" in lines
    assert lab.id not in metrics.text
    assert "special" not in metrics.text
