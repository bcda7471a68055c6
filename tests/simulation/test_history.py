"""The history of a simulation: bounded in size, and exact."""

from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.network import Example, Network
from app.examples.presets import PRESETS
from app.examples.random_network import random_simulation
from app.simulation.error_curve import CURVE_POINTS
from app.simulation.history import CHECKPOINTS
from app.simulation.iteration import IterationState
from app.simulation.simulation import Simulation
from tests.support.naive import Naive
from tests.support.strategies import Move, Setting, bits, edits, naive_bits, settings_of

DECK = PRESETS["deck"].simulation
SMALL = Simulation.of(
    Network.of((1, 1), [[[0.5]]], [[-0.25]], activations=("tanh",)),
    [Example((1.0,), (0.75,)), Example((-0.5,), (0.25,))],
    0.05,
)
RUNS = st.one_of(st.integers(1, 40), st.integers(1, 600), st.sampled_from((1, 2, 3000)))


def size(simulation: Simulation) -> int:
    return len(msgspec.msgpack.encode(simulation))


def kept(simulation: Simulation) -> tuple[int, int]:
    """How many checkpoints and points of the curve there are."""
    history = simulation.history
    return len(history.checkpoints), len(history.curve.packed) // 8


# Its bounds.


@given(runs=st.lists(st.tuples(RUNS, st.booleans()), min_size=1, max_size=25))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_bounded_at_any_time(runs: list[tuple[int, bool]]) -> None:
    """There are at most 64 checkpoints and 512 points, and the position is exact."""
    simulation = SMALL
    for run, back in runs:
        simulation = simulation.back("phase", 3 * (run // 2)) if back else simulation.train(run)
        checkpoints, points = kept(simulation)
        assert checkpoints <= 64
        assert points <= 512
    assert (CHECKPOINTS, CURVE_POINTS) == (64, 512)
    if simulation.iteration:
        assert bits(simulation) == bits(SMALL.train(simulation.iteration + 1))


def test_bounded_step_by_step() -> None:
    """Single updates keep no more than long runs."""
    simulation = SMALL
    for _ in range(1500):
        simulation = simulation.update()
        checkpoints, points = kept(simulation)
        assert checkpoints <= 64
        assert points <= 512
    assert bits(simulation) == bits(SMALL.train(1500))
    assert simulation.errors() == SMALL.train(1500).errors()


@pytest.mark.parametrize("bias", ["shared", "per_unit", "none"])
def test_the_largest_network_stays_small(bias: str) -> None:
    """The largest network is stored in at most 40 kB."""
    trained = random_simulation((8,) * 5, 1, bias=bias).train(5_000)
    assert size(trained) <= 40_000
    once_more = trained.train(3_000)
    assert kept(once_more)[0] == kept(trained)[0]
    assert size(once_more) <= 40_000


@pytest.mark.parametrize("what", ["a weight", "all weights", "learning_rate", "activations"])
def test_edits_stay_small(what: str) -> None:
    """Many edits do not grow a stored simulation beyond 40 kB."""
    random, simulation = Random(1), DECK.train(100_000)
    for count in range(300):
        weights = [[list(row) for row in matrix] for matrix in simulation.network.weights]
        for row in weights[0] + weights[1] if what == "all weights" else weights[0][:1]:
            row[:] = [random.uniform(-1, 1) for _ in row]
        name = ("sigmoid", "identity")[count % 2]
        edits: dict[str, Any] = {
            "learning_rate": {"learning_rate": random.random()},
            "activations": {"activations": (name, name)},
        }
        simulation = simulation.edit(**edits.get(what, {"weights": weights})).step("unit", 80)
        assert simulation.history.edits
    assert len(simulation.history.edits) < 300
    assert size(simulation) <= 40_000


# Going back is no dearer for being far on.


def test_going_back_runs_little_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Going back recomputes at most the gap between two checkpoints."""
    far = SMALL.train(100_000)
    ran: list[int] = []
    run = IterationState.run

    def counted(
        start: IterationState, iterations: int, *how: Any
    ) -> tuple[IterationState, list[float]]:
        ran.append(iterations)
        return run(start, iterations, *how)

    monkeypatch.setattr(IterationState, "run", counted)
    far.back("phase", 3)
    assert sum(ran) < 5_000
    ran.clear()
    simulation = far
    while simulation.iteration > 90_000:
        simulation = simulation.back("phase", 3)
    assert sum(ran) < 30 * 10_000
    assert bits(simulation) == bits(SMALL.train(90_001))


# What is left is exact.


@given(setting=settings_of(largest=2, deepest=3), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=25)
def test_long_ways_with_edits_are_gone_back_exactly(setting: Setting, data: st.DataObject) -> None:
    """Hundreds of iterations with edits agree with the naive model, both ways."""
    simulation, naive = setting.simulation(), setting.naive()
    for _ in range(data.draw(st.integers(1, 6))):
        train = Move("train", {"iterations": data.draw(st.integers(1, 120))})
        aside = Move("step", {"by": "unit", "count": data.draw(st.integers(0, 9))})
        for move in (train, aside, data.draw(edits(setting))):
            simulation = move.of(simulation)
            move.on(naive)
        assert bits(simulation) == naive_bits(naive.now)
    while len(naive.moments) > 1:
        back = Move("back", {"by": "phase", "count": data.draw(st.integers(1, 60))})
        simulation = back.of(simulation)
        back.on(naive)
        assert bits(simulation) == naive_bits(naive.now)
    assert simulation.at_beginning


def test_forgetting_the_oldest_edits_keeps_the_rest_exact() -> None:
    """Edits that are still kept are undone exactly."""
    random, simulation = Random(2), DECK
    naive = naive_deck()
    for count in range(120):
        moves = (
            Move("edit", {"weights": everything(random)}),
            Move("step", {"by": "layer", "count": count % 50}),
        )
        for move in moves:
            simulation = move.of(simulation)
            move.on(naive)
        assert bits(simulation) == naive_bits(naive.now)
    left = len(simulation.history.edits)
    assert 20 < left < 60
    taken_back = 0
    while not simulation.at_beginning:
        assert bits(simulation) == naive_bits(naive.now)
        taken_back += naive.now.edited
        simulation = simulation.back("layer")
        naive.back("layer", 1)
    assert taken_back == left
    assert len(naive.moments) > 1
    assert bits(simulation) == naive_bits(naive.now)
    assert simulation.back() is simulation
    reset = simulation.reset()
    assert bits(reset) == bits(DECK)
    assert reset.at_beginning
    assert not reset.history.edits


def everything(random: Random) -> dict[tuple[int, ...], float]:
    places = DECK.network.shape.weight_indices()
    return {place: random.uniform(-1, 1) for place in places}


def naive_deck() -> Naive:
    setting = Setting(
        (3, 4, 2),
        ("sigmoid", "sigmoid"),
        "shared",
        tuple([list(row) for row in matrix] for matrix in DECK.network.weights),
        [list(row) for row in DECK.network.biases],
        tuple((list(e.inputs), list(e.targets)) for e in DECK.examples),
        0.5,
    )
    return setting.naive()


# The error curve.


def rerun(simulation: Simulation, iterations: int) -> list[float]:
    """E of every iteration, from single steps."""
    errors = []
    for _ in range(iterations):
        simulation = simulation.forward()
        error = simulation.value("error")
        assert error is not None
        errors.append(error)
        simulation = simulation.update()
    return errors


@given(runs=st.lists(st.integers(1, 700), min_size=1, max_size=6), points=st.integers(2, 600))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_the_curve_is_that_of_a_run_again(runs: list[int], points: int) -> None:
    """The curve's points are the errors of an independent run, evenly spread."""
    simulation = SMALL
    for run in runs:
        simulation = simulation.train(run)
    total = sum(runs)
    truth = rerun(SMALL, total)
    curve = simulation.errors(points)
    assert len(curve) <= points
    assert curve[0] == (0, truth[0])
    assert curve[-1] == (total - 1, truth[-1])
    assert all(error == truth[iteration] for iteration, error in curve)
    gaps = [after - before for (before, _), (after, _) in pairwise(curve)]
    assert all(gap > 0 for gap in gaps)
    assert not gaps or max(gaps) <= 4 * max(1, total / min(points, 256))
    if total <= min(points, 512):
        assert len(curve) == total


def test_the_curve_ends_where_the_simulation_stands() -> None:
    """A finished iteration is on the curve, and one gone back into is not."""
    assert DECK.errors() == DECK.step("unit", 76).errors() == ()
    assert [k for k, _ in DECK.train(1).errors()] == [0]
    assert [k for k, _ in DECK.train(5).errors()] == [0, 1, 2, 3, 4]
    assert [k for k, _ in DECK.train(5).step().errors()] == [0, 1, 2, 3, 4]
    assert [k for k, _ in DECK.train(5).back("unit").errors()] == [0, 1, 2, 3]
    assert DECK.train(50).back("phase", 90).errors() == DECK.train(20).errors()


def test_the_curve_follows_another_way() -> None:
    """After an edit in the past the curve is that of the new branch."""
    edited = DECK.train(40).back("phase", 60).edit(learning_rate=3.0).train(30)
    before, after = rerun(DECK, 19), rerun(DECK.train(20).edit(learning_rate=3.0), 30)
    assert [error for _, error in edited.errors()] == before + after
    returned = edited.back("phase", 3 * 30 + 1)
    assert returned.errors() == DECK.train(20).errors()


@pytest.mark.parametrize(
    ("trained", "left"), [(600, 500), (5_000, 1_000), (100_000, 100), (700, 0)]
)
def test_the_curve_is_as_fine_as_if_one_had_never_gone_on(trained: int, left: int) -> None:
    """After going back the curve is as fine as on the way."""
    deck = PRESETS["deck"].simulation
    returned = deck.train(trained).back("phase", 3 * (trained - left))
    assert returned.errors(1_000) == (deck.train(left) if left else deck).errors(1_000)
