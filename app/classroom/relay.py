"""What the processes of a server tell each other about lectures, over Redis.

A message is a hint: a process that misses one reads the store a second later. A single process needs
none.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
from redis.asyncio import Redis as Client
from redis.exceptions import RedisError

from app.sessions.stores.redis import ANSWER, connection_pool

CHANNEL = "backstep:lectures"
AGAIN = 1.0  # seconds until a lost connection is made anew

log = logging.getLogger(__name__)


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """A network has a new version; or so many follow it in a process, and so many have answered."""

    session: str
    version: int = 0  # 0 if the message is about something else
    process: str = ""  # that sends it
    followers: int = 0
    answers: int = -1  # to the open question; −1 if that has not changed


class Relay:
    """Sends messages to all other processes, and gets theirs."""

    def __init__(self, url: str) -> None:
        """Prepare a connection. Raises ValueError as the store of the URL does."""
        self._client = Client.from_pool(connection_pool(url))
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, message: Message) -> None:
        """Send a message some time soon, or not at all if Redis is away."""
        task = asyncio.create_task(self._tell(msgspec.json.encode(message)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, message: bytes) -> None:
        with suppress(RedisError, OSError):
            async with asyncio.timeout(ANSWER):
                await self._client.publish(CHANNEL, message)

    async def listen(self, heed: Callable[[Message], Awaitable[None]]) -> None:
        """Call `heed` with each message, until this is cancelled."""
        while True:
            try:
                async with self._client.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    async for sent in channel.listen():
                        with suppress(msgspec.DecodeError):  # of another version
                            await heed(_read(sent))
            except (RedisError, OSError) as error:
                log.warning("lectures: no messages from Redis: %s", error)
            await asyncio.sleep(AGAIN)

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self._client.aclose()


def _read(sent: dict[str, Any]) -> Message:
    return msgspec.json.decode(sent["data"], type=Message)
