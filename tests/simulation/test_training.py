"""Training in chunks, until an error bound."""

from dataclasses import replace
from itertools import pairwise
from math import inf, isfinite, nextafter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.network import Example, Network
from app.examples.presets import PRESETS
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.navigation import record_command, seek, undo
from app.simulation.replay import run_to_end
from app.simulation.saved_runs import save_run
from app.simulation.simulation import DIVERGED, DONE, REACHED, STOPPED, Simulation, TrainingRun
from app.simulation.training import (
    continue_training,
    finished_iterations,
    is_running,
    start_training,
    stop_training,
    train_until,
)
from tests.support.naive import Naive
from tests.support.strategies import Setting, bits, naive_bits, settings_of

often = settings(deadline=None, derandomize=True, max_examples=40)


def xor(seed: int = 1, rate: float = 0.5) -> Simulation:
    """2-2-1 on the four examples of XOR."""
    drawn = random_simulation((2, 2, 1), seed, activations=("tanh", "sigmoid"), bias="per_unit")
    corners = ((0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))
    return drawn.edit(
        examples=[Example((a, b), (target,)) for a, b, target in corners], learning_rate=rate
    )


def whole(simulation: Simulation, steps: int, most: int = 10_000) -> Simulation:
    """The way to the goal, in chunks of so many steps."""
    for _ in range(most):
        if not is_running(simulation):
            return simulation
        [*_, simulation] = continue_training(simulation, steps)
    raise AssertionError("no end")


@often
@given(
    st.sampled_from(["deck", "xor"]),
    st.integers(0, 60),
    st.integers(1, 300),
    st.integers(1, 20_000),
)
def test_chunks_are_one_run(name: str, taken: int, iterations: int, steps: int) -> None:
    """Training in chunks of any size equals one training."""
    begun = (DECK.simulation if name == "deck" else xor()).step("unit", taken)
    made = whole(start_training(begun, iterations), steps)
    assert made == begun.train(iterations)
    assert made.errors() == begun.train(iterations).errors()
    assert made.training == TrainingRun(
        finished_iterations(begun), finished_iterations(made), outcome=DONE
    )


@often
@given(st.integers(0, 80), st.floats(0.02, 0.3), st.integers(1, 20_000))
def test_it_stops_at_the_first_pass_below(taken: int, below: float, steps: int) -> None:
    """Training stops after the first pass below the bound."""
    begun = xor().step("unit", taken)
    made = whole(start_training(begun, 1_000, below), steps)
    passes, simulation = [], begun
    for _ in range(250):
        errors = []
        for _ in range(4):
            simulation = simulation.train(1)
            errors.append(simulation.previous_error or 0.0)
        passes.append(sum(errors) / 4)
        if passes[-1] < below:
            break
    assert made == simulation
    reached = passes[-1] < below
    assert made.training is not None
    assert made.training.outcome == (REACHED if reached else DONE)
    assert finished_iterations(made) == finished_iterations(begun) + 4 * len(passes)


def test_one_example_is_looked_at_after_each_iteration() -> None:
    """With one example a pass is one iteration."""
    made = whole(start_training(DECK.simulation, 5_000, 0.01), 1_600_000)
    assert (made.previous_error or 1) < 0.01 <= (made.train(0).back("phase", 3).previous_error or 0)
    [*_, alike] = train_until(DECK.simulation, 5_000, 0.01)
    assert alike == made
    assert alike.training is None


def test_stop_keeps_what_was_done() -> None:
    """Stopping keeps the iterations made so far."""
    [*_, begun] = continue_training(start_training(DECK.simulation, 1_000), 7_700)
    halted = stop_training(begun)
    assert halted == begun == DECK.simulation.train(100)
    assert halted.training is not None
    assert halted.training.outcome == STOPPED
    assert list(continue_training(halted)) == []
    assert stop_training(halted) is halted
    assert stop_training(DECK.simulation) is DECK.simulation


DIVERGING = Simulation.of(
    Network.of((1, 1), (((2.0,),),), ((0.0,),), activations=["identity"]),
    [Example((3.0,), (1.0,))],
    0.205,
)


def first_not_finite(simulation: Simulation) -> int:
    """Found by single iterations."""
    while isfinite(simulation.step("phase").value("error") or 0.0):
        simulation = simulation.step("phase", 3)
    return simulation.step("phase").iteration


def test_what_diverges_ends_at_that_iteration() -> None:
    """Training ends with the first iteration whose E is not finite, the last of a run as well."""
    right = first_not_finite(DIVERGING.train(7_000))
    for steps in (5_000, 60_000):
        made = whole(start_training(DIVERGING, 100_000), steps)
        assert made.training is not None
        assert made.training.outcome == DIVERGED
        assert (made.iteration, made.finished) == (right, True)
        assert not isfinite(made.previous_error or 0.0)
        assert made == DIVERGING.train(100_000) == DIVERGING.train(right + 1)
    *_, before = seek(made, right - 1, len(made.steps))
    assert isfinite(before.previous_error or 0.0)
    assert before == DIVERGING.train(right)
    last = whole(start_training(DIVERGING, right + 1), 60_000)
    assert last.training is not None
    assert (last, last.training.outcome) == (made, DIVERGED)
    again = whole(start_training(made, 50), 60_000)  # already diverged: one iteration
    assert again.training is not None
    assert (again.iteration, again.training.outcome) == (right + 1, DIVERGED)
    one = DIVERGING.train(right).step("unit", 2)
    assert one.train(9) == made
    assert [*train_until(one, 9, 0.1)][-1] == made


def test_what_has_diverged_is_replayed() -> None:
    """Going back to a moment after the divergence is exact."""
    far = DIVERGING.step("phase", 3 * 7_600 + 2)
    *_, back = seek(far, 7_400, 3)
    assert bits(back) == bits(DIVERGING.step("phase", 3 * 7_400).step("unit", 3))


@given(
    setting=settings_of(largest=2, deepest=3, wild=True, most_examples=5),
    before=st.integers(0, 40),
    iterations=st.integers(0, 60),
    data=st.data(),
)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_it_stops_where_a_plain_loop_stops(
    setting: Setting, before: int, iterations: int, data: st.DataObject
) -> None:
    """From any cursor, to the bit: the bound is one of the means on the way, or just above it."""
    simulation, naive = setting.simulation(), setting.naive()
    simulation = simulation.step("unit", before)
    naive.step("unit", before)
    plain = Naive(naive.now.iteration)
    plain.moments = [naive.now]
    errors, count = plain.train(iterations), len(setting.examples)
    means = [sum(errors[k : k + count]) / count for k in range(0, len(errors) - count + 1, count)]
    bounds = [bound for mean in means for bound in (mean, nextafter(mean, inf))]
    below = data.draw(st.sampled_from([bound for bound in bounds if 0 < bound < inf] or [0.01]))
    errors = naive.train(iterations, below)
    made, outcome = run_to_end(simulation.train_in_slices(iterations, below))
    assert bits(made) == naive_bits(naive.now)
    assert bits(made) == bits(simulation.train(len(errors)))
    if errors and not isfinite(errors[-1]):
        assert outcome == DIVERGED
    else:
        mean = sum(errors[-count:]) / count
        assert (outcome == REACHED) == (bool(errors) and len(errors) % count == 0 and mean < below)


@pytest.mark.parametrize("update", ["each", "mean"])
@pytest.mark.parametrize("taken", [0, 1, 29, 150])
def test_shuffled_passes_are_compared_whole(update: str, taken: int) -> None:
    """Each pass in an order of its own, or with an update at its end, is compared as a whole."""
    begun = xor(3).edit(shuffle=5, update=update, learning_rate=1.0).step("unit", taken)
    made = whole(start_training(begun, 4_000, 0.1), 1_000)
    assert made.training is not None
    assert made.training.outcome == REACHED
    errors = [error for _, error in pairs(begun, finished_iterations(made))]
    first = -(-finished_iterations(begun) // 4) * 4
    means = [sum(errors[k : k + 4]) / 4 for k in range(first, len(errors), 4)]
    assert means[-1] < 0.1 <= min(means[:-1])
    assert finished_iterations(made) % 4 == 0
    assert made == whole(start_training(begun, 4_000, 0.1), 10**6)


def pairs(simulation: Simulation, iterations: int) -> list[tuple[int, float]]:
    """(iteration, E) of every iteration, those before the simulation included."""
    made = list(simulation.errors(10_000))
    while finished_iterations(simulation) < iterations:
        simulation = simulation.train(1)
        made.append((simulation.iteration, simulation.previous_error or 0.0))
    assert all(b - a == 1 for (a, _), (b, _) in pairwise(made))
    return made


def test_any_other_command_cancels_the_training() -> None:
    """Any other command cancels the training, except saving a run."""
    simulation = PRESETS["mazur"].simulation.train(3)
    goal = start_training(simulation, 5)
    assert goal == simulation
    assert replace(goal, training=None) == simulation
    assert record_command(save_run(goal), goal).training == goal.training
    for moved in (goal.step(), goal.back(), goal.reset(), goal.edit(learning_rate=0.1)):
        assert record_command(moved, goal).training is None
    *_, undone = undo(
        replace(record_command(simulation.step(), simulation), training=goal.training)
    )
    assert record_command(undone, goal.step()).training is None


@pytest.mark.parametrize("number", [1, 3, 8])
def test_the_curve_goes_round_through_all_examples(number: int) -> None:
    """A thinned curve has points of every example."""
    examples = [Example((index / 10,), (0.5,)) for index in range(number)]
    network = Network.of((1, 1), (((0.3,),),), ((0.1,),))
    made = Simulation.of(network, examples, 0.01).train(6_000)
    assert made.history.curve.stride > 1
    points = made.errors(10_000)[:-1]
    assert len(points) >= 512 / 5 - 1
    for begin in range(len(points) - number):
        assert {k % number for k, _ in points[begin : begin + number]} == set(range(number))


@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_finer_curve_of_the_way_here_has_all_examples(number: int) -> None:
    """After going back the recomputed curve has every example."""
    examples = [Example((index / 10,), (0.5,)) for index in range(number)]
    network = Network.of((1, 1), (((0.3,),),), ((0.1,),))
    begun = Simulation.of(network, examples, 0.01)
    *_, back = seek(begun.train(20_000), 999, 1)
    assert back.history.near is not None
    assert back.errors(10_000) == begun.train(999).errors(10_000)
    there = back.train(40)
    assert there.errors(10_000) == begun.train(1_039).errors(10_000)


def test_a_curve_of_changing_examples_is_made_anew_once() -> None:
    """The recomputed curve is kept for the next seek."""
    one, more = DECK.simulation, [Example((0.1 * k, 0.0, 1.0), (0.5, 0.5)) for k in range(4)]
    made = one.train(600).edit(examples=more).train(30_000)
    *_, back = seek(made, 1_500, 20)
    *_, again = seek(back, 1_400, 20)
    assert back.history.near is not None
    assert again.history.near is back.history.near
