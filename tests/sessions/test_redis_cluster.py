"""What is particular to a cluster of several Redis: who has a key, and where it has gone."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.sessions.rate_limits import RateLimitExceeded, RateLimits
from app.sessions.stores.base import AnswerLost, Record, Store, StoreUnavailable, open_store
from app.sessions.stores.redis import RedisStore
from app.sessions.stores.redis_cluster import Address, Cluster
from app.sessions.stores.redis_node import Node
from tests.sessions.test_redis_faults import cut_wire
from tests.support.owner import Owner, client_of, replayed
from tests.support.redis_server import KEYS_OF, RedisCluster, RedisServer
from tests.support.server import AppServer, free_port, stored

LONG = 1_000.0
MANY = 100  # sessions at once, more than there are connections to a node


@pytest.fixture(scope="session")
def store_url(cluster: RedisCluster) -> str:
    """Address of the cluster, whatever is in it."""
    return cluster.url


@pytest.fixture
async def store(store_url: str, cluster: RedisCluster) -> AsyncIterator[Store]:
    """Open an empty store on the cluster."""
    cluster.order("FLUSHALL")
    opened = await open_store(store_url)
    yield opened
    await opened.close()


def calls(cluster: RedisCluster, command: str) -> int:
    """How often the nodes were asked for it since they were last told to forget."""
    said = [node.ask("INFO commandstats") for node in cluster.nodes]
    found = [each.partition(f"cmdstat_{command}:calls=")[2].partition(",")[0] for each in said]
    return sum(int(each or 0) for each in found)


async def test_sessions_are_spread_and_counted(store: Store, cluster: RedisCluster) -> None:
    """Every node keeps some of them, and the count is that of all; checked are all nodes."""
    for number in range(MANY):
        assert await store.create(f"{number}", b"", LONG)
    kept = [int(node.ask("DBSIZE")[1:]) for node in cluster.nodes]
    assert all(kept)
    assert sum(kept) == MANY == await store.count()
    cluster.order("CONFIG RESETSTAT")
    await store.check()
    assert [node.ask("INFO commandstats").count("cmdstat_eval:") for node in cluster.nodes] == [
        1,
        1,
        1,
    ]


async def test_one_node_leads_to_all(cluster: RedisCluster) -> None:
    """An address may name one node, or nodes that are gone beside one that is there."""
    for url in (
        f"redis+cluster://127.0.0.1:{cluster.nodes[1].port}",
        f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{cluster.nodes[2].port}",
    ):
        store = await open_store(url)
        await store.check()
        await store.close()


async def test_a_slot_on_its_way(store: Store, cluster: RedisCluster) -> None:
    """While a slot moves, its sessions are found on either node, also by many at once; each change
    is made once, and new sessions begin where it will be."""
    for number in range(MANY):
        assert await store.create(f"{{a}}{number}", b"one", LONG)
    with cluster.moving(f"{KEYS_OF}{{a}}") as target:
        created = [store.create(f"{{a}}{number}", b"new", LONG) for number in range(2 * MANY)]
        assert await asyncio.gather(*created) == [False] * MANY + [True] * MANY
        assert target.ask("DBSIZE") != ":0"
        changed = [store.replace(f"{{a}}{number}", 1, b"two", LONG) for number in range(2 * MANY)]
        assert all(await asyncio.gather(*changed))
    read = await asyncio.gather(*(store.get(f"{{a}}{number}") for number in range(2 * MANY)))
    assert read == [Record(2, b"two")] * 2 * MANY
    assert await store.count() == 2 * MANY


async def test_a_slot_that_has_moved(store: Store, cluster: RedisCluster) -> None:
    """Whoever still asks the node that had a slot is sent on, and then knows."""
    assert await store.create("b", b"one", LONG)
    with cluster.moving(f"{KEYS_OF}b"):
        pass
    assert await store.replace("b", 1, b"two", LONG)
    assert not await store.replace("b", 1, b"lost", LONG)
    cluster.order("CONFIG RESETSTAT")
    assert await store.get("b") == Record(2, b"two")
    assert calls(cluster, "hmget") == 1


async def test_the_address_of_one_redis_does_not_do(cluster: RedisCluster) -> None:
    """Whoever gives a cluster's node as a single Redis is told which address it needs."""
    elsewhere = [node for node in cluster.nodes if node is not cluster.holder(f"{KEYS_OF}a")]
    store = RedisStore.open(elsewhere[0].url)
    with pytest.raises(StoreUnavailable, match=r"redis\+cluster://"):
        await store.get("a")
    await store.close()


async def test_a_single_redis_is_no_cluster(redis: RedisServer) -> None:
    """Nor the other way about."""
    store = await open_store(redis.url.replace("redis://", "redis+cluster://"))
    with pytest.raises(StoreUnavailable, match="cluster support disabled"):
        await store.check()
    await store.close()


async def test_a_change_whose_answer_is_lost_is_not_made_twice(
    store: Store, cluster: RedisCluster
) -> None:
    """Where the connection to a node breaks after the change, it is sent to no node again."""
    assert await store.create("a", b"one", LONG)
    holder = cluster.holder(f"{KEYS_OF}a")
    async with cut_wire(holder, b"EVALSHA") as url:
        wire = int(url.rpartition(":")[2].partition("/")[0])

        def through_the_wire(address: Address) -> Node:
            host, port = address
            return Node.open({"host": host, "port": wire if port == holder.port else port})

        wired = RedisStore(Cluster([("127.0.0.1", holder.port)], through_the_wire))
        cluster.order("CONFIG RESETSTAT")
        with pytest.raises(AnswerLost):
            await wired.replace("a", 1, b"two", LONG)
        assert calls(cluster, "evalsha") == 1
        assert await wired.get("a") == Record(2, b"two")
        await wired.close()


async def test_a_node_that_hangs(store: Store, cluster: RedisCluster) -> None:
    """Sessions of the other nodes go on; its own, and the check, say so and are well afterwards."""
    assert await store.create("a", b"one", LONG)
    hangs = cluster.holder(f"{KEYS_OF}a")
    other = next(id for id in "bcdefgh" if cluster.holder(f"{KEYS_OF}{id}") is not hangs)
    assert await store.create(other, b"one", LONG)
    assert hangs.process is not None
    hangs.process.send_signal(signal.SIGSTOP)
    try:
        for attempt in (store.get("a"), store.replace("a", 1, b"two", LONG), store.check()):
            with pytest.raises(StoreUnavailable):
                await attempt
        assert await store.replace(other, 1, b"two", LONG)
    finally:
        hangs.process.send_signal(signal.SIGCONT)
    await store.check()
    assert await store.get("a") in (Record(1, b"one"), Record(2, b"two"))


async def test_what_is_asked_for_is_counted(store: Store, cluster: RedisCluster) -> None:
    """Two processes count together on a cluster; those who ask are no sessions, however many."""
    one, two = (RateLimits.open(cluster.url, 2, 2, 2) for _ in range(2))
    await one.client.spend("a")
    await two.client.spend("a")
    with pytest.raises(RateLimitExceeded) as refused:
        await one.client.spend("a")
    assert 1 <= refused.value.wait <= 10
    await asyncio.gather(*(two.session.spend(f"{number}") for number in range(MANY)))
    assert await store.count() < MANY // 2
    await one.close()
    await two.close()


async def test_a_server_on_a_cluster(tmp_path: Path, cluster: RedisCluster) -> None:
    """Steps go on while the session's slot is on its way and after it, and each counts."""
    server = AppServer(tmp_path, stored(cluster.url))
    server.start()
    try:
        async with client_of(server.url) as client:
            owner = Owner()
            await owner.begin(client)
            await owner.step(client)
            with cluster.moving(f"{KEYS_OF}{owner.id}"):
                await owner.step(client)
            await owner.step(client)
            assert owner.acknowledged == [1, 2, 3, 4]
            assert await owner.state(client) == replayed(owner.id, 3)
            assert (await client.get("/readyz")).status_code == 200
            assert "\nbackstep_sessions " in (await client.get("/metrics")).text
    finally:
        server.kill()
