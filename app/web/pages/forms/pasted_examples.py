"""Examples as they come from a spreadsheet or a CSV file: text in, examples out."""

import csv
import re
from collections.abc import Sequence

from app.backprop.errors import Invalid
from app.backprop.network import LARGEST, MOST_EXAMPLES, Example, Shape
from app.view.notation.labels import Translate
from app.view.panels.examples_table import columns_of
from app.view.rendering.numbers import parse

FIELD = "examples"  # the form's, beside which a refusal is said
LONGEST_QUOTE = 20  # letters of what is no number
Line = tuple[int, list[str]]  # its number, as it was typed, and its cells

_NUMBERISH = re.compile(r"\d")


def parse_examples(text: str, shape: Shape, _: Translate) -> tuple[Example, ...]:
    """The examples in a text: a line each, the inputs first, then the targets.

    Columns are separated by tabs, semicolons, commas or spaces. A first line without a number names
    the columns. A comma may be the decimal one where it separates nothing and no point does its work.

    Raises:
        Invalid: naming the line and the column; the message is translated.
    """
    names = columns_of(shape)
    lines = _lines(text, len(names))
    if not lines:
        raise Invalid(FIELD, _("There is no example in it: a line for each, please."))
    if len(lines) > MOST_EXAMPLES:
        message = _("At most %(most)s examples, please: these are %(count)s.")
        raise Invalid(FIELD, message % {"most": MOST_EXAMPLES, "count": len(lines)})
    pointed = any("." in cell for _number, cells in lines for cell in cells)
    examples = []
    for number, cells in lines:
        if len(cells) != len(names):
            message = _(
                "Line %(line)s: %(expected)s numbers expected (%(names)s), %(given)s given."
            )
            raise Invalid(
                FIELD,
                message
                % {
                    "line": number,
                    "expected": len(names),
                    "names": ", ".join(names),
                    "given": len(cells),
                },
            )
        values = [
            value_of(cell, pointed, (number, column, names[column - 1]), _)
            for column, cell in enumerate(cells, 1)
        ]
        inputs = shape.layers[0]
        examples.append(Example(tuple(values[:inputs]), tuple(values[inputs:])))
    return tuple(examples)


def _lines(text: str, columns: int) -> list[Line]:
    """The lines that have something in them, without the one that names the columns."""
    full = full_lines(text)
    if not full:
        return []
    separator = separator_of([line for _number, line in full], columns)
    lines = [(number, cells_of(line, separator)) for number, line in full]
    return lines if has_number(lines[0][1]) else lines[1:]


def has_number(cells: Sequence[str]) -> bool:
    """Whether any of them begins as a number does: else they name the columns."""
    return any(_NUMBERISH.match(cell.lstrip("+-−.,")) for cell in cells)


def full_lines(text: str) -> list[tuple[int, str]]:
    """The lines that have something in them, each with its number."""
    raw = [line.strip("\r\n") for line in text.lstrip("\ufeff").split("\n")]
    raw = [line for part in raw for line in part.split("\r")]
    return [(number, line) for number, line in enumerate(raw, 1) if line.strip(" \t;,")]


def separator_of(lines: Sequence[str], columns: int) -> str:
    """What stands between the columns: commas only where spaces do not do better."""
    for separator in "\t;":
        if any(separator in line for line in lines):
            return separator
    last = lines[-1]  # the first may name the columns
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
    pointed: bool,
    place: tuple[int, int, str],
    _: Translate,
    kept: float | None = None,
) -> float:
    """The number in a cell, of any size if it is the one that is there; raises Invalid, translated."""
    where = _("Line %(line)s, column %(column)s (%(name)s): ")
    where %= {"line": place[0], "column": place[1], "name": place[2]}
    if pointed and "," in cell:
        raise Invalid(FIELD, where + _("a comma and a point both; which is the decimal one?"))
    try:
        value = parse(cell)
    except ValueError:
        message = _("“%(text)s” is no number.") if cell else _("there is no number.")
        raise Invalid(FIELD, where + message % {"text": short(cell)}) from None
    if abs(value) > LARGEST and value != kept:
        message = _("a number from %(low)s to %(high)s, please.")
        raise Invalid(FIELD, where + message % {"low": f"{-LARGEST:g}", "high": f"{LARGEST:g}"})
    return value


def short(cell: str) -> str:
    return cell if len(cell) <= LONGEST_QUOTE else cell[: LONGEST_QUOTE - 1] + "…"
