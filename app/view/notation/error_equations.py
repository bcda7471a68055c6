"""The equation in matrices of every error's shares E_k."""

from collections.abc import Callable

from app.view.notation.matrix_terms import Line, Writer, transposed


def _half_squared(w: Writer) -> Line:
    return w.row(r"\tfrac{1}{2} (", "target"), w.row("-", w.here("out"), ")^2")


def _mean_squared(w: Writer) -> Line:
    return w.row("(", "target"), w.row("-", w.here("out"), rf")^2 / {w.shape.layers[-1]}")


def _binary_cross_entropy(w: Writer) -> Line:
    net = w.here("net")
    return (
        w.row("", "target"),
        w.row(r"\odot \max(0, -", net, ")"),
        w.row("+ (1 -", "target", ")"),
        w.row(r"\odot \max(0,", net, ")"),
        w.row(r"+ \ln(1 + \exp(-|", net, "|))"),
    )


def _cross_entropy(w: Writer) -> Line:
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


SHARES: dict[str, Callable[[Writer], Line]] = {
    "half_squared": _half_squared,
    "mean_squared": _mean_squared,
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}
