"""E by iteration as a small line in the header; the large one is `curve_chart`."""

from collections.abc import Sequence

from app.view.rendering.axes import round_step

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
