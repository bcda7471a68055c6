"""How often one may ask: counted in memory, and by several processes together."""

import asyncio

import pytest

from app.sessions.rate_limits import (
    BEGUN_WINDOW,
    PREFETCH,
    REQUESTS_WINDOW,
    RateLimit,
    RateLimitExceeded,
    RateLimits,
    SharedRateLimit,
    Windows,
)
from app.sessions.stores.base import StoreUnavailable
from app.settings import Settings

STUDENTS = 1_000


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Away(Windows):
    """A storage that does not answer, and knows how often it was asked."""

    asked = 0

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        self.asked += 1
        raise StoreUnavailable("away")


async def spent(allowance: RateLimit, who: str, times: int) -> int:
    """How many of so many requests were allowed."""
    allowed = 0
    for _ in range(times):
        try:
            await allowance.spend(who)
        except RateLimitExceeded:
            continue
        allowed += 1
    return allowed


async def test_a_window() -> None:
    """So many are allowed, whatever others ask; then none before the window has ended."""
    clock = Clock()
    allowance = RateLimit("client", 3, 10, Windows(10, clock))
    assert await spent(allowance, "a", 5) == 3
    assert await spent(allowance, "b", 5) == 3
    clock.now += 9.9
    assert await spent(allowance, "a", 1) == 0
    clock.now += 0.1
    assert await spent(allowance, "a", 5) == 3


async def test_refusal_says_when_to_come_back() -> None:
    """Whole seconds, at least one and at most the window."""
    allowance = RateLimit("client", 1, 10, Windows(10))
    await allowance.spend("a")
    with pytest.raises(RateLimitExceeded) as refused:
        await allowance.spend("a")
    assert 1 <= refused.value.wait <= 10
    assert refused.value.what == "client"


async def test_zero_is_no_limit() -> None:
    """0 turns it off, in memory and shared."""
    assert await spent(RateLimit("client", 0, 10, Windows(10)), "a", 100) == 100
    assert await spent(SharedRateLimit("client", 0, 10, Away(10)), "a", 100) == 100


async def test_old_windows_are_forgotten() -> None:
    """However many have asked, what is kept is that of one window."""
    clock = Clock()
    windows = Windows(10, clock)
    for index in range(100):
        await windows.incr(f"{index}", 10)
    clock.now += 10
    await windows.incr("a", 10)
    assert [await windows.get(key) for key in ("0", "a")] == [0, 1]
    assert len(windows._counts) == 1


async def test_lecture_hall_is_never_limited() -> None:
    """1,000 students behind one address: each begins a session, loads the page thrice and presses
    once a second, all within one window."""
    defaults = Settings()
    allowances = of(defaults)
    assert BEGUN_WINDOW > REQUESTS_WINDOW
    for student in range(STUDENTS):
        await allowances.begun.spend("hall")
        for _ in range(REQUESTS_WINDOW + 3):
            await allowances.client.spend("hall")
            await allowances.session.spend(f"{student}")


async def test_runaway_is_limited() -> None:
    """A session that is pressed 200 times a second is refused before the window ends."""
    allowances = of(Settings())
    assert await spent(allowances.session, "runaway", 200 * REQUESTS_WINDOW) < 1_500
    assert await spent(allowances.session, "another", 10) == 10


def of(settings: Settings) -> RateLimits:
    return RateLimits.open(
        "sqlite:///unused.db",
        settings.client_requests,
        settings.session_requests,
        settings.client_sessions,
    )


async def test_shared_by_processes() -> None:
    """Two processes together allow as much as one, but for the lumps that they have not spent."""
    storage, most = Windows(10), 1_000
    one, two = (SharedRateLimit("client", most, 10, storage) for _ in range(2))
    allowed = 0
    for _ in range(most):
        allowed += await spent(one, "a", 1) + await spent(two, "a", 1)
    assert most - 2 * most // PREFETCH <= allowed <= most
    assert await spent(one, "b", 100) == 100


async def test_shared_asks_seldom() -> None:
    """One trip for a lump, also when all come at once; and none for whom was refused."""
    asked = 0

    class Slow(Windows):
        async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0)
            return await super().incr(key, expiry, amount)

    allowance = SharedRateLimit("client", 1_000, 10, Slow(10))
    await asyncio.gather(*(allowance.spend("a") for _ in range(50)))
    assert asked == 5
    await spent(allowance, "a", 2_000)
    assert asked == PREFETCH + 1


async def test_shared_storage_away() -> None:
    """What cannot be counted is let through, to where the store says that it is away; and each
    request does not wait for the counting anew."""
    storage = Away(10)
    allowance = SharedRateLimit("client", 100, 10, storage)
    assert await spent(allowance, "a", 500) == 500
    assert storage.asked == 1
