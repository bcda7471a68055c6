"""The formulas that outputs alone have: softmax, and the share of each in the error."""

from collections.abc import Callable

from app.view.notation.terms import Term, Writer


def softmax(w: Writer) -> list[Term]:
    """e^net / Σ e^net_j"""
    assert w.step.unit is not None
    indices = range(len(w.step.operands))
    symbols, numbers = (
        [f"e^{{{write(index)}}}" for index in indices] for write in (w.symbol, w.leading)
    )
    own, above, below = w.step.unit, " + ".join(symbols), " + ".join(numbers)
    return [
        Term(
            rf"\dfrac{{{symbols[own]}}}{{{above}}}",
            rf"\dfrac{{{numbers[own]}}}{{{below}}}",
            line=f"{numbers[own]} / ({below})",
            of=w.of(*indices),
        )
    ]


def _mean_squared(w: Writer) -> list[Term]:
    outputs = w.scene.shape.layers[-1]
    return w.one(rf"(%s - %s)^2 / {outputs}", 0, 1)


def _binary_cross_entropy(w: Writer) -> list[Term]:
    """How far net lies on the wrong side of the target, and what is left of the logarithm."""
    plus = Term("+", "+", True)
    return [
        *w.one(r"%s \cdot \max(0, -%s)", 0, 1),
        plus,
        *w.one(r"(1 - %s) \cdot \max(0, %s)", 0, 1, leading=False, last_leading=True),
        plus,
        *w.one(r"\ln(1 + e^{-|%s|})", 1),
    ]


def _cross_entropy(w: Writer) -> list[Term]:
    """t ln(1 + e^(net_2 − net_1) + …) of the first output: −t ln out, with out written in full."""
    assert w.step.unit is not None
    own = 1 + w.step.unit
    others = [index for index in range(1, len(w.step.operands)) if index != own]
    symbols = "".join(f" + e^{{{w.symbol(i)} - {w.symbol(own)}}}" for i in others)
    numbers = "".join(f" + e^{{{w.leading(i)} - {w.number(own)}}}" for i in others)
    return [
        Term(
            rf"{w.symbol(0)} \cdot \ln(1{symbols})",
            rf"{w.leading(0)} \cdot \ln(1{numbers})",
            of=w.of(0, own, *others),
        )
    ]


SHARES: dict[str, Callable[[Writer], list[Term]]] = {
    "half_squared": lambda w: w.one(r"\frac{1}{2}(%s - %s)^2", 0, 1),
    "mean_squared": _mean_squared,
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}
