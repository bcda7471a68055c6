"""Curves of E by iteration: a chart with axes, linear or logarithmic, and a sparkline.

Iterations are numbered as people count, from 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from math import ceil, floor, log10
from unicodedata import east_asian_width

from app.simulation.error_curve import spread_points
from app.view.panels.axes import Mark, drawable, frame, round_step
from app.view.rendering.numbers import MINUS, four_digits

Points = Sequence[tuple[int, float]]  # iteration and E
Scale = tuple[tuple[float, float], list[tuple[float, str]]]  # an axis: its ends, and its marks

WIDTH, HEIGHT = 560, 330
LEFT, RIGHT, TOP, BOTTOM = 70, 18, 26, 54
FRAME = frame(WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM)
LEAST = 1e-300  # errors below it are drawn as 0
SPOTS = 96  # points of the main curve with a tooltip, the first and the last included
MARKS = 6  # of a logarithmic axis, about
FALLEN = 100.0  # an axis without a chosen scale is logarithmic once E has fallen to this part
LABEL_HEIGHT, LABEL_GAP = 18, 8  # of the name at the end of a curve
CHARACTER = 8.2  # the width of a Latin character of such a name, at most
FINE = 2  # decades: an axis no longer than this has marks at 2 and 5 times a power of ten, too


@dataclass(frozen=True, slots=True)
class Spot:
    """A point with its value, and the strip of the chart in which it is the nearest point."""

    iteration: int
    error: float
    x: float
    y: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class CurveLabel:
    """The name of a curve, beside its end."""

    curve: int
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; places are in the units of its view box."""

    logarithmic: bool
    right: float  # where the axes end
    first: int  # `first`, `last`: the iterations at the ends of the axis
    last: int
    lines: tuple[str, ...]  # a path for each curve, empty if the curve has no point
    ahead: str  # how the first goes on
    labels: tuple[CurveLabel, ...]
    spots: tuple[Spot, ...]  # points of the first curve and of what is ahead
    x: float  # of the end of the first curve
    y: float
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]


def chart(
    curves: Sequence[Points],
    scale: str = "linear",
    names: Sequence[str] = (),
    ahead: Points = (),
    until: int = 0,
) -> Chart | None:
    """The curves in one chart, the first with spots; None if the first has no point.

    Args:
        names: of each curve, empty for one that is not named in the chart.
        ahead: how the first curve goes on.
        until: the iteration that the axis reaches at least.
    """
    drawn = [drawable(points) for points in curves]
    if not drawn or not drawn[0]:
        return None
    logarithmic = scale == "log"
    room = LABEL_GAP + CHARACTER * max(map(characters, names)) if any(names) else RIGHT
    last, later = drawn[0][-1], drawable(ahead)
    points = [point for points in (*drawn, later) for point in points]
    axes = _Axes(points, logarithmic, WIDTH - room, until)
    return Chart(
        logarithmic=logarithmic,
        right=axes.right,
        first=axes.first,
        last=axes.last,
        ahead=axes.path([last, *later]) if later else "",
        labels=_labels([[*drawn[0], *later], *drawn[1:]], names, axes),
        lines=tuple(axes.path(points) for points in drawn),
        spots=_spots(spread_points([*drawn[0], *later], SPOTS), axes),
        x=axes.x(last[0]),
        y=axes.y(last[1]),
        across=tuple(Mark(axes.x(k), f"{k:,}") for k in _round_iterations(axes.first, axes.last)),
        up=tuple(Mark(axes.y(error), text) for error, text in axes.marks),
    )


def sparkline(points: Points, width: float = 96, height: float = 28) -> str:
    """The path of a small curve; a dot for a single point, empty for none."""
    drawn = drawable(points)
    if not drawn:
        return ""
    first = drawn[0][0]
    across = (width - 4) / max(1, drawn[-1][0] - first)
    upward = (6 - height) / (_quarter(max(error for _, error in drawn)) * 4)
    # Formatted in one go: a step redraws the sparkline at both ends of an iteration.
    places = [
        c for k, error in drawn for c in (2 + (k - first) * across, height - 3 + error * upward)
    ]
    return "M" + ("L%.2f %.2f" * len(drawn) % tuple(places))[1:] + _dot(drawn)


class _Axes:
    """Maps iterations and errors to places."""

    def __init__(self, points: Points, logarithmic: bool, right: float, until: int) -> None:
        self.first = min(iteration for iteration, _ in points)
        self.last = max(until, *(iteration for iteration, _ in points))
        self.right = round(right, 2)
        self.across = (self.right - LEFT) / max(1, self.last - self.first)
        self.log = logarithmic
        errors = [error for _, error in points]
        ends, self.marks = _log_scale(errors) if self.log else _linear_scale(max(errors))
        self.low, self.high = map(self._height, ends)

    def _height(self, error: float) -> float:
        return log10(max(error, LEAST)) if self.log else error

    def x(self, iteration: int) -> float:
        return round(LEFT + (iteration - self.first) * self.across, 2)

    def y(self, error: float) -> float:
        """On a logarithmic axis, 0 lies at the bottom."""
        share = (self._height(error) - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - max(0.0, share) * (HEIGHT - BOTTOM - TOP), 2)

    def path(self, points: Points) -> str:
        places = "L".join(f"{self.x(k)} {self.y(error)}" for k, error in points)
        return f"M{places}{_dot(points)}" if places else ""


def _dot(points: Points) -> str:
    """Makes a single point visible: the round ends of a line of length 0 form a dot."""
    return "h0" if len(points) == 1 else ""


def scale_for(points: Points) -> str:
    """The scale for a curve: logarithmic if E has fallen a hundredfold, else linear."""
    errors = [error for _, error in drawable(points)]
    return "log" if errors and min(errors) * FALLEN <= errors[0] > 0 else "linear"


def characters(text: str) -> int:
    """The width of a text in Latin characters: a Korean one is as wide as two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _labels(curves: Sequence[Points], names: Sequence[str], axes: _Axes) -> tuple[CurveLabel, ...]:
    """The names of curves at the right, at the heights of their ends or as near as there is room."""
    ends = sorted(
        (axes.y(points[-1][1]), index)
        for index, (points, name) in enumerate(zip(curves, names, strict=False))
        if points and name
    )
    labels: list[CurveLabel] = []
    # The lowest must leave room for those below it.
    for place, (y, index) in enumerate(ends):
        lowest = HEIGHT - BOTTOM - LABEL_HEIGHT * (len(ends) - 1 - place)
        highest = labels[-1].y + LABEL_HEIGHT if labels else 0
        y = max(min(y, lowest), highest)
        labels.append(CurveLabel(index, names[index], axes.right + LABEL_GAP, round(y, 2)))
    return tuple(labels)


def _spots(points: Points, axes: _Axes) -> tuple[Spot, ...]:
    places = [axes.x(iteration) for iteration, _ in points]
    between = [round((a + b) / 2, 2) for a, b in pairwise(places)]
    edges = [float(LEFT), *between, axes.right]
    return tuple(
        Spot(k, error, x, axes.y(error), left, round(right - left, 2))
        for (k, error), x, (left, right) in zip(points, places, pairwise(edges), strict=True)
    )


def _quarter(largest: float) -> float:
    """A quarter of a linear axis from 0."""
    return round_step(largest if largest > LEAST else 1.0)


def _linear_scale(largest: float) -> Scale:
    step = _quarter(largest)
    marks = [(step * i, four_digits(step * i)) for i in range(5)]
    return (0.0, step * 4), marks


def _log_scale(errors: Sequence[float]) -> Scale:
    """From a power of ten to a power of ten, around all errors above 0."""
    sizes = [log10(error) for error in errors if error > LEAST] or [0.0]
    low, high = floor(min(sizes)), ceil(max(sizes))
    high = max(high, low + 1)
    ends = 10.0**low, 10.0**high
    if high - low <= FINE:
        numbers = [digit * 10.0**power for power in range(low, high) for digit in (1, 2, 5)]
        numbers.append(ends[1])
    else:
        powers = range(high, low - 1, -ceil((high - low) / MARKS))
        numbers = [10.0**power for power in reversed(powers)]
    return ends, [(number, _mark_text(number)) for number in numbers]


def _mark_text(number: float) -> str:
    """1, 2 or 5 times a power of ten, in few characters."""
    if 1e-3 <= number < 1e4:
        return f"{number:g}"
    digit, power = f"{number:.0e}".split("e")
    return f"{digit}e{int(power)}".replace("-", MINUS)


def _round_iterations(first: int, last: int) -> list[int]:
    """Round numbers from `first` to `last`, at most seven."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if step * 6 >= last - first)
    return [step * i for i in range(ceil(first / step), last // step + 1)]
