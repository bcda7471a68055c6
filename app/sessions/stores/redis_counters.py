"""Rate limit counts on the Redis that stores the sessions."""

import time
from zlib import crc32

from app.sessions.stores.counts import Counts
from app.sessions.stores.redis_node import Script, Servers

PREFIX = b"backstep:limit:"
# Sessions are counted by the number of keys, so clients must not have a key each. They share a few
# hashes, small enough for Redis to drop quickly.
KEYS = 16

# ARGV: client, amount, milliseconds of the window.
COUNT = Script(b"""
local counted = redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return counted
""")


class SharedWindows(Counts):
    """Counts of one limit, shared by all processes. Redis drops them at the end of a window.

    All methods raise StoreUnavailable.
    """

    def __init__(self, servers: Servers, name: str, seconds: float) -> None:
        super().__init__()
        self._servers = servers
        self._name = name.encode()
        self._milliseconds = round(seconds * 1000)

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count and return it."""
        return int(await COUNT.run(self._servers, self._key(key), key, amount, self._milliseconds))

    async def get(self, key: str) -> int:
        where = self._key(key)
        return int(await self._servers.ask(where, "HGET", where, key) or 0)

    async def get_expiry(self, key: str) -> float:
        where = self._key(key)
        milliseconds = int(await self._servers.ask(where, "PTTL", where))
        return time.time() + max(milliseconds, 0) / 1000

    def _key(self, client: str) -> bytes:
        return PREFIX + b"%s:%d" % (self._name, crc32(client.encode()) % KEYS)
