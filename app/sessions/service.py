"""Sessions: simulations kept for their owners. Who owns what is decided here and nowhere else."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from math import inf
from operator import attrgetter
from re import compile
from typing import NamedTuple
from weakref import WeakValueDictionary

from cachetools import LRUCache

from app.backprop.errors import N_
from app.sessions.capacity import Capacity
from app.sessions.codec import Stored, decode, encode
from app.sessions.rate_limits import RateLimit
from app.sessions.stores.base import Store, StoreUnavailable
from app.simulation.navigation import record_command
from app.simulation.simulation import Simulation

ID_BYTES = 16
KEY_BYTES = 32
ID = compile(r"[A-Za-z0-9_-]{22}")  # what token_urlsafe makes of 16 bytes
REMEMBERED_BYTES = 8_000_000  # as stored: some thousand sessions
PASSES = 4  # of the event loop between two slices: about as many as a step takes to come and go
ATTEMPTS = 16  # a conflict means that somebody else's change has just succeeded

Outcome = Simulation | Iterator[Simulation]
Change = Callable[[Simulation], Outcome]


class NotFound(Exception):
    """There is no such session for whoever asks: unknown, expired or somebody else's."""


class PreconditionFailed(Exception):
    """The session stands at another version than the change was meant for."""


class Conflict(Exception):
    """Others kept changing the session, so that this change never got its turn; nothing was done."""


class TooLong(Exception):
    """The work took longer than the limit; nothing was changed.

    `detail` is the API's sentence, `said` the page's, which is translated.
    """

    detail = "The change took too long, so nothing was changed. Request less at once."
    said = N_("That took too long, so nothing was changed. Try a smaller number.")


@dataclass(frozen=True, slots=True)
class Session:
    """A simulation as its owner has it.

    Attributes:
        version: counts from 1, by one for each change.
        key: the owner's secret, known only when the session has just been created.
    """

    id: str
    version: int
    simulation: Simulation
    key: str | None = field(default=None, repr=False)


class _Latest(NamedTuple):
    version: int
    stored: Stored
    size: int  # bytes in the store


_size = attrgetter("size")


class Sessions:
    """The sessions in a store, each dropped `ttl_seconds` after its last change.

    All methods raise StoreUnavailable when the store cannot answer, and all but `create`
    CorruptRecord when the session cannot be made sense of, and TooMany when it is asked for more
    often than `allowance` allows. `room` is asked before one begins; a change may take `longest`
    seconds.
    """

    def __init__(
        self,
        store: Store,
        ttl_seconds: float,
        room: Capacity | None = None,
        allowance: RateLimit | None = None,
        longest: float = inf,
    ) -> None:
        self._store = store
        self._ttl = ttl_seconds
        self._room = room
        self._allowance = allowance
        self._longest = longest
        # What a session was last changed to here. Compare-and-set tells when another process has
        # changed it since; until then a change need not read what the one before has just written.
        self._latest: LRUCache[str, _Latest] = LRUCache(REMEMBERED_BYTES, getsizeof=_size)
        # A lock is in here for as long as somebody holds it or waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._slice = asyncio.Lock()  # held by the one long change that is at work just now

    async def create(self, simulation: Simulation, change: Change | None = None) -> Session:
        """Store a simulation under a new id, after a first change if one is given.

        Only whoever has the key of the session returned can read or change it.

        Raises CapacityReached, TooLong, and whatever `change` raises.
        """
        if self._room is not None:
            await self._room.take()
        if change is not None:
            simulation = await self._changed(change, simulation, time.monotonic() + self._longest)
        id, key = secrets.token_urlsafe(ID_BYTES), secrets.token_urlsafe(KEY_BYTES)
        data = encode(Stored(_hash(key), simulation))
        if not await self._store.create(id, data, self._ttl):
            raise StoreUnavailable("the store says that a new random id is taken")
        return Session(id, 1, simulation, key)

    async def get(self, id: str, key: str) -> Session:
        """Return the session as last changed. Raises NotFound."""
        await self._count(key)
        version, stored = await self._read(id, key)
        return Session(id, version, stored.simulation)

    async def change(
        self, id: str, key: str, change: Change, version: int | None = None
    ) -> Session:
        """Make `change` to the session as it stands, and return what came of it.

        `change` returns the new simulation, or an iterator whose last item is the new one;
        others have their turn between its items. It may be called again, on a newer
        simulation, where another process changed the session meanwhile, so it has no effects
        of its own. If it returns the very simulation that it was given, the session is left
        as it is, with its version. Whatever else it returns can be undone.

        With `version`, only a session that stands at that version is changed.

        Raises NotFound, PreconditionFailed (another version), Conflict (others changed the
        session at every attempt), TooLong, and whatever `change` raises. Nothing is changed then.
        """
        await self._count(key)
        until = time.monotonic() + self._longest
        turn = self._turns.setdefault(id, asyncio.Lock())
        if turn.locked():
            await self._read(id, key)  # a stranger does not wait: that would tell that it exists
        async with turn:
            for _ in range(ATTEMPTS):
                session = await self._attempt(id, key, change, version, until)
                if session is not None:
                    return session
        raise Conflict

    async def delete(self, id: str, key: str) -> None:
        """Forget the session. Raises NotFound."""
        await self._count(key)
        await self._read(id, key)
        self._latest.pop(id, None)
        if not await self._store.delete(id):
            raise NotFound

    async def _count(self, key: str) -> None:
        """Count a request for the allowance of whoever has the key, known by its hash.

        Before anything is read, and for a wrong key as well: so it is cheap, it tells nobody what
        there is, and a stranger cannot use up what the owner may ask.
        """
        if self._allowance is not None:
            await self._allowance.spend(_hash(key).hex())

    async def _read(self, id: str, key: str) -> tuple[int, Stored]:
        """Return a session's version and what is stored, for its owner alone. Raises NotFound."""
        record = await self._store.get(id) if ID.fullmatch(id) else None
        if record is None:
            raise NotFound
        stored = decode(record.data)
        if not compare_digest(stored.key_hash, _hash(key)):
            raise NotFound
        return record.version, stored

    async def _attempt(
        self, id: str, key: str, change: Change, expected: int | None, until: float
    ) -> Session | None:
        """Read, change, compare and set; None if another process was faster."""
        remembered = self._remembered(id, key, expected)
        version, stored = remembered or await self._read(id, key)
        if expected is not None and version != expected:
            raise PreconditionFailed
        try:
            simulation = await self._changed(change, stored.simulation, until)
        except TooLong:
            raise
        except Exception:
            if remembered is None:
                raise
            return None  # what stands in its way may be gone by now: the next attempt reads
        if simulation is stored.simulation:
            # Nothing is written that would tell whether it is the latest: the next attempt reads.
            return None if remembered else Session(id, version, simulation)
        changed = Stored(stored.key_hash, simulation)
        data = encode(changed)
        if not await self._store.replace(id, version, data, self._ttl):
            return None
        self._latest[id] = _Latest(version + 1, changed, len(data))
        return Session(id, version + 1, simulation)

    def _remembered(self, id: str, key: str, expected: int | None) -> tuple[int, Stored] | None:
        """Take what a session was last changed to here, for its owner; once, so that an attempt
        that it does not serve is followed by one that reads."""
        latest = self._latest.pop(id, None)
        if latest is None or expected not in (None, latest.version):
            return None
        if not compare_digest(latest.stored.key_hash, _hash(key)):
            return None
        return latest.version, latest.stored

    async def _changed(self, change: Change, latest: Simulation, until: float) -> Simulation:
        """Return what a change makes of a simulation; what it did can be undone."""
        simulation = await self._outcome(change(latest), latest, until)
        return simulation if simulation is latest else record_command(simulation, latest)

    async def _outcome(self, changed: Outcome, latest: Simulation, until: float) -> Simulation:
        """Return what a change comes to; of a long one, a slice at a time.

        However many long changes are under way, one slice of one of them is made between two
        turns of everybody else: the lock is fair, so they take turns among themselves. What has
        not come to its end by `until`, waiting included, is given up: else those who ask for more
        than there is time for would wait for ever, and keep others waiting.
        """
        if isinstance(changed, Simulation):
            return changed
        while True:
            if time.monotonic() > until:
                raise TooLong
            async with self._slice:
                following = next(changed, None)
                if following is None:
                    return latest
                latest = following
                for _ in range(PASSES):
                    await asyncio.sleep(0)


def _hash(key: str) -> bytes:
    # A key never has the characters that "replace" would put: what cannot be encoded fits none.
    return sha256(key.encode("utf-8", "replace")).digest()
