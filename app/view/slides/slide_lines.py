"""The deck's formulas as its slides set them, in symbols and with the numbers in.

A step has its formula already (`formulas`); here is what the slides write around the steps: chains
of derivatives, δ with its factors written out, matrices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from app.backprop.addresses import address, parse
from app.backprop.steps import Step
from app.view.notation.formulas import (
    Formula,
    Term,
    formula,
    formula_of,
    mathml,
    placeholder,
    terms_of,
)
from app.view.notation.latex import INLINE, STACKED, derivative, symbol
from app.view.notation.numpy_lines import numpy_line
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class SlideLine:
    """A formula on the board: that of a step, or pieces that stand in a row and may wrap.

    Attributes:
        of: what it is about, as an address or a whole layer.
        mark: (1), (2) or (3), as the slides count the factors of a chain.
        formula, value: of a step; the value is None while it is not known yet.
        pieces: of any other line.
        code: the line in NumPy, where there is one.
    """

    of: str
    mark: str = ""
    formula: Formula | None = None
    value: Quantity | None = None
    pieces: tuple[Markup, ...] = ()
    code: str = ""


CHAIN = r" \times "
Cells = Sequence[Sequence[str]]  # LaTeX, row by row


class Board:
    """Writes lines for a scene."""

    def __init__(self, step_view: StepView) -> None:
        self.step_view, self.shape, self.depth = step_view, step_view.shape, step_view.shape.depth
        self._made = {step.result: step for step in step_view.steps}

    # Names and numbers, as LaTeX.

    def name(self, text: str, fraction: str = INLINE) -> str:
        return symbol(text, self.depth, fraction)

    def number(self, text: str, *, leading: bool = True) -> str:
        """The place of a number as steps read it: weights are those before the update."""
        return placeholder(self.step_view.operand(text), leading=leading)

    def step(self, text: str) -> Step:
        """The step that makes a quantity."""
        return self._made[text]

    def joint(self, layer: int) -> bool:
        """Whether δ of a layer is made without the slopes (1) and (2)."""
        return self.shape.fused_delta and layer == self.depth - 1

    # Lines.

    def made(self, text: str, mark: str = "") -> SlideLine:
        """The formula of the step that makes a quantity, and its value once it is known."""
        step = self.step(text)
        value = self.step_view.computed(text)
        return SlideLine(text, mark, formula=formula(self.step_view, step), value=value)

    def chain(self, of: str, *pieces: str, mark: str = "", code: str = "") -> SlideLine:
        """Pieces of LaTeX in a row."""
        return SlideLine(of, mark, pieces=tuple(mathml(piece) for piece in pieces), code=code)

    def delta(self, unit: tuple[int, int]) -> SlideLine:
        """δ with both factors written out, as slides 2 and 3 do: (…) · out (1 − out)."""
        text = address("delta", *unit)
        if self.joint(unit[0]):
            return self.made(text)
        first = terms_of(self.step_view, self.step(address("error_slope", *unit)))
        second = terms_of(self.step_view, self.step(address("activation_slope", *unit)))
        if self.shape.activations[unit[0] - 1] == "tanh":
            second = _bracketed(second)
        terms = [*_bracketed(first), Term(r"\cdot", r"\cdot", operator=True), *second]
        written = formula_of(self.name(text), self.name(text), terms)
        return SlideLine(text, formula=written, value=self.step_view.result(self.step(text)))

    def factor(self, weight: str, mark: str) -> SlideLine:
        """∂net/∂w: the value that comes along the weight."""
        _, (layer, source, target) = parse(weight)
        carried = address("out", layer, source)
        net = self.name(address("net", layer + 1, target))
        left = derivative(net, self.name(weight))
        right = rf"= {self.name(carried)}"
        return self.chain(carried, left, right, f"= {self.number(carried)}", mark=mark)

    def chain_rule(self, weight: str) -> SlideLine:
        """∂E/∂w as three slopes in a row (slides 2 and 3)."""
        _, (layer, source, target) = parse(weight)
        unit = (layer + 1, target)
        out, net = self.name(address("out", *unit)), self.name(address("net", *unit))
        gradient = address("weight_gradient", layer, source, target)
        left = derivative("E", self.name(weight))
        right = (("E", out), (out, net), (net, self.name(weight)))
        return self.chain(
            gradient, left, "= " + r" \times ".join(derivative(*pair) for pair in right)
        )

    def braced(self, layer: int, unit: int) -> SlideLine:
        """∂E/∂w of the weight from the first unit before, a brace under δ (slide 3)."""
        delta = address("delta", layer, unit)
        first = terms_of(self.step_view, self.step(address("error_slope", layer, unit)))
        second = terms_of(self.step_view, self.step(address("activation_slope", layer, unit)))
        row = " ".join(term.symbols for term in [*_bracketed(first), *second])
        gradient = address("weight_gradient", layer - 1, 0, unit)
        carried = address("out", layer - 1, 0)
        return self.chain(
            gradient,
            self.name(gradient, STACKED),
            rf"= \underbrace{{{row}}}_{{{self.name(delta)}}} \, {self.name(carried)}",
            rf"= {self.number(delta)} \cdot {self.number(carried, leading=False)}",
        )

    # Matrices.

    def names(self, rows: Sequence[Sequence[str]]) -> str:
        return matrix([[self.name(text) for text in row] for row in rows])

    def numbers(self, rows: Sequence[Sequence[str]]) -> str:
        return matrix([[self.number(text) for text in row] for row in rows])

    def new_numbers(self, rows: Sequence[Sequence[str]]) -> str:
        """Weights after the update."""
        results = [[self.step_view.result(self.step(text)) for text in row] for row in rows]
        return matrix([[placeholder(result) for result in row] for row in results])

    def weights(self, layer: int, kind: str = "weight") -> tuple[tuple[str, ...], ...]:
        """The addresses of the weights that lead from a layer, a row per source."""
        sources, targets = self.shape.layers[layer : layer + 2]
        return tuple(
            tuple(address(kind, layer, source, target) for target in range(targets))
            for source in range(sources)
        )

    def layer(self, kind: str, layer: int) -> tuple[tuple[str, ...], ...]:
        """The addresses of a layer's units, as a matrix of one row."""
        return (tuple(address(kind, layer, unit) for unit in range(self.shape.layers[layer])),)

    def products(self, layer: int) -> str:
        """The matrix of δ times out (slides 2 to 4)."""
        return matrix(
            [
                [
                    rf"{self.name(address('delta', layer + 1, target))} \, "
                    rf"{self.name(address('out', layer, source))}"
                    for target in range(self.shape.layers[layer + 1])
                ]
                for source in range(self.shape.layers[layer])
            ]
        )

    def code(self, kind: str, layer: int) -> str:
        return numpy_line(self.shape, kind, layer)


def matrix(rows: Cells) -> str:
    """A matrix in parentheses, as the deck sets it."""
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def _bracketed(terms: Sequence[Term]) -> list[Term]:
    """A row of terms in parentheses."""
    first, *others = terms
    row = [replace(first, symbols=f"({first.symbols}", numbers=f"({first.numbers}"), *others]
    last = row[-1]
    return [*row[:-1], replace(last, symbols=f"{last.symbols})", numbers=f"{last.numbers})")]
