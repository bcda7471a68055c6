"""Processes and Redis killed in the middle of a load: every step is made exactly once, and every
network is begun once."""

import asyncio
import time

import httpx

from tests.deploy.conftest import Fleet
from tests.support import my_networks
from tests.support.load import PAUSE, TABS, Account, begun, check, load
from tests.support.owner import client_of
from tests.support.server import AppServer

STEPS = 1_500
PAGES = 20  # of each tab, on which a network is begun
PATIENCE = 240  # seconds after which a test that hangs is ended; none is decided by it


def takes_part(server: AppServer) -> None:
    """Wait until the proxy has found a server that was started again."""
    until = time.monotonic() + PATIENCE
    while "/api/sessions/{id}/step" not in server.ask("/metrics").text:
        assert time.monotonic() < until
        time.sleep(0.05)


async def test_either_process_killed(fleet: Fleet) -> None:
    """When one process is killed, comes back, and the other is killed, steps that are repeated until
    they are acknowledged are made once."""
    account = Account()
    one, other = fleet.servers

    async def kill_in_turn() -> None:
        await account.until(acknowledged=400)
        one.kill()
        await account.until(acknowledged=account.acknowledged + 200)
        await asyncio.to_thread(one.start)
        await asyncio.to_thread(takes_part, one)
        await account.until(acknowledged=900)
        other.kill()
        await account.until(acknowledged=account.acknowledged + 200)

    async with asyncio.timeout(PATIENCE):
        owners = await begun(fleet)
        await load(fleet, owners, account, STEPS, kill_in_turn())
        await check(fleet, owners)
    assert account.refused.keys() <= {0, 409, 502, 503, 504}


async def test_redis_killed_and_restarted(fleet: Fleet) -> None:
    """While Redis is down no step is acknowledged, and afterwards each was made once."""
    account = Account()

    async def kill_and_restart() -> None:
        await account.until(acknowledged=STEPS // 2)
        fleet.redis.kill()
        await account.until(refused=100)
        for server in fleet.servers:
            ready = await asyncio.to_thread(server.ask, "/readyz")
            assert (ready.status_code, ready.headers["Retry-After"]) == (503, "5")
            assert ready.headers["Content-Type"] == "application/problem+json"
            assert (await asyncio.to_thread(server.ask, "/healthz")).status_code == 200
        await asyncio.to_thread(fleet.redis.start)
        await account.until(acknowledged=account.acknowledged + 200)

    async with asyncio.timeout(PATIENCE):
        owners = await begun(fleet)
        await load(fleet, owners, account, STEPS, kill_and_restart())
        await check(fleet, owners)
    assert account.refused[503] >= 100
    for server in fleet.servers:
        assert (await asyncio.to_thread(server.ask, "/readyz")).status_code == 200


async def test_redis_killed_while_networks_are_begun(fleet: Fleet) -> None:
    """Presses that are repeated until they are acknowledged begin one network each; all are in the
    browser's list, and open."""
    begun: list[str] = []
    account = Account()

    async def press(client: httpx.AsyncClient, page: str) -> bool:
        try:
            answer = await my_networks.begin(client, page)
        except httpx.TransportError:
            return await account.enter(0)
        if answer.status_code == 200:
            begun.append(my_networks.id_of(answer))
        return await account.enter(answer.status_code)

    async def tab(client: httpx.AsyncClient, number: int) -> None:
        page = 0
        while page < PAGES:
            if await press(client, f"p{number}-{page}"):
                page += 1
            else:
                await asyncio.sleep(PAUSE)

    async def kill_and_restart() -> None:
        await account.until(acknowledged=TABS * PAGES // 2)
        fleet.redis.kill()
        await account.until(refused=10 * TABS)
        await asyncio.to_thread(fleet.redis.start)

    async with asyncio.timeout(PATIENCE), client_of(fleet.url) as client:
        assert await press(client, "first")
        tabs = [tab(client, number) for number in range(TABS)]
        await asyncio.gather(*tabs, kill_and_restart())
        listed = await my_networks.listed(client)
        assert sorted(listed) == sorted(begun)
        assert len(set(listed)) == 1 + TABS * PAGES
        for id in listed:
            assert (await client.get(f"/n/{id}")).status_code == 200
    assert account.refused.keys() <= {0, 503}
