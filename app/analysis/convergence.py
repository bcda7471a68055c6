"""Diagnoses a training from its error curve, by fixed thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite, nan

from app.backprop.compiler import flat
from app.simulation.error_curve import CURVE_POINTS
from app.simulation.per_example_curves import mean_of_last_pass, per_example_curves
from app.simulation.replay import replay_errors
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
    # `since`, `iteration`: the first and last iteration considered: usually the last third. If E has
    # diverged, `since` is the first iteration in which it is not finite.
    since: int = 0
    iteration: int = 0
    # If E has diverged, the last iteration before `since` that is known to have a finite E; None if
    # there is none.
    finite: int | None = None
    # `first`, `last`: E at the beginning and at the end of the whole curve.
    first: float = nan
    last: float = nan
    # By what share of itself E fell from the first to the second half of that range, and from its
    # beginning to its end.
    change: float = nan
    fall: float = nan
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


def diagnose_training(simulation: Simulation) -> Diagnosis:
    """Diagnose a training since the last edit, or since it began."""
    if (diverged := _diverged(simulation)) is not None:
        return diverged
    training = simulation.training
    since = max(simulation.history.edited_at, training.begun if training else 0)
    points = per_example_curves(simulation, since).mean
    diagnosis = diagnose(points)
    if diagnosis.kind == FLATTENED:
        diagnosis = diagnose(points, largest_gradient(simulation))
    if len(simulation.examples) > 1 and (last := mean_of_last_pass(simulation, since)):
        diagnosis = replace(diagnosis, last=last[1])
    return diagnosis


def diagnose(points: Sequence[tuple[int, float]], gradient: float = nan) -> Diagnosis:
    """Diagnose a curve, given the largest part of the gradient at its end.

    It covers the points after the last one that is not finite.
    """
    broken = [index for index, (_, error) in enumerate(points) if not isfinite(error)]
    points = points[broken[-1] + 1 :] if broken else points
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
        fall=(errors[0] - errors[-1]) / errors[0] if errors[0] else 0.0,
        low=min(errors),
        high=max(errors),
        rises=len(rises),
        changes=len(changes),
        up=sum(rises),
        down=sum(rises) - sum(changes),
        gradient=gradient,
    )
    return replace(diagnosis, kind=_kind(diagnosis, late))


def _diverged(simulation: Simulation) -> Diagnosis | None:
    """The diagnosis if E is not finite now; otherwise None.

    The curve is thinned, so the iterations between the last points with a finite E and the first
    one without are replayed. With several examples, E of one may stay finite for longer: the last
    points are one of each.
    """
    points, count = simulation.errors(CURVE_POINTS + 1), len(simulation.examples)
    finite = [isfinite(error) for _, error in points]
    if all(finite[-count:]):
        return None
    ends = (end for end in range(len(points), count - 1, -1) if all(finite[end - count : end]))
    end = next(ends, 0)
    first = simulation.history.first.iteration
    known = points[end - count][0] if end else None
    since = next(k for k, error in points[end:] if not isfinite(error))
    low = first if known is None else known
    errors = replay_errors(simulation.history, low, since)
    if errors is not None:
        since = next((low + k for k, error in enumerate(errors) if not isfinite(error)), since)
        known = since - 1 if since > first else None
    return Diagnosis(DIVERGED, since, points[-1][0], known)


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
    if numbers.change < STALLED or numbers.fall <= 0:
        return STUCK if numbers.gradient > FLAT else FLATTENED
    return FALLING


def largest_gradient(simulation: Simulation) -> float:
    """Return the largest |∂E/∂w| of the mean E over all examples, at the iteration's old weights."""
    compiled, start = simulation.compiled, simulation.start
    rows = [compiled.run(start.state, flat(each), start.settings) for each in simulation.examples]
    columns = zip(compiled.steps, zip(*rows, strict=True), strict=True)
    gradients = (column for step, column in columns if step.kind.endswith("_gradient"))
    return max((abs(sum(column)) / len(rows) for column in gradients), default=0.0)
