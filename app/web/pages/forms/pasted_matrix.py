"""A matrix as it comes from a spreadsheet: all of it, or a block from one of its cells on."""

import re
from collections.abc import Mapping, Sequence

from app.backprop.addresses import address, symbol
from app.backprop.errors import Invalid
from app.backprop.network import Network, Shape
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.web.pages.forms.pasted_examples import (
    Line,
    cells_of,
    full_lines,
    has_number,
    separator_of,
    value_of,
)

_NAME = re.compile(r"\A\s*[^\W\d_]+_?\d+(?: *[\t;,]| +|$)")  # of a row, and what separates it
_BETWEEN = re.compile(r"[\t;, ]")

Grid = list[list[str]]


def paste_matrix(simulation: Simulation, form: Mapping[str, str], _: Translate) -> Simulation:
    """The simulation with the numbers of a text in place of those of a matrix, as one edit.

    The field `matrix/0` takes the weights of a layer, rows the source, with or without its biases
    as the last row; `block/weight/0/1/2` takes what fills the matrix from that cell on.

    Raises:
        Invalid: naming the line, the column and the weight; the message is translated.
    """
    if len(form) != 1:
        raise Invalid("field", "one field at a time")
    [(field, text)] = form.items()
    grid, row, column = _place(simulation.network.shape, field)
    whole = field.startswith("matrix/")
    width = len(grid[0])
    try:
        lines = _lines(text, width - column)
        new = dict(simulation.reading())
        targets = _whole(grid, lines, _) if whole else _block(grid, lines, (row, column), _)
        pointed = any("." in cell for _number, cells in lines for cell in cells)
        for (number, cells), addresses in zip(lines, targets, strict=True):
            for index, (cell, text) in enumerate(zip(cells, addresses, strict=True), 1):
                name = f"{symbol(text, simulation.network.shape.depth)}, {text}"
                new[text] = value_of(cell, pointed, (number, index, name), _, kept=new[text])
    except Invalid as error:
        raise Invalid(field, error.message) from None
    shape = simulation.network.shape
    parameters = simulation.compiled.inputs[: shape.parameter_count]
    network = Network(shape, tuple(new[text] for text in parameters))
    return simulation.edit(weights=network.weights, biases=network.biases)


def _place(shape: Shape, field: str) -> tuple[Grid, int, int]:
    """The matrix of a field, and the cell in it."""
    for layer in range(shape.depth - 1):
        grid = _grid(shape, layer)
        if field == f"matrix/{layer}":
            return grid, 0, 0
        for row, addresses in enumerate(grid):
            for column, text in enumerate(addresses):
                if field == f"block/{text}":
                    return grid, row, column
    raise Invalid("field", f"there is no field {field!r}")


def _grid(shape: Shape, layer: int) -> Grid:
    """The addresses of a matrix, its biases below it."""
    sources, targets = shape.layers[layer : layer + 2]
    grid = [[address("weight", layer, i, j) for j in range(targets)] for i in range(sources)]
    biases = [address("bias", *each) for each in shape.bias_indices() if each[0] == layer]
    return [*grid, biases] if biases else grid


def _lines(text: str, width: int) -> list[Line]:
    """The numbers of each line, as they are written; names of columns and rows are left out."""
    full = full_lines(text)
    if full and not has_number(_BETWEEN.split(full[0][1])):
        full = full[1:]
    bare = [(number, _NAME.sub("", line, count=1)) for number, line in full]
    if not bare:
        return []
    # Commas are told from decimal ones by a line of weights: biases may be fewer.
    separator = separator_of([*(line for _number, line in bare), bare[0][1]], width)
    return [(number, _filled(cells_of(line, separator), width)) for number, line in bare]


def _filled(cells: list[str], width: int) -> list[str]:
    """Without the empty cells by which a spreadsheet makes all rows as long, or names none."""
    while len(cells) > 1 and not cells[-1]:
        cells = cells[:-1]
    return cells[1:] if len(cells) == width + 1 and not cells[0] else cells


def _whole(grid: Grid, lines: Sequence[Line], _: Translate) -> Grid:
    """The places of the numbers of all rows, the biases' or not."""
    weights = [row for row in grid if row[0].startswith("weight")]
    if len(lines) not in (len(weights), len(grid)):
        message = _("Lines of numbers: %(expected)s expected, %(given)s given.")
        raise Invalid("matrix", message % {"expected": len(grid), "given": len(lines)})
    for (number, cells), row in zip(lines, grid, strict=False):
        if len(cells) != len(row):
            message = _("Numbers in line %(line)s: %(expected)s expected, %(given)s given.")
            varying = {"line": number, "expected": len(row), "given": len(cells)}
            raise Invalid("matrix", message % varying)
    return grid[: len(lines)]


def _block(grid: Grid, lines: Sequence[Line], start: tuple[int, int], _: Translate) -> Grid:
    """The places of the numbers of a block."""
    if not lines:
        raise Invalid("block", _("There is no number in it."))
    row, column = start
    places = []
    for (number, cells), addresses in zip(lines, [*grid[row:], *([[]] * len(lines))], strict=False):
        taken = addresses[column : column + len(cells)]
        if len(taken) < len(cells):
            message = _("Line %(line)s, column %(column)s: the matrix ends before that.")
            raise Invalid("block", message % {"line": number, "column": len(taken) + 1})
        places.append(taken)
    return places
