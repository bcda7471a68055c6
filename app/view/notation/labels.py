"""The names of layers, steps, phases and settings in words.

Every text passes through the translator; English is the source language.
"""

from collections.abc import Callable

from markupsafe import Markup, escape

from app.backprop.addresses import layer_letter, unit_name
from app.backprop.network import Shape
from app.backprop.steps import Step

Translate = Callable[[str], str]

TICKS = {
    "net": "net",
    "out": "out",
    "error": "E",
    "error_slope": "(1)",
    "activation_slope": "(2)",
    "delta": "δ",
    "weight_gradient": "∂W",
    "bias_gradient": "∂b",
    "weight_sum": "ΣW",
    "bias_sum": "Σb",
    "weight_velocity": "vW",
    "bias_velocity": "vb",
    "weight_update": "W",
    "bias_update": "b",
}


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


def matrix_name(shape: Shape, layer: int) -> str:
    """The deck's name of the weights that lead from a layer: IH, HO (slide 1)."""
    return layer_letter(layer, shape.depth) + layer_letter(layer + 1, shape.depth)


def title(_: Translate, shape: Shape, step: Step, *, whole_layer: bool) -> str:
    """What a step computes, in words: `net of H1`, or `net of the hidden layer`."""
    if step.kind == "error":
        if whole_layer or step.unit is None:
            return _("Error E")
        return _("Error of output %(number)s") % {"number": step.unit + 1}
    where = layer_words(_, shape, step.layer)
    if not whole_layer and step.unit is not None:
        where = unit_name(step.layer, step.unit, shape.depth)
    names = {
        "net": _("net"),
        "out": _("out"),
        "error_slope": _("Error slope"),
        "activation_slope": _("Activation slope"),
        "delta": _("δ"),
        "weight_gradient": _("Weight gradients"),
        "bias_gradient": _("Bias gradient"),
        "weight_sum": _("Gathered gradients"),
        "bias_sum": _("Gathered bias gradient"),
        "weight_velocity": _("Weight velocities"),
        "bias_velocity": _("Bias velocity"),
        "weight_update": _("New weights"),
        "bias_update": _("New bias"),
    }
    if not whole_layer:
        names |= {
            "weight_gradient": _("Weight gradient"),
            "weight_sum": _("Gathered gradient"),
            "weight_velocity": _("Weight velocity"),
            "weight_update": _("New weight"),
        }
    return _("%(what)s of %(where)s") % {"what": names[step.kind], "where": where}


def theme_title(_: Translate, theme: str) -> str:
    """The label of the button that switches to a theme."""
    return {
        "auto": _("Colours as the system has them"),
        "dark": _("Dark colours"),
        "light": _("Light colours"),
    }[theme]


def phase_title(_: Translate, phase: str, shape: Shape | None = None) -> str:
    """The name of a phase; a batch update that is still to come is called gathering."""
    if phase == "update" and shape is not None and not shape.is_update_iteration:
        return _("Gathering")
    return {
        "forward": _("Forward pass"),
        "backward": _("Backward pass"),
        "update": _("Update"),
    }[phase]


def phase_word(_: Translate, phase: str, shape: Shape | None = None) -> str:
    if phase == "update" and shape is not None and not shape.is_update_iteration:
        return _("gathering")
    return {"forward": _("forward"), "backward": _("backward"), "update": _("update")}[phase]


def cancels(shape: Shape, step: Step) -> bool:
    """Whether a step is the δ of outputs that is computed without the slopes (1) and (2)."""
    return step.kind == "delta" and shape.fused_delta and step.layer == shape.depth - 1


def error_name(_: Translate, error: str) -> str:
    return {
        "half_squared": _("half the squares (the deck)"),
        "mean_squared": _("mean of the squares"),
        "binary_cross_entropy": _("binary cross-entropy"),
        "cross_entropy": _("cross-entropy of softmax"),
    }[error]


def update_name(_: Translate, update: str) -> str:
    """When the parameters move, and by what."""
    return {
        "each": _("after each example (the deck)"),
        "mean": _("after all: by the mean of the gradients"),
        "sum": _("after all: by the sum of the gradients"),
    }[update]


def optimiser_name(_: Translate, optimiser: str) -> str:
    return {
        "gradient_descent": _("gradient descent (the deck)"),
        "momentum": _("momentum"),
    }[optimiser]


def slide(shape: Shape, step: Step) -> int:
    """The slide that explains a step: 1 for the forward pass, 2 for the output layer, 3 for the
    others."""
    if step.phase == "forward":
        return 1
    return 2 if step.layer == shape.depth - 1 else 3
