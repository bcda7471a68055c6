"""What the page says about a step: its name, and in one sentence why it is taken.

Every text passes through the translator that is handed in: English is the source language.
"""

from collections.abc import Callable

from app.backprop.addresses import layer_letter, unit_name
from app.backprop.network import Shape
from app.backprop.steps import Step

Translate = Callable[[str], str]


def layer_words(_: Translate, shape: Shape, layer: int) -> str:
    """A layer by name; the letter joins where there are several hidden ones."""
    if layer == shape.depth - 1:
        return _("the output layer")
    if shape.depth <= 3:
        return _("the hidden layer")
    return _("hidden layer %(letter)s") % {"letter": layer_letter(layer, shape.depth)}


def matrix_name(shape: Shape, layer: int) -> str:
    """The deck's name of the weights that lead from a layer: IH, HO (slide 1)."""
    letters = (layer_letter(index, shape.depth) for index in (layer, layer + 1))
    return "".join(letters)


def title(_: Translate, shape: Shape, step: Step, *, whole_layer: bool) -> str:
    """What a step computes, in words: `net of H1`, or of the whole layer."""
    if step.kind == "error":
        return _share_title(_, step, whole_layer=whole_layer)
    where = layer_words(_, shape, step.layer)
    if not whole_layer and step.unit is not None:
        where = unit_name(step.layer, step.unit, shape.depth)
    what = {
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
    }[step.kind]
    singles = ("weight_gradient", "weight_sum", "weight_velocity", "weight_update")
    if not whole_layer and step.kind in singles:
        what = {
            "weight_gradient": _("Weight gradient"),
            "weight_sum": _("Gathered gradient"),
            "weight_velocity": _("Weight velocity"),
            "weight_update": _("New weight"),
        }[step.kind]
    return _("%(what)s of %(where)s") % {"what": what, "where": where}


def _share_title(_: Translate, step: Step, *, whole_layer: bool) -> str:
    if whole_layer or step.unit is None:
        return _("Error E")
    return _("Error of output %(number)s") % {"number": step.unit + 1}


def theme_title(_: Translate, theme: str) -> str:
    """What the button that changes the colours does."""
    return {
        "auto": _("Colours as the system has them"),
        "dark": _("Dark colours"),
        "light": _("Light colours"),
    }[theme]


def phase_title(_: Translate, phase: str, shape: Shape | None = None) -> str:
    """A pass by name; of a shape that only gathers, what comes instead of the update."""
    if phase == "update" and shape is not None and not shape.closes:
        return _("Gathering")
    return {
        "forward": _("Forward pass"),
        "backward": _("Backward pass"),
        "update": _("Update"),
    }[phase]


def phase_word(_: Translate, phase: str) -> str:
    return {"forward": _("forward"), "backward": _("backward"), "update": _("update")}[phase]


def why(_: Translate, shape: Shape, step: Step) -> str:
    """Why this step is taken, in a sentence or two."""
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
            return _activation_why(_, activation)
        case "error":
            return _error_why(_, shape.error)
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
            return _slope_why(_, activation)
        case "delta" if cancels(shape, step):
            return _joint_why(_, shape.error)
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
        case "weight_velocity" | "bias_velocity" if shape.gathers:
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
        case "bias_update" if shape.gathers:
            return _("The bias moves likewise, against what was gathered for it.")
        case "weight_update":
            return _(
                "A weight moves against its gradient, by a step as large as lr allows. "
                "The gradients were all taken at the old weights."
            )
        case "bias_update":
            return _("The bias moves against its gradient, too.")
    raise ValueError(f"no sentence for {step.kind!r}")


def cancels(shape: Shape, step: Step) -> bool:
    """Whether a step is the δ of outputs that is had without the slopes (1) and (2)."""
    return step.kind == "delta" and shape.joint and step.layer == shape.depth - 1


def error_name(_: Translate, error: str) -> str:
    """An error function by name."""
    return {
        "half_squared": _("half the squares (the deck)"),
        "mean_squared": _("mean of the squares"),
        "binary_cross_entropy": _("binary cross-entropy"),
        "cross_entropy": _("cross-entropy of softmax"),
    }[error]


def update_name(_: Translate, update: str) -> str:
    """When parameters move, and against what."""
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


def _error_why(_: Translate, error: str) -> str:
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


def _joint_why(_: Translate, error: str) -> str:
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


def _activation_why(_: Translate, activation: str) -> str:
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


def _slope_why(_: Translate, activation: str) -> str:
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
    if phase == "update" and shape is not None and shape.gathers:
        return _gathering_why(_, shape)
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


def _gathering_why(_: Translate, shape: Shape) -> str:
    if not shape.closes:
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


def slide(shape: Shape, step: Step) -> int:
    """The deck's slide that a step belongs to: 1 forward, 2 for the outputs, 3 for what lies before."""
    if step.phase == "forward":
        return 1
    return 2 if step.layer == shape.depth - 1 else 3


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
