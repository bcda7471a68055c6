"""The deck's formulas as the slides write them, in symbols and in numbers.

A step has its formula already (`formulas`). This module adds what the slides write around the
steps: chains of derivatives, δ with its factors written out, and matrices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import add

from markupsafe import Markup

from app.backprop.addresses import address, parse
from app.backprop.expressions import Expression, Mention, Product, terms
from app.backprop.steps import Step
from app.view.notation.formulas import (
    Formula,
    formula,
    in_symbols,
    inner_mathml,
    math,
    placeholder,
    written,
)
from app.view.notation.latex import INLINE, STACKED, layer_symbol, new, symbol
from app.view.notation.mathml import (
    CHAINED,
    EQUALS,
    ERROR,
    MINUS,
    PLUS,
    SPACE,
    TIMES,
    derivative,
    matrix,
    underbrace,
)
from app.view.notation.notations import MATHML, MATHML_NUMBERS
from app.view.rendering.step_view import Quantity, StepView

Rows = Sequence[Sequence[str]]  # addresses


@dataclass(frozen=True, slots=True)
class SlideLine:
    """A formula in a section: that of a step, or pieces in a row that may wrap."""

    of: str  # the address that it is about, of a quantity or of a whole layer
    mark: str = ""  # (1), (2) or (3), as the slides number the factors of a chain
    formula: Formula | None = None  # of a step
    value: Quantity | None = None  # of that step; None until it is known
    pieces: tuple[Markup, ...] = ()  # of any other line
    code: str = ""  # the line in NumPy, if there is one


class LineWriter:
    """Writes the lines for a step view."""

    def __init__(self, step_view: StepView) -> None:
        self.step_view, self.shape = step_view, step_view.shape
        self.last = self.shape.depth - 1
        self._steps = {step.result: step for step in step_view.steps}

    # Symbols and numbers, as parts in MathML.

    def symbol(self, text: str, fraction: str = INLINE) -> str:
        return inner_mathml(symbol(text, self.shape, fraction))

    def layer_symbol(self, kind: str, layer: int) -> str:
        return inner_mathml(layer_symbol(address(kind, layer), self.shape))

    def new_layer_symbol(self, kind: str, layer: int) -> str:
        """The symbol of a layer's weights or biases after the update."""
        return inner_mathml(new(layer_symbol(address(kind, layer), self.shape)))

    def derivative(self, of: str, by: str) -> str:
        """∂of/∂by, of two addresses; `E` is the error."""
        return derivative(ERROR if of == "error" else self.symbol(of), self.symbol(by))

    def number(self, text: str, *, leading: bool = True) -> str:
        """The number that steps use: weights are those from before the update."""
        return placeholder(self.step_view, Mention(text, leading))

    def multiplied(self, *addresses: str) -> str:
        """The product of the numbers."""
        return TIMES.join(self.number(each, leading=not i) for i, each in enumerate(addresses))

    def in_symbols(self, expression: Expression) -> str:
        return in_symbols(expression, self.shape)

    # Lines.

    def step(self, text: str) -> Step:
        """The step that computes a quantity."""
        return self._steps[text]

    def is_fused(self, layer: int) -> bool:
        """Whether δ of a layer is computed without the slopes (1) and (2)."""
        return self.shape.fused_delta and layer == self.last

    def step_line(self, text: str, mark: str = "") -> SlideLine:
        """The formula of the step that computes a quantity, and its value once it is known."""
        step_formula = formula(self.step_view, self.step(text))
        return SlideLine(text, mark, formula=step_formula, value=self.step_view.computed(text))

    def layer_lines(self, kind: str, layer: int) -> tuple[SlideLine, ...]:
        """The formula of every unit of a layer."""
        return tuple(self.step_line(text) for text in self.units(kind, layer)[0])

    def chain(self, of: str, *pieces: str, mark: str = "", code: str = "") -> SlideLine:
        """Pieces in MathML in a row."""
        return SlideLine(of, mark, pieces=tuple(map(math, pieces)), code=code)

    def sum_line(self, of: str, left: str, addends: Sequence[str]) -> SlideLine:
        """A sum, with a piece for each of its addends in MathML."""
        signs = (EQUALS, *[PLUS] * len(addends))
        return self.chain(of, left, *map(add, signs, addends))

    def deltas(self, layer: int) -> tuple[SlideLine, ...]:
        """δ of every unit with both factors written out, as on slides 2 and 3: (…) · out (1 − out)."""
        if self.is_fused(layer):
            return self.layer_lines("delta", layer)
        return tuple(
            SlideLine(
                text,
                formula=formula(self.step_view, self.step(text), self._delta_in_full(layer, i)),
                value=self.step_view.result(self.step(text)),
            )
            for i, text in enumerate(self.units("delta", layer)[0])
        )

    def _delta_in_full(self, layer: int, unit: int) -> Expression:
        """δ with its two factors written out: (out − target) · out · (1 − out)."""
        first, second = (
            self.step(address(kind, layer, unit)).expression
            for kind in ("error_slope", "activation_slope")
        )
        return product(first, second)

    def factor(self, weight: str, mark: str) -> SlideLine:
        """∂net/∂w: the out that the weight carries."""
        _, (layer, source, target) = parse(weight)
        out = address("out", layer, source)
        left = self.derivative(address("net", layer + 1, target), weight)
        return self.chain(
            out, left, EQUALS + self.symbol(out), EQUALS + self.number(out), mark=mark
        )

    def chain_of(self, *addresses: str) -> str:
        """The product of the derivatives of each address by the next."""
        return CHAINED.join(self.derivative(*pair) for pair in pairwise(addresses))

    def chain_rule(self, weight: str) -> SlideLine:
        """∂E/∂w as a product of three derivatives (slides 2 and 3)."""
        _, (layer, source, target) = parse(weight)
        out, net = (address(kind, layer + 1, target) for kind in ("out", "net"))
        return self.chain(
            address("weight_gradient", layer, source, target),
            self.derivative("error", weight),
            EQUALS + self.chain_of("error", out, net, weight),
        )

    def brace(self, layer: int, unit: int) -> SlideLine:
        """∂E/∂w of the weight from the first unit of the layer before, with a brace under δ (slide 3)."""
        delta, out = address("delta", layer, unit), address("out", layer - 1, 0)
        gradient = address("weight_gradient", layer - 1, 0, unit)
        braced = underbrace(self.in_symbols(self._delta_in_full(layer, unit)), self.symbol(delta))
        return self.chain(
            gradient,
            self.symbol(gradient, STACKED),
            EQUALS + braced + SPACE + self.symbol(out),
            EQUALS + self.multiplied(delta, out),
        )

    # Matrices.

    def symbols(self, rows: Rows) -> str:
        return matrix([[self.symbol(text) for text in row] for row in rows])

    def numbers(self, rows: Rows) -> str:
        return matrix([[self.number(text) for text in row] for row in rows])

    def new_numbers(self, rows: Rows) -> str:
        """Weights after the update."""
        results = [[self.step_view.result(self.step(text)) for text in row] for row in rows]
        return matrix([[str(result.mathml) for result in row] for row in results])

    def named_matrix(self, of: str, rows: Rows) -> SlideLine:
        """A matrix by its name, in symbols and in numbers."""
        name = inner_mathml(layer_symbol(of, self.shape))
        return self.chain(of, name, EQUALS + self.symbols(rows), EQUALS + self.numbers(rows))

    def in_matrices(self, step: Step, *, numbers: bool) -> tuple[str, ...]:
        """The terms of a step for its whole layer: a matrix for each operand of which every unit or
        weight has its own."""

        def write(mention: Mention) -> str:
            kind, indices = parse(mention.address)
            if not indices:
                return self.number(mention.address) if numbers else self.symbol(mention.address)
            rows = self.matrix_of(kind, *indices)
            return self.numbers(rows) if numbers else self.symbols(rows)

        notation = MATHML_NUMBERS if numbers else MATHML
        signs = {"": "", "+": PLUS, "-": MINUS}
        return tuple(
            signs[sign] + written(part, notation, write, first=not sign)
            for sign, part in terms(step.expression)
        )

    def matrix_of(self, kind: str, *indices: int) -> Rows:
        """The matrix that a quantity belongs to."""
        if kind == "target":
            return self.targets()
        return self.weights(indices[0], kind) if len(indices) == 3 else self.units(kind, indices[0])

    def weights(self, layer: int, kind: str = "weight") -> Rows:
        """The addresses of the weights that lead from a layer, a row for each source."""
        sources, targets = self.shape.layers[layer : layer + 2]
        return [[address(kind, layer, i, j) for j in range(targets)] for i in range(sources)]

    def units(self, kind: str, layer: int) -> Rows:
        """The addresses of a layer's units, as a matrix of one row."""
        return [[address(kind, layer, unit) for unit in range(self.shape.layers[layer])]]

    def targets(self) -> Rows:
        return [[address("target", unit) for unit in range(self.shape.layers[-1])]]

    def products(self, layer: int) -> str:
        """The matrix of the products of δ and out (slides 2 to 4)."""
        [deltas], [outs] = self.units("delta", layer + 1), self.units("out", layer)
        return matrix(
            [[self.symbol(delta) + SPACE + self.symbol(out) for delta in deltas] for out in outs]
        )


def product(first: Expression, second: Expression) -> Product:
    """The product, with the factors of the second one by one."""
    return Product((first, *(second.parts if isinstance(second, Product) else (second,))))
