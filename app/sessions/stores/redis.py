"""Sessions in Redis or Valkey: for many server processes, on one host or on many.

A record is one hash under one key, and every change of it one script on that key; so the records
may be spread over a cluster. Redis drops what has expired by itself.
"""

import secrets
from math import ceil
from typing import Self

from app.sessions.stores.base import AnswerLost, Record, StoreUnavailable
from app.sessions.stores.redis_address import servers_at
from app.sessions.stores.redis_node import Script, Servers

PREFIX = b"backstep:session:"
PROBED = b"backstep:probe"

# ARGV: the version that the record must stand at ('' for none at all), its data, its milliseconds.
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
    """A store in one Redis database, or in a cluster.

    A change is sent once and never again: if its answer does not come, it may have been made, and
    AnswerLost says so. Connections that broke are made anew when they are needed, so a Redis that
    was away is used again as soon as it is back.

    What Redis has acknowledged it keeps as its own settings have it: with `appendonly yes` and
    `appendfsync always` all of it; with `everysec` a crash may take the last second with it, and
    the versions of that second are given out again. In a cluster, a replica that takes its
    master's place may lack what that had just acknowledged.
    """

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    @classmethod
    def open(cls, url: str) -> Self:
        """Use the Redis that `url` names; nothing is asked of it yet, so it may be away.

        Raises ValueError for an address of another form, without repeating any of it.
        """
        return cls(servers_at(url))

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        """See Store: False if the id is taken."""
        return await self._put(id, b"", data, ttl)

    async def get(self, id: str) -> Record | None:
        """See Store: the record, or None."""
        key = _key(id)
        version, data = await self._servers.ask(key, "HMGET", key, "version", "data")
        return None if version is None else Record(int(version), data)

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        """See Store: False unless the record stands at `version`."""
        try:
            return await self._put(id, b"%d" % version, data, ttl)
        except AnswerLost as error:
            error.version = version
            raise

    async def delete(self, id: str) -> bool:
        """See Store: False if there was none."""
        key = _key(id)
        return bool(await self._servers.ask(key, "DEL", key, changes=True) == 1)

    async def sweep(self) -> int:
        """See Store: Redis does it."""
        return 0

    async def count(self) -> int:
        """See Store: all keys of the database, which is a single number to Redis.

        To look for the sessions among them would be a walk through all, for every scrape of the
        metrics. So the sessions should have the database for themselves, or almost.
        """
        keys = await self._servers.keys(PROBED)
        return sum([int(await self._servers.ask(key, "DBSIZE")) for key in keys])

    async def check(self) -> None:
        """See Store: writes a key, reads it, and takes it away; on every server."""
        for key in await self._servers.keys(PROBED):
            written = secrets.token_bytes(8)
            if await self._servers.ask(key, "EVAL", PROBE, 1, key, written) != written:
                raise StoreUnavailable("Redis does not return what was written")

    async def close(self) -> None:
        """See Store."""
        await self._servers.close()

    async def _put(self, id: str, version: bytes, data: bytes, ttl: float) -> bool:
        lives = max(1, ceil(ttl * 1000))
        done = await PUT.run(self._servers, _key(id), version, data, lives)
        return bool(done == 1)


def _key(id: str) -> bytes:
    return PREFIX + id.encode()
