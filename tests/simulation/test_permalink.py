"""Permalinks: decoded bit for bit, or refused."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from math import inf, isfinite, nan
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.backprop.compiler import flat
from app.backprop.errors import Invalid
from app.backprop.network import LARGEST, MOST_EXAMPLES, Example, Network, Shape
from app.examples.published import DECK
from app.simulation.error_curve import pack_numbers
from app.simulation.iteration import LATEST
from app.simulation.permalink import (
    LONGEST,
    decode_permalink,
    encode_permalink,
)
from app.simulation.simulation import Simulation
from tests.support.strategies import Move, Setting, bits, walks

often = settings(deadline=None, derandomize=True, max_examples=50)
ONE_TWO_ONE = Network.of([1, 2, 1], [[[0.5, -0.25]], [[1.0], [2.0]]], [[0.1], [0.2]])
SMALL = Simulation.of(ONE_TWO_ONE, [Example((1.0,), (0.5,))], 0.5)


def head_of(text: str) -> tuple[list[Any], bytes]:
    """What a moment says before its numbers, and those."""
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    head, _, packed = content.partition(b"\n")
    return json.loads(head), packed


def forged(head: object, packed: bytes) -> str:
    content = (head if isinstance(head, str) else json.dumps(head)).encode() + b"\n" + packed
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_permalink(text)
    assert caught.value.field == "moment"
    assert "damaged" in caught.value.message


@often
@given(walks(length=8, wild=True))
def test_every_moment_comes_back(walk: tuple[Setting, list[Move]]) -> None:
    """A decoded simulation equals the encoded one and goes on alike."""
    setting, moves = walk
    simulation = setting.simulation()
    for move in moves:
        simulation = move.of(simulation)
        if not choosable(simulation):
            with pytest.raises(Invalid):
                decode_permalink(encode_permalink(simulation))
            continue
        again = decode_permalink(encode_permalink(simulation))
        assert bits(again) == bits(simulation)
        assert encode_permalink(again) == encode_permalink(simulation)
        assert bits(again.step("unit", 3).train(2)) == bits(simulation.step("unit", 3).train(2))


def choosable(simulation: Simulation) -> bool:
    """Whether a form or the API takes the numbers that it has not computed."""
    numbers = [number for each in simulation.examples for number in flat(each)]
    numbers += [] if simulation.iteration else simulation.network.parameters
    return all(abs(number) <= LARGEST for number in numbers)


def test_the_curve_goes_on_from_there() -> None:
    """The curve goes on from the iteration of the permalink."""
    begun = decode_permalink(encode_permalink(DECK.simulation.train(41)))
    whole = dict(DECK.simulation.train(41 + 3000).errors(10**4))
    assert begun.errors() == ((40, whole[40]),)
    points = begun.train(3000).errors(10**4)
    assert points[0][0] == begun.iteration
    assert points[-1][0] == begun.iteration + 3000
    assert len(points) <= 513
    assert points[-1][1] == whole[points[-1][0]] or points[-1][0] not in whole
    back = begun.train(3000).back("phase", 9000 - 3)
    assert bits(back) == bits(begun.train(1))


def test_it_is_short() -> None:
    """A permalink fits into a URL."""
    assert len(encode_permalink(DECK.simulation)) < 500
    shape = Shape((8,) * 5, ("sigmoid",) * 4, bias="per_unit")
    network = Network(shape, (1 / 3,) * shape.parameter_count)
    rows = [Example((1 / 3,) * 8, (1 / 7,) * 8)] * MOST_EXAMPLES
    text = encode_permalink(Simulation.of(network, rows, 1 / 3).train(1))
    assert len(text) <= LONGEST
    assert len(decode_permalink(text).examples) == MOST_EXAMPLES


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda b: forged("", b))))
@example("")
@example("A" * (LONGEST + 1))
@example("한국어")
@example("\ud800")
@example(forged("[" * 5000, b""))
@example(forged("9" * 5000, b""))
def test_noise_is_refused(text: str) -> None:
    """Any other text is refused."""
    refused(text)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.data())
def test_damage_is_refused_or_makes_sense(data: st.DataObject) -> None:
    """A damaged permalink is refused or gives a simulation that works."""
    content = bytearray(urlsafe_b64decode(encode_permalink(DECK.simulation.forward()) + "=="))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        fresh = data.draw(st.binary(max_size=2))
        content[place : place + data.draw(st.integers(0, 2))] = fresh
    text = urlsafe_b64encode(content).decode()
    try:
        simulation = decode_permalink(text)
    except Invalid:
        with pytest.raises(Invalid):
            decode_permalink(text)
    else:
        works(simulation)


def works(simulation: Simulation) -> None:
    """It can be walked and written, and its shape is made of whole numbers."""
    assert all(type(units) is int for units in simulation.network.shape.layers)
    assert type(simulation.cursor) is int
    simulation.step("unit").train(1).back().reset()
    assert bits(decode_permalink(encode_permalink(simulation))) == bits(simulation)


FORMAT, LAYERS, ACTIVATIONS, ERROR, BIAS, COUNT, ITERATION, CURSOR = range(8)
FORGED: dict[int, list[Any]] = {
    FORMAT: [2, "1", None, []],
    LAYERS: [
        *([1, 2, 2], [2, 2, 1], [1, 9, 1], [1, 0, 1], [1], [], "121"),
        *([True, 2, True], [1, 2.0, 1], [1.0, 2.0, 1.0], [1, "2", 1], [1, [2], 1]),
    ],
    ACTIVATIONS: [["sigmoid"], ["x", "y"], [["tanh"], "tanh"], "st", [{}, 1]],
    ERROR: ["cross_entropy", None, 1, []],
    BIAS: ["none", "per_unit", "", None, True],
    COUNT: [0, 2, -1, True, 1.0, MOST_EXAMPLES + 1, 10**9, "1", None],
    ITERATION: [-1, True, 0.0, "0", LATEST + 1, None, inf, nan],
    CURSOR: [-1, True, 1.5, 10**9, len(SMALL.steps) + 1, "0", None, inf],
}


def test_a_forged_head_is_refused() -> None:
    """Wrong counts, booleans or fractions for whole numbers, unknown names and other JSON."""
    head, packed = head_of(encode_permalink(SMALL))
    works(decode_permalink(forged(head, packed)))
    for place, values in FORGED.items():
        for value in values:
            refused(forged([*head[:place], value, *head[place + 1 :]], packed))
    for other in ("{}", "null", "[]", "1", '"x"', "[1]", "[1,2,3,4,5,6,7,8,9,10]"):
        refused(forged(other, packed))


@pytest.mark.parametrize("cut", [-8, -1, 1, 8])
def test_more_or_fewer_numbers_are_refused(cut: int) -> None:
    """The number of bytes must fit the shape exactly."""
    head, packed = head_of(encode_permalink(SMALL))
    refused(forged(head, packed[:cut] if cut < 0 else packed + b"\0" * cut))


CHOSEN = {  # what stands at which place among the numbers, counted from the end
    -2: "learning_rate",
    -3: "examples.0.targets",
    -4: "examples.0.inputs",
    -5: "network.biases",
    -7: "network.weights",
}


@pytest.mark.parametrize("place", CHOSEN)
@pytest.mark.parametrize("iteration", [0, 1])
def test_only_what_can_be_chosen(iteration: int, place: int) -> None:
    """A link holds only numbers that a form accepts; trained weights may be anything."""
    head, packed = head_of(encode_permalink(SMALL))
    head[ITERATION] = iteration
    end = len(packed) + 8 * place
    field = CHOSEN[place]
    low = 0.0 if field == "learning_rate" else -LARGEST
    trained = iteration > 0 and field.startswith("network")
    for number in (nan, inf, -inf, LARGEST + 1, -LARGEST - 1, -1.0, LARGEST, 0.0):
        text = forged(head, packed[:end] + pack_numbers([number]) + packed[end + 8 :])
        if trained or (isfinite(number) and low <= number <= LARGEST):
            works(decode_permalink(text))
        else:
            with pytest.raises(Invalid, match="a number from") as caught:
                decode_permalink(text)
            assert caught.value.field == field
