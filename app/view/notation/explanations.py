"""Why a step or a phase is computed, in a sentence or two for the step card."""

from app.backprop.network import Shape
from app.backprop.steps import Step
from app.view.notation.function_words import (
    ACTIVATION_WORDS,
    ERROR_WORDS,
    UPDATE_WORDS,
    quantity_words,
    update_words,
)
from app.view.notation.labels import Translate, cancels, has_mixed_activations


def why(_: Translate, shape: Shape, step: Step, *, whole_layer: bool = False) -> str:
    """Why a step is computed, or those of its kind for the whole layer.

    Raises:
        KeyError: If there is no such kind of step.
    """
    is_output = step.layer == shape.depth - 1
    mixed = whole_layer and has_mixed_activations(shape, step.layer)
    activation = ACTIVATION_WORDS[shape.activation(step.layer, step.unit or 0)]
    error = ERROR_WORDS[shape.error]
    match step.kind:
        case "net" if shape.bias == "none":
            return _(
                "A unit adds up all that reaches it: each out before it, "
                "times the weight on the way."
            )
        case "net":
            return _(
                "A unit adds up all that reaches it: each out before it, "
                "times the weight on the way, and the bias."
            )
        case "out" if mixed:
            return _("Each unit of this layer turns net into out by an activation of its own.")
        case "out":
            return _(activation.why)
        case "error":
            return _(error.why)
        case "error_slope" if is_output:
            return _(error.slope_why)
        case "error_slope":
            return _(
                "A hidden unit reaches E through every unit that it feeds. Each path brings back "
                "that unit’s δ, times the old weight on the way."
            )
        case "activation_slope" if mixed:
            return _("How steep the activation of each unit is at its net.")
        case "activation_slope":
            return _(activation.slope_why)
        case "delta" if cancels(shape, step):
            return _(error.delta_why)
        case "delta":
            return _(
                "δ says how E changes with the unit’s net: how E answers to its out, "
                "times how its out answers to net."
            )
        case "weight_gradient":
            return _(
                "A weight acts on E through the unit that it leads to: "
                "that unit’s δ, times the out that travels along it."
            )
        case "bias_gradient" if shape.bias == "shared":
            return _("One bias serves the whole layer, so the δ of all its units add up.")
        case "bias_gradient":
            return _("A bias always carries a 1, so its gradient is the δ of its unit.")
        case "weight_update" | "bias_update":
            return phase_why(_, step.phase, shape)
    return _(quantity_words(step.kind).why)


def phase_why(_: Translate, phase: str, shape: Shape | None = None) -> str:
    if phase == "update" and shape is not None and not shape.is_update_iteration:
        return _(
            "No weight moves yet: the gradients are added to those of the examples before. "
            "After the last example all weights move at once."
        )
    update = update_words(shape, "weight") if shape else UPDATE_WORDS["each"]
    return {
        "forward": _(
            "From the inputs to the outputs: what the network answers, and how wrong it is."
        ),
        "backward": _(
            "From the error back to every weight: how E would change with each. "
            "No weight has moved yet."
        ),
        "update": _(update.why) % {"name": _(update.name)},
    }[phase]
