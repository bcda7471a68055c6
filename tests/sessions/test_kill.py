"""The real server, killed in the middle of a load: what it has acknowledged is there after."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.backprop.presets import PRESETS
from app.backprop.simulation import Simulation
from app.sessions.service import Session
from app.web.state import encoded_state

ROOT = Path(__file__).resolve().parents[2]
DECK = PRESETS["deck"].simulation
SESSIONS = 8
TABS = 3  # per session: this many steps may be in flight when the server dies
STEPS = 2_000
KILLED_AT = 1_000  # acknowledged steps; the others are asked of a server that is dying or dead
PATIENCE = 60  # seconds for the whole test


@dataclass
class Server:
    """`python -m app` on a port and a file, started and killed by its process id."""

    port: int
    folder: Path
    data: Path | None = None  # for the file, where it is not to lie beside the log
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.AsyncClient:
        """Return a client of one tab's own. (One for all would spend its time on its pool, and
        a TLS context that nobody uses takes 80 ms to make.)"""
        return httpx.AsyncClient(base_url=self.url, timeout=10, trust_env=False, verify=False)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {
            "HOST": "127.0.0.1",
            "PORT": f"{self.port}",
            "BACKSTEP_STORE_URL": f"sqlite:///{self.data or self.folder}/backstep.db",
        }
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app"],
                cwd=ROOT,
                env=os.environ | settings,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers()

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _wait_until_it_answers(self) -> None:
        assert self.process is not None
        latest = time.monotonic() + PATIENCE / 3
        with httpx.Client(base_url=self.url, trust_env=False, verify=False) as client:
            while time.monotonic() < latest and self.process.poll() is None:
                with suppress(httpx.TransportError):
                    client.get("/readyz").raise_for_status()
                    return
                time.sleep(0.05)
        self.kill()
        pytest.fail(f"the server does not start:\n{(self.folder / 'server.log').read_text()}")


@dataclass
class Owner:
    """One session's owner, and the versions that were acknowledged to any of the owner's tabs."""

    id: str = ""
    key: str = ""
    acknowledged: list[int] = field(default_factory=lambda: [1])

    @property
    def authorization(self) -> dict[str, str]:
        """What the owner shows with each request."""
        return {"Authorization": f"Bearer {self.key}"}

    async def begin(self, client: httpx.AsyncClient) -> None:
        """Create the session."""
        answer = await client.post("/api/sessions", json={"preset": "deck"})
        assert answer.status_code == 201, answer.text
        self.id, self.key = answer.json()["id"], answer.json()["key"]

    async def step(self, client: httpx.AsyncClient) -> None:
        """Take a calculation, and remember the version that was acknowledged."""
        answer = await client.post(
            f"/api/sessions/{self.id}/step", json={"by": "unit"}, headers=self.authorization
        )
        assert answer.status_code == 200, answer.text
        self.acknowledged.append(answer.json()["version"])

    async def state(self, client: httpx.AsyncClient) -> Any:
        """Read the session."""
        answer = await client.get(f"/api/sessions/{self.id}", headers=self.authorization)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start a server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(port, tmp_path)
    server.start()
    yield server
    server.kill()


def replayed(id: str, steps: int) -> Any:
    """Return the state of a session that took so many steps and knows nothing of any server."""
    simulation: Simulation = DECK
    for _ in range(steps):
        simulation = simulation.step(by="unit")
    return json.loads(encoded_state(Session(id, 1 + steps, simulation)))


async def load(server: Server, owners: list[Owner]) -> int:
    """Let every tab take steps until the server dies of it; return how many were asked for."""
    asked = acknowledged = 0

    async def tab(owner: Owner) -> None:
        nonlocal asked, acknowledged
        async with server.client() as client:
            while asked < STEPS:
                asked += 1
                try:
                    await owner.step(client)
                except httpx.TransportError:
                    return  # it is dead
                acknowledged += 1
                if acknowledged == KILLED_AT:
                    server.kill()

    await asyncio.gather(*(tab(owner) for owner in owners for _ in range(TABS)))
    return asked


async def test_a_killed_server_has_lost_no_acknowledged_step(server: Server) -> None:
    """After SIGKILL under load every session stands at its last acknowledged version, or at one
    that was in flight, and is whole."""
    async with asyncio.timeout(PATIENCE), server.client() as client:
        owners = [Owner() for _ in range(SESSIONS)]
        for owner in owners:
            await owner.begin(client)
        asked = await load(server, owners)
        assert server.process is None
        assert KILLED_AT < asked < STEPS

        server.start()
        for owner in owners:
            state = await owner.state(client)
            # Each acknowledged step made a version of its own; at most one for each tab, in
            # flight when the server died, was made without being acknowledged.
            assert len(set(owner.acknowledged)) == len(owner.acknowledged)
            assert max(owner.acknowledged) <= state["version"]
            assert state["version"] <= len(owner.acknowledged) + TABS
            assert state == replayed(owner.id, state["version"] - 1)
            await owner.step(client)
            assert owner.acknowledged[-1] == state["version"] + 1
