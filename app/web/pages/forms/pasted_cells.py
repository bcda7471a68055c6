"""The cells of a pasted text, with their places in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.backprop.errors import Invalid
from app.view.notation.labels import Translate

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

    def where(self, _: Translate, name: str = "") -> str:
        """Return the beginning of a message: the place, and what the cell stands for if known."""
        if self.row:
            text = _("Line %(line)s, row %(row)s, column %(column)s")
        else:
            text = _("Line %(line)s, column %(column)s")
        place = text % {"line": self.line, "row": self.row, "column": self.column}
        return f"{place} ({name}): " if name else f"{place}: "

    def problem(
        self, _: Translate, message: str, values: Mapping[str, object] | None = None, name: str = ""
    ) -> Invalid:
        """Return the error that something is wrong here; the message is a translated one."""
        return Invalid(FIELD, self.where(_, name) + (message % values if values else message))


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
