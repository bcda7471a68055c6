"""The equation of every kind of step for a whole layer, in matrices (slide 4).

An equation is a row of matrices under their names, with operators between them. The same equation
in shapes alone (1×3 · 3×4 → 1×4) is derived from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from markupsafe import Markup

from app.backprop.addresses import address, parse
from app.backprop.expressions import PRODUCT, Expression, Function, operands, tokens
from app.backprop.functions import ACTIVATIONS, ERRORS, NETS
from app.backprop.network import Shape
from app.backprop.steps import KINDS, PHASE_OF, steps_of
from app.view.notation.formulas import mathml
from app.view.notation.latex import layer_symbol, new, transpose
from app.view.notation.matrix_grids import Grid, GridBuilder
from app.view.notation.notations import LATEX

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
    sign: str  # the operator before it, in plain text; empty if there is more than an operator
    name: Markup
    grid: Grid | None  # the matrix; None for a constant
    after: Markup


Equation = tuple[MatrixTerm, ...]

# Ends every text that closes an operand, such as `)`, which stands with the operand.
_CLOSED = "\0"
_FUNCTIONS = {**LATEX.functions, "exp": (r"\exp(", 0, ")"), "sqrt": (r"\text{√}(", 0, ")")}
_MATRIX = replace(
    LATEX,
    times=r" \odot ",
    fraction=None,
    parentheses=("(", ")" + _CLOSED),
    square=("", "^2" + _CLOSED),
    power=("", r" \hat{\;} ", ""),
    juxtaposed=None,
    scalar_times=r" \ast ",
    functions={
        name: (*pattern[:-1], f"{pattern[-1]}{_CLOSED}") for name, pattern in _FUNCTIONS.items()
    },
)
_FACTOR = replace(_MATRIX, juxtaposed=" ", scalar_times=None)


def equations(shape: Shape, kind: str, layer: int, grids: GridBuilder) -> tuple[Equation, ...]:
    """The equation of a kind of step for a layer; of the error, two equations.

    Raises:
        KeyError: If there is no such kind.
    """
    return _RULES[kind](MatrixWriter(shape, layer, grids))


def shapes_text(lines: tuple[Equation, ...]) -> str:
    """The shapes of equations: 1×3 · 3×4 + 1 → 1×4. Where functions or parentheses stand between the
    matrices, their shapes are only listed: 1, 1×2, 1×2 → 1×2."""
    return ", ".join(_shapes(line) for line in lines)


def _shapes(line: Equation) -> str:
    *terms, result = [(term.sign, term.grid.shape_text) for term in line if term.grid]
    if all(sign for sign, _shape in terms[1:]):
        shapes = " ".join(word for term in terms for word in term if word)
    else:
        shapes = ", ".join(shape for _sign, shape in terms)
    return f"{shapes} → {result[1]}".strip()


def _plain(text: str) -> str:
    return text.replace(_CLOSED, "").strip()


def _has_function(formula: Expression) -> bool:
    return isinstance(formula, Function) or any(map(_has_function, formula.parts))


class MatrixWriter:
    """Writes the terms of one layer's equations."""

    def __init__(self, shape: Shape, layer: int, grids: GridBuilder) -> None:
        self.shape, self.layer, self.grids = shape, layer, grids
        self.activation = shape.activation(layer)
        self.is_mixed = not isinstance(shape.activations[layer - 1], str)
        self.is_output = layer == shape.depth - 1
        self.source = address("out", layer - 1)

    def here(self, kind: str) -> str:
        """The address of a quantity of this layer."""
        return address(kind, self.layer)

    def symbol(self, of: str) -> str:
        return layer_symbol(of, self.shape.depth)

    def term(self, before: str, grid: Grid, after: str = "", name: str = "") -> MatrixTerm:
        latex = name or self.symbol(grid.of)
        spaced = f"{{}} {before} {{}}" if " " in before else before
        return MatrixTerm(
            mathml(spaced), _PLAIN.get(before, ""), mathml(latex), grid, mathml(after)
        )

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

    def elementwise(self, kind: str, *result: MatrixTerm) -> Equation:
        """The equation of a kind whose step is the same for each element, from its expression."""
        pieces: list[list[str]] = []  # before the operand, its address, after it
        text = ""
        for token in tokens(self._formula(kind), _MATRIX):
            if isinstance(token, str):
                text += token
                continue
            if pieces:
                pieces[-1][2], _, text = text.rpartition(_CLOSED)
            pieces.append([text, token.address, ""])
            text = ""
        if not pieces:  # a constant
            return (MatrixTerm(Markup(""), "", mathml(text), None, Markup("")), *result)
        pieces[-1][2] = text
        return (*(self._term_of(*map(_plain, piece)) for piece in pieces), *result)

    def factor(self, kind: str) -> str:
        """A slope written out as a factor of δ, if it is arithmetic: (out − target)."""
        formula = self._formula(kind)
        written = tokens(formula, _FACTOR, PRODUCT)
        if not operands(formula) or _has_function(formula):
            return ""
        return _plain("".join(t if isinstance(t, str) else self._name(t.address) for t in written))

    def _formula(self, kind: str) -> Expression:
        steps = steps_of(self.shape)
        return next(s.expression for s in steps if (s.kind, s.layer) == (kind, self.layer))

    def _term_of(self, before: str, text: str, after: str) -> MatrixTerm:
        name = self._name(text)
        is_squared = after.startswith("^2") and r"\partial" in name
        return self.term(before, self._grid(text), after, f"({name})" if is_squared else "")

    def _name(self, text: str) -> str:
        return self.symbol(self._layer_of(text))

    @staticmethod
    def _layer_of(text: str) -> str:
        kind, indices = parse(text)
        return kind if kind in ("target", "output_error") else address(kind, *indices[:1])

    def _grid(self, text: str) -> Grid:
        kind, indices = parse(text)
        if not indices:
            return self.grids.scalar(kind)
        if kind.startswith(("weight", "bias")):
            return self.parameter(kind)
        return self.grids.row(self._layer_of(text))


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
    """out = f(net), element by element (slide 1); softmax takes the sum of the whole layer."""
    net, result = w.here("net"), w.result(w.here("out"))
    if w.is_mixed:
        return ((w.row("f(", net, ")"), result),)
    if ACTIVATIONS[w.activation].per_layer:
        after = rf") \,/\, \sum \exp({w.symbol(net)})"
        return ((w.term(r"\exp(", w.grids.row(net, "whole"), after), result),)
    return (w.elementwise("out", result),)


def _error(w: MatrixWriter) -> tuple[Equation, ...]:
    """E_k = ½ (target − out)², or another error, and their sum E (slide 1)"""
    total = (
        w.term(r"\sum", w.grids.row("output_error", "whole")),
        w.term("=", w.grids.scalar("error", "gives")),
    )
    return (*_output_errors(w), w.result("output_error")), total


def _output_errors(w: MatrixWriter) -> Equation:
    if NETS.address not in operands(ERRORS[w.shape.error].value):
        return w.elementwise("error")
    # −t ln out = t ln Σ e^(net_j − net_k): the sum of a column of all differences.
    net = w.here("net")
    nets = w.grids.column(net, "whole")
    return (
        w.row("", "target"),
        w.term(r"\odot \ln \sum \exp(", nets, name=transpose(w.symbol(net))),
        w.row("-", net, ")"),
    )


def _error_slope(w: MatrixWriter) -> tuple[Equation, ...]:
    """out_O − target, and of a layer before it δ_O ∘ W_HOᵀ (slide 4)"""
    slope = w.result(w.here("error_slope"))
    if w.is_output:
        return (w.elementwise("error_slope", slope),)
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
    slope = w.result(w.here("activation_slope"))
    if w.is_mixed:
        return ((w.row("f'(", w.here("net"), ")"), slope),)
    return (w.elementwise("activation_slope", slope),)


def _delta(w: MatrixWriter) -> tuple[Equation, ...]:
    """δ_O = (out_O − target) ⊙ out_O (1 − out_O), its factors written as on slide 4"""
    result = w.result(w.here("delta"))
    if w.is_output and w.shape.fused_delta:
        return ((w.row("", w.here("out")), w.row("-", "target"), result),)
    first = w.factor("error_slope")
    if not w.is_output:
        after = w.symbol(address("delta", w.layer + 1))
        first = rf"{after} \circ {transpose(w.symbol(address('weight', w.layer)))}"
    second = "" if w.is_mixed else w.factor("activation_slope")
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


def _elementwise(w: MatrixWriter, kind: str) -> tuple[Equation, ...]:
    """What is computed for each weight or bias alone: sums, velocities and updates."""
    parameter, _, state = kind.partition("_")
    if kind == "update_count":
        return (w.elementwise(kind, w.term("=", w.grids.scalar(kind, "gives"))),)
    if state != "update":
        return (w.elementwise(kind, w.term("=", w.parameter(kind, "gives"))),)
    result = w.parameter(parameter, "gives", new=True)
    return (w.elementwise(kind, w.term("=", result, name=new(w.symbol(result.of)))),)


_RULES: dict[str, Callable[[MatrixWriter], tuple[Equation, ...]]] = {
    "net": _net,
    "out": _out,
    "error": _error,
    "error_slope": _error_slope,
    "activation_slope": _activation_slope,
    "delta": _delta,
    "weight_gradient": _weight_gradient,
    "bias_gradient": _bias_gradient,
}
_RULES |= {kind: partial(_elementwise, kind=kind) for kind in KINDS if PHASE_OF[kind] == "update"}
