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
    error, named = ERROR_WORDS[shape.error], shape.named
    match step.kind:
        case "net" if shape.bias == "none":
            return _("A unit adds up every incoming value times its weight.")
        case "net" if named.thresholds:
            return _(
                "A unit adds every incoming value times its weight. Its threshold is the weight of "
                "an input that is always −1."
            )
        case "net":
            return _("A unit adds its bias and every incoming value times its weight.")
        case "out" if mixed:
            return _(
                "Each unit of this layer has its own activation function, which turns net into out."
            )
        case "out":
            return _(activation.why)
        case "error":
            return _(error.why)
        case "error_slope" if is_output:
            return _(error.slope_why)
        case "error_slope" if named.minus_delta:
            return _(
                "A hidden unit affects E through each unit it feeds. Each sends back −Err times the "
                "old weight."
            )
        case "error_slope":
            return _(
                "A hidden unit affects E through each unit it feeds. Each sends back its δ times "
                "the old weight."
            )
        case "activation_slope" if mixed:
            return _("The slope of each unit’s activation function at its net.")
        case "activation_slope":
            return _(activation.slope_why)
        case "delta" if named.minus_delta and cancels(shape, step):
            return _(
                "Err is minus the product of (1) and (2). With this error function everything in it "
                "cancels except target − out."
            )
        case "delta" if named.minus_delta:
            return _(
                "Err says how E falls as the unit’s net grows. It is minus the product of (1) and (2)."
            )
        case "delta" if cancels(shape, step):
            return _(error.delta_why)
        case "delta":
            return _("δ says how E changes with the unit’s net. It is the product of (1) and (2).")
        case "weight_gradient" if named.minus_delta:
            return _(
                "The gradient of a weight is minus the Err of the unit that it leads to, times the "
                "value that it carries."
            )
        case "weight_gradient":
            return _(
                "The gradient of a weight is the δ of the unit that it leads to, times the value "
                "that it carries."
            )
        case "bias_gradient" if named.thresholds:
            return _(
                "A threshold is the weight of an input that is always −1, so its gradient has the "
                "opposite sign of that of a bias."
            )
        case "bias_gradient" if named.minus_delta and shape.bias == "shared":
            return _(
                "One bias serves the whole layer, so its gradient is minus the sum of all Err of "
                "the layer."
            )
        case "bias_gradient" if named.minus_delta:
            return _(
                "The input of a bias is always 1, so its gradient is minus the Err of its unit."
            )
        case "bias_gradient" if shape.bias == "shared":
            return _(
                "One bias serves the whole layer, so its gradient is the sum of all δ of the layer."
            )
        case "bias_gradient":
            return _("The input of a bias is always 1, so its gradient is the δ of its unit.")
        case "weight_update" | "bias_update":
            return phase_why(_, step.phase, shape)
    return _(quantity_words(step.kind).why)


def phase_why(_: Translate, phase: str, shape: Shape | None = None) -> str:
    if phase == "update" and shape is not None and not shape.is_update_iteration:
        return _(
            "No weight changes yet. The gradients are added to those of the earlier examples; "
            "after the last example all weights change at once."
        )
    update = update_words(shape, "weight") if shape else UPDATE_WORDS["each"]
    return {
        "forward": _(
            "From the inputs to the outputs: what the network answers, and how wrong it is."
        ),
        "backward": _(
            "From the error back to every weight: how E changes with each. No weight has changed "
            "yet."
        ),
        "update": _(update.why) % {"name": _(update.name)},
    }[phase]
