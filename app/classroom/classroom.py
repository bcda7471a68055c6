"""All that lectures need on a server."""

from dataclasses import dataclass
from typing import Self

from app.classroom.followers import Followers
from app.classroom.questions import Questions
from app.classroom.relay import Relay
from app.classroom.rooms import Rooms
from app.classroom.sharing import Sharing
from app.sessions.service import Sessions
from app.sessions.stores.base import ON_REDIS, Store


@dataclass(frozen=True, slots=True)
class Classroom:
    rooms: Rooms
    sharing: Sharing
    questions: Questions
    followers: Followers
    relay: Relay | None

    @classmethod
    def open(cls, url: str, store: Store, sessions: Sessions, secret: str, ttl: float) -> Self:
        """With the store of this URL; on Redis, processes tell each other what is new.

        `ttl`: seconds that questions and their counts are kept.
        """
        relay = Relay(url) if url.partition(":")[0] in ON_REDIS else None
        rooms = Rooms(sessions, relay)
        return cls(
            rooms,
            Sharing(store, sessions, rooms),
            Questions(store, sessions, rooms, ttl),
            Followers(secret),
            relay,
        )

    async def keep(self) -> None:
        """Do what lectures need meanwhile, until this is cancelled."""
        try:
            await self.rooms.keep()
        finally:
            if self.relay:
                await self.relay.close()
