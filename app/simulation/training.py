"""Training towards a goal, a chunk at a time: each chunk is a change like any other.

Chunks make the iterations of one long run, bit by bit. What one was given for E is found by running
ahead, so that training stops at the very iteration: with a bound for E an iteration costs twice.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from math import isfinite

from app.simulation.simulation import DIVERGED, DONE, REACHED, STOPPED, Simulation, TrainingRun

CHUNK_STEPS = 600_000  # some 30 ms by itself, twice that while others have their turns
SLICE_STEPS = 2_000  # made twice: as long as a slice of `Simulation.training`

Way = Generator[Simulation, None, tuple[Simulation, bool]]


def finished_iterations(simulation: Simulation) -> int:
    """How many iterations have been finished."""
    return simulation.iteration + simulation.finished


def start_training(
    simulation: Simulation, iterations: int, below: float | None = None
) -> Simulation:
    """The same moment, with a goal."""
    begun = finished_iterations(simulation)
    return replace(simulation, training=TrainingRun(begun, begun + iterations, below))


def is_running(simulation: Simulation) -> bool:
    """Whether there is a goal and the way to it goes on."""
    return simulation.training is not None and not simulation.training.outcome


def stop_training(simulation: Simulation) -> Simulation:
    """The same moment, on its way no longer."""
    goal = simulation.training
    if goal is None or goal.outcome:
        return simulation
    return replace(simulation, training=replace(goal, outcome=STOPPED))


def continue_training(simulation: Simulation, steps: int = CHUNK_STEPS) -> Iterator[Simulation]:
    """The next chunk of the way to the goal, a slice at a time; nothing where there is no way.

    The last that is yielded knows the goal, and whether it is over.
    """
    goal = simulation.training
    if goal is None or goal.outcome:
        return
    left = goal.until - finished_iterations(simulation)
    count = min(left, _passes(simulation, steps))
    simulation, met = yield from _on(simulation, count, goal.below)
    yield replace(simulation, training=replace(goal, outcome=_end(simulation, met, left - count)))


def train_until(simulation: Simulation, iterations: int, below: float | None) -> Way:
    """As `Simulation.training`, but only until E, over a pass through all examples, is below."""
    return _on(simulation, iterations, below)


def _end(simulation: Simulation, met: bool, left: int) -> str:
    if met:
        return REACHED
    error = simulation.previous_error
    if left > 0 and error is not None and not isfinite(error):
        return DIVERGED
    return "" if left > 0 else DONE


def _on(simulation: Simulation, iterations: int, below: float | None) -> Way:
    if below is None:
        for simulation in simulation.train_in_slices(iterations):  # noqa: B020  # the last is the result
            yield simulation
        return simulation, False
    slice_ = _passes(simulation, SLICE_STEPS)
    rest = _rest_of_pass(simulation)
    while iterations > 0:
        count = min(iterations, rest or slice_)
        met = 0 if rest else _met(simulation, count, below)
        rest = 0
        for simulation in simulation.train_in_slices(met or count):  # noqa: B020
            yield simulation
        if met:
            return simulation, True
        iterations -= count
    return simulation, False


def _passes(simulation: Simulation, steps: int) -> int:
    """About so many steps, in iterations: whole passes through all examples, at least one."""
    examples = len(simulation.examples)
    return examples * max(1, steps // (examples * len(simulation.steps)))


def _rest_of_pass(simulation: Simulation) -> int:
    """What is left of the pass that it stands in, where a pass has an order or an update of its own:
    E is judged over whole ones then. In the given order any so many iterations have each example."""
    start = simulation.start
    if start.shuffle is None and not start.accumulated:
        return 0
    return -start.place(finished_iterations(simulation)) % len(start.examples)


def _met(simulation: Simulation, iterations: int, below: float) -> int:
    """After how many iterations E is below, 0 where it is not within so many."""
    start, examples = simulation.start, len(simulation.examples)
    if simulation.finished:
        start, _ = start.run(1)
    errors = start.run(iterations)[1]
    for made in range(examples, iterations + 1, examples):
        if sum(errors[made - examples : made]) / examples < below:
            return made
    return 0
