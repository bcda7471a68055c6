"""Stores simulations for their owners. Ownership is checked here and nowhere else."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
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
from app.sessions.codec import MOST_CHANGES, MOST_OWNERS, Lecture, Stored, decode, encode
from app.sessions.practice import Practice
from app.sessions.rate_limits import RateLimit
from app.sessions.stores.base import AnswerLost, Store, StoreUnavailable
from app.simulation.navigation import record_command
from app.simulation.simulation import Simulation

ID_BYTES = 16
KEY_BYTES = 32
CHANGE_BYTES = 6  # of the id of a change; it only has to differ from the 15 before it
ID = compile(r"[A-Za-z0-9_-]{22}")  # token_urlsafe of 16 bytes
REMEMBERED_BYTES = 8_000_000  # as stored: a few thousand sessions
PASSES = 4  # of the event loop between two slices: about as many as a step needs
ATTEMPTS = 16  # at a change; each conflict means that another one succeeded
AGAIN = 0.1  # seconds for further attempts after a lost answer

Outcome = Simulation | Iterator[Simulation]
Change = Callable[[Simulation], Outcome]
# Changes what is stored beside the simulation. It gets the version that the session will have.
Beside = Callable[[Stored, int], Stored]


class NotFound(Exception):
    """The session is unknown, has expired or belongs to someone else."""


class PreconditionFailed(Exception):
    """The session is not at the version that a change expects, or its page is outdated."""


class Taken(Exception):
    """There is a session under the id of a claim already, and another press has created it."""


class QuestionOpen(Exception):
    """The class is asked for values that the change would show, or lead away from."""


class Practising(Exception):
    """Somebody practises on the network, and what was asked for would show what comes next."""


class TooManyOwners(Exception):
    """The session can be opened with as many keys as there may be."""


class Conflict(Exception):
    """Other processes changed the session at every attempt; nothing was changed."""


class TooLong(Exception):
    """A change took longer than the limit; nothing was changed.

    `detail` is the message of the API; `page_message`, translated, that of the page.
    """

    detail = "The change took too long, so nothing was changed. Request less at once."
    page_message = N_("That took too long, so nothing was changed. Try a smaller number.")


@dataclass(frozen=True, slots=True)
class Press:
    """Where a change comes from. The change is made once, however often it is sent under one id.

    The ids of the presses on one page are alike up to the last full stop.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(CHANGE_BYTES))
    # What must hold, unless it is None: the newest change that the page shows, and the version.
    after: str | None = None
    version: int | None = None
    by: str = ""  # how far its steps go, which followers of a lecture see, too; empty if not known

    @property
    def page(self) -> str:
        """What the ids of all presses on the page begin with; empty for a press of no page."""
        return self.id.rpartition(".")[0]

    def is_of_page(self, change: str) -> bool:
        """Whether a change was made on the same page."""
        return change.rpartition(".")[0] == self.page

    def check(self, version: int, changes: tuple[str, ...]) -> None:
        """Raise PreconditionFailed at another version, or after a change that the page lacks."""
        shown = changes.index(self.after) + 1 if self.after in changes else 0
        stale = self.after is not None and not all(map(self.is_of_page, changes[shown:]))
        if stale or self.version not in (None, version):
            raise PreconditionFailed


REPEATABLE = Press("")  # for a change that may be made again: its id is not kept


@dataclass(frozen=True, slots=True)
class Session:
    """A simulation, for its owner."""

    id: str
    version: int  # 1 at first, and one more after every change
    simulation: Simulation
    # The owner's secret; only `create` returns it.
    key: str | None = field(default=None, repr=False)
    # `changes` to `lecture`, and `practice`: as `Stored` has them.
    changes: tuple[str, ...] = field(default=(), compare=False)
    changed: int = field(default=0, compare=False)
    number: int = field(default=0, compare=False)
    lecture: Lecture | None = field(default=None, compare=False)
    before: Simulation | None = field(default=None, compare=False)  # that of the version before
    practice: Practice | None = field(default=None, compare=False)

    @property
    def is_practising(self) -> bool:
        """Whether the numbers that come next are hidden, as somebody practises."""
        return self.practice is not None and self.practice.hides

    def check_nothing_hidden(self) -> None:
        """Raise QuestionOpen or Practising while an answer could give away hidden values."""
        if self.lecture and self.lecture.question:
            raise QuestionOpen
        if self.is_practising:
            raise Practising


@dataclass(frozen=True, slots=True)
class Claim:
    """Where a session of an owner is created: its id and key, and what notes it there.

    `note` is called just before the session is written. It returns the number of the session among
    those of its owner, and whatever it raises creates none.
    """

    id: str
    key: str = field(repr=False)
    note: Callable[[], Awaitable[int]]


class _Latest(NamedTuple):
    version: int
    stored: Stored
    size: int  # bytes in the store


class Sessions:
    """The sessions in a store. Each expires `ttl_seconds` after its last change.

    All methods raise StoreUnavailable; all but `create` also raise CorruptRecord, and
    RateLimitExceeded if there are too many requests for the session. `capacity` limits the number
    of sessions; a change may take `longest` seconds.
    """

    def __init__(
        self,
        store: Store,
        ttl_seconds: float,
        capacity: Capacity | None = None,
        rate_limit: RateLimit | None = None,
        longest: float = inf,
    ) -> None:
        self._store = store
        self._ttl = ttl_seconds
        self._capacity = capacity
        self._rate_limit = rate_limit
        self._longest = longest
        # The last changes made here, which the next change need not read again. Compare-and-set
        # fails if another process has changed the session since.
        self._latest: LRUCache[str, _Latest] = LRUCache(
            REMEMBERED_BYTES, getsizeof=attrgetter("size")
        )
        # A lock lives for as long as a request holds it or waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._slice = asyncio.Lock()  # held by the long change that is running
        # Called with each new version of a session.
        self.announce: Callable[[Session], None] = lambda session: None

    async def create(
        self,
        simulation: Simulation,
        change: Change | None = None,
        press: Press | None = None,
        claim: Claim | None = None,
    ) -> Session:
        """Store a simulation after an optional first change, under a new id or that of a claim.

        Only the key of the returned session gives access to it. Creating it is its first change.

        Raises CapacityReached, TooLong, and whatever `change` raises; with a claim also Taken, and
        NotFound if the session of its id was removed.
        """
        if change is not None:
            simulation = await self._apply(change, simulation, time.monotonic() + self._longest)
        if self._capacity is not None:
            await self._capacity.take()  # last, so that a refused change takes no room
        if claim is None:
            id, key, number = new_id(), secrets.token_urlsafe(KEY_BYTES), 0
        else:
            id, key, number = claim.id, claim.key, await claim.note()
        changes, now = ((press or Press()).id,), int(time.time())
        stored = Stored(_hash(key), simulation, changes, now, number=number)
        data = encode(stored)
        if await self._store.create(id, data, self._ttl):
            self._latest[id] = _Latest(1, stored, len(data))
        else:
            _, found = await self._read(id, key)
            if found.changes[:1] != changes:
                raise Taken
            # An earlier attempt of the store's has created it.
        return replace(_session(id, 1, stored), key=key)

    async def get(self, id: str, key: str) -> Session:
        """Return the session. Raises NotFound."""
        await self.count(key)
        return await self.look(id, key)

    async def look(self, id: str, key: str, removed: bool = False) -> Session:
        """Return the session without counting the request; or one that was removed, if asked for.

        Raises NotFound.
        """
        return _session(id, *await self._read(id, key, removed))

    async def change(
        self,
        id: str,
        key: str,
        change: Change,
        press: Press | None = None,
        beside: Beside | None = None,
    ) -> Session:
        """Change the session and return it; and what is stored beside it, if `beside` is given.

        `change` returns the new simulation, or an iterator whose last item is the new simulation;
        other requests are served between its items. If another process changes the session at the
        same time, `change` is called again with the newer simulation, so it must have no side
        effects. `beside` is given the result as it would be stored. If both return the very object
        that they were given, the session keeps its version. Any other simulation can be undone.

        If the session has already been changed under the id of `press`, it is returned as it is.

        Raises NotFound, PreconditionFailed, QuestionOpen unless `beside` is given, Conflict,
        TooLong, and whatever `change` and `beside` raise. The session is then unchanged. After
        AnswerLost, that is not known: repeat the change under the same id.
        """
        await self.count(key)
        until, press = time.monotonic() + self._longest, press or Press()
        turn = self._turns.setdefault(id, asyncio.Lock())
        if turn.locked():
            await self._read(id, key)  # waiting would tell a stranger that the session exists
        attempt = partial(self._attempt, id, key, change, press, until, beside)
        async with turn:
            try:
                return await _first_success(attempt)
            except AnswerLost:
                # The next attempt finds the id, or makes the change after all. If the store does not
                # answer at once, it is not waited for a second time.
                with suppress(TimeoutError, StoreUnavailable, Conflict, TooLong):
                    async with asyncio.timeout(AGAIN):
                        return await _first_success(attempt)
                raise

    async def delete(self, id: str, key: str) -> None:
        """Delete the session. Raises NotFound."""
        await self.count(key)
        version, stored = await self._read(id, key)
        self._latest.pop(id, None)
        await self._store.delete(id)
        self.announce(_session(id, version + 1, replace(stored, lecture=None)))

    async def remove(self, id: str, key: str, seconds: float) -> None:
        """Delete the session, which can be taken back for some seconds. Raises NotFound."""
        await self.rewrite(id, key, _removed, seconds)

    async def take_back(self, id: str, key: str) -> None:
        """Undo `remove`. Raises NotFound."""
        await self.rewrite(id, key, lambda stored, _: replace(stored, removed=False), removed=True)

    async def admit(self, id: str, key: str, other: str) -> None:
        """Let another key open the session, too. Raises NotFound, TooManyOwners."""
        hash = _hash(other)

        def admitted(stored: Stored, version: int) -> Stored:
            if hash in (stored.key_hash, *stored.others):
                return stored
            if len(stored.others) >= MOST_OWNERS:
                raise TooManyOwners
            return replace(stored, others=(*stored.others, hash))

        await self.rewrite(id, key, admitted)

    async def rewrite(
        self,
        id: str,
        key: str,
        rewritten: Beside,
        ttl: float | None = None,
        removed: bool = False,
    ) -> Session:
        """Rewrite what is stored beside the simulation, and return the session.

        Raises NotFound, Conflict, and whatever `rewritten` raises; it may be called several times.
        """

        async def attempt() -> Session | None:
            self._latest.pop(id, None)
            version, stored = await self._read(id, key, removed)
            after = rewritten(stored, version + 1)
            same = after is stored
            if same or await self._store.replace(id, version, encode(after), ttl or self._ttl):
                session = _session(id, version + (not same), after)
                if not same:
                    self.announce(session)
                return session
            return None

        return await _first_success(attempt)

    async def shared(self, id: str, code: str) -> Session:
        """Return a network to whoever follows it by this code. Raises NotFound."""
        session = await self.newest(id)
        if session is None or session.lecture is None or session.lecture.code != code:
            raise NotFound
        return session

    async def newest(self, id: str) -> Session | None:
        """Return a session to those whose right to see it was checked before; None if it is gone."""
        record = await self._store.get(id)
        if record is None:
            return None
        stored = decode(record.data)
        return None if stored.removed else _session(id, record.version, stored)

    async def count(self, key: str) -> None:
        """Count a request against the rate limit of its key.

        Requests are counted before anything is read, and with wrong keys too. That is cheap, does
        not reveal which sessions exist, and a stranger cannot use up the owner's limit.
        """
        if self._rate_limit is not None:
            await self._rate_limit.spend(_hash(key).hex())

    async def _read(self, id: str, key: str, removed: bool = False) -> tuple[int, Stored]:
        """Return the version and the record of a session to its owner. Raises NotFound."""
        record = await self._store.get(id) if ID.fullmatch(id) else None
        if record is None:
            raise NotFound
        stored = decode(record.data)
        if not _opens(key, stored) or (stored.removed and not removed):
            raise NotFound
        return record.version, stored

    async def _attempt(
        self,
        id: str,
        key: str,
        change: Change,
        press: Press,
        until: float,
        beside: Beside | None,
    ) -> Session | None:
        """Read, change, compare and set; None if it has to be tried again."""
        remembered = self._remembered(id, key)
        version, stored = remembered[:2] if remembered else await self._read(id, key)
        simulation, changes = stored.simulation, stored.changes
        if press.id not in changes:
            try:
                press.check(version, changes)
                if beside is None and stored.lecture and stored.lecture.question:
                    raise QuestionOpen
                simulation = await self._apply(change, simulation, until)
            except Exception as error:
                if remembered is None or isinstance(error, TooLong):
                    raise
                return None  # the session may be a newer one by now: read it and try again
        before, stays = stored, simulation is stored.simulation
        if stays and beside is not None and press.id not in changes:
            stored = beside(stored, version + 1)
        if stays and stored is before:
            if remembered:
                # Without a write, only reading tells whether this is the latest version.
                newest, _ = await self._read(id, key)
                if newest != version:
                    return None
                self._latest[id] = remembered
            return _session(id, version, stored)
        if press.id:
            changes = (*changes, press.id)[-MOST_CHANGES:]
        lecture = stored.lecture
        if lecture and press.by not in ("", lecture.by):
            lecture = replace(lecture, by=press.by)
        changed = Stored(
            *(stored.key_hash, simulation, changes, int(time.time()), stored.others),
            *(stored.number, False, lecture, stored.practice),
        )
        if beside is not None and not stays:
            changed = beside(changed, version + 1)
        data = encode(changed)
        if not await self._store.replace(id, version, data, self._ttl):
            return None
        self._latest[id] = _Latest(version + 1, changed, len(data))
        session = _session(id, version + 1, changed, before.simulation)
        self.announce(session)
        return session

    def _remembered(self, id: str, key: str) -> _Latest | None:
        """The last change made here, for the owner. It is used only once: if the attempt fails,
        the next one reads the store."""
        latest = self._latest.pop(id, None)
        return latest if latest and _opens(key, latest.stored) else None

    async def _apply(self, change: Change, before: Simulation, until: float) -> Simulation:
        """Apply a change so that it can be undone."""
        simulation = await self._finish(change(before), before, until)
        return simulation if simulation is before else record_command(simulation, before)

    async def _finish(self, outcome: Outcome, latest: Simulation, until: float) -> Simulation:
        """Return the simulation that a change results in, running a long one slice by slice.

        All long changes together run one slice between two turns of the other requests. The lock
        is fair, so they take turns. A change that is not finished at `until`, waiting included,
        is given up; otherwise an overloaded server would keep all of them waiting forever.
        """
        if isinstance(outcome, Simulation):
            return outcome
        while True:
            if time.monotonic() > until:
                raise TooLong
            async with self._slice:
                simulation = next(outcome, None)
                if simulation is None:
                    return latest
                latest = simulation
                for _ in range(PASSES):
                    await asyncio.sleep(0)


async def _first_success(attempt: Callable[[], Awaitable[Session | None]]) -> Session:
    for _ in range(ATTEMPTS):
        if session := await attempt():
            return session
    raise Conflict


def _removed(stored: Stored, version: int) -> Stored:
    lecture = stored.lecture and stored.lecture.ended()
    return replace(stored, removed=True, lecture=lecture)


def new_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)


def _session(id: str, version: int, stored: Stored, before: Simulation | None = None) -> Session:
    return Session(
        *(id, version, stored.simulation, None, stored.changes, stored.changed, stored.number),
        *(stored.lecture, before, stored.practice),
    )


def _opens(key: str, stored: Stored) -> bool:
    """Whether a key is one of those of a session."""
    hash = _hash(key)
    mine = compare_digest(stored.key_hash, hash)
    return mine or any(compare_digest(other, hash) for other in stored.others)


@lru_cache(maxsize=4096)  # a step needs it twice, for 1 µs each
def _hash(key: str) -> bytes:
    # "replace" substitutes a character that no key has, so an unencodable key matches nothing.
    return sha256(key.encode("utf-8", "replace")).digest()
