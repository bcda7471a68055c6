"""How often one may ask: counted in memory, and by several processes together."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.sessions import rate_limits
from app.sessions.rate_limits import (
    BEGUN_WINDOW,
    PREFETCH,
    REQUESTS_WINDOW,
    RateLimit,
    RateLimitExceeded,
    RateLimits,
)
from app.sessions.stores.redis import Redis
from app.settings import Settings
from tests.support.clock import Clock
from tests.support.redis_server import RedisServer

STUDENTS = 1_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Put a clock of the tests in the place of the limits' own."""
    clock = Clock()
    monkeypatch.setattr(rate_limits, "monotonic", clock)
    return clock


def asked(redis: RedisServer) -> int:
    """How often Redis was asked to count since it was last told to forget."""
    calls = redis.ask("INFO commandstats").partition("cmdstat_eval:calls=")[2].partition(",")[0]
    return int(calls or 0)


@pytest.fixture
async def connections(redis: RedisServer) -> AsyncIterator[tuple[Redis, Redis]]:
    """Connect two processes to an empty Redis, which then forgets what it was asked."""
    assert redis.ask("FLUSHALL") == "+OK"
    redis.ask("CONFIG RESETSTAT")
    one, two = Redis(redis.url), Redis(redis.url)
    yield one, two
    await one.close()
    await two.close()


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


async def test_a_window(clock: Clock) -> None:
    """So many are allowed, whatever others ask; then none before the window has ended."""
    allowance = RateLimit("client", 3, 10)
    assert await spent(allowance, "a", 5) == 3
    assert await spent(allowance, "b", 5) == 3
    clock.now += 9.9
    assert await spent(allowance, "a", 1) == 0
    clock.now += 0.1
    assert await spent(allowance, "a", 5) == 3


async def test_refusal_says_when_to_come_back(clock: Clock) -> None:
    """Whole seconds until the window ends, and at least one."""
    allowance = RateLimit("client", 1, 10)
    await allowance.spend("a")
    for later, wait in ((0.0, 10), (5.5, 5), (4.4, 1)):
        clock.now += later
        with pytest.raises(RateLimitExceeded) as refused:
            await allowance.spend("a")
        assert (refused.value.what, refused.value.wait) == ("client", wait)


async def test_zero_is_no_limit(connections: tuple[Redis, Redis], redis: RedisServer) -> None:
    """0 turns it off, in memory and shared, where nothing is asked then."""
    assert await spent(RateLimit("client", 0, 10), "a", 100) == 100
    assert await spent(RateLimit("client", 0, 10, connections[0]), "a", 100) == 100
    assert asked(redis) == 0


async def test_old_windows_are_forgotten(clock: Clock) -> None:
    """However many have asked, what is kept is that of one window."""
    allowance = RateLimit("client", 3, 10)
    for index in range(100):
        await allowance.spend(f"{index}")
    clock.now += 10
    await allowance.spend("a")
    assert allowance._left == {"a": 2}


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


# Counted on Redis.


async def test_shared_by_processes(connections: tuple[Redis, Redis]) -> None:
    """Two processes together allow as much as one, but for what they fetched and did not spend."""
    most = 1_000
    one, two = (RateLimit("client", most, 600, each) for each in connections)
    allowed = 0
    for _ in range(most):
        allowed += await spent(one, "a", 1) + await spent(two, "a", 1)
    assert most - 2 * most // PREFETCH <= allowed <= most
    assert await spent(one, "b", 100) == 100


async def test_small_limits_are_exact(connections: tuple[Redis, Redis], redis: RedisServer) -> None:
    """Of a limit that is not worth fetching ahead, each request is counted; the refusal says when
    the window ends that all processes share."""
    one, two = (RateLimit("client", 2, 10, each) for each in connections)
    await one.spend("a")
    await two.spend("a")
    for limit in (one, two):
        with pytest.raises(RateLimitExceeded) as refused:
            await limit.spend("a")
        assert 1 <= refused.value.wait <= 10
    assert await spent(one, "a", 100) == 0
    assert asked(redis) == 4


async def test_a_shared_window_ends(connections: tuple[Redis, Redis], clock: Clock) -> None:
    """When Redis has dropped the counts, both processes allow the whole limit anew."""
    one, two = (RateLimit("client", 2, 1, each) for each in connections)
    assert await spent(one, "a", 3) == 2
    assert await spent(two, "a", 1) == 0
    await asyncio.sleep(1.05)
    clock.now += 1.05
    assert await spent(two, "a", 3) == 2


async def test_shared_asks_seldom(connections: tuple[Redis, Redis], redis: RedisServer) -> None:
    """One trip for ten requests, also when all come at once, and then none is refused; none for
    whom was refused."""
    allowance = RateLimit("client", 1_000, 600, connections[0])
    for number in (10, 11, 29):
        await asyncio.gather(*(allowance.spend("a") for _ in range(number)))
    assert asked(redis) == 5
    await spent(allowance, "a", 2_000)
    assert asked(redis) == PREFETCH + 1


async def test_those_who_are_counted_are_no_sessions(
    connections: tuple[Redis, Redis], redis: RedisServer
) -> None:
    """All clients of a limit share a key, which Redis drops by itself."""
    allowance = RateLimit("client", 10, 600, connections[0])
    for number in range(100):
        await allowance.spend(f"{number}")
    assert redis.ask("DBSIZE") == ":1"
    assert 0 < int(redis.ask("PTTL backstep:limit:client")[1:]) <= 600_000


async def test_redis_away(tmp_path: Path) -> None:
    """What cannot be counted is let through, to where the store says that it is away; each request
    does not wait for the counting anew, nor does each limit, and afterwards all is counted."""
    server = RedisServer(tmp_path)
    away = Redis(server.url)
    one, two = (RateLimit(name, 100, 600, away) for name in ("client", "session"))
    assert await spent(one, "a", 500) == 500
    failed_at = away.failed_at
    assert failed_at > 0
    assert await spent(two, "b", 500) == 500
    assert away.failed_at == failed_at
    server.start()
    away.failed_at -= rate_limits.AWAY
    assert await spent(two, "b", 500) == 100
    await away.close()
    server.kill()
