"""Lectures: what those who follow get, and what they do not get."""

import json
import re
from asyncio import gather
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.classroom.questions import Questions
from app.classroom.refusals import AnswersClosed
from app.examples.published import DECK
from app.sessions.lecture import LETTERS, read_code
from app.settings import Settings
from app.view.panels.registry import PANELS
from tests.support.lab import Lab
from tests.support.page_client import PageClient


@pytest.fixture
async def lecture(lab: Lab) -> "Lecture":
    """A lecturer who has shared the deck's network."""
    await lab.create()
    shared = await lab.request("POST", "/share")
    assert shared.status_code == 201
    return Lecture(lab, shared.json()["code"])


class Lecture:
    """The lecturer, and somebody who follows."""

    def __init__(self, lab: Lab, code: str) -> None:
        self.lab, self.code, self.client = lab, code, lab.client

    @property
    def path(self) -> str:
        return f"/api/live/{self.code}"

    async def state(self) -> dict[str, Any]:
        answer = await self.client.get(self.path)
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    async def ask(self, address: str, **more: str) -> int:
        asked = await self.lab.request("POST", "/questions", json={"address": address, **more})
        assert asked.status_code == 201, asked.text
        number: int = asked.json()["question"]
        return number

    async def follower(self) -> str:
        follower: str = (await self.state())["follower"]
        return follower

    async def answer(self, number: int, text: str | float, follower: str) -> httpx.Response:
        body = {"question": number, "answer": text, "follower": follower}
        return await self.client.post(f"{self.path}/answers", json=body)

    async def counts(self, number: int) -> dict[str, Any]:
        counts: dict[str, Any] = (await self.lab.request("GET", f"/questions/{number}")).json()
        return counts

    async def reveal(self, number: int) -> dict[str, Any]:
        revealed = await self.lab.request("POST", f"/questions/{number}/reveal")
        assert revealed.status_code == 200, revealed.text
        counts: dict[str, Any] = revealed.json()
        return counts


async def test_followers_see_each_step_and_neither_id_nor_key(lecture: Lecture) -> None:
    lab = lecture.lab
    for cursor in (4, 8, 10):
        await lab.step()
        state = await lecture.state()
        assert (state["iteration"], state["cursor"]) == (0, cursor)
        for text in (json.dumps(state), (await lecture.client.get(f"/live/{lecture.code}")).text):
            assert lab.id not in text
            assert lab.id[:8] not in text
            assert lab.key not in text
    assert state["values"]["out"][1] == [None, None]


async def test_a_state_that_is_known_is_not_sent_again(lecture: Lecture) -> None:
    first = await lecture.client.get(lecture.path)
    again = await lecture.client.get(lecture.path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    await lecture.lab.step()
    later = await lecture.client.get(lecture.path, headers={"If-None-Match": first.headers["etag"]})
    assert later.status_code == 200


async def test_a_code_has_no_letters_that_look_alike(lecture: Lecture) -> None:
    assert re.fullmatch("[2-9A-HJ-NP-Z]{6}", lecture.code)
    assert not set("01OIL") & set(LETTERS)
    typed = f" {lecture.code[:3].lower()} {lecture.code[3:].lower()} "
    assert read_code(typed) == lecture.code
    found = await lecture.client.get("/live", params={"code": typed})
    assert found.headers["location"] == f"/live/{lecture.code}"


async def test_sharing_twice_keeps_the_code(lecture: Lecture) -> None:
    again = await lecture.lab.request("POST", "/share")
    assert again.json()["code"] == lecture.code


async def test_the_code_ends_with_sharing(lecture: Lecture) -> None:
    assert (await lecture.lab.request("DELETE", "/share")).status_code == 204
    for path in (lecture.path, f"{lecture.path}/events", f"/live/{lecture.code}"):
        assert (await lecture.client.get(path)).status_code == 404
    assert (await lecture.client.post(f"{lecture.path}/copy", json={})).status_code == 404
    new = (await lecture.lab.request("POST", "/share")).json()["code"]
    assert new != lecture.code


async def test_a_deleted_network_is_shared_no_longer(lecture: Lecture) -> None:
    await lecture.lab.request("DELETE")
    assert (await lecture.client.get(lecture.path)).status_code == 404


async def test_a_copy_is_that_very_moment_and_changes_nothing(lecture: Lecture) -> None:
    lab = lecture.lab
    await lab.step(by="unit", count=30)
    copied = await lecture.client.post(f"{lecture.path}/copy", json={})
    assert copied.status_code == 201
    content, original = copied.json(), await lab.state()
    assert content["id"] != lab.id
    same = {"iteration", "cursor", "network", "values", "examples", "learning_rate"}
    assert {name: content["state"][name] for name in same} == {
        name: original[name] for name in same
    }
    own = {"Authorization": f"Bearer {content['key']}"}
    await lecture.client.post(f"/api/sessions/{content['id']}/step", headers=own)
    assert await lab.state() == original
    theirs = await lecture.client.post(f"{lab.path}/step", headers=own)
    assert theirs.status_code == 404


async def test_a_pause_keeps_what_followers_see(lecture: Lecture, app: Starlette) -> None:
    lab, sharing = lecture.lab, app.state.classroom.sharing
    await lab.step()
    await sharing.pause(lab.id, lab.key)
    await lab.step(count=3)
    state = await lecture.state()
    assert (state["cursor"], state["paused"]) == (4, True)
    await sharing.resume(lab.id, lab.key)
    state = await lecture.state()
    assert (state["cursor"], state["paused"]) == (12, False)


async def test_a_question_is_counted_by_right_answers_and_mistakes(lecture: Lecture) -> None:
    """δ_O1 = (0.5832 − 1)·0.5832·(1 − 0.5832) = −0.1013. With target − out it is 0.1013, and without
    the derivative −0.4168."""
    await lecture.lab.step(by="phase")
    number = await lecture.ask("delta/2/0")
    answers = {"-0.1013": 3, "−0.1013": 1, "0.1013": 2, "-0.4168": 1, "7": 1}
    for text, times in answers.items():
        for _ in range(times):
            taken = await lecture.answer(number, text, await lecture.follower())
            assert taken.json() == {"taken": True}
    assert await lecture.counts(number) == {
        "answers": 8,
        "revealed": False,
        "right": 0,
        "mistakes": [],
        "unexplained": 0,
    }
    counts = await lecture.reveal(number)
    assert (counts["answers"], counts["right"], counts["unexplained"]) == (8, 4, 1)
    assert {each["kind"]: each["count"] for each in counts["mistakes"]} == {
        "wrong_sign": 2,
        "slope_left_out": 1,
    }
    state = await lecture.state()
    assert state["values"]["delta"][1][0] == pytest.approx(-0.1013, abs=5e-5)
    said = (await lecture.answer(number, "0.1013", await lecture.follower())).json()
    assert said["correct"] is False
    assert said["mistakes"][0]["kind"] == "wrong_sign"
    assert (await lecture.counts(number))["answers"] == 8


@pytest.mark.parametrize(
    ("body", "right", "wrong"),
    [
        ({"kind": "sign", "address": "delta/2/0"}, "negative", "positive"),
        (
            {"kind": "larger", "address": "delta/2/0", "other": "delta/2/1"},
            "delta/2/1",
            "delta/2/0",
        ),
    ],
)
async def test_a_question_with_choices(
    lecture: Lecture, body: dict[str, str], right: str, wrong: str
) -> None:
    await lecture.lab.step(by="phase")
    number = await lecture.ask(**body)
    for text in (right, right, wrong):
        assert (await lecture.answer(number, text, await lecture.follower())).status_code == 200
    refused = await lecture.answer(number, "perhaps", await lecture.follower())
    assert refused.status_code == 422
    counts = await lecture.reveal(number)
    assert (counts["answers"], counts["right"]) == (3, 2)


async def test_an_answer_can_be_changed_until_it_is_revealed(lecture: Lecture) -> None:
    number, follower = await lecture.ask("net/1/0"), await lecture.follower()
    for text in ("1", "2", "-0.25"):
        await lecture.answer(number, text, follower)
    assert (await lecture.counts(number))["answers"] == 1
    counts = await lecture.reveal(number)
    assert (counts["answers"], counts["right"]) == (1, 1)


async def test_stuffed_answers_change_no_count(lecture: Lecture) -> None:
    """Ids that were made up, of another lecture, or altered are refused; one that is used often
    counts once; what comes too late does not count."""
    lab = lecture.lab
    number, follower = await lecture.ask("net/1/0"), await lecture.follower()
    await lecture.answer(number, "-0.25", follower)
    other = Lab(lecture.client)
    await other.create()
    code = (await other.request("POST", "/share")).json()["code"]
    foreign = (await lecture.client.get(f"/api/live/{code}")).json()["follower"]
    forged = [
        foreign,
        follower[:-1] + ("A" if follower[-1] != "A" else "B"),
        "",
        "x" * 29,
        f"{follower}x",
    ]
    for each in forged:
        assert (await lecture.answer(number, "1", each)).status_code == 422
    for _ in range(200):
        await lecture.answer(number, "-0.25", follower)
    fields, page = {"question": str(number), "answer": "1"}, f"/live/{lecture.code}/answers"
    lecture.client.cookies.clear()
    for _ in range(20):
        assert (await lecture.client.post(page, data=fields)).status_code == 403
    assert (await lecture.counts(number))["answers"] == 1
    await lecture.reveal(number)
    late = await lecture.answer(number, "9", await lecture.follower())
    assert late.json()["correct"] is False
    assert (await lecture.counts(number))["answers"] == 1
    assert lab.id


async def test_while_a_value_is_asked_no_answer_contains_it(lecture: Lecture) -> None:
    """Searched for in every byte of what the lecturer and the followers can get."""
    lab, client = lecture.lab, lecture.client
    await lab.step(by="phase")
    value = DECK.simulation.step("phase").step("phase").value("delta/2/0")
    assert value is not None
    number = await lecture.ask("delta/2/0")
    hidden = [f"{value!r}"[1:12], f"{value:.4f}"[1:]]
    paths = [
        *("", "/steps", "/errors", "/travel", "/gradient-check", "/derivation/delta/2/0", "/link"),
        *("/slope/weight/1/0/0", "/script", f"/questions/{number}"),
        *(f"/export/{name}" for name in EXPORTS),
    ]
    bodies = {path: await lab.request("GET", path) for path in paths}
    bodies["diagnose"] = await lab.request(
        "POST", "/diagnose", json={"address": "delta/2/0", "answer": "-0.1013"}
    )
    bodies["step"] = await lab.request("POST", "/step", json={"by": "unit"})
    bodies["live"] = await client.get(lecture.path)
    bodies["page"] = await client.get(f"/live/{lecture.code}")
    bodies["update"] = await client.get(f"/live/{lecture.code}/update")
    bodies["copy"] = await client.post(f"{lecture.path}/copy", json={})
    for path, response in bodies.items():
        for text in hidden:
            assert text not in response.text, (path, text)
    refused = (
        "/gradient-check",
        "/derivation/delta/2/0",
        "/slope/weight/1/0/0",
        "diagnose",
        "step",
        "copy",
    )
    assert {path: bodies[path].status_code for path in refused} == dict.fromkeys(refused, 409)


EXPORTS = (
    "session.json",
    "parameters.csv",
    "steps.csv",
    "history.csv",
    "run.py",
    "steps.py",
    "graph.svg",
)


async def test_a_question_must_be_about_what_comes(lecture: Lecture) -> None:
    await lecture.lab.step(by="phase")
    for body in (
        {"address": "net/1/0"},
        {"address": "nonsense/1"},
        {"address": "out/0/0"},
        {"address": "delta/2/0", "kind": "larger"},
        {"address": "delta/2/0", "kind": "larger", "other": "delta/2/0"},
        {"address": "delta/2/0", "kind": "colour"},
    ):
        assert (await lecture.lab.request("POST", "/questions", json=body)).status_code == 422
    await lecture.ask("delta/2/0")
    again = await lecture.lab.request("POST", "/questions", json={"address": "delta/2/1"})
    assert again.status_code == 409


async def test_at_the_end_of_an_iteration_the_next_one_is_asked(lecture: Lecture) -> None:
    """The weights have changed: net_H1 of iteration 2 is another one than −0.25."""
    await lecture.lab.train(1)
    value = DECK.simulation.train(1).step("unit").value("net/1/0")
    number = await lecture.ask("net/1/0")
    await lecture.answer(number, repr(value), await lecture.follower())
    assert (await lecture.reveal(number))["right"] == 1
    state = await lecture.state()
    assert (state["iteration"], state["cursor"]) == (1, 4)


async def test_guessed_codes_are_limited(settings: Settings, lecture: Lecture) -> None:
    """Those who follow already are not shut out by it."""
    followed = await lecture.client.get(f"/live/{lecture.code}")
    assert followed.status_code == 200
    statuses = []
    for number in range(settings.code_guesses + 20):
        guess = "".join(LETTERS[(number // 30**place) % 30] for place in range(6))
        statuses.append((await lecture.client.get(f"/api/live/{guess}")).status_code)
    assert statuses[: settings.code_guesses] == [404] * settings.code_guesses
    assert set(statuses[settings.code_guesses :]) == {429}
    assert (await lecture.client.get(lecture.path)).status_code == 429
    assert (await lecture.client.get(f"/live/{lecture.code}")).status_code == 200


async def test_a_thousand_join_from_one_address(lecture: Lecture) -> None:
    for _ in range(1_000):
        assert (await lecture.client.get(f"/live/{lecture.code}")).status_code == 200


async def test_followers_never_get_a_step_that_was_not_taken(lecture: Lecture) -> None:
    """Over an iteration, searched for in every byte: neither a value to come, nor id, nor key."""
    lab, client, shown = lecture.lab, lecture.client, ""
    simulation = DECK.simulation
    while not simulation.finished:
        following = simulation.step("layer")
        known = set(map(abs, (*simulation.trace()[: simulation.cursor], *simulation.start.state)))
        coming = following.trace()[simulation.cursor : following.cursor]
        hidden = [f"{value!r}"[:9] for value in coming if abs(value) not in known and value % 0.1]
        updated = await client.get(f"/live/{lecture.code}/update", params={"shown": shown})
        shown = updated.json()["to"]
        answers = [
            updated,
            await client.get(lecture.path),
            await client.get(f"/live/{lecture.code}"),
        ]
        for answer in answers:
            for text in (*hidden, lab.id[:8], lab.key[:8]):
                assert text not in answer.text, (simulation.cursor, text)
        simulation = following
        assert (await lab.step())["cursor"] == simulation.cursor


@pytest.fixture
async def lecturer(visitor: PageClient) -> str:
    """Somebody at the page, after the forward pass; the path of the network."""
    await visitor.post("/view", {"by": "phase"})
    await visitor.look()
    await visitor.press("Step")
    return f"/n/{visitor.session}"


async def test_while_a_value_is_asked_no_page_of_the_lecturer_contains_it(
    visitor: PageClient, lecturer: str
) -> None:
    client = visitor.client
    asked = await client.post(f"{lecturer}/ask", data={"kind": "number", "address": "delta/2/0"})
    assert asked.status_code == 303
    html = {"Accept": "text/html"}
    pages = [
        "",
        "/present",
        "/speaker",
        "/summary",
        "/script",
        "/sheet?answers=1",
        "/beside?step=40",
    ]
    pages += ["?at=delta/2/0", "?at=weight/1/0/0~weight_gradient/1/0/0", "?focus=delta/2/0"]
    for panel in ("", *PANELS):
        await client.post(f"{lecturer}/view", data={"panel": panel}, headers=html)
        for page in pages if not panel else [""]:
            answer = await client.get(f"{lecturer}{page}", headers=html)
            assert answer.status_code in (200, 409), (panel, page)
            for text in ("0.101300531", "0.1013"):
                assert text not in answer.text, (panel, page)
    pressed = await client.post(f"{lecturer}/step", headers=html)
    assert pressed.status_code == 409
    assert "0.1013" not in pressed.text
    revealed = await client.post(f"{lecturer}/reveal", headers=html)
    assert revealed.status_code == 303
    assert "0.1013" in (await client.get(lecturer, headers=html)).text


async def test_the_speaker_can_ask_what_was_pinned(visitor: PageClient, lecturer: str) -> None:
    """The built-in script asks for δ_O1 where the chain rule is explained."""
    client = visitor.client
    script = (await client.get(f"/api/sessions/{visitor.session}/script")).json()
    pin = next(number for number, each in enumerate(script, 1) if "question" in each)
    await client.post(f"{lecturer}/script/go", data={"pin": str(pin)})
    page = (await client.get(f"{lecturer}/speaker")).text
    assert "Ask the class" in page
    await client.post(f"{lecturer}/step")
    assert "Ask the class" not in (await client.get(f"{lecturer}/speaker")).text


async def test_answers_that_come_together(lecture: Lecture, app: Starlette) -> None:
    """Those that wait for each other are all written; those that come too late are all refused."""
    number = await lecture.ask("net/1/0")
    everybody = [await lecture.follower() for _ in range(60)]
    taken = await gather(*(lecture.answer(number, "-0.25", each) for each in everybody))
    assert [answer.json() for answer in taken] == [{"taken": True}] * 60
    assert (await lecture.counts(number))["answers"] == 60
    room = await app.state.classroom.sharing.find(lecture.code)
    session = room.session
    await lecture.reveal(number)
    questions: Questions = app.state.classroom.questions
    late = (questions.answer(session, number, each, "1") for each in everybody)
    refused = await gather(*late, return_exceptions=True)
    assert [type(each) for each in refused] == [AnswersClosed] * 60
    assert (await lecture.counts(number))["right"] == 60


async def test_the_next_iteration_may_have_other_steps(visitor: PageClient) -> None:
    """With two examples and the mean of their gradients, only every second iteration moves the weights:
    at the end of the first one, the new weights of the second can be asked for, and no sums."""
    client = visitor.client
    await visitor.look("/?preset=and")
    await visitor.press("Step")
    fields = {"update": "mean", "order": "given", "shuffle": "1"}
    assert (await client.post(f"/n/{visitor.session}/passes", data=fields)).status_code == 303
    await visitor.look(f"/n/{visitor.session}")
    await visitor.press("Update")
    network = f"/n/{visitor.session}"
    simulation = (await client.get(f"/api/sessions/{visitor.session}")).json()
    assert simulation["network"]["update"] == "mean"
    examples = len(simulation["examples"])
    await client.post(f"/api/sessions/{visitor.session}/train", json={"iterations": examples - 2})
    asked = await client.post(f"{network}/ask", data={"kind": "number", "address": "weight/0/0/0"})
    assert asked.status_code == 303, asked.text
    for page in ("", "/present", "/speaker"):
        assert (await client.get(f"{network}{page}")).status_code == 200, page
    await client.post(f"{network}/reveal")
    state = (await client.get(f"/api/sessions/{visitor.session}")).json()
    assert state["iteration"] == examples - 1
    assert state["step"]["kind"] == "weight_update"
