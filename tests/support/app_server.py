"""`python -m app` in a process of its own, which a test may kill; and an owner of a session there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.examples.presets import PRESETS
from app.sessions.service import Session
from app.settings import ROOT
from app.simulation.simulation import Simulation
from app.web.api.schemas.serialize import encoded_state
from tests.support.redis_server import free_port

DECK = PRESETS["deck"].simulation
START = 30  # seconds that a busy machine may take for a start


def client_of(url: str) -> httpx.AsyncClient:
    """Return a client of one tab's own. (One for all would spend its time on its pool, and a TLS
    context that nobody uses takes 80 ms to make.)"""
    return httpx.AsyncClient(base_url=url, timeout=10, trust_env=False, verify=False)


@dataclass
class AppServer:
    """A server on a port and a store, started and killed by its process id."""

    folder: Path
    store_url: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, until: str = "/readyz") -> None:
        """Start it, and wait until it answers there that all is well."""
        settings = {
            "HOST": "127.0.0.1",
            "PORT": f"{self.port}",
            "BACKSTEP_STORE_URL": self.store_url,
            "BACKSTEP_SECRET": "for tests alone" * 2,
        }
        with (self.folder / f"server-{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app"],
                cwd=ROOT,
                env=os.environ | settings,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers(until)

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, path: str) -> httpx.Response:
        """The answer of this very process, whatever stands before it."""
        with httpx.Client(base_url=self.url, trust_env=False, verify=False) as client:
            return client.get(path)

    def _wait_until_it_answers(self, path: str) -> None:
        assert self.process is not None
        latest = time.monotonic() + START
        while time.monotonic() < latest and self.process.poll() is None:
            with suppress(httpx.TransportError, httpx.HTTPStatusError):
                self.ask(path).raise_for_status()
                return
            time.sleep(0.05)
        self.kill()
        log = self.folder / f"server-{self.port}.log"
        pytest.fail(f"the server does not start:\n{log.read_text()}")


@contextmanager
def on_file(folder: Path) -> Iterator[AppServer]:
    """A server by itself, its sessions in a SQLite file in the folder."""
    server = AppServer(folder, f"sqlite:///{folder}/backstep.db")
    server.start()
    yield server
    server.kill()


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

    async def try_step(self, client: httpx.AsyncClient) -> httpx.Response:
        """Ask for a calculation; if it is acknowledged, remember the version."""
        answer = await client.post(
            f"/api/sessions/{self.id}/step", json={"by": "unit"}, headers=self.authorization
        )
        if answer.status_code == 200:
            self.acknowledged.append(answer.json()["version"])
        return answer

    async def step(self, client: httpx.AsyncClient) -> None:
        """Take a calculation."""
        answer = await self.try_step(client)
        assert answer.status_code == 200, answer.text

    async def state(self, client: httpx.AsyncClient) -> Any:
        """Read the session."""
        answer = await client.get(f"/api/sessions/{self.id}", headers=self.authorization)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def check(self, client: httpx.AsyncClient, unknown: int) -> int:
        """Check that every acknowledged step is there, and the session whole; return how many
        steps were made beyond those, of as many whose answer never came."""
        state = await self.state(client)
        # Each acknowledged step made a version of its own; no two were made of the same one.
        assert len(set(self.acknowledged)) == len(self.acknowledged)
        assert max(self.acknowledged) <= state["version"]
        beyond: int = state["version"] - len(self.acknowledged)
        assert 0 <= beyond <= unknown
        assert state == replayed(self.id, state["version"] - 1)
        await self.step(client)
        assert self.acknowledged[-1] == state["version"] + 1
        return beyond


def replayed(id: str, steps: int) -> Any:
    """Return the state of a session that took so many steps and knows nothing of any server."""
    simulation: Simulation = DECK
    for _ in range(steps):
        simulation = simulation.step(by="unit")
    return json.loads(encoded_state(Session(id, 1 + steps, simulation)))
