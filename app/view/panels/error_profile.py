"""E along one weight or bias, drawn: the curve, its tangent, the step, and where it lands.

Drawn twice: the whole curve, and the surroundings of the step, where the tangent leaves the curve.
"""

from dataclasses import dataclass
from math import isfinite, ulp

from markupsafe import Markup

from app.analysis.error_profile import ErrorProfile, error_profile, steepest
from app.analysis.gradient_check import gradient_of
from app.backprop.addresses import address, parse
from app.backprop.addresses import symbol as plain_symbol
from app.backprop.errors import N_
from app.backprop.network import Shape
from app.simulation.simulation import Simulation
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, matrix_name
from app.view.notation.latex import symbol
from app.view.panels.error_profile_figure import FRAME, figures
from app.view.panels.error_profile_slider import MOST
from app.view.rendering.numbers import exact, short, telling
from app.view.rendering.panel import Panel
from app.view.rendering.step_view import StepView

ROUNDINGS = 64  # of E: a change below so many of its last digits is none to speak of


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


def error_profile_panel(
    simulation: Simulation, at: tuple[str, ...], _: Translate
) -> dict[str, object]:
    """What the panel of the slope shows."""
    shape = simulation.shape
    chosen = parameter_of(shape, at)
    step = error_profile(simulation, chosen or steepest(simulation))
    drawn = all(map(isfinite, (step.at, step.next, step.landing, step.gradient)))
    plain = plain_symbol(step.address, shape.depth).replace("'", "′")
    return {
        "symbol": mathml(symbol(step.address, shape.depth)),
        "plain": plain,
        "shows": (step.address, gradient_of(step.address)),
        "by_default": chosen is None,
        "stays": at if chosen else (step.address, gradient_of(step.address)),
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


def error_profile_context(step_view: StepView, at: tuple[str, ...]) -> dict[str, object]:
    """What the panel offers besides: another weight or bias."""
    shape = step_view.shape
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


def sentence(step: ErrorProfile, _: Translate) -> str:
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


_PUSHES = {
    "each": N_("step: −lr · gradient"),
    "velocity": N_("step: −lr · velocity"),
    "mean": N_("step: −lr · mean of the gradients"),
    "sum": N_("step: −lr · sum of the gradients"),
    "none": N_("step: none yet"),
}


def _numbers(step: ErrorProfile, _: Translate) -> list[tuple[str, str, str, str]]:
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


PANEL = Panel(
    "slope",
    "error_profile",
    N_("Slope"),
    lambda context: error_profile_context(context.step_view, context.derivation_path),
    dynamic=error_profile_panel,
)
