"""A walk that alternates between two processes is the walk on one."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.conftest import Fleet
from tests.support.app_server import AppServer, Owner, client_of, on_file

MOVES = 300
Move = tuple[str, str, dict[str, Any]]


@pytest.fixture
def single(tmp_path: Path) -> Iterator[AppServer]:
    """Start a server of its own, on SQLite."""
    with on_file(tmp_path) as server:
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


async def test_a_walk_over_two_processes(fleet: Fleet, single: AppServer) -> None:
    """Of a few hundred moves that two processes make in turn, each answer is, to the last digit,
    that of a process which makes them all."""
    here, there = Owner(), Owner()
    walk = moves(random.Random(4))
    async with client_of(fleet.url) as many, client_of(single.url) as one:
        await here.begin(many)
        await there.begin(one)
        for number in range(MOVES):
            move = next(walk)
            assert await made(many, here, move) == await made(one, there, move), (number, move)
    share = [taken(server) for server in fleet.servers]
    assert sum(share) == MOVES
    assert min(share) > MOVES / 3


async def test_a_browser_over_two_processes(fleet: Fleet, single: AppServer) -> None:
    """A browser's cookie is good for either process, and the page is the same everywhere."""
    names = ("step", "step", "back", "forward", "update")
    async with client_of(fleet.url) as many, client_of(single.url) as one:
        for number in range(40):
            path, headers = f"/{names[number % len(names)]}", {"HX-Request": "true"}
            pages = [await client.post(path, headers=headers) for client in (many, one)]
            assert [page.status_code for page in pages] == [200, 200]
            assert pages[0].content == pages[1].content
            assert ("Set-Cookie" in pages[0].headers) == (number == 0)
