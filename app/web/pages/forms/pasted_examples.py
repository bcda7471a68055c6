"""Examples pasted from a spreadsheet or read from a CSV file."""

import csv
import re
from collections.abc import Sequence

from app.backprop.errors import Invalid
from app.backprop.network import LARGEST, MOST_EXAMPLES, Example, Shape
from app.view.notation.labels import Translate
from app.view.panels.examples_table import columns_of
from app.view.rendering.numbers import MINUS, parse

FIELD = "examples"  # of the form
LONGEST_QUOTE = 20  # characters of an invalid cell
Line = tuple[int, list[str]]  # line number and cells

_NUMBERISH = re.compile(r"\d")


def parse_examples(text: str, shape: Shape, _: Translate) -> tuple[Example, ...]:
    """Parse one example per line, the inputs before the targets.

    Columns are separated by tabs, semicolons, commas or spaces. A first line without numbers is a
    header. A comma is a decimal comma if it is not the separator and there is no decimal point.

    Raises:
        Invalid: with a translated message that names the line and the column.
    """
    names = columns_of(shape)
    lines = _lines(text, len(names))
    if not lines:
        raise Invalid(FIELD, _("No examples found. Enter one example per line."))
    if len(lines) > MOST_EXAMPLES:
        message = _("At most %(most)s examples are allowed, but there are %(count)s.")
        raise Invalid(FIELD, message, most=MOST_EXAMPLES, count=len(lines))
    has_points = any("." in cell for _number, cells in lines for cell in cells)
    inputs = shape.layers[0]
    examples = []
    for number, cells in lines:
        if len(cells) != len(names):
            message = _(
                "Line %(line)s: %(expected)s numbers expected (%(names)s), %(given)s given."
            )
            values = {"expected": len(names), "names": ", ".join(names), "given": len(cells)}
            raise Invalid(FIELD, message, line=number, **values)
        row = [
            value_of(cell, has_points, (number, column, names[column - 1]), _)
            for column, cell in enumerate(cells, 1)
        ]
        examples.append(Example(tuple(row[:inputs]), tuple(row[inputs:])))
    return tuple(examples)


def _lines(text: str, columns: int) -> list[Line]:
    """Split a text into lines of cells, without the header."""
    lines = full_lines(text)
    if not lines:
        return []
    separator = separator_of([line for _number, line in lines], columns)
    rows = [(number, cells_of(line, separator)) for number, line in lines]
    return rows if has_number(rows[0][1]) else rows[1:]


def has_number(cells: Sequence[str]) -> bool:
    """Whether any cell starts like a number; a header has none."""
    return any(_NUMBERISH.match(cell.lstrip("+-−.,")) for cell in cells)


def full_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that are not empty, with their numbers."""
    raw = [line.strip("\r\n") for line in text.lstrip("\ufeff").split("\n")]
    raw = [line for part in raw for line in part.split("\r")]
    return [(number, line) for number, line in enumerate(raw, 1) if line.strip(" \t;,")]


def separator_of(lines: Sequence[str], columns: int) -> str:
    """Return the separator of the columns: a comma only if a space does not fit better."""
    for separator in "\t;":
        if any(separator in line for line in lines):
            return separator
    last = lines[-1]  # the first may be a header
    if "," in last and (len(last.split()) != columns or len(cells_of(last, ",")) == columns):
        return ","
    return " "


def cells_of(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    [cells] = csv.reader([line], delimiter=separator, skipinitialspace=True)
    return [cell.strip() for cell in cells]


def value_of(
    cell: str,
    has_points: bool,
    place: tuple[int, int, str],
    _: Translate,
    current: float | None = None,
) -> float:
    """Parse a cell. A number beyond the limits is valid only if it is the current one.

    Raises:
        Invalid: with a translated message.
    """
    where = _("Line %(line)s, column %(column)s (%(name)s): ")
    where %= {"line": place[0], "column": place[1], "name": place[2]}
    if has_points and "," in cell:
        raise Invalid(FIELD, where + _('Both "," and "." appear. Use one decimal separator.'))
    try:
        value = parse(cell)
    except ValueError:
        message = _("“%(cell)s” is not a number.") if cell else _("A number is missing.")
        raise Invalid(FIELD, where + message, cell=shorten(cell)) from None
    if abs(value) > LARGEST and value != current:
        message = _("Enter a number from %(low)s to %(high)s.")
        limit = f"{LARGEST:,.0f}"
        raise Invalid(FIELD, where + message, low=f"{MINUS}{limit}", high=limit)
    return value


def shorten(cell: str) -> str:
    return cell if len(cell) <= LONGEST_QUOTE else cell[: LONGEST_QUOTE - 1] + "…"
