"""The matrix strip: the equation of slide 4 for the step just taken, with live numbers.

It is one of the equations of the matrix form. What the element in focus is made from, its row and
its column, stands out. A matrix that is too large for the strip is a heat map, and a long row is
shortened around the element in focus.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup

from app.backprop.steps import Step
from app.view.notation.labels import Translate, slide, title
from app.view.notation.matrix_equations import Equation, MatrixTerm, equations
from app.view.notation.matrix_grids import Grid, GridBuilder, GridCell
from app.view.notation.numpy_lines import Code, code
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.step_view import StepView

MOST_ROWS = 4  # in numbers; a column of more is shortened, too
MOST_CELLS = 16  # of one matrix in numbers
MOST_IN_ROW = 5  # of a row
MOST_COLUMNS = 9  # of all matrices of a line, in the larger type
FULL = 13  # columns of a line; where there are more, every matrix is a heat map or shortened
# px of a line beside its code on a laptop, of the signs and brackets around a matrix, of the space in a
# cell, and of a digit
LINE_WIDTH, TERM_WIDTH, PADDING, CHARACTER = 835, 62, 13, 9.8
CELL_WIDTH, STRIP_HEIGHT = 12, 80  # px of a heat map
# In a phase's strip stands the equation that a lecturer would write last.
_OF_PHASE = {
    "forward": ("error",),
    "backward": ("weight_gradient",),
    "update": ("weight_update", "weight_sum"),
}


@dataclass(frozen=True, slots=True)
class StripCell:
    """A number in the strip, or an ellipsis (without a cell)."""

    cell: GridCell | None
    classes: str
    x: float = 0  # in a heat map
    y: float = 0


@dataclass(frozen=True, slots=True)
class StripGrid:
    """A matrix in the strip."""

    of: str
    rows: tuple[tuple[StripCell, ...], ...]
    scalar: bool
    role: str
    transposed: bool
    is_map: bool = False
    width: float = 0  # of a heat map
    height: float = 0
    cell_width: float = 0
    cell_height: float = 0


@dataclass(frozen=True, slots=True)
class StripTerm:
    """A matrix under its name, with the operators around it."""

    before: Markup
    name: Markup
    grid: StripGrid | None
    after: Markup


@dataclass(frozen=True, slots=True)
class MatrixStrip:
    """The equations of a step, and their lines of NumPy."""

    title: str
    slide: int
    lines: tuple[tuple[StripTerm, ...], ...]
    code: tuple[Code, ...]
    is_next: bool  # whether the step is still to be taken

    @property
    def is_tight(self) -> bool:
        """Whether a line needs smaller type to fit beside its code."""
        return max(map(_columns, self.lines)) > MOST_COLUMNS


def _columns(line: tuple[StripTerm, ...]) -> int:
    return sum(len(term.grid.rows[0]) for term in line if term.grid and not term.grid.is_map)


def matrix_strip(
    step_view: StepView, path: tuple[str, ...], _: Translate, digits: Digits = FOUR
) -> MatrixStrip:
    """The strip of the last step; before the first, that of the step to come."""
    shape = step_view.shape
    focused = step_view.focused(path)
    step = _shown(step_view, focused or step_view.next_step)
    steps = [each for each in step_view.steps if (each.kind, each.layer) == (step.kind, step.layer)]
    grids = GridBuilder(step_view, path, {each.result: each.operands for each in steps})
    lines = equations(shape, step.kind, step.layer, grids)
    at = step.result if focused and step is focused and step_view.by != "phase" else ""
    return MatrixStrip(
        title=title(_, shape, step, whole_layer=True),
        slide=slide(shape, step),
        lines=tuple(_in_digits(_line(_shortened(line), at), digits) for line in lines),
        code=code(shape, step),
        is_next=focused is None,
    )


def _in_digits(line: tuple[StripTerm, ...], digits: Digits) -> tuple[StripTerm, ...]:
    """A line whose numbers have as many digits as fit the strip beside their code."""
    width = LINE_WIDTH - TERM_WIDTH * len(line)
    room = int((width / max(_columns(line), 1) - PADDING) / CHARACTER)
    if digits.within(room) is digits:
        return line

    def fitting(each: StripCell) -> StripCell:
        if each.cell is None or each.cell.value is None:
            return each
        return replace(each, cell=replace(each.cell, value=each.cell.value.within(digits, room)))

    def shown(grid: StripGrid) -> StripGrid:
        return replace(grid, rows=tuple(tuple(map(fitting, row)) for row in grid.rows))

    return tuple(replace(term, grid=term.grid and shown(term.grid)) for term in line)


def _shown(step_view: StepView, step: Step) -> Step:
    if step_view.by != "phase":
        return step
    kinds = _OF_PHASE[step.phase]
    return next((each for each in reversed(step_view.block) if each.kind in kinds), step)


def _shortened(line: Equation) -> Equation:
    """An equation without its second form: δ ∘ Wᵀ is shown with the transpose written out only."""
    equal = [index for index, term in enumerate(line) if term.sign == "="]
    if len(equal) < 2:
        return line
    first = line[equal[-2]]
    return (replace(first, before=Markup(""), sign=""), *line[equal[-2] + 1 :])


def _line(line: Equation, at: str) -> tuple[StripTerm, ...]:
    place = next(
        (
            (row, column)
            for term in line
            if term.grid and term.grid.role == "gives"
            for row, cells in enumerate(term.grid.rows)
            for column, cell in enumerate(cells)
            if cell.address == at
        ),
        None,
    )
    grids = [term.grid for term in line if term.grid]
    is_full = sum(min(len(grid.rows[0]), MOST_IN_ROW) for grid in grids) > FULL
    # E adds up all errors: where it is in focus, the line of the single errors has no focus.
    return tuple(_term(term, place, is_full) for term in line)


def _term(term: MatrixTerm, place: tuple[int, int] | None, is_full: bool) -> StripTerm:
    grid = _grid(term.grid, place, is_full) if term.grid else None
    return StripTerm(term.before, term.name, grid, term.after)


def _grid(grid: Grid, place: tuple[int, int] | None, is_full: bool) -> StripGrid:
    height, width = len(grid.rows), len(grid.rows[0])
    cells = tuple(
        tuple(
            StripCell(cell, _classes(cell, _in_focus(grid.role, place, row, column)))
            for column, cell in enumerate(each)
        )
        for row, each in enumerate(grid.rows)
    )
    made = StripGrid(grid.of, cells, grid.scalar, grid.role, grid.transposed)
    is_large = is_full or height > MOST_ROWS or height * width > MOST_CELLS
    if min(height, width) > 1 and is_large:
        return _heat_map(made)
    return replace(made, rows=tuple(_elided(cells, MOST_ROWS if is_full else MOST_IN_ROW)))


def _classes(cell: GridCell, focused: bool) -> str:
    marks = [mark for mark in cell.marks.split() if mark in ("operand", "result")]
    return " ".join([*marks, *(["focused"] if focused else [])])


def _in_focus(role: str, place: tuple[int, int] | None, row: int, column: int) -> bool:
    """Whether an element belongs to the element of the result at this place."""
    if place is None:
        return False
    return {
        "by-row": row == place[0],
        "by-column": column == place[1],
        "turned": row == place[1],
        "each": (row, column) == place,
        "gives": (row, column) == place,
        "whole": True,
    }[role]


def _heat_map(grid: StripGrid) -> StripGrid:
    cell_height = round(STRIP_HEIGHT / max(len(grid.rows), MOST_ROWS), 2)
    rows = tuple(
        tuple(
            replace(each, x=column * CELL_WIDTH, y=round(row * cell_height, 2))
            for column, each in enumerate(cells)
        )
        for row, cells in enumerate(grid.rows)
    )
    return replace(
        grid,
        rows=rows,
        is_map=True,
        width=len(rows[0]) * CELL_WIDTH,
        height=round(len(rows) * cell_height, 2),
        cell_width=CELL_WIDTH - 1,
        cell_height=round(cell_height - 1, 2),
    )


_ELLIPSIS = StripCell(None, "")


def _elided(rows: tuple[tuple[StripCell, ...], ...], most: int) -> Iterator[tuple[StripCell, ...]]:
    """Rows as far as there is room: of a long row or column the first, the one in focus, the last."""
    if len(rows) > MOST_ROWS:  # a column
        yield from ((each,) for each in _some([row[0] for row in rows], MOST_ROWS))
    else:
        yield from (tuple(_some(list(row), most)) for row in rows)


def _some(cells: list[StripCell], most: int) -> Iterator[StripCell]:
    if len(cells) <= most:
        yield from cells
        return
    focused = [index for index, cell in enumerate(cells) if "focused" in cell.classes]
    # Where all belong to the result, none of them is a better choice than the second.
    middle = focused[0] if len(focused) == 1 else 1
    shown = sorted({0, middle, len(cells) - 1} | ({1} if most > MOST_ROWS else set()))
    before = -1
    for index in shown:
        if index > before + 1:
            yield _ELLIPSIS
        yield cells[index]
        before = index
