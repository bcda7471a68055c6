"""A Redis Cluster: which of its nodes has a key, and how one learns that another has it now."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

from redis.crc import key_slot

from app.sessions.stores.base import StoreUnavailable
from app.sessions.stores.redis_node import Node, Part, Redirected, UnknownScript

Address = tuple[str, int]

SLOTS = 16_384
REDIRECTIONS = 5  # that one command follows
ASKED = 3  # nodes at once, for the map of the slots
LOOK_AGAIN = 1.0  # seconds that a map stays in use after it was found to be out of date


class Cluster:
    """Many servers, each with some of the slots that keys fall into.

    The map of the slots is asked for when it is first needed and after a failure. A node that does
    not have a key (any more) refuses the command and says who does, so it is sent there; nothing
    else is ever sent again. redis-py's own client is not used for two reasons: it does not tell a
    command that was sent from one that was not; and it says ASKING on whichever connection comes
    first, where others ask at the same time.
    """

    def __init__(self, seeds: list[Address], open_node: Callable[[Address], Node]) -> None:
        """`seeds` are some of its nodes; the others are found through them."""
        self._seeds = seeds
        self._open = open_node
        self._nodes: dict[Address, Node] = {}
        self._slots: dict[int, Address] = {}
        self._doubted = True
        self._looked = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    async def ask(self, key: bytes, *command: Part, changes: bool = False) -> Any:
        """See Servers."""
        slot: int = key_slot(key)
        held = (await self._map()).get(slot)
        if held is None:
            raise StoreUnavailable("no node of the Redis Cluster has that key's slot")
        address, once = held, False
        for _ in range(REDIRECTIONS):
            try:
                return await self._node(address).ask_here(command, changes, once)
            except Redirected as told:
                address, once = (told.host or address[0], told.port), told.once
                if not once:
                    self._slots[slot] = address
                    self._doubted = True
            except UnknownScript:
                raise
            except StoreUnavailable:  # another node may have its place by the next request
                self._doubted, self._looked = True, float("-inf")
                raise
        raise StoreUnavailable("the nodes of Redis send from one to the other")

    async def keys(self, prefix: bytes) -> list[bytes]:
        """See Servers: of those nodes alone that have slots, so that no replica is among them."""
        slots = await self._map()
        wanted = set(slots.values())
        found: list[bytes] = []
        for number in count():
            if not wanted:
                break
            name = prefix + b":%d" % number
            holder = slots.get(key_slot(name))
            if holder in wanted:
                wanted.remove(holder)
                found.append(name)
        return found

    async def close(self) -> None:
        """See Servers."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError, StoreUnavailable):
                await self._looking
        for node in self._nodes.values():
            await node.close()

    def _node(self, address: Address) -> Node:
        if self._closed:
            raise StoreUnavailable("closed")
        if address not in self._nodes:
            self._nodes[address] = self._open(address)
        return self._nodes[address]

    async def _map(self) -> dict[int, Address]:
        """Who has which slot, as far as is known; all who need to know wait for one answer."""
        if self._doubted and time.monotonic() - self._looked >= LOOK_AGAIN:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            await asyncio.shield(self._looking)
        return self._slots

    async def _look(self) -> None:
        """Ask a few nodes at once, and believe the first that knows."""
        known = list({*self._seeds, *self._slots.values()})
        asked = [
            asyncio.create_task(self._map_of(address))
            for address in random.sample(known, min(ASKED, len(known)))
        ]
        failure = StoreUnavailable("no node of Redis was found")
        try:
            for answer in asyncio.as_completed(asked):
                try:
                    self._slots = await answer
                except StoreUnavailable as error:
                    failure = error
                else:
                    self._doubted = len(self._slots) < SLOTS
                    self._looked = time.monotonic()
                    return
            raise failure
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _map_of(self, address: Address) -> dict[int, Address]:
        ranges = await self._node(address).ask_here(("CLUSTER", "SLOTS"))
        slots = dict(_holders(ranges, address[0]))
        if not slots:
            raise StoreUnavailable("a node of Redis belongs to no cluster")
        return slots


def _holders(ranges: list[Any], asked: str) -> Iterator[tuple[int, Address]]:
    """Each slot with its master; a node that does not name its host is where it was asked."""
    for first, last, (host, port, *_), *_replicas in ranges:
        address = (host.decode() if host else asked, int(port))
        for slot in range(first, last + 1):
            yield slot, address
