"""The formula of every kind of step: with symbols, and with the numbers set under them.

A right-hand side is a row of terms, each written twice: as the deck writes it and with numbers in
place of the symbols. The operands are those of the step and no others.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import math_core
from markupsafe import Markup

from app.backprop.steps import Step
from app.view.notation.latex import INLINE, symbol, updated
from app.view.rendering.precompiled import Placeholder
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a formula in symbols, and the same part in numbers, both as LaTeX.

    `line` is the numbers once more, without a fraction, where they have one; `of`, the addresses
    of the operands in it.
    """

    symbols: str
    numbers: str
    operator: bool = False
    line: str = ""
    of: tuple[str, ...] = ()


def place(quantity: Quantity, *, leading: bool = True) -> str:
    """A placeholder in LaTeX; only a leading number goes without parentheses when negative."""
    return f"9{quantity.slot:06d}{0 if leading else 1}"


class TermWriter:
    """Writes the operands of one step, in symbols and as placeholders."""

    def __init__(self, step_view: StepView, step: Step) -> None:
        self.step_view, self.step = step_view, step
        self.activation = step_view.shape.activations[step.layer - 1]
        self.is_output = step.layer == step_view.shape.depth - 1

    def symbol(self, index: int) -> str:
        return symbol(self.step.operands[index], self.step_view.shape.depth)

    def number(self, index: int, *, leading: bool = False) -> str:
        return place(self.step_view.operand(self.step.operands[index]), leading=leading)

    def leading(self, index: int) -> str:
        """A number with nothing before it that a minus sign would run into."""
        return self.number(index, leading=True)

    def one(
        self, pattern: str, *indices: int, leading: bool = True, last_leading: bool = False
    ) -> list[Term]:
        """A single term, its operands in place of the %s; the first number is a leading one, and
        the last if it begins an argument."""
        symbols = tuple(self.symbol(index) for index in indices)
        last = len(indices) - 1
        numbers = tuple(
            self.number(i, leading=(leading and not place) or (last_leading and place == last))
            for place, i in enumerate(indices)
        )
        return [Term(pattern % symbols, pattern % numbers, of=self.of(*indices))]

    def of(self, *indices: int) -> tuple[str, ...]:
        return tuple(self.step.operands[index] for index in indices)

    def products(self, begin: int) -> list[Term]:
        """The operands from `begin` on, multiplied two by two and added."""
        pairs = range(begin, len(self.step.operands), 2)
        return joined(
            [
                Term(
                    rf"{self.symbol(i)} \, {self.symbol(i + 1)}",
                    rf"{self.number(i, leading=i == 0)} \cdot {self.number(i + 1)}",
                    of=self.of(i, i + 1),
                )
                for i in pairs
            ],
            "+",
        )

    def each(self, operator: str) -> list[Term]:
        """Every operand a term, with an operator between."""
        operands = range(len(self.step.operands))
        terms = [
            Term(self.symbol(i), self.number(i, leading=i == 0), of=self.of(i)) for i in operands
        ]
        return joined(terms, operator)


def joined(terms: Sequence[Term], operator: str) -> list[Term]:
    row = [part for term in terms for part in (Term(operator, operator, True), term)]
    return row[1:]


def softmax(w: TermWriter) -> list[Term]:
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


def _mean_squared(w: TermWriter) -> list[Term]:
    outputs = w.step_view.shape.layers[-1]
    return w.one(rf"(%s - %s)^2 / {outputs}", 0, 1)


def _binary_cross_entropy(w: TermWriter) -> list[Term]:
    """How far net lies on the wrong side of the target, and what is left of the logarithm."""
    plus = Term("+", "+", True)
    return [
        *w.one(r"%s \cdot \max(0, -%s)", 0, 1),
        plus,
        *w.one(r"(1 - %s) \cdot \max(0, %s)", 0, 1, leading=False, last_leading=True),
        plus,
        *w.one(r"\ln(1 + e^{-|%s|})", 1),
    ]


def _cross_entropy(w: TermWriter) -> list[Term]:
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


SHARES: dict[str, Callable[[TermWriter], list[Term]]] = {
    "half_squared": lambda w: w.one(r"\frac{1}{2}(%s - %s)^2", 0, 1),
    "mean_squared": _mean_squared,
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}


_CONVERTER = math_core.LatexToMathML()
_PLACEHOLDER = re.compile(r"<mn>9(\d{6})([01])</mn>")


@dataclass(frozen=True, slots=True)
class Formula:
    """What a step computes, in MathML.

    Attributes:
        left: the quantity; `name`, the same in one line.
        terms: the right-hand side: (symbols, numbers, whether it is an operator between two,
            the addresses of its operands).
        numbers: the right-hand side in numbers, in one piece and one line.
    """

    left: Markup
    name: Markup
    terms: tuple[tuple[Markup, Markup, bool, tuple[str, ...]], ...]
    numbers: Markup

    @property
    def tall(self) -> bool:
        """Whether a fraction stands among the numbers, too."""
        return any("<mfrac" in numbers for _, numbers, *_ in self.terms)


def formula(step_view: StepView, step: Step) -> Formula:
    """The formula of a step, with holes for its numbers."""
    terms = terms_of(step_view, step)
    name = updated if step.kind.endswith("_update") else symbol
    return Formula(
        left=mathml(name(step.result, step_view.shape.depth)),
        name=mathml(name(step.result, step_view.shape.depth, INLINE)),
        terms=tuple((mathml(t.symbols), mathml(t.numbers), t.operator, t.of) for t in terms),
        numbers=mathml(" ".join(term.line or term.numbers for term in terms)),
    )


def terms_of(step_view: StepView, step: Step) -> list[Term]:
    """The right-hand side of a step as LaTeX; its numbers are placeholders, see `filled`."""
    return _RULES[step.kind](TermWriter(step_view, step))


def filled(latex: str, number: Callable[[int], str]) -> str:
    """LaTeX with its placeholders filled by what writes the number of a slot."""

    def fill(match: re.Match[str]) -> str:
        text = number(int(match[1]))
        negative = match[2] == "1" and text.startswith("-")
        power = match[3] and "^" in text  # of a power of ten
        return f"({text}){match[3]}" if negative or power else text + match[3]

    return re.sub(r"\b9(\d{6})([01])\b(\^?)", fill, latex)


@lru_cache(maxsize=8192)
def mathml(latex: str) -> Markup:
    """LaTeX of ours as MathML; the placeholders of numbers become holes.

    Raises:
        math_core.LatexError: where it is no LaTeX: a mistake of this package.
    """
    markup = _CONVERTER.convert_with_local_state(latex, displaystyle=False)
    return Markup(_PLACEHOLDER.sub(_hole, markup))  # no text of a visitor is in it


def _hole(match: re.Match[str]) -> str:
    return str(Placeholder("mathml_factor" if match[2] == "1" else "mathml", int(match[1])))


def _net(w: TermWriter) -> list[Term]:
    if w.step_view.shape.bias == "none":
        return w.products(0)
    bias = Term(w.symbol(0), w.number(0, leading=True), of=w.of(0))
    return [bias, Term("+", "+", True), *w.products(1)]


def _out(w: TermWriter) -> list[Term]:
    if w.activation == "sigmoid":
        return [
            Term(
                rf"\dfrac{{1}}{{1 + e^{{-{w.symbol(0)}}}}}",
                rf"\dfrac{{1}}{{1 + e^{{-{w.number(0)}}}}}",
                line=rf"1 / (1 + e^{{-{w.number(0)}}})",
                of=w.of(0),
            )
        ]
    if w.activation == "softmax":
        return softmax(w)
    patterns = {"tanh": r"\tanh(%s)", "relu": r"\max(0, %s)", "identity": "%s"}
    return w.one(patterns[w.activation], 0)


def _error(w: TermWriter) -> list[Term]:
    if w.step.unit is None:
        return w.each("+")
    return SHARES[w.step_view.shape.error](w)


def _error_slope(w: TermWriter) -> list[Term]:
    if not w.is_output:
        return w.products(0)
    if w.step_view.shape.error == "mean_squared":
        return w.one(rf"2 \, (%s - %s) / {w.step_view.shape.layers[-1]}", 0, 1)
    return w.each("-")


def _delta(w: TermWriter) -> list[Term]:
    return w.each("-" if w.is_output and w.step_view.shape.fused_delta else r"\cdot")


def _activation_slope(w: TermWriter) -> list[Term]:
    if w.activation == "identity":
        return [Term("1", "1")]
    if w.activation == "relu":  # Iverson's bracket: 1 where it holds, 0 where it does not
        return w.one(r"[\,%s > 0\,]", 0)
    if w.activation == "tanh":
        return [Term(f"1 - {w.symbol(0)}^2", f"1 - {w.number(0)}^2", of=w.of(0))]
    return w.one(r"%s \, (1 - %s)", 0, 0)


def _velocity(w: TermWriter) -> list[Term]:
    """μ·v + ∂E/∂w"""
    product = rf"{w.leading(0)} \cdot {w.number(1)}"
    return [
        Term(rf"{w.symbol(0)} \cdot {w.symbol(1)}", product, of=w.of(0, 1)),
        Term("+", "+", True),
        _shared(w, w.symbol(2), w.number(2), 2),
    ]


def _shared(w: TermWriter, symbols: str, numbers: str, *of: int) -> Term:
    """A term that is divided by the number of examples, where that is an operand."""
    if len(w.step.operands) < 4:
        return Term(symbols, numbers, of=w.of(*of))
    return Term(f"{symbols} / {w.symbol(3)}", f"{numbers} / {w.number(3)}", of=w.of(*of, 3))


def _update(w: TermWriter) -> list[Term]:
    return [
        Term(w.symbol(0), w.number(0, leading=True), of=w.of(0)),
        Term("-", "-", True),
        _shared(
            w,
            rf"{w.symbol(1)} \cdot {w.symbol(2)}",
            rf"{w.number(1)} \cdot {w.number(2)}",
            *(1, 2),
        ),
    ]


_RULES: dict[str, Callable[[TermWriter], list[Term]]] = {
    "net": _net,
    "out": _out,
    "error": _error,
    "error_slope": _error_slope,
    "activation_slope": _activation_slope,
    "delta": _delta,
    "weight_gradient": lambda w: w.each(r"\cdot"),
    "bias_gradient": lambda w: w.each("+"),
    "weight_sum": lambda w: w.each("+"),
    "bias_sum": lambda w: w.each("+"),
    "weight_velocity": _velocity,
    "bias_velocity": _velocity,
    "weight_update": _update,
    "bias_update": _update,
}
