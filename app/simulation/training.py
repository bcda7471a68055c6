"""Training for a number of iterations or until E is small enough, one chunk at a time.

Each chunk is an ordinary change of the simulation; together they give the same bits as one long run.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace

from app.simulation.simulation import DONE, STOPPED, Simulation, TrainingRun

CHUNK_STEPS = 600_000  # about 30 ms, and twice that on a busy server

Training = Generator[Simulation, None, tuple[Simulation, str]]


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

    A chunk takes about `steps` steps: whole passes through all examples, at least one. The last item has the outcome of the training.
    """
    training = simulation.training
    if training is None or training.outcome:
        return
    remaining = training.until - finished_iterations(simulation)
    examples = len(simulation.examples)
    whole_passes = examples * max(1, steps // (examples * len(simulation.steps)))
    count = min(remaining, _rest_of_pass(simulation) + whole_passes)
    simulation, outcome = yield from train_until(simulation, count, training.below)
    if not outcome and count == remaining:
        outcome = DONE
    yield replace(simulation, training=replace(training, outcome=outcome))


def train_until(simulation: Simulation, iterations: int, below: float | None) -> Training:
    """Train until the mean E over a pass is below a bound, at most for so many iterations.

    It ends earlier at an iteration whose E is not finite. Yields after every time slice, the result
    last; returns the result and how it ended (see `Simulation.train_in_slices`).
    """
    rest = iterations if below is None else min(iterations, _rest_of_pass(simulation))
    simulation, outcome = yield from simulation.train_in_slices(rest)
    if outcome or below is None:
        return simulation, outcome
    return (yield from simulation.train_in_slices(iterations - rest, below))


def _rest_of_pass(simulation: Simulation) -> int:
    """How many iterations to run until the next pass begins, from which on E is checked.

    That matters only with shuffling or batch updates. Otherwise any run of as many iterations as
    there are examples uses each of them once.
    """
    start = simulation.start
    if start.shuffle is None and not start.accumulated:
        return 0
    return -start.place(finished_iterations(simulation)) % len(start.examples)
