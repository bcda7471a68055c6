"""Two processes behind a proxy answer as one does."""

import asyncio
import random
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.view.rendering.page_state import PRESS
from tests.deploy.conftest import Fleet
from tests.support.owner import Owner, client_of
from tests.support.server import AppServer, on_file

MOVES = 150
PATIENCE = 120  # seconds after which a test that hangs is ended; none is decided by it
Move = tuple[str, str, dict[str, Any]]


ADDRESS = re.compile(r"/(?:n|api/sessions)/[\w-]{22}|data-shown=\"[^\"]*\"")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """Start a server of its own, on SQLite."""
    with on_file(tmp_path_factory.mktemp("single")) as server:
        yield server


def moves(random: random.Random) -> Iterator[Move]:
    """Everything that changes a session, mixed."""
    by = ("unit", "layer", "phase")
    while True:
        choices: list[Move] = [
            ("POST", "/step", {"by": random.choice(by), "count": random.randint(1, 5)}),
            ("POST", "/back", {"by": random.choice(by), "count": random.randint(1, 5)}),
            ("POST", random.choice(("/forward", "/backward", "/update")), {}),
            ("POST", "/train", {"iterations": random.randint(1, 40)}),
            ("PATCH", "", {"learning_rate": random.uniform(0.1, 2)}),
            ("PATCH", "", {"biases": [[random.gauss(0, 1)], [random.gauss(0, 1)]]}),
            ("POST", "/reset", {}),
        ]
        yield from random.choices(choices, weights=[8, 4, 4, 2, 1, 1, 0.1])


async def made(client: httpx.AsyncClient, owner: Owner, move: Move) -> str:
    """The answer to a move, as it was sent, but for the session's id."""
    method, path, body = move
    address = f"/api/sessions/{owner.id}{path}"
    answer = await client.request(method, address, json=body, headers=owner.authorization)
    assert answer.status_code == 200, answer.text
    return answer.text.replace(owner.id, "")


def taken(server: AppServer) -> int:
    """How many requests for a session a process has answered."""
    lines = server.ask("/metrics").text.splitlines()
    counts = [line for line in lines if line.startswith("backstep_requests_total{")]
    return sum(int(float(line.split()[-1])) for line in counts if "/api/sessions/{id}" in line)


async def test_a_walk_over_two_processes(shared_fleet: Fleet, single: AppServer) -> None:
    """Each answer of two processes that take turns is that of a single process, to the last digit."""
    here, there = Owner(), Owner()
    before = [taken(server) for server in shared_fleet.servers]
    walk = moves(random.Random(4))
    async with client_of(shared_fleet.url) as many, client_of(single.url) as one:
        await here.begin(many)
        await there.begin(one)
        for number in range(MOVES):
            move = next(walk)
            assert await made(many, here, move) == await made(one, there, move), (number, move)
    share = [taken(s) - b for s, b in zip(shared_fleet.servers, before, strict=True)]
    assert sum(share) == MOVES
    assert min(share) > MOVES / 3


async def test_a_browser_over_two_processes(shared_fleet: Fleet, single: AppServer) -> None:
    """A browser's cookie is accepted by either process, and the page is the same but for the address
    of the network."""
    names = ("step", "step", "back", "forward", "update")
    async with client_of(shared_fleet.url) as many, client_of(single.url) as one:
        for number in range(40):
            path = f"/{names[number % len(names)]}"
            headers = {"HX-Request": "true", PRESS: f"page.{number}~"}
            pages = [await client.post(path, headers=headers) for client in (many, one)]
            assert [page.status_code for page in pages] == [200, 200]
            contents = [ADDRESS.sub("", page.text) for page in pages]
            assert contents[0] == contents[1]
            assert ("Set-Cookie" in pages[0].headers) == (number == 0)


async def test_stopped_by_the_other_process(shared_fleet: Fleet) -> None:
    """A training that one process streams can be stopped through the other, and is kept."""
    one, other = shared_fleet.servers
    htmx = {"HX-Request": "true"}
    async with asyncio.timeout(PATIENCE), client_of(one.url) as here, client_of(other.url) as there:
        begun = await here.post(
            "/train?layers=8-8-8-8-8&seed=3", data={"iterations": "100000"}, headers=htmx
        )
        assert begun.status_code == 200
        there.cookies.set("backstep", here.cookies["backstep"])
        address = begun.headers["HX-Replace-Url"]
        said: list[str] = []
        async with here.stream("GET", f"{address}/training/events") as events:
            async for line in events.aiter_lines():
                said.append(line)
                if sum(each.startswith("data:") for each in said) == 2:
                    stopped = await there.post(f"{address}/train/stop", headers=htmx)
                    assert "Their results are kept." in stopped.text
        assert said.count("event: over") == 1
        id = address.removeprefix("/n/")
        states = [(await each.get(f"/api/sessions/{id}")).json() for each in (here, there)]
        assert states[0] == states[1]
        assert 0 < states[0]["iteration"] < 99_999
        assert f'"done":{states[0]["iteration"] + 1},' in said[said.index("event: over") + 1]
