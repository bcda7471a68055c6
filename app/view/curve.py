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
        x=scale.x(last[0]),
        y=scale.y(last[1]),
        across=tuple(Mark(scale.x(k), f"{k}") for k in _whole(drawn[0][0], last[0])),
        up=tuple(Mark(scale.y(scale.step * i), f"{scale.step * i:.4g}") for i in range(5)),
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
        self.top = self.step * 4
        self.left, self.right, self.bottom, self.up = left, right, bottom, top

    def x(self, iteration: int) -> float:
        part = (iteration - self.first) / max(1, self.last - self.first)
        return round(self.left + part * (self.right - self.left), 2)

    def y(self, error: float) -> float:
        return round(self.bottom + error / self.top * (self.up - self.bottom), 2)


def _path(points: Points, scale: _Scale) -> str:
    return "M" + "L".join(f"{scale.x(k):g} {scale.y(error):g}" for k, error in points)


def _whole(first: int, last: int) -> list[int]:
    count = min(5, last - first + 1)
    return sorted({first + round(i * (last - first) / max(1, count - 1)) for i in range(count)})
