"""Stores that lose answers: a wire before a real Redis, and a wrapper around any store.

An answer is lost before the change is made, after it, or so that the change is made later.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

from app.sessions.stores.base import AnswerLost, Record, Store

BEFORE, AFTER, LATER = "before", "after", "later"
ASKED = b"EVAL"  # the command of every change


class LossyWire:
    """A TCP proxy before a Redis, which cuts the connection of a change as `fate` says."""

    def __init__(self, port: int, fate: Callable[[], str]) -> None:
        self.port, self.fate = port, fate
        self.lost = 0
        self.address = ""

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["LossyWire"]:
        """Lay it; `address` is the URL of its near end."""
        async with await asyncio.start_server(self._carry, "127.0.0.1", 0) as wire:
            self.address = f"redis://127.0.0.1:{wire.sockets[0].getsockname()[1]}/0"
            yield self

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection("127.0.0.1", self.port)
        with suppress(ConnectionError):
            while sent := await near.read(1_000_000):
                fate = self.fate() if ASKED in sent else ""
                self.lost += bool(fate)
                if fate == BEFORE:
                    break
                there.write(sent)
                answer = await far.read(1_000_000)
                if fate:
                    break
                back.write(answer)
        there.close()
        back.close()


class LossyStore:
    """A store whose `replace` loses its answer as `fate` says."""

    def __init__(self, store: Store, fate: Callable[[], str]) -> None:
        self.store, self.fate = store, fate
        self.lost = 0
        self.late: list[asyncio.Task[Any]] = []

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        fate = self.fate()
        if fate == LATER:
            self.late.append(asyncio.create_task(self._later(id, version, data, ttl)))
        made = fate in ("", AFTER) and await self.store.replace(id, version, data, ttl)
        if fate:
            self.lost += 1
            raise AnswerLost(f"the answer is lost, {fate}")
        return made

    async def _later(self, *change: Any) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        await self.store.replace(*change)

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        return await self.store.create(id, data, ttl)

    async def get(self, id: str) -> Record | None:
        await asyncio.sleep(0)  # others may come in between, as they may with a server
        return await self.store.get(id)

    async def touch(self, ids: Sequence[str], ttl: float) -> int:
        return await self.store.touch(ids, ttl)

    async def delete(self, id: str) -> bool:
        return await self.store.delete(id)

    async def sweep(self) -> int:
        return await self.store.sweep()

    async def count(self) -> int:
        return await self.store.count()

    async def check(self) -> None:
        await self.store.check()

    async def close(self) -> None:
        await asyncio.gather(*self.late)
        await self.store.close()


def random_fate(random: Random) -> Callable[[], str]:
    """Lose half of the answers."""
    return lambda: random.choice(("", "", "", BEFORE, AFTER, LATER))
