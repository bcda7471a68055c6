"""E along one weight or bias, drawn: the curve, its tangent, the step, and where it lands.

Drawn twice: the whole curve, and the surroundings of the step, where the tangent leaves the curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, ulp

from markupsafe import Markup

from app.backprop.addresses import address, parse
from app.backprop.addresses import symbol as plain_symbol
from app.backprop.check import gradient_of
from app.backprop.network import N_, Shape
from app.backprop.simulation import Simulation
from app.backprop.slope import Range, Slope, curve, slope, steepest
from app.view.axes import Mark, round_marks
from app.view.formulas import mathml
from app.view.latex import symbol
from app.view.numbers import exact, short, telling
from app.view.scene import Scene
from app.view.words import Translate, matrix_name

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 84, 18, 28, 46
FRAME = {
    "width": WIDTH,
    "height": HEIGHT,
    "left": LEFT,
    "right": RIGHT,
    "top": TOP,
    "bottom": BOTTOM,
}
DRAWN, LISTED = 121, 10  # points of a curve, and every which of them its table lists
MOST = 1e300  # E beyond it is not drawn
SHORTEST = 12  # of an arrow in the drawing: below, its head would hide it
HEAD = 8
SMALLEST_WINDOW = 30
ROUNDINGS = 64  # of E: a change below so many of its last digits is none to speak of


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


@dataclass(frozen=True, slots=True)
class Choice:
    """Another weight or bias to look along; it lights up with its gradient, too."""

    address: str
    gradient: str
    symbol: Markup
    plain: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """The weights of a layer, a row per source, and its biases."""

    name: Markup
    rows: tuple[tuple[Choice, ...], ...]


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


def slope_panel(simulation: Simulation, at: tuple[str, ...], _: Translate) -> dict[str, object]:
    """What the panel of the slope shows."""
    shape = simulation.shape
    chosen = parameter_of(shape, at)
    step = slope(simulation, chosen or steepest(simulation))
    drawn = all(map(isfinite, (step.at, step.next, step.landing, step.gradient)))
    plain = plain_symbol(step.address, shape.depth).replace("'", "′")
    return {
        "symbol": mathml(symbol(step.address, shape.depth)),
        "plain": plain,
        "shows": (step.address, gradient_of(step.address)),
        "by_default": chosen is None,
        "sentence": sentence(step, _),
        "figures": figures(simulation, step, _) if drawn and step.error <= MOST else (),
        "numbers": _numbers(step, _),
        "alt": _("E over %(symbol)s: at %(at)s, E is %(error)s and its slope %(gradient)s")
        % {
            "symbol": plain,
            "at": short(step.at),
            "error": short(step.error),
            "gradient": short(step.gradient),
        },
        **FRAME,
    }


def slope_context(scene: Scene, at: tuple[str, ...]) -> dict[str, object]:
    """What the panel offers besides: another weight or bias."""
    shape = scene.shape
    chosen = parameter_of(shape, at)

    def choice(kind: str, *indices: int) -> Choice:
        text = address(kind, *indices)
        names = mathml(symbol(text, shape.depth)), plain_symbol(text, shape.depth)
        return Choice(text, gradient_of(text), *names, text == chosen)

    layers = []
    for layer in range(shape.depth - 1):
        rows = [
            tuple(choice("weight", layer, i, j) for j in range(shape.layers[layer + 1]))
            for i in range(shape.layers[layer])
        ]
        own = [indices for indices in shape.bias_indices() if indices[0] == layer]
        rows += [tuple(choice("bias", *indices) for indices in own)] if own else []
        name = mathml(rf"W_{{\mathrm{{{matrix_name(shape, layer)}}}}}")
        layers.append(Choices(name, tuple(rows)))
    return {"choices": layers}


def parameter_of(shape: Shape, at: tuple[str, ...]) -> str | None:
    """The weight or bias that is explained, by itself or by its gradient; None for all else."""
    if not at:
        return None
    kind, indices = parse(at[0])
    kind = kind.removesuffix("_gradient")
    known = {"weight": shape.weight_indices, "bias": shape.bias_indices}
    return address(kind, *indices) if kind in known and indices in set(known[kind]()) else None


def sentence(step: Slope, _: Translate) -> str:
    """How far the tangent can be trusted, for this step."""
    predicted, actual = step.predicted_change, step.actual_change
    if not isfinite(predicted) or not isfinite(actual):
        return _("E or its slope is no longer a finite number: there is nothing to draw.")
    if step.update == "none":
        return _(
            "Nothing moves yet: this iteration only gathers. "
            "The step comes after the last example of the pass."
        )
    if step.step == 0:
        return _("The step is 0, so nothing moves.")
    if abs(predicted) < ROUNDINGS * ulp(step.error):
        return _("The step changes E by less than the last digits of a double can show.")
    if predicted >= 0 and step.update != "each":
        return _(
            "For this example alone it goes uphill: the step follows the gradients of all of them. "
            "The tangent predicted %(predicted)s; E changes by %(actual)s."
        ) % {"actual": telling(actual), "predicted": telling(predicted)}
    if predicted >= 0:
        return _(
            "The velocity still carries it uphill, as steps before went that way. "
            "The tangent predicted %(predicted)s; E changes by %(actual)s."
        ) % {"actual": telling(actual), "predicted": telling(predicted)}
    if actual >= 0:
        return _(
            "E does not fall: the step is so long that the curve has turned before it lands. "
            "The tangent predicted %(predicted)s; E changes by %(actual)s."
        ) % {"actual": telling(actual), "predicted": telling(predicted)}
    return _(
        "E falls by %(share)s of what the tangent predicts: %(actual)s, not %(predicted)s."
    ) % {
        "share": f"{100 * actual / predicted:.2f} %",
        "actual": telling(actual),
        "predicted": telling(predicted),
    }


def figures(simulation: Simulation, step: Slope, _: Translate) -> tuple[tuple[str, Figure], ...]:
    """Both drawings with their titles: the whole curve, and the step."""
    near, far = (
        [
            point
            for point in curve(simulation, step.address, *ends, DRAWN)
            if point[1] <= MOST  # which nan is not, either
        ]
        for ends in (step.close, step.wide)
    )
    close = _Plot(step.close, _around([error for _, error in near], step))
    top = max(step.error, *(error for _, error in far), 1e-300)
    wide = _Plot(step.wide, (0.0, 1.06 * top))
    return (
        (_("The whole curve"), _figure(wide, far, step, close)),
        (_("Zoomed to the step"), _figure(close, near, step, None)),
    )


def _around(errors: list[float], step: Slope) -> Range:
    """From the least to the most E that is drawn, with a little room."""
    all_errors = [*errors, step.error, step.landing, step.error + step.predicted_change]
    least, most = min(all_errors), max(all_errors)
    room = max(0.1 * (most - least), 1e-7 * step.error, 1e-300)
    return least - room, most + room


def _figure(plot: _Plot, points: Points, step: Slope, window: _Plot | None) -> Figure:
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
    )


def _tangent(plot: _Plot, step: Slope) -> tuple[float, float, float, float]:
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


_PUSHES = {
    "each": N_("step: −lr · gradient"),
    "velocity": N_("step: −lr · velocity"),
    "mean": N_("step: −lr · mean of the gradients"),
    "sum": N_("step: −lr · sum of the gradients"),
    "none": N_("step: none yet"),
}


def _numbers(step: Slope, _: Translate) -> list[tuple[str, str, str, str]]:
    """What is drawn, in words and numbers: the key's name, what it is, and the number twice.

    The changes of E come last, in digits that tell what was predicted from what came of it.
    """
    push = _PUSHES[step.update if step.velocity is None else "velocity"]
    numbers = [
        ("now", _("value now"), step.at),
        ("", _("E there"), step.error),
        ("tangent", _("gradient: the slope of the tangent"), step.gradient),
        ("step", _(push), step.step),
        ("lands", _("lands at"), step.next),
        ("", _("E there"), step.landing),
    ]
    changes = [
        ("predicted", _("predicted ΔE: gradient · step"), step.predicted_change),
        ("", _("actual ΔE"), step.actual_change),
    ]
    return [
        *((key, text, short(value), exact(value)) for key, text, value in numbers),
        *((key, text, telling(value), exact(value)) for key, text, value in changes),
    ]
