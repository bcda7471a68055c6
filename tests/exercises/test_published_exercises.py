"""Published exercises, read from their text alone and worked: every right value agrees."""

import json
from typing import Any

import pytest

from tests.examples.test_published import VECTORS, numbers
from tests.exercises.published_texts import TEXTS
from tests.support.accuracy import by_layer
from tests.support.lab import Lab

Json = dict[str, Any]

EXERCISES: dict[str, Json] = json.loads((VECTORS / "exercises.json").read_text())
# “No bias” of this notebook means biases that are 0 at first, and are trained: a choice.
CHOSEN = {"dead-relu-softmax": {"bias": "zero"}}


async def read(lab: Lab, text: str, choose: dict[str, str] | None = None) -> Json:
    body = {"text": text, **({"choose": choose} if choose else {})}
    response = await lab.client.post("/api/exercise", json=body)
    assert response.status_code == 200, response.text
    content: Json = response.json()
    return content


async def wrong_values(lab: Lab, body: Json, iterations: list[Json]) -> list[str]:
    """The kinds of numbers that are not those of a vector, to 1e-12 of the largest of their kind."""
    await lab.create(**body)
    wrong = []
    for iteration in iterations:
        found = numbers(await lab.update())
        found |= {"new_weights": found["weights"], "new_biases": found["biases"]}
        for kind, right in iteration.items():
            layers = by_layer(found[kind]), by_layer(right)
            if [len(layer) for layer in layers[0]] != [len(layer) for layer in layers[1]]:
                wrong.append(kind)
                continue
            for rows in zip(*layers, strict=True):
                largest = max(map(abs, rows[1]), default=0.0)
                wrong += [
                    kind for a, b in zip(*rows, strict=True) if not abs(a - b) <= 1e-12 * largest
                ]
    return wrong


@pytest.mark.parametrize("name", EXERCISES)
async def test_a_pasted_exercise(lab: Lab, name: str) -> None:
    """The answer starts a session, and all values of its iterations are those of the vector."""
    exercise = EXERCISES[name]
    answer = await read(lab, TEXTS[name], CHOSEN.get(name))
    assert answer["unread"] == []
    assert await wrong_values(lab, answer, exercise["iterations"]) == []


async def test_from_their_text_alone(lab: Lab) -> None:
    """Ten of the eleven need no choice."""
    read_right = [
        name
        for name, exercise in EXERCISES.items()
        if not await wrong_values(lab, await read(lab, TEXTS[name]), exercise["iterations"])
    ]
    assert set(EXERCISES) - set(read_right) == set(CHOSEN)


@pytest.mark.parametrize(
    ("name", "assumed"),
    [
        ("momentum", ["E = ½ Σ (target − out)²", "activation: sigmoid"]),
        ("one-output", []),
        ("decimal-zero-2", ["E = ½ Σ (target − out)²"]),
    ],
)
async def test_what_is_assumed(lab: Lab, name: str, assumed: list[str]) -> None:
    """What a text does not say is listed, and nothing else."""
    assert (await read(lab, TEXTS[name]))["assumed"] == assumed


async def test_the_sign_of_thresholds_is_a_choice(lab: Lab) -> None:
    """The textbook does not say that they are added, as they are in its numbers."""
    text = TEXTS["textbook-3-2-1"]
    answer = await read(lab, text)
    assert [(each["name"], each["chosen"]) for each in answer["choices"]] == [
        ("thresholds", "added")
    ]
    assert answer["network"]["biases"] == [[-0.4, 0.2], [0.1]]
    other = await read(lab, text, {"thresholds": "subtracted"})
    assert other["network"]["biases"] == [[0.4, -0.2], [-0.1]]
    names = answer["sheet"]["names"]
    assert (names["weight/0/2/1"], names["bias/1/0"]) == ("w35", "θ6")
    assert answer["sheet"]["units"] == [["1", "2", "3"], ["4", "5"], ["6"]]
