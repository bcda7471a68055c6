"""Many tabs that take steps at the same time, and an account of what they were answered."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field

import httpx

from tests.deploy.conftest import Fleet
from tests.support.owner import Owner, client_of

SESSIONS = 8
TABS = 3  # per session, at once
PAUSE = 0.02  # seconds that a tab rests after a refusal, which a person would take longer


@dataclass
class Account:
    """What became of all that was asked for.

    Attributes:
        refused: refusals that say that nothing was done, by status.
        unknown: for each owner, how many steps nobody can know of: their answers never came.
    """

    acknowledged: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, *, acknowledged: int = 0, refused: int = 0) -> None:
        """Wait until so many steps were acknowledged, and so many refused."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: self.acknowledged >= acknowledged and self.refused.total() >= refused
            )

    async def step(self, owner: Owner, client: httpx.AsyncClient) -> bool:
        """Ask for a step and enter what came of it; False if it was not acknowledged."""
        try:
            answer = await owner.try_step(client)
        except httpx.TransportError:
            status, lost = 0, True
        else:
            status, lost = answer.status_code, _lost(answer)
        async with self.changed:
            if status == 200:
                self.acknowledged += 1
            elif lost:
                self.unknown[owner.id] += 1
            else:
                self.refused[status] += 1
            self.changed.notify_all()
        return status == 200


def _lost(answer: httpx.Response) -> bool:
    """Whether a step may have been taken though it was not acknowledged."""
    if answer.status_code in (502, 504):  # of the proxy
        return True
    assert answer.status_code in (200, 409, 503), answer.text
    return answer.status_code == 503 and "not known" in answer.json()["detail"]


async def load(
    fleet: Fleet, owners: list[Owner], account: Account, steps: int, meanwhile: Awaitable[None]
) -> None:
    """Let every tab take steps until so many were acknowledged and `meanwhile` has happened."""
    happening = asyncio.ensure_future(meanwhile)

    async def tab(owner: Owner) -> None:
        async with client_of(fleet.url) as client:
            while account.acknowledged < steps or not happening.done():
                if not await account.step(owner, client):
                    await asyncio.sleep(PAUSE)

    await asyncio.gather(*(tab(owner) for owner in owners for _ in range(TABS)), happening)


async def begun(fleet: Fleet) -> list[Owner]:
    """Begin everybody's session."""
    owners = [Owner() for _ in range(SESSIONS)]
    async with client_of(fleet.url) as client:
        for owner in owners:
            await owner.begin(client)
    return owners


async def check(fleet: Fleet, owners: list[Owner], account: Account) -> None:
    """Check that nothing acknowledged is lost, and that what was refused was not done."""
    async with client_of(fleet.url) as client:
        for owner in owners:
            await owner.check(client, unknown=account.unknown[owner.id])
