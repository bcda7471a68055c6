"""Sessions in Redis or Valkey, for several server processes on one host or many.

A record is a hash under one key, and every change is a script on that key, so a cluster can hold the
records. Redis drops expired records itself.
"""

import secrets
from math import ceil
from typing import Self

from app.sessions.stores.base import AnswerLost, Record, StoreUnavailable
from app.sessions.stores.redis_address import servers_at
from app.sessions.stores.redis_node import Script, Servers

PREFIX = b"backstep:session:"
PROBE_KEY = b"backstep:probe"

# ARGV: the expected version ('' for no record), the data, milliseconds to live.
PUT = Script(b"""
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'data', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
""")
PROBE = b"""
redis.call('SET', KEYS[1], ARGV[1], 'PX', 1000)
local read = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return read
"""


class RedisStore:
    """A store in a Redis database, or in a cluster.

    A change is sent only once. If no answer comes, it may have been made; that is AnswerLost.
    Broken connections are replaced when needed, so a Redis that was away is used again at once.

    How durable an acknowledged write is depends on the settings of Redis. With `appendonly yes` and
    `appendfsync always`, none is lost. With `everysec`, a crash may lose the last second, whose
    versions are then assigned again. In a cluster, a replica that is promoted may lack the writes
    that its master acknowledged last.
    """

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    @classmethod
    def open(cls, url: str) -> Self:
        """Return the store of a URL, without connecting to it yet.

        Raises ValueError for an invalid URL; the message does not repeat any of it.
        """
        return cls(servers_at(url))

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        return await self._put(id, b"", data, ttl)

    async def get(self, id: str) -> Record | None:
        key = _key(id)
        version, data = await self._servers.ask(key, "HMGET", key, "version", "data")
        return None if version is None else Record(int(version), data)

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        try:
            return await self._put(id, b"%d" % version, data, ttl)
        except AnswerLost as error:
            error.version = version
            raise

    async def delete(self, id: str) -> bool:
        key = _key(id)
        return bool(await self._servers.ask(key, "DEL", key, changes=True) == 1)

    async def sweep(self) -> int:
        return 0  # Redis drops expired records itself

    async def count(self) -> int:
        """Return the number of keys in the database, which Redis knows without a scan.

        The sessions should therefore have the database to themselves.
        """
        keys = await self._servers.keys(PROBE_KEY)
        return sum([int(await self._servers.ask(key, "DBSIZE")) for key in keys])

    async def check(self) -> None:
        """Write, read and delete a key on every server."""
        for key in await self._servers.keys(PROBE_KEY):
            written = secrets.token_bytes(8)
            if await self._servers.ask(key, "EVAL", PROBE, 1, key, written) != written:
                raise StoreUnavailable("Redis does not return what was written")

    async def close(self) -> None:
        await self._servers.close()

    async def _put(self, id: str, version: bytes, data: bytes, ttl: float) -> bool:
        milliseconds = max(1, ceil(ttl * 1000))
        done = await PUT.run(self._servers, _key(id), version, data, milliseconds)
        return bool(done == 1)


def _key(id: str) -> bytes:
    return PREFIX + id.encode()
