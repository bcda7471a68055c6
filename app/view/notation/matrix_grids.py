"""Rows, columns and matrices of quantities, drawn as on slide 4: with brackets and a shape."""

from dataclasses import dataclass

from app.backprop.addresses import parse
from app.backprop.quantity_names import symbol
from app.view.rendering.step_view import Quantity, StepView

SCALAR = "1"


@dataclass(frozen=True, slots=True)
class GridCell:
    """One number of a matrix; `value` is None until it has been computed."""

    address: str
    name: str
    value: Quantity | None
    marks: str
    given: bool  # whether it is given at the start of the iteration


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

    def grid(
        self,
        of: str,
        role: str = "",
        *,
        new: bool = False,
        turned: bool = False,
        transposed: bool = False,
    ) -> Grid:
        """A layer's values in a row, its weights with a row for each source, or a single number
        without brackets.

        Args:
            role: that of an operand of elementwise arithmetic, if it is empty.
            new: whether a parameter is the one after its update.
            turned: whether the transpose is drawn: a column, or a row for each target.
            transposed: whether it has still to be transposed.
        """
        usual, addresses = self._addresses(of)
        rows = tuple(tuple(self._cell(text, new=new) for text in row) for row in addresses)
        rows = tuple(zip(*rows, strict=True)) if turned else rows
        shape = SCALAR if usual == "whole" else f"{len(rows)}×{len(rows[0])}"
        return Grid(of, shape, rows, role or usual, transposed)

    def _addresses(self, of: str) -> tuple[str, list[list[str]]]:
        """The usual role of a quantity, and the addresses of its numbers."""
        (kind, indices), shape = parse(of), self.step_view.shape
        is_bias = kind.startswith("bias")
        if kind in ("target", "output_error"):
            count = shape.layers[-1]
        elif not indices or (is_bias and shape.bias == "shared"):
            return "whole", [[of]]
        elif kind.startswith("weight"):
            sources, targets = shape.layers[indices[0] : indices[0] + 2]
            return "each", [[f"{of}/{i}/{j}" for j in range(targets)] for i in range(sources)]
        else:
            count = shape.layers[indices[0] + is_bias]
        return "by-column", [[f"{of}/{unit}" for unit in range(count)]]

    def _cell(self, text: str, *, new: bool) -> GridCell:
        step_view, parameter = self.step_view, text.startswith(("weight/", "bias/"))
        if not parameter:
            value, highlight = step_view.quantity(text), step_view.highlight(text)
        elif new:
            value = step_view.computed(text)
            highlight = "result" if text in step_view.results else ""
        else:
            value = step_view.operand(text)
            highlight = "operand" if text in step_view.operands else ""
        selection = ""
        if self.path[:1] == (text,):
            selection = "selected"
        elif text in self._operands or text in self.path[1:]:
            selection = "selected-from"
        marks = " ".join(filter(None, (highlight, selection)))
        given = step_view.is_input(text) and not new
        return GridCell(text, symbol(text, step_view.shape), value, marks, given)
