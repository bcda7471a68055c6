"""The owner of a session, who knows which of its versions were acknowledged."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.examples.presets import PRESETS
from app.sessions.service import Session
from app.simulation.simulation import Simulation
from app.web.api.schemas.serialize import encode_state

DECK = PRESETS["deck"].simulation


def client_of(url: str) -> httpx.AsyncClient:
    """A client of one tab. Its TLS context, which takes 80 ms to make, is not needed."""
    return httpx.AsyncClient(base_url=url, timeout=10, trust_env=False, verify=False)


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

    async def try_step(self, client: httpx.AsyncClient, key: str = "") -> httpx.Response:
        """Ask for a calculation; if it is acknowledged, remember the version."""
        headers = self.authorization | ({"Idempotency-Key": key} if key else {})
        answer = await client.post(
            f"/api/sessions/{self.id}/step", json={"by": "unit"}, headers=headers
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

    async def check(self, client: httpx.AsyncClient, unknown: int, repeated: bool = False) -> int:
        """Check that every acknowledged step is there, and the session whole; return how many
        steps were made beyond those, of as many whose answer never came."""
        state = await self.state(client)
        # Each acknowledged step made a version of its own; no two were made of the same one. That
        # is not seen of a step that was repeated: the answer is the newest version.
        assert repeated or len(set(self.acknowledged)) == len(self.acknowledged)
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
    return json.loads(encode_state(Session(id, 1 + steps, simulation)))
