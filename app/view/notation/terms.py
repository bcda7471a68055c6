"""What a formula is made of: terms, each written twice, in symbols and with places for numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.backprop.steps import Step
from app.view.notation.latex import symbol
from app.view.rendering.step_view import Quantity, Scene


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


class Writer:
    """Writes the operands of one step, in symbols and as placeholders."""

    def __init__(self, scene: Scene, step: Step) -> None:
        self.scene, self.step = scene, step
        self.activation = scene.shape.activations[step.layer - 1]
        self.is_output = step.layer == scene.shape.depth - 1

    def symbol(self, index: int) -> str:
        return symbol(self.step.operands[index], self.scene.shape.depth)

    def number(self, index: int, *, leading: bool = False) -> str:
        return place(self.scene.operand(self.step.operands[index]), leading=leading)

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
