"""A lecture over two processes behind nginx: nobody who follows stands anywhere but at its step."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.examples.published import DECK
from tests.deploy.conftest import Fleet
from tests.support.owner import Owner, client_of
from tests.support.server import on_file

FOLLOWERS = 24
STEPS = 40
AT_ONCE = 2.0  # seconds in which everybody must be at the lecturer's step
PATIENCE = 60
Moment = tuple[int, int]


@dataclass
class Follower:
    """Somebody whose program reads the events of a lecture."""

    url: str
    code: str
    at: Moment | None = None
    id: str = ""
    events: int = 0
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def join(self) -> None:
        self._task = asyncio.create_task(self._read())

    async def leave(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _read(self) -> None:
        async with client_of(self.url) as client:
            name = ""
            async with client.stream(
                "GET", f"/api/live/{self.code}/events", timeout=None
            ) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                async for line in answer.aiter_lines():
                    kind, _, text = line.partition(": ")
                    if kind == "event":
                        name = text
                    elif kind == "data":
                        self._heed(name, httpx.Response(200, text=text).json())

    def _heed(self, name: str, content: dict[str, Any]) -> None:
        if name == "follower":
            self.id = self.id or content["follower"]
        elif name == "state":
            self.at, self.events = (content["iteration"], content["cursor"]), self.events + 1


@dataclass
class Lecture:
    """A lecturer behind the proxy."""

    client: httpx.AsyncClient
    owner: Owner
    code: str = ""

    async def share(self) -> None:
        answer = await self._post("/share")
        self.code = answer.json()["code"]

    async def _post(self, path: str, **body: Any) -> httpx.Response:
        address = f"/api/sessions/{self.owner.id}{path}"
        answer = await self.client.post(
            address, json=body or None, headers=self.owner.authorization
        )
        assert answer.status_code < 300, answer.text
        return answer

    async def step(self, **body: Any) -> Moment:
        state = (await self._post("/step", **body)).json()
        return state["iteration"], state["cursor"]

    async def ask(self, address: str) -> int:
        number: int = (await self._post("/questions", address=address)).json()["question"]
        return number

    async def reveal(self, number: int) -> dict[str, Any]:
        counts: dict[str, Any] = (await self._post(f"/questions/{number}/reveal")).json()
        return counts


@asynccontextmanager
async def lecturing(url: str) -> AsyncIterator[Lecture]:
    async with client_of(url) as client:
        lecture = Lecture(client, Owner())
        await lecture.owner.begin(client)
        await lecture.share()
        yield lecture


async def until(happened: Callable[[], bool], seconds: float = AT_ONCE) -> None:
    """Wait for something that must happen soon."""
    for _ in range(int(100 * seconds)):
        if happened():
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"it has not happened within {seconds} s")


async def test_everybody_ends_at_the_lecturers_step(shared_fleet: Fleet) -> None:
    """Over two processes; some join late, some lose the connection in between."""
    rng = random.Random(17)
    places = [server.url for server in shared_fleet.servers]
    async with lecturing(shared_fleet.url) as lecture, asyncio.timeout(PATIENCE):
        everybody = [Follower(places[number % 2], lecture.code) for number in range(FOLLOWERS)]
        for follower in everybody[: FOLLOWERS // 2]:
            follower.join()
        at: Moment = (0, 0)
        for number in range(STEPS):
            at = await lecture.step(by=rng.choice(("unit", "layer")))
            if number == STEPS // 3:
                for follower in everybody[FOLLOWERS // 2 :]:
                    follower.join()
            if number % 5 == 0:  # somebody's Wi-Fi is lost, and comes back at the next step
                lost = rng.choice(everybody[: FOLLOWERS // 2])
                await lost.leave()
                at = await lecture.step(by="unit")
                lost.join()
        await until(lambda: all(follower.at == at for follower in everybody))
        for follower in everybody:
            await follower.leave()


async def test_no_answer_is_lost_or_counted_twice(shared_fleet: Fleet) -> None:
    """Half of the class answers while its stream is down, many change their answer, and some send it
    twice at the same time to both processes."""
    places = [server.url for server in shared_fleet.servers]
    async with (
        lecturing(shared_fleet.url) as lecture,
        client_of(places[0]) as one,
        client_of(places[1]) as other,
        asyncio.timeout(PATIENCE),
    ):
        everybody = [Follower(places[number % 2], lecture.code) for number in range(FOLLOWERS)]
        for follower in everybody:
            follower.join()
        await until(lambda: all(follower.id for follower in everybody), PATIENCE)
        question = await lecture.ask("net/1/0")
        for follower in everybody[::2]:
            await follower.leave()

        async def answer(client: httpx.AsyncClient, follower: Follower, text: str) -> None:
            body = {"question": question, "answer": text, "follower": follower.id}
            answered = await client.post(f"/api/live/{lecture.code}/answers", json=body)
            assert answered.json() == {"taken": True}, answered.text

        async with asyncio.TaskGroup() as answers:
            for follower in everybody:
                for client in (one, other):
                    answers.create_task(answer(client, follower, "0.25"))
        async with asyncio.TaskGroup() as answers:
            for number, follower in enumerate(everybody):
                text = "-0.25" if number % 3 else "-0.35"
                answers.create_task(answer((one, other)[number % 2], follower, text))
        for follower in everybody[::2]:
            follower.join()
        counts = await lecture.reveal(question)
        wrong = (FOLLOWERS + 2) // 3
        assert (counts["answers"], counts["right"]) == (FOLLOWERS, FOLLOWERS - wrong)
        await until(lambda: all(follower.at == (0, 4) for follower in everybody))
        for follower in everybody:
            await follower.leave()


async def test_a_lecture_survives_a_restart(tmp_path: Path) -> None:
    """One process on SQLite: the code, an open question and its answers are there again."""
    with on_file(tmp_path) as server:
        async with lecturing(server.url) as lecture, client_of(server.url) as client:
            await lecture.step(by="layer")
            question = await lecture.ask("out/1/0")
            live = (await client.get(f"/api/live/{lecture.code}")).json()
            body = {"question": question, "answer": "0.4378", "follower": live["follower"]}
            await client.post(f"/api/live/{lecture.code}/answers", json=body)
        server.kill()
        server.start()
        async with client_of(server.url) as client:
            again = Lecture(client, lecture.owner, lecture.code)
            live = (await client.get(f"/api/live/{lecture.code}")).json()
            assert (live["cursor"], live["question"]["question"]) == (4, question)
            body["answer"] = "0.5"  # changes the answer, as the id is still the same
            taken = await client.post(f"/api/live/{lecture.code}/answers", json=body)
            assert taken.json() == {"taken": True}
            counts = await again.reveal(question)
            assert (counts["answers"], counts["right"]) == (1, 0)


@pytest.mark.parametrize("coding", ["gzip", "identity"])
async def test_events_are_the_same_in_every_coding(tmp_path: Path, coding: str) -> None:
    """A block that is compressed once for all can be read from wherever a stream begins."""
    with on_file(tmp_path) as server:
        async with lecturing(server.url) as lecture, client_of(server.url) as client:
            for number in range(3):
                await lecture.step(by="layer")
                texts = []
                path, headers = f"/live/{lecture.code}/events", {"Accept-Encoding": coding}
                async with client.stream("GET", path, headers=headers) as answer:
                    assert answer.headers.get("content-encoding", "identity") == coding
                    async for line in answer.aiter_lines():
                        texts.append(line)
                        if line.startswith("data: "):
                            break
                expected = DECK.simulation.step("layer", number + 1)
                assert f'"to":"{lecture.code}.' in texts[-1]
                live = (await client.get(f"/api/live/{lecture.code}")).json()
                assert live["cursor"] == expected.cursor
