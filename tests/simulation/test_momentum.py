"""The steps of momentum, and its valid range."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.backprop.errors import Invalid
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.history import History
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation


def test_the_order_of_the_update() -> None:
    """In each layer the velocities come before the updates."""
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


def test_moments_of_gradient_descent_read_as_before() -> None:
    """A permalink without momentum has its original format."""
    head = b'[1,[3,4,2],["sigmoid","sigmoid"],"half_squared","shared",1,0,0,false]'

    text = encode_permalink(DECK.simulation)
    assert urlsafe_b64decode(text + "=" * (-len(text) % 4)).startswith(head + b"\n")


@pytest.mark.parametrize("momentum", [-0.1, 1.0, float("nan")])
def test_momenta_that_cannot_be(momentum: float) -> None:
    """Momentum is from 0 to less than 1, and only with velocities."""
    simulation = random_simulation((3, 4, 2), 3, optimiser="momentum")
    start = replace(simulation.start, hyperparameters=(momentum,))
    attempts: tuple[Callable[[], Simulation], ...] = (
        lambda: simulation.edit(hyperparameters={"momentum": momentum}),
        lambda: DECK.simulation.edit(hyperparameters={"momentum": 0.5}),
        lambda: decode_permalink(
            encode_permalink(Simulation(start, 0, History.starting_at(start)))
        ),
        lambda: Simulation.of(simulation.network, simulation.examples, 0.5, {"momentum": momentum}),
    )
    for wrong in attempts:
        with pytest.raises(Invalid) as caught:
            wrong()
        assert caught.value.field == "momentum"
