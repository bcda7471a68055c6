"""A step's right-hand side as a row of operands and of what stands between them.

The same as `formulas` says in MathML, but in pieces: each operand can be a link, and whoever reads
the row can reckon with it. The text between is what a person writes: · for times, − for minus.
"""

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
            return _ACTIVATIONS[shape.activations[step.layer - 1]]
        case "error" if step.unit is not None:
            return ("½ · (", 0, " − ", 1, ")²")
        case "error_slope" if step.layer == shape.depth - 1:
            return (0, " − ", 1)
        case "error_slope":
            return _products(everything)
        case "activation_slope":
            return _SLOPES[shape.activations[step.layer - 1]]
        case "delta" | "weight_gradient":
            return (0, " · ", 1)
        case "error" | "bias_gradient":
            return _joined([(index,) for index in everything], " + ")
        case "weight_update" | "bias_update":
            return (0, " − ", 1, " · ", 2)
    raise ValueError(f"no expression for {step.kind!r}")


def _products(indices: range) -> Row:
    pairs = zip(indices[::2], indices[1::2], strict=True)
    return _joined([(left, " · ", right) for left, right in pairs], " + ")


def _joined(rows: list[Row], between: str) -> Row:
    return tuple(part for each in rows for part in (between, *each))[1:]
