"""Rows, columns and matrices of quantities, as slide 4 draws them: with brackets and a shape."""

from dataclasses import dataclass

from app.backprop.addresses import symbol
from app.view.rendering.step_view import Quantity, StepView

SCALAR = "1"


@dataclass(frozen=True, slots=True)
class GridCell:
    """One number of a matrix; `value` is None where it has not been computed yet."""

    address: str
    name: str
    value: Quantity | None
    marks: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix with its numbers.

    Attributes:
        of: what it is the whole of: `weight/0`, `delta/2`.
        shape: rows × columns, or 1 of a single number.
        rows: the cells.
        role: which of its cells an element of the result is made from: `by-row`, `by-column`,
            `turned` (by the row of the column's number), `each` (in the same place), `whole`; or
            `gives`, of the result.
        transposed: whether it is yet to be transposed.
    """

    of: str
    shape: str
    rows: tuple[tuple[GridCell, ...], ...]
    role: str
    transposed: bool = False

    @property
    def scalar(self) -> bool:
        return self.shape == SCALAR

    @property
    def written_shape(self) -> str:
        return f"({self.shape})ᵀ" if self.transposed else self.shape


class Grids:
    """Makes the grids of one block: what it computes is in `makes`, by the addresses.

    `at` is what is explained and the way down into it. The cells of the one are selected, those
    of the other marked as what it is made from; so are, in a block that computes something of it,
    those that this is computed from.
    """

    def __init__(
        self, step_view: StepView, at: tuple[str, ...], makes: dict[str, tuple[str, ...]]
    ) -> None:
        self.step_view, self.at = step_view, at
        self._from = {text for each in at for text in makes.get(each, ())}

    def row(self, of: str, role: str = "by-column", *, new: bool = False) -> Grid:
        """A layer's values side by side: 1 × units."""
        return self._grid(of, [self._units(of)], role, new=new)

    def column(self, of: str, role: str = "by-row") -> Grid:
        """A layer's values one below the other: the row, transposed."""
        return self._grid(of, [[text] for text in self._units(of)], role)

    def matrix(
        self, of: str, role: str = "", *, new: bool = False, transposed: bool = False
    ) -> Grid:
        """Weights or their gradients, rows the source; `transposed` if that is still to be done."""
        return self._grid(of, self._weights(of), role, new=new, transposed=transposed)

    def turned(self, of: str, role: str = "by-column") -> Grid:
        """The same, transposed."""
        return self._grid(of, [list(row) for row in zip(*self._weights(of), strict=True)], role)

    def bias(self, of: str, role: str = "whole", *, new: bool = False) -> Grid:
        """A layer's biases or their gradients: one number, or a row with one for each unit."""
        if self.step_view.shape.bias == "shared":
            return self.scalar(of, role, new=new)
        return self.row(of, "by-column" if role == "whole" else role, new=new)

    def scalar(self, of: str, role: str = "whole", *, new: bool = False) -> Grid:
        """A single number, without brackets."""
        return Grid(of, SCALAR, ((self._cell(of, new=new),),), role)

    def _units(self, of: str) -> list[str]:
        shape = self.step_view.shape
        kind, *layer = of.split("/")
        if kind in ("target", "output_error"):
            count = shape.layers[-1]
        else:
            count = shape.layers[int(layer[0]) + kind.startswith("bias")]
        return [f"{of}/{unit}" for unit in range(count)]

    def _weights(self, of: str) -> list[list[str]]:
        layer = int(of.rpartition("/")[2])
        sources, targets = self.step_view.shape.layers[layer : layer + 2]
        return [[f"{of}/{i}/{j}" for j in range(targets)] for i in range(sources)]

    def _grid(
        self,
        of: str,
        addresses: list[list[str]],
        role: str,
        *,
        new: bool = False,
        transposed: bool = False,
    ) -> Grid:
        rows = tuple(tuple(self._cell(text, new=new) for text in row) for row in addresses)
        return Grid(of, f"{len(rows)}×{len(rows[0])}", rows, role, transposed)

    def _cell(self, text: str, *, new: bool) -> GridCell:
        parameter = text.startswith(("weight/", "bias/"))
        value, highlight = self._parameter(text, new=new) if parameter else self._quantity(text)
        chosen = ""
        if self.at[:1] == (text,):
            chosen = "selected"
        elif text in self._from or text in self.at[1:]:
            chosen = "selected-from"
        marks = " ".join(filter(None, (highlight, chosen)))
        return GridCell(text, symbol(text, self.step_view.shape.depth), value, marks)

    def _quantity(self, text: str) -> tuple[Quantity | None, str]:
        return self.step_view.quantity(text), self.step_view.highlight(text)

    def _parameter(self, text: str, *, new: bool) -> tuple[Quantity | None, str]:
        """The old one stays as it was read; the new one is there once its update is taken."""
        step_view = self.step_view
        if not new:
            return step_view.operand(text), "reads" if text in step_view.operands else ""
        updated = step_view.compiled.position[text] < step_view.cursor
        value = step_view.quantity(text) if updated else None
        return value, "makes" if text in step_view.results else ""
