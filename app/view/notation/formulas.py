"""The formula of every kind of step, in symbols and in numbers, in MathML and in LaTeX.

All of it is printed from the step's expression, term by term. Numbers are placeholders of a
precompiled template, or are written by the caller.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import math_core
from markupsafe import Markup

from app.backprop.expressions import (
    PRODUCT,
    SUM,
    Expression,
    Mention,
    Negation,
    Notation,
    Operand,
    Product,
    Token,
    operands,
    terms,
    tokens,
)
from app.backprop.network import Shape
from app.backprop.steps import Step
from app.view.notation.latex import INLINE, STACKED, result_symbol, symbol
from app.view.notation.notations import (
    LATEX,
    LATEX_NUMBERS,
    MATHML,
    MATHML_NUMBERS,
    TEXT,
)
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.step_view import StepView

_CONVERTER = math_core.LatexToMathML()

NO_MARKUP = Markup("")
WriteNumber = Callable[[Mention], str]


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a formula in symbols, and the same part in numbers."""

    symbols: Markup
    numbers: Markup
    operator: bool = False  # whether it is an operator between two terms
    operands: tuple[str, ...] = ()  # the addresses of its operands


@dataclass(frozen=True, slots=True)
class Formula:
    """What a step computes, in MathML."""

    left: Markup  # the quantity
    terms: tuple[Term, ...]
    widths: tuple[int, ...]  # of the terms in numbers, in characters

    @property
    def tall(self) -> bool:
        """Whether the numbers, too, contain a stacked fraction."""
        return any("<mfrac displaystyle" in term.numbers for term in self.terms)  # ½ is small


def formula(
    step_view: StepView,
    step: Step,
    expression: Expression | None = None,
    digits: Digits | None = None,
) -> Formula:
    """The formula of a step, with placeholders for its numbers.

    Args:
        expression: another one of the same value, such as δ with its factors written out.
        digits: of its numbers in any case; those that the visitor has chosen if it is None.
    """
    shape, expression = step_view.shape, expression or step.expression
    parts = terms_of(expression, shape, lambda mention: placeholder(step_view, mention, digits))
    return Formula(
        left=mathml(result_symbol(step, shape)),
        terms=parts,
        widths=widths_of(expression, (digits or FOUR).width),
    )


def widths_of(expression: Expression, number: int) -> tuple[int, ...]:
    """About how many characters each term has in numbers, if a number has so many."""
    return tuple(_width(part, number) for _, part in _parts(expression))


def _width(part: Expression, number: int) -> int:
    return sum(len(token) if isinstance(token, str) else number for token in tokens(part, TEXT))


def terms_of(expression: Expression, shape: Shape, number: WriteNumber) -> tuple[Term, ...]:
    """The terms of an expression and the operators between them; `number` writes in MathML."""

    def written(part: Expression, first: bool) -> Term:
        rank = SUM if first else PRODUCT
        symbols, numbers = (
            tokens(part, notation, rank, leading=first) for notation in (MATHML, MATHML_NUMBERS)
        )
        # No fraction in a fraction: it would reach into the row of numbers below.
        fraction = INLINE if MATHML.fraction and MATHML.fraction[0] in symbols else STACKED
        return Term(
            symbols=math(*_mathml_symbols(symbols, shape, fraction)),
            numbers=math(*(_text(token, number) for token in numbers)),
            operands=operands(part),
        )

    row: list[Term] = []
    for operator, part in _parts(expression):
        if operator:
            sign = "−" if operator == "-" else operator
            alone = math(f'<mo lspace="0" rspace="0">{sign}</mo>')  # the template spaces the terms
            row.append(Term(alone, alone, operator=True))
        row.append(written(part, not operator))
    return tuple(row)


def _parts(expression: Expression) -> tuple[tuple[str, Expression], ...]:
    """The terms, or the factors of a product such as (1) · (2), each with the operator before it."""
    match expression:
        case Product(parts) | Negation((Product(parts),)) if all(
            isinstance(part, Operand) and not part.address.startswith("weight/") for part in parts
        ):
            first = parts[0] if isinstance(expression, Product) else -parts[0]
            return ("", first), *(("⋅", part) for part in parts[1:])
    return terms(expression)


def in_symbols(expression: Expression, shape: Shape, rank: int = 0) -> str:
    """An expression in symbols, as a part in MathML; in parentheses if it binds less tightly than
    `rank`."""
    return "".join(_mathml_symbols(tokens(expression, MATHML, rank), shape, STACKED))


def latex(expression: Expression, shape: Shape) -> str:
    """An expression in symbols, as LaTeX."""
    return written(expression, LATEX, lambda mention: symbol(mention.address, shape))


def latex_numbers(expression: Expression, number: WriteNumber) -> str:
    """An expression in numbers, as LaTeX."""
    return written(expression, LATEX_NUMBERS, number)


def written(
    expression: Expression, notation: Notation, write: WriteNumber, *, first: bool = True
) -> str:
    """An expression in a notation, with its operands as `write` writes them; `first` says whether no
    term is before it."""
    row = tokens(expression, notation, SUM if first else PRODUCT, leading=first)
    return "".join(_text(token, write) for token in row)


def placeholder(step_view: StepView, mention: Mention, digits: Digits | None = None) -> str:
    """A placeholder for a number in MathML: a negative one is in parentheses unless it is leading.

    What is given at the start of the iteration has the digits that it was given with.
    """
    quantity = step_view.operand(mention.address)
    if digits is not None:
        quantity = replace(quantity, digits=digits.name)
    if step_view.is_input(mention.address):
        written = quantity.mathml_given if mention.leading else quantity.mathml_given_factor
    else:
        written = quantity.mathml if mention.leading else quantity.mathml_factor
    return f'<mrow class="operand" title="{quantity.exact}">{written}</mrow>'


def math(*parts: str) -> Markup:
    """Parts in MathML as one element."""
    return Markup(f"<math>{''.join(parts)}</math>")  # contains no visitor's text


@lru_cache(maxsize=8192)
def mathml(latex: str) -> Markup:
    """LaTeX as MathML.

    Raises:
        math_core.LatexError: If it is not LaTeX, which is a mistake of the caller.
    """
    return Markup(_CONVERTER.convert_with_local_state(latex, displaystyle=False))


def inner_mathml(latex: str) -> str:
    """The same without the element around it, as a part of a formula."""
    return str(mathml(latex)).removeprefix("<math>").removesuffix("</math>")


def _mathml_symbols(row: Iterable[Token], shape: Shape, fraction: str) -> Iterator[str]:
    for before, token in pairwise(("", *row)):
        if isinstance(token, str):
            yield token
            continue
        latex = symbol(token.address, shape, fraction)
        if before == MATHML.power[0] and r"\partial" in latex:
            written = inner_mathml(symbol(token.address, shape, INLINE))
            yield f"<mrow>{written.join(MATHML.parentheses)}</mrow>"  # (∂E/∂w)²
        else:
            yield f"<mrow>{inner_mathml(latex)}</mrow>"


def _text(token: str | Mention, number: WriteNumber) -> str:
    return token if isinstance(token, str) else number(token)
