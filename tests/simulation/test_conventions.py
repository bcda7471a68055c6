"""Networks with the names and signs of a sheet: Err = −δ, and thresholds that are subtracted."""

import json
from dataclasses import replace
from random import Random

import pytest

from app.backprop.conventions import (
    CONSECUTIVE,
    DECK_CONVENTIONS,
    NUMBERED,
    NUMBERINGS,
    Conventions,
)
from app.backprop.errors import Invalid
from app.backprop.network import Example, Network, Shape
from app.backprop.quantity_names import symbol
from app.backprop.steps import steps_of
from app.sessions.codec import Stored, decode, encode
from app.simulation.description import describe, restore
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from tests.support.networks import SHAPES
from tests.support.published_vectors import EXERCISES
from tests.support.random_networks import random_network

TEXTBOOK = EXERCISES["textbook-3-2-1"]
SHEET = Conventions(CONSECUTIVE, minus_delta=True, thresholds=True)
SIGNS = [
    Conventions(NUMBERED, minus_delta=err, thresholds=threshold)
    for err in (False, True)
    for threshold in (False, True)
]


def textbook() -> Simulation:
    """The exercise with θ = −b, which the book does not have."""
    given = TEXTBOOK["network"]
    thresholds = [[-number for number in row] for row in given["biases"]]
    network = Network.of(
        given["layers"], given["weights"], thresholds, bias="per_unit", conventions=SHEET
    )
    examples = [Example.of(each["inputs"], each["targets"]) for each in TEXTBOOK["examples"]]
    return Simulation.of(network, examples, TEXTBOOK["learning_rate"])


def test_a_published_exercise() -> None:
    """Its numbers with the signs turned: Err, θ and ∂E/∂θ; all others stay."""
    simulation = textbook()
    for right in TEXTBOOK["iterations"]:
        finished = simulation.update()
        for layer in (1, 2):
            for unit in range(finished.shape.layers[layer]):
                for kind, name, sign in (
                    ("net", "net", 1),
                    ("out", "out", 1),
                    ("delta", "delta", -1),
                ):
                    value = finished.value(f"{kind}/{layer}/{unit}")
                    assert value == pytest.approx(sign * right[name][layer - 1][unit], abs=1e-15)
                for kind, name in (("bias_gradient", "bias_gradients"), ("bias", "new_biases")):
                    value = finished.value(f"{kind}/{layer - 1}/{unit}")
                    assert value == pytest.approx(-right[name][layer - 1][unit], abs=1e-15)
        for layer, rows in enumerate(right["new_weights"]):
            for source, row in enumerate(rows):
                for target, number in enumerate(row):
                    value = finished.value(f"weight/{layer}/{source}/{target}")
                    assert value == pytest.approx(number, abs=1e-15)
        simulation = simulation.train(1)


def test_the_names_of_a_published_exercise() -> None:
    shape = textbook().shape
    names = {step.symbol for step in steps_of(shape)}
    assert {"net_4", "out_6", "Err_6", "Err_4", "w46", "∂E/∂w14", "θ5", "∂E/∂θ6"} <= names


@pytest.mark.parametrize("conventions", SIGNS, ids=str)
def test_signs_change_no_other_bit(conventions: Conventions) -> None:
    """Of random networks of every kind, each result is the deck's or its negative, in the iterations
    after training as well."""
    random = Random(5)
    for _ in range(40):
        deck = random_network(random)
        start = deck.start.with_conventions(conventions)
        assert start.with_conventions(None) == deck.start
        sheet = Simulation.of(start.network, start.examples, start.learning_rate)
        sheet, deck = sheet.train(3), deck.train(3)
        for step, ours, theirs in zip(deck.steps, sheet.trace(), deck.trace(), strict=True):
            is_square = step.kind.endswith(("mean_square", "second_moment"))
            turned = (
                conventions.minus_delta
                if step.kind == "delta"
                else conventions.thresholds and step.kind.startswith("bias") and not is_square
            )
            expected = 0.0 - theirs if turned else theirs
            assert repr(ours + 0.0) == repr(expected + 0.0), (step.symbol, deck.shape)
        assert sheet.start.with_conventions(None) == deck.start


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("numbering", NUMBERINGS)
def test_no_two_quantities_have_one_name(name: str, numbering: str) -> None:
    """As plain text, with any numbering."""
    conventions = replace(SHEET, numbering=numbering)
    shape = replace(SHAPES[name], conventions=conventions)
    addresses = [step.result for step in steps_of(shape)]
    addresses += [f"out/0/{unit}" for unit in range(shape.layers[0])]
    assert len({symbol(text, shape) for text in addresses}) == len(addresses)


def test_from_the_tenth_unit_on_a_weight_has_a_comma() -> None:
    """w1,12 and w11,2 would be the same."""
    shape = Shape((3, 8, 3), ("sigmoid",) * 2, conventions=Conventions(CONSECUTIVE))
    assert symbol("weight/1/7/2", shape) == "w11,14"
    assert symbol("net/2/0", shape) == "net_12"


@pytest.mark.parametrize(
    "conventions",
    [*SIGNS, Conventions(names=(("a", "out/1/0"), ("w_x", "weight/0/1/0"), ("θ9", "bias/1")))],
    ids=str,
)
def test_names_and_signs_are_kept(conventions: Conventions) -> None:
    """By a record, a link, and the fields of a session.json."""
    begun = random_network(Random(2))
    while begun.shape.layers[0] < 2 or begun.shape.depth < 3 or begun.shape.bias != "shared":
        begun = random_network(Random(repr(begun.start)))
    start = begun.start.with_conventions(conventions)
    simulation = Simulation.of(start.network, start.examples, start.learning_rate).step("layer")
    stored = Stored(bytes(32), simulation)
    assert decode(encode(stored)) == stored
    assert decode_permalink(encode_permalink(simulation)).start == simulation.start
    assert restore(json.loads(json.dumps(describe(simulation.start)))) == simulation.start


@pytest.mark.parametrize("conventions", SIGNS, ids=str)
def test_an_edit_changes_names_and_signs(conventions: Conventions) -> None:
    """In the middle of a training with momentum: what follows is the same but for signs, and going
    back is exact."""
    shape = SHAPES["2-2-2 momentum per unit"]
    numbers = [0.1 * (index % 7) - 0.3 for index in range(shape.parameter_count)]
    network = Network(shape, tuple(numbers))
    deck = Simulation.of(network, [Example((0.5, -0.25), (1.0, 0.0))], 0.5).train(4).step("layer")
    sheet = deck.edit(conventions=conventions)
    assert sheet.start == deck.start.with_conventions(conventions)
    later = sheet.train(3)
    assert later.start.with_conventions(None).state == deck.train(3).start.state
    assert sheet.back("unit").start == deck.start
    again = later.edit(conventions=DECK_CONVENTIONS)
    assert again.start.state == deck.train(3).start.state


def test_what_is_gone_loses_its_name() -> None:
    """A layer that loses a unit keeps the names of the others."""
    names = (("a", "out/1/0"), ("b", "out/1/1"), ("v", "weight/1/1/0"))
    network = Network.of(
        (1, 2, 1),
        (((0.1, 0.2),), ((0.3,), (0.4,))),
        ((0.0,), (0.0,)),
        conventions=Conventions(names=names),
    )
    simulation = Simulation.of(network, [Example((1.0,), (1.0,))], 0.5)
    assert simulation.edit(layers=(1, 1, 1)).shape.named.names == names[:1]


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ((("w 5", "weight/0/0/0"),), "names.w 5"),
        ((("5w", "weight/0/0/0"),), "names.5w"),
        ((("w123456789", "weight/0/0/0"),), "names.w123456789"),
        ((("w5", "weight/9/0/0"),), "names.w5"),
        ((("w5", "delta/1/0"),), "names.w5"),
        ((("w5", "weight/0/0/0"), ("W5", "weight/0/1/0")), "names.W5"),
        ((("w5", "weight/0/0/0"), ("w6", "weight/0/0/0")), "names"),
    ],
)
def test_a_name_that_cannot_be(names: tuple[tuple[str, str], ...], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Shape((3, 4, 2), ("sigmoid",) * 2, conventions=Conventions(names=names))
    assert refused.value.field == f"network.conventions.{field}"
