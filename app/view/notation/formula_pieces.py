"""A step's right-hand side as a row of operands and of what stands between them.

The same as `formulas` says in MathML, but in pieces: each operand can be a link, and whoever reads
the row can reckon with it. The text between is what a person writes: · for times, − for minus.
"""

from collections.abc import Callable

from app.backprop.network import Shape
from app.backprop.steps import Step

Row = tuple[str | int, ...]

_ACTIVATIONS: dict[str, Row] = {
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
    """The right-hand side: whole numbers are indices into the step's operands."""
    everything = range(len(step.operands))
    match step.kind:
        case "net":
            bias = 0 if shape.bias == "none" else 1
            return (*((0, " + ") if bias else ()), *_products(everything[bias:]))
        case "out":
            return _out(shape, step)
        case "error" if step.unit is not None:
            return _share(shape, step)
        case "error_slope" if step.layer == shape.depth - 1:
            return _ERROR_SLOPES[shape.error](shape.layers[-1])
        case "delta" if shape.fused_delta and step.layer == shape.depth - 1:
            return (0, " − ", 1)
        case "error_slope":
            return _products(everything)
        case "activation_slope":
            return _SLOPES[shape.activations[step.layer - 1]]
        case "delta" | "weight_gradient":
            return (0, " · ", 1)
        case "error" | "bias_gradient" | "weight_sum" | "bias_sum":
            return _joined([(index,) for index in everything], " + ")
        case "weight_velocity" | "bias_velocity":
            mean: Row = (" / ", 3) if len(everything) == 4 else ()
            return (0, " · ", 1, " + ", 2, *mean)
        case "weight_update" | "bias_update":
            mean = (" / ", 3) if len(everything) == 4 else ()
            return (0, " − ", 1, " · ", 2, *mean)
    raise ValueError(f"no expression for {step.kind!r}")


def _out(shape: Shape, step: Step) -> Row:
    activation = shape.activations[step.layer - 1]
    if activation != "softmax":
        return _ACTIVATIONS[activation]
    assert step.unit is not None
    powers: list[Row] = [("exp(", index, ")") for index in range(len(step.operands))]
    return (*powers[step.unit], " / (", *_joined(powers, " + "), ")")


def _share(shape: Shape, step: Step) -> Row:
    """E_k, of the target and what the output answers."""
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
    powers: list[Row] = [(" + exp(", index, " − ", own, ")") for index in others]
    return (0, " · ln(1", *(part for power in powers for part in power), ")")


_ERROR_SLOPES: dict[str, Callable[[int], Row]] = {
    "half_squared": lambda outputs: (0, " − ", 1),
    "mean_squared": lambda outputs: ("2 · (", 0, " − ", 1, f") / {outputs}"),
}


def _products(indices: range) -> Row:
    pairs = zip(indices[::2], indices[1::2], strict=True)
    return _joined([(left, " · ", right) for left, right in pairs], " + ")


def _joined(rows: list[Row], between: str) -> Row:
    return tuple(part for each in rows for part in (between, *each))[1:]
