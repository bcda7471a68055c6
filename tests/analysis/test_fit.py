"""How well a network fits its examples, compared with NumPy and with passes of a training."""

from math import isnan

import numpy as np
import pytest

from app.analysis.fit import fit_of
from app.backprop.network import Example
from app.examples.presets import PRESETS, preset
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation

CASES = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def by_numpy(simulation: Simulation) -> tuple[float, float]:
    """Mean E and mean |target − out| of a network with tanh, then identity."""
    network = simulation.current_network
    first, second = (
        (np.array(weights), np.array(biases))
        for weights, biases in zip(network.weights, network.biases, strict=True)
    )
    outs = np.tanh(CASES @ first[0] + first[1]) @ second[0] + second[1]
    off = np.array([example.targets for example in simulation.examples]) - outs
    return float((0.5 * off**2).sum(axis=1).mean()), float(abs(off).mean())


def built() -> Simulation:
    return random_simulation(
        [2, 3, 2],
        5,
        activations=["tanh", "identity"],
        bias="per_unit",
        examples=[Example.of(row, [row[0], row[0] - row[1]]) for row in CASES.tolist()],
    )


def test_it_is_what_numpy_computes() -> None:
    """At the start, and after the last step of an iteration with its new weights."""
    begun = built()
    for simulation in (begun, begun.train(1), begun.train(7), begun.update()):
        fit = fit_of(simulation)
        assert (fit.error, fit.distance) == pytest.approx(by_numpy(simulation), rel=1e-12)


def test_it_stays_until_the_weights_are_new() -> None:
    """While an iteration goes on, it is about the weights that the iteration begins with."""
    simulation = built()
    before = fit_of(simulation)
    while not simulation.finished:
        assert fit_of(simulation) == before
        simulation = simulation.step("unit")
    assert fit_of(simulation) != before


def test_a_pass_that_moves_no_weight_has_this_mean() -> None:
    """With batch updates, the E of the next pass have this mean."""
    simulation = built().edit(update="sum").train(8)
    errors = [error for _, error in simulation.train(4).errors(64)][-4:]
    assert fit_of(simulation).error == pytest.approx(sum(errors) / 4, rel=1e-12)


@pytest.mark.parametrize("name", PRESETS)
def test_every_example_has_one(name: str) -> None:
    """With one example, E is that of the next iteration."""
    simulation = preset(name).simulation
    fit = fit_of(simulation)
    assert fit.distance >= 0
    if len(simulation.examples) == 1:
        assert fit.error == simulation.train(1).previous_error


def test_what_overflows() -> None:
    """A network that has diverged has none, and no exception."""
    simulation = built().edit(learning_rate=1e6).train(60)
    assert isnan(fit_of(simulation).error) or fit_of(simulation).error > 1e100
