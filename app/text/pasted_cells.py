"""The cells of a pasted text, with their places in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.backprop.errors import N_, Invalid

FIELD = "pasted"  # of errors, until the form's own name is known
LONGEST_QUOTE = 20  # characters of an invalid cell


@dataclass(frozen=True, slots=True)
class PastedCell:
    """One cell: its line in the text, and its column among the cells of its row, both from 1.

    `row` is the number of its row where several rows are on one line, else 0.
    """

    text: str
    line: int
    column: int
    row: int = 0

    @property
    def after(self) -> "PastedCell":
        """The place after this cell."""
        return PastedCell("", self.line, self.column + 1, self.row)

    @property
    def where(self) -> Invalid:
        """The place, as the beginning of a message."""
        text = N_("Line %(line)s, column %(column)s")
        if self.row:
            text = N_("Line %(line)s, row %(row)s, column %(column)s")
        return Invalid(FIELD, text, line=self.line, row=self.row, column=self.column)

    def problem(self, text: str, name: str = "", /, **values: object) -> "CellProblem":
        """Return the error that something is wrong here; `name` says what the cell stands for."""
        return CellProblem(self, Invalid(FIELD, text, **values), name)


class CellProblem(Invalid):
    """Something is wrong with a cell. The message begins with its place.

    Attributes:
        cell: where it is.
        reason: what is wrong, without the place.
    """

    def __init__(
        self,
        cell: PastedCell,
        reason: Invalid,
        name: str = "",
        quotes: str = "",
        field: str = FIELD,
    ) -> None:
        self.cell, self.reason, self._name, self._quotes = cell, reason, name, quotes
        super().__init__(field, "")

    def translated(self, translate: Callable[[str], str]) -> str:
        place = self.cell.where.translated(translate)
        place = f"{place} ({self._name}): " if self._name else f"{place}: "
        return place + self.why(translate)

    def why(self, translate: Callable[[str], str]) -> str:
        """Return what is wrong, translated, after what the cell says if that helps."""
        reason = self.reason.translated(translate)
        return f"“{self._quotes}”: {reason}" if self._quotes else reason

    def of(self, field: str) -> "CellProblem":
        return CellProblem(self.cell, self.reason, self._name, self._quotes, field)


def with_row_numbers(rows: list[list[PastedCell]]) -> list[list[PastedCell]]:
    """Keep the numbers of the rows only if several rows are on one line. No row is empty."""
    if len({row[0].line for row in rows}) < len(rows):
        return rows
    return [[replace(cell, row=0) for cell in row] for row in rows]


def quoted(text: str) -> str:
    """Return a text, shortened for a message."""
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def is_blank(cells: Sequence[PastedCell]) -> bool:
    return not any(cell.text for cell in cells)


def trimmed(cells: Sequence[PastedCell], width: int) -> list[PastedCell]:
    """Drop the empty cells that a spreadsheet adds after short rows."""
    kept = list(cells)
    while len(kept) > width and not kept[-1].text:
        kept.pop()
    return kept
