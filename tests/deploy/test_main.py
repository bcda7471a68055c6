"""The app as a whole: what happens between its start and its stop."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.main import create_app, sweep_forever
from app.sessions.stores.base import StoreUnavailable
from app.settings import ROOT, Settings


def test_making_an_app_touches_nothing(tmp_path: Path) -> None:
    """Files are opened when the app starts, not when it is made."""
    create_app(Settings(store_url=f"sqlite:///{tmp_path}/data/backstep.db"))
    assert not list(tmp_path.iterdir())


async def test_sweeping_goes_on_when_the_store_is_away() -> None:
    """A sweep that fails is tried again at the next turn."""
    turns = asyncio.Queue[None]()

    class Away:
        async def sweep(self) -> int:
            turns.put_nowait(None)
            raise StoreUnavailable

    task = asyncio.create_task(sweep_forever(Away(), 0.001))  # type: ignore[arg-type]
    for _ in range(3):
        await asyncio.wait_for(turns.get(), 5)
    task.cancel()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m app` on a free port, and its address."""
    environment = os.environ | {"PORT": "0", "BACKSTEP_STORE_URL": f"sqlite:///{tmp_path}/b.db"}
    with subprocess.Popen(
        [sys.executable, "-m", "app"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        running = next(line for line in process.stderr if "running on" in line)
        yield process, running.split("running on ")[1].split()[0]
        process.kill()


def test_the_real_server(server: tuple[subprocess.Popen[str], str]) -> None:
    """Over a socket: a session, a step, no word on what serves it, and a quick stop."""
    process, address = server
    with httpx.Client(base_url=address) as client:
        created = client.post("/api/sessions", json={"preset": "deck"})
        assert created.status_code == 201
        assert "Server" not in created.headers
        key = {"Authorization": f"Bearer {created.json()['key']}"}
        stepped = client.post(f"{created.headers['Location']}/step", headers=key)
        assert stepped.json()["cursor"] == 4
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
