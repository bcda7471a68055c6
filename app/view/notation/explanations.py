"""Why a step or a phase is computed, in a sentence or two for the step card."""

from app.backprop.network import Shape
from app.backprop.steps import Step
from app.view.notation.labels import Translate, cancels


def why(_: Translate, shape: Shape, step: Step) -> str:
    """Why a step is computed.

    Raises:
        ValueError: If there is no such kind of step.
    """
    is_output = step.layer == shape.depth - 1
    activation = shape.activations[step.layer - 1]
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
        case "out":
            return _activation_text(_, activation)
        case "error":
            return _error_text(_, shape.error)
        case "error_slope" if is_output and shape.error == "mean_squared":
            return _(
                "If this output grew a little, E would change by twice its distance to the "
                "target, divided by the number of outputs."
            )
        case "error_slope" if is_output:
            return _("If this output grew a little, E would change by its distance to the target.")
        case "error_slope":
            return _(
                "A hidden unit reaches E through every unit that it feeds. Each path brings back "
                "that unit’s δ, times the old weight on the way."
            )
        case "activation_slope":
            return _slope_text(_, activation)
        case "delta" if cancels(shape, step):
            return _fused_delta_text(_, shape.error)
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
        case "weight_sum" | "bias_sum" if shape.update == "mean":
            return _(
                "The gradients of all examples are added up first. After the last of them every "
                "weight moves once, against their mean."
            )
        case "weight_sum" | "bias_sum":
            return _(
                "The gradients of all examples are added up first. After the last of them every "
                "weight moves once, against their sum."
            )
        case "weight_velocity" | "bias_velocity" if shape.accumulates:
            return _(
                "With momentum a velocity remembers where the steps before went: of the old one "
                "μ is left, and what all examples ask for is added."
            )
        case "weight_velocity" | "bias_velocity":
            return _(
                "With momentum a velocity remembers where the steps before went: "
                "of the old one μ is left, and the gradient is added."
            )
        case "weight_update" if shape.velocity_count:
            return _(
                "A weight moves against its velocity, by a step as large as lr allows. "
                "The gradients were all taken at the old weights."
            )
        case "bias_update" if shape.velocity_count:
            return _("The bias moves against its velocity, too.")
        case "weight_update" if shape.update == "mean":
            return _(
                "The pass is complete: a weight moves against the mean of its gradients for all "
                "examples, by a step as large as lr allows. All were taken at the old weights."
            )
        case "weight_update" if shape.update == "sum":
            return _(
                "The pass is complete: a weight moves against the sum of its gradients for all "
                "examples, by a step as large as lr allows. All were taken at the old weights."
            )
        case "bias_update" if shape.accumulates:
            return _("The bias moves likewise, against what was gathered for it.")
        case "weight_update":
            return _(
                "A weight moves against its gradient, by a step as large as lr allows. "
                "The gradients were all taken at the old weights."
            )
        case "bias_update":
            return _("The bias moves against its gradient, too.")
    raise ValueError(f"no sentence for {step.kind!r}")


def _error_text(_: Translate, error: str) -> str:
    return {
        "half_squared": _(
            "How wrong the outputs are, in one number: half the squared distance "
            "to each target, added up. Training makes it smaller."
        ),
        "mean_squared": _(
            "How wrong the outputs are, in one number: the mean of the squared distances "
            "to the targets. Training makes it smaller."
        ),
        "binary_cross_entropy": _(
            "How improbable the targets are if each out is a probability: "
            "−(target · ln out + (1 − target) · ln(1 − out)), added up. Written with net, "
            "it keeps its digits where out is nearly 0 or 1."
        ),
        "cross_entropy": _(
            "How improbable the target is if the outs are probabilities: −target · ln out, "
            "added up. Written with the nets, it keeps its digits where out is nearly 0."
        ),
    }[error]


def _fused_delta_text(_: Translate, error: str) -> str:
    return {
        "binary_cross_entropy": _(
            "(1) is (out − target) / (out · (1 − out)) here, and (2) is out · (1 − out). "
            "Multiplied, all cancels but out − target."
        ),
        "cross_entropy": _(
            "Every out depends on every net: (1) · (2) is a sum over all outputs here, "
            "out · Σ target − target. The targets add up to 1, so what is left is out − target."
        ),
    }[error]


def _activation_text(_: Translate, activation: str) -> str:
    return {
        "sigmoid": _("The sigmoid squeezes net, whatever its size, into a number from 0 to 1."),
        "tanh": _("tanh squeezes net, whatever its size, into a number from −1 to 1."),
        "relu": _("relu lets a positive net through and turns a negative one into 0."),
        "identity": _("The identity passes net on as it is."),
        "softmax": _(
            "softmax makes shares of the nets, like probabilities: "
            "every out is positive, and together they are 1."
        ),
    }[activation]


def _slope_text(_: Translate, activation: str) -> str:
    return {
        "sigmoid": _(
            "How steep the sigmoid is at this net: 0.25 at most, where out is 0.5, "
            "and next to nothing near 0 and 1."
        ),
        "tanh": _(
            "How steep tanh is at this net: 1 where out is 0, and nearly flat near −1 and 1."
        ),
        "relu": _("relu has slope 1 where net is positive, and 0 elsewhere."),
        "identity": _("The identity has slope 1 everywhere."),
    }[activation]


def phase_why(_: Translate, phase: str, shape: Shape | None = None) -> str:
    if phase == "update" and shape is not None and shape.accumulates:
        return _batch_update_text(_, shape)
    return {
        "forward": _(
            "From the inputs to the outputs: what the network answers, and how wrong it is."
        ),
        "backward": _(
            "From the error back to every weight: how E would change with each. "
            "No weight has moved yet."
        ),
        "update": _("Every weight and bias takes one small step against its gradient."),
    }[phase]


def _batch_update_text(_: Translate, shape: Shape) -> str:
    if not shape.is_update_iteration:
        return _(
            "No weight moves yet: the gradients are added to those of the examples before. "
            "After the last example all weights move at once."
        )
    if shape.update == "mean":
        return _(
            "All examples have had their turn: every weight and bias takes one small step against "
            "the mean of its gradients."
        )
    return _(
        "All examples have had their turn: every weight and bias takes one small step against "
        "the sum of its gradients."
    )
