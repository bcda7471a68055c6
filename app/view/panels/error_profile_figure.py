"""The drawings of the slope: E along one weight, the tangent, and the step that is taken."""

from dataclasses import dataclass

from app.analysis.error_profile import ErrorProfile, Range
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.panels.error_profile_slider import Points, SliderPoints, drawable, slider_points
from app.view.rendering.axes import Mark, frame, round_marks
from app.view.rendering.numbers import exact

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 84, 18, 28, 46
FRAME = frame(WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM)
LISTED = 10  # every which of a curve's points its table lists
SHORTEST = 12  # of an arrow in the drawing: below, its head would hide it
HEAD = 8
SMALLEST_WINDOW = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One drawing. Places are in the units of its view box.

    Attributes:
        line: the curve as an SVG path.
        tangent: its ends.
        now, lands, predicted: the point, where the step lands on the curve, and on the tangent.
        arrow: the step along the axis, its path; empty where it is too short to draw.
        window: what the other drawing enlarges: x, y, width, height; None where it is that one.
        across, up: marks of the axes.
        listed: points of the curve for a table: value and E, each short and exact.
        along: what a point is moved by, in the whole curve.
    """

    line: str
    tangent: tuple[float, float, float, float]
    now: tuple[float, float]
    lands: tuple[float, float]
    predicted: tuple[float, float]
    arrow: str
    window: tuple[float, float, float, float] | None
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    listed: tuple[tuple[str, str, str, str], ...]
    along: SliderPoints | None


class _Plot:
    """From values and E to places in a drawing."""

    def __init__(self, across: Range, up: Range) -> None:
        self.low, self.high = across
        self.least, self.most = up

    def x(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(LEFT + share * (WIDTH - RIGHT - LEFT), 2)

    def y(self, error: float) -> float:
        share = (error - self.least) / (self.most - self.least)
        return round(HEIGHT - BOTTOM + share * (TOP + BOTTOM - HEIGHT), 2)

    def place(self, value: float, error: float) -> tuple[float, float]:
        """Inside the drawing, whatever they are."""
        inside = min(max(error, self.least), self.most)
        return self.x(min(max(value, self.low), self.high)), self.y(inside)


def figures(
    simulation: Simulation, step: ErrorProfile, _: Translate
) -> tuple[tuple[str, Figure], ...]:
    """Both drawings with their titles: the whole curve, and the step."""
    near, far = (drawable(simulation, step, ends) for ends in (step.close, step.wide))
    close = _Plot(step.close, _around([error for _, error in near], step))
    top = max(step.error, *(error for _, error in far), 1e-300)
    wide = _Plot(step.wide, (0.0, 1.06 * top))
    return (
        (_("The whole curve"), _figure(wide, far, step, close)),
        (_("Zoomed to the step"), _figure(close, near, step, None)),
    )


def _around(errors: list[float], step: ErrorProfile) -> Range:
    """From the least to the most E that is drawn, with a little room."""
    all_errors = [*errors, step.error, step.landing, step.error + step.predicted_change]
    least, most = min(all_errors), max(all_errors)
    room = max(0.1 * (most - least), 1e-7 * step.error, 1e-300)
    return least - room, most + room


def _figure(plot: _Plot, points: Points, step: ErrorProfile, window: _Plot | None) -> Figure:
    places = [plot.place(value, error) for value, error in points]
    lands = plot.place(step.next, step.landing)
    now = plot.place(step.at, step.error)
    return Figure(
        line="M" + "L".join(f"{x:g} {y:g}" for x, y in places),
        tangent=_tangent(plot, step),
        now=now,
        lands=lands,
        predicted=plot.place(step.next, step.error + step.predicted_change),
        arrow=_arrow(now[0], lands[0]),
        window=None if window is None else _window(plot, window),
        across=tuple(Mark(plot.x(v), text) for v, text in round_marks(plot.low, plot.high)),
        up=tuple(Mark(plot.y(e), text) for e, text in round_marks(plot.least, plot.most)),
        listed=tuple(
            (f"{value:.7g}", exact(value), f"{error:.7g}", exact(error))
            for value, error in points[::LISTED]
        ),
        along=slider_points(step, points, places) if window else None,
    )


def _tangent(plot: _Plot, step: ErrorProfile) -> tuple[float, float, float, float]:
    """The line through the point whose slope is the gradient, as far as the drawing goes."""
    ends: list[float] = []
    for value in (plot.low, plot.high):
        error = step.error + step.gradient * (value - step.at)
        inside = min(max(error, plot.least), plot.most)
        at = value if inside == error else step.at + (inside - step.error) / step.gradient
        ends += plot.place(at, inside)
    return ends[0], ends[1], ends[2], ends[3]


def _arrow(start: float, end: float) -> str:
    if abs(end - start) < SHORTEST:
        return ""
    y, back = HEIGHT - BOTTOM, HEAD if end > start else -HEAD
    return f"M{start:g} {y}H{end:g}M{end - back:g} {y - 6}L{end:g} {y}L{end - back:g} {y + 6}"


def _window(plot: _Plot, inner: _Plot) -> tuple[float, float, float, float]:
    """Where another drawing's section lies in this one; never too small to be seen."""
    left, bottom = plot.place(inner.low, inner.least)
    right, top = plot.place(inner.high, inner.most)
    width, height = max(SMALLEST_WINDOW, right - left), max(SMALLEST_WINDOW, bottom - top)
    x, y = (left + right - width) / 2, (bottom + top - height) / 2
    return round(x, 2), round(y, 2), round(width, 2), round(height, 2)
