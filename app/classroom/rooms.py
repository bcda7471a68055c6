"""Networks that somebody watches in this process: those who follow, and the lecturer's own windows.

A room has the newest version of a network. Whoever watches waits for the next one. In a single
process each change comes here by itself. Several processes tell each other over Redis; and so that
nothing depends on a message that gets lost, a room reads the store once a second.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from cachetools import TTLCache

from app.classroom.refusals import LectureEnded
from app.classroom.relay import Message, Relay
from app.sessions.codec import CorruptRecord
from app.sessions.lecture import Question
from app.sessions.service import NotFound, Session, Sessions
from app.sessions.stores.base import StoreUnavailable
from app.simulation.simulation import Simulation

READ_EVERY = 1.0  # seconds, with several processes
PRESENT = 12.0  # seconds that somebody who polls counts as present
ALIVE_EVERY = 15.0  # seconds after which a stream gives a sign of life, or a proxy may give it up
KEPT = 60.0  # seconds that an empty room is kept
MOST_POLLING = 20_000  # that a room counts


@dataclass(frozen=True, slots=True)
class Showing:
    """What followers see of a network; it has neither its id nor its key."""

    code: str
    version: int
    simulation: Simulation
    by: str
    is_paused: bool
    number: int  # of the newest question, 0 if there was none
    question: Question | None  # the open one
    before: Simulation | None = None  # of the version before, if that is known

    @classmethod
    def of(cls, session: Session) -> "Showing":
        """Raises LectureEnded."""
        lecture = session.lecture
        if lecture is None or not lecture.code or lecture.until < time.time():
            raise LectureEnded
        is_paused = lecture.paused is not None
        return cls(
            lecture.code,
            lecture.paused_at if is_paused else session.version,
            lecture.shown(session.simulation),
            lecture.by,
            is_paused,
            lecture.questions,
            lecture.question,
            None if is_paused else session.before,
        )


class Room:
    """A network, and how many watch it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.answers = 0  # to the open question
        self.rendered: dict[object, Any] = {}  # of this version, as it is sent to everybody
        self._streams: Counter[str] = Counter()  # in this process, by the ids of followers
        self._polling: TTLCache[str, None] = TTLCache(
            MOST_POLLING, PRESENT
        )  # followers without one
        self._elsewhere: TTLCache[str, int] = TTLCache(64, PRESENT)  # followers by process
        self._watchers, self._left_at = 0, time.monotonic()
        self._next = asyncio.Event()

    @property
    def showing(self) -> Showing:
        """Raises LectureEnded."""
        return Showing.of(self.session)

    @property
    def here(self) -> int:
        """How many follow in this process."""
        self._polling.expire()
        return len(self._streams.keys() | self._polling.keys())

    @property
    def followers(self) -> int:
        """How many follow in all processes."""
        self._elsewhere.expire()
        return self.here + sum(self._elsewhere.values())

    @property
    def is_left(self) -> bool:
        """Whether nobody has watched for a while."""
        return not self._watchers and time.monotonic() - self._left_at > KEPT

    def polled_by(self, follower: str) -> None:
        self._left_at = time.monotonic()
        self._polling[follower] = None

    @contextmanager
    def watched(self, follower: str = "") -> Iterator[None]:
        """Keep the room meanwhile, for somebody who follows or, without an id, for the lecturer."""
        self._watchers += 1
        if follower:
            self._streams[follower] += 1
        try:
            yield
        finally:
            self._watchers -= 1
            self._left_at = time.monotonic()
            if follower:
                self._streams[follower] -= 1
                if not self._streams[follower]:
                    del self._streams[follower]
                    self._polling.pop(follower, None)

    @property
    def change(self) -> asyncio.Event:
        """What is set as soon as there is another version, or a sign of life is due."""
        return self._next

    def take(self, session: Session) -> None:
        """Show another version, unless it is an older one."""
        shown = self.session
        if session.version <= shown.version:
            return
        if session.version == shown.version + 1 and session.before is None:
            session = replace(session, before=shown.simulation)
        if _questions(session) != _questions(shown):
            self.answers = 0
        self.session, self.rendered = session, {}
        self.wake()

    def wake(self) -> None:
        """Wake those who watch."""
        woken, self._next = self._next, asyncio.Event()
        woken.set()

    def end(self) -> None:
        """The network is gone."""
        version = self.session.version + 1
        self.take(replace(self.session, version=version, lecture=None))

    def heed(self, message: Message) -> None:
        """Note what another process has told."""
        if message.answers >= 0:
            self.answers = message.answers
        else:
            self._elsewhere[message.process] = message.followers


def _questions(session: Session) -> int:
    return session.lecture.questions if session.lecture else 0


class Rooms:
    """The rooms of this process, by the ids of their networks."""

    def __init__(self, sessions: Sessions, relay: Relay | None = None) -> None:
        self._sessions, self._relay = sessions, relay
        self._process = secrets.token_hex(4)
        self._rooms: dict[str, Room] = {}
        sessions.announce = self._announce

    async def followed(self, id: str, code: str) -> Room:
        """Return the room of a network that is shared under a code. Raises LectureEnded."""
        room = self._rooms.get(id)
        if room is None:
            try:
                session = await self._sessions.shared(id, code)
            except NotFound:
                raise LectureEnded from None
            room = self._rooms.setdefault(id, Room(session))
        if room.showing.code != code:
            raise LectureEnded
        return room

    def of(self, session: Session) -> Room:
        """Return the room of a network that its owner has read."""
        room = self._rooms.setdefault(session.id, Room(session))
        room.take(session)
        return room

    def answered(self, id: str, count: int) -> None:
        """So many have answered the open question."""
        if room := self._rooms.get(id):
            room.answers = count
        if self._relay:
            self._relay.tell(Message(id, process=self._process, answers=count))

    async def keep(self) -> None:
        """Do what rooms need now and then, until this is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._drop_forever())
            tasks.create_task(self._wake_forever())
            if self._relay:
                tasks.create_task(self._relay.listen(self._heed))
                tasks.create_task(self._read_forever(self._relay))

    async def _drop_forever(self) -> None:
        while True:
            await asyncio.sleep(KEPT)
            self._rooms = {id: room for id, room in self._rooms.items() if not room.is_left}

    async def _wake_forever(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_EVERY)
            for room in self._rooms.values():
                room.wake()

    async def _read_forever(self, relay: Relay) -> None:
        while True:
            await asyncio.sleep(READ_EVERY)
            for id, room in list(self._rooms.items()):
                await self._read(room)
                relay.tell(Message(id, process=self._process, followers=room.here))

    async def _read(self, room: Room) -> None:
        with suppress(StoreUnavailable, CorruptRecord):
            if session := await self._sessions.newest(room.session.id):
                room.take(session)
            else:
                room.end()

    def _announce(self, session: Session) -> None:
        """Show a change that was made in this process."""
        if room := self._rooms.get(session.id):
            room.take(session)
        if self._relay and session.lecture:
            self._relay.tell(Message(session.id, session.version, self._process))

    async def _heed(self, message: Message) -> None:
        room = self._rooms.get(message.session)
        if room is None or message.process == self._process:
            return
        if not message.version:
            room.heed(message)
        elif message.version > room.session.version:
            await self._read(room)
