"""Practise: predict, check, reveal; nothing that is hidden is in any answer."""

from dataclasses import replace
from random import Random
from zlib import crc32

import msgspec
import pytest
from starlette.applications import Starlette

from app.analysis.diagnosis import CUT, ROUNDED
from app.analysis.misconceptions import MISCONCEPTIONS
from app.examples.published import DECK
from app.exercises.asked_steps import kinds_of
from app.sessions.codec import FORMAT, HEADER, Stored, decode, encode
from app.sessions.practice import Practice
from app.view.exercises.practice_view import MISTAKES
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
    """The names of the fields for numbers, in their order."""
    return [each["name"] for each in page.all("input") if "type" not in each.attributes]


async def send(student: PageClient, do: str, **answers: str) -> Element:
    """Press a button of the page, and go where that leads."""
    form = {
        each["name"]: each.get("value")
        for each in student.page.all("input")
        if each.get("type") not in ("checkbox", "radio")
    }
    response = await student.post(student.address, form | answers | {"do": do})
    if response.status_code == 303:
        return await student.look(response.headers["Location"])
    assert response.status_code == 200, response.text
    return student.shown(response)


def right(page: Element) -> dict[str, str]:
    """The right answer of each blank, with four decimals."""
    return {name: f"{TRACE[name]:.4f}" for name in blanks(page)}


async def choose(student: PageClient, by: str, *kinds: str) -> Element:
    """Choose what is asked; all kinds if none is named."""
    named = kinds or kinds_of(DECK.simulation.network.shape)
    return await send(student, "choose", by=by, **{f"kind/{kind}": "1" for kind in named})


def record(page: Element) -> dict[str, str]:
    rows = [each for each in page.all("tr") if each.all("td")]
    return {row.all("th")[0].text: row.all("td")[0].text for row in rows}


@pytest.mark.parametrize("by", ["layer", "unit"])
async def test_no_answer_has_a_hidden_number(student: PageClient, by: str) -> None:
    """Through a whole iteration, with hints, wrong answers and right ones."""
    await choose(student, by)
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


async def test_only_the_chosen_kinds_are_asked(student: PageClient) -> None:
    """What comes between is taken and shown, with one change that one undo takes back."""
    page = await choose(student, "layer", "delta", "bias_update")
    assert "question 1 of 4" in page.text
    asked, cursors = [], []
    for _ in range(4):
        asked.append(blanks(page))
        state = await student.state()
        cursors.append(state["cursor"])
        assert state["cursor"] == DECK.simulation.compiled.position[asked[-1][0]]
        page = await send(student, "check", **right(page))
    assert asked == [
        ["delta/2/0", "delta/2/1"],
        [f"delta/1/{unit}" for unit in range(4)],
        ["bias/1"],
        ["bias/0"],
    ]
    state = await student.state()
    assert state["cursor"] == len(DECK.simulation.steps)
    for cursor in reversed(cursors):
        await student.client.post(f"/n/{student.session}/undo")
        assert (await student.state())["cursor"] == cursor
        page = await student.look(student.address)
        assert blanks(page) == asked.pop()


async def test_the_last_numbers_of_an_iteration_are_seen(student: PageClient) -> None:
    """Before the next iteration is begun, up to what is asked in it."""
    await choose(student, "layer", "delta")
    await send(student, "reveal")
    page = await send(student, "reveal")
    assert blanks(page) == []
    assert f"{TRACE['delta/1/2']:.4f}" in page.text
    assert f"{TRACE['weight/0/2/3']:.4f}".replace("-", "−") in page.text
    page = await send(student, "onward")
    assert blanks(page) == ["delta/2/0", "delta/2/1"]
    state = await student.state()
    assert (state["iteration"], state["cursor"]) == (1, 19)
    await student.client.post(f"/n/{student.session}/undo")
    assert (await student.state())["iteration"] == 0


async def test_going_back_asks_again(student: PageClient) -> None:
    """Wherever one is in the simulator: what is not asked is shown on the page, though not taken."""
    page = await choose(student, "layer", "delta")
    for _ in range(3):
        await student.client.post(f"/n/{student.session}/back")
    page = await student.look(student.address)
    assert (await student.state())["cursor"] == 12
    assert blanks(page) == ["delta/2/0", "delta/2/1"]
    assert f"{TRACE['activation_slope/2/0']:.4f}" in page.text
    await send(student, "reveal")
    assert (await student.state())["cursor"] == 38


async def test_one_number_of_each_layer(student: PageClient) -> None:
    """Always the same one, until the numbers are others; the rest of its layer is shown."""
    page = await choose(student, "one")
    first = blanks(page)
    assert len(first) == 1
    assert blanks(await student.look(student.address)) == first
    asked = []
    for _ in range(19):
        asked += blanks(page)
        page = await send(student, "check", **right(page))
    steps = {step.result: step for step in DECK.simulation.steps}
    kinds = [(steps[each].kind, steps[each].layer) for each in asked]
    assert kinds == list(dict.fromkeys((step.kind, step.layer) for step in steps.values()))
    seen = set()
    for _ in range(12):
        seen.update(blanks(await send(student, "renew")))
    assert len(seen) > 1
    assert {each.rpartition("/")[0] for each in seen} == {"net/1"}


async def test_what_was_missed_is_offered(student: PageClient) -> None:
    """A kind that was missed can be asked alone, with one press, and everything again with another."""
    assert not buttons(student.page, "only/")
    await send(student, "check", **right(student.page))
    for _ in range(3):
        await send(student, "reveal")
    assert buttons(student.page, "only/") == ["only/out", "only/net"]
    await student.client.post(f"/n/{student.session}/undo")
    page = await send(student, "only/out")
    assert blanks(page) == ["out/2/0", "out/2/1"]
    assert buttons(page, "only/") == ["only/net"]
    page = await send(student, "all")
    assert "question 4 of 19" in page.text


def buttons(page: Element, do: str) -> list[str]:
    found = [each.get("value") for each in page.all("button")]
    return [each for each in found if each.startswith(do)]


async def test_nothing_chosen_is_everything(student: PageClient) -> None:
    """So is a kind that the network has no longer, or never had."""
    page = await send(student, "choose", by="unit")
    assert "question 1 of 77" in page.text
    page = await send(student, "only/nonsense")
    assert "question 1 of 77" in page.text


async def test_stopping_leads_to_the_network(student: PageClient) -> None:
    """The page then asks what is to be asked, and remembers it."""
    await choose(student, "one", "delta")
    stopped = await student.post(student.address, {"do": "stop"})
    assert stopped.headers["Location"] == f"/n/{student.session}"
    page = await student.look(student.address)
    assert blanks(page) == []
    checked = [each for each in page.all("input") if "checked" in each.attributes]
    assert [each.get("value") or each["name"] for each in checked] == ["one", "1"]
    assert checked[1]["name"] == "kind/delta"
    assert len(blanks(await send(student, "begin"))) == 1


async def test_the_cursor_is_where_one_goes_on(student: PageClient) -> None:
    """In the first field that is not right, or else the first empty one."""
    answers = right(student.page)
    first, second, third, last = answers

    def focused(page: Element) -> list[str]:
        return [each["name"] for each in page.all("input") if "autofocus" in each.attributes]

    assert focused(student.page) == [first]
    assert focused(await send(student, "hint", **{first: "1"})) == [second]
    page = await send(student, "check", **answers | {second: "", third: "3", last: "x"})
    assert focused(page) == [second]
    page = await send(student, "check", **answers | {third: "3", last: "x"})
    assert focused(page) == [third]
    assert focused(await send(student, "check", **answers | {last: "x"})) == [last]


async def test_a_hint_keeps_what_was_said(student: PageClient) -> None:
    """After a check; before it, a hint says nothing of right and wrong."""
    answers = right(student.page) | {"net/1/1": "0.7"}
    page = await send(student, "hint", **answers)
    assert not [each for each in page if "marked" in each.classes]
    await send(student, "check", **answers)
    page = await send(student, "hint", **answers)
    marked = [each.classes - {"marked"} for each in page if "marked" in each.classes]
    assert marked == [{"right"}, {"wrong"}, {"right"}, {"right"}]


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        ("0", "coarse"),
        ("0.4", "coarse"),
        ("0.44", "coarse"),
        ("0.438", "right"),
        ("0.4378", "right"),
    ],
)
async def test_a_number_needs_digits(student: PageClient, typed: str, verdict: str) -> None:
    """0 agrees with 0.4378 in all digits that it has. It counts neither as right nor as missed."""
    await send(student, "reveal")
    counts = record(student.page)
    page = await send(student, "check", **{"out/1/0": typed})
    [blank] = [
        each for each in page if each.classes & {"right", "coarse"} and "blank" in each.classes
    ]
    assert verdict in blank.classes
    assert record(page) == counts


async def test_an_exact_number_has_enough_digits(student: PageClient) -> None:
    page = await send(
        student,
        "check",
        **dict(zip(blanks(student.page), ("-.25", "-.7", ".75", "-.5"), strict=True)),
    )
    assert blanks(page)[0] == "out/1/0"


async def test_other_numbers_are_asked_anew(student: PageClient) -> None:
    """A first try of them counts, though the step was tried with the numbers before."""
    for _ in range(2):
        await send(student, "check", **{"net/1/0": "9.9999"})
        page = await send(student, "renew")
    assert record(page) == {"net of the hidden layer": "0 of 2"}


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
    chosen = replace(practice, hides=True, by="one", kinds=("delta", "bias_update"))
    stored = replace(stored, practice=chosen)
    assert decode(encode(stored)) == stored
    assert len(encode(stored)) <= len(encode(replace(stored, practice=Practice()))) + 80
    assert chosen.counted_anew() == Practice(hides=True, by="one", kinds=("delta", "bias_update"))
    again = practice.after("0.4.layer", "net/1", ["wrong_sign"], missed=False)
    assert (again.steps, again.mistakes) == ((("net/1", 2, 1),), (("wrong_sign", 2),))


def test_a_record_from_before_one_could_choose() -> None:
    """It is read as one of somebody who is asked everything, and does not practise at the moment."""
    practice = Practice().after("0.0.layer", "net/1", ["wrong_sign"], missed=True)
    record = encode(Stored(bytes(32), DECK.simulation, practice=practice))
    body = msgspec.msgpack.decode(record[HEADER.size :])
    assert len(body["practice"]) == 6
    for name in ("hides", "by", "kinds"):
        del body["practice"][name]
    old = msgspec.msgpack.encode(body)
    assert decode(HEADER.pack(FORMAT, crc32(old, FORMAT)) + old).practice == practice


def test_every_mistake_has_words() -> None:
    assert set(MISTAKES) == {*(each.name for each in MISCONCEPTIONS), CUT, ROUNDED}
