"""A single Redis or Valkey server, with time limits on every request."""

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

CONNECTIONS = 32  # of one process to one server; further requests wait for their turn
QUEUE = 5.0  # seconds that they wait at most, as long as Redis answers
# Time limits in seconds. The first failure ends a request and all those that wait behind it, so
# everyone gets an answer within a second, whether Redis refuses, hangs or is unreachable.
CONNECT = 0.4
ANSWER = 0.5  # from sending a command to its answer

Part = bytes | str | int


class UnknownScript(StoreUnavailable):
    """Redis does not have the script with that hash; nothing was done."""


class Redirected(StoreUnavailable):
    """Another node of the cluster has the key, or is about to get it; nothing was done.

    Attributes:
        host: the host of the other node; empty if it is the same host.
        port: the port of the other node.
        once: whether to redirect only this command, while the slot is moving.
    """

    def __init__(self, error: AskError) -> None:
        super().__init__(
            "Redis refuses: it is part of a cluster, which needs a redis+cluster:// URL"
        )
        self.host: str = error.host
        self.port: int = error.port
        self.once = not isinstance(error, MovedError)


class Servers(Protocol):
    """A Redis server, or a cluster of them."""

    async def ask(self, key: bytes, *command: Part, changes: bool = False) -> Any:
        """Send a command once to the server that has `key`, and return the answer.

        Raises StoreUnavailable, UnknownScript, and AnswerLost if the command `changes` something.
        """
        ...

    async def keys(self, prefix: bytes) -> list[bytes]:
        """Return a key on each server, so that every server can be asked something."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class Script:
    """A Lua script, which Redis runs atomically on one key."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._hash = sha1(text, usedforsecurity=False).hexdigest()  # Redis uses SHA-1

    async def run(self, servers: Servers, key: bytes, *arguments: Part) -> Any:
        """Run the script by its hash; send its text only to a Redis that does not know it."""
        try:
            return await servers.ask(key, "EVALSHA", self._hash, 1, key, *arguments, changes=True)
        except UnknownScript:
            return await servers.ask(key, "EVAL", self._text, 1, key, *arguments, changes=True)


class Node:
    """A single server, with a pool of connections that replaces broken ones."""

    def __init__(self, pool: BlockingConnectionPool) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._failures = 0
        self._closed = False

    @classmethod
    def open(cls, options: dict[str, Any]) -> Self:
        """Return the server of some connection options, without connecting to it yet."""
        pool = BlockingConnectionPool(
            max_connections=CONNECTIONS,
            timeout=None,  # the time limits are set below
            socket_timeout=None,
            socket_connect_timeout=CONNECT,
            driver_info=None,
            protocol=2,  # all servers support it
            **options,
        )
        pool.make_connection()  # type: ignore[no-untyped-call]  # raises for invalid options
        return cls(pool)

    async def ask(self, key: bytes, *command: Part, changes: bool = False) -> Any:
        return await self.ask_here(command, changes)

    async def keys(self, prefix: bytes) -> list[bytes]:
        return [prefix]

    async def close(self) -> None:
        self._closed = True
        with suppress(RedisError, OSError):  # Redis may be unreachable
            await self._pool.aclose()

    # All requests go through here, so that errors are mapped in one place. The pool is used without
    # redis-py's client, which does not tell whether a command was sent before it failed.

    async def ask_here(
        self, command: tuple[Part, ...], changes: bool = False, asking: bool = False
    ) -> Any:
        """Send a command to this server; `asking` also accepts slots that are moving here.

        Raises Redirected and whatever `Servers.ask` raises.
        """
        failures = self._failures
        try:
            async with asyncio.timeout(QUEUE):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable("too many requests to Redis") from None
        try:
            if failures != self._failures:
                raise StoreUnavailable("Redis failed those before this request")
            return await self._send(command, changes, asking)
        finally:
            self._turns.release()

    async def _send(self, command: tuple[Part, ...], changes: bool, asking: bool) -> Any:
        connection = await self._connection()
        try:
            async with asyncio.timeout(ANSWER):
                if asking:  # applies to the next command on this connection
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
        except (RedisError, OSError) as error:  # redis-py has closed the connection
            self._failures += 1
            kind = AnswerLost if changes else StoreUnavailable
            raise kind(f"Redis does not answer: {error or 'timeout'}") from error
        finally:
            # Outside the timeout: a connection that is not released is lost to the pool.
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
            raise StoreUnavailable(f"cannot reach Redis: {error or 'timeout'}") from error
