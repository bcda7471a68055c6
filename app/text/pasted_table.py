"""A table of numbers in a pasted text, whatever its notation.

Spreadsheets, CSV, Markdown, LaTeX, and what programs write and print. Each reader returns rows of
cells with their places in the text; what is a number is for others to say.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.backprop.errors import N_
from app.text.array_literals import read_array, starts_array
from app.text.latex_arrays import is_latex, read_latex, typed_number
from app.text.pasted_cells import CellProblem, PastedCell, quoted
from app.text.typed_numbers import (
    VULGAR,
    NotANumber,
    has_decimal_comma,
    is_ambiguous,
    is_number,
    read_number,
)

Rows = list[list[PastedCell]]
Line = tuple[int, str]  # its number and its text
Fits = Callable[[int, int], bool]  # whether a table of so many rows and columns is expected

_NUMBERISH = re.compile(rf"\d|[{VULGAR}]")
# The name of a row, such as x1 or b_2, with the separator after it.
_NAME = re.compile(r"\A\s*([^\W\d_]+_?\d+)(?: *[\t;,]| +|$)")
_FENCE = re.compile(r"^[ \t]*```.*$", re.MULTILINE)  # around code in Markdown
_RULE = frozenset("|+:=- \t")  # what the line below the head of a table is made of
_DRAWN = str.maketrans("│┃┆" + "⎡⎤⎢⎥⎣⎦⎛⎞⎜⎟⎝⎠", "|||" + " " * 12)  # lines and brackets of text
_R_HEAD = re.compile(r"\s*(?:\[,\d+\]\s*)+")
_R_NAME = re.compile(r"\s*(\[\d+,\]|[^\W\d]\S*)(?:\s+|$)")
_JULIA_HEAD = re.compile(r"\s*\d+[×x]\d+ .*:\s*")


@dataclass(frozen=True, slots=True)
class PastedTable:
    """The cells, and apart from them the names of columns and rows; of a row without one, empty.

    `shows_blanks`: whether an empty cell can be seen in this notation.
    """

    rows: Rows
    column_names: tuple[str, ...] = ()
    row_names: tuple[str, ...] = ()
    shows_blanks: bool = False


def read_table(text: str, fits: Fits, *, named: bool = True) -> PastedTable:
    """Return the table in a text; without rows if it has none.

    Args:
        fits: decides where a comma may be decimal or separate columns, and what is a column of names.
        named: whether rows may have names.

    Raises:
        Invalid: a `CellProblem`.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = _FENCE.sub("", text).translate(_DRAWN)
    lines = list(enumerate(text.split("\n"), 1))
    full = [number for number, line in lines if line.strip(" \t;,|&")]
    if not full:
        return PastedTable([])
    lines = [each for each in lines[full[0] - 1 : full[-1]] if each[1].strip(" ")]
    if any(_R_HEAD.fullmatch(line) for _number, line in lines):
        return PastedTable(list(_r_rows(lines)))
    if is_latex(text):
        return _without_names(read_latex(text), fits, named=named)
    if starts_array(text):
        return PastedTable(read_array(text))
    if _is_markdown(lines):
        lines = [each for each in lines if not _is_rule(each[1])]
        rows = [_row(number, _markdown_cells(line)) for number, line in lines]
        return _without_names(rows, fits, named=named)
    return _delimited(lines, fits, named=named)


class CellReader:
    """Reads the numbers of a table, in which all commas mean the same."""

    def __init__(self, table: PastedTable) -> None:
        texts = [cell.text for row in table.rows for cell in row]
        self._has_points = any("." in text for text in texts)
        self._decimal_comma = has_decimal_comma(texts)

    def wrong_count(
        self, cells: Sequence[PastedCell], expected: int, message: str, **values: object
    ) -> CellProblem:
        """Return the error that a row has the wrong number of cells.

        Raises:
            Invalid: if one of them is no number, which may be why.
        """
        given = 0 if len(cells) == 1 and not cells[0].text else len(cells)
        for cell in cells:
            if cell.text:
                self.number(cell)
        place = cells[expected] if given > expected else cells[-1].after if given else cells[0]
        return place.problem(message, expected=expected, given=given, **values)

    def number(self, cell: PastedCell, name: str = "") -> float:
        """Return the number of a cell; `name` says in messages what it stands for.

        Raises:
            Invalid: a `CellProblem`.
        """
        if not cell.text:
            raise cell.problem(N_("A number is missing."), name)
        if self._has_points and "," in cell.text:
            message = N_('Both "," and "." appear. Use one decimal separator.')
            raise cell.problem(message, name)
        try:
            return read_number(cell.text, decimal_comma=self._decimal_comma)
        except NotANumber as error:
            text = quoted(cell.text)
            if error.is_explained:
                raise CellProblem(cell, error, name, text) from None
            raise cell.problem(N_("“%(cell)s” is not a number."), name, cell=text) from None


def _delimited(lines: list[Line], fits: Fits, *, named: bool) -> PastedTable:
    """Read lines whose cells are separated by tabs, semicolons, commas or spaces."""
    separator = next((mark for mark in "\t;" if any(mark in line for _, line in lines)), "")
    if separator != "\t":
        lines = [(number, line.strip().strip("|")) for number, line in lines if line.strip()]
    first = lines[0][1]
    head = first.split(separator or ("," if "," in first else " "))
    if _is_head(head) or _JULIA_HEAD.fullmatch(first):
        lines = lines[1:]
    else:
        head = []
    bare: list[Line] = []
    names = []
    for number, line in lines:
        name = _NAME.match(line) if named else None
        names.append(name[1] if name else "")
        bare.append((number, line[name.end() :] if name else line))
    separator = separator or _separator(bare, fits)
    rows = [_row(number, _split(line, separator)) for number, line in bare]
    table = PastedTable(rows, tuple(map(str.strip, head)), tuple(names), separator != " ")
    return _without_name_column(table, fits)


def _is_head(cells: list[str]) -> bool:
    """Whether a row has the names of columns: text, and no number."""
    return any(map(str.strip, cells)) and not any(map(_is_numberish, cells))


def _is_numberish(cell: str) -> bool:
    """Whether a cell begins like a number."""
    return bool(_NUMBERISH.match(cell.lstrip("+-−–.,\"' ")))


def _separator(lines: list[Line], fits: Fits) -> str:
    """Return whether commas separate cells, or spaces do and commas are decimal."""
    words = [line.split() for _number, line in lines]
    with_comma = [word for row in words for word in row if "," in word]
    if not with_comma:
        return " "
    if any(word.startswith(",") or word.endswith(",") for word in with_comma):
        return ","
    if any(len(row) > 1 for row in words):
        return " "
    count, rows = len(lines), [_row(number, _split(line, ",")) for number, line in lines]
    first = rows[0]
    separates = len({len(row) for row in rows}) == 1 and fits(count, len(first))
    is_decimal = fits(count, 1) and all(map(is_number, with_comma))
    if separates and (is_decimal or all(map(is_ambiguous, with_comma))):
        text = words[0][0]
        message = N_("Is this %(one)s, or the numbers %(other)s? Write one of the two.")
        one, other = text.replace(",", "."), text.replace(",", "; ")
        raise first[0].problem(message, one=one, other=other)
    return " " if is_decimal else ","


def _split(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    [cells] = csv.reader([line], delimiter=separator, skipinitialspace=True)
    return cells


def _row(line: int, texts: list[str]) -> list[PastedCell]:
    cells = enumerate(texts or [""], 1)
    return [PastedCell(text.strip(), line, column) for column, text in cells]


def _r_rows(lines: list[Line]) -> Iterator[list[PastedCell]]:
    """Yield the rows that R prints. It prints wide ones in parts, under several heads."""
    rows: dict[str, list[PastedCell]] = {}
    for number, line in lines:
        if _R_HEAD.fullmatch(line):
            continue
        name = _R_NAME.match(line)
        row = rows.setdefault(name[1] if name else str(number), [])
        words = line[name.end() if name else 0 :].split()
        row += [PastedCell(word, number, len(row) + place) for place, word in enumerate(words, 1)]
    return iter(row for row in rows.values() if row)


def _is_markdown(lines: list[Line]) -> bool:
    """Whether each line has a | between two cells."""
    return all("|" in line.strip().strip("|") or _is_rule(line) for _number, line in lines)


def _is_rule(line: str) -> bool:
    return "-" in line and _RULE.issuperset(line)


def _markdown_cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|").removesuffix("|")
    return [typed_number(cell.strip().strip("*`").replace("\\-", "-")) for cell in line.split("|")]


def _without_names(rows: Rows, fits: Fits, *, named: bool) -> PastedTable:
    """Take the names of columns and rows out of rows that are split already."""
    head: tuple[str, ...] = ()
    if rows and not any(_is_numberish(cell.text) for cell in rows[0]):
        head = tuple(cell.text for cell in rows[0])
        rows = rows[1:]
    names = []
    for index, row in enumerate(rows):
        name = _NAME.fullmatch(row[0].text) if named and len(row) > 1 else None
        names.append(name[1] if name else "")
        rows[index] = _without_first(row) if name else row
    return _without_name_column(PastedTable(rows, head, tuple(names), True), fits)


def _without_name_column(table: PastedTable, fits: Fits) -> PastedTable:
    """Take out a first column without numbers if the table fits without it.

    An empty one may be of numbers that stay as they are, where the table fits with it.
    """
    rows = table.rows
    count, width = len(rows), max(map(len, rows), default=0)
    named = rows and not any(_is_numberish(row[0].text) for row in rows if len(row) == width)
    has_blanks = any(not row[0].text for row in rows)
    if not named or not fits(count, width - 1) or (has_blanks and fits(count, width)):
        return table
    # A row of biases may be shorter, and without a name.
    heads = ["" if _is_numberish(row[0].text) else row[0].text for row in rows]
    names = tuple(name or head for name, head in zip(table.row_names, heads, strict=True))
    rows = [row if _is_numberish(row[0].text) else _without_first(row) for row in rows]
    return replace(table, rows=rows, row_names=names)


def _without_first(row: list[PastedCell]) -> list[PastedCell]:
    """Take out the name of a row. Columns are counted without it."""
    cells = [replace(cell, column=cell.column - 1) for cell in row[1:]]
    return cells or [replace(row[0], text="")]
