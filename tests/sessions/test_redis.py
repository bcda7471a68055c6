"""What is particular to Redis: its keys, a burst of requests, TLS."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.sessions.rate_limits import RateLimits
from app.sessions.stores.base import Record, StoreUnavailable
from app.sessions.stores.redis import CONNECTIONS, RedisStore
from tests.support.certificates import certificate
from tests.support.redis_server import (
    FOR_NOTHING,
    PROGRAM,
    RedisServer,
    monitored_redis,
    redis_server,
)
from tests.support.server import free_port

KEY = "backstep:session:a"
GUARD = 30  # seconds, after which a test that waits for Redis gives up


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[RedisStore]:
    """Open a store there."""
    store = RedisStore(server.url)
    yield store
    await store.close()


# Its keys.


async def test_a_record_is_one_key_that_redis_drops(store: RedisStore, server: RedisServer) -> None:
    """A session is a hash under a prefix, with an expiry that each write sets anew."""
    await store.create("a", b"one", 1_000)
    assert server.ask("KEYS *").split() == ["*1", f"${len(KEY)}", KEY]
    assert server.ask(f"TYPE {KEY}") == "+hash"
    assert 900_000 < int(server.ask(f"PTTL {KEY}")[1:]) <= 1_000_000
    await store.replace("a", 1, b"two", 0.5)
    assert 0 < int(server.ask(f"PTTL {KEY}")[1:]) <= 500


async def test_the_count_is_a_number_that_redis_knows(
    store: RedisStore, server: RedisServer
) -> None:
    """Counting does not look at each key, however many there are."""
    for number in range(50):
        await store.create(f"{number}", b"", 1_000)
    server.ask("CONFIG RESETSTAT")
    assert await store.count() == 50
    asked = server.ask("INFO commandstats")
    assert "cmdstat_dbsize:calls=1," in asked
    assert "cmdstat_scan" not in asked
    assert "cmdstat_keys" not in asked


async def test_a_key_of_another_kind_is_left_alone(store: RedisStore, server: RedisServer) -> None:
    """Where a session's key holds what is no session, that is said, and nothing written."""
    server.ask(f"SET {KEY} something")
    for attempt in (store.get("a"), store.create("a", b"", 9), store.replace("a", 1, b"", 9)):
        with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
            await attempt
    assert server.ask(f"GET {KEY}") == "$9\r\nsomething"


async def test_a_user_and_a_number(server: RedisServer) -> None:
    """A managed Redis has users with passwords; the number of the database counts."""
    assert server.ask("ACL SETUSER teacher on >a/b@c ~* +@all") == "+OK"
    store = RedisStore(f"redis://teacher:a%2Fb%40c@127.0.0.1:{server.port}/3")
    await store.create("a", b"one", 1_000)
    assert await store.count() == 1
    assert "db3:keys=1" in server.ask("INFO keyspace")
    await store.close()


# A burst.


async def test_a_burst_waits_for_its_turn(store: RedisStore, server: RedisServer) -> None:
    """Far more requests at once than connections are all answered."""
    await store.create("a", b"one", 1_000)
    records = await asyncio.gather(*(store.get("a") for _ in range(10 * CONNECTIONS)))
    assert records == [Record(1, b"one")] * (10 * CONNECTIONS)
    clients = server.ask("INFO clients").split("connected_clients:")[1].split()[0]
    assert int(clients) <= CONNECTIONS + 1  # and the one that asks


# Over TLS.


def without_tls() -> bool:
    """Whether another server than Debian's cannot speak TLS."""
    if PROGRAM == "redis-server":
        return False
    tried = subprocess.run([PROGRAM, "--port", "0", "--tls-port", "1"], capture_output=True)
    return b"TLS support" in tried.stdout


async def test_over_tls(tmp_path: Path) -> None:
    """The scheme rediss speaks TLS, to a server whose certificate is believed and to no other."""
    if without_tls():
        pytest.skip(f"{PROGRAM} was built without TLS")
    port, own = free_port(), certificate(tmp_path)
    key = f"{tmp_path}/key.pem"
    files = ("--tls-cert-file", f"{own}", "--tls-key-file", key)
    options = ("--tls-port", f"{port}", "--tls-auth-clients", "no", *files)
    with redis_server(tmp_path, *FOR_NOTHING, *options) as server:
        url = f"rediss://127.0.0.1:{port}/0"
        stranger = RedisStore(url)
        with pytest.raises(StoreUnavailable, match="certificate"):
            await stranger.check()
        await stranger.close()
        store = RedisStore(f"{url}?ssl_ca_certs={own}")
        assert await store.create("a", b"one", 1_000)
        assert await store.get("a") == Record(1, b"one")
        assert server.ask(f"EXISTS {KEY}") == ":1"
        await store.close()


# Behind sentinels.


async def test_a_primary_that_is_replaced(tmp_path: Path) -> None:
    """Sessions go on, at the server that the sentinel has promoted, over the same store; a sentinel
    that is away, first in the address, is passed over. Requests are counted there as well."""
    with monitored_redis(tmp_path) as (primary, replica, url):
        url = url.replace("//", f"//127.0.0.1:{free_port()},")
        store = RedisStore(url)
        limits = RateLimits.open(url, 2, 2, 2)
        await store.check()
        assert await store.create("a", b"one", 1_000)
        replica.wait_for(f"EXISTS {KEY}", ":1")
        primary.kill()
        async with asyncio.timeout(GUARD):
            while True:
                try:
                    changed = await store.replace("a", 1, b"two", 1_000)
                except StoreUnavailable:
                    await asyncio.sleep(0.05)
                else:
                    break
        assert changed
        assert await store.get("a") == Record(2, b"two")
        await limits.client.spend("a")
        assert replica.ask("HGET backstep:limit:client a") == "$1\r\n1"
        await limits.close()
        await store.close()
