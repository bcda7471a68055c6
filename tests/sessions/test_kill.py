"""The real server, killed in the middle of a load: what it has acknowledged is there after."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import my_networks
from tests.support.owner import Owner, client_of
from tests.support.server import AppServer, on_file

SESSIONS = 8
TABS = 3  # per session: this many steps may be in flight when the server dies
STEPS = 800
KILLED_AT = 400  # acknowledged steps; the others are asked of a server that is dying or dead
BEGUN = 30  # networks of one browser, when the server is killed
PATIENCE = 60  # seconds for the whole test


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AppServer]:
    """Start a server on a file."""
    with on_file(tmp_path) as server:
        yield server


async def load(server: AppServer, owners: list[Owner]) -> int:
    """Let every tab take steps until the server dies of it; return how many were asked for."""
    asked = acknowledged = 0

    async def tab(owner: Owner) -> None:
        nonlocal asked, acknowledged
        async with client_of(server.url) as client:
            while asked < STEPS:
                asked += 1
                try:
                    await owner.step(client)
                except httpx.TransportError:
                    return  # it is dead
                acknowledged += 1
                if acknowledged == KILLED_AT:
                    server.kill()

    await asyncio.gather(*(tab(owner) for owner in owners for _ in range(TABS)))
    return asked


async def begin(server: AppServer, begun: set[str]) -> str:
    """Begin networks in one browser, quickly, until the server dies of it; return its cookie."""
    cookie = ""
    async with client_of(server.url) as client:

        async def tab(number: int) -> None:
            for page in range(20):
                try:
                    answer = await my_networks.begin(client, f"p{number}{page}")
                except httpx.TransportError:
                    return
                assert answer.status_code == 200, answer.text
                begun.add(my_networks.id_of(answer))
                if len(begun) == BEGUN:
                    server.kill()

        await my_networks.begin(client, "first")
        cookie = client.cookies["backstep"]
        await asyncio.gather(*(tab(number) for number in range(TABS)))
    return cookie


async def test_a_killed_server_has_lost_no_network(server: AppServer) -> None:
    """Every network that was acknowledged is in the list after SIGKILL, and opens; what is beside it
    was in flight."""
    begun: set[str] = set()
    async with asyncio.timeout(PATIENCE):
        cookie = await begin(server, begun)
        assert not server.is_running
        server.start()
        async with client_of(server.url) as client:
            client.cookies.set("backstep", cookie)
            listed = await my_networks.listed(client)
            assert begun <= set(listed)
            assert len(listed) <= len(begun) + 1 + TABS
            for id in listed:
                assert (await client.get(f"/n/{id}")).status_code == 200
            assert set(await my_networks.listed(client)) == set(listed)


async def test_a_killed_server_has_lost_no_acknowledged_step(server: AppServer) -> None:
    """After SIGKILL under load every session stands at its last acknowledged version, or at one
    that was in flight, and is whole."""
    async with asyncio.timeout(PATIENCE), client_of(server.url) as client:
        owners = [Owner() for _ in range(SESSIONS)]
        for owner in owners:
            await owner.begin(client)
        asked = await load(server, owners)
        assert not server.is_running
        assert KILLED_AT < asked < STEPS

        server.start()
        for owner in owners:
            await owner.check(client, unknown=TABS)
