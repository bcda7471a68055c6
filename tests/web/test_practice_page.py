"""Practise: predict, check, reveal; nothing that is hidden is in any answer."""

from random import Random

import pytest
from starlette.applications import Starlette

from app.analysis.diagnosis import CUT, ROUNDED
from app.analysis.misconceptions import MISCONCEPTIONS
from app.examples.published import DECK
from app.sessions.codec import Stored, decode, encode
from app.sessions.practice import Practice
from app.simulation.simulation import Simulation
from app.view.exercises.practice_view import MISTAKES, coming
from tests.support.markup import Element
from tests.support.page_client import PageClient

ENDS = DECK.simulation.compiled.ends
TRACE = dict(
    zip((step.result for step in DECK.simulation.steps), DECK.simulation.trace(), strict=True)
)


@pytest.fixture
async def student(visitor: PageClient) -> PageClient:
    """Somebody who practises on the deck's network."""
    response = await visitor.post("/practise?preset=deck")
    assert response.status_code == 303
    await visitor.look(response.headers["Location"])
    return visitor


def blanks(page: Element) -> list[str]:
    return [each["name"] for each in page.all("input") if each.get("type") != "hidden"]


async def send(student: PageClient, do: str, **answers: str) -> Element:
    """Press a button of the page, and go where that leads."""
    form = {each["name"]: each.get("value") for each in student.page.all("input")}
    path = student.address.partition("?")[0]
    response = await student.post(path, form | answers | {"do": do})
    if response.status_code == 303:
        return await student.look(response.headers["Location"])
    assert response.status_code == 200, response.text
    return student.shown(response)


def right(page: Element) -> dict[str, str]:
    """The right answer of each blank, with four decimals."""
    return {name: f"{TRACE[name]:.4f}" for name in blanks(page)}


def record(page: Element) -> dict[str, str]:
    rows = [each for each in page.all("tr") if each.all("td")]
    return {row.all("th")[0].text: row.all("td")[0].text for row in rows}


@pytest.mark.parametrize("by", ["layer", "unit"])
async def test_no_answer_has_a_hidden_number(student: PageClient, by: str) -> None:
    """Through a whole iteration, with hints, wrong answers and right ones."""
    await student.look(f"{student.address}?by={by}")
    random, done = Random(19), 0
    trace, network = DECK.simulation.trace(), DECK.simulation.network
    for end in ENDS[by]:
        html = [*everything(student.page)]
        for _ in range(2):
            html += everything(await send(student, "hint"))
        wrong = {name: f"{random.uniform(3, 9):.3f}" for name in blanks(student.page)}
        html += everything(await send(student, "check", **wrong))
        known = {f"{abs(number):.4f}" for number in (*trace[:done], *network.parameters)}
        hidden = {f"{abs(number):.4f}" for number in trace[done:]} - known
        text = " ".join(html)
        assert len(hidden) > 1 or done > 55
        assert not [number for number in hidden if number in text], end
        if random.random() < 0.5:
            await send(student, "check", **right(student.page))
        else:
            await send(student, "reveal")
        assert (await student.state())["cursor"] == end
        done = end


def everything(page: Element) -> list[str]:
    """All text and all attributes but those of styles."""
    return [page.text, *(value or "" for each in page for value in each.attributes.values())]


async def test_a_right_answer_leads_on(student: PageClient) -> None:
    """All blanks have to be right; then the step is taken, and counts as right at once."""
    answers = right(student.page)
    first, *others = answers
    page = await send(student, "check", **{first: answers[first]})
    assert (await student.state())["cursor"] == 0
    assert blanks(page) == [first, *others]
    page = await send(student, "check", **answers)
    assert (await student.state())["cursor"] == 4
    assert record(page) == {"net of the hidden layer": "1 of 1"}


async def test_a_wrong_answer_is_named_and_counted_once(student: PageClient) -> None:
    """However often it is tried; its mistakes are counted, and all of it can be forgotten."""
    await send(student, "check", **right(student.page))
    answers = right(student.page) | {"out/1/0": f"{TRACE['net/1/0']:.4f}"}
    for _ in range(3):
        page = await send(student, "check", **answers)
        assert page.field("out/1/0")["value"] == answers["out/1/0"]
        assert "net was used in place of out" in page.text
    page = await send(student, "check", **right(student.page))
    assert record(page) == {
        "out of the hidden layer": "0 of 1",
        "net of the hidden layer": "1 of 1",
    }
    assert "net in place of out (1)" in page.text
    page = await send(student, "reveal")
    assert record(page)["net of the output layer"] == "0 of 1"
    page = await send(student, "forget")
    assert record(page) == {}


async def test_hints_name_the_operands_first(student: PageClient) -> None:
    """Then the formula; there is no third one."""
    [first, *_] = [each.text for each in (await send(student, "hint")).all("dd")]
    assert first.startswith("is computed from")
    assert "=" not in first
    [second, *_] = [each.text for each in (await send(student, "hint")).all("dd")]
    assert second.startswith("=")
    assert not [each for each in student.page.all("button") if each.get("value") == "hint"]


async def test_a_page_that_was_left_behind(student: PageClient) -> None:
    """It changes nothing."""
    old = student.page
    await send(student, "reveal")
    student.page = old
    await send(student, "reveal")
    assert (await student.state())["cursor"] == 4


async def test_into_the_next_iteration(student: PageClient) -> None:
    """After the last step comes the first of the next one."""
    await student.client.post(f"/n/{student.session}/update")
    await student.look(student.address)
    page = await send(student, "reveal")
    state = await student.state()
    assert (state["iteration"], state["cursor"]) == (1, 4)
    assert "iteration 2" in page.text


async def test_other_numbers(student: PageClient) -> None:
    """Each time new ones, with few digits; the record stays, and one undo brings the old ones back."""
    await send(student, "reveal")
    before = await student.state()
    seen = []
    for _ in range(3):
        page = await send(student, "renew")
        state = await student.state()
        seen.append(state["network"]["weights"])
        assert (state["iteration"], state["cursor"]) == (0, 0)
        assert state["network"]["layers"] == before["network"]["layers"]
        weights = [w for matrix in state["network"]["weights"] for row in matrix for w in row]
        assert all(round(weight, 1) == weight for weight in weights)
        assert record(page) == {"net of the hidden layer": "0 of 1"}
    assert seen[0] != seen[1] != seen[2]
    for _ in range(3):
        await student.client.post(f"/n/{student.session}/undo")
    assert (await student.state())["network"] == before["network"]


async def test_what_was_missed_is_kept_with_the_network(
    student: PageClient, app: Starlette
) -> None:
    """Other changes leave it alone, and a duplicate begins anew."""
    await send(student, "reveal")
    for path in ("step", "back"):
        await student.client.post(f"/n/{student.session}/{path}")
    assert record(await student.look(student.address)) == {"net of the hidden layer": "0 of 1"}
    copied = await student.post(f"/n/{student.session}/duplicate")
    assert copied.status_code == 303


def test_the_record_is_stored() -> None:
    """It is read back as it was, and a session of before has none."""
    practice = Practice().after("0.0.layer", "net/1", ["wrong_sign"], missed=True)
    stored = Stored(bytes(32), DECK.simulation, practice=practice)
    assert decode(encode(stored)) == stored
    assert practice.steps == (("net/1", 1, 1),)
    assert practice.after("0.0.layer", "net/1", [], missed=False) == practice
    again = practice.after("0.4.layer", "net/1", ["wrong_sign"], missed=False)
    assert (again.steps, again.mistakes) == ((("net/1", 2, 1),), (("wrong_sign", 2),))


def test_every_mistake_has_words() -> None:
    assert set(MISTAKES) == {*(each.name for each in MISCONCEPTIONS), CUT, ROUNDED}


@pytest.mark.parametrize("by", ["layer", "unit"])
def test_what_comes_next(by: str) -> None:
    """Step by step, all calculations of an iteration in order."""
    simulation: Simulation = DECK.simulation
    results, numbers = [], []
    while not simulation.finished:
        step_ahead = coming(simulation, by)
        results += [step.result for step in step_ahead.steps]
        numbers.append(step_ahead.number)
        simulation = simulation.step(by)
    assert results == [step.result for step in DECK.simulation.steps]
    assert numbers == list(range(1, len(ENDS[by]) + 1))
