"""How often one may ask: so many times within a window, then not before it ends.

The counting is `limits`'. In one process it counts in memory, in several on the Redis that keeps
the sessions.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from cachetools import TTLCache
from limits import RateLimitItemPerSecond
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from app.sessions.stores.base import StoreUnavailable

if TYPE_CHECKING:
    from app.sessions.stores.redis_node import Servers

REQUESTS_WINDOW = 10  # seconds: a burst is no runaway
BEGUN_WINDOW = 600  # seconds
PREFETCH = 100  # in which a shared allowance is taken: one trip to Redis for so many-th of it
REMEMBERED = 100_000  # who holds a lump or is refused
AWAY = 1.0  # seconds without asking a Redis that did not answer

Clock = Callable[[], float]


class RateLimitExceeded(Exception):
    """Somebody has asked more often than is allowed.

    Attributes:
        what: the name of the allowance that is used up.
        wait: whole seconds until there is a new one.
    """

    def __init__(self, what: str, wait: int) -> None:
        super().__init__(f"too many: {what}")
        self.what = what
        self.wait = wait


class Windows(Storage):
    """Counts in this process, of one allowance: all of its windows end together, and are forgotten.

    The library's own storage walks through all that it knows after each hit, which takes 80 µs
    with a lecture hall in it; this takes two, whoever else there is.
    """

    STORAGE_SCHEME = None

    def __init__(self, seconds: float, clock: Clock = time.time) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._end = 0.0
        self._counts: dict[str, int] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """What counting here can fail with: nothing, but the library asks."""
        return ValueError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return how many that makes in this window."""
        now = self._clock()
        if now >= self._end:
            self._end, self._counts = now + self._seconds, {}
        self._counts[key] = count = self._counts.get(key, 0) + amount
        return count

    async def get(self, key: str) -> int:
        """How many were counted in this window."""
        return self._counts.get(key, 0) if self._clock() < self._end else 0

    async def get_expiry(self, key: str) -> float:
        """When the window ends."""
        return self._end

    async def check(self) -> bool:
        """Memory is always there."""
        return True

    async def reset(self) -> int:
        """Forget all counts."""
        self._end = 0.0
        return 0

    async def clear(self, key: str) -> None:
        """Forget one."""
        self._counts.pop(key, None)


class RateLimit:
    """So many times within so many seconds, for each of those who ask; 0 is without end."""

    def __init__(self, name: str, most: int, seconds: int, storage: Storage) -> None:
        self._name = name
        self._most = most
        self._seconds = seconds
        self._limiter = FixedWindowRateLimiter(storage)
        self._item = RateLimitItemPerSecond(max(most, 1), seconds, namespace=name)

    async def spend(self, who: str) -> None:
        """Count one request of `who`; raises RateLimitExceeded where it is one too many."""
        if self._most and not await self._limiter.hit(self._item, who):
            raise RateLimitExceeded(self._name, _whole(await self._left(who)))

    async def _left(self, who: str) -> float:
        """Seconds to the window's end."""
        reset, _ = await self._limiter.get_window_stats(self._item, who)
        return reset - time.time()


class SharedRateLimit(RateLimit):
    """The same, of all processes together: counted on Redis, in lumps.

    A lump is taken there and spent here, so that a trip is made once for many requests; what a
    process has taken and not spent is lost to the others, a hundredth of the whole at most. Whom
    Redis has refused is refused here until the window ends.

    If Redis does not answer, the request is let through: the sessions are kept there too, and the
    store says 503 in its own words. What needs no session goes on.
    """

    def __init__(self, name: str, most: int, seconds: int, storage: Storage) -> None:
        super().__init__(name, most, seconds, storage)
        self._lump = max(1, most // PREFETCH)
        self._held: TTLCache[str, int] = TTLCache(REMEMBERED, seconds)
        self._refused: TTLCache[str, float] = TTLCache(REMEMBERED, seconds)
        self._away_until = 0.0

    async def spend(self, who: str) -> None:
        """See Allowance."""
        if not self._most:
            return
        wait = self._refused.get(who, 0.0) - time.time()
        if wait > 0:
            raise RateLimitExceeded(self._name, _whole(wait))
        held = self._held.get(who, 0)
        # Those who ask meanwhile spend from the lump that is on its way, and fetch none.
        self._held[who] = held - 1 if held else self._lump - 1
        if not held and time.monotonic() >= self._away_until:
            await self._fetch(who)

    async def _fetch(self, who: str) -> None:
        try:
            if await self._limiter.hit(self._item, who, cost=self._lump):
                return
            wait = max(await self._left(who), 0.0)
        except StoreUnavailable:
            self._away_until = time.monotonic() + AWAY
            self._held.pop(who, None)  # it was not counted: it is asked for again
            return
        self._held.pop(who, None)
        self._refused[who] = time.time() + wait
        raise RateLimitExceeded(self._name, _whole(wait))


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What a server allows: requests of a client and of a session, and sessions that one begins."""

    client: RateLimit
    session: RateLimit
    begun: RateLimit
    shared: "Servers | None" = None

    @classmethod
    def open(cls, url: str, client: int, session: int, begun: int) -> Self:
        """Counted where the store at `url` is: in memory beside SQLite, else on its Redis."""
        servers: Servers | None = None
        allowance: Callable[[str, int, int], RateLimit] = _in_memory
        if urlsplit(url).scheme != "sqlite":
            # Imported only where it is used: SQLite needs no Redis client.
            from app.sessions.stores.redis_address import servers_at

            servers = servers_at(url)
            allowance = partial(_on_redis, servers)
        return cls(
            allowance("client", client, REQUESTS_WINDOW),
            allowance("session", session, REQUESTS_WINDOW),
            allowance("begun", begun, BEGUN_WINDOW),
            servers,
        )

    async def close(self) -> None:
        """Let go of connections."""
        if self.shared is not None:
            await self.shared.close()


def _in_memory(name: str, most: int, seconds: int) -> RateLimit:
    return RateLimit(name, most, seconds, Windows(seconds))


def _on_redis(servers: "Servers", name: str, most: int, seconds: int) -> RateLimit:
    from app.sessions.stores.redis_counters import SharedWindows

    return SharedRateLimit(name, most, seconds, SharedWindows(servers, name, seconds))


def _whole(seconds: float) -> int:
    return max(1, ceil(seconds))
