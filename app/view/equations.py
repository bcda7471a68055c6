"""The equation of every kind of step for a whole layer, in matrices: slide 4, term by term."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.addresses import address
from app.backprop.network import Shape
from app.view.formulas import mathml
from app.view.grids import Grid, Grids
from app.view.latex import whole

# How an operator is written in a line about shapes.
_PLAIN = {
    r"\cdot": "·",
    r"\odot": "⊙",
    r"\circ": "∘",
    r"\ast": "∗",
    r"\sum": "Σ",
    "+": "+",
    "-": "−",
    "=": "=",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A matrix under its name, and what stands before and after it.

    Attributes:
        sign: the operator before it, in plain text.
        grid: the matrix; None where the name says all.
    """

    before: Markup
    sign: str
    name: Markup
    grid: Grid | None
    after: Markup


Line = tuple[Term, ...]


def equation(shape: Shape, kind: str, layer: int, grids: Grids) -> tuple[Line, ...]:
    """What a kind of step computes for a layer: one equation, of the error two.

    Raises:
        KeyError: where there is no such kind.
    """
    return _RULES[kind](_Writer(shape, layer, grids))


def shapes(lines: tuple[Line, ...]) -> str:
    """The shapes of an equation, as 1×3 · 3×4 + 1 → 1×4."""
    return ", ".join(_shapes(line) for line in lines)


def _shapes(line: Line) -> str:
    words: list[str] = []
    for term in line:
        if term.grid:
            words += [term.sign, term.grid.written_shape]
    words[-2] = "→"
    return " ".join(filter(None, words))


class _Writer:
    """The wholes of one layer by name, and terms made of them."""

    def __init__(self, shape: Shape, layer: int, grids: Grids) -> None:
        self.shape, self.layer, self.grids = shape, layer, grids
        self.activation = shape.activations[layer - 1]
        self.is_output = layer == shape.depth - 1
        self.source = address("out", layer - 1)
        self.weights, self.bias = address("weight", layer - 1), address("bias", layer - 1)

    def here(self, kind: str) -> str:
        return address(kind, self.layer)

    def symbol(self, of: str) -> str:
        return whole(of, self.shape.depth)

    def term(self, before: str, grid: Grid, after: str = "", name: str = "") -> Term:
        written = name or self.symbol(grid.of)
        sign = _PLAIN.get(before.split(" ")[0], "")
        return Term(mathml(before), sign, mathml(written), grid, mathml(after))

    def row(self, before: str, of: str, after: str = "", name: str = "") -> Term:
        return self.term(before, self.grids.row(of), after, name)

    def gives(self, of: str, name: str = "") -> Term:
        return self.term("=", self.grids.row(of, "gives"), name=name)


def _net(w: _Writer) -> tuple[Line, ...]:
    """net_H = x W_IH + b1 (slide 1)."""
    terms = [
        w.term("", w.grids.row(w.source, "by-row")),
        w.term(r"\cdot", w.grids.matrix(w.weights, "by-column")),
    ]
    if w.shape.bias != "none":
        terms.append(w.term("+", w.grids.bias(w.bias)))
    return ((*terms, w.gives(w.here("net"))),)


def _out(w: _Writer) -> tuple[Line, ...]:
    """out = f(net), number by number (slide 1)."""
    if w.activation == "softmax":
        net = w.symbol(w.here("net"))
        nets = w.grids.row(w.here("net"), "whole")
        return ((w.term(r"\exp(", nets, rf") \,/\, \sum \exp({net})"), w.gives(w.here("out"))),)
    before, after = {
        "sigmoid": (r"1 \,/\, (1 + \exp(-", "))"),
        "tanh": (r"\tanh(", ")"),
        "relu": (r"\max(0,", ")"),
        "identity": ("", ""),
    }[w.activation]
    return ((w.row(before, w.here("net"), after), w.gives(w.here("out"))),)


def _error(w: _Writer) -> tuple[Line, ...]:
    """E_k = ½ (target − out)², or another error, and E, their sum (slide 1)."""
    shares = (*_SHARES[w.shape.error](w), w.gives("output_error"))
    total = (
        w.term(r"\sum", w.grids.row("output_error", "whole")),
        w.term("=", w.grids.scalar("error", "gives")),
    )
    return shares, total


def _half_squared(w: _Writer) -> Line:
    return w.row(r"\tfrac{1}{2} (", "target"), w.row("-", w.here("out"), ")^2")


def _mean_squared(w: _Writer) -> Line:
    return w.row("(", "target"), w.row("-", w.here("out"), rf")^2 / {w.shape.layers[-1]}")


def _binary_cross_entropy(w: _Writer) -> Line:
    net = w.here("net")
    return (
        w.row("", "target"),
        w.row(r"\odot \max(0, -", net, ")"),
        w.row("+ (1 -", "target", ")"),
        w.row(r"\odot \max(0,", net, ")"),
        w.row(r"+ \ln(1 + \exp(-|", net, "|))"),
    )


def _cross_entropy(w: _Writer) -> Line:
    """−t ln out = t ln Σ e^(net_j − net_k), the sum down a column of all differences."""
    net = w.here("net")
    return (
        w.row("", "target"),
        w.term(
            r"\odot \ln \sum \exp(",
            w.grids.column(net, "whole"),
            name=_transposed(w.symbol(net)),
        ),
        w.row("-", net, ")"),
    )


_SHARES: dict[str, Callable[[_Writer], Line]] = {
    "half_squared": _half_squared,
    "mean_squared": _mean_squared,
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}


def _error_slope(w: _Writer) -> tuple[Line, ...]:
    """out_O − target, and before it δ_O ∘ W_HOᵀ: a column of it for a row of W_HO (slide 4)."""
    slope = w.here("error_slope")
    if w.is_output and w.shape.error == "mean_squared":
        after = f") / {w.shape.layers[-1]}"
        return ((w.row("2 (", w.here("out")), w.row("-", "target", after), w.gives(slope)),)
    if w.is_output:
        return ((w.row("", w.here("out")), w.row("-", "target"), w.gives(slope)),)
    delta, weights = address("delta", w.layer + 1), address("weight", w.layer)
    return (
        (
            w.term("", w.grids.row(delta, "by-row")),
            w.term(r"\circ", w.grids.matrix(weights, "turned", transposed=True)),
            w.term("=", w.grids.row(delta, "by-row")),
            w.term(r"\circ", w.grids.turned(weights), name=_transposed(w.symbol(weights))),
            w.gives(slope),
        ),
    )


def _activation_slope(w: _Writer) -> tuple[Line, ...]:
    """out ⊙ (1 − out), or the slope of another activation."""
    out, net, slope = w.here("out"), w.here("net"), w.gives(w.here("activation_slope"))
    match w.activation:
        case "sigmoid":
            return ((w.row("", out), w.row(r"\odot \; (1 \, - \,", out, ")"), slope),)
        case "tanh":
            return ((w.row(r"1 \; -", out), w.row(r"\odot", out), slope),)
        case "relu":
            return ((w.row(r"[\,", net, r"\,> 0\,]"), slope),)
    return ((Term(Markup(""), "", mathml("1"), None, Markup("")), slope),)


def _delta(w: _Writer) -> tuple[Line, ...]:
    """δ_O = (out_O − target) ⊙ out_O (1 − out_O), its factors written as slide 4 does."""
    if w.is_output and w.shape.joint:
        return ((w.row("", w.here("out")), w.row("-", "target"), w.gives(w.here("delta"))),)
    slope, activation_slope = w.here("error_slope"), w.here("activation_slope")
    if w.is_output:
        first = rf"({w.symbol(w.here('out'))} - {w.symbol('target')})"
        if w.shape.error == "mean_squared":
            first = rf"2 {first} / {w.shape.layers[-1]}"
    else:
        after = w.symbol(address("delta", w.layer + 1))
        first = rf"{after} \circ {_transposed(w.symbol(address('weight', w.layer)))}"
    second = ""
    if w.activation == "sigmoid":
        out = w.symbol(w.here("out"))
        second = rf"{out} (1 - {out})"
    return (
        (
            w.row("", slope, name=first),
            w.row(r"\odot", activation_slope, name=second),
            w.gives(w.here("delta")),
        ),
    )


def _weight_gradient(w: _Writer) -> tuple[Line, ...]:
    """out_Hᵀ ∘ δ_O: a column times a row, every number of one with every number of the other."""
    name = _transposed(w.symbol(w.source))
    return (
        (
            w.term("", w.grids.column(w.source), name=name),
            w.term(r"\circ", w.grids.row(w.here("delta"))),
            w.term("=", w.grids.matrix(address("weight_gradient", w.layer - 1), "gives")),
        ),
    )


def _bias_gradient(w: _Writer) -> tuple[Line, ...]:
    """Σ δ where the layer shares its bias (slides 2 and 3), δ where each unit has its own."""
    shared = w.shape.bias == "shared"
    delta = w.grids.row(w.here("delta"), "whole" if shared else "by-column")
    gradient = w.grids.bias(address("bias_gradient", w.layer - 1), "gives")
    return ((w.term(r"\sum" if shared else "", delta), w.term("=", gradient)),)


def _weight_update(w: _Writer) -> tuple[Line, ...]:
    """W_new = W − lr ∗ ∂E/∂W (slides 2 to 4)."""
    gradient = w.grids.matrix(address("weight_gradient", w.layer - 1), "each")
    new = w.grids.matrix(w.weights, "gives", new=True)
    return (_update(w, w.grids.matrix(w.weights, "each"), gradient, new),)


def _bias_update(w: _Writer) -> tuple[Line, ...]:
    """b_new = b − lr ∗ ∂E/∂b (slides 2 and 3)."""
    gradient = w.grids.bias(address("bias_gradient", w.layer - 1))
    return (_update(w, w.grids.bias(w.bias), gradient, w.grids.bias(w.bias, "gives", new=True)),)


def _update(w: _Writer, old: Grid, gradient: Grid, new: Grid) -> Line:
    return (
        w.term("", old),
        w.term("-", w.grids.scalar("learning_rate")),
        w.term(r"\ast", gradient),
        w.term("=", new, name=rf"{w.symbol(new.of)}^{{\mathrm{{new}}}}"),
    )


def _transposed(latex: str) -> str:
    return rf"{latex}^{{\mathsf{{T}}}}"


_RULES: dict[str, Callable[[_Writer], tuple[Line, ...]]] = {
    "net": _net,
    "out": _out,
    "error": _error,
    "error_slope": _error_slope,
    "activation_slope": _activation_slope,
    "delta": _delta,
    "weight_gradient": _weight_gradient,
    "bias_gradient": _bias_gradient,
    "weight_update": _weight_update,
    "bias_update": _bias_update,
}
