"""What an equation in matrices is made of: a matrix under its name, and the operators around it."""

from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.addresses import address
from app.backprop.network import Shape
from app.view.notation.formulas import mathml
from app.view.notation.latex import whole
from app.view.notation.matrix_grids import Grid, Grids

# How an operator is written in a line about shapes.
_PLAIN = {
    r"\cdot": "·",
    r"\odot": "⊙",
    r"\circ": "∘",
    r"\ast": "∗",
    r"\sum": "Σ",
    "/": "/",
    "+": "+",
    "-": "−",
    "=": "=",
}


@dataclass(frozen=True, slots=True)
class MatrixTerm:
    """A matrix under its name, and what stands before and after it.

    Attributes:
        sign: the operator before it, in plain text.
        grid: the matrix; None where the name says all.
    """

    before: Markup
    sign: str
    name: Markup
    grid: Grid | None
    after: Markup


Line = tuple[MatrixTerm, ...]


class MatrixWriter:
    """The wholes of one layer by name, and terms made of them."""

    def __init__(self, shape: Shape, layer: int, grids: Grids) -> None:
        self.shape, self.layer, self.grids = shape, layer, grids
        self.activation = shape.activations[layer - 1]
        self.is_output = layer == shape.depth - 1
        self.source = address("out", layer - 1)
        self.weights, self.bias = address("weight", layer - 1), address("bias", layer - 1)

    def here(self, kind: str) -> str:
        return address(kind, self.layer)

    def symbol(self, of: str) -> str:
        return whole(of, self.shape.depth)

    def term(self, before: str, grid: Grid, after: str = "", name: str = "") -> MatrixTerm:
        written = name or self.symbol(grid.of)
        sign = _PLAIN.get(before.split(" ")[0], "")
        return MatrixTerm(mathml(before), sign, mathml(written), grid, mathml(after))

    def row(self, before: str, of: str, after: str = "", name: str = "") -> MatrixTerm:
        return self.term(before, self.grids.row(of), after, name)

    def gives(self, of: str, name: str = "") -> MatrixTerm:
        return self.term("=", self.grids.row(of, "gives"), name=name)


def transposed(latex: str) -> str:
    return rf"{latex}^{{\mathsf{{T}}}}"
