"""The deck's formulas as the slides write them, in symbols and in numbers.

A step has its formula already (`formulas`). This module adds what the slides write around the
steps: chains of derivatives, δ with its factors written out, and matrices.
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
from app.view.notation.latex import INLINE, STACKED, derivative, layer_symbol, symbol
from app.view.notation.numpy_lines import numpy_line
from app.view.rendering.step_view import Quantity, StepView

CHAIN = r" \times "
Rows = Sequence[Sequence[str]]  # addresses or LaTeX


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

    # Symbols and numbers, as LaTeX.

    def symbol(self, text: str, fraction: str = INLINE) -> str:
        return symbol(text, self.shape.depth, fraction)

    def layer_symbol(self, kind: str, layer: int) -> str:
        return layer_symbol(address(kind, layer), self.shape.depth)

    def number(self, text: str, *, leading: bool = True) -> str:
        """The number that steps use: weights are those from before the update."""
        return placeholder(self.step_view.operand(text), leading=leading)

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
        """Pieces of LaTeX in a row."""
        return SlideLine(of, mark, pieces=tuple(mathml(piece) for piece in pieces), code=code)

    def delta(self, layer: int, unit: int) -> SlideLine:
        """δ with both factors written out, as on slides 2 and 3: (…) · out (1 − out)."""
        text = address("delta", layer, unit)
        if self.is_fused(layer):
            return self.step_line(text)
        first, second = self._delta_factors(layer, unit)
        if self.shape.activations[layer - 1] == "tanh":
            second = _in_parentheses(second)
        terms = [*_in_parentheses(first), Term(r"\cdot", r"\cdot", operator=True), *second]
        line = formula_of(self.symbol(text), self.symbol(text), terms)
        return SlideLine(text, formula=line, value=self.step_view.result(self.step(text)))

    def _delta_factors(self, layer: int, unit: int) -> tuple[list[Term], list[Term]]:
        first, second = (
            terms_of(self.step_view, self.step(address(kind, layer, unit)))
            for kind in ("error_slope", "activation_slope")
        )
        return first, second

    def factor(self, weight: str, mark: str) -> SlideLine:
        """∂net/∂w: the out that the weight carries."""
        _, (layer, source, target) = parse(weight)
        out = address("out", layer, source)
        left = derivative(self.symbol(address("net", layer + 1, target)), self.symbol(weight))
        return self.chain(out, left, rf"= {self.symbol(out)}", f"= {self.number(out)}", mark=mark)

    def chain_rule(self, weight: str) -> SlideLine:
        """∂E/∂w as a product of three derivatives (slides 2 and 3)."""
        _, (layer, source, target) = parse(weight)
        out, net = (self.symbol(address(kind, layer + 1, target)) for kind in ("out", "net"))
        factors = (("E", out), (out, net), (net, self.symbol(weight)))
        return self.chain(
            address("weight_gradient", layer, source, target),
            derivative("E", self.symbol(weight)),
            "= " + CHAIN.join(derivative(*factor) for factor in factors),
        )

    def brace(self, layer: int, unit: int) -> SlideLine:
        """∂E/∂w of the weight from the first unit of the layer before, with a brace under δ (slide 3)."""
        delta, out = address("delta", layer, unit), address("out", layer - 1, 0)
        gradient = address("weight_gradient", layer - 1, 0, unit)
        first, second = self._delta_factors(layer, unit)
        row = " ".join(term.symbols for term in [*_in_parentheses(first), *second])
        return self.chain(
            gradient,
            self.symbol(gradient, STACKED),
            rf"= \underbrace{{{row}}}_{{{self.symbol(delta)}}} \, {self.symbol(out)}",
            rf"= {self.number(delta)} \cdot {self.number(out, leading=False)}",
        )

    # Matrices.

    def symbols(self, rows: Rows) -> str:
        return matrix([[self.symbol(text) for text in row] for row in rows])

    def numbers(self, rows: Rows) -> str:
        return matrix([[self.number(text) for text in row] for row in rows])

    def new_numbers(self, rows: Rows) -> str:
        """Weights after the update."""
        results = [[self.step_view.result(self.step(text)) for text in row] for row in rows]
        return matrix([[placeholder(result) for result in row] for row in results])

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
        return matrix(
            [
                [rf"{self.symbol(delta)} \, {self.symbol(out)}" for delta in deltas]
                for deltas in self.units("delta", layer + 1)
                for out in self.units("out", layer)[0]
            ]
        )

    def code(self, kind: str, layer: int) -> str:
        return numpy_line(self.shape, kind, layer)


def matrix(rows: Rows) -> str:
    """A matrix of LaTeX in parentheses, as the deck writes it."""
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def _in_parentheses(terms: Sequence[Term]) -> list[Term]:
    first, *others = terms
    row = [replace(first, symbols=f"({first.symbols}", numbers=f"({first.numbers}"), *others]
    last = row[-1]
    return [*row[:-1], replace(last, symbols=f"{last.symbols})", numbers=f"{last.numbers})")]
