"""Sessions in Redis or Valkey: for many server processes, on one host or on many.

A record is one hash under one key, and every change of it one script on that key; so the records
may be spread over a cluster. Redis drops what has expired by itself.
"""

import asyncio
import secrets
from contextlib import suppress
from hashlib import sha1
from math import ceil
from re import fullmatch
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import BusyLoadingError, NoScriptError, RedisError, ResponseError

from app.sessions.store import AnswerLost, Record, StoreUnavailable

PREFIX = b"backstep:session:"
PROBED = b"backstep:probe"

# ARGV: the version that the record must stand at ('' for none at all), its data, its milliseconds.
PUT = b"""
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'data', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
PUT_HASH = sha1(PUT, usedforsecurity=False).hexdigest()  # Redis knows a script by its SHA-1
PROBE = b"""
redis.call('SET', KEYS[1], ARGV[1], 'PX', 1000)
local read = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return read
"""

CONNECTIONS = 32  # of one process; more requests than that wait for their turn
QUEUE = 5.0  # seconds that they wait at most, as long as Redis answers those before them
# Seconds. A request asks Redis a few times at most, and the first failure ends it, as well as the
# wait of all who queue behind it: everybody is told within a second, whether Redis refuses, hangs
# or has vanished from the network.
CONNECT = 0.4
ANSWER = 0.5  # from sending a command to its answer

FORM = "expected redis://[user:password@]host[:port][/number] (rediss:// for TLS)"
OPTIONS = {  # what an address may say after a question mark
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_cert_reqs",
    "ssl_check_hostname",
}


class RedisStore:
    """A store in one Redis database, over a pool of connections.

    A change is sent once and never again: if its answer does not come, it may have been made, and
    AnswerLost says so. Connections that broke are made anew when they are needed, so a Redis that
    was away is used again as soon as it is back.

    What Redis has acknowledged it keeps as its own settings have it: with `appendonly yes` and
    `appendfsync always` all of it; with `everysec` a crash may take the last second with it, and
    the versions of that second are given out again.

    A cluster of several nodes needs a proxy that knows them: this asks one address only.
    """

    def __init__(self, pool: BlockingConnectionPool) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._failures = 0
        self._closed = False

    @classmethod
    def open(cls, url: str) -> Self:
        """Use the Redis that `url` names; nothing is asked of it yet, so it may be away.

        Raises ValueError for an address of another form, without repeating any of it.
        """
        _check_form(url)
        try:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=None,  # the times are seen to below
                socket_timeout=None,
                socket_connect_timeout=CONNECT,
                driver_info=None,
                protocol=2,  # nothing of the newer one is needed, and every server speaks this
            )
            pool.make_connection()  # type: ignore[no-untyped-call]  # says what it cannot use
        except (TypeError, ValueError, RedisError):
            raise ValueError(FORM) from None
        return cls(pool)

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        """See Store: False if the id is taken."""
        return await self._put(id, b"", data, ttl)

    async def get(self, id: str) -> Record | None:
        """See Store: the record, or None."""
        version, data = await self._ask("HMGET", _key(id), "version", "data")
        return None if version is None else Record(int(version), data)

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        """See Store: False unless the record stands at `version`."""
        return await self._put(id, b"%d" % version, data, ttl)

    async def delete(self, id: str) -> bool:
        """See Store: False if there was none."""
        return bool(await self._ask("DEL", _key(id), changes=True) == 1)

    async def sweep(self) -> int:
        """See Store: Redis does it."""
        return 0

    async def count(self) -> int:
        """See Store: all keys of the database, which is a single number to Redis.

        To look for the sessions among them would be a walk through all, for every scrape of the
        metrics. So the sessions should have the database for themselves, or almost.
        """
        return int(await self._ask("DBSIZE"))

    async def check(self) -> None:
        """See Store: writes a key, reads it, and takes it away."""
        written = secrets.token_bytes(8)
        if await self._ask("EVAL", PROBE, 1, PROBED, written) != written:
            raise StoreUnavailable("Redis does not return what was written")

    async def close(self) -> None:
        """See Store."""
        self._closed = True
        with suppress(RedisError, OSError):  # of a Redis that does not say goodbye
            await self._pool.aclose()

    async def _put(self, id: str, version: bytes, data: bytes, ttl: float) -> bool:
        arguments = (1, _key(id), version, data, max(1, ceil(ttl * 1000)))
        try:
            done = await self._ask("EVALSHA", PUT_HASH, *arguments, changes=True)
        except _UnknownScript:  # a Redis that was started since; it has done nothing
            done = await self._ask("EVAL", PUT, *arguments, changes=True)
        return bool(done == 1)

    # The only way to Redis, which speaks of all its troubles in one way. The pool is used without
    # the client on top of it: that would not tell whether a command was sent before it failed.

    async def _ask(self, *command: bytes | str | int, changes: bool = False) -> Any:
        """Send a command, once, when its turn has come, and return the answer."""
        failures = self._failures
        try:
            async with asyncio.timeout(QUEUE):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable("too many ask Redis at once") from None
        try:
            if failures != self._failures:
                raise StoreUnavailable("Redis failed those who asked before")
            return await self._answer(command, changes)
        finally:
            self._turns.release()

    async def _answer(self, command: tuple[bytes | str | int, ...], changes: bool) -> Any:
        connection = await self._connection()
        try:
            async with asyncio.timeout(ANSWER):
                await connection.send_command(*command)
                return await connection.read_response()
        except NoScriptError as error:
            raise _UnknownScript from error
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


class _UnknownScript(StoreUnavailable):
    """Redis does not have the script of that hash (yet, or any more)."""


def _key(id: str) -> bytes:
    return PREFIX + id.encode()


def _check_form(url: str) -> None:
    """Only what is understood: the library takes an unknown database for the first, for one."""
    parts = urlsplit(url)
    try:
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:  # what it says may be a part of the password
        known = False
    if not known or parts.fragment or not fullmatch(r"(/\d*)?", parts.path):
        raise ValueError(FORM)
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in OPTIONS:
            raise ValueError(f"the address of Redis may end in {', '.join(sorted(OPTIONS))} only")
