"""Sessions in Redis or Valkey, for several server processes on one host or many.

A record is a hash under one key, and every change is a script on that key, which Redis runs as a
whole or not at all. Redis drops expired records itself.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from math import ceil, inf
from re import compile
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from redis.asyncio import ConnectionPool
from redis.asyncio import Redis as Client
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError, ResponseError

from app.sessions.stores.base import AnswerLost, Record, StoreUnavailable

CONNECTIONS = 32  # of one process; further requests wait for their turn, as long as Redis answers
ANSWER = 0.7  # seconds from a request's turn to its answer, connecting and one retry included
SENTINEL = 0.1  # seconds to connect to a sentinel, and to its answer, before the next one is asked

OPTIONS = {  # the allowed query parameters
    "sentinel_password",
    "sentinel_username",
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_cert_reqs",
    "ssl_check_hostname",
}
FORM = (
    "expected redis://[user:password@]host[:port][/number] or "
    "redis+sentinel://[user:password@]host[:port][,host[:port]…]/service[/number] "
    f"(rediss for TLS), and after ? only {', '.join(sorted(OPTIONS))}"
)
SENTINEL_PORT = 26379
CONNECTION: dict[str, Any] = {
    "max_connections": CONNECTIONS,
    "retry": Retry(NoBackoff(), 1),
    "socket_timeout": None,  # `Redis` has its own limits
    "socket_connect_timeout": None,
    "driver_info": None,
    "protocol": 2,  # all servers support it
}

HOST = r"(?:[\w.-]+|\[[\d:A-Fa-f]+\])(?::[1-9]\d*)?"
URL = compile(  # scheme, whether of sentinels, user, hosts, service, number, query
    rf"(rediss?)(\+sentinel)?://([^/?#@]*@)?({HOST}(?:,{HOST})*)"
    r"(?:/([A-Za-z_][\w.-]*))?(?:/(\d*))?(?:\?([^#]*))?"
)
Part = bytes | str | int

PREFIX = b"backstep:session:"
PROBE_KEY = b"backstep:probe"

# ARGV: the expected version ('' for no record), the data, milliseconds to live.
PUT = b"""
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'data', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
# ARGV: milliseconds to live.
TOUCH = b"""
local touched = 0
for _, key in ipairs(KEYS) do touched = touched + redis.call('PEXPIRE', key, ARGV[1]) end
return touched
"""
PROBE = b"""
redis.call('SET', KEYS[1], '')
return redis.call('DEL', KEYS[1])
"""


class Redis:
    """A Redis server, with time limits.

    Attributes:
        failed_at: when Redis last did not answer, by `time.monotonic`.
    """

    def __init__(self, url: str, within: float = ANSWER) -> None:
        """Prepare the connections to the server of a URL; a command may take `within` seconds.

        Raises ValueError for an invalid URL; the message does not repeat any of it.
        """
        self._client = Client.from_pool(connection_pool(url))
        self._within = within
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self.failed_at = -inf

    async def ask(self, *command: Part, changes: bool = False) -> Any:
        """Send a command, once more if the connection breaks, and return the answer.

        Raises StoreUnavailable, and AnswerLost if the command `changes` something.
        """
        asked = monotonic()
        async with self._turns:
            # Whoever waits behind a failure must not wait for another one.
            if self.failed_at > asked:
                raise StoreUnavailable("Redis failed those before this request")
            try:
                async with asyncio.timeout(self._within):
                    return await self._client.execute_command(*command)  # type: ignore[no-untyped-call]
            except (ResponseError, BusyLoadingError) as error:
                raise StoreUnavailable(f"Redis refuses: {error}") from error
            except (RedisError, OSError) as error:
                self.failed_at = monotonic()
                kind = AnswerLost if changes else StoreUnavailable
                raise kind(f"Redis does not answer: {error or 'timeout'}") from error

    async def close(self) -> None:
        """Close all connections. Later requests fail."""
        self.failed_at = inf
        pool = self._client.connection_pool
        with suppress(RedisError, OSError):  # Redis may be unreachable
            await self._client.aclose()
            if isinstance(pool, SentinelConnectionPool):
                await pool.sentinel_manager.aclose()


class RedisStore:
    """A store in a Redis database.

    If no answer to a change comes, it may have been made; that is AnswerLost. A change that was made,
    and is sent once more, finds another version than it expects: the answer is then False.
    Broken connections are replaced when needed, so a Redis that was away is used again at once.

    How durable an acknowledged write is depends on the settings of Redis. With `appendonly yes` and
    `appendfsync always`, none is lost. With `everysec`, a crash may lose the last second, whose
    versions are then assigned again. A replica that is promoted may lack the writes that its
    primary acknowledged last.
    """

    def __init__(self, url: str) -> None:
        """Prepare the store of a URL, without connecting yet. Raises ValueError as `Redis` does."""
        self._redis = Redis(url)

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        return await self._put(id, b"", data, ttl)

    async def get(self, id: str) -> Record | None:
        version, data = await self._redis.ask("HMGET", _key(id), "version", "data")
        return None if version is None else Record(int(version), data)

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        return await self._put(id, b"%d" % version, data, ttl)

    async def touch(self, ids: Sequence[str], ttl: float) -> int:
        if not ids:
            return 0
        keys = [_key(id) for id in ids]
        return int(await self._redis.ask("EVAL", TOUCH, len(keys), *keys, _milliseconds(ttl)))

    async def delete(self, id: str) -> bool:
        return bool(await self._redis.ask("DEL", _key(id), changes=True) == 1)

    async def sweep(self) -> int:
        return 0  # Redis drops expired records itself

    async def count(self) -> int:
        """Return the number of keys in the database, which Redis knows without a scan.

        The sessions should therefore have the database to themselves.
        """
        return int(await self._redis.ask("DBSIZE"))

    async def check(self) -> None:
        """Write a key and delete it."""
        await self._redis.ask("EVAL", PROBE, 1, PROBE_KEY)

    async def close(self) -> None:
        await self._redis.close()

    async def _put(self, id: str, version: bytes, data: bytes, ttl: float) -> bool:
        answer = await self._redis.ask(
            "EVAL", PUT, 1, _key(id), version, data, _milliseconds(ttl), changes=True
        )
        return bool(answer == 1)


def _key(id: str) -> bytes:
    return PREFIX + id.encode()


def _milliseconds(ttl: float) -> int:
    return max(1, ceil(ttl * 1000))


def connection_pool(url: str) -> ConnectionPool:
    """Return the pool of connections to a server, or to the primary that sentinels name."""
    try:
        # More strictly than the library, which takes an unknown database for number 0.
        found = URL.fullmatch(url)
        if found is None or {name for name, _ in parse_qsl(found[7] or "")} - OPTIONS:
            raise ValueError
        scheme, sentinel, user, hosts, service, number, query = found.groups("")
        places = hosts.split(",")
        if bool(service) != bool(sentinel) or (len(places) > 1 and not sentinel):
            raise ValueError
        options: dict[str, Any] = {**CONNECTION}
        options.update(parse_url(f"{scheme}://{user}{places[0]}/{number}?{query}"))
        pool = _monitored(places, service, options) if sentinel else ConnectionPool(**options)
        pool.make_connection()  # type: ignore[no-untyped-call]  # raises for invalid options
    except (TypeError, ValueError, RedisError):
        raise ValueError(FORM) from None
    return pool


def _monitored(places: list[str], service: str, options: dict[str, Any]) -> SentinelConnectionPool:
    """Return the pool for a service; its options are those of a connection to the first place."""
    sentinels = [urlsplit(f"//{place}") for place in places]
    access = {name: options.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    options["ssl"] = options.pop("connection_class", None) is not None
    del options["host"]
    options.pop("port", None)
    common = {name: value for name, value in options.items() if name in CONNECTION or "ssl" in name}
    limits = {"socket_timeout": SENTINEL, "socket_connect_timeout": SENTINEL}
    manager = Sentinel(  # type: ignore[no-untyped-call]
        [(each.hostname, each.port or SENTINEL_PORT) for each in sentinels],
        sentinel_kwargs=common | limits | access,
    )
    return SentinelConnectionPool(service, manager, **options)  # type: ignore[no-untyped-call]
