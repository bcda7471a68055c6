"""A matrix, or a block of one, pasted from a spreadsheet."""

import re
from collections.abc import Mapping, Sequence

from app.backprop.addresses import symbol
from app.backprop.errors import Invalid
from app.backprop.network import Network, Shape
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.panels.weights import parameter_rows
from app.web.pages.forms.pasted_examples import (
    Line,
    cells_of,
    full_lines,
    has_number,
    separator_of,
    value_of,
)

_NAME = re.compile(r"\A\s*[^\W\d_]+_?\d+(?: *[\t;,]| +|$)")  # of a row, with its separator
_SEPARATOR = re.compile(r"[\t;, ]")

Grid = list[list[str]]


def paste_matrix(simulation: Simulation, form: Mapping[str, str], _: Translate) -> Simulation:
    """Replace the numbers of a matrix, as one edit.

    The field `matrix/0` contains all weights of a layer, one row per source unit, and optionally
    the biases as the last row. `block/weight/0/1/2` contains a block that starts at that cell.

    Raises:
        Invalid: with a translated message that names the line, the column and the parameter.
    """
    if len(form) != 1:
        raise Invalid("field", "Change one field at a time.")
    [(field, text)] = form.items()
    grid, row, column = _place(simulation.network.shape, field)
    whole = field.startswith("matrix/")
    width = len(grid[0])
    try:
        lines = _lines(text, width - column)
        new = dict(simulation.reading())
        targets = _whole_matrix(grid, lines, _) if whole else _block(grid, lines, (row, column), _)
        has_points = any("." in cell for _number, cells in lines for cell in cells)
        for (number, cells), addresses in zip(lines, targets, strict=True):
            for index, (cell, text) in enumerate(zip(cells, addresses, strict=True), 1):
                name = f"{symbol(text, simulation.network.shape.depth)}, {text}"
                new[text] = value_of(cell, has_points, (number, index, name), _, current=new[text])
    except Invalid as error:
        raise Invalid(field, error.message) from None
    shape = simulation.network.shape
    parameters = simulation.compiled.parameters
    network = Network(shape, tuple(new[text] for text in parameters))
    return simulation.edit(weights=network.weights, biases=network.biases)


def _place(shape: Shape, field: str) -> tuple[Grid, int, int]:
    """Return the matrix of a field and the cell where it starts."""
    for layer in range(shape.depth - 1):
        grid = parameter_rows(shape, layer)
        if field == f"matrix/{layer}":
            return grid, 0, 0
        for row, addresses in enumerate(grid):
            for column, text in enumerate(addresses):
                if field == f"block/{text}":
                    return grid, row, column
    raise Invalid("field", f"There is no field {field!r}.")


def _lines(text: str, width: int) -> list[Line]:
    """Split a text into lines of cells, without the names of columns and rows."""
    full = full_lines(text)
    if full and not has_number(_SEPARATOR.split(full[0][1])):
        full = full[1:]
    bare = [(number, _NAME.sub("", line, count=1)) for number, line in full]
    if not bare:
        return []
    # The first line tells separators from decimal commas: the last may be biases, which are fewer.
    separator = separator_of([*(line for _number, line in bare), bare[0][1]], width)
    return [(number, _trim(cells_of(line, separator), width)) for number, line in bare]


def _trim(cells: list[str], width: int) -> list[str]:
    """Drop the empty cells that a spreadsheet adds after short rows and above row names."""
    while len(cells) > 1 and not cells[-1]:
        cells = cells[:-1]
    return cells[1:] if len(cells) == width + 1 and not cells[0] else cells


def _whole_matrix(grid: Grid, lines: Sequence[Line], _: Translate) -> Grid:
    """Return the addresses of the cells of a whole matrix, with or without biases."""
    weights = [row for row in grid if row[0].startswith("weight")]
    if len(lines) not in (len(weights), len(grid)):
        message = _("%(expected)s rows expected, %(given)s given.")
        if len(grid) == 1:
            message = _("1 row expected, %(given)s given.")
        raise Invalid("matrix", message, expected=len(grid), given=len(lines))
    for (number, cells), row in zip(lines, grid, strict=False):
        if len(cells) != len(row):
            message = _("Line %(line)s: %(expected)s numbers expected, %(given)s given.")
            if len(row) == 1:
                message = _("Line %(line)s: 1 number expected, %(given)s given.")
            raise Invalid("matrix", message, line=number, expected=len(row), given=len(cells))
    return grid[: len(lines)]


def _block(grid: Grid, lines: Sequence[Line], start: tuple[int, int], _: Translate) -> Grid:
    """Return the addresses of the cells of a block."""
    if not lines:
        raise Invalid("block", _("No numbers found."))
    row, column = start
    places = []
    for (number, cells), addresses in zip(lines, [*grid[row:], *([[]] * len(lines))], strict=False):
        taken = addresses[column : column + len(cells)]
        if len(taken) < len(cells):
            message = _("Line %(line)s, column %(column)s is outside the matrix.")
            raise Invalid("block", message, line=number, column=len(taken) + 1)
        places.append(taken)
    return places
