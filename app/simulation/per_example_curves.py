"""Error curves with several examples: one for each example, and one for their mean."""

from dataclasses import dataclass

from app.simulation.error_curve import CURVE_POINTS, Point, Points
from app.simulation.replay import replay_errors
from app.simulation.simulation import Simulation


@dataclass(frozen=True, slots=True)
class PerExampleCurves:
    """The error curve of a simulation."""

    # E by iteration; with several examples, the mean over one iteration of each, at the last of
    # these iterations. If that is not available, E of whichever example was used.
    mean: Points
    examples: tuple[Points, ...] = ()  # with several examples, the curve of each
    fair: bool = True  # whether `mean` gives every example the same weight


def per_example_curves(simulation: Simulation, since: int = 0) -> PerExampleCurves:
    """Return the curves since an iteration, or since the examples or their order last changed."""
    count = len(simulation.examples)
    if count > 1:
        since = max(since, _examples_changed_at(simulation))
    points = tuple(p for p in simulation.errors(CURVE_POINTS + 1) if p[0] >= since)
    if count == 1:
        return PerExampleCurves(points)
    used = [simulation.start.example_in(iteration) for iteration, _ in points]
    examples = tuple(
        tuple(point for point, one in zip(points, used, strict=True) if one == example)
        for example in range(count)
    )
    means = _means(points, used, count)
    last = mean_of_last_pass(simulation, since) if means else None
    if last is not None:  # a thinned curve has not all of its points
        means = (*(point for point in means if point[0] < last[0]), last)
    return PerExampleCurves(means or points, examples, fair=bool(means))


def points_ahead(simulation: Simulation) -> Points:
    """Return what `mean` had after the current moment, where the branch has been further.

    It ends where the examples or their order changed.
    """
    history = simulation.history
    if history.end is None:
        return ()
    last = simulation.iteration if simulation.finished else simulation.iteration - 1
    changes = (edit.iteration for edit in history.edits[history.edit_count :] if edit.reorders)
    until = min(changes, default=history.end[0] + 1)
    later = tuple(point for point in history.curve.after(last) if point[0] < until)
    if len(simulation.examples) == 1:
        return later
    since = _examples_changed_at(simulation)
    points = (*(p for p in simulation.errors(CURVE_POINTS + 1) if p[0] >= since), *later)
    used = [simulation.start.example_in(iteration) for iteration, _ in points]
    means = _means(points, used, len(simulation.examples)) or points
    return tuple(point for point in means if point[0] > last)


def mean_of_last_pass(simulation: Simulation, since: int = 0) -> Point | None:
    """Return the mean E of the last finished pass through all examples, and its last iteration.

    This is the mean that a training compares with its bound. None if there is no such pass since an
    iteration, or if it cannot be replayed at once.
    """
    start, count = simulation.start, len(simulation.examples)
    end = simulation.iteration + simulation.finished
    if start.shuffle is not None or start.network.shape.accumulates:
        end -= start.place(end)
    begin = end - count
    if begin < max(since, _examples_changed_at(simulation)):
        return None
    errors = replay_errors(simulation.history, begin, end)
    return None if errors is None else (end - 1, sum(errors) / count)


def _means(points: Points, used: list[int], count: int) -> Points:
    """The mean over each window of `count` points that has every example once.

    With shuffled passes there are such windows only while the curve has every iteration.
    """
    windows = [slice(begin, begin + count) for begin in range(len(points) - count + 1)]
    return tuple(
        (points[window][-1][0], sum(error for _, error in points[window]) / count)
        for window in windows
        if len(set(used[window])) == count
    )


def _examples_changed_at(simulation: Simulation) -> int:
    """The iteration in which the examples or their order last changed."""
    history = simulation.history
    for edit in reversed(history.edits[: history.edit_count]):
        if edit.reorders:
            return edit.iteration
    first, origin = history.first, history.origin
    unchanged = (first.examples, first.shuffle, first.pass_start) == (
        *(origin.examples, origin.shuffle, origin.pass_start),
    )
    return origin.iteration if unchanged else first.iteration
