"""Diagnoses of error curves made for the test and of real runs."""

from math import exp, inf, nan, sin

import pytest

from app.analysis.convergence import (
    DIVERGED,
    FALLING,
    FLATTENED,
    GROWING,
    SHORT,
    STUCK,
    SWINGING,
    ZERO,
    diagnose,
    largest_gradient,
)
from app.analysis.gradient_check import gradient_of
from app.examples.published import DECK
from app.simulation.per_example_curves import per_example_curves
from tests.simulation.test_training import xor

Curve = list[tuple[int, float]]


def curve(*errors: float) -> Curve:
    return list(enumerate(errors))


MADE: list[tuple[str, Curve, float]] = [
    (SHORT, curve(0.5, 0.4, 0.3), 0.1),
    (SHORT, [], 0.1),
    (DIVERGED, curve(0.5, 3.0, 80.0, inf, nan), 0.1),
    (DIVERGED, curve(nan), 0.1),
    (GROWING, curve(*(0.1 * 1.1**k for k in range(30))), 0.1),
    (GROWING, curve(*(0.1 + 0.01 * k for k in range(30))), 0.1),
    (SWINGING, curve(*(0.5 + 0.2 * (-1) ** k for k in range(60))), 0.1),
    (SWINGING, curve(*(0.5 + 0.3 * sin(k) for k in range(60))), 0.1),
    (ZERO, curve(*[0.0] * 20), 0.0),
    (ZERO, curve(*(5e-32 + 1e-32 * (-1) ** k for k in range(40))), 1e-17),
    (FLATTENED, curve(*[0.25] * 30), 1e-9),
    (STUCK, curve(*[0.25] * 30), 0.2),
    (STUCK, curve(*(0.25 - 1e-6 * k for k in range(30))), 0.2),
    (FALLING, curve(*(exp(-k / 10) for k in range(60))), 0.1),
    (FALLING, curve(*(1e-12 / (k + 1) for k in range(60))), 1e-9),
    # Falling with a little noise is falling.
    (FALLING, curve(*(exp(-k / 20) + 0.004 * (-1) ** k for k in range(40))), 0.1),
]


@pytest.mark.parametrize(("kind", "points", "gradient"), MADE)
def test_made_curves(kind: str, points: Curve, gradient: float) -> None:
    """Each curve is diagnosed as what it was made to be."""
    assert diagnose(points, gradient).kind == kind


def test_the_numbers_are_those_seen() -> None:
    """The numbers of a diagnosis are those of the last third of the curve."""
    seen = diagnose(curve(*(1.0 - 0.01 * k for k in range(60))), 0.1)
    assert (seen.kind, seen.since, seen.iteration) == (FALLING, 40, 59)
    assert seen.first == 1.0
    assert seen.last == seen.low == pytest.approx(0.41)
    assert seen.high == pytest.approx(0.6)
    assert (seen.rises, seen.changes) == (0, 19)
    early = sum(1.0 - 0.01 * k for k in range(40, 50)) / 10
    late = sum(1.0 - 0.01 * k for k in range(50, 60)) / 10
    assert seen.change == pytest.approx((early - late) / early)


@pytest.mark.parametrize(
    ("kinds", "seed", "rate", "iterations"),
    [
        ((FALLING,), 0, 0.5, 8_000),  # it learns
        ((STUCK, FLATTENED), 4, 0.5, 8_000),  # a known local minimum: half of the examples are lost
        ((FLATTENED,), 0, 50.0, 8_000),  # one step too long, and every unit is saturated
    ],
)
def test_real_runs_of_xor(kinds: tuple[str, ...], seed: int, rate: float, iterations: int) -> None:
    """Runs of XOR whose outcome is known are diagnosed correctly."""
    made = xor(seed, rate).train(iterations)
    assert diagnose(per_example_curves(made).mean, largest_gradient(made)).kind in kinds


def test_the_deck_falls() -> None:
    """The error of the deck's network falls."""
    assert diagnose(DECK.simulation.train(300).errors()).kind == FALLING


def test_steepness_is_the_largest_gradient() -> None:
    """The steepness is the largest gradient that the steps compute."""
    simulation = DECK.simulation.train(2).step("phase", 2)
    known = [
        abs(simulation.value(gradient_of(address)) or 0.0)
        for address in simulation.compiled.inputs
        if address.startswith(("weight/", "bias/"))
    ]
    assert largest_gradient(simulation) == max(known)


def test_several_examples_are_weighed_alike() -> None:
    """The mean curve weighs each example once, and each example has a curve of its own."""
    made = xor().train(64)
    shown = per_example_curves(made)
    errors = dict(made.errors(1_000))
    assert shown.fair
    for number, points in enumerate(shown.examples):
        assert points == tuple((k, errors[k]) for k in range(number, 64, 4))
    assert [k for k, _ in shown.mean] == list(range(3, 64))
    for k, mean in shown.mean:
        assert mean == pytest.approx(sum(errors[k - back] for back in range(4)) / 4)


def test_only_while_the_examples_are_in_use() -> None:
    """After the examples change, the curves cover only the new ones."""
    made = xor().train(40)
    shown = per_example_curves(made.edit(examples=list(made.examples[:2])).train(20))
    assert shown.examples[0][0][0] >= 39
    assert len(shown.examples) == 2
