"""Sharing a network under a code.

The code leads to the network by a record of its own; what is shared, and how, is kept with the network.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from app.classroom.refusals import LectureEnded
from app.classroom.rooms import Room, Rooms
from app.sessions.codec import Lecture, Stored
from app.sessions.lecture import new_code
from app.sessions.service import ATTEMPTS, Conflict, Session, Sessions
from app.sessions.stores.base import Store

SECONDS = 24 * 60 * 60  # until sharing ends by itself


class Sharing:
    """Codes, and the rooms that they lead to.

    All methods raise StoreUnavailable, and those of the lecturer what `Sessions.rewrite` raises.
    """

    def __init__(self, store: Store, sessions: Sessions, rooms: Rooms) -> None:
        self._store, self._sessions, self._rooms = store, sessions, rooms

    async def find(self, code: str) -> Room:
        """Return the room that a code leads to. Raises LectureEnded."""
        record = await self._store.get(_record(code))
        if record is None:
            raise LectureEnded
        return await self._rooms.followed(record.data.decode(), code)

    async def share(self, id: str, key: str) -> Session:
        """Share a network, unless it is shared already."""
        code = await self._new_code(id)
        until = int(time.time()) + SECONDS

        def shared(stored: Stored, version: int) -> Stored:
            lecture = stored.lecture or Lecture()
            if lecture.code and lecture.until > time.time():
                return stored
            return replace(stored, lecture=replace(lecture.ended(), code=code, until=until))

        session = await self._sessions.rewrite(id, key, shared)
        if session.lecture is None or session.lecture.code != code:
            await self._store.delete(_record(code))
        return session

    async def end(self, id: str, key: str) -> Session:
        """Share it no longer. A question that is open is given up."""
        session = await self._sessions.look(id, key)
        if session.lecture and session.lecture.code:
            await self._store.delete(_record(session.lecture.code))
        return await self.rewrite(id, key, lambda it: it.ended())

    async def pause(self, id: str, key: str) -> Session:
        """Show followers what they see now until `resume`, whatever the lecturer does."""

        def paused(stored: Stored, version: int) -> Stored:
            lecture = stored.lecture
            if lecture is None or lecture.paused or not lecture.code:
                return stored
            lecture = replace(lecture, paused=stored.simulation, paused_at=version)
            return replace(stored, lecture=lecture)

        return await self._sessions.rewrite(id, key, paused)

    async def resume(self, id: str, key: str) -> Session:
        """Show followers again what the lecturer sees."""
        return await self.rewrite(id, key, lambda it: replace(it, paused=None, paused_at=0))

    async def show_by(self, id: str, key: str, by: str) -> Session:
        """Show followers steps of another granularity."""
        return await self.rewrite(id, key, lambda it: replace(it, by=by))

    async def rewrite(self, id: str, key: str, change: Callable[[Lecture], Lecture]) -> Session:
        """Change how a network is shared; one that never was stays as it is."""

        def changed(stored: Stored, version: int) -> Stored:
            lecture = stored.lecture and change(stored.lecture)
            return stored if lecture == stored.lecture else replace(stored, lecture=lecture)

        return await self._sessions.rewrite(id, key, changed)

    async def _new_code(self, id: str) -> str:
        for _ in range(ATTEMPTS):
            code = new_code()
            if await self._store.create(_record(code), id.encode(), SECONDS):
                return code
        raise Conflict


def _record(code: str) -> str:
    return f"live.{code}"
