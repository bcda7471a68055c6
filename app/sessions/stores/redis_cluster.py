"""A Redis Cluster: sends each command to the node that has its key."""

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
REDIRECTIONS = 5  # at most, for one command
NODES_ASKED = 3  # for the slot map, at the same time
REFRESH_EVERY = 1.0  # seconds at least between two refreshes of the slot map


class Cluster:
    """Several servers, each with some of the slots that keys hash to.

    The slot map is fetched when it is first needed and after a failure. A node that does not have a
    key refuses the command and names the node that does, to which the command is then sent. Nothing
    else is ever sent twice. redis-py's cluster client is not used: it does not tell whether a
    failed command was sent, and it may send ASKING on another connection than the command.
    """

    def __init__(self, seeds: list[Address], open_node: Callable[[Address], Node]) -> None:
        """`seeds` are some of the nodes, through which the others are found."""
        self._seeds = seeds
        self._open = open_node
        self._nodes: dict[Address, Node] = {}
        self._slots: dict[int, Address] = {}
        self._stale = True
        self._refreshed_at = float("-inf")
        self._refresh_task: asyncio.Task[None] | None = None
        self._closed = False

    async def ask(self, key: bytes, *command: Part, changes: bool = False) -> Any:
        slot: int = key_slot(key)
        owner = (await self._slot_map()).get(slot)
        if owner is None:
            raise StoreUnavailable("no node of the Redis Cluster has the slot of that key")
        address, once = owner, False
        for _ in range(REDIRECTIONS):
            try:
                return await self._node(address).ask_here(command, changes, once)
            except Redirected as redirect:
                address, once = (redirect.host or address[0], redirect.port), redirect.once
                if not once:
                    self._slots[slot] = address
                    self._stale = True
            except UnknownScript:
                raise
            except StoreUnavailable:  # another node may replace it by the next request
                self._stale, self._refreshed_at = True, float("-inf")
                raise
        raise StoreUnavailable("too many redirections between Redis nodes")

    async def keys(self, prefix: bytes) -> list[bytes]:
        """Return a key on each node that has slots, which excludes replicas."""
        slots = await self._slot_map()
        missing = set(slots.values())
        keys: list[bytes] = []
        numbers = count()
        while missing:
            key = prefix + b":%d" % next(numbers)
            owner = slots.get(key_slot(key))
            if owner in missing:
                missing.remove(owner)
                keys.append(key)
        return keys

    async def close(self) -> None:
        self._closed = True
        if self._refresh_task is not None:
            self._refresh_task.cancel()
            with suppress(asyncio.CancelledError, StoreUnavailable):
                await self._refresh_task
        for node in self._nodes.values():
            await node.close()

    def _node(self, address: Address) -> Node:
        if self._closed:
            raise StoreUnavailable("closed")
        if address not in self._nodes:
            self._nodes[address] = self._open(address)
        return self._nodes[address]

    async def _slot_map(self) -> dict[int, Address]:
        """Return the node of each slot. All concurrent requests wait for the same refresh."""
        if self._stale and time.monotonic() - self._refreshed_at >= REFRESH_EVERY:
            if self._refresh_task is None or self._refresh_task.done():
                self._refresh_task = asyncio.create_task(self._refresh())
            await asyncio.shield(self._refresh_task)
        return self._slots

    async def _refresh(self) -> None:
        """Ask a few nodes at the same time, and take the first slot map."""
        known = list({*self._seeds, *self._slots.values()})
        asked = [
            asyncio.create_task(self._slots_from(address))
            for address in random.sample(known, min(NODES_ASKED, len(known)))
        ]
        failure = StoreUnavailable("no Redis node is reachable")
        try:
            for answer in asyncio.as_completed(asked):
                try:
                    self._slots = await answer
                except StoreUnavailable as error:
                    failure = error
                else:
                    self._stale = len(self._slots) < SLOTS
                    self._refreshed_at = time.monotonic()
                    return
            raise failure
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _slots_from(self, address: Address) -> dict[int, Address]:
        ranges = await self._node(address).ask_here(("CLUSTER", "SLOTS"))
        slots = dict(_slot_owners(ranges, address[0]))
        if not slots:
            raise StoreUnavailable("a Redis node does not belong to a cluster")
        return slots


def _slot_owners(ranges: list[Any], asked: str) -> Iterator[tuple[int, Address]]:
    """Yield each slot with its master. A node without a host is on the host that was asked."""
    for first, last, (host, port, *_), *_replicas in ranges:
        address = (host.decode() if host else asked, int(port))
        for slot in range(first, last + 1):
            yield slot, address
