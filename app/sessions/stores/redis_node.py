"""One Redis or Valkey server: who asks it waits for a bounded time, and is told what came of it."""

import asyncio
from contextlib import suppress
from hashlib import sha1
from typing import Any, Protocol, Self

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    AskError,
    BusyLoadingError,
    MovedError,
    NoScriptError,
    RedisError,
    ResponseError,
)

from app.sessions.stores.base import AnswerLost, StoreUnavailable

CONNECTIONS = 32  # of one process to one server; more requests than that wait for their turn
QUEUE = 5.0  # seconds that they wait at most, as long as Redis answers those before them
# Seconds. A request asks Redis a few times at most, and the first failure ends it, as well as the
# wait of all who queue behind it: everybody is told within a second, whether Redis refuses, hangs
# or has vanished from the network.
CONNECT = 0.4
ANSWER = 0.5  # from sending a command to its answer

Part = bytes | str | int


class UnknownScript(StoreUnavailable):
    """Redis does not have the script of that hash (yet, or any more); it has done nothing."""


class Redirected(StoreUnavailable):
    """Another node of a cluster has that key, or is about to; nothing was done.

    Attributes:
        slot: of the key.
        host: of the other node; empty where it is the host that was asked.
        once: whether only this command is meant for it, while the slot moves there.
    """

    def __init__(self, error: AskError) -> None:
        super().__init__("Redis refuses: it is one of a cluster, whose address is redis+cluster://")
        self.slot: int = error.slot_id
        self.host: str = error.host
        self.port: int = error.port
        self.once = not isinstance(error, MovedError)


class Servers(Protocol):
    """What keeps keys: one server, or a cluster of them."""

    async def ask(self, key: bytes, *command: Part, changes: bool = False) -> Any:
        """Send a command to where `key` is, once, and return the answer.

        Raises StoreUnavailable, UnknownScript, and of what `changes` something AnswerLost.
        """
        ...

    async def keys(self, prefix: bytes) -> list[bytes]:
        """A key for each server, which it would have: to ask every server something."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Script:
    """What Redis runs as one, on one key."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._hash = sha1(text, usedforsecurity=False).hexdigest()  # Redis knows it by its SHA-1

    async def run(self, servers: Servers, key: bytes, *arguments: Part) -> Any:
        """Send it by its hash, and whole only to a Redis that does not know it (any more)."""
        try:
            return await servers.ask(key, "EVALSHA", self._hash, 1, key, *arguments, changes=True)
        except UnknownScript:
            return await servers.ask(key, "EVAL", self._text, 1, key, *arguments, changes=True)


class Node:
    """One server, over a pool of connections, which are made anew when they are found broken."""

    def __init__(self, pool: BlockingConnectionPool) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._failures = 0
        self._closed = False

    @classmethod
    def open(cls, options: dict[str, Any]) -> Self:
        """Use the server that the options of a connection lead to; nothing is asked of it yet."""
        pool = BlockingConnectionPool(
            max_connections=CONNECTIONS,
            timeout=None,  # the times are seen to below
            socket_timeout=None,
            socket_connect_timeout=CONNECT,
            driver_info=None,
            protocol=2,  # nothing of the newer one is needed, and every server speaks this
            **options,
        )
        pool.make_connection()  # type: ignore[no-untyped-call]  # says what it cannot use
        return cls(pool)

    async def ask(self, key: bytes, *command: Part, changes: bool = False) -> Any:
        """See Servers."""
        return await self.ask_here(command, changes)

    async def keys(self, prefix: bytes) -> list[bytes]:
        """See Servers."""
        return [prefix]

    async def close(self) -> None:
        """See Servers."""
        self._closed = True
        with suppress(RedisError, OSError):  # of a Redis that does not say goodbye
            await self._pool.aclose()

    # The only way to Redis, which speaks of all its troubles in one way. The pool is used without
    # the client on top of it: that would not tell whether a command was sent before it failed.

    async def ask_here(
        self, command: tuple[Part, ...], changes: bool = False, asking: bool = False
    ) -> Any:
        """Send a command, once, when its turn has come, and return the answer.

        With `asking` it is let in to a slot that is on its way here. Raises Redirected, too.
        """
        failures = self._failures
        try:
            async with asyncio.timeout(QUEUE):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable("too many ask Redis at once") from None
        try:
            if failures != self._failures:
                raise StoreUnavailable("Redis failed those who asked before")
            return await self._answer(command, changes, asking)
        finally:
            self._turns.release()

    async def _answer(self, command: tuple[Part, ...], changes: bool, asking: bool) -> Any:
        connection = await self._connection()
        try:
            async with asyncio.timeout(ANSWER):
                if asking:  # holds for the next command of this very connection
                    await connection.send_command("ASKING")
                    await connection.read_response()
                await connection.send_command(*command)
                return await connection.read_response()
        except NoScriptError as error:
            raise UnknownScript from error
        except AskError as error:
            raise Redirected(error) from error
        except (ResponseError, BusyLoadingError) as error:
            raise StoreUnavailable(f"Redis refuses: {error}") from error
        except (RedisError, OSError) as error:  # by now the connection is closed
            self._failures += 1
            kind = AnswerLost if changes else StoreUnavailable
            raise kind(f"Redis does not answer: {error or 'too late'}") from error
        finally:
            # Not within the timeout: a connection that is not given back is one less for good.
            await self._pool.release(connection)

    async def _connection(self) -> AbstractConnection:
        if self._closed:
            raise StoreUnavailable("closed")
        try:
            async with asyncio.timeout(CONNECT):
                connection: AbstractConnection
                connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
                return connection
        except (RedisError, OSError) as error:
            self._failures += 1
            raise StoreUnavailable(f"cannot reach Redis: {error or 'too late'}") from error
