"""The formula of every kind of step: with symbols, and with the numbers set under them.

A right-hand side is a row of terms, each written twice: as the deck writes it and with numbers in
place of the symbols. The operands are those of the step and no others.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import math_core
from markupsafe import Markup

from app.backprop.steps import Step
from app.view.notation.latex import INLINE, symbol, updated
from app.view.notation.output_formulas import SHARES, softmax
from app.view.notation.terms import Term, Writer
from app.view.rendering.precompiled import Hole
from app.view.rendering.step_view import Scene

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


def formula(scene: Scene, step: Step) -> Formula:
    """The formula of a step, with holes for its numbers."""
    terms = terms_of(scene, step)
    name = updated if step.kind.endswith("_update") else symbol
    return Formula(
        left=mathml(name(step.result, scene.shape.depth)),
        name=mathml(name(step.result, scene.shape.depth, INLINE)),
        terms=tuple((mathml(t.symbols), mathml(t.numbers), t.operator, t.of) for t in terms),
        numbers=mathml(" ".join(term.line or term.numbers for term in terms)),
    )


def terms_of(scene: Scene, step: Step) -> list[Term]:
    """The right-hand side of a step as LaTeX; its numbers are placeholders, see `filled`."""
    return _RULES[step.kind](Writer(scene, step))


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
    return str(Hole("mathml_factor" if match[2] == "1" else "mathml", int(match[1])))


def _net(w: Writer) -> list[Term]:
    if w.scene.shape.bias == "none":
        return w.products(0)
    bias = Term(w.symbol(0), w.number(0, leading=True), of=w.of(0))
    return [bias, Term("+", "+", True), *w.products(1)]


def _out(w: Writer) -> list[Term]:
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


def _error(w: Writer) -> list[Term]:
    if w.step.unit is None:
        return w.each("+")
    return SHARES[w.scene.shape.error](w)


def _error_slope(w: Writer) -> list[Term]:
    if not w.is_output:
        return w.products(0)
    if w.scene.shape.error == "mean_squared":
        return w.one(rf"2 \, (%s - %s) / {w.scene.shape.layers[-1]}", 0, 1)
    return w.each("-")


def _delta(w: Writer) -> list[Term]:
    return w.each("-" if w.is_output and w.scene.shape.joint else r"\cdot")


def _activation_slope(w: Writer) -> list[Term]:
    if w.activation == "identity":
        return [Term("1", "1")]
    if w.activation == "relu":  # Iverson's bracket: 1 where it holds, 0 where it does not
        return w.one(r"[\,%s > 0\,]", 0)
    if w.activation == "tanh":
        return [Term(f"1 - {w.symbol(0)}^2", f"1 - {w.number(0)}^2", of=w.of(0))]
    return w.one(r"%s \, (1 - %s)", 0, 0)


def _velocity(w: Writer) -> list[Term]:
    """μ·v + ∂E/∂w"""
    product = rf"{w.leading(0)} \cdot {w.number(1)}"
    return [
        Term(rf"{w.symbol(0)} \cdot {w.symbol(1)}", product, of=w.of(0, 1)),
        Term("+", "+", True),
        _shared(w, w.symbol(2), w.number(2), 2),
    ]


def _shared(w: Writer, symbols: str, numbers: str, *of: int) -> Term:
    """A term that is divided by the number of examples, where that is an operand."""
    if len(w.step.operands) < 4:
        return Term(symbols, numbers, of=w.of(*of))
    return Term(f"{symbols} / {w.symbol(3)}", f"{numbers} / {w.number(3)}", of=w.of(*of, 3))


def _update(w: Writer) -> list[Term]:
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


_RULES: dict[str, Callable[[Writer], list[Term]]] = {
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
