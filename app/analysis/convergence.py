"""Diagnoses a training from its error curve, by fixed thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite, nan

from app.backprop.compiler import flat
from app.simulation.simulation import Simulation

FEWEST = 9  # points; with fewer, there is no diagnosis
GROWN = 2.0  # E counts as grown beyond so many times its first value
STALLED = 0.01  # E counts as stalled if it falls by less than this share of itself
SWINGS = 0.25  # E swings if more than this share of its total change goes up, and if
SWING = 0.05  # the rises add up to more than this share of E
ROUNDING = 1e-28  # about the square of a double's precision; a smaller E is rounding noise
FLAT = 1e-3  # a gradient below this counts as near 0

SHORT, DIVERGED, GROWING = "short", "diverged", "growing"
SWINGING, ZERO, FLATTENED, STUCK, FALLING = "swinging", "zero", "flat", "stuck", "falling"
KINDS = (SHORT, DIVERGED, GROWING, SWINGING, ZERO, FLATTENED, STUCK, FALLING)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis, with the numbers it rests on."""

    kind: str  # one of `KINDS`
    # `since`, `iteration`: the first and last iteration considered: usually the last third.
    since: int = 0
    iteration: int = 0
    # `first`, `last`: E at the beginning and at the end of the whole curve.
    first: float = nan
    last: float = nan
    # By what share of itself E fell from the first to the second half of that range.
    change: float = nan
    # `low`, `high`: the least and the largest E in the range.
    low: float = nan
    high: float = nan
    # `rises`, `changes`: the number of changes upwards, and of all changes.
    rises: int = 0
    changes: int = 0
    # `up`, `down`: the sums of the changes upwards and downwards.
    up: float = nan
    down: float = nan
    gradient: float = nan  # the largest part of the gradient of the mean E; nan if unknown


def diagnose(points: Sequence[tuple[int, float]], gradient: float = nan) -> Diagnosis:
    """Diagnose a curve, given the largest part of the gradient at its end."""
    diverged = next((k for k, error in points if not isfinite(error)), None)
    if diverged is not None:
        finite = [error for k, error in points if k < diverged]
        first, last = (finite[0], finite[-1]) if finite else (nan, nan)
        return Diagnosis(DIVERGED, diverged, points[-1][0], first, last)
    if len(points) < FEWEST:
        return Diagnosis(SHORT)
    third = points[len(points) - max(FEWEST - 1, len(points) // 3) :]
    errors = [error for _, error in third]
    half = len(errors) // 2
    early, late = (sum(part) / len(part) for part in (errors[:half], errors[half:]))
    changes = [b - a for a, b in pairwise(errors)]
    rises = [change for change in changes if change > 0]
    diagnosis = Diagnosis(
        kind="",
        since=third[0][0],
        iteration=points[-1][0],
        first=points[0][1],
        last=errors[-1],
        change=(early - late) / early if early else 0.0,
        low=min(errors),
        high=max(errors),
        rises=len(rises),
        changes=len(changes),
        up=sum(rises),
        down=sum(rises) - sum(changes),
        gradient=gradient,
    )
    return replace(diagnosis, kind=_kind(diagnosis, late))


def _kind(numbers: Diagnosis, late: float) -> str:
    if numbers.high < ROUNDING:
        return ZERO
    if (
        numbers.up > SWING * late
        and numbers.up > SWINGS * (numbers.up + numbers.down)
        and numbers.down > 0
    ):
        return SWINGING
    if numbers.last > GROWN * numbers.first or numbers.change < -STALLED:
        return GROWING
    if numbers.change < STALLED:
        return STUCK if numbers.gradient > FLAT else FLATTENED
    return FALLING


def largest_gradient(simulation: Simulation) -> float:
    """Return the largest |∂E/∂w| of the mean E over all examples, at the iteration's old weights."""
    compiled, start = simulation.compiled, simulation.start
    positions = [
        index
        for index, step in enumerate(simulation.steps)
        if step.kind in ("weight_gradient", "bias_gradient")
    ]
    rows = []
    for example in simulation.examples:
        trace = compiled.run(start.state, flat(example), *start.settings)
        rows.append([trace[position] for position in positions])
    return max((abs(sum(column)) / len(rows) for column in zip(*rows, strict=True)), default=0.0)
