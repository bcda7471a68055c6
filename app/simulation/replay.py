"""How another moment of a line is reached: from the checkpoint before it, exactly.

What may take long comes a slice at a time, so that whoever serves others meanwhile may.
"""

from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

from app.backprop.compiler import compile_iteration
from app.simulation.checkpoints import halving_distances
from app.simulation.error_curve import ErrorCurve, thinning_step
from app.simulation.history import EDIT_NUMBERS, Edit, History
from app.simulation.iteration import IterationState, Moment

CURVE_AGAIN = 4_096  # iterations: up to here the curve is made anew where it is too coarse
SLICE_STEPS = 3_000  # how many steps a slice of a long run takes: about 0.15 ms

Result = TypeVar("Result")
TimeSlices = Generator[None, None, Result]  # what it comes to, a slice at a time


def replay(history: History, made: int, goal: Moment) -> TimeSlices[tuple[IterationState, History]]:
    """A moment of the line after the first `made` edits: the start of its iteration, and the
    history there.

    Checkpoints are made on the way, closer together towards the end, so that going on back from
    there is cheap.
    """
    iteration = goal[0]
    count = sum((p.edits, p.iteration) <= (made, iteration) for p in history.checkpoints)
    behind, ahead = history.checkpoints[:count], history.checkpoints[count:]
    there = replace(history, ahead=len(history.edits) - made, checkpoints=behind)
    start, done = there.last_kept()
    for edit in history.edits[done:made]:
        start = edit.apply((yield from running(start, edit.iteration)))
    for stop in halving_distances(start.iteration, iteration):
        start = yield from running(start, stop)
        behind = (*behind, there.checkpoint(start))
    start = yield from running(start, iteration)
    near = yield from _finer_curve(there, iteration)
    there = replace(there, checkpoints=there.thinned((*behind, *ahead), iteration), near=near)
    if not there.ahead and goal == there.end:
        there = there.at_end()
    return start, there


def running(start: IterationState, iteration: int) -> TimeSlices[IterationState]:
    """The start of a later iteration."""
    while start.iteration < iteration:
        start, _ = start.run(min(slice_iterations(start), iteration - start.iteration))
        yield
    return start


def recording(
    history: History, start: IterationState, iteration: int
) -> TimeSlices[tuple[IterationState, History]]:
    """The same at a line's end, which it makes longer."""
    while start.iteration < iteration:
        start, errors = start.run(min(slice_iterations(start), iteration - start.iteration))
        history = history.advanced(start, errors)
        yield
    return start, history


def slice_iterations(start: IterationState) -> int:
    """How many iterations one slice takes."""
    return max(1, SLICE_STEPS // len(compile_iteration(start.network.shape).steps))


def run_to_end(slices: Generator[object, None, Result]) -> Result:
    """What it comes to, at once."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            result: Result = end.value
            return result


def within_bounds(history: History) -> History:
    """Without the oldest edits, where they grow too many."""
    while len(history.edits) > 1 and sum(e.size for e in history.edits) > EDIT_NUMBERS:
        history = _without_first_edit(history)
    return history


def _without_first_edit(history: History) -> History:
    edit = history.edits[0]
    start, _ = run_to_end(replay(history, 0, (edit.iteration, edit.cursor)))
    return replace(
        history,
        beginning=edit.apply(start),
        edits=history.edits[1:],
        checkpoints=tuple(
            replace(point, edits=point.edits - 1) for point in history.checkpoints if point.edits
        ),
        forgotten=history.forgotten + 1,
    )


def _finer_curve(history: History, iteration: int) -> TimeSlices[ErrorCurve | None]:
    """A curve made anew where the line's is coarser than so few iterations need."""
    edits = history.edits[: history.edit_count]
    rows = [history.first.examples, *(edit.examples for edit in edits if edit.examples)]
    step = max(thinning_step(len(examples)) for examples in rows)
    if not history.curve.coarse(iteration, step):
        return None
    near = history.near
    if near is not None and not near.coarse(iteration, step) and near.reaches(iteration):
        return near
    if history.first.iteration or iteration > CURVE_AGAIN:
        return None
    curve, start = ErrorCurve(), history.first
    stops: tuple[Edit | None, ...] = (*edits, None)
    for edit in stops:
        goal = iteration if edit is None else edit.iteration
        while start.iteration < goal:
            later, errors = start.run(min(slice_iterations(start), goal - start.iteration))
            examples = len(start.examples)
            curve = curve.extended(start.iteration, errors, examples=examples)
            start = later
            yield
        start = start if edit is None else edit.apply(start)
    return curve
