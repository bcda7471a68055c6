"""The equation of every kind of step for a whole layer, in matrices: slide 4, term by term."""

from collections.abc import Callable

from markupsafe import Markup

from app.backprop.addresses import address
from app.backprop.network import Shape
from app.view.notation.formulas import mathml
from app.view.notation.matrix_grids import Grid, Grids
from app.view.notation.matrix_terms import Line, MatrixTerm, MatrixWriter, transposed


def _half_squared(w: MatrixWriter) -> Line:
    return w.row(r"\tfrac{1}{2} (", "target"), w.row("-", w.here("out"), ")^2")


def _mean_squared(w: MatrixWriter) -> Line:
    return w.row("(", "target"), w.row("-", w.here("out"), rf")^2 / {w.shape.layers[-1]}")


def _binary_cross_entropy(w: MatrixWriter) -> Line:
    net = w.here("net")
    return (
        w.row("", "target"),
        w.row(r"\odot \max(0, -", net, ")"),
        w.row("+ (1 -", "target", ")"),
        w.row(r"\odot \max(0,", net, ")"),
        w.row(r"+ \ln(1 + \exp(-|", net, "|))"),
    )


def _cross_entropy(w: MatrixWriter) -> Line:
    """−t ln out = t ln Σ e^(net_j − net_k), the sum down a column of all differences."""
    net = w.here("net")
    return (
        w.row("", "target"),
        w.term(
            r"\odot \ln \sum \exp(",
            w.grids.column(net, "whole"),
            name=transposed(w.symbol(net)),
        ),
        w.row("-", net, ")"),
    )


SHARES: dict[str, Callable[[MatrixWriter], Line]] = {
    "half_squared": _half_squared,
    "mean_squared": _mean_squared,
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}


def equation(shape: Shape, kind: str, layer: int, grids: Grids) -> tuple[Line, ...]:
    """What a kind of step computes for a layer: one equation, of the error two.

    Raises:
        KeyError: where there is no such kind.
    """
    return _RULES[kind](MatrixWriter(shape, layer, grids))


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


def _net(w: MatrixWriter) -> tuple[Line, ...]:
    """net_H = x W_IH + b1 (slide 1)."""
    terms = [
        w.term("", w.grids.row(w.source, "by-row")),
        w.term(r"\cdot", w.grids.matrix(w.weights, "by-column")),
    ]
    if w.shape.bias != "none":
        terms.append(w.term("+", w.grids.bias(w.bias)))
    return ((*terms, w.gives(w.here("net"))),)


def _out(w: MatrixWriter) -> tuple[Line, ...]:
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


def _error(w: MatrixWriter) -> tuple[Line, ...]:
    """E_k = ½ (target − out)², or another error, and E, their sum (slide 1)."""
    shares = (*SHARES[w.shape.error](w), w.gives("output_error"))
    total = (
        w.term(r"\sum", w.grids.row("output_error", "whole")),
        w.term("=", w.grids.scalar("error", "gives")),
    )
    return shares, total


def _error_slope(w: MatrixWriter) -> tuple[Line, ...]:
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
            w.term(r"\circ", w.grids.turned(weights), name=transposed(w.symbol(weights))),
            w.gives(slope),
        ),
    )


def _activation_slope(w: MatrixWriter) -> tuple[Line, ...]:
    """out ⊙ (1 − out), or the slope of another activation."""
    out, net, slope = w.here("out"), w.here("net"), w.gives(w.here("activation_slope"))
    match w.activation:
        case "sigmoid":
            return ((w.row("", out), w.row(r"\odot \; (1 \, - \,", out, ")"), slope),)
        case "tanh":
            return ((w.row(r"1 \; -", out), w.row(r"\odot", out), slope),)
        case "relu":
            return ((w.row(r"[\,", net, r"\,> 0\,]"), slope),)
    return ((MatrixTerm(Markup(""), "", mathml("1"), None, Markup("")), slope),)


def _delta(w: MatrixWriter) -> tuple[Line, ...]:
    """δ_O = (out_O − target) ⊙ out_O (1 − out_O), its factors written as slide 4 does."""
    if w.is_output and w.shape.fused_delta:
        return ((w.row("", w.here("out")), w.row("-", "target"), w.gives(w.here("delta"))),)
    slope, activation_slope = w.here("error_slope"), w.here("activation_slope")
    if w.is_output:
        first = rf"({w.symbol(w.here('out'))} - {w.symbol('target')})"
        if w.shape.error == "mean_squared":
            first = rf"2 {first} / {w.shape.layers[-1]}"
    else:
        after = w.symbol(address("delta", w.layer + 1))
        first = rf"{after} \circ {transposed(w.symbol(address('weight', w.layer)))}"
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


def _weight_gradient(w: MatrixWriter) -> tuple[Line, ...]:
    """out_Hᵀ ∘ δ_O: a column times a row, every number of one with every number of the other."""
    name = transposed(w.symbol(w.source))
    return (
        (
            w.term("", w.grids.column(w.source), name=name),
            w.term(r"\circ", w.grids.row(w.here("delta"))),
            w.term("=", w.grids.matrix(address("weight_gradient", w.layer - 1), "gives")),
        ),
    )


def _bias_gradient(w: MatrixWriter) -> tuple[Line, ...]:
    """Σ δ where the layer shares its bias (slides 2 and 3), δ where each unit has its own."""
    shared = w.shape.bias == "shared"
    delta = w.grids.row(w.here("delta"), "whole" if shared else "by-column")
    gradient = w.grids.bias(address("bias_gradient", w.layer - 1), "gives")
    return ((w.term(r"\sum" if shared else "", delta), w.term("=", gradient)),)


def _weight_sum(w: MatrixWriter) -> tuple[Line, ...]:
    """Σ_W = Σ_W + ∂E/∂W, where the update comes after all examples."""
    of = w.layer - 1
    return (
        (
            w.term("", w.grids.matrix(address("weight_sum_before", of), "each")),
            w.term("+", w.grids.matrix(address("weight_gradient", of), "each")),
            w.term("=", w.grids.matrix(address("weight_sum", of), "gives")),
        ),
    )


def _bias_sum(w: MatrixWriter) -> tuple[Line, ...]:
    """Σ_b = Σ_b + ∂E/∂b"""
    of = w.layer - 1
    return (
        (
            w.term("", w.grids.bias(address("bias_sum_before", of))),
            w.term("+", w.grids.bias(address("bias_gradient", of))),
            w.term("=", w.grids.bias(address("bias_sum", of), "gives")),
        ),
    )


def _kind(w: MatrixWriter, what: str) -> str:
    """What a weight or bias moves against without momentum."""
    return f"{what}_sum" if w.shape.accumulates else f"{what}_gradient"


def _shared(w: MatrixWriter) -> Line:
    """/ n, where the mean is taken."""
    return (w.term("/", w.grids.scalar("example_count")),) if w.shape.update == "mean" else ()


def _weight_velocity(w: MatrixWriter) -> tuple[Line, ...]:
    """v_W = μ ∗ v_W + ∂E/∂W, with momentum."""
    of = w.layer - 1
    return (
        _velocity(
            w,
            w.grids.matrix(address("weight_velocity_before", of), "each"),
            w.grids.matrix(address(_kind(w, "weight"), of), "each"),
            w.grids.matrix(address("weight_velocity", of), "gives"),
        ),
    )


def _bias_velocity(w: MatrixWriter) -> tuple[Line, ...]:
    """v_b = μ ∗ v_b + ∂E/∂b, with momentum."""
    of = w.layer - 1
    return (
        _velocity(
            w,
            w.grids.bias(address("bias_velocity_before", of)),
            w.grids.bias(address(_kind(w, "bias"), of)),
            w.grids.bias(address("bias_velocity", of), "gives"),
        ),
    )


def _velocity(w: MatrixWriter, before: Grid, gradient: Grid, after: Grid) -> Line:
    return (
        w.term("", w.grids.scalar("momentum")),
        w.term(r"\ast", before),
        w.term("+", gradient),
        *_shared(w),
        w.term("=", after),
    )


def _weight_update(w: MatrixWriter) -> tuple[Line, ...]:
    """W_new = W − lr ∗ ∂E/∂W (slides 2 to 4)."""
    by = "weight_velocity" if w.shape.velocity_count else _kind(w, "weight")
    gradient = w.grids.matrix(address(by, w.layer - 1), "each")
    new = w.grids.matrix(w.weights, "gives", new=True)
    return (_update(w, w.grids.matrix(w.weights, "each"), gradient, new),)


def _bias_update(w: MatrixWriter) -> tuple[Line, ...]:
    """b_new = b − lr ∗ ∂E/∂b (slides 2 and 3)."""
    by = "bias_velocity" if w.shape.velocity_count else _kind(w, "bias")
    gradient = w.grids.bias(address(by, w.layer - 1))
    return (_update(w, w.grids.bias(w.bias), gradient, w.grids.bias(w.bias, "gives", new=True)),)


def _update(w: MatrixWriter, old: Grid, gradient: Grid, new: Grid) -> Line:
    return (
        w.term("", old),
        w.term("-", w.grids.scalar("learning_rate")),
        w.term(r"\ast", gradient),
        *(() if w.shape.velocity_count else _shared(w)),
        w.term("=", new, name=rf"{w.symbol(new.of)}^{{\mathrm{{new}}}}"),
    )


_RULES: dict[str, Callable[[MatrixWriter], tuple[Line, ...]]] = {
    "net": _net,
    "out": _out,
    "error": _error,
    "error_slope": _error_slope,
    "activation_slope": _activation_slope,
    "delta": _delta,
    "weight_gradient": _weight_gradient,
    "bias_gradient": _bias_gradient,
    "weight_sum": _weight_sum,
    "bias_sum": _bias_sum,
    "weight_velocity": _weight_velocity,
    "bias_velocity": _bias_velocity,
    "weight_update": _weight_update,
    "bias_update": _bias_update,
}
