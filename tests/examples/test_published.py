"""Worked examples against their published numbers."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support import oracle
from tests.support.accuracy import Expected, by_layer
from tests.support.lab import Lab, State

Json = dict[str, Any]

VECTORS = Path(__file__).parent / "vectors"
PRESETS = {"mazur": "mazur", "class-notes": "class_notes", "deck": "deck"}


def vector(preset: str) -> Json:
    content: Json = json.loads((VECTORS / f"{PRESETS[preset]}.json").read_text())
    return content


def numbers(state: State) -> Json:
    """All numbers of an iteration by kind: its values, and the parameters as they are now."""
    parameters = {kind: state["network"][kind] for kind in ("weights", "biases")}
    values: Json = state["values"]
    return values | parameters


def expected(preset: str) -> Expected:
    case = vector(preset)["case"]
    return Expected(case["network"], case["examples"][0], case["learning_rate"])


def misprinted(answers: Json, published: Json, units: float) -> list[str]:
    """The numbers that are not what was printed, to so many units of its last digit."""
    return [
        f"{kind}: {answer}, not {printed}"
        for kind in published
        for rows in zip(by_layer(answers[kind]), by_layer(published[kind]), strict=True)
        for answer, printed in zip(*rows, strict=True)
        if printed is not None and not agrees(answer, printed, units)
    ]


def agrees(answer: float, printed: str, units: float = 0.5) -> bool:
    last = Decimal(printed).as_tuple().exponent
    return bool(abs(Decimal(answer) - Decimal(printed)) <= Decimal(units).scaleb(int(last)))


@pytest.mark.parametrize("preset", PRESETS)
async def test_a_preset_is_the_worked_example(lab: Lab, preset: str) -> None:
    """A preset has the numbers of its source."""
    case = vector(preset)["case"]
    state = await lab.create(preset=preset)
    network = {name: state["network"][name] for name in case["network"]}
    assert network == case["network"]
    assert state["examples"] == case["examples"]
    assert state["learning_rate"] == case["learning_rate"]


@pytest.mark.parametrize("preset", PRESETS)
async def test_every_number_keeps_the_promise(lab: Lab, preset: str) -> None:
    """All numbers of a worked example are within the tolerance."""
    await lab.create(preset=preset)
    right = expected(preset)
    assert not any(bound.excused for bound in right.all())
    assert right.wrong(numbers(await lab.update())) == []


async def test_mazur_as_published(lab: Lab) -> None:
    """Every digit of Mazur's article is reproduced."""
    await lab.create(preset="mazur")
    answers = numbers(await lab.update())
    article = vector("mazur")
    assert misprinted(answers, article["published"], units=0.5) == []
    assert expected("mazur").wrong(article["exact"]) == []


async def test_mazur_is_not_updated_in_sequence(lab: Lab) -> None:
    """w1 is right, and not that of the well-known mistake."""
    await lab.create(preset="mazur")
    w1 = (await lab.update())["network"]["weights"][0][0][0]
    assert agrees(w1, "0.1497807161")
    assert not agrees(w1, vector("mazur")["mistake"]["w1"], units=1000)


async def test_the_oracle_knows_mazurs_mistake() -> None:
    """The sequential update of the oracle is that mistake."""
    case = vector("mazur")["case"]
    new = oracle.sequential(case["network"], case["examples"][0], case["learning_rate"])
    assert agrees(float(new[0][0][0]), vector("mazur")["mistake"]["w1"])


async def test_mazurs_error_after_one_update(lab: Lab) -> None:
    """E after one update is right with the biases updated and without."""
    right = vector("mazur")["error_after_one_update"]
    start = await lab.create(preset="mazur")
    await lab.update()
    assert agrees((await lab.forward())["values"]["error"], right["biases_updated"])
    await lab.edit(biases=start["network"]["biases"])
    error = (await lab.forward())["values"]["error"]
    assert agrees(error, right["biases_kept"])
    assert not agrees(error, vector("mazur")["mistake"]["error_after_one_update"], units=100)


async def test_class_notes_as_published(lab: Lab) -> None:
    """The numbers of the class notes are reproduced."""
    await lab.create(preset="class-notes")
    answers = numbers(await lab.update())
    notes = vector("class-notes")
    assert misprinted(answers, notes["published"], units=1) == []
    assert expected("class-notes").wrong(notes["exact"]) == []


async def test_the_deck_after_a_hundred_iterations(lab: Lab) -> None:
    """After 100 iterations all numbers are still accurate."""
    case = vector("deck")["case"]
    network, example, rate = dict(case["network"]), case["examples"][0], case["learning_rate"]
    await lab.create(preset="deck")
    state = await lab.train(100)
    for _ in range(99):
        right = oracle.truth(network, example, rate)
        network |= {"weights": right.weights, "biases": right.biases}
    assert state["iteration"] == 99
    assert Expected(network, example, rate).wrong(numbers(state)) == []


EXERCISES: dict[str, Json] = json.loads((VECTORS / "exercises.json").read_text())


@pytest.mark.parametrize("name", EXERCISES)
async def test_an_exercise_as_worked_by_hand(lab: Lab, name: str) -> None:
    """Every number of each iteration of a published exercise, to 1e-12 of the largest of its kind.

    In those called decimal-zero a net is 0 by hand, and so not above it: the unit is off.
    """
    exercise = EXERCISES[name]
    body = {key: value for key, value in exercise.items() if key != "iterations"}
    await lab.create(**body)
    for iteration in exercise["iterations"]:
        found = numbers(await lab.update())
        found |= {"new_weights": found["weights"], "new_biases": found["biases"]}
        for kind, right in iteration.items():
            for rows in zip(by_layer(found[kind]), by_layer(right), strict=True):
                largest = max(map(abs, rows[1]), default=0.0)
                for answer, expected_number in zip(*rows, strict=True):
                    assert abs(answer - expected_number) <= 1e-12 * largest, (kind, rows)
