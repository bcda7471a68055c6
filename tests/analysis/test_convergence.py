"""Diagnoses of error curves made for the test and of real runs."""

from math import exp, inf, isfinite, nan, sin

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
    diagnose_training,
    largest_gradient,
)
from app.analysis.gradient_check import gradient_of
from app.backprop.network import Example
from app.examples.published import DECK
from app.simulation import replay
from app.simulation.iteration import IN_ORDER
from app.simulation.navigation import seek
from app.simulation.per_example_curves import per_example_curves
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import REACHED, Simulation
from app.simulation.training import continue_training, is_running, start_training
from tests.simulation.test_training import DIVERGING, first_not_finite, xor

Curve = list[tuple[int, float]]


def curve(*errors: float) -> Curve:
    return list(enumerate(errors))


MADE: list[tuple[str, Curve, float]] = [
    (SHORT, curve(0.5, 0.4, 0.3), 0.1),
    (SHORT, [], 0.1),
    (SHORT, curve(0.5, 3.0, 80.0, inf, nan), 0.1),  # `diagnose_training` says that it diverged
    (FALLING, curve(nan, inf, *(exp(-k / 10) for k in range(60))), 0.1),
    # After a fall it rises to where it was.
    (STUCK, curve(*(0.3 + 0.0001 * (20 - k if k < 20 else k - 20) for k in range(41))), 0.2),
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
    assert seen.fall == pytest.approx(0.19 / 0.6)


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


def test_the_iteration_of_the_divergence_is_exact() -> None:
    """It is named however far one went on, and going back before it leads to a finite E."""
    right = first_not_finite(DIVERGING.train(7_000))
    made = DIVERGING.train(100_000)
    imported = decode_permalink(encode_permalink(DIVERGING.train(7_000))).train(9_000)
    for far in (
        made,
        made.step("unit"),
        made.train(50),
        made.step("phase", 3 * 3_000 + 1),
        DIVERGING.step("phase", 3 * 100_000),
        made.edit(learning_rate=0.5).train(3),
        start_training(made.train(1), 5).train(5),
        imported,
    ):
        diagnosis = diagnose_training(far)
        assert (diagnosis.kind, diagnosis.since) == (DIVERGED, right)
        assert diagnosis.finite == right - 1
        *_, back = seek(far, diagnosis.finite, len(far.steps))
        assert isfinite(back.previous_error or nan)
        assert diagnose_training(back).kind != DIVERGED


def test_an_example_that_diverges_first() -> None:
    """With several examples, the first E that is not finite is that of any of them."""
    rows = [Example((x,), (1.0,)) for x in (0.0, 3.0, -2.0)]
    begun = Simulation.of(DIVERGING.network, rows, 0.5)
    far, errors = begun, list[float]()
    while len(errors) < 5_000 and all(map(isfinite, errors[-1:])):
        far = far.step("phase", 3)
        errors.append(far.previous_error or 0.0)
    assert begun.train(100_000) == far
    for more in (0, 50, 3_000):  # just behind it, a thinned curve may not show it yet
        diagnosis = diagnose_training(far.step("phase", 3 * more))
        assert (diagnosis.kind, diagnosis.since) == (DIVERGED, len(errors) - 1)


def test_what_was_never_finite() -> None:
    """Without a finite E there is nothing to go back to."""
    begun = DIVERGING.edit(weights=[[[1e200]]])
    begun = Simulation.of(begun.network, begun.examples, 0.1)
    diagnosis = diagnose_training(begun.train(30))
    assert (diagnosis.kind, diagnosis.since, diagnosis.finite) == (DIVERGED, 0, None)


def test_a_far_divergence_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """If replaying takes too long, the diagnosis names two iterations around it."""
    far = DIVERGING.step("phase", 3 * 100_000)
    right = first_not_finite(DIVERGING.train(7_000))
    monkeypatch.setattr(replay, "REPLAY_STEPS", 100)
    diagnosis = diagnose_training(far)
    assert diagnosis.finite is not None
    assert diagnosis.finite < right <= diagnosis.since
    assert diagnosis.since - diagnosis.finite <= far.history.curve.stride


@pytest.mark.parametrize(("shuffle", "update"), [(None, "each"), (5, "each"), (5, "mean")])
def test_the_last_mean_is_that_of_the_bound(shuffle: int | None, update: str) -> None:
    """A training that ends below a bound has a last mean below it, however thin the curve is."""
    begun = xor(3, 0.5).edit(update=update, shuffle=IN_ORDER if shuffle is None else shuffle)
    training = start_training(begun, 50_000, 0.002)
    while is_running(training):
        [*_, training] = continue_training(training)
    assert training.training is not None
    assert training.training.outcome == REACHED
    assert training.history.curve.stride > 1
    diagnosis = diagnose_training(training)
    last = begun.train(training.iteration - 3)
    errors = []
    for _ in range(4):
        last = last.train(1)
        errors.append(last.previous_error or nan)
    assert diagnosis.last == sum(errors) / 4 < 0.002
    if shuffle is None:
        assert per_example_curves(training).mean[-1] == (training.iteration, diagnosis.last)


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
