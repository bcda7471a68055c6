"""Rows, columns and matrices of quantities, drawn as on slide 4: with brackets and a shape."""

from dataclasses import dataclass

from app.backprop.addresses import symbol
from app.view.rendering.step_view import Quantity, StepView

SCALAR = "1"


@dataclass(frozen=True, slots=True)
class GridCell:
    """One number of a matrix; `value` is None until it has been computed."""

    address: str
    name: str
    value: Quantity | None
    marks: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix with its numbers."""

    of: str  # the address of the whole layer: `weight/0`, `delta/2`
    shape: str  # rows × columns, or 1 for a single number
    rows: tuple[tuple[GridCell, ...], ...]
    # A class that says which cells belong to an element of the result: `by-row`, `by-column`,
    # `turned` (the row with the number of the element's column), `each` (the same place) or
    # `whole`. `gives` marks the result.
    role: str
    transposed: bool = False  # whether it has still to be transposed

    @property
    def scalar(self) -> bool:
        return self.shape == SCALAR

    @property
    def shape_text(self) -> str:
        return f"({self.shape})ᵀ" if self.transposed else self.shape


class GridBuilder:
    """Builds the grids of one block of steps.

    The explained quantity is selected. So that its origin can be seen, the operands on the
    derivation path are marked, and those of every quantity on it that the block computes.

    Args:
        operands: by the address of each result of the block, the addresses of its operands.
    """

    def __init__(
        self,
        step_view: StepView,
        path: tuple[str, ...],
        operands: dict[str, tuple[str, ...]],
    ) -> None:
        self.step_view, self.path = step_view, path
        self._operands = {text for address in path for text in operands.get(address, ())}

    def row(self, of: str, role: str = "by-column", *, new: bool = False) -> Grid:
        """A layer's values in a row: 1 × units."""
        return self._grid(of, [self._unit_addresses(of)], role, new=new)

    def column(self, of: str, role: str = "by-row") -> Grid:
        """A layer's values in a column: the row, transposed."""
        return self._grid(of, [[text] for text in self._unit_addresses(of)], role)

    def matrix(
        self, of: str, role: str = "", *, new: bool = False, transposed: bool = False
    ) -> Grid:
        """Weights or their gradients, a row for each source."""
        return self._grid(of, self._weight_addresses(of), role, new=new, transposed=transposed)

    def transpose(self, of: str, role: str = "by-column") -> Grid:
        """The transpose of a matrix."""
        return self._grid(
            of, [list(row) for row in zip(*self._weight_addresses(of), strict=True)], role
        )

    def bias(self, of: str, role: str = "whole", *, new: bool = False) -> Grid:
        """A layer's biases or their gradients: one number, or a row with one for each unit."""
        if self.step_view.shape.bias == "shared":
            return self.scalar(of, role, new=new)
        return self.row(of, "by-column" if role == "whole" else role, new=new)

    def scalar(self, of: str, role: str = "whole", *, new: bool = False) -> Grid:
        """A single number, without brackets."""
        return Grid(of, SCALAR, ((self._cell(of, new=new),),), role)

    def _unit_addresses(self, of: str) -> list[str]:
        shape = self.step_view.shape
        kind, *layer = of.split("/")
        if kind in ("target", "output_error"):
            count = shape.layers[-1]
        else:
            count = shape.layers[int(layer[0]) + kind.startswith("bias")]
        return [f"{of}/{unit}" for unit in range(count)]

    def _weight_addresses(self, of: str) -> list[list[str]]:
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
        step_view, parameter = self.step_view, text.startswith(("weight/", "bias/"))
        if not parameter:
            value, highlight = step_view.quantity(text), step_view.highlight(text)
        elif new:
            value = step_view.computed(text)
            highlight = "makes" if text in step_view.results else ""
        else:
            value = step_view.operand(text)
            highlight = "reads" if text in step_view.operands else ""
        selection = ""
        if self.path[:1] == (text,):
            selection = "selected"
        elif text in self._operands or text in self.path[1:]:
            selection = "selected-from"
        marks = " ".join(filter(None, (highlight, selection)))
        return GridCell(text, symbol(text, step_view.shape.depth), value, marks)
