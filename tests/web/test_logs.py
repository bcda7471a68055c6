"""The log of the server."""

import json
import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app import logs
from app.settings import ROOT, Settings
from tests.support.lab import Lab
from tests.support.server import PATIENCE, AppServer, served

Line = dict[str, Any]


@pytest.fixture
def _undo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logging is the whole process's: put back as it was. What the client logs is not ours."""
    monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
    root, access = logging.getLogger(), logging.getLogger(logs.ACCESS)
    before = root.handlers, root.level, access.level
    flags = logging.logThreads, logging.logProcesses, logging.logMultiprocessing
    yield
    root.handlers, access.level = before[0], before[2]
    root.setLevel(before[1])
    logging.logThreads, logging.logProcesses, logging.logMultiprocessing = flags
    logging.captureWarnings(False)


@pytest.fixture
def configured(_undo: None, settings: Settings) -> Any:
    """Logging set up anew: `configured(log_format="json")`."""

    def configure(**changes: str) -> None:
        logs.configure(settings.model_copy(update=changes))

    return configure


def lines(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """What was written to stdout since, each line an object."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_request_is_a_line(
    lab: Lab, configured: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A request is logged with its method, route, status, time and id."""
    configured(log_format="json")
    await lab.create()
    capsys.readouterr()
    response = await lab.request("POST", "/step?by=1")
    [line] = lines(capsys)
    assert line["logger"] == "backstep.access"
    assert (line["method"], line["status"]) == ("POST", 200)
    assert line["route"] == "/api/sessions/{id}/step"
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert 0 < line["ms"] < 1000 * PATIENCE
    assert line["message"] == f"POST /api/sessions/{{id}}/step 200 {line['ms']} ms"
    assert line["time"].endswith("+00:00")


async def test_nobodys_own_is_in_a_line(
    lab: Lab, configured: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No id, key, cookie, path or query is logged."""
    configured(log_format="json", log_level="debug")
    await lab.create()
    cookie = {"Cookie": "backstep=a-cookie.of-somebody"}
    for path in ("/step", "/nothing-here", "/derivation/weight/9/9/9", "?query=of-somebody"):
        await lab.request("POST", path, headers=cookie)
        await lab.request("GET", path, headers=cookie)
    await lab.request("BREW", "/step")
    await lab.client.get("/?preset=of-somebody", headers=cookie)
    out = capsys.readouterr().out
    assert len(out.splitlines()) >= 10
    for own in (lab.id, lab.key, "of-somebody", "nothing-here", "BREW", "9/9"):
        assert own not in out


async def test_probes_are_quiet(
    app: Starlette, client: httpx.AsyncClient, configured: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Probes are logged only when they fail, or at the level debug."""
    configured(log_format="json")
    for path in ("/healthz", "/readyz", "/metrics"):
        await client.get(path)
    assert lines(capsys) == []
    app.state.stopping.set()
    await client.get("/readyz")
    assert [line["status"] for line in lines(capsys)] == [503]
    configured(log_format="json", log_level="debug")
    await client.get("/healthz")
    assert [line["route"] for line in lines(capsys)] == ["/healthz"]


@pytest.mark.parametrize(
    ("settings_", "told"),
    [
        ({"log_format": "json", "log_level": "info"}, True),
        ({"log_format": "json", "log_level": "warning"}, False),
        ({"log_format": "text", "log_level": "info"}, False),
        ({"log_format": "text", "log_level": "debug"}, True),
    ],
)
async def test_when_requests_are_told(
    client: httpx.AsyncClient,
    configured: Any,
    capsys: pytest.CaptureFixture[str],
    settings_: dict[str, str],
    told: bool,
) -> None:
    """Requests are logged at the level info as JSON, and at debug as text."""
    configured(**settings_)
    await client.get("/api/presets")
    captured = capsys.readouterr()
    assert ("GET /api/presets 200" in captured.out + captured.err) == told
    assert captured.out == "" if settings_["log_format"] == "text" else captured.err == ""


def session_of(server: AppServer) -> dict[str, str]:
    """A session begun, and stepped once."""
    with server.client() as client:
        begun: dict[str, str] = client.post("/api/sessions", json={"preset": "deck"}).json()
        key = {"Authorization": f"Bearer {begun['key']}"}
        assert client.post(f"/api/sessions/{begun['id']}/step", headers=key).status_code == 200
        client.post("/step?preset=deck", headers={"HX-Request": "true"}).raise_for_status()
    return begun


def test_the_real_server_in_json(tmp_path: Path) -> None:
    """Every line of a real server is a JSON object on stdout."""
    with served(tmp_path, BACKSTEP_LOG_FORMAT="json") as server:
        begun = session_of(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        told: list[Line] = [json.loads(line) for line in server.out.splitlines()]
        assert server.err == ""
    messages = [line["message"] for line in told]
    assert any(message.startswith("Uvicorn running on") for message in messages)
    assert messages[-1].startswith("Finished server process")
    routes = [line["route"] for line in told if line["logger"] == logs.ACCESS]
    assert routes == ["/api/sessions", "/api/sessions/{id}/step", "/step"]
    for own in (begun["id"], begun["key"], "preset"):
        assert own not in server.out
    assert "request_id" not in told[-1]


def test_a_failure_of_the_real_server_has_its_id(tmp_path: Path) -> None:
    """A failure is logged with the id of its request."""
    with served(tmp_path, BACKSTEP_LOG_FORMAT="json") as server, server.client() as client:
        (tmp_path / "data" / "backstep.db").unlink()
        response = client.get("/readyz")
        assert response.status_code == 503
        told = [json.loads(line) for line in server.out.splitlines()]
    [warning] = [line for line in told if line["level"] == "warning"]
    assert warning["request_id"] == response.headers["X-Request-ID"]
    assert "store" in warning["message"]


BROKEN = """
import app.view.screen.page

def broken(*_):
    raise RuntimeError("of the test")

app.view.screen.page._precompiled = broken
"""


def test_a_crash_of_the_real_server_is_one_line(tmp_path: Path) -> None:
    """A crash is logged in one line with its traceback."""
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    path = f"{tmp_path}:{ROOT}"
    with served(tmp_path, PYTHONPATH=path, BACKSTEP_LOG_FORMAT="json") as server:
        with server.client() as client:
            response = client.get("/?preset=deck")
            assert response.status_code == 500
            assert "of the test" not in response.text
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        told = [json.loads(line) for line in server.out.splitlines()]
    [error] = [line for line in told if line["level"] == "error"]
    [access] = [line for line in told if line["logger"] == logs.ACCESS]
    assert (access["route"], access["status"]) == ("/", 500)
    assert error["exception"].endswith("RuntimeError: of the test")
    for line in (error, access):
        assert line["request_id"] == response.headers["X-Request-ID"]
