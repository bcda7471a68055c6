"""The error along one weight or bias: the curve, the point on it and the step."""

from itertools import pairwise
from math import isfinite

import pytest
from hypothesis import given

from app.analysis.error_profile import curve, error_profile, steepest
from app.analysis.gradient_check import backprop, gradient_of
from app.backprop.errors import Invalid
from app.examples.presets import PRESETS
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from tests.support import oracle_cases
from tests.support.oracle_cases import simulation_of, steady

Json = dict[str, object]


def parameters(simulation: Simulation) -> list[str]:
    return list(backprop(simulation))


def error_with(simulation: Simulation, address: str, value: float) -> float:
    """E as the steps compute it, with one parameter changed."""
    edited = simulation.edit_parameter(address, value)
    return edited.trace()[edited.compiled.position["error"]]


@pytest.mark.parametrize("name", PRESETS)
def test_the_numbers_are_the_iterations_own(name: str) -> None:
    """The profile has the iteration's numbers, bit for bit, at any cursor."""
    start = PRESETS[name].simulation
    done = start.update()
    for address in parameters(start):
        step = error_profile(start, address)
        assert step == error_profile(start.step("unit", 9), address) == error_profile(done, address)
        assert step.at == start.value(address)
        assert step.next == done.value(address)
        assert step.error == done.value("error")
        assert step.gradient == done.value(gradient_of(address))
        assert step.landing == error_with(start, address, step.next)


@steady
@given(oracle_cases.cases())
def test_the_curve_is_what_the_steps_compute(case: Json) -> None:
    """The curve's points are evenly spaced, and E is what the steps compute there."""
    simulation = simulation_of(case)
    address = steepest(simulation)
    step = error_profile(simulation, address)
    points = curve(simulation, address, *step.wide, 7)
    assert (points[0][0], points[-1][0]) == step.wide
    gaps = [b - a for (a, _), (b, _) in pairwise(points)]
    assert gaps == pytest.approx([gaps[0]] * 6)
    for value, error in points:
        assert error == pytest.approx(error_with(simulation, address, value), rel=1e-9, abs=1e-12)


@steady
@given(oracle_cases.cases())
def test_what_is_drawn_shows_the_step(case: Json) -> None:
    """The wide range includes 0 and both points; the close range shows the step in a third."""
    step = error_profile(simulation_of(case), steepest(simulation_of(case)))
    low, high = step.wide
    assert low < min(0.0, step.at, step.next)
    assert high > max(0.0, step.at, step.next)
    low, high = step.close
    assert low < min(step.at, step.next)
    assert high > max(step.at, step.next)
    if abs(step.step) > 1e-4 * max(1.0, abs(step.at)):
        assert abs(step.step) > (high - low) / 3


def test_the_steepest() -> None:
    """By default the parameter with the largest gradient is chosen."""
    gradients = backprop(DECK.simulation)
    assert abs(gradients[steepest(DECK.simulation)]) == max(map(abs, gradients.values()))


def test_refusals() -> None:
    """An address that is no parameter and an empty range are refused."""
    for address in ("net/1/0", "weight/5/0/0", "bias_gradient/0", ""):
        with pytest.raises(KeyError):
            error_profile(DECK.simulation, address)
        with pytest.raises(KeyError):
            curve(DECK.simulation, address, 0.0, 1.0, 2)
    for low, high in ((1.0, 1.0), (1.0, 0.0), (float("nan"), 1.0)):
        with pytest.raises(Invalid) as refused:
            curve(DECK.simulation, "bias/0", low, high, 2)
        assert refused.value.field == "high"


def test_far_out() -> None:
    """Huge ranges and diverged networks do not raise."""
    points = curve(DECK.simulation, "bias/0", -1.7e308, 1.7e308, 5)
    assert [value for value, _ in points] == pytest.approx(
        [-1.7e308, -0.85e308, 0.0, 0.85e308, 1.7e308]
    )
    assert all(isfinite(error) for _, error in points)
    wild = random_simulation((2, 2, 1), 1, activations=("identity", "identity"))
    lost = wild.edit(learning_rate=1e6).train(20)
    step = error_profile(lost, "bias/0")
    assert not isfinite(step.actual_change)
    for low, high in (step.wide, step.close):
        assert isfinite(high - low)
        assert low < high
