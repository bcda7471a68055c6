"""Sheets for a class, by the API and by the form: printed, as an answer key, and as questions."""

import csv
import json
import logging
import re
import time
from math import exp
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.examples.published import DECK
from app.exercises.variants import Structure, variant
from app.settings import Settings
from app.simulation.permalink import decode_permalink
from app.simulation.simulation import Simulation
from app.view.exercises.class_sheets import MOST_SHEETS
from app.view.rendering.digits import FOUR
from tests.support.markup import Element, tree
from tests.support.moodle import Question, read_gift, read_xml
from tests.support.page_client import PageClient

NAMES = ["Ada Lovelace", "김하늘", "Emmy & <Noether>"]
# The mistakes as the page explains them, in a few words each.
WRONG_SIGN = "target − out was used"
SLOPE_LEFT_OUT = "∂out/∂net was left out"
BIAS_FORGOTTEN = "The bias was left out"
RATE_FORGOTTEN = "The learning rate was left out"
ADDED = "The change was added"
ONE_PATH = "Only the path through O1 was counted"
NET_FOR_OUT = "net was used in place of out"


async def make(client: httpx.AsyncClient, status: int = 200, **fields: Any) -> httpx.Response:
    """The answer of the API, for the deck unless another network is named."""
    body = {"preset": "deck", "seeds": [4711, 4712, 4713]} | fields
    if {"layers", "network"} & fields.keys():
        del body["preset"]
    response = await client.post("/api/sheets", json=body)
    assert response.status_code == status, response.text
    return response


def deck_variant(seed: int, decimals: int = 1) -> Simulation:
    return variant(Structure.of(DECK.simulation, decimals), seed)


def sheets_of(text: str) -> list[Element]:
    return [each for each in tree(text) if "sheet" in each.classes]


# Printed.


async def test_a_sheet_for_each_name(client: httpx.AsyncClient) -> None:
    """Each sheet has a name, a seed, the numbers of its variant, and room for every calculation."""
    sheets = sheets_of((await make(client, names=NAMES)).text)
    assert len(sheets) == 3
    for sheet, name, seed in zip(sheets, NAMES, (4711, 4712, 4713), strict=True):
        assert name in sheet.text
        assert f"Sheet {seed}" in sheet.text
        simulation = deck_variant(seed)
        rooms = [each for each in sheet if "room" in each.classes]
        assert len(rooms) == len(simulation.steps) == 77
        cells = [each.text.replace("−", "-") for each in sheet.all("td") if each.text.strip()]
        [example] = simulation.examples
        printed = sorted(map(float, cells))
        given = [*simulation.network.parameters, *example.inputs, *example.targets, 0.5]
        assert printed == sorted(given)


async def test_answers(client: httpx.AsyncClient) -> None:
    """Sheets with answers have all of them, rounded."""
    [sheet] = sheets_of((await make(client, seeds=[5], answers=True, decimals=3)).text)
    written = [float(each.text.replace("−", "-")) for each in sheet.all("b")[-77:]]
    assert written == [pytest.approx(value, abs=0.0005001) for value in deck_variant(5).trace()]


async def test_links_replay_the_sheet(client: httpx.AsyncClient) -> None:
    """The address on a sheet opens a network with exactly its numbers, without a session."""
    client.cookies.clear()
    bodies: list[dict[str, Any]] = [
        {},
        {"given_decimals": 2},
        {"layers": [2, 3, 2], "seed": 0, "activations": ["relu", ["tanh", "sigmoid"]]},
        {
            **{"layers": [2, 3, 3], "seed": 0, "error": "cross_entropy", "bias": "per_unit"},
            **{"optimiser": "momentum", "momentum": 0.5, "weight_decay": 0.1, "given_decimals": 0},
        },
        {"preset": "class-notes"},
        {"layers": [2, 1], "seed": 0, "error": "huber", "bias": "none", "optimiser": "adam"},
        {
            "network": {"layers": [1, 1], "weights": [[[1]]], "biases": [[1]]},
            **{"examples": [{"inputs": [1], "targets": [1]}], "learning_rate": 0.1},
        },
        {
            "network": {
                **{"layers": [2, 1], "weights": [[[1], [1]]], "biases": [[1]], "bias": "per_unit"},
                "conventions": {"numbering": "numbered", "minus_delta": True, "thresholds": True},
            },
            **{"examples": [{"inputs": [1, 1], "targets": [1]}], "learning_rate": 0.5},
        },
    ]
    for body in bodies:
        [sheet] = sheets_of((await make(client, **{**body, "seeds": [33]})).text)
        [shown] = [each.text for each in sheet if "link" in each.classes]
        address = shown.rpartition(": ")[2]
        assert address.startswith("testserver/variant?")
        response = await client.get("http://" + address)
        assert response.status_code == 302
        query = urlsplit(response.headers["Location"]).query
        opened = decode_permalink(query.removeprefix("moment="))
        cells = [each.text.replace("−", "-") for each in sheet.all("td") if each.text.strip()]
        [example] = opened.examples
        start = opened.start
        given = [*start.network.parameters, *example.inputs, *example.targets, start.learning_rate]
        given += start.hyperparameters
        states = len(start.optimiser_state)
        assert sorted(map(float, cells)) == sorted([*given, *[0.0] * states])
        assert opened.name == "Sheet 33"
        page = await client.get(response.headers["Location"])
        assert page.status_code == 200
        key = (await make(client, **{**body, "seeds": [33], "format": "csv"})).text
        [_, row] = csv.reader(key.removeprefix("\ufeff").splitlines())
        assert row[2] == "http://" + address
        answers = [float(text) for text in row[3:]]
        assert answers == [pytest.approx(value, abs=0.0000501) for value in opened.trace()]


async def test_a_link_survives_the_end_of_a_sentence(client: httpx.AsyncClient) -> None:
    """What follows a pasted link is not taken for a part of it, and a wrong one is refused."""
    good = await client.get("/variant?layers=3-4-2&seed=4711.")
    assert good.status_code == 302
    for query in ("layers=3-4-2&seed=x", "layers=99&seed=1", "layers=3-4-2&seed=1&decimals=7"):
        assert (await client.get(f"/variant?{query}")).status_code == 422, query


async def test_sheets_without_links(client: httpx.AsyncClient) -> None:
    """For an exam nothing says where the answers can be seen."""
    for format in ("html", "moodle", "gift"):
        text = (await make(client, format=format, links=False)).text
        assert "/variant" not in text
        assert 'class="qr"' not in text


async def test_korean(client: httpx.AsyncClient) -> None:
    """Sheets and feedback are in the language of whoever asks."""
    client.headers["Accept-Language"] = "ko"
    assert "빈칸" not in (await make(client)).text
    assert "학습지 4711" in (await make(client)).text
    feedback = [
        a.feedback for q in read_xml((await make(client, format="moodle")).text) for a in q.answers
    ]
    assert any("편향" in each for each in feedback)
    assert not any("The bias" in each for each in feedback)


# The answer key.


async def test_answer_key(client: httpx.AsyncClient) -> None:
    """A row for each sheet with its name, seed and link, and a column for each calculation."""
    names = [*NAMES[:2], "=HYPERLINK(1)"]
    response = await make(client, format="csv", names=names)
    assert response.headers["Content-Disposition"].endswith('"backstep-answer-key.csv"')
    head, *rows = csv.reader(response.content.decode("utf-8-sig").splitlines())
    steps = DECK.simulation.steps
    assert head[:4] == ["name", "seed", "link", "net_H1"]
    assert head[-1] == "b1_new"
    assert len(head) == len(set(head)) == 3 + len(steps)
    assert [row[0] for row in rows] == [*NAMES[:2], "'=HYPERLINK(1)"]
    for row in rows:
        values = deck_variant(int(row[1])).trace()
        assert list(map(float, row[3:])) == [float(FOUR.short(v).replace("−", "-")) for v in values]


# Questions.


def sigmoid(net: float) -> float:
    return 1 / (1 + exp(-net))


def planted(seed: int) -> dict[str, tuple[float, dict[str, float]]]:
    """Right values of a 3-4-2 variant, and what known mistakes make of them, computed here."""
    simulation = deck_variant(seed)
    first, second = simulation.network.weights
    (b1,), (b2,) = simulation.network.biases
    [example] = simulation.examples
    x, target = example.inputs, example.targets
    net_h = [b1 + sum(x[i] * first[i][j] for i in range(3)) for j in range(4)]
    h = [sigmoid(net) for net in net_h]
    net_o = [b2 + sum(h[i] * second[i][j] for i in range(4)) for j in range(2)]
    o = [sigmoid(net) for net in net_o]
    back = [o[j] - target[j] for j in range(2)]
    delta_o = [back[j] * o[j] * (1 - o[j]) for j in range(2)]
    back_h = [sum(delta_o[j] * second[i][j] for j in range(2)) for i in range(4)]
    gradient = delta_o[0] * h[0]
    weight = second[0][0]
    return {
        "net_H1": (net_h[0], {BIAS_FORGOTTEN: net_h[0] - b1}),
        "out_H1": (h[0], {NET_FOR_OUT: net_h[0]}),
        "net_O2": (net_o[1], {BIAS_FORGOTTEN: net_o[1] - b2}),
        "∂E/∂out_O2": (back[1], {WRONG_SIGN: -back[1]}),
        "δ_O1": (delta_o[0], {WRONG_SIGN: -delta_o[0], SLOPE_LEFT_OUT: back[0]}),
        "∂E/∂out_H1": (back_h[0], {ONE_PATH: delta_o[0] * second[0][0]}),
        "δ_H1": (back_h[0] * h[0] * (1 - h[0]), {SLOPE_LEFT_OUT: back_h[0]}),
        "∂E/∂w'11": (gradient, {NET_FOR_OUT: delta_o[0] * net_h[0]}),
        "w'11_new": (weight - 0.5 * gradient, {RATE_FORGOTTEN: weight - gradient}),
        "w'42_new": (
            second[3][1] - 0.5 * delta_o[1] * h[3],
            {RATE_FORGOTTEN: second[3][1] - delta_o[1] * h[3]},
        ),
    }


def check_grades(questions: list[Question], seed: int) -> None:
    """Grade right and wrong responses to the questions of a sheet."""
    named = {each.name.partition(" ")[2]: each for each in questions if f"{seed}-" in each.name}
    assert len(named) == 77
    seen = set()
    for name, (right, mistakes) in planted(seed).items():
        grade = named[name].grade(f"{right:.4f}")
        assert grade is not None
        assert (grade.fraction, grade.feedback) == (1, ""), name
        for sentence, wrong in mistakes.items():
            if abs(wrong - right) < 0.00016 or abs(wrong) < 0.002:
                continue  # written like the right number, or too few digits to say anything
            grade = named[name].grade(f"{wrong:.4f}")
            assert grade is not None, (name, sentence)
            assert grade.fraction == 0
            assert sentence in grade.feedback, (name, grade.feedback)
            seen.add(sentence)
    assert seen >= {WRONG_SIGN, SLOPE_LEFT_OUT, BIAS_FORGOTTEN, RATE_FORGOTTEN}


async def test_moodle_grades_as_it_should(client: httpx.AsyncClient) -> None:
    """A right number scores, and each planted mistake gets its feedback and no points."""
    response = await make(client, format="moodle", names=NAMES)
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    questions = read_xml(response.text)
    assert len({each.category for each in questions}) == 3
    assert len({each.name for each in questions}) == len(questions) == 3 * 77
    assert {each.category for each in questions if each.name.startswith("4711-")} == {
        "$course$/top/Backstep 3-4-2/Sheet 4711 Ada Lovelace"
    }
    for seed in (4711, 4712, 4713):
        check_grades(questions, seed)


async def test_every_right_value_scores(client: httpx.AsyncClient) -> None:
    """For every calculation of other networks too, and however a number that lies half way is rounded."""
    bodies: list[dict[str, Any]] = [
        {"layers": [2, 3, 1], "seed": 0, "activations": ["relu", "identity"], "decimals": 2},
        {"layers": [2, 2, 2], "seed": 0, "error": "mean_squared", "given_decimals": 2},
        {"layers": [2, 3], "seed": 0, "error": "cross_entropy", "optimiser": "adam"},
    ]
    for body in bodies:
        places = body.get("decimals", 4)
        text = (await make(client, seeds=[8, 9], format="moodle", **body)).text
        key = await make(client, seeds=[8, 9], format="csv", **body | {"decimals": 12})
        questions = iter(read_xml(text))
        half = 0.5 * 10**-places
        _head, *rows = csv.reader(key.content.decode("utf-8-sig").splitlines())
        for number in (float(text) for row in rows for text in row[3:]):
            question = next(questions)
            for response in (f"{number:.{places}f}", repr(number + 0.99 * half), repr(number)):
                grade = question.grade(response)
                assert grade is not None, (question.name, response)
                assert grade.fraction == 1
            outside = question.grade(repr(number + 1.1 * half))
            assert outside is None or outside.fraction == 0


async def test_each_wrong_number_gets_its_own_feedback(client: httpx.AsyncClient) -> None:
    """No answer hides another one: each is graded by itself, as a student would write it."""
    for format, read in (("moodle", read_xml), ("gift", read_gift)):
        for question in read((await make(client, format=format)).text):
            right, *wrong = question.answers
            assert right.fraction == 1
            assert [each.fraction for each in wrong] == [0] * len(wrong)
            assert all(each.feedback for each in wrong)
            for answer in question.answers:
                assert question.grade(f"{answer.number:.4f}") is answer, question.name


async def test_gift_says_the_same(client: httpx.AsyncClient) -> None:
    """A GIFT file has the same questions as the XML."""
    fields: dict[str, Any] = {"names": NAMES, "questions": "one_of_each"}
    moodle = read_xml((await make(client, format="moodle", **fields)).text)
    gift = read_gift((await make(client, format="gift", **fields)).text)
    assert gift == moodle
    assert len(moodle) == 3 * 19


async def test_a_question_stands_alone(client: httpx.AsyncClient) -> None:
    """A question says all that is given, the formula and the digits; its solution has the numbers."""
    question = read_xml((await make(client, seeds=[4711], format="moodle")).text)[0]
    simulation = deck_variant(4711)
    shown = tree(question.text)
    numbers = [float(each.text.replace("−", "-")) for each in shown.all("td")]
    assert sorted(numbers) == sorted(simulation.network.parameters)
    [example] = simulation.examples
    for name, value in zip("123", example.inputs, strict=True):
        assert f"x{name} = {FOUR.plain(value)}" in shown.text
    assert "net of H1" in shown.text
    assert "Round to four decimals." in shown.text
    assert "netH1 = b1 + x1 · w11 + x2 · w21 + x3 · w31" in re.sub(r"\s+", " ", shown.text)
    shortened = FOUR.short(simulation.trace()[0])
    assert f"= {shortened}" in question.general_feedback
    assert "/variant?layers=3-4-2&amp;seed=4711" in question.general_feedback


# Refusals.


async def test_refusals(client: httpx.AsyncClient) -> None:
    """What cannot be is refused, and the field is named. A name is never repeated."""
    long = "Ada " * 40
    largest = {"layers": [8, 8, 8, 8, 8], "seed": 0}
    refusals: list[tuple[str, str, dict[str, Any]]] = [
        ("seeds", "1 to 200 sheets at a time, not 0", {"seeds": []}),
        ("seeds", "1 to 200 sheets at a time, not 201", {"seeds": list(range(MOST_SHEETS + 1))}),
        ("seeds.1", "999,999,999", {"seeds": [1, 10**9]}),
        ("names", "as many names as seeds expected: 3, not 1", {"names": ["Ada"]}),
        ("names.1", "at most 80 characters", {"names": ["Emmy", long, "Grace"]}),
        ("names.0", "plain text in one line", {"names": ["Ada\x00", "b", "c"]}),
        ("format", "must be one of html, csv, moodle, gift", {"format": "pdf"}),
        ("questions", "must be one of all, one_of_each", {"questions": "some"}),
        ("decimals", "must be an integer from 2 to 12", {"decimals": 1}),
        ("given_decimals", "must be an integer from 0 to 2", {"given_decimals": 3}),
        ("layers.0", "must be an integer from 1 to 8", {"layers": [9, 1], "seed": 0}),
        ("seeds", "sheets of this network at a time", {**largest, "seeds": list(range(60))}),
        ("seeds", "in one file", {"seeds": list(range(100)), "format": "moodle"}),
        ("preset", "must be one of", {"preset": "nothing"}),
    ]
    for field, text, fields in refusals:
        response = await make(client, 422, **fields)
        [error] = response.json()["errors"]
        assert error["field"] == field
        assert text in error["message"]
        assert "Ada" not in response.text
    response = await make(client, 413, names=["x" * 70_000])
    assert "65,536" in response.text


# The page.


async def fill(visitor: PageClient, make: str, **fields: str) -> httpx.Response:
    """Fill in the form and press one of its buttons."""
    form = next(each for each in visitor.page.all("form") if "/sheets" in each["action"])
    typed = {"count": "1", "seed": "4711", "given": "1", "digits": "4", "questions": "all"}
    return await visitor.client.post(
        form["action"], data={**typed, "links": "on", **fields, "make": make}
    )


async def test_the_form(visitor: PageClient) -> None:
    """From the panel to the sheets, without a script; the seed of a name is the start and its place."""
    await visitor.look("/")
    await visitor.press("Update")
    await visitor.post("/view", {"panel": "home"})
    panel = await visitor.look(f"/n/{visitor.session}")
    assert f"/n/{visitor.session}/sheets" in [each.get("href") for each in panel.all("a")]
    await visitor.look(f"/n/{visitor.session}/sheets")
    names = "  Ada  Lovelace\r\n\r\n\t김하늘\r\n"
    response = await fill(visitor, "blank", names=names)
    sheets = sheets_of(response.text)
    assert [("Ada Lovelace" in sheet.text, "김하늘" in sheet.text) for sheet in sheets] == [
        (True, False),
        (False, True),
    ]
    assert ["Sheet 4711" in sheets[0].text, "Sheet 4712" in sheets[1].text] == [True, True]
    by_api = await make(visitor.client, seeds=[4711, 4712], names=["Ada Lovelace", "김하늘"])
    assert response.text == by_api.text
    for button, format in (("csv", "csv"), ("moodle", "moodle"), ("gift", "gift")):
        file = await fill(visitor, button, names=names)
        again = await make(
            visitor.client, seeds=[4711, 4712], names=["Ada Lovelace", "김하늘"], format=format
        )
        assert file.content == again.content
        assert "attachment" in file.headers["Content-Disposition"]
    assert len(sheets_of((await fill(visitor, "answers", count="3")).text)) == 3


async def test_the_form_of_an_example(visitor: PageClient) -> None:
    """An example needs no session, and none is begun."""
    await visitor.look("/sheets?preset=mazur")
    [sheet] = sheets_of((await fill(visitor, "blank")).text)
    assert "A 2-2-2 network." in sheet.text
    assert visitor.session is None


async def test_refused_forms(visitor: PageClient) -> None:
    """A refused form says why at the field, and has everything that was typed."""
    await visitor.look("/sheets?preset=deck")
    for place, text, fields in (
        ("seed", "Enter a whole number of at most 8 digits.", {"seed": "now"}),
        ("count", "Enter a whole number of at most 3 digits.", {"count": "many"}),
        ("names", "1 to 200 sheets at a time, not 250", {"count": "250"}),
        ("names", "Line 3: must have at most 80 characters", {"names": f"a\n\n{'b' * 90}"}),
        ("names", "1 to 200 sheets at a time, not 201", {"names": "a\n" * 201}),
        ("given", "must be one of 0, 1, 2", {"given": "9"}),
        ("digits", "must be one of", {"digits": "99"}),
        ("questions", "must be one of", {"questions": ""}),
    ):
        response = await fill(visitor, "blank", **fields)
        assert response.status_code == 422, place
        page = tree(response.text)
        assert text in page.id("refusal").text
        field = next(each for each in page if each.get("name") == place)
        assert field["aria-invalid"] == "true"
        assert "refusal" in field["aria-describedby"]
        if fields.get("names"):
            assert page.all("textarea")[0].text.split() == fields["names"].split()


async def test_names_are_kept_nowhere(
    visitor: PageClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """No log and no file has a name, whether the sheets are made or refused."""
    caplog.set_level(logging.DEBUG)
    await visitor.look("/")
    await visitor.press("Step")
    await visitor.look(f"/n/{visitor.session}/sheets")
    secret = "Zaphod Beeblebrox"
    for button in ("blank", "csv", "moodle", "gift"):
        assert secret in (await fill(visitor, button, names=secret)).text
        assert (await fill(visitor, button, names=secret, seed="x")).status_code == 422
    await make(visitor.client, names=[secret], seeds=[1])
    await make(visitor.client, 422, names=[secret], seeds=[1, 2])
    await make(visitor.client, 422, names=[secret, 7], seeds=[1, 2])
    ours = [each for each in caplog.records if not each.name.startswith("httpx")]
    assert ours
    assert not any(secret.split()[0] in json.dumps(vars(each), default=str) for each in ours)
    assert secret.encode() not in stored_bytes(settings)


def stored_bytes(settings: Settings) -> bytes:
    """All that the store has written."""
    assert settings.database is not None
    found = b"".join(path.read_bytes() for path in settings.database.parent.glob("backstep.db*"))
    assert found
    return found


# How long it takes.


@pytest.mark.parametrize("format", ["html", "moodle"])  # which take longest
async def test_forty_sheets_in_ten_seconds(client: httpx.AsyncClient, format: str) -> None:
    """A class need not wait."""
    names = [f"Student {number}" for number in range(40)]
    before = time.perf_counter()
    response = await make(client, seeds=list(range(40)), names=names, format=format, answers=True)
    assert time.perf_counter() - before < 10
    assert response.text.count("Student 39") >= 1
