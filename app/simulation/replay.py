"""Reaches other moments of a branch, by replaying it from the checkpoint before them.

What may take long is a generator that yields after every time slice, so that a server can answer
other requests in between.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from app.backprop.compiler import compile_iteration
from app.simulation.error_curve import ErrorCurve, thinning_step
from app.simulation.history import EDIT_NUMBERS, Edit, History, halving_distances
from app.simulation.iteration import IterationState, Moment

CURVE_AGAIN = 4_096  # iterations up to which a curve that is too coarse is computed again
SLICE_STEPS = 8_000  # steps of a time slice: less than 0.3 ms
SLICES_PER_RECORD = 4  # a training records its errors and a checkpoint after so many slices
REPLAY_STEPS = 600_000  # steps replayed at once for a diagnosis: about 20 ms

Result = TypeVar("Result")
TimeSlices = Generator[None, None, Result]  # yields after every slice, and returns the result


def replay(
    history: History, edits: int, goal: Moment
) -> TimeSlices[tuple[IterationState, History]]:
    """Go to a moment of the branch, after its first `edits` edits.

    Adds checkpoints on the way, closer together towards the goal, so that stepping back from there
    is cheap.

    Returns:
        The start of the goal's iteration, and the history as seen from the goal.
    """
    iteration = goal[0]
    count = sum((p.edits, p.iteration) <= (edits, iteration) for p in history.checkpoints)
    behind, ahead = history.checkpoints[:count], history.checkpoints[count:]
    there = replace(history, ahead=len(history.edits) - edits, checkpoints=behind)
    start, applied = there.latest_checkpoint()
    for edit in history.edits[applied:edits]:
        start = edit.apply((yield from run_to(start, edit.iteration)))
    for stop in halving_distances(start.iteration, iteration):
        start = yield from run_to(start, stop)
        behind = (*behind, there.checkpoint(start))
    start = yield from run_to(start, iteration)
    near = yield from _finer_curve(there, iteration)
    there = replace(there, checkpoints=there.evict((*behind, *ahead), iteration), near=near)
    if not there.ahead and goal == there.end:
        there = there.at_end()
    return start, there


def run_to(start: IterationState, iteration: int) -> TimeSlices[IterationState]:
    """Train to the start of a later iteration."""
    for start, _ in _runs(start, iteration):  # noqa: B007, B020  # the last one is the result
        yield
    return start


def replay_errors(history: History, low: int, high: int) -> list[float] | None:
    """Return E of the iterations from `low` up to `high`, not later than the current moment, by
    replaying them at once. None if that would take more than `REPLAY_STEPS`."""
    edits = history.edits[: history.edit_count]
    known = (p for p in history.checkpoints if p.edits <= len(edits) and p.iteration <= low)
    start, applied = replace(history, checkpoints=tuple(known)).latest_checkpoint()
    steps = len(compile_iteration(start.network.shape).steps)
    if (high - start.iteration) * steps > REPLAY_STEPS:
        return None
    runs = _runs(start, high, edits[applied:])
    return [error for _, errors in runs for error in errors][max(0, low - start.iteration) :]


def slice_iterations(start: IterationState) -> int:
    """The number of iterations of a time slice."""
    return max(1, SLICE_STEPS // len(compile_iteration(start.network.shape).steps))


def run_to_end(slices: Generator[object, None, Result]) -> Result:
    """Run a generator to its end and return its result."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            result: Result = end.value
            return result


def within_bounds(history: History) -> History:
    """Forget the oldest edits if all of them together take too much space."""
    while len(history.edits) > 1 and sum(e.size for e in history.edits) > EDIT_NUMBERS:
        edit, *others = history.edits
        start, _ = run_to_end(replay(history, 0, (edit.iteration, edit.cursor)))
        altered = history.altered_origin
        if altered or edit.shape:
            altered = edit.apply(altered or history.origin)
        history = replace(
            history,
            beginning=edit.apply(start),
            edits=tuple(others),
            checkpoints=tuple(
                replace(checkpoint, edits=checkpoint.edits - 1)
                for checkpoint in history.checkpoints
                if checkpoint.edits
            ),
            forgotten=history.forgotten + 1,
            altered_origin=altered,
        )
    return history


def _runs(
    start: IterationState, iteration: int, edits: Sequence[Edit] = ()
) -> Iterator[tuple[IterationState, list[float]]]:
    """Train to a later iteration, with some edits on the way: the state after each time slice, and
    the errors in the slice."""
    for edit in (*edits, None):
        goal = iteration if edit is None else min(edit.iteration, iteration)
        while start.iteration < goal:
            start, errors = start.run(min(slice_iterations(start), goal - start.iteration))
            yield start, errors
        start = start if edit is None else edit.apply(start)


def _finer_curve(history: History, iteration: int) -> TimeSlices[ErrorCurve | None]:
    """A curve up to an iteration, if the branch's own is coarser than so few iterations need."""
    edits = history.edits[: history.edit_count]
    example_sets = [history.first.examples, *(edit.examples for edit in edits if edit.examples)]
    step = max(thinning_step(len(examples)) for examples in example_sets)
    if not history.curve.coarse(iteration, step):
        return None
    near = history.near
    if near is not None and not near.coarse(iteration, step) and near.reaches(iteration):
        return near
    if history.first.iteration or iteration > CURVE_AGAIN:
        return None
    curve = ErrorCurve()
    for start, errors in _runs(history.first, iteration, edits):
        first, examples = start.iteration - len(errors), len(start.examples)
        curve = curve.extended(first, errors, examples=examples)
        yield
    return curve
