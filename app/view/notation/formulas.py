"""The formula of every kind of step, in symbols and in numbers, as LaTeX and as MathML.

A right-hand side is a list of terms. Each is written twice: as the deck writes it, and with numbers
in place of the symbols. Its operands are exactly those of the step. Numbers are placeholders: in
LaTeX the digits of `placeholder`, in MathML those of a precompiled template.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import math_core
from markupsafe import Markup

from app.backprop.steps import Step
from app.view.notation.latex import INLINE, result_symbol, symbol
from app.view.rendering.precompiled import Placeholder
from app.view.rendering.step_view import Quantity, StepView

_CONVERTER = math_core.LatexToMathML()
_PLACEHOLDER = re.compile(r"<mn>9(\d{6})([01])</mn>")


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a formula in symbols, and the same part in numbers, both as LaTeX."""

    symbols: str
    numbers: str
    operator: bool = False  # whether it is an operator between two terms
    inline: str = ""  # the numbers without a stacked fraction, if they have one
    operands: tuple[str, ...] = ()  # the addresses of its operands


@dataclass(frozen=True, slots=True)
class Formula:
    """What a step computes, in MathML."""

    left: Markup  # the quantity
    name: Markup  # the same in one line
    terms: tuple[tuple[Markup, Markup, bool, tuple[str, ...]], ...]  # the fields of `Term`
    numbers: Markup  # the right-hand side in numbers, in one piece and one line

    @property
    def tall(self) -> bool:
        """Whether the numbers, too, contain a stacked fraction."""
        return any("<mfrac" in numbers for _, numbers, *_ in self.terms)


def formula(step_view: StepView, step: Step) -> Formula:
    """The formula of a step, with placeholders for its numbers."""
    depth = step_view.shape.depth
    left, name = result_symbol(step, depth), result_symbol(step, depth, INLINE)
    return formula_of(left, name, terms_of(step_view, step))


def formula_of(left: str, name: str, terms: Sequence[Term]) -> Formula:
    """A formula in MathML, from its parts in LaTeX."""
    return Formula(
        left=mathml(left),
        name=mathml(name),
        terms=tuple((mathml(t.symbols), mathml(t.numbers), t.operator, t.operands) for t in terms),
        numbers=mathml(" ".join(term.inline or term.numbers for term in terms)),
    )


def terms_of(step_view: StepView, step: Step) -> list[Term]:
    """The right-hand side of a step as LaTeX, with placeholders for its numbers."""
    return _RULES[step.kind](TermWriter(step_view, step))


def placeholder(quantity: Quantity, *, leading: bool = True) -> str:
    """A placeholder in LaTeX: a negative number is in parentheses unless it is a leading one."""
    return f"9{quantity.slot:06d}{0 if leading else 1}"


def fill_placeholders(latex: str, number: Callable[[int], str]) -> str:
    """LaTeX with its placeholders filled; `number` writes the number of a slot."""

    def fill(match: re.Match[str]) -> str:
        text = number(int(match[1]))
        negative = match[2] == "1" and text.startswith("-")
        power = match[3] and "^" in text  # a power of a power of ten
        return f"({text}){match[3]}" if negative or power else text + match[3]

    return re.sub(r"\b9(\d{6})([01])\b(\^?)", fill, latex)


@lru_cache(maxsize=8192)
def mathml(latex: str) -> Markup:
    """LaTeX as MathML, with the placeholders of a precompiled template.

    Raises:
        math_core.LatexError: If it is not LaTeX, which is a mistake of the caller.
    """
    markup = _CONVERTER.convert_with_local_state(latex, displaystyle=False)
    return Markup(_PLACEHOLDER.sub(_template_placeholder, markup))  # contains no visitor's text


def _template_placeholder(match: re.Match[str]) -> str:
    return str(Placeholder("mathml_factor" if match[2] == "1" else "mathml", int(match[1])))


_PLUS, _MINUS = Term("+", "+", operator=True), Term("-", "-", operator=True)


class TermWriter:
    """Writes the operands of one step, in symbols and as placeholders."""

    def __init__(self, step_view: StepView, step: Step) -> None:
        self.step_view, self.step = step_view, step
        self.activation = step_view.shape.activations[step.layer - 1]
        self.is_output = step.layer == step_view.shape.depth - 1

    def symbol(self, index: int) -> str:
        return symbol(self.step.operands[index], self.step_view.shape.depth)

    def number(self, index: int, *, leading: bool = False) -> str:
        return placeholder(self.step_view.operand(self.step.operands[index]), leading=leading)

    def leading(self, index: int) -> str:
        """A number without a sign or an operator before it."""
        return self.number(index, leading=True)

    def addresses(self, *indices: int) -> tuple[str, ...]:
        return tuple(self.step.operands[index] for index in indices)

    def term(
        self, pattern: str, *indices: int, leading: bool = True, last_leading: bool = False
    ) -> Term:
        """A term with operands in place of each %s.

        The first number is a leading one; so is the last, if it begins an argument.
        """
        symbols = tuple(self.symbol(index) for index in indices)
        last = len(indices) - 1
        numbers = tuple(
            self.number(i, leading=(leading and not place) or (last_leading and place == last))
            for place, i in enumerate(indices)
        )
        return Term(pattern % symbols, pattern % numbers, operands=self.addresses(*indices))

    def products(self, begin: int) -> list[Term]:
        """The sum of products of two operands each, from index `begin` on."""
        return _join(
            [
                Term(
                    rf"{self.symbol(i)} \, {self.symbol(i + 1)}",
                    rf"{self.number(i, leading=i == 0)} \cdot {self.number(i + 1)}",
                    operands=self.addresses(i, i + 1),
                )
                for i in range(begin, len(self.step.operands), 2)
            ],
            "+",
        )

    def joined(self, operator: str) -> list[Term]:
        """All operands, each as a term, with an operator between them."""
        indices = range(len(self.step.operands))
        return _join([self.term("%s", i, leading=i == 0) for i in indices], operator)


def _join(terms: Sequence[Term], operator: str) -> list[Term]:
    row = [part for term in terms for part in (Term(operator, operator, True), term)]
    return row[1:]


def _net(w: TermWriter) -> list[Term]:
    if w.step_view.shape.bias == "none":
        return w.products(0)
    return [w.term("%s", 0), _PLUS, *w.products(1)]


def _out(w: TermWriter) -> list[Term]:
    if w.activation == "sigmoid":
        return [
            Term(
                rf"\dfrac{{1}}{{1 + e^{{-{w.symbol(0)}}}}}",
                rf"\dfrac{{1}}{{1 + e^{{-{w.number(0)}}}}}",
                inline=rf"1 / (1 + e^{{-{w.number(0)}}})",
                operands=w.addresses(0),
            )
        ]
    if w.activation == "softmax":
        return _softmax(w)
    patterns = {"tanh": r"\tanh(%s)", "relu": r"\max(0, %s)", "identity": "%s"}
    return [w.term(patterns[w.activation], 0)]


def _softmax(w: TermWriter) -> list[Term]:
    """e^net / Σ e^net_j"""
    assert w.step.unit is not None
    indices = range(len(w.step.operands))
    symbols, numbers = (
        [f"e^{{{write(index)}}}" for index in indices] for write in (w.symbol, w.leading)
    )
    own, sum_of_symbols, sum_of_numbers = w.step.unit, " + ".join(symbols), " + ".join(numbers)
    return [
        Term(
            rf"\dfrac{{{symbols[own]}}}{{{sum_of_symbols}}}",
            rf"\dfrac{{{numbers[own]}}}{{{sum_of_numbers}}}",
            inline=f"{numbers[own]} / ({sum_of_numbers})",
            operands=w.addresses(*indices),
        )
    ]


def _error(w: TermWriter) -> list[Term]:
    if w.step.unit is None:
        return w.joined("+")
    match w.step_view.shape.error:
        case "half_squared":
            return [w.term(r"\frac{1}{2}(%s - %s)^2", 0, 1)]
        case "mean_squared":
            return [w.term(rf"(%s - %s)^2 / {w.step_view.shape.layers[-1]}", 0, 1)]
        case "binary_cross_entropy":
            return [
                w.term(r"%s \cdot \max(0, -%s)", 0, 1),
                _PLUS,
                w.term(r"(1 - %s) \cdot \max(0, %s)", 0, 1, leading=False, last_leading=True),
                _PLUS,
                w.term(r"\ln(1 + e^{-|%s|})", 1),
            ]
    return _cross_entropy(w)


def _cross_entropy(w: TermWriter) -> list[Term]:
    """−t ln out of output 1, with out written in full: t ln(1 + e^(net_2 − net_1) + …)"""
    assert w.step.unit is not None
    own = 1 + w.step.unit
    others = [index for index in range(1, len(w.step.operands)) if index != own]
    symbols = "".join(f" + e^{{{w.symbol(i)} - {w.symbol(own)}}}" for i in others)
    numbers = "".join(f" + e^{{{w.leading(i)} - {w.number(own)}}}" for i in others)
    return [
        Term(
            rf"{w.symbol(0)} \cdot \ln(1{symbols})",
            rf"{w.leading(0)} \cdot \ln(1{numbers})",
            operands=w.addresses(0, own, *others),
        )
    ]


def _error_slope(w: TermWriter) -> list[Term]:
    if not w.is_output:
        return w.products(0)
    if w.step_view.shape.error == "mean_squared":
        return [w.term(rf"2 \, (%s - %s) / {w.step_view.shape.layers[-1]}", 0, 1)]
    return w.joined("-")


def _activation_slope(w: TermWriter) -> list[Term]:
    if w.activation == "identity":
        return [Term("1", "1")]
    if w.activation == "relu":  # an Iverson bracket: 1 if the condition holds, otherwise 0
        return [w.term(r"[\,%s > 0\,]", 0)]
    if w.activation == "tanh":
        return [w.term("1 - %s^2", 0, leading=False)]
    return [w.term(r"%s \, (1 - %s)", 0, 0)]


def _delta(w: TermWriter) -> list[Term]:
    return w.joined("-" if w.is_output and w.step_view.shape.fused_delta else r"\cdot")


def _velocity(w: TermWriter) -> list[Term]:
    """μ·v + ∂E/∂w"""
    return [w.term(r"%s \cdot %s", 0, 1), _PLUS, _mean(w, "%s", 2)]


def _update(w: TermWriter) -> list[Term]:
    """w − lr · ∂E/∂w"""
    return [w.term("%s", 0), _MINUS, _mean(w, r"%s \cdot %s", 1, 2)]


def _mean(w: TermWriter, pattern: str, *indices: int) -> Term:
    """A term that is divided by the number of examples, if that is an operand."""
    if len(w.step.operands) < 4:
        return w.term(pattern, *indices, leading=False)
    return w.term(f"{pattern} / %s", *indices, 3, leading=False)


_RULES: dict[str, Callable[[TermWriter], list[Term]]] = {
    "net": _net,
    "out": _out,
    "error": _error,
    "error_slope": _error_slope,
    "activation_slope": _activation_slope,
    "delta": _delta,
    "weight_gradient": lambda w: w.joined(r"\cdot"),
    "bias_gradient": lambda w: w.joined("+"),
    "weight_sum": lambda w: w.joined("+"),
    "bias_sum": lambda w: w.joined("+"),
    "weight_velocity": _velocity,
    "bias_velocity": _velocity,
    "weight_update": _update,
    "bias_update": _update,
}
