"""Counts of what is asked for, on the Redis that keeps the sessions."""

import time
from zlib import crc32

from limits.aio.storage import Storage

from app.sessions.stores.redis_node import Script, Servers

PREFIX = b"backstep:limit:"
# Sessions are counted by the number of keys, so those who ask must not be a key each. They are
# spread over a few, so that it takes no time to speak of when Redis drops one with all in it.
KEYS = 16

# ARGV: who, how many more, the window's milliseconds.
COUNT = Script(b"""
local counted = redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return counted
""")


class SharedWindows(Storage):
    """Counts of one allowance, of all processes together; what is counted is dropped by Redis.

    Raises StoreUnavailable.
    """

    STORAGE_SCHEME = None

    def __init__(self, servers: Servers, name: str, seconds: float) -> None:
        super().__init__()
        self._servers = servers
        self._name = name.encode()
        self._milliseconds = round(seconds * 1000)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library would wrap: nothing."""
        return ValueError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return how many that makes in this window."""
        return int(await COUNT.run(self._servers, self._key(key), key, amount, self._milliseconds))

    async def get(self, key: str) -> int:
        """How many were counted in this window."""
        where = self._key(key)
        return int(await self._servers.ask(where, "HGET", where, key) or 0)

    async def get_expiry(self, key: str) -> float:
        """When the window ends."""
        where = self._key(key)
        left = int(await self._servers.ask(where, "PTTL", where))
        return time.time() + max(left, 0) / 1000

    async def check(self) -> bool:
        """The store is asked that."""
        return True

    async def reset(self) -> None:
        """Nobody asks for it: windows end by themselves."""
        raise NotImplementedError

    async def clear(self, key: str) -> None:
        """Forget one."""
        where = self._key(key)
        await self._servers.ask(where, "HDEL", where, key, changes=True)

    def _key(self, who: str) -> bytes:
        return PREFIX + b"%s:%d" % (self._name, crc32(who.encode()) % KEYS)
