"""Rate limits with fixed windows.

A single process counts in memory; several count on the Redis that stores the sessions.
"""

from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from app.sessions.stores.base import StoreUnavailable

if TYPE_CHECKING:
    from app.sessions.stores.redis import Redis

REQUESTS_WINDOW = 10  # seconds; long enough for a burst
BEGUN_WINDOW = 600  # seconds
PREFETCH = 100  # a request to Redis takes this fraction of a shared limit at once
ANSWER = 0.15  # seconds to wait for Redis, beside those that the store waits
AWAY = 1.0  # seconds to wait before asking an unresponsive Redis again

KEY = "backstep:limit:"
# A limit is one key, not one for each client: sessions are counted by the number of keys.
# ARGV: client, amount, milliseconds of the window.
COUNT = b"""
local counted = redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return {counted, redis.call('PTTL', KEYS[1])}
"""


class RateLimitExceeded(Exception):
    """A rate limit is used up.

    Attributes:
        what: the name of the limit.
        wait: whole seconds until its next window.
    """

    def __init__(self, what: str, wait: int) -> None:
        super().__init__(f"rate limit exceeded: {what}")
        self.what = what
        self.wait = wait


class RateLimit:
    """At most so many requests per client within so many seconds; 0 allows any number.

    On Redis, a process prefetches requests and spends them locally, so most requests need no round
    trip. What it does not spend is lost to the others: at most a hundredth of the limit. If Redis
    does not answer, requests pass; those that need a session get the 503 of the store.
    """

    def __init__(self, name: str, most: int, seconds: int, redis: "Redis | None" = None) -> None:
        self._name, self._most, self._seconds, self._redis = name, most, seconds, redis
        self._prefetch = max(1, most // PREFETCH)
        self._end = 0.0  # of the windows of all clients
        self._left: dict[str, int] = {}  # requests that a client has left; negative if refused

    async def spend(self, who: str) -> None:
        """Count a request of `who`; raises RateLimitExceeded if it is one too many."""
        if not self._most:
            return
        now = monotonic()
        if now >= self._end:
            self._end, self._left = now + self._seconds, {}
        left = self._left.get(who, 0 if self._redis else self._most)
        if left == 0 and self._redis:
            left = await self._fetch(who, self._redis)
        else:
            self._left[who] = left - 1
        if left <= 0:
            raise RateLimitExceeded(self._name, max(1, ceil(self._end - monotonic())))

    def check(self, who: str) -> None:
        """Raise RateLimitExceeded if `who` has nothing left, without counting anything."""
        is_over = self._left.get(who, 1) < (0 if self._redis else 1)
        if self._most and is_over and monotonic() < self._end:
            raise RateLimitExceeded(self._name, max(1, ceil(self._end - monotonic())))

    async def _fetch(self, who: str, redis: "Redis") -> int:
        """Count further requests on Redis, of which this is the first; return how many it allows."""
        allowed = self._prefetch
        # Concurrent requests spend what is being fetched, and fetch nothing themselves.
        self._left[who] = allowed - 1
        if monotonic() - redis.failed_at > AWAY:
            arguments = (KEY + self._name, who, allowed, 1000 * self._seconds)
            with suppress(StoreUnavailable):
                counted, milliseconds = await redis.ask("EVAL", COUNT, 1, *arguments)
                self._end = monotonic() + milliseconds / 1000
                allowed -= max(0, counted - self._most)
                if allowed < self._prefetch:
                    self._left[who] = allowed - 1
        return allowed


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits of a server: requests of a client and of a session, new sessions of a client, and its
    codes that lead nowhere."""

    client: RateLimit
    session: RateLimit
    begun: RateLimit
    guesses: RateLimit
    redis: "Redis | None" = None

    @classmethod
    def open(cls, url: str, client: int, session: int, begun: int, guesses: int = 0) -> Self:
        """Count in memory for an SQLite store, and on the Redis of `url` for others."""
        redis = None
        if urlsplit(url).scheme != "sqlite":
            from app.sessions.stores.redis import Redis  # late: SQLite needs no Redis client

            redis = Redis(url, ANSWER)
        return cls(
            RateLimit("client", client, REQUESTS_WINDOW, redis),
            RateLimit("session", session, REQUESTS_WINDOW, redis),
            RateLimit("begun", begun, BEGUN_WINDOW, redis),
            RateLimit("guesses", guesses, REQUESTS_WINDOW, redis),
            redis,
        )

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self.redis is not None:
            await self.redis.close()
