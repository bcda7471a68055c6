"""The networks of an owner, who has one key for all that were begun in a browser.

What is kept of an owner is a record of its own, in the store of the sessions, under an id that
follows from the key. It is written before a session is: a crash between the two leaves at worst an
entry that opens nothing, which is dropped when it is met. A change of a session reads no record.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.sessions.capacity import Capacity
from app.sessions.codec import CorruptRecord, NewerFormat
from app.sessions.owner_codec import (
    MOST_NETWORKS,
    MOST_REMOVED,
    Entry,
    OwnerKey,
    OwnerRecord,
    TooManyNetworks,
    decode_owner,
    encode_owner,
)
from app.sessions.service import (
    ATTEMPTS,
    Claim,
    Conflict,
    NotFound,
    Session,
    Sessions,
)
from app.sessions.stores.base import Store, StoreUnavailable

TAKE_BACK = 86_400.0  # seconds for which a deleted network can be taken back
VISITS = 30  # in the time that networks are kept, restart that time: once a day in 30 days
BEGINNING = 60  # seconds from the entry of a network to its session, at most

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A network in the list; without a session if that is damaged."""

    id: str
    session: Session | None
    reason: CorruptRecord | None = None

    @property
    def changed(self) -> int:
        return self.session.changed if self.session else 0


@dataclass(frozen=True, slots=True)
class NetworkList:
    """The networks of an owner, that changed last first, and those that can be taken back."""

    networks: tuple[Listed, ...] = ()
    removed: tuple[Listed, ...] = ()


class Owners:
    """The owners in a store.

    All methods but `visit` raise StoreUnavailable; those that write, Conflict.
    """

    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        ttl_seconds: float,
        capacity: Capacity | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep networks and records for some seconds after the last visit. `capacity` counts the
        record of a new owner, too."""
        self._store = store
        self._sessions = sessions
        self._ttl = ttl_seconds
        self._capacity = capacity
        self._clock = clock

    async def visit(self, owner: OwnerKey, opened: str = "") -> bool:
        """Note a visit, and which network was opened.

        Once a day it restarts the time for which the record and all networks are kept; return
        whether it did. Where nothing can be written, on a full disk for example, a visit is not
        noted, and what can be read is shown all the same.
        """
        now = int(self._clock())

        def visited(record: OwnerRecord) -> OwnerRecord:
            if now - record.visited >= self._ttl / VISITS:
                record = replace(record, visited=now)
            return _opened(record, opened, now) if opened else record

        try:
            before, after = await self._update(owner, visited)
            refreshed = after.visited != before.visited
            if refreshed:
                await self._store.touch(after.ids, self._ttl)
        except (StoreUnavailable, Conflict) as error:
            log.warning("a visit was not noted: %s", error)
            return False
        return refreshed

    async def last(self, owner: OwnerKey) -> Session | None:
        """Return the network that was opened last; None if there is none."""
        found, lost = None, []
        for entry in reversed((await self._read(owner)).entries):
            try:
                found = await self._sessions.look(entry.id, owner.key)
                break
            except NotFound:
                lost.append(entry)
            except CorruptRecord as error:
                log.error("a stored session is damaged: %s", error)
        await self._drop(owner, lost)
        return found

    def claim(self, owner: OwnerKey, id: str) -> Claim:
        """Return the place of a new network, for `Sessions.create`: it is noted just before."""

        async def note() -> int:
            _, after = await self._update(owner, lambda record: _begun(record, id, now), self._room)
            return after.begun

        now = int(self._clock())
        return Claim(id, owner.key, note)

    async def list(self, owner: OwnerKey) -> NetworkList:
        """Return all networks. An entry that opens nothing is dropped."""
        await self._sessions.count(owner.key)
        record = await self._read(owner)
        found = await asyncio.gather(*(self._look(each, owner, False) for each in record.ids))
        gone = await asyncio.gather(*(self._look(each, owner, True) for each in record.removed))
        lost = [entry for entry, each in zip(record.entries, found, strict=True) if each is None]
        await self._drop(owner, lost)
        networks = sorted(
            filter(None, reversed(found)), key=lambda each: each.changed, reverse=True
        )
        return NetworkList(tuple(networks), tuple(filter(None, reversed(gone))))

    async def remove(self, owner: OwnerKey, id: str) -> None:
        """Delete a network, which can be taken back for a day. Raises NotFound."""
        damaged = False
        try:
            await self._sessions.look(id, owner.key)
        except CorruptRecord:  # nobody can say whose it is: it only leaves the list
            damaged = True
        await self._update(owner, lambda record: _removed(record, id, keep=not damaged))
        if not damaged:
            await self._sessions.remove(id, owner.key, min(TAKE_BACK, self._ttl))

    async def take_back(self, owner: OwnerKey, id: str) -> None:
        """Undo `remove`. Raises NotFound, TooManyNetworks."""
        await self._sessions.look(id, owner.key, removed=True)
        _check_room(await self._read(owner), id)
        await self._sessions.take_back(id, owner.key)
        now = int(self._clock())
        await self._update(owner, lambda record: _opened(record, id, now))

    async def join(self, owner: OwnerKey, id: str, key: str) -> None:
        """Add a network that has a key of its own, such as one of a program.

        Raises NotFound, TooManyNetworks, TooManyOwners.
        """
        await self._sessions.get(id, key)
        _check_room(await self._read(owner), id)
        now = int(self._clock())
        await self._update(owner, lambda record: _opened(record, id, now))
        await self._sessions.admit(id, key, owner.key)

    async def _room(self) -> None:
        """Raise CapacityReached if there is no room for another record."""
        if self._capacity is not None:
            await self._capacity.take()

    async def _look(self, id: str, owner: OwnerKey, removed: bool) -> Listed | None:
        try:
            return Listed(id, await self._sessions.look(id, owner.key, removed))
        except NotFound:
            return None
        except CorruptRecord as error:
            log.error("a stored session is damaged: %s", error)
            return Listed(id, None, error)

    async def _drop(self, owner: OwnerKey, lost: Sequence[Entry]) -> None:
        """Drop entries that open nothing, unless their sessions may be about to be written."""
        latest = self._clock() - BEGINNING
        ids = {entry.id for entry in lost if entry.opened < latest}
        if ids:
            with suppress(StoreUnavailable, Conflict):  # they are met again
                await self._update(owner, lambda record: _without(record, ids))

    async def _read(self, owner: OwnerKey) -> OwnerRecord:
        record = await self._store.get(owner.id)
        return self._first(owner) if record is None else _decoded(record.data)

    def _first(self, owner: OwnerKey) -> OwnerRecord:
        if not owner.session:
            return OwnerRecord()
        return OwnerRecord((Entry(owner.session, int(self._clock())),), begun=1)

    async def _update(
        self,
        owner: OwnerKey,
        change: Callable[[OwnerRecord], OwnerRecord],
        room: Callable[[], Awaitable[None]] | None = None,
    ) -> tuple[OwnerRecord, OwnerRecord]:
        """Change the record, and return it before and after. Nobody has a record of nothing, and
        `room` is called before there is a new one."""
        for _ in range(ATTEMPTS):
            record = await self._store.get(owner.id)
            before = self._first(owner) if record is None else _decoded(record.data)
            after = change(before)
            if record is None:
                empty = not after.entries
                if room is not None and not empty:
                    await room()
                if empty or await self._store.create(owner.id, encode_owner(after), self._ttl):
                    return before, before if empty else after
            elif after == before or await self._store.replace(
                owner.id, record.version, encode_owner(after), self._ttl
            ):
                return before, after
        raise Conflict


def _decoded(data: bytes) -> OwnerRecord:
    """Decode a record; a damaged one is given up, and its networks are still at their addresses."""
    try:
        return decode_owner(data)
    except NewerFormat:
        raise
    except CorruptRecord as error:
        log.error("the stored list of an owner is damaged: %s", error)
        return OwnerRecord()


def _opened(record: OwnerRecord, id: str, now: int) -> OwnerRecord:
    """Put a network at the end, where there is room for it."""
    if record.ids[-1:] == (id,) and id not in record.removed:
        return record
    others = tuple(entry for entry in record.entries if entry.id != id)
    if len(others) >= MOST_NETWORKS:
        return record
    removed = tuple(each for each in record.removed if each != id)
    return replace(record, entries=(*others, Entry(id, now)), removed=removed)


def _begun(record: OwnerRecord, id: str, now: int) -> OwnerRecord:
    """Add a network. Raises TooManyNetworks."""
    if id in record.ids:
        return record
    _check_room(record, id)
    return replace(_opened(record, id, now), begun=record.begun + 1)


def _removed(record: OwnerRecord, id: str, keep: bool) -> OwnerRecord:
    """Take a network out; `keep` it among those that can be taken back."""
    record = _without(record, {id})
    others = tuple(each for each in record.removed if each != id)
    return replace(record, removed=(*others, id)[-MOST_REMOVED:]) if keep else record


def _without(record: OwnerRecord, ids: set[str]) -> OwnerRecord:
    return replace(record, entries=tuple(each for each in record.entries if each.id not in ids))


def _check_room(record: OwnerRecord, id: str) -> None:
    if id not in record.ids and len(record.entries) >= MOST_NETWORKS:
        raise TooManyNetworks
