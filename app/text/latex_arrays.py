r"""Matrices in LaTeX: an environment, or rows that end with \\ and cells between &."""

import re
from collections.abc import Iterator
from dataclasses import replace

from app.backprop.errors import N_
from app.text.pasted_cells import CellProblem, PastedCell, quoted, with_row_numbers
from app.text.typed_numbers import is_number

_MARKS = re.compile(r"\\begin\b|\\\\|(?<!\\)&")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_FRAME = re.compile(r"\\(?:begin|end)\s*\{(?:equation|align|aligned|gather|displaymath|math)\*?\}")
_BEGIN = re.compile(
    r"\\begin\s*\{(?P<name>(?:array|tabular)(?=\})|\w*[mM]atrix\*?)\}"
    # How the columns are aligned.
    r"(?:(?<=[^x]\})\s*(?:\[[a-z]*\])?\s*\{[^{}]*\}|(?<=\*\})\[[a-z]*\])?"
)
_END = re.compile(r"\\end\s*\{(?P<name>\w+\*?)\}")
_AROUND = re.compile(
    r"\$+|\\[\[\]()]|\\(?:left|right|big|Big|bigg|Bigg)[lr]?\s*(?:\\[{}|]|[.()\[\]|])|\\displaystyle\b|[\s.,;]+"
)
_ROW = re.compile(r"\\\\\*?(?:\[[^\]\n]*\])?|\\cr\b|\\tabularnewline\b")
_CELL = re.compile(r"(?<!\\)&")
_RULE = re.compile(r"\\(?:hline|toprule|midrule|bottomrule)\b|\\c(?:line|midrule)\s*\{[^{}]*\}")
_SPACE = re.compile(
    r"\\[,;:! ]|\\(?:quad|qquad|displaystyle|textstyle)\b|~|\\h?phantom\{[^{}]*\}|\$"
)
_FRACTION = re.compile(
    r"\\(?:[tdc]?frac|nicefrac|sfrac)\s*(?:\{([^{}]*)\}|(\d))\s*(?:\{([^{}]*)\}|(\d))", re.ASCII
)
_POWER = re.compile(
    r"(?<=[\d.,])\s*\\(?:times|cdot)\s*10\s*\^\s*(?:\{\s*([+−–-]?\s*\d+)\s*\}|(\d))", re.ASCII
)
_GROUP = re.compile(r"\{([,+−–-]?|[+−–-]?[\d.,]*)\}", re.ASCII)
_NUMBER_COMMAND = re.compile(r"\\num\s*\{([^{}]*)\}")


def is_latex(text: str) -> bool:
    """Whether a text has what only LaTeX uses."""
    return bool(_MARKS.search(text))


def read_latex(text: str) -> list[list[PastedCell]]:
    """Return the rows of a matrix in LaTeX.

    Raises:
        Invalid: a `CellProblem`.
    """
    text = _FRAME.sub("", _COMMENT.sub("", text))
    body, line = text, 1
    if begin := _BEGIN.search(text):
        before = _AROUND.sub("", text[: begin.start()].rpartition("=")[2])
        if before:
            raise _unexpected(PastedCell(before, 1, 1))
        line += text.count("\n", 0, begin.end())
        body = text[begin.end() :]
        end = _END.search(body)
        after = _AROUND.sub("", body[end.end() :]) if end else ""
        body = body[: end.start()] if end else body
        if end is None or end["name"] != begin["name"]:
            command = rf"\end{{{begin['name']}}}"
            message = N_("“%(command)s” is missing.")
            raise _last_cell(body, line).after.problem(message, command=command)
        if after:
            raise _unexpected(replace(_last_cell(body, line).after, text=after))
    rows = list(_rows(body, line))
    is_empty = len(rows[-1]) == 1 and not rows[-1][0].text  # after a last \\
    return with_row_numbers(rows[:-1] if is_empty else rows)


def _rows(body: str, line: int) -> Iterator[list[PastedCell]]:
    body = _RULE.sub("", body)
    for number, (row, row_line) in enumerate(_split(_ROW, body, line), 1):
        cells = enumerate(_split(_CELL, row, row_line), 1)
        yield [
            PastedCell(typed_number(cell), cell_line + _leading_lines(cell), column, number)
            for column, (cell, cell_line) in cells
        ]


def _split(separator: re.Pattern[str], text: str, line: int) -> Iterator[tuple[str, int]]:
    """Yield the parts of a text with their lines."""
    start = 0
    for found in separator.finditer(text):
        yield text[start : found.start()], line
        line += text.count("\n", start, found.end())
        start = found.end()
    yield text[start:], line


def _leading_lines(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n") if text.strip() else 0


def typed_number(cell: str) -> str:
    r"""Return a number as people type it, −\frac{1}{3} as −1/3; any other text as it is."""
    typed = _SPACE.sub(" ", _NUMBER_COMMAND.sub(r"\1", cell))
    typed = _FRACTION.sub(_typed_fraction, typed)
    typed = _POWER.sub(lambda found: f"e{(found[1] or found[2]).replace(' ', '')}", typed)
    typed = _GROUP.sub(r"\1", typed)
    return " ".join((typed if is_number(typed) or not typed.strip() else cell).split())


def _typed_fraction(found: re.Match[str]) -> str:
    over, under = found[1] or found[2] or "", found[3] or found[4] or ""
    return f" {over.strip()}/{under.strip()}"


def _last_cell(body: str, line: int) -> PastedCell:
    rows = with_row_numbers([row for row in _rows(body, line) if any(cell.text for cell in row)])
    return rows[-1][-1] if rows else PastedCell("", line, 1)


def _unexpected(cell: PastedCell) -> CellProblem:
    text = quoted(" ".join(cell.text.split()))
    return cell.problem(N_("“%(text)s” was not expected here."), text=text)
