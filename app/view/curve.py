"""E by iteration as a line: small in the header, large with axes in its panel."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.backprop.simulation import Simulation
from app.view.axes import Mark, round_step
from app.view.numbers import short
from app.view.words import Translate

Points = Sequence[tuple[int, float]]

WIDTH, HEIGHT = 640, 240
LEAST, MOST = 1e-300, 1e300  # beyond them the marks of an axis would vanish or overflow
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 34


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn curve: `line` is an SVG path; the last point has a dot."""

    line: str
    x: float
    y: float
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]


def sparkline(points: Points, width: float = 96, height: float = 28) -> str:
    """The path of the curve in a small box, a dot for a single point; empty where there is none."""
    drawn = _drawable(points)
    if not drawn:
        return ""
    dot = "h0" if len(drawn) == 1 else ""  # a line of no length: its round ends are a dot
    return _path(drawn, _Scale(drawn, 2, width - 2, height - 3, 3)) + dot


def chart(points: Points) -> Chart | None:
    """The curve with its axes; None where no iteration has been finished."""
    drawn = _drawable(points)
    if not drawn:
        return None
    scale = _Scale(drawn, LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, TOP)
    last = drawn[-1]
    return Chart(
        line=_path(drawn, scale),
        x=round(scale.x(last[0]), 2),
        y=round(scale.y(last[1]), 2),
        across=tuple(Mark(round(scale.x(k), 2), f"{k}") for k in _whole(drawn[0][0], last[0])),
        up=tuple(
            Mark(round(scale.y(scale.step * i), 2), f"{scale.step * i:.4g}") for i in range(5)
        ),
    )


def _drawable(points: Points) -> Points:
    return [point for point in points if point[1] <= MOST]  # which nan is not, either


def curve_panel(simulation: Simulation, at: tuple[str, ...], _: Translate) -> dict[str, object]:
    """What the panel of the error curve shows."""
    points = simulation.errors()
    return {
        "chart": chart(points),
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "first": short(points[0][1]) if points else "",
        "last": short(points[-1][1]) if points else "",
        "iteration": points[-1][0] if points else 0,
    }


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


def _whole(first: int, last: int) -> list[int]:
    count = min(5, last - first + 1)
    return sorted({first + round(i * (last - first) / max(1, count - 1)) for i in range(count)})
