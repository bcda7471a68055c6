"""E by iteration as it can be shown of several examples: of each by itself, and of a whole pass."""

from dataclasses import dataclass

from app.simulation.error_curve import CURVE_POINTS
from app.simulation.simulation import Simulation

Points = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class PerExampleCurves:
    """The error curve of a simulation.

    Attributes:
        mean: E of the kept iterations; with several examples the mean over each of them once, at
            the last of these iterations. Where that cannot be had, whatever example it was.
        examples: with several examples, for each the kept iterations that used it.
        fair: whether `mean` gives every example the same weight.
    """

    mean: Points
    examples: tuple[Points, ...] = ()
    fair: bool = True


def per_example_curves(simulation: Simulation, since: int = 0) -> PerExampleCurves:
    """The curve since an iteration; with several examples, since these are in use."""
    points = simulation.errors(CURVE_POINTS + 1)
    number = len(simulation.examples)
    if number == 1:
        return PerExampleCurves(tuple(point for point in points if point[0] >= since))
    since = max(since, _in_use_since(simulation))
    points = tuple(point for point in points if point[0] >= since)
    used = [simulation.start.example_in(iteration) for iteration, _ in points]
    examples = tuple(
        tuple(point for point, one in zip(points, used, strict=True) if one == example)
        for example in range(number)
    )
    whole = _means(points, used, number)
    fair = bool(whole)
    return PerExampleCurves(whole if fair else points, examples, fair)


def _means(points: Points, used: list[int], number: int) -> Points:
    """The mean over each `number` points in a row, where these are of one example each. Of shuffled
    passes that is so only while every iteration is kept."""
    means = []
    for end in range(number, len(points) + 1):
        if len(set(used[end - number : end])) == number:
            window = points[end - number : end]
            means.append((window[-1][0], sum(error for _, error in window) / number))
    return tuple(means)


def _in_use_since(simulation: Simulation) -> int:
    """The iteration in which the examples, or the order that they are taken in, last changed."""
    history = simulation.history
    edits = history.edits[: history.edit_count]
    changed = [edit.iteration for edit in edits if edit.reorders]
    first, origin = history.first, history.origin
    known = (first.examples, first.shuffle, first.pass_start) == (
        *(origin.examples, origin.shuffle, origin.pass_start),
    )
    return changed[-1] if changed else origin.iteration if known else first.iteration
