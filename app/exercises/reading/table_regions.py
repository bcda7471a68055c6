"""Matrices in nested brackets, in LaTeX and in tables: read as those that are pasted into the page."""

import re
from collections.abc import Sequence

from app.exercises.lexing.sources import Source, Unreadable
from app.exercises.lexing.tokens import (
    ARROW,
    COLON,
    IS,
    LATEX,
    LINE,
    MARK,
    MIXED,
    NAME,
    NUMBER,
    OPEN,
    SHAPE,
    SIGN,
    Token,
)
from app.exercises.reading.number_arrays import Array, Commas, ReadNumber, checked
from app.text.array_literals import read_array
from app.text.latex_arrays import read_latex
from app.text.pasted_cells import CellProblem, PastedCell
from app.text.pasted_table import CellReader, PastedTable, read_table

_GAPS = re.compile(r"[\s|,;]+")
_CELL = re.compile(r"[+−–-]*[\d.½¼¾]|:?-+:?$|$")  # how a cell with a number begins; a rule; no cell


class RegionReader:
    """Reads regions of the text that have a notation of their own."""

    def __init__(self, source: Source, tokens: Sequence[Token], commas: Commas) -> None:
        self._source, self._tokens, self._commas = source, tokens, commas

    def _kind(self, at: int) -> str:
        return self._tokens[at].kind if 0 <= at < len(self._tokens) else ""

    def nested(self, at: int, end: int) -> Array:
        """Read a matrix in nested brackets: the indices of the outer two. Raises Unreadable."""
        start, stop = self._tokens[at].start, self._tokens[end].end
        try:
            table = PastedTable(read_array(self._source.text[start:stop]))
        except CellProblem as error:
            raise self._relocated(error, start) from None
        return Array(self._rows(table, start), 2, start)

    def latex(self, at: int) -> Array:
        """Read an environment of LaTeX, at its token. Raises Unreadable."""
        token = self._tokens[at]
        try:
            table = PastedTable(read_latex(token.text))
        except CellProblem as error:
            raise self._relocated(error, token.start) from None
        rows = self._rows(table, token.start)
        return Array(rows, 2 if len(rows) > 1 else 1, token.start)

    def latex_rows(self, at: int) -> tuple[Array, int] | None:
        """Read rows of LaTeX without an environment: what is between & in the rest of a line."""
        if at >= len(self._tokens):
            return None
        start = self._tokens[at].start
        stop = self._source.line_end(self._source.line_of(start))
        has_cells = self._source.text.find("&", start, stop) >= 0
        if self._kind(at) not in (NUMBER, SIGN) or not has_cells:
            return None
        try:
            table = PastedTable(read_latex(self._source.text[start:stop]))
        except CellProblem as error:
            raise self._relocated(error, start) from None
        rows = self._rows(table, start)
        while at < len(self._tokens) and self._tokens[at].start < stop:
            at += 1
        return Array(rows, 2, start), at

    def table(self, at: int, *, is_inline: bool = False) -> tuple[Array, int] | None:
        """Read a table in lines of their own, or one whose brackets are drawn.

        `is_inline`: whether its first line may be the rest of this one.
        """
        if self._kind(at) == MARK and (
            self._tokens[at].text in "⎡⎛│┃"
            or (self._tokens[at].text == "|" and self._kind(at + 1) in (NUMBER, SIGN))
        ):
            first = self._source.line_of(self._tokens[at].start)
            start = self._tokens[at].start
        elif self._kind(at) == LINE:
            while self._kind(at) == LINE:
                at += 1
            if at >= len(self._tokens):
                return None
            start = self._tokens[at].start
            first = self._source.line_of(start)
        elif is_inline and self._kind(at) in (NUMBER, SIGN):
            start = self._tokens[at].start
            first = self._source.line_of(start)
        else:
            return None
        if self._is_call(at):
            return None
        has_own_line = self._kind(at - 1) == LINE
        lines = self._lines(at, first, may_have_names=has_own_line)
        if not lines or (len(lines) == 1 and not has_own_line and self._kind(at) != MARK):
            return None
        if start == self._tokens[at].start and self._is_first_in_line(at):
            start = self._source.line_start(lines[0])
        region = self._source.text[start : self._source.line_end(lines[-1])]
        rows_of_text = region.split("\n")
        if all(line[:1] in " \t" for line in rows_of_text):  # indented
            region = "\n".join(line.lstrip() for line in rows_of_text)
        is_column = self._commas.decimal is not None and not any(map(_has_space, rows_of_text))
        try:
            table = read_table(region, lambda rows, columns: columns == 1 or not is_column)
        except CellProblem as error:
            raise self._relocated(error, start) from None
        rows = self._rows(table, start)
        if not rows:
            return None
        stop = self._source.line_end(lines[-1])
        while at < len(self._tokens) and self._tokens[at].start < stop:
            at += 1
        return Array(rows, 2, start), at

    def _is_first_in_line(self, at: int) -> bool:
        return not at or self._kind(at - 1) == LINE

    def _is_call(self, at: int) -> bool:
        return self._kind(at) == NAME and self._kind(at + 1) == OPEN

    def _lines(self, at: int, line: int, *, may_have_names: bool) -> list[int]:
        """Return the numbers of the lines of a table that begins with a token."""
        lines: list[int] = []
        has_numbers = False
        while at < len(self._tokens):
            stop, begin = self._source.line_end(line), at
            while at < len(self._tokens) and self._tokens[at].start < stop:
                if self._kind(at) in (IS, ARROW):
                    return lines if has_numbers and _is_table(self._source, lines) else []
                at += 1
            found = self._tokens[begin:at]
            if not found or not _is_tabular(found, is_first=not has_numbers):
                break
            if not may_have_names and any(token.kind == NAME for token in found):
                break
            has_numbers |= any(token.kind in (NUMBER, MIXED, SHAPE) for token in found)
            lines.append(line)
            while (
                at < len(self._tokens)
                and self._tokens[at].text == "\n"
                and self._tokens[at].start <= stop
            ):
                at += 1
            line += 1
        return lines if has_numbers and _is_table(self._source, lines) else []

    def with_head(self, at: int, columns: int) -> tuple[list[list[ReadNumber]], int] | None:
        """Read the rows below a head with names, at the first token of the head."""
        first = self._source.line_of(self._tokens[at].start)
        start = self._source.line_start(first)
        last = first
        while last < self._source.last_line and self._is_row(last + 1):
            last += 1
        if last == first:
            return None
        stop = self._source.line_end(last)
        try:
            table = read_table(
                self._source.text[start:stop], lambda _, count: count == columns, named=False
            )
        except CellProblem as error:
            raise self._relocated(error, start) from None
        rows = [list(row) for row in self._rows(table, start)]
        while at < len(self._tokens) and self._tokens[at].start < stop:
            at += 1
        return rows, at

    def _is_row(self, line: int) -> bool:
        """Whether a line has numbers and what separates them, or is a rule."""
        text = self._source.text[self._source.line_start(line) : self._source.line_end(line)]
        return bool(text.strip()) and all(map(_CELL.match, _GAPS.split(text.strip(" \t|"))))

    def _rows(self, table: PastedTable, start: int) -> tuple[tuple[ReadNumber, ...], ...]:
        """Return the numbers of a table with their places. Raises Unreadable."""
        reader = CellReader(table)
        rows, places = [], _Places(self._source, start)
        for cells in table.rows:
            row = []
            kept = list(cells)
            while len(kept) > 1 and not kept[-1].text:
                kept.pop()
            for cell in kept:
                place = places.of(cell)
                try:
                    value = reader.number(cell)
                except CellProblem as error:
                    raise self._source.problem_of(place, error.why) from None
                number = checked(self._source, ReadNumber(value, place, cell.text))
                row.append(self._commas.note(number))
            rows.append(tuple(row))
        return tuple(rows)

    def _relocated(self, error: CellProblem, start: int) -> Unreadable:
        return self._source.problem_of(_Places(self._source, start).of(error.cell), error.why)


class _Places:
    """Finds the cells of a region in the text, one after another."""

    def __init__(self, source: Source, start: int) -> None:
        self._source, self._start = source, start
        self._line = source.line_of(start)
        self._next = start

    def of(self, cell: PastedCell) -> int:
        line = min(self._line + cell.line - 1, self._source.last_line)
        self._next = max(self._next, self._source.line_start(line))
        end = self._source.line_end(line)
        found = self._source.text.find(cell.text, self._next, end) if cell.text else -1
        if found >= 0:
            self._next = found + len(cell.text)
            return found
        text = self._source.text
        place = min(self._next, end)
        while place < end and text[place] in " \t|&":
            place += 1
        return place


def _has_space(line: str) -> bool:
    return len(line.split()) > 1


def _is_tabular(tokens: Sequence[Token], *, is_first: bool) -> bool:
    """Whether a line has cells with numbers and what may stand beside them, or is a head or a rule."""
    kinds = {token.kind for token in tokens}
    if kinds <= {SIGN, COLON, MARK} or (
        is_first and any("Matrix" in token.text for token in tokens)
    ):
        return True
    if kinds & {IS, COLON, LATEX, ARROW}:
        return False
    if not kinds & {NUMBER, MIXED, SHAPE}:
        has_bar = any(token.text in "|│┃" for token in tokens)
        are_units = kinds == {NAME} and all(token.text[-1:].isdigit() for token in tokens)
        return has_bar or (is_first and are_units)
    return all(token.kind != NAME for token in tokens[2:])


def _is_table(source: Source, lines: Sequence[int]) -> bool:
    """Whether lines are a table and no list in brackets, which begins with one."""
    text = source.text[source.line_start(lines[0]) : source.line_end(lines[-1])].lstrip()
    return text[:1] not in "[({" or text.startswith("[,") or text.startswith("[1,]")
