"""Many tabs that take steps at the same time, and an account of what they were answered."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from secrets import token_urlsafe

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
        refused: how often a step was not acknowledged, by status; 0 where no answer came.
    """

    acknowledged: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, *, acknowledged: int = 0, refused: int = 0) -> None:
        """Wait until so many steps were acknowledged, and so many refused."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: self.acknowledged >= acknowledged and self.refused.total() >= refused
            )

    async def step(self, owner: Owner, client: httpx.AsyncClient, key: str) -> bool:
        """Ask for a step and enter what came of it; False if it was not acknowledged."""
        try:
            status = (await owner.try_step(client, key)).status_code
        except httpx.TransportError:
            status = 0
        return await self.enter(status)

    async def enter(self, status: int) -> bool:
        """Enter an answer by its status; False if nothing was acknowledged."""
        async with self.changed:
            if status == 200:
                self.acknowledged += 1
            else:
                self.refused[status] += 1
            self.changed.notify_all()
        return status == 200


async def load(
    fleet: Fleet, owners: list[Owner], account: Account, steps: int, meanwhile: Awaitable[None]
) -> None:
    """Let every tab take steps until so many were acknowledged and `meanwhile` has happened. A step
    is repeated until it is acknowledged."""
    happening = asyncio.ensure_future(meanwhile)

    async def tab(owner: Owner) -> None:
        async with client_of(fleet.url) as client:
            key = ""  # of a step that is not acknowledged yet
            while key or account.acknowledged < steps or not happening.done():
                key = key or token_urlsafe()
                if await account.step(owner, client, key):
                    key = ""
                else:
                    await asyncio.sleep(PAUSE)

    await asyncio.gather(*(tab(owner) for owner in owners for _ in range(TABS)), happening)


async def begun(fleet: Fleet) -> list[Owner]:
    """Begin everybody's session."""
    owners = [Owner() for _ in range(SESSIONS)]
    async with client_of(fleet.url) as client:
        for owner in owners:
            await owner.begin(client)
    return owners


async def check(fleet: Fleet, owners: list[Owner]) -> None:
    """Check that every step was made exactly once."""
    async with client_of(fleet.url) as client:
        for owner in owners:
            await owner.check(client, unknown=0, repeated=True)
