"""Several curves of E in one drawing, with axes: linear from 0, or logarithmic."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from math import ceil, floor, log10

from app.simulation.error_curve import spread_points
from app.view.rendering.axes import Mark, frame, round_step
from app.view.rendering.numbers import MINUS, exact, short

Points = Sequence[tuple[int, float]]

LEAST, MOST = 1e-300, 1e300  # beyond them the marks of an axis would vanish or overflow


def sparkline(points: Points, width: float = 96, height: float = 28) -> str:
    """The path of the curve in a small box, a dot for a single point; empty where there is none."""
    drawn = drawable(points)
    if not drawn:
        return ""
    dot = "h0" if len(drawn) == 1 else ""  # a line of no length: its round ends are a dot
    return _path(drawn, _Scale(drawn, 2, width - 2, height - 3, 3)) + dot


def drawable(points: Points) -> Points:
    """What there is to draw: neither nan nor what is infinite, or as good as that."""
    return [point for point in points if point[1] <= MOST]  # which nan is not, either


class _Scale:
    """From iteration and E, which begins at 0, to places in the drawing."""

    def __init__(
        self, points: Points, left: float, right: float, bottom: float, top: float
    ) -> None:
        self.first, self.last = points[0][0], points[-1][0]
        largest = max(error for _, error in points)
        self.step = round_step(largest if largest > LEAST else 1.0)
        self.left, self.across = left, (right - left) / max(1, self.last - self.first)
        self.bottom, self.upward = bottom, (top - bottom) / (self.step * 4)

    def x(self, iteration: int) -> float:
        return self.left + (iteration - self.first) * self.across

    def y(self, error: float) -> float:
        return self.bottom + error * self.upward


def _path(points: Points, scale: _Scale) -> str:
    """Written at one go: a step draws the small curve anew at both ends of an iteration."""
    places = [place for k, error in points for place in (scale.x(k), scale.y(error))]
    return "M" + ("L%.2f %.2f" * len(points) % tuple(places))[1:]


WIDTH, HEIGHT = 760, 340
LEFT, RIGHT, TOP, BOTTOM = 74, 18, 26, 58
FRAME = frame(WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM)
SPOTS = 96  # points of the main curve that tell their values, the first and the last among them
MARKS = 6  # of a logarithmic axis, about
FINE = 2  # decades: up to here, 2 and 5 times a power of ten are marked, too


@dataclass(frozen=True, slots=True)
class Spot:
    """A point that tells its value, and the strip of the drawing in which it is the nearest."""

    iteration: int
    short: str
    exact: str
    x: float
    y: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing; places are in the units of its view box.

    Attributes:
        lines: a path for each curve given, empty where it has nothing to draw.
        spots: of the first curve.
        x, y: where the first curve ends.
    """

    lines: tuple[str, ...]
    spots: tuple[Spot, ...]
    x: float
    y: float
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]


Marked = tuple[tuple[float, float], list[tuple[float, str]]]  # an axis: its ends, and its marks


class _Axes:
    """From iterations and E to places."""

    def __init__(self, points: Points, scale: str) -> None:
        self.first = min(iteration for iteration, _ in points)
        self.last = max(iteration for iteration, _ in points)
        self.across = (WIDTH - RIGHT - LEFT) / max(1, self.last - self.first)
        self.log = scale == "log"
        errors = [error for _, error in points]
        ends, self.marks = _decades(errors) if self.log else _quarters(max(errors))
        self.low, self.high = map(self._height, ends)

    def _height(self, error: float) -> float:
        return log10(max(error, LEAST)) if self.log else error

    def x(self, iteration: int) -> float:
        return round(LEFT + (iteration - self.first) * self.across, 2)

    def y(self, error: float) -> float:
        """Inside the drawing: on a logarithmic axis 0 lies at the bottom."""
        share = (self._height(error) - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - max(0.0, share) * (HEIGHT - BOTTOM - TOP), 2)

    def path(self, points: Points) -> str:
        places = "L".join(f"{self.x(k)} {self.y(error)}" for k, error in points)
        dot = "h0" if len(points) == 1 else ""  # of no length: its round ends are a dot
        return f"M{places}{dot}" if places else ""


def chart(curves: Sequence[Points], scale: str = "linear") -> Chart | None:
    """The curves in one drawing, the first with spots; None where the first has no point."""
    drawn = [drawable(points) for points in curves]
    if not drawn or not drawn[0]:
        return None
    axes = _Axes([point for points in drawn for point in points], scale)
    last = drawn[0][-1]
    return Chart(
        lines=tuple(axes.path(points) for points in drawn),
        spots=_spots(spread_points(drawn[0], SPOTS), axes),
        x=axes.x(last[0]),
        y=axes.y(last[1]),
        across=tuple(Mark(axes.x(k), f"{k:,}") for k in _whole(axes.first, axes.last)),
        up=tuple(Mark(axes.y(error), text) for error, text in axes.marks),
    )


def _spots(points: Points, axes: _Axes) -> tuple[Spot, ...]:
    places = [axes.x(iteration) for iteration, _ in points]
    between = [round((a + b) / 2, 2) for a, b in pairwise(places)]
    edges = [float(LEFT), *between, float(WIDTH - RIGHT)]
    return tuple(
        Spot(k, short(error), exact(error), x, axes.y(error), left, round(right - left, 2))
        for (k, error), x, (left, right) in zip(points, places, pairwise(edges), strict=True)
    )


def _quarters(largest: float) -> Marked:
    step = round_step(largest if largest > LEAST else 1.0)
    marks = [(step * i, f"{step * i:.4g}".replace("-", MINUS)) for i in range(5)]
    return (0.0, step * 4), marks


def _decades(errors: Sequence[float]) -> Marked:
    """Whole powers of ten around all that is above 0, and what is marked between."""
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
    return ends, [(number, _power(number)) for number in numbers]


def _power(number: float) -> str:
    """1, 2 or 5 times a power of ten, in few letters."""
    if 1e-3 <= number < 1e4:
        return f"{number:g}"
    digit, power = f"{number:.0e}".split("e")
    return f"{digit}e{int(power)}".replace("-", MINUS)


def _whole(first: int, last: int) -> list[int]:
    """Round iterations, at most seven."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if step * 6 >= last - first)
    return [step * i for i in range(ceil(first / step), last // step + 1)]
