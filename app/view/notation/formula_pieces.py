"""A step's right-hand side as a row of operands and of the text between them.

It says the same as `formulas`, but in pieces, so that each operand can be a link and a program can
evaluate the row. The text is what a person writes: · for times, − for minus.
"""

from app.backprop.network import Shape
from app.backprop.steps import Step

Row = tuple[str | int, ...]

_OUTS: dict[str, Row] = {
    "sigmoid": ("1 / (1 + exp(−", 0, "))"),
    "tanh": ("tanh(", 0, ")"),
    "relu": ("max(0, ", 0, ")"),
    "identity": (0,),
}
_SLOPES: dict[str, Row] = {
    "sigmoid": (0, " · (1 − ", 0, ")"),
    "tanh": ("1 − ", 0, "²"),
    "relu": ("[", 0, " > 0]"),
    "identity": ("1",),
}


def row(shape: Shape, step: Step) -> Row:
    """The right-hand side; integers are indices into the step's operands."""
    indices = range(len(step.operands))
    mean: Row = (" / ", 3) if len(indices) == 4 else ()
    match step.kind:
        case "net":
            bias = 0 if shape.bias == "none" else 1
            return (*((0, " + ") if bias else ()), *_products(indices[bias:]))
        case "out":
            return _out(shape, step)
        case "error" if step.unit is not None:
            return _output_error(shape, step)
        case "error_slope" if step.layer == shape.depth - 1:
            if shape.error == "mean_squared":
                return ("2 · (", 0, " − ", 1, f") / {shape.layers[-1]}")
            return (0, " − ", 1)
        case "delta" if shape.fused_delta and step.layer == shape.depth - 1:
            return (0, " − ", 1)
        case "error_slope":
            return _products(indices)
        case "activation_slope":
            return _SLOPES[shape.activations[step.layer - 1]]
        case "delta" | "weight_gradient":
            return (0, " · ", 1)
        case "error" | "bias_gradient" | "weight_sum" | "bias_sum":
            return _join([(index,) for index in indices])
        case "weight_velocity" | "bias_velocity":
            return (0, " · ", 1, " + ", 2, *mean)
        case "weight_update" | "bias_update":
            return (0, " − ", 1, " · ", 2, *mean)
    raise ValueError(f"no expression for {step.kind!r}")


def _out(shape: Shape, step: Step) -> Row:
    activation = shape.activations[step.layer - 1]
    if activation != "softmax":
        return _OUTS[activation]
    assert step.unit is not None
    exponentials: list[Row] = [("exp(", index, ")") for index in range(len(step.operands))]
    return (*exponentials[step.unit], " / (", *_join(exponentials), ")")


def _output_error(shape: Shape, step: Step) -> Row:
    """E_k, from the target and the output."""
    match shape.error:
        case "half_squared":
            return ("½ · (", 0, " − ", 1, ")²")
        case "mean_squared":
            return ("(", 0, " − ", 1, f")² / {shape.layers[-1]}")
        case "binary_cross_entropy":
            return (
                *(0, " · max(0, −", 1, ") + (1 − ", 0, ") · max(0, ", 1, ")"),
                *(" + ln(1 + exp(−|", 1, "|))"),
            )
    own = 1 + (step.unit or 0)
    others = [index for index in range(1, len(step.operands)) if index != own]
    exponentials: list[Row] = [(" + exp(", index, " − ", own, ")") for index in others]
    return (0, " · ln(1", *(part for power in exponentials for part in power), ")")


def _products(indices: range) -> Row:
    pairs = zip(indices[::2], indices[1::2], strict=True)
    return _join([(left, " · ", right) for left, right in pairs])


def _join(rows: list[Row]) -> Row:
    return tuple(part for each in rows for part in (" + ", *each))[1:]
