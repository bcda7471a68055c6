"""Training for a number of iterations or until E is small enough, one chunk at a time.

Each chunk is an ordinary change of the simulation; together they give the same bits as one long run.
To stop at the very iteration in which E falls below the bound, a slice is first run as a trial, so
that training towards a bound costs twice as much.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from math import isfinite

from app.simulation.simulation import DIVERGED, DONE, REACHED, STOPPED, Simulation, TrainingRun

CHUNK_STEPS = 600_000  # about 30 ms, and twice that on a busy server
SLICE_STEPS = 2_000  # run twice, so about as long as a slice of `Simulation.train_in_slices`

Training = Generator[Simulation, None, tuple[Simulation, bool]]  # returns whether E is below


def finished_iterations(simulation: Simulation) -> int:
    """Return how many iterations are finished."""
    return simulation.iteration + simulation.finished


def start_training(
    simulation: Simulation, iterations: int, below: float | None = None
) -> Simulation:
    """Start a training; the simulation does not move yet."""
    finished = finished_iterations(simulation)
    return replace(simulation, training=TrainingRun(finished, finished + iterations, below))


def is_running(simulation: Simulation) -> bool:
    """Whether a training is under way."""
    return simulation.training is not None and not simulation.training.outcome


def stop_training(simulation: Simulation) -> Simulation:
    """Stop the training, if one is under way."""
    training = simulation.training
    if training is None or training.outcome:
        return simulation
    return replace(simulation, training=replace(training, outcome=STOPPED))


def continue_training(simulation: Simulation, steps: int = CHUNK_STEPS) -> Iterator[Simulation]:
    """Train for the next chunk of the training, if one is under way, a time slice at a time.

    The last item has the outcome of the training.
    """
    training = simulation.training
    if training is None or training.outcome:
        return
    remaining = training.until - finished_iterations(simulation)
    count = min(remaining, _whole_passes(simulation, steps))
    simulation, reached = yield from train_until(simulation, count, training.below)
    outcome = _outcome(simulation, reached, remaining - count)
    yield replace(simulation, training=replace(training, outcome=outcome))


def train_until(simulation: Simulation, iterations: int, below: float | None) -> Training:
    """Train until the mean E over a pass is below a bound, at most for so many iterations.

    Yields after every time slice; returns the result, and whether E fell below the bound.
    """
    if below is None:
        for simulation in simulation.train_in_slices(iterations):  # noqa: B020  # the last is the result
            yield simulation
        return simulation, False
    slice_ = _whole_passes(simulation, SLICE_STEPS)
    rest = _rest_of_pass(simulation)
    while iterations > 0:
        count = min(iterations, rest or slice_)
        until = 0 if rest else _iterations_until(simulation, count, below)
        rest = 0
        for simulation in simulation.train_in_slices(until or count):  # noqa: B020
            yield simulation
        if until:
            return simulation, True
        iterations -= count
    return simulation, False


def _outcome(simulation: Simulation, reached: bool, remaining: int) -> str:
    if reached:
        return REACHED
    if remaining <= 0:
        return DONE
    error = simulation.previous_error
    return "" if error is None or isfinite(error) else DIVERGED


def _whole_passes(simulation: Simulation, steps: int) -> int:
    """The iterations of about so many steps: whole passes through all examples, at least one."""
    examples = len(simulation.examples)
    return examples * max(1, steps // (examples * len(simulation.steps)))


def _rest_of_pass(simulation: Simulation) -> int:
    """How many iterations to run until the next pass begins, from which on E is checked.

    That matters only with shuffling or batch updates. Otherwise any run of as many iterations as
    there are examples uses each of them once.
    """
    start = simulation.start
    if start.shuffle is None and not start.accumulated:
        return 0
    return -start.place(finished_iterations(simulation)) % len(start.examples)


def _iterations_until(simulation: Simulation, iterations: int, below: float) -> int:
    """After how many iterations the mean E of a pass is below a bound; 0 if after none of them."""
    start, examples = simulation.start, len(simulation.examples)
    if simulation.finished:
        start, _ = start.run(1)
    errors = start.run(iterations)[1]
    for end in range(examples, iterations + 1, examples):
        if sum(errors[end - examples : end]) / examples < below:
            return end
    return 0
