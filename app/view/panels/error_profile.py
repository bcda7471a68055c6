"""The error profile panel: E along one weight or bias, with its tangent and the step.

There are two figures: the whole curve, and the part around the step, where the tangent leaves the
curve.
"""

from math import isfinite, ulp

from app.analysis.error_profile import ErrorProfile, error_profile, steepest
from app.analysis.gradient_check import gradient_of
from app.backprop.addresses import address, parse
from app.backprop.errors import N_
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol as plain_symbol
from app.simulation.simulation import Simulation
from app.view.notation.formulas import mathml
from app.view.notation.function_words import UPDATE_WORDS, update_words
from app.view.notation.labels import Translate
from app.view.notation.latex import layer_symbol, symbol
from app.view.panels.axes import LARGEST
from app.view.panels.error_profile_figure import FRAME, figures
from app.view.panels.weights import parameter_names, parameter_rows
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import exact
from app.view.rendering.panel import TRAIN, Panel
from app.view.rendering.step_view import StepView

ROUNDINGS = 64  # a change of E by fewer units in the last place is mostly rounding


def error_profile_panel(
    simulation: Simulation, path: tuple[str, ...], _: Translate, digits: Digits = FOUR
) -> dict[str, object]:
    """The context of the panel's figures and numbers."""
    shape = simulation.shape
    chosen = parameter_of(shape, path)
    profile = error_profile(simulation, chosen or steepest(simulation))
    finite = all(map(isfinite, (profile.at, profile.next, profile.landing, profile.gradient)))
    plain = plain_symbol(profile.address, shape).replace("'", "′")
    return {
        "symbol": mathml(symbol(profile.address, shape)),
        "plain": plain,
        "shows": (profile.address, gradient_of(profile.address)),
        "by_default": chosen is None,
        "stays": path if chosen else (profile.address, gradient_of(profile.address)),
        "sentence": sentence(shape, profile, _, digits),
        "figures": figures(simulation, profile, _, digits)
        if finite and profile.error <= LARGEST
        else (),
        "numbers": _numbers(shape, profile, _, digits),
        "alt": _("E over %(symbol)s: at %(at)s, E is %(error)s and its slope %(gradient)s")
        % {
            "symbol": plain,
            "at": digits.short(profile.at),
            "error": digits.short(profile.error),
            "gradient": digits.short(profile.gradient),
        },
        **FRAME,
    }


def error_profile_context(step_view: StepView, path: tuple[str, ...]) -> dict[str, object]:
    """The context of the panel's other part: the weights and biases to choose from."""
    shape = step_view.shape
    layers = [
        (mathml(layer_symbol(address("weight", layer), shape)), parameter_rows(shape, layer))
        for layer in range(shape.depth - 1)
    ]
    return {"layers": layers, "chosen": parameter_of(shape, path), **parameter_names(shape)}


def parameter_of(shape: Shape, path: tuple[str, ...]) -> str | None:
    """The weight or bias that is explained, itself or by its gradient; None for anything else."""
    if not path:
        return None
    kind, indices = parse(path[0])
    kind = kind.removesuffix("_gradient")
    known = {"weight": shape.weight_indices, "bias": shape.bias_indices}
    return address(kind, *indices) if kind in known and indices in set(known[kind]()) else None


def sentence(shape: Shape, profile: ErrorProfile, _: Translate, digits: Digits = FOUR) -> str:
    """How well the tangent predicts what this step does to E."""
    predicted, actual = profile.predicted_change, profile.actual_change
    if not isfinite(predicted) or not isfinite(actual):
        return _("E or its gradient is no longer finite, so there is nothing to draw.")
    if profile.update == "none":
        return _(
            "Nothing changes yet: this iteration only accumulates gradients. The update follows "
            "the last example of the pass."
        )
    if profile.step == 0:
        return _("The step is 0, so nothing changes.")
    if abs(predicted) < ROUNDINGS * ulp(profile.error):
        return _("The step changes E by less than double precision can show.")
    if predicted >= 0:
        own = update_words(shape, profile.address)
        text = _(UPDATE_WORDS[profile.update].uphill or own.uphill)
    elif actual >= 0:
        text = _(
            "E does not fall: the step goes beyond the point where the curve turns up. Predicted "
            "change %(predicted)s, actual %(actual)s."
        )
    elif digits.compared(actual) == digits.compared(predicted):
        text = _("E changes by %(actual)s, as the tangent predicts.")
    else:
        text = _("Predicted change %(predicted)s, actual %(actual)s (%(share)s).")
    share = f"{100 * actual / predicted:.2f}%" if predicted else ""
    numbers = {"actual": digits.compared(actual), "predicted": digits.compared(predicted)}
    return text % {**numbers, "share": share}


def _numbers(
    shape: Shape, profile: ErrorProfile, _: Translate, digits: Digits
) -> list[tuple[str, str, str, str]]:
    """The rows of the legend: (key of the figure, text, number, number with all digits).

    The changes of E come last, with four digits, so that prediction and result can be compared.
    """
    short, compared = digits.short, digits.compared
    name = _(update_words(shape, profile.address).name)
    step_text = _("step: −lr · %(name)s") % {"name": name}
    if profile.update == "none":
        step_text = _("step: none yet")
    predicted, actual = profile.predicted_change, profile.actual_change
    numbers = (
        ("now", _("value now"), short, profile.at),
        ("", _("E there"), short, profile.error),
        ("tangent", _("gradient (slope of the tangent)"), short, profile.gradient),
        ("step", step_text, short, profile.step),
        ("lands", _("value after the step"), short, profile.next),
        ("", _("E there"), short, profile.landing),
        ("predicted", _("predicted ΔE: gradient · step"), compared, predicted),
        ("", _("actual ΔE"), compared, actual),
    )
    return [(key, text, write(value), exact(value)) for key, text, write, value in numbers]


PANEL = Panel(
    "slope",
    "error_profile",
    N_("E along one weight"),
    TRAIN,
    lambda context: error_profile_context(context.step_view, context.derivation_path),
    dynamic=error_profile_panel,
    follows_parameter=True,
    looks_ahead=True,
    is_exact=True,
)
