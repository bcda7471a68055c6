"""The equation of every kind of step for a whole layer, in matrices (slide 4).

An equation is a row of matrices under their names, with operators between them. The same equation
in shapes alone (1×3 · 3×4 → 1×4) is derived from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from markupsafe import Markup

from app.backprop.addresses import address
from app.backprop.expressions import PRODUCT, Expression, has_function, operands, tokens
from app.backprop.functions import ACTIVATIONS, ERRORS, NETS
from app.backprop.network import Shape
from app.backprop.steps import KINDS, PHASE_OF, steps_of
from app.view.notation.formulas import mathml
from app.view.notation.latex import layer_symbol, new, transpose
from app.view.notation.matrix_grids import Grid, GridBuilder
from app.view.notation.notations import LATEX
from app.view.notation.numpy_lines import layer_of

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
    "= -": "= −",
    r"-\sum": "−Σ",
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

# The quantities that belong to the outputs, or to no layer.
_OF_NETWORK = ("target", "output_error", "error", "update_count")
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


class MatrixWriter:
    """Writes the terms of one layer's equations.

    The parameters of a layer are those that lead to it.
    """

    def __init__(self, shape: Shape, layer: int, grids: GridBuilder) -> None:
        self.shape, self.layer, self.grids = shape, layer, grids
        self.is_mixed = not isinstance(shape.activations[layer - 1], str)
        self.is_output = layer == shape.depth - 1
        self.source = address("out", layer - 1)
        self.minus = "-" if shape.named.minus_delta else ""  # before Err, where δ has none

    def here(self, kind: str) -> str:
        """The address of a quantity of this layer."""
        before = kind.startswith(("weight", "bias"))
        return kind if kind in _OF_NETWORK else address(kind, self.layer - before)

    def symbol(self, of: str) -> str:
        return layer_symbol(of, self.shape)

    def term(
        self,
        before: str,
        of: str,
        after: str = "",
        *,
        role: str = "",
        name: str = "",
        **how: bool,
    ) -> MatrixTerm:
        """A grid (see `GridBuilder.grid`) under its name, between operators."""
        grid = self.grids.grid(of, role, **how)
        latex = name or self.symbol(of)
        latex = transpose(latex) if how.get("turned") else new(latex) if how.get("new") else latex
        spaced = f"{{}} {before} {{}}" if " " in before else before
        return MatrixTerm(
            mathml(spaced), _PLAIN.get(before, ""), mathml(latex), grid, mathml(after)
        )

    def result(self, kind: str, *, new: bool = False) -> MatrixTerm:
        return self.term("=", self.here(kind), role="gives", new=new)

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
        if not operands(formula) or has_function(formula):
            return ""
        row = tokens(formula, _FACTOR, PRODUCT)
        return _plain("".join(t if isinstance(t, str) else self._name(t.address) for t in row))

    def _formula(self, kind: str) -> Expression:
        steps = steps_of(self.shape)
        return next(s.expression for s in steps if (s.kind, s.layer) == (kind, self.layer))

    def _term_of(self, before: str, text: str, after: str) -> MatrixTerm:
        name = self._name(text)
        is_squared = after.startswith("^2") and r"\partial" in name
        return self.term(before, layer_of(text), after, name=f"({name})" if is_squared else "")

    def _name(self, text: str) -> str:
        return self.symbol(layer_of(text))


def _net(w: MatrixWriter) -> tuple[Equation, ...]:
    """net_H = x W_IH + b1 (slide 1)"""
    product = (
        w.term("", w.source, role="by-row"),
        w.term(r"\cdot", w.here("weight"), role="by-column"),
    )
    sign = "-" if w.shape.named.thresholds else "+"
    bias = () if w.shape.bias == "none" else (w.term(sign, w.here("bias")),)
    return ((*product, *bias, w.result("net")),)


def _out(w: MatrixWriter) -> tuple[Equation, ...]:
    """out = f(net), element by element (slide 1); softmax takes the sum of the whole layer."""
    if w.is_mixed:
        return ((w.term("f(", w.here("net"), ")"), w.result("out")),)
    if ACTIVATIONS[w.shape.activation(w.layer)].per_layer:
        after = rf") \,/\, \sum \exp({w.symbol(w.here('net'))})"
        return ((w.term(r"\exp(", w.here("net"), after, role="whole"), w.result("out")),)
    return _elementwise(w, "out")


def _error(w: MatrixWriter) -> tuple[Equation, ...]:
    """E_k = ½ (target − out)², or another error, and their sum E (slide 1)"""
    total = w.term(r"\sum", "output_error", role="whole"), w.result("error")
    return (*_output_errors(w), w.result("output_error")), total


def _output_errors(w: MatrixWriter) -> Equation:
    if NETS.address not in operands(ERRORS[w.shape.error].value):
        return w.elementwise("error")
    # −t ln out = t ln Σ e^(net_j − net_k): the sum of a column of all differences.
    return (
        w.term("", "target"),
        w.term(r"\odot \ln \sum \exp(", w.here("net"), role="whole", turned=True),
        w.term("-", w.here("net"), ")"),
    )


def _error_slope(w: MatrixWriter) -> tuple[Equation, ...]:
    """out_O − target, and of a layer before it δ_O ∘ W_HOᵀ (slide 4)"""
    if w.is_output:
        return _elementwise(w, "error_slope")
    delta, weights = address("delta", w.layer + 1), address("weight", w.layer)
    return (
        (
            w.term(w.minus, delta, role="by-row"),
            w.term(r"\circ", weights, role="turned", transposed=True),
            w.term(f"= {w.minus}" if w.minus else "=", delta, role="by-row"),
            w.term(r"\circ", weights, role="by-column", turned=True),
            w.result("error_slope"),
        ),
    )


def _activation_slope(w: MatrixWriter) -> tuple[Equation, ...]:
    """out ⊙ (1 − out), or the derivative of another activation function"""
    if w.is_mixed:
        return ((w.term("f'(", w.here("net"), ")"), w.result("activation_slope")),)
    return _elementwise(w, "activation_slope")


def _delta(w: MatrixWriter) -> tuple[Equation, ...]:
    """δ_O = (out_O − target) ⊙ out_O (1 − out_O), its factors written as on slide 4"""
    if w.is_output and w.shape.fused_delta:
        pair = [w.here("out"), "target"]
        first, last = reversed(pair) if w.minus else pair
        return ((w.term("", first), w.term("-", last), w.result("delta")),)
    name = w.factor("error_slope")
    if not w.is_output:
        after = w.symbol(address("delta", w.layer + 1))
        name = rf"{after} \circ {transpose(w.symbol(address('weight', w.layer)))}"
        name = f"({w.minus}{name})" if w.minus else name
    second = "" if w.is_mixed else w.factor("activation_slope")
    slopes = (
        w.term(w.minus, w.here("error_slope"), name=name),
        w.term(r"\odot", w.here("activation_slope"), name=second),
    )
    return ((*slopes, w.result("delta")),)


def _weight_gradient(w: MatrixWriter) -> tuple[Equation, ...]:
    """out_Hᵀ ∘ δ_O: the outer product of a column and a row (slide 4)"""
    column = w.term(w.minus, w.source, role="by-row", turned=True)
    return ((column, w.term(r"\circ", w.here("delta")), w.result("weight_gradient")),)


def _bias_gradient(w: MatrixWriter) -> tuple[Equation, ...]:
    """Σ δ if the layer shares its bias (slides 2 and 3), δ if each unit has its own"""
    shared = w.shape.bias == "shared"
    minus = "-" if w.shape.named.turns_bias_gradient else ""
    before = f"{minus}\\sum" if shared else minus
    delta = w.term(before, w.here("delta"), role="whole" if shared else "by-column")
    return ((delta, w.result("bias_gradient")),)


def _elementwise(w: MatrixWriter, kind: str) -> tuple[Equation, ...]:
    """What is computed for each element alone, such as the sums, velocities and updates."""
    result = w.result(kind.removesuffix("_update"), new=kind.endswith("_update"))
    return (w.elementwise(kind, result),)


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
