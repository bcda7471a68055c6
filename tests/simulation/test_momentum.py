"""Momentum by hand, in 60 digits: v = μ·v + gradient, w = w − lr·v."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.backprop.errors import Invalid
from app.backprop.network import Shape
from app.examples.presets import DECK
from app.examples.random_network import random_simulation
from app.sessions.codec import Stored, decode, encode
from app.simulation.history import History
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from app.web.api.schemas.serialize import velocities_of
from tests.support import oracle
from tests.support.oracle import Number, mp
from tests.support.oracle_simulations import Json, case_of

KEY = b"k" * 32


def moved(numbers: Number, by: Number, factor: Number) -> Number:
    """numbers + factor · by, nested alike."""
    if isinstance(numbers, list | tuple):
        return [moved(a, b, factor) for a, b in zip(numbers, by, strict=True)]
    return mp.mpf(numbers) + factor * by


def largest_distance(found: Number, right: Number) -> Number:
    if isinstance(found, list | tuple):
        return max((largest_distance(a, b) for a, b in zip(found, right, strict=True)), default=0)
    return abs(mp.mpf(found) - right)


@pytest.mark.parametrize("bias", ["shared", "per_unit", "none"])
def test_several_iterations_by_hand(bias: str) -> None:
    """The gradients are central differences of E in 60 digits, and the rest is two lines."""
    simulation = random_simulation((3, 4, 2), 5, bias=bias, optimiser="momentum")
    simulation = simulation.edit(momentum=0.75)
    rate, momentum = mp.mpf(simulation.learning_rate), mp.mpf(0.75)
    network: Json = case_of(simulation)["network"]
    example = case_of(simulation)["example"]
    velocities = {
        "weights": moved(network["weights"], network["weights"], mp.mpf(-1)),
        "biases": moved(network["biases"], network["biases"], mp.mpf(-1)),
    }
    for _ in range(6):
        truth = oracle.truth(network, example, 0.5)
        slopes = {"weights": truth.weight_gradients, "biases": truth.bias_gradients}
        for kind, old in velocities.items():
            velocities[kind] = moved(slopes[kind], old, momentum)
            network[kind] = moved(network[kind], velocities[kind], -rate)
        simulation = simulation.update()
        for kind in velocities:
            shown = getattr(simulation.current_network, kind)
            assert largest_distance(shown, network[kind]) < 1e-12
            shown = getattr(velocities_of(simulation), kind)
            assert largest_distance(shown, velocities[kind]) < 1e-12


def test_the_order_of_the_update() -> None:
    """Of each layer the velocities come first, one kind a layer; the gradients stay as they are."""
    simulation = random_simulation((3, 4, 2), 1, optimiser="momentum")
    kinds = list(dict.fromkeys((s.kind, s.layer) for s in simulation.steps if s.phase == "update"))
    names = ("weight_velocity", "bias_velocity", "weight_update", "bias_update")
    assert kinds == [(name, layer) for layer in (2, 1) for name in names]
    assert len(simulation.steps) == 77 + 22
    [first, *_] = [s for s in simulation.steps if s.kind == "weight_velocity"]
    before, gradient = "weight_velocity_before/1/0/0", "weight_gradient/1/0/0"
    assert (first.result, first.operands) == (
        "weight_velocity/1/0/0",
        ("momentum", before, gradient),
    )
    [second, *_] = [s for s in simulation.steps if s.kind == "weight_update"]
    assert second.operands == ("weight/1/0/0", "learning_rate", "weight_velocity/1/0/0")


def test_without_any_left_it_is_gradient_descent() -> None:
    """μ = 0 forgets at once: the same weights, bit for bit."""
    still = random_simulation((3, 4, 2), 3, optimiser="momentum").edit(momentum=0.0)
    plain = random_simulation((3, 4, 2), 3)
    assert still.train(20).current_network.parameters == plain.train(20).current_network.parameters


def test_velocities_are_kept_and_come_back() -> None:
    """An edit of a weight keeps them; going back, over checkpoints too, finds the ones of then."""
    simulation = random_simulation((3, 4, 2), 3, optimiser="momentum").train(100)
    later = simulation.step().edit_parameter("weight/0/0/0", 0.5)
    assert later.start.velocities == simulation.step().start.velocities
    assert any(later.start.velocities)
    assert later.train(80).back("phase", 80 * 3 + 1) == simulation.step()
    assert simulation.edit(momentum=0.5).back() == simulation
    assert simulation.reset().start.velocities == (0.0,) * 22


def test_it_can_be_kept_and_pointed_at() -> None:
    """A record and a link give back velocities and momentum, to the bit."""
    simulation = random_simulation((3, 4, 2), 3, optimiser="momentum").train(70)
    simulation = simulation.edit(momentum=0.5).train(3).step("unit", 80)
    assert decode(encode(Stored(KEY, simulation))).simulation == simulation
    again = decode_permalink(encode_permalink(simulation))
    assert again == simulation
    assert again.train(5) == simulation.train(5)


def test_moments_of_gradient_descent_read_as_before() -> None:
    """They do not name it: a link from before there was another is still the same text."""
    head = b'[1,[3,4,2],["sigmoid","sigmoid"],"half_squared","shared",1,0,0,false]'

    text = encode_permalink(DECK.simulation)
    assert urlsafe_b64decode(text + "=" * (-len(text) % 4)).startswith(head + b"\n")


@pytest.mark.parametrize("momentum", [-0.1, 1.0, float("nan")])
def test_momenta_that_cannot_be(momentum: float) -> None:
    """From 0 to less than 1; and none where there are no velocities."""
    simulation = random_simulation((3, 4, 2), 3, optimiser="momentum")
    start = replace(simulation.start, momentum=momentum)
    attempts: tuple[Callable[[], Simulation], ...] = (
        lambda: simulation.edit(momentum=momentum),
        lambda: DECK.simulation.edit(momentum=0.5),
        lambda: decode_permalink(
            encode_permalink(Simulation(start, 0, History.starting_at(start)))
        ),
        lambda: Simulation.of(simulation.network, simulation.examples, 0.5, momentum),
    )
    for wrong in attempts:
        with pytest.raises(Invalid) as caught:
            wrong()
        assert caught.value.field == "momentum"


def test_an_optimiser_that_there_is_not() -> None:
    """It is named."""
    with pytest.raises(Invalid) as caught:
        Shape((1, 1), ("tanh",), optimiser="adam")
    assert caught.value.field == "network.optimiser"
