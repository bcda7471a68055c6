"""The language of formulas: every rule of an iteration is an expression, written once.

The compiler turns an expression into Python, the page and the exports print it in their notations,
and `evaluate` computes it. An expression is built from operands with the operators of Python:

    OUT = Operand("out")
    slope = OUT * (1 - OUT)

It is evaluated as it is written: products before sums, equal rank from left to right, a square as a
product. So what is printed is what is computed, to the last bit.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, TypeVar

SUM, PRODUCT, POWER, ATOM = range(1, 5)  # how tightly an expression binds

Number = TypeVar("Number")
Real = float | int


class Expression:
    """A formula. Its subclasses are the parts of the language."""

    rank: ClassVar[int] = ATOM
    parts: "tuple[Expression, ...]" = ()  # in the order of evaluation

    def __add__(self, other: "Expression | Real") -> "Sum":
        return Sum((*(self.parts if isinstance(self, Sum) else (self,)), expression(other)))

    def __radd__(self, other: Real) -> "Sum":
        return Sum((expression(other), self))

    def __sub__(self, other: "Expression | Real") -> "Difference":
        return Difference((self, expression(other)))

    def __rsub__(self, other: Real) -> "Difference":
        return Difference((expression(other), self))

    def __mul__(self, other: "Expression | Real") -> "Product":
        return Product((*(self.parts if isinstance(self, Product) else (self,)), expression(other)))

    def __rmul__(self, other: Real) -> "Product":
        return Product((expression(other), self))

    def __truediv__(self, other: "Expression | Real") -> "Quotient":
        return Quotient((self, expression(other)))

    def __rtruediv__(self, other: Real) -> "Quotient":
        return Quotient((expression(other), self))

    def __pow__(self, exponent: "Expression | Real") -> "Power":
        return Power((self, expression(exponent)))

    def __neg__(self) -> "Negation":
        return Negation((self,))


@dataclass(frozen=True)
class Operand(Expression):
    """A quantity: the address of one, or a name that `substitute` replaces."""

    address: str


@dataclass(frozen=True)
class Constant(Expression):
    """A number of the rule itself."""

    value: float


@dataclass(frozen=True)
class Compound(Expression):
    """What is made of other expressions."""

    parts: tuple[Expression, ...] = field()


class Sum(Compound):
    """The parts, added from left to right."""

    rank = SUM


class Difference(Compound):
    """The first part minus the second."""

    rank = SUM


class Negation(Compound):
    """Minus its only part."""

    rank = SUM


class Product(Compound):
    """The parts, multiplied from left to right."""

    rank = PRODUCT


class Quotient(Compound):
    """The first part divided by the second."""

    rank = PRODUCT


class Power(Compound):
    """A base and an exponent; a square is the product of the base with itself."""

    rank = POWER

    @property
    def is_square(self) -> bool:
        return self.parts[1] == Constant(2.0)


@dataclass(frozen=True)
class Function(Compound):
    """A named function of its parts (see `functions.py`)."""

    name: str

    @property
    def definition(self) -> Expression:
        """The formula that the function stands for; KeyError if it has only its name."""
        return DEFINITIONS[self.name](*self.parts)


# What a function is in terms of simpler ones. Filled by `define`.
DEFINITIONS: dict[str, Callable[..., Expression]] = {}


def define(name: str, rule: Callable[..., Expression] | None = None) -> Callable[..., Function]:
    """Return the constructor of a function; `rule` is its definition by simpler ones, if any."""
    if rule is not None:
        DEFINITIONS[name] = rule

    def function(*arguments: Expression | Real) -> Function:
        return Function(tuple(map(expression, arguments)), name)

    return function


def expression(value: Expression | Real) -> Expression:
    """A number as a constant; an expression as it is."""
    return value if isinstance(value, Expression) else Constant(float(value))


def total(parts: Sequence[Expression]) -> Expression:
    """The sum of the parts; a single one as it is."""
    return Sum(tuple(parts)) if len(parts) > 1 else parts[0]


def minus_total(parts: Sequence[Expression]) -> Expression:
    """Minus the sum of the parts, written without parentheses: −a − b. It has the same digits."""
    result: Expression = -parts[0]
    for part in parts[1:]:
        result = result - part
    return result


def negated(formula: Expression) -> Expression:
    """Minus a formula, written as short as can be: b − a for a − b, and a + b for −a − b."""
    taken: list[Expression] = []
    first = formula
    while isinstance(first, Difference):
        first, last = first.parts
        taken.append(last)
    if isinstance(first, Negation):
        return total([first.parts[0], *reversed(taken)])
    return taken[0] - first if len(taken) == 1 else -formula


def operands(formula: Expression) -> tuple[str, ...]:
    """The addresses of the operands, each once, in the order of the formula."""
    found = (part.address for part in subformulas(formula) if isinstance(part, Operand))
    return tuple(dict.fromkeys(found))


def subformulas(formula: Expression) -> Iterator[Expression]:
    """A formula and all that it is made of, in the order of writing."""
    yield formula
    for part in formula.parts:
        yield from subformulas(part)


def has_function(formula: Expression) -> bool:
    """Whether it is more than arithmetic."""
    return any(isinstance(part, Function) for part in subformulas(formula))


def substitute(
    formula: Expression, by: Mapping[str, Expression | tuple[Expression, ...]]
) -> Expression:
    """Replace operands by expressions; an argument of a function, also by several."""
    if isinstance(formula, Operand):
        found = by.get(formula.address, formula)
        assert isinstance(found, Expression), f"{formula.address} stands for several operands"
        return found
    if not isinstance(formula, Compound):
        return formula
    parts: list[Expression] = []
    for part in formula.parts:
        several = by.get(part.address) if isinstance(part, Operand) else None
        parts += several if isinstance(several, tuple) else (substitute(part, by),)
    return replace(formula, parts=tuple(parts))


def rewrite(formula: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Apply a change to every part of a formula, the innermost first."""
    if isinstance(formula, Compound):
        parts = tuple(rewrite(part, change) for part in formula.parts)
        formula = replace(formula, parts=parts)
    return change(formula)


def magnitude(formula: Expression) -> Expression:
    """The sum of the absolute values of a sum's terms: |b| + Σ |x·w| of net."""
    parts = formula.parts if isinstance(formula, Sum) else (formula,)
    return total([Function((part,), "abs") for part in parts])


Compute = Callable[[Mapping[str, Any]], Any]


def evaluate(
    formula: Expression,
    values: Mapping[str, Number],
    functions: Mapping[str, Callable[..., Any]],
    number: Callable[[float], Any] = float,
    rounded: Callable[[Any], Any] | None = None,
) -> Any:
    """Compute an expression, as `prepare` describes.

    Raises KeyError for an operand that has no value.
    """
    return prepare(formula, functions, number, rounded)(values)


def prepare(
    formula: Expression,
    functions: Mapping[str, Callable[..., Any]],
    number: Callable[[float], Any] = float,
    rounded: Callable[[Any], Any] | None = None,
) -> Compute:
    """A function that computes an expression from the values of its operands.

    It works in any arithmetic: of floats, arrays, decimals, … A function that is not among
    `functions` is computed by its definition; `number` turns a constant into a number, and `rounded`
    is applied to the result of every operation.
    """

    def of(part: Expression) -> Compute:
        if isinstance(part, Operand):
            return operator.itemgetter(part.address)
        if isinstance(part, Constant):
            constant = number(part.value)
            return lambda values: constant
        if isinstance(part, Function):
            if part.name not in functions:
                return of(part.definition)
            function, arguments = then(functions[part.name]), list(map(of, part.parts))
            return lambda values: function(*[each(values) for each in arguments])
        first, *others = map(of, part.parts)
        if isinstance(part, Negation):
            return lambda values: -first(values)
        operation = then(_OPERATORS[type(part)])
        if isinstance(part, Power) and part.is_square:
            operation = then(lambda base, _: base * base)

        def combine(values: Mapping[str, Any]) -> Any:
            result = first(values)
            for other in others:
                result = operation(result, other(values))
            return result

        return combine

    def then(operation: Callable[..., Any]) -> Callable[..., Any]:
        if rounded is None:
            return operation
        return lambda *parts: rounded(operation(*parts))

    return of(formula)


_OPERATORS: dict[type[Expression], Callable[[Any, Any], Any]] = {
    Sum: operator.add,
    Difference: operator.sub,
    Product: operator.mul,
    Quotient: operator.truediv,
    Power: operator.pow,
}


# Writing.


class Mention(NamedTuple):
    """An operand in a written formula."""

    address: str
    # Whether no operator is before it, so that a negative number needs no parentheses.
    leading: bool


Token = str | Mention
Pattern = tuple[str | int, ...]  # texts, and the indices of arguments
ALL = -1  # in a pattern: all arguments, separated by commas


@dataclass(frozen=True, slots=True)
class Notation:
    """How expressions are written: the texts between their operands, by default as in Python."""

    constant: Callable[[float], str]
    # A function that is not among these is written as its definition.
    functions: Mapping[str, Pattern]
    plus: str = " + "
    minus: str = " - "
    times: str = " * "
    over: str = " / "
    negative: str = "-"
    parentheses: tuple[str, str] = ("(", ")")
    power: tuple[str, str, str] = ("", " ** ", "")  # before, between and after base and exponent
    square: tuple[str, str] | None = None  # before and after the base; None for a product
    # Between and around numerator and denominator, if the denominator has operators of its own.
    fraction: tuple[str, str, str] | None = None
    # The sign of a product if one is not needed: before parentheses, and before these kinds.
    juxtaposed: str | None = None
    juxtaposed_kinds: tuple[str, ...] = ()
    # The sign of a product after the factor ½, and after what is one number for the whole network.
    half: str | None = None
    scalar_times: str | None = None
    comma: str = ", "  # between arguments
    argument_rank: int = 0  # what binds less tightly is in parentheses as an argument

    def write(self, formula: Expression, rank: int, *, leading: bool) -> Iterator[Token]:
        if isinstance(formula, Function) and formula.name not in self.functions:
            formula = formula.definition
        if self.rank(formula) < rank:
            yield from self.between(self.parentheses, (formula, 0))
            return
        match formula:
            case Operand(address):
                yield Mention(address, leading)
            case Constant(value):
                yield self.constant(value)
            case Sum((first, *others)):
                yield from self.write(first, SUM, leading=leading)
                for part in others:
                    yield self.plus
                    yield from self.write(part, PRODUCT, leading=False)
            case Difference((left, right)):
                yield from self.write(left, SUM, leading=leading)
                yield self.minus
                yield from self.write(right, PRODUCT, leading=False)
            case Negation((of,)):
                yield self.negative
                yield from self.write(of, PRODUCT, leading=False)
            case Product(factors):
                factors = _with_squares(factors) if self.square else factors
                yield from self.write(factors[0], PRODUCT, leading=leading)
                for before, factor in pairwise(factors):
                    yield self.sign(before, factor)
                    yield from self.write(factor, POWER, leading=False)
            case Quotient((numerator, denominator)) if self.is_stacked(formula):
                assert self.fraction is not None
                yield from self.between(self.fraction, (numerator, 0), (denominator, 0))
            case Quotient((numerator, denominator)):
                yield from self.write(numerator, PRODUCT, leading=leading)
                yield self.over
                yield from self.write(denominator, POWER, leading=False)
            case Power((base, exponent)) if not formula.is_square:
                yield from self.between(self.power, (base, ATOM), (exponent, 0))
            case Power((base, _)) if self.square is not None:
                yield from self.between(self.square, (base, ATOM))
            case Power((base, _)):
                yield from self.between(("", self.times, ""), (base, POWER), (base, POWER))
            case Function(arguments, name):
                for piece in self.functions[name]:
                    if isinstance(piece, str):
                        yield piece
                    else:
                        yield from self.arguments(piece, arguments)

    def rank(self, formula: Expression) -> int:
        """How tightly the written formula binds."""
        if isinstance(formula, Quotient) and self.is_stacked(formula):
            return POWER
        if isinstance(formula, Power) and formula.is_square and not self.square:
            return PRODUCT
        return formula.rank

    def is_stacked(self, quotient: Quotient) -> bool:
        return self.fraction is not None and quotient.parts[1].rank < ATOM

    def sign(self, before: Expression, factor: Expression) -> str:
        if self.half is not None and before == Constant(0.5):
            return self.half
        if self.scalar_times is not None and not any("/" in text for text in operands(before)):
            return self.scalar_times
        if self.juxtaposed is None:
            return self.times
        weight = isinstance(factor, Operand) and factor.address.startswith(self.juxtaposed_kinds)
        return self.juxtaposed if self.rank(factor) < PRODUCT or weight else self.times

    def between(self, texts: tuple[str, ...], *parts: tuple[Expression, int]) -> Iterator[Token]:
        """Parts, each with its least rank, between texts, which stand for parentheses."""
        for text, (part, rank) in zip(texts, parts, strict=False):
            yield text
            yield from self.write(part, rank, leading=not rank)
        yield texts[-1]

    def arguments(self, index: int, arguments: tuple[Expression, ...]) -> Iterator[Token]:
        chosen = arguments if index == ALL else (arguments[index],)
        for place, argument in enumerate(chosen):
            yield from (self.comma,) if place else ()
            yield from self.write(argument, self.argument_rank, leading=True)


def tokens(
    formula: Expression, notation: Notation, rank: int = 0, *, leading: bool = True
) -> tuple[Token, ...]:
    """Write an expression; in parentheses if it binds less tightly than `rank`."""
    return tuple(notation.write(formula, rank, leading=leading))


def terms(formula: Expression) -> tuple[tuple[str, Expression], ...]:
    """The terms of a formula, each with the operator before it: `+`, `-` or nothing."""
    match formula:
        case Sum(parts):
            return tuple(("+" if index else "", part) for index, part in enumerate(parts))
        case Difference((left, right)):
            return (*terms(left), ("-", right))
    return (("", formula),)


def _with_squares(factors: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """½·d·d as ½·d²: halving is exact, so it makes no difference which product is taken first."""
    match factors:
        case (Constant(0.5), one, other) if one == other:
            return factors[0], one**2
    return factors
