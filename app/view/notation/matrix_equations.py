"""The equation of every kind of step for a whole layer, in matrices (slide 4).

An equation is a row of matrices under their names, with operators between them. The same equation
in shapes alone (1×3 · 3×4 → 1×4) is derived from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from app.backprop.addresses import address
from app.backprop.network import Shape
from app.view.notation.formulas import mathml
from app.view.notation.latex import layer_symbol, new, transpose
from app.view.notation.matrix_grids import Grid, GridBuilder

# Operators in plain text, for the equation in shapes.
_PLAIN = {
    r"\cdot": "·",
    r"\odot": "⊙",
    r"\circ": "∘",
    r"\ast": "∗",
    r"\sum": "Σ",
    "/": "/",
    "+": "+",
    "-": "−",
    "=": "=",
}


@dataclass(frozen=True, slots=True)
class MatrixTerm:
    """A matrix under its name, and the operators before and after it."""

    before: Markup
    sign: str  # the operator before it, in plain text
    name: Markup
    grid: Grid | None  # the matrix; None for a constant
    after: Markup


Equation = tuple[MatrixTerm, ...]


def equations(shape: Shape, kind: str, layer: int, grids: GridBuilder) -> tuple[Equation, ...]:
    """The equation of a kind of step for a layer; of the error, two equations.

    Raises:
        KeyError: If there is no such kind.
    """
    return _RULES[kind](MatrixWriter(shape, layer, grids))


def shapes_text(lines: tuple[Equation, ...]) -> str:
    """The shapes of equations: 1×3 · 3×4 + 1 → 1×4."""
    return ", ".join(_shapes(line) for line in lines)


def _shapes(line: Equation) -> str:
    words: list[str] = []
    for term in line:
        if term.grid:
            words += [term.sign, term.grid.shape_text]
    words[-2] = "→"
    return " ".join(filter(None, words))


class MatrixWriter:
    """Writes the terms of one layer's equations."""

    def __init__(self, shape: Shape, layer: int, grids: GridBuilder) -> None:
        self.shape, self.layer, self.grids = shape, layer, grids
        self.activation = shape.activations[layer - 1]
        self.is_output = layer == shape.depth - 1
        self.source = address("out", layer - 1)

    def here(self, kind: str) -> str:
        """The address of a quantity of this layer."""
        return address(kind, self.layer)

    def symbol(self, of: str) -> str:
        return layer_symbol(of, self.shape.depth)

    def term(self, before: str, grid: Grid, after: str = "", name: str = "") -> MatrixTerm:
        sign = _PLAIN.get(before.split(" ")[0], "")
        latex = name or self.symbol(grid.of)
        return MatrixTerm(mathml(before), sign, mathml(latex), grid, mathml(after))

    def row(self, before: str, of: str, after: str = "", name: str = "") -> MatrixTerm:
        return self.term(before, self.grids.row(of), after, name)

    def result(self, of: str) -> MatrixTerm:
        return self.term("=", self.grids.row(of, "gives"))

    def parameter(self, kind: str, role: str = "", *, new: bool = False) -> Grid:
        """A quantity of the weights or biases that lead to this layer, by its kind."""
        of = address(kind, self.layer - 1)
        if kind.startswith("weight"):
            return self.grids.matrix(of, role or "each", new=new)
        return self.grids.bias(of, role or "whole", new=new)


def _net(w: MatrixWriter) -> tuple[Equation, ...]:
    """net_H = x W_IH + b1 (slide 1)"""
    terms = [
        w.term("", w.grids.row(w.source, "by-row")),
        w.term(r"\cdot", w.parameter("weight", "by-column")),
    ]
    if w.shape.bias != "none":
        terms.append(w.term("+", w.parameter("bias")))
    return ((*terms, w.result(w.here("net"))),)


def _out(w: MatrixWriter) -> tuple[Equation, ...]:
    """out = f(net), element by element (slide 1)"""
    if w.activation == "softmax":
        net = w.symbol(w.here("net"))
        nets = w.grids.row(w.here("net"), "whole")
        return ((w.term(r"\exp(", nets, rf") \,/\, \sum \exp({net})"), w.result(w.here("out"))),)
    before, after = {
        "sigmoid": (r"1 \,/\, (1 + \exp(-", "))"),
        "tanh": (r"\tanh(", ")"),
        "relu": (r"\max(0,", ")"),
        "identity": ("", ""),
    }[w.activation]
    return ((w.row(before, w.here("net"), after), w.result(w.here("out"))),)


def _error(w: MatrixWriter) -> tuple[Equation, ...]:
    """E_k = ½ (target − out)², or another error, and their sum E (slide 1)"""
    total = (
        w.term(r"\sum", w.grids.row("output_error", "whole")),
        w.term("=", w.grids.scalar("error", "gives")),
    )
    return (*_output_errors(w), w.result("output_error")), total


def _output_errors(w: MatrixWriter) -> Equation:
    net, out = w.here("net"), w.here("out")
    match w.shape.error:
        case "half_squared":
            return w.row(r"\tfrac{1}{2} (", "target"), w.row("-", out, ")^2")
        case "mean_squared":
            return w.row("(", "target"), w.row("-", out, rf")^2 / {w.shape.layers[-1]}")
        case "binary_cross_entropy":
            return (
                w.row("", "target"),
                w.row(r"\odot \max(0, -", net, ")"),
                w.row("+ (1 -", "target", ")"),
                w.row(r"\odot \max(0,", net, ")"),
                w.row(r"+ \ln(1 + \exp(-|", net, "|))"),
            )
    # −t ln out = t ln Σ e^(net_j − net_k): the sum of a column of all differences.
    nets = w.grids.column(net, "whole")
    return (
        w.row("", "target"),
        w.term(r"\odot \ln \sum \exp(", nets, name=transpose(w.symbol(net))),
        w.row("-", net, ")"),
    )


def _error_slope(w: MatrixWriter) -> tuple[Equation, ...]:
    """out_O − target, and of a layer before it δ_O ∘ W_HOᵀ (slide 4)"""
    slope = w.result(w.here("error_slope"))
    if w.is_output and w.shape.error == "mean_squared":
        after = f") / {w.shape.layers[-1]}"
        return ((w.row("2 (", w.here("out")), w.row("-", "target", after), slope),)
    if w.is_output:
        return ((w.row("", w.here("out")), w.row("-", "target"), slope),)
    delta, weights = address("delta", w.layer + 1), address("weight", w.layer)
    return (
        (
            w.term("", w.grids.row(delta, "by-row")),
            w.term(r"\circ", w.grids.matrix(weights, "turned", transposed=True)),
            w.term("=", w.grids.row(delta, "by-row")),
            w.term(r"\circ", w.grids.transpose(weights), name=transpose(w.symbol(weights))),
            slope,
        ),
    )


def _activation_slope(w: MatrixWriter) -> tuple[Equation, ...]:
    """out ⊙ (1 − out), or the derivative of another activation function"""
    out, net, slope = w.here("out"), w.here("net"), w.result(w.here("activation_slope"))
    match w.activation:
        case "sigmoid":
            return ((w.row("", out), w.row(r"\odot \; (1 \, - \,", out, ")"), slope),)
        case "tanh":
            return ((w.row(r"1 \; -", out), w.row(r"\odot", out), slope),)
        case "relu":
            return ((w.row(r"[\,", net, r"\,> 0\,]"), slope),)
    return ((MatrixTerm(Markup(""), "", mathml("1"), None, Markup("")), slope),)


def _delta(w: MatrixWriter) -> tuple[Equation, ...]:
    """δ_O = (out_O − target) ⊙ out_O (1 − out_O), its factors written as on slide 4"""
    result = w.result(w.here("delta"))
    if w.is_output and w.shape.fused_delta:
        return ((w.row("", w.here("out")), w.row("-", "target"), result),)
    out = w.symbol(w.here("out"))
    if w.is_output:
        first = rf"({out} - {w.symbol('target')})"
        if w.shape.error == "mean_squared":
            first = rf"2 {first} / {w.shape.layers[-1]}"
    else:
        after = w.symbol(address("delta", w.layer + 1))
        first = rf"{after} \circ {transpose(w.symbol(address('weight', w.layer)))}"
    second = rf"{out} (1 - {out})" if w.activation == "sigmoid" else ""
    slopes = w.here("error_slope"), w.here("activation_slope")
    return ((w.row("", slopes[0], name=first), w.row(r"\odot", slopes[1], name=second), result),)


def _weight_gradient(w: MatrixWriter) -> tuple[Equation, ...]:
    """out_Hᵀ ∘ δ_O: the outer product of a column and a row (slide 4)"""
    return (
        (
            w.term("", w.grids.column(w.source), name=transpose(w.symbol(w.source))),
            w.term(r"\circ", w.grids.row(w.here("delta"))),
            w.term("=", w.parameter("weight_gradient", "gives")),
        ),
    )


def _bias_gradient(w: MatrixWriter) -> tuple[Equation, ...]:
    """Σ δ if the layer shares its bias (slides 2 and 3), δ if each unit has its own"""
    shared = w.shape.bias == "shared"
    delta = w.grids.row(w.here("delta"), "whole" if shared else "by-column")
    gradient = w.parameter("bias_gradient", "gives")
    return ((w.term(r"\sum" if shared else "", delta), w.term("=", gradient)),)


def _sum(w: MatrixWriter, parameter: str) -> tuple[Equation, ...]:
    """Σ_W = Σ_W + ∂E/∂W, with batch updates"""
    return (
        (
            w.term("", w.parameter(f"{parameter}_sum_before")),
            w.term("+", w.parameter(f"{parameter}_gradient")),
            w.term("=", w.parameter(f"{parameter}_sum", "gives")),
        ),
    )


def _velocity(w: MatrixWriter, parameter: str) -> tuple[Equation, ...]:
    """v_W = μ ∗ v_W + ∂E/∂W, with momentum"""
    return (
        (
            w.term("", w.grids.scalar("momentum")),
            w.term(r"\ast", w.parameter(f"{parameter}_velocity_before")),
            w.term("+", w.parameter(_gradient_kind(w, parameter))),
            *_divisor(w),
            w.term("=", w.parameter(f"{parameter}_velocity", "gives")),
        ),
    )


def _update(w: MatrixWriter, parameter: str) -> tuple[Equation, ...]:
    """W_new = W − lr ∗ ∂E/∂W (slides 2 to 4)"""
    momentum = w.shape.velocity_count > 0
    by = f"{parameter}_velocity" if momentum else _gradient_kind(w, parameter)
    result = w.parameter(parameter, "gives", new=True)
    return (
        (
            w.term("", w.parameter(parameter)),
            w.term("-", w.grids.scalar("learning_rate")),
            w.term(r"\ast", w.parameter(by)),
            *(() if momentum else _divisor(w)),
            w.term("=", result, name=new(w.symbol(result.of))),
        ),
    )


def _gradient_kind(w: MatrixWriter, parameter: str) -> str:
    return f"{parameter}_sum" if w.shape.accumulates else f"{parameter}_gradient"


def _divisor(w: MatrixWriter) -> Equation:
    """/ n, if the update takes the mean."""
    return (w.term("/", w.grids.scalar("example_count")),) if w.shape.update == "mean" else ()


_RULES: dict[str, Callable[[MatrixWriter], tuple[Equation, ...]]] = {
    "net": _net,
    "out": _out,
    "error": _error,
    "error_slope": _error_slope,
    "activation_slope": _activation_slope,
    "delta": _delta,
    "weight_gradient": _weight_gradient,
    "bias_gradient": _bias_gradient,
    "weight_sum": partial(_sum, parameter="weight"),
    "bias_sum": partial(_sum, parameter="bias"),
    "weight_velocity": partial(_velocity, parameter="weight"),
    "bias_velocity": partial(_velocity, parameter="bias"),
    "weight_update": partial(_update, parameter="weight"),
    "bias_update": partial(_update, parameter="bias"),
}
