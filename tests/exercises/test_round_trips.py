"""Random networks, written as exercises in many notations, are read as they are."""

import re
from dataclasses import replace
from random import Random

import pytest

from app.backprop.network import Example, Network
from app.exercises.assembly.exercise import Exercise, read_exercise
from app.exercises.lexing.sources import Unreadable
from app.simulation.simulation import Simulation
from tests.support.exercise_notations import (
    NOTATIONS,
    has_wide_layer,
    with_decimal_commas,
    write,
)
from tests.support.random_networks import random_network

NETWORKS = 200  # for each notation


def network_for(random: Random, notation: str) -> Simulation:
    """A random network that can be written in a notation."""
    can_share = NOTATIONS[notation][1]
    while True:
        simulation = random_network(random)
        shape = simulation.network.shape
        names = tuple(each if isinstance(each, str) else each[0] for each in shape.activations)
        bias = shape.bias
        if bias == "shared" and not (can_share and has_wide_layer(simulation.network)):
            bias = "none"
        if len(simulation.examples) == 1 and shape.update != "each":
            continue  # a batch of one
        # Of one output, the n of 1/2n counts the examples.
        is_half = shape.error == "half_mean_squared" and shape.layers[-1] == 1
        error = "half_squared" if is_half else shape.error
        changed = replace(shape, activations=names, bias=bias, error=error)
        parameters = simulation.network.parameters[: changed.parameter_count]
        if len(parameters) < changed.parameter_count:
            continue
        return Simulation.of(
            Network(changed, parameters), simulation.examples, simulation.learning_rate
        )


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_written_network_is_read(notation: str) -> None:
    """The network, its examples and all settings are the same; nothing stays unread."""
    random = Random(f"exercise {notation}")
    for _ in range(NETWORKS):
        simulation = network_for(random, notation)
        text = write(simulation, notation)
        exercise = read_exercise(text)
        assert exercise.start == simulation.start, text
        assert exercise.unread == (), text


@pytest.mark.parametrize("notation", ["MATLAB", "tables", "arrows", "LaTeX", "numbered units"])
def test_decimal_commas(notation: str) -> None:
    """With decimal commas the same network is read, or it is asked about a list such as (0,1)."""
    random, asked = Random(f"commas {notation}"), 0
    for _ in range(NETWORKS):
        simulation = network_for(random, notation)
        text = with_decimal_commas(write(simulation, notation))
        found = read_or_refuse(text)
        if isinstance(found, Exercise):
            assert found.start == simulation.start, text
            continue
        rest = text.split("\n")[found.line - 1][found.column - 1 :]
        assert re.match(r"-?\d+,\d+[)\]]", rest), text
        assert "Write one of the two." in found.message
        asked += 1
    assert asked < NETWORKS / 10


def read_or_refuse(text: str) -> Exercise | Unreadable:
    try:
        return read_exercise(text)
    except Unreadable as error:
        return error


def test_transposed_matrices_are_the_other_choice() -> None:
    """Square matrices fit both ways: the choice says which, and both networks can be had."""
    text = "x = (1, 0), t = (1, 0)\nW1 = [[1, 2], [3, 4]]\nW2 = [[5, 6], [7, 8]]"
    exercise = read_exercise(text)
    [choice] = [each for each in exercise.choices if each.name == "orientation"]
    assert [option.name for option in choice.options] == ["source_rows", "target_rows"]
    assert exercise.network.weights[0] == ((1, 2), (3, 4))
    other = read_exercise(text, {"orientation": "target_rows"})
    assert other.network.weights == (((1, 3), (2, 4)), ((5, 7), (6, 8)))


@pytest.mark.parametrize(
    "decided",
    [
        "W1 = [[1, 2], [3, 4]] (rows are inputs)\nW2 = [[5, 6], [7, 8]]",
        "W1 = [[1, 3], [2, 4]] (rows are hidden units)\nW2 = [[5, 7], [6, 8]]",
        "W1 = [[1, 2], [3, 4]] (columns: hidden)\nW2 = [[5, 6], [7, 8]]",
        "fc1.weight = [[1, 3], [2, 4]]\nfc2.weight = [[5, 7], [6, 8]]",
    ],
)
def test_the_text_decides(decided: str) -> None:
    """Where the text says what rows are, there is no choice."""
    exercise = read_exercise(f"x = (1, 0), t = (1, 0)\n{decided}")
    assert exercise.network.weights == (((1, 2), (3, 4)), ((5, 6), (7, 8)))
    assert [each.name for each in exercise.choices] == ["bias"]


def test_another_matrix_decides() -> None:
    """A matrix that fits one way says how the others are meant."""
    text = "x = (1, 0), t = 1\nW1 = [[1, 2], [3, 4]]\nW2 = [[5, 6]]"
    assert read_exercise(text).network.weights == (((1, 3), (2, 4)), ((5,), (6,)))
    text = "x = (1, 0), t = 1\nW1 = [[1, 2], [3, 4]]\nW2 = [[5], [6]]"
    assert read_exercise(text).network.weights == (((1, 2), (3, 4)), ((5,), (6,)))


def test_numbered_weights_have_two_orders() -> None:
    """Without arrows the usual order is taken; the other is a choice."""
    text = "x1=1 x2=0 t1=1 t2=0 " + " ".join(f"w{k}={k}" for k in range(1, 9))
    assert read_exercise(text).network.weights == (((1, 3), (2, 4)), ((5, 7), (6, 8)))
    other = read_exercise(text, {"numbering": "by_source"})
    assert other.network.weights == (((1, 2), (3, 4)), ((5, 6), (7, 8)))
    assert other.examples == (Example((1.0, 0.0), (1.0, 0.0)),)
