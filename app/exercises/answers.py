"""Reads a working as people write it: `net_h1 = 0.15·0.05 + 0.35 = 0.3775, out_h1 = 0.5933`.

A working is a list of lines, each with the name of a quantity and an answer. Between them are line
breaks, semicolons, or commas; a comma inside a number is a decimal comma. Text without a number, such
as a heading, is passed over. Nothing is guessed: a 1,250 that may be 1.25 or 1250 is no number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

MOST_LINES = 1_000
MOST_CHARACTERS = 50_000
LONGEST_LINE = 100  # letters of a name and a number without an equals sign

_EQUALS = "=≈:≅≃"
_SIGNS = "+−–-"
_DIGITS = r"(?:\d+(?:[.,]\d*)?|[.,]\d+)"
_POWER = (
    rf"(?:[eE][{_SIGNS}]?\d{{1,3}}|\s*[·×*x]\s*10\s*\^?\s*[({{]?\s*[{_SIGNS}]?\d{{1,3}}[)}}]?)?"
)
_ANSWER = re.compile(rf"\s*([{_SIGNS}]?\s?{_DIGITS}{_POWER})\s*", re.ASCII)
# After an answer: nothing, a full stop, or a remark in parentheses or after a blank.
_AFTER = re.compile(r"\.?(?:\s*[(✓√].*)?", re.DOTALL)
# A separator: a comma with the name of another quantity and its equals sign after it.
_NEXT = re.compile(rf"[^{_EQUALS},;]+[{_EQUALS}]")
# Or the blank between an answer and the name of another quantity with its equals sign.
_BLANK = re.compile(
    rf"([{_EQUALS}]\s*[{_SIGNS}]?{_DIGITS})\s(?=\s*(?:[^\W\d]|[∂Δ∇])[^\s{_EQUALS}+*·×]*\s*[{_EQUALS}])"
)
_NAME_THEN_NUMBER = re.compile(
    rf"(?P<name>[^\d\s{_SIGNS}][^\t]*?)[\t ]+(?P<answer>[{_SIGNS}]?{_DIGITS}{_POWER})\s*", re.ASCII
)
_AMBIGUOUS = re.compile(rf"[{_SIGNS}]?[1-9]\d*,\d{{3}}", re.ASCII)
_TIMES_TEN = re.compile(r"\s*[·×*x]\s*10\s*\^?\s*[({]?\s*([+-]?\d+)[)}]?")


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line of a working: what it is about, and the number."""

    name: str  # as written; or an address, if `is_address`
    answer: str  # as written: a number, or a text that is none
    is_address: bool = False
    line: int = 0  # where the name is in a pasted text, counted from 1; 0 without a text
    column: int = 0
    is_ambiguous: bool = False  # whether its comma may be a decimal comma or separate thousands


def read_working(text: str) -> tuple[AnswerLine, ...]:
    """The lines of a working, in order, with their places. Never raises."""
    found = tuple(_lines(text[:MOST_CHARACTERS]))[:MOST_LINES]
    answers = [line.answer for line in found]
    commas = any("," in each and not _AMBIGUOUS.fullmatch(each) for each in answers)
    points = any("." in each for each in answers)
    decimal_comma = commas and not points
    return tuple(
        line if "," not in line.answer else _with_comma(line, decimal_comma) for line in found
    )


def typed_answer(address: str, text: str) -> AnswerLine:
    """The line of a blank for the quantity at an address: a number, maybe at the end of its working."""
    last = re.split(f"[{_EQUALS}]+", text)[-1]
    found = _ANSWER.fullmatch(last)
    answer = _number(found[1]) if found else last.strip()
    return _with_comma(AnswerLine(address, answer, is_address=True), decimal_comma=False)


def _with_comma(line: AnswerLine, decimal_comma: bool) -> AnswerLine:
    """The line with a decimal point, if its answer is a number."""
    if not _ANSWER.fullmatch(line.answer):
        return line
    is_ambiguous = bool(_AMBIGUOUS.fullmatch(line.answer)) and not decimal_comma
    return replace(line, answer=line.answer.replace(",", "."), is_ambiguous=is_ambiguous)


def _lines(text: str) -> Iterator[AnswerLine]:
    for number, row in enumerate(text.splitlines(), 1):
        for start, piece in _pieces(row):
            if found := _line(piece):
                name, answer, offset = found
                yield AnswerLine(name, answer, line=number, column=start + offset + 1)


def _pieces(row: str) -> Iterator[tuple[int, str]]:
    """The parts of a row, each with its start: at semicolons, and at commas and blanks before
    another name."""
    start, row = 0, _BLANK.sub(r"\1;", row)
    has_answer = False
    for index, letter in enumerate(row):
        has_answer = has_answer or letter in _EQUALS
        if letter == ";" or (letter == "," and has_answer and _begins_a_name(row, index + 1)):
            yield start, row[start:index]
            start, has_answer = index + 1, False
    yield start, row[start:]


def _begins_a_name(row: str, index: int) -> bool:
    """Whether a name with an equals sign begins here, and no digit of 0,5 or w1,4."""
    return not row[index : index + LONGEST_LINE].lstrip()[:1].isdigit() and bool(
        _NEXT.match(row, index)
    )


def _line(piece: str) -> tuple[str, str, int] | None:
    """Name, answer and the offset of the name; None for a text that is no line."""
    offset = len(piece) - len(piece.lstrip(" \t-–•*"))
    body = piece[offset:].rstrip(", \t")
    parts = re.split(f"[{_EQUALS}]+", body)
    if len(parts) == 1:
        found = _NAME_THEN_NUMBER.fullmatch(body) if len(body) <= LONGEST_LINE else None
        return (found["name"].strip(), _number(found["answer"]), offset) if found else None
    name, last = parts[0].strip(), parts[-1]
    if not name or (":" in body and not any(each.isdigit() for each in last)):
        return None
    found = _ANSWER.match(last)
    if found and _AFTER.fullmatch(last[found.end() :]):
        return name, _number(found[1]), offset
    return name, last.strip(), offset


def _number(text: str) -> str:
    """A number with an ASCII sign and an e for a power of ten."""
    text = re.sub(rf"^([{_SIGNS}])\s", r"\1", text).replace("−", "-").replace("–", "-")
    return _TIMES_TEN.sub(r"e\1", text)
