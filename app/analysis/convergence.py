"""How a training goes, told from its curve: only what the numbers say, each bound stated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite, nan

from app.backprop.compiler import flat
from app.simulation.simulation import Simulation

FEWEST = 9  # points: of fewer nothing is said
GROWN = 2.0  # times its first value: E has grown
STALLED = 0.01  # of E: what it must fall by within the last third, half against half
SWINGS = 0.25  # of all ways up and down within the last third: more of it up is a swinging, if
SWING = 0.05  # of E is what it goes up by, all in all
ROUNDING = 1e-28  # the square of what doubles lose: an E below comes and goes by rounding
FLAT = 1e-3  # below it the gradient is said to be near 0

SHORT, DIVERGED, GROWING = "short", "diverged", "growing"
SWINGING, ZERO, FLATTENED, STUCK, FALLING = "swinging", "zero", "flat", "stuck", "falling"
KINDS = (SHORT, DIVERGED, GROWING, SWINGING, ZERO, FLATTENED, STUCK, FALLING)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was seen.

    Attributes:
        kind: one of `KINDS`.
        since, iteration: the stretch of iterations that is spoken of: as a rule the last third.
        first, last: E at the beginning of the whole, and at its end.
        change: by what part of itself E has fallen within the stretch, half against half.
        low, high: its least and its largest value there.
        rises, changes: how many of how many changes there were upwards.
        up, down: how far E went up, all in all, and down.
        gradient: the largest ∂E/∂w of all, of the mean over the examples; nan where not asked for.
    """

    kind: str
    since: int = 0
    iteration: int = 0
    first: float = nan
    last: float = nan
    change: float = nan
    low: float = nan
    high: float = nan
    rises: int = 0
    changes: int = 0
    up: float = nan
    down: float = nan
    gradient: float = nan


def diagnose(points: Sequence[tuple[int, float]], gradient: float = nan) -> Diagnosis:
    """What a curve says, with the largest part of the gradient where it ends."""
    broken = next((k for k, error in points if not isfinite(error)), None)
    if broken is not None:
        before = [error for k, error in points if k < broken]
        last = before[-1] if before else nan
        return Diagnosis(DIVERGED, broken, points[-1][0], before[0] if before else nan, last)
    if len(points) < FEWEST:
        return Diagnosis(SHORT)
    third = points[len(points) - max(FEWEST - 1, len(points) // 3) :]
    errors = [error for _, error in third]
    half = len(errors) // 2
    early, late = (sum(part) / len(part) for part in (errors[:half], errors[half:]))
    changes = [b - a for a, b in pairwise(errors)]
    ups = [each for each in changes if each > 0]
    change = (early - late) / early if early else 0.0
    seen = Diagnosis(
        "",
        third[0][0],
        points[-1][0],
        points[0][1],
        errors[-1],
        change,
        min(errors),
        max(errors),
        len(ups),
        len(changes),
        sum(ups),
        sum(ups) - sum(changes),
        gradient,
    )
    return replace(seen, kind=_kind(seen, late))


def _kind(seen: Diagnosis, late: float) -> str:
    if seen.high < ROUNDING:
        return ZERO
    if seen.up > SWING * late and seen.up > SWINGS * (seen.up + seen.down) and seen.down > 0:
        return SWINGING
    if seen.last > GROWN * seen.first or seen.change < -STALLED:
        return GROWING
    if seen.change < STALLED:
        return STUCK if seen.gradient > FLAT else FLATTENED
    return FALLING


def largest_gradient(simulation: Simulation) -> float:
    """The largest part of the gradient of the mean E over all examples, at the weights with
    which the iteration began."""
    program, start = simulation.compiled, simulation.start
    places = [
        index
        for index, step in enumerate(simulation.steps)
        if step.kind in ("weight_gradient", "bias_gradient")
    ]
    rows = []
    for example in simulation.examples:
        trace = program.run(start.state, flat(example), *start.settings)
        rows.append([trace[place] for place in places])
    number = len(rows)
    return max((abs(sum(column)) / number for column in zip(*rows, strict=True)), default=0.0)
