"""Rate limits with fixed windows, built on the `limits` library.

A single process counts in memory; several count on the Redis that stores the sessions.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from cachetools import TTLCache
from limits import RateLimitItemPerSecond
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from app.sessions.stores.base import StoreUnavailable
from app.sessions.stores.counts import Counts

if TYPE_CHECKING:
    from app.sessions.stores.redis_node import Servers

REQUESTS_WINDOW = 10  # seconds; long enough for a burst
BEGUN_WINDOW = 600  # seconds
PREFETCH = 100  # a request to Redis takes this fraction of a shared limit at once
REMEMBERED = 100_000  # keys with prefetched or refused requests
AWAY = 1.0  # seconds to wait before asking an unresponsive Redis again


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


class Windows(Counts):
    """In-memory counts of one limit. All of its windows end together and are then dropped.

    The library's own storage walks through all its keys after every hit, which takes 80 µs with the
    clients of a lecture; this takes 2 µs with any number.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._end = 0.0
        self._counts: dict[str, int] = {}

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count and return it."""
        now = self._clock()
        if now >= self._end:
            self._end, self._counts = now + self._seconds, {}
        self._counts[key] = count = self._counts.get(key, 0) + amount
        return count

    async def get(self, key: str) -> int:
        return self._counts.get(key, 0) if self._clock() < self._end else 0

    async def get_expiry(self, key: str) -> float:
        return self._end


class RateLimit:
    """At most so many requests per key within so many seconds; 0 allows any number."""

    def __init__(self, name: str, most: int, seconds: int, storage: Storage) -> None:
        self._name = name
        self._most = most
        self._limiter = FixedWindowRateLimiter(storage)
        self._item = RateLimitItemPerSecond(max(most, 1), seconds, namespace=name)

    async def spend(self, who: str) -> None:
        """Count a request of `who`; raises RateLimitExceeded if it is one too many."""
        if self._most and not await self._limiter.hit(self._item, who):
            raise self._exceeded(await self._seconds_left(who))

    def _exceeded(self, wait: float) -> RateLimitExceeded:
        return RateLimitExceeded(self._name, max(1, ceil(wait)))

    async def _seconds_left(self, who: str) -> float:
        reset, _ = await self._limiter.get_window_stats(self._item, who)
        return reset - time.time()


class SharedRateLimit(RateLimit):
    """A rate limit shared by all processes, counted on Redis.

    A process prefetches requests from Redis and spends them locally, so most requests need no round
    trip. What it does not spend is lost to the others: at most a hundredth of the limit. A key that
    Redis refused is refused here until the window ends.

    If Redis does not answer, requests pass. Those that need a session fail anyway, with a 503 of
    the store, which is on the same Redis; the others go on.
    """

    def __init__(self, name: str, most: int, seconds: int, storage: Storage) -> None:
        super().__init__(name, most, seconds, storage)
        self._prefetch = max(1, most // PREFETCH)
        self._available: TTLCache[str, int] = TTLCache(REMEMBERED, seconds)
        self._refused: TTLCache[str, float] = TTLCache(REMEMBERED, seconds)
        self._away_until = 0.0

    async def spend(self, who: str) -> None:
        if not self._most:
            return
        wait = self._refused.get(who, 0.0) - time.time()
        if wait > 0:
            raise self._exceeded(wait)
        available = self._available.get(who, 0)
        # Concurrent requests spend what is being fetched, and fetch nothing themselves.
        self._available[who] = (available or self._prefetch) - 1
        if not available and time.monotonic() >= self._away_until:
            await self._fetch(who)

    async def _fetch(self, who: str) -> None:
        try:
            if await self._limiter.hit(self._item, who, cost=self._prefetch):
                return
            wait = max(await self._seconds_left(who), 0.0)
        except StoreUnavailable:
            self._away_until = time.monotonic() + AWAY
            self._available.pop(who, None)  # nothing was counted, so fetch again
            return
        self._available.pop(who, None)
        self._refused[who] = time.time() + wait
        raise self._exceeded(wait)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits of a server: requests of a client and of a session, and new sessions of a client."""

    client: RateLimit
    session: RateLimit
    begun: RateLimit
    shared: "Servers | None" = None

    @classmethod
    def open(cls, url: str, client: int, session: int, begun: int) -> Self:
        """Count in memory for an SQLite store, and on the Redis of `url` for others."""
        servers: Servers | None = None
        if urlsplit(url).scheme != "sqlite":
            # Imported late: SQLite needs no Redis client.
            from app.sessions.stores.redis_address import servers_at

            servers = servers_at(url)
        return cls(
            _limit("client", client, REQUESTS_WINDOW, servers),
            _limit("session", session, REQUESTS_WINDOW, servers),
            _limit("begun", begun, BEGUN_WINDOW, servers),
            servers,
        )

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self.shared is not None:
            await self.shared.close()


def _limit(name: str, most: int, seconds: int, servers: "Servers | None") -> RateLimit:
    if servers is None:
        return RateLimit(name, most, seconds, Windows(seconds))
    from app.sessions.stores.redis_counters import SharedWindows

    return SharedRateLimit(name, most, seconds, SharedWindows(servers, name, seconds))
