"""The figures of the error profile: E along one weight, the tangent, and the step.

A slider under the whole curve moves the weight along it. Its value is the index of a point, so that
every number shown, and the one that is sent, was computed by the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.analysis.error_profile import ErrorProfile, Range, curve
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.panels.axes import Mark, drawable, frame, round_marks
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import data

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 84, 18, 32, 52
FRAME = frame(WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM)
CURVE_POINTS = 121  # points of a curve
LISTED = 10  # the table lists every tenth point of a curve
SHORTEST = 12  # units: a shorter arrow would be hidden by its head
HEAD = 8
SMALLEST_WINDOW = 30


@dataclass(frozen=True, slots=True)
class SliderPoints:
    """The points of the curve; each list is a text, separated by spaces."""

    field: str  # the address of the weight or bias
    index: int  # of the point at the current value
    last: int  # the last index
    values: str  # with all digits, to be sent
    shown: str  # with the digits that the visitor has chosen
    errors: str
    places: str  # x,y in the figure

    @property
    def value(self) -> str:
        """The current value, with the digits that the visitor has chosen."""
        return self.shown.split()[self.index]

    @property
    def error(self) -> str:
        """E at the current value."""
        return self.errors.split()[self.index]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; places are in the units of its view box."""

    line: str  # the curve as an SVG path
    tangent: tuple[float, float, float, float]  # the ends of the tangent: x1, y1, x2, y2
    now: tuple[float, float]  # the current point
    lands: tuple[float, float]  # the end of the step on the curve
    predicted: tuple[float, float]  # its end on the tangent
    arrow: str  # the step along the axis, as a path; empty if it is too short to draw
    window: tuple[float, float, float, float] | None  # the part that the other figure enlarges
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    listed: Points  # for a table
    along: SliderPoints | None  # the points of the slider, in the figure of the whole curve


class _Plot:
    """Maps values and errors to places in a figure."""

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
        """The place of a point, moved into the figure if it lies outside."""
        inside = min(max(error, self.least), self.most)
        return self.x(min(max(value, self.low), self.high)), self.y(inside)


def figures(
    simulation: Simulation, profile: ErrorProfile, _: Translate, digits: Digits = FOUR
) -> tuple[tuple[str, Figure], ...]:
    """Both figures with their titles: the whole curve, and the step."""
    near, far = (curve_points(simulation, profile, ends) for ends in (profile.close, profile.wide))
    close = _Plot(profile.close, _error_range([error for _, error in near], profile))
    top = max(profile.error, *(error for _, error in far), 1e-300)
    wide = _Plot(profile.wide, (0.0, 1.06 * top))
    return (
        (_("The whole curve"), _figure(wide, far, profile, close, digits)),
        (_("Zoomed to the step"), _figure(close, near, profile, None, digits)),
    )


def _error_range(errors: list[float], profile: ErrorProfile) -> Range:
    """The range of all errors in a figure, with a margin."""
    all_errors = [*errors, profile.error, profile.landing, profile.error + profile.predicted_change]
    least, most = min(all_errors), max(all_errors)
    margin = max(0.1 * (most - least), 1e-7 * profile.error, 1e-300)
    return least - margin, most + margin


def _figure(
    plot: _Plot, points: Points, profile: ErrorProfile, window: _Plot | None, digits: Digits
) -> Figure:
    places = [plot.place(value, error) for value, error in points]
    lands = plot.place(profile.next, profile.landing)
    now = plot.place(profile.at, profile.error)
    return Figure(
        line="M" + "L".join(f"{x:g} {y:g}" for x, y in places),
        tangent=_tangent(plot, profile),
        now=now,
        lands=lands,
        predicted=plot.place(profile.next, profile.error + profile.predicted_change),
        arrow=_arrow(now[0], lands[0]),
        window=None if window is None else _window(plot, window),
        across=tuple(Mark(plot.x(v), text) for v, text in round_marks(plot.low, plot.high)),
        up=tuple(Mark(plot.y(e), text) for e, text in round_marks(plot.least, plot.most)),
        listed=points[::LISTED],
        along=slider_points(profile, points, places, digits) if window else None,
    )


def _tangent(plot: _Plot, profile: ErrorProfile) -> tuple[float, float, float, float]:
    """The tangent at the current point, as far as the figure goes."""
    ends: list[float] = []
    for value in (plot.low, plot.high):
        error = profile.error + profile.gradient * (value - profile.at)
        inside = min(max(error, plot.least), plot.most)
        end = value if inside == error else profile.at + (inside - profile.error) / profile.gradient
        ends += plot.place(end, inside)
    return ends[0], ends[1], ends[2], ends[3]


def _arrow(start: float, end: float) -> str:
    if abs(end - start) < SHORTEST:
        return ""
    y, head = HEIGHT - BOTTOM, HEAD if end > start else -HEAD
    return f"M{start:g} {y}H{end:g}M{end - head:g} {y - 6}L{end:g} {y}L{end - head:g} {y + 6}"


def _window(plot: _Plot, inner: _Plot) -> tuple[float, float, float, float]:
    """The part of a figure that another one enlarges; never too small to be seen."""
    left, bottom = plot.place(inner.low, inner.least)
    right, top = plot.place(inner.high, inner.most)
    width, height = max(SMALLEST_WINDOW, right - left), max(SMALLEST_WINDOW, bottom - top)
    x, y = (left + right - width) / 2, (bottom + top - height) / 2
    return round(x, 2), round(y, 2), round(width, 2), round(height, 2)


def curve_points(
    simulation: Simulation, profile: ErrorProfile, ends: Range
) -> list[tuple[float, float]]:
    """The points of a curve that can be drawn."""
    return drawable(curve(simulation, profile.address, *ends, CURVE_POINTS))


def slider_points(
    profile: ErrorProfile, points: Points, places: Points, digits: Digits = FOUR
) -> SliderPoints:
    """The slider's points: the one nearest to the current value is replaced by that value."""
    here = nearest(profile, points)
    exact = [*points[:here], (profile.at, profile.error), *points[here + 1 :]]
    return SliderPoints(
        field=profile.address,
        index=here,
        last=len(exact) - 1,
        values=" ".join(data(value) for value, _ in exact),
        shown=" ".join(digits.short(value) for value, _ in exact),
        errors=" ".join(digits.short(error) for _, error in exact),
        places=" ".join(f"{x:g},{y:g}" for x, y in places),
    )


def nearest(profile: ErrorProfile, points: Points) -> int:
    """The index of the point nearest to the current value."""
    return min(range(len(points)), key=lambda index: abs(points[index][0] - profile.at))
