"""The names of layers, steps, phases and settings in words.

Every text passes through the translator; English is the source language.
"""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.backprop.addresses import address, layer_letter, parse
from app.backprop.errors import N_
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import Shape
from app.backprop.quantity_names import ERR, layer_bias_name, symbol, unit_name
from app.backprop.rounding_rule import (
    DECIMALS,
    EVEN,
    MOST_ROUNDED,
    ROUNDINGS,
    SIGNIFICANT,
    UP,
    Rounding,
)
from app.backprop.steps import Step
from app.view.notation.function_words import (
    ACTIVATION_WORDS,
    ERROR_WORDS,
    HYPERPARAMETER_NAMES,
    OPTIMISER_NAMES,
    quantity_words,
)
from app.view.rendering.digits import DIGITS, FOUR, Digits

Translate = Callable[[str], str]

_TICKS = {
    "net": Markup("net"),
    "out": Markup("out"),
    "error": Markup("<i>E</i>"),
    "error_slope": Markup("∂<i>E</i>/∂out"),
    "activation_slope": Markup("out′"),
    "delta": Markup("<i>δ</i>"),
    "weight_gradient": Markup("∂<i>E</i>/∂<i>W</i>"),
    "bias_gradient": Markup("∂<i>E</i>/∂<i>b</i>"),
    "weight_update": Markup("<i>W</i>"),
    "bias_update": Markup("<i>b</i>"),
}
# The titles of steps for a whole layer, which is named after them.
_TITLES = {
    "net": N_("net"),
    "out": N_("out"),
    "error_slope": "∂E/∂out",
    "activation_slope": "∂out/∂net",
    "delta": N_("δ"),
    "weight_gradient": "∂E/∂W",
    "bias_gradient": "∂E/∂b",
    "weight_update": N_("New weights"),
    "bias_update": N_("New bias"),
}
# The titles of steps for a single weight, which is named in them.
_WEIGHT_TITLES = {
    "weight_gradient": N_("Gradient of %(weight)s"),
    "weight_update": N_("New %(weight)s"),
}


def tick(step: Step) -> Markup:
    """The mark of a layer's steps in the timeline: `net`, δ, ∂E/∂W, and ΣW for Σ(w11)."""
    parameter = {"weight": "W", "bias": "b"}.get(step.kind.partition("_")[0], "")
    if step.symbol.startswith(ERR):
        return Markup(ERR)
    mark = Markup("%s<i>%s</i>") % (step.symbol.partition("(")[0], parameter)
    mark = _TICKS.get(step.kind, mark)
    return mark.replace("<i>b</i>", Markup("<i>θ</i>")) if "θ" in step.symbol else mark


def fill(text: str, **values: object) -> Markup:
    """A text with its placeholders filled; every value is escaped unless it is markup."""
    return escape(text) % values


def layer_words(_: Translate, shape: Shape, layer: int) -> str:
    """A layer in words; with its letter if there are several hidden layers."""
    if layer == shape.depth - 1:
        return _("the output layer")
    if shape.depth <= 3:
        return _("the hidden layer")
    return _("hidden layer %(letter)s") % {"letter": layer_letter(layer, shape.depth)}


def unit_words(_: Translate, shape: Shape, layer: int, unit: int) -> str:
    """A unit in a sentence: H1; or unit 4 on a sheet that numbers them."""
    name = unit_name(layer, unit, shape)
    return _("unit %(number)s") % {"number": name} if name.isdecimal() else name


def layer_name(_: Translate, shape: Shape, layer: int) -> str:
    """A layer as the timeline names it: hidden, output; or its letter if there are several."""
    if layer == shape.depth - 1:
        return _("output")
    return _("hidden") if shape.depth <= 3 else layer_letter(layer, shape.depth)


def matrix_name(shape: Shape, layer: int) -> str:
    """The deck's name of the weights that lead from a layer: IH, HO (slide 1)."""
    return layer_letter(layer, shape.depth) + layer_letter(layer + 1, shape.depth)


def plain_layer_symbol(shape: Shape, kind: str, layer: int) -> str:
    """A quantity of a whole layer as plain text: net_O, W_IH, or b1, which leads from a layer."""
    if kind == "weight":
        return f"W_{matrix_name(shape, layer)}"
    if kind == "bias":
        return layer_bias_name(layer, shape).text
    return f"{kind}_{layer_letter(layer, shape.depth)}"


def bias_row_name(shape: Shape, layer: int) -> str:
    """What a table calls the biases that lead from a layer: b1, or θH beside θ4."""
    return plain_layer_symbol(shape, "bias", layer).replace("_", "")


def title(_: Translate, shape: Shape, step: Step, *, whole_layer: bool) -> str:
    """What a step computes, in words: `net of H1`, or `net of the hidden layer`."""
    if step.kind == "error":
        if whole_layer or step.unit is None:
            return _("Error E")
        return _("Error of output %(number)s") % {"number": step.unit + 1}
    if not whole_layer and step.kind in _WEIGHT_TITLES:
        weight = symbol(address("weight", *parse(step.result)[1]), shape)
        return _(_WEIGHT_TITLES[step.kind]) % {"weight": weight.replace("'", "′")}
    where, what = place(_, shape, step, whole_layer=whole_layer), kind_title(_, shape, step.kind)
    if step.kind not in _TITLES:
        if not parse(step.result)[1]:
            return what
        where = parameter_words(_, shape, step, whole_layer=whole_layer)
    return _("%(what)s of %(where)s") % {"what": what, "where": where}


def kind_title(_: Translate, shape: Shape, kind: str) -> str:
    """What steps of a kind compute, wherever that is: `net`, or `New weights`."""
    if kind == "error":
        return _("Error E")
    if kind == "delta" and shape.named.minus_delta:
        return ERR
    if kind == "bias_update" and shape.named.thresholds:
        return _("New threshold")
    if kind == "bias_gradient" and shape.named.thresholds:
        return "∂E/∂θ"
    if kind in _TITLES:
        return _(_TITLES[kind])
    what = _(quantity_words(kind).name)
    return what[:1].upper() + what[1:]


def place(_: Translate, shape: Shape, step: Step, *, whole_layer: bool = False) -> str:
    """The unit or the layer of a step's result."""
    if whole_layer or step.unit is None:
        return layer_words(_, shape, step.layer)
    return unit_words(_, shape, step.layer, step.unit)


def parameter_words(_: Translate, shape: Shape, step: Step, *, whole_layer: bool = False) -> str:
    """The weight or bias of a step's result, or those of its layer."""
    indices = parse(step.result)[1]
    where = place(_, shape, step, whole_layer=whole_layer)
    if not indices:
        return _("the network")
    if step.kind.startswith("bias"):
        is_threshold = shape.named.thresholds
        text = _("the threshold of %(where)s") if is_threshold else _("the bias of %(where)s")
        return text % {"where": where}
    if whole_layer:
        return _("the weights of %(where)s") % {"where": where}
    source = unit_words(_, shape, indices[0], indices[1])
    return _("the weight from %(source)s to %(target)s") % {"source": source, "target": where}


def theme_title(_: Translate, theme: str) -> str:
    """The label of the button that switches to a theme."""
    return {
        "auto": _("System colours"),
        "dark": _("Dark colours"),
        "light": _("Light colours"),
    }[theme]


def digit_choices(_: Translate) -> list[tuple[str, dict[str, str]]]:
    """How many digits numbers may have, in groups: their titles, and the choices by name."""
    groups: dict[bool, dict[str, str]] = {False: {}, True: {}}
    for name, digits in DIGITS.items():
        text = _("%(count)s significant digits") if digits.significant else _("%(count)s decimals")
        groups[digits.significant][name] = text % {"count": digits.count}
    return [(_("Decimals"), groups[False]), (_("Significant digits"), groups[True])]


NOT_ROUNDED = "none"  # where it is wanted, and not possible
OFFERED = range(2, 7)  # digits of a blackboard
_ROUNDED = {
    (DECIMALS, UP): N_("Each result is rounded to %(count)s decimals, half up."),
    (DECIMALS, EVEN): N_("Each result is rounded to %(count)s decimals, half to even."),
    (SIGNIFICANT, UP): N_("Each result is rounded to %(count)s significant digits, half up."),
    (SIGNIFICANT, EVEN): N_(
        "Each result is rounded to %(count)s significant digits, half to even."
    ),
}


def rounding_note(_: Translate, name: str) -> str:
    """What is said while results are rounded."""
    if name == NOT_ROUNDED:
        text = _("Not rounded: only the first %(most)s iterations can be.")
        return text % {"most": f"{MOST_ROUNDED:,}"}
    rounding = ROUNDINGS[name]
    return _(_ROUNDED[rounding.kind, rounding.half]) % {"count": rounding.digits}


def rounding_choices(_: Translate) -> list[tuple[str, dict[str, str]]]:
    """How each result may be rounded, in groups: their titles, and the choices by name."""
    titles = {
        (DECIMALS, UP): _("Decimals, half up"),
        (DECIMALS, EVEN): _("Decimals, half to even"),
        (SIGNIFICANT, UP): _("Significant digits, half up"),
        (SIGNIFICANT, EVEN): _("Significant digits, half to even"),
    }
    words = {DECIMALS: _("%(count)s decimals"), SIGNIFICANT: _("%(count)s significant digits")}
    return [
        (
            title,
            {Rounding(kind, count, half).name: words[kind] % {"count": count} for count in OFFERED},
        )
        for (kind, half), title in titles.items()
    ]


def rounding_text(_: Translate, digits: Digits) -> str:
    """What a worksheet asks for."""
    if digits is FOUR:
        return _("Round to four decimals.")
    if digits.significant:
        return _("Round to %(count)s significant digits.") % {"count": digits.count}
    return _("Round to %(count)s decimals.") % {"count": digits.count}


def phase_title(_: Translate, phase: str, shape: Shape | None = None) -> str:
    """The name of a phase; before the update of a batch, accumulating gradients."""
    if phase == "update" and shape is not None and not shape.is_update_iteration:
        return _("Accumulating gradients")
    return {
        "forward": _("Forward pass"),
        "backward": _("Backward pass"),
        "update": _("Update"),
    }[phase]


def phase_name(_: Translate, phase: str) -> str:
    """The button that runs to the end of a phase."""
    return {"forward": _("Forward"), "backward": _("Backward"), "update": _("Update")}[phase]


def phase_word(_: Translate, phase: str, shape: Shape | None = None) -> str:
    if phase == "update" and shape is not None and not shape.is_update_iteration:
        return _("accumulating")
    return {"forward": _("forward"), "backward": _("backward"), "update": _("update")}[phase]


def cancels(shape: Shape, step: Step) -> bool:
    """Whether a step is the δ of outputs that is computed without the slopes (1) and (2)."""
    return step.kind == "delta" and shape.fused_delta and step.layer == shape.depth - 1


def has_mixed_activations(shape: Shape, layer: int) -> bool:
    """Whether the units of a layer have different activations."""
    return not isinstance(shape.activations[layer - 1], str)


def activation_name(_: Translate, activation: str) -> str:
    return _(ACTIVATION_WORDS[activation].name)


def error_name(_: Translate, error: str) -> str:
    return _(ERROR_WORDS[error].name)


def update_name(_: Translate, update: str) -> str:
    """When the parameters move, and by what."""
    return {
        "each": _("after each example (the deck)"),
        "mean": _("after all examples (mean gradient)"),
        "sum": _("after all examples (sum of gradients)"),
    }[update]


def optimiser_name(_: Translate, optimiser: str) -> str:
    return _(OPTIMISER_NAMES[optimiser])


@dataclass(frozen=True, slots=True)
class Setting:
    """A hyperparameter as the page shows it."""

    name: str
    id: str
    symbol: str
    title: str


def hyperparameters(_: Translate, shape: Shape) -> tuple[Setting, ...]:
    """The numbers, besides the learning rate, that the rules of a network need."""
    return tuple(
        Setting(
            name,
            name.replace("_", "-"),
            HYPERPARAMETERS[name].symbol,
            hyperparameter_name(_, name),
        )
        for name in shape.hyperparameters
    )


def hyperparameter_name(_: Translate, name: str) -> str:
    return _(HYPERPARAMETER_NAMES[name])


def slide(shape: Shape, step: Step) -> int:
    """The slide that explains a step: 1 for the forward pass, 2 for the output layer, 3 for the
    others."""
    if step.phase == "forward":
        return 1
    return 2 if step.layer == shape.depth - 1 else 3
