"""Reads numbers, lists and matrices from tokens.

Lists are read here, with their commas: a comma between two digits may be decimal or separate numbers.
Matrices in nested brackets, in LaTeX and in tables are read in `table_regions.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from app.backprop.errors import N_
from app.exercises.lexing.brackets import Brackets
from app.exercises.lexing.sources import Source, Translate, Unreadable, quote
from app.exercises.lexing.tokens import (
    ARROW,
    CLOSE,
    COLON,
    COMMA,
    IS,
    LATEX,
    LINE,
    MIXED,
    NAME,
    NUMBER,
    OPEN,
    SEMICOLON,
    SHAPE,
    SIGN,
    SLASH,
    Token,
)
from app.exercises.reading.number_arrays import Array, Commas, ReadNumber, checked, scalar
from app.exercises.reading.table_regions import RegionReader
from app.text.typed_numbers import NotANumber, is_ambiguous, read_number

DEEPEST = 4  # brackets around the numbers of a list of matrices, one of a function included
_CALLS = frozenset(
    ("array", "Array", "asarray", "tensor", "Tensor", "FloatTensor", "as_tensor", "matrix", "mat", "Matrix", "Parameter", "constant", "Variable", "list", "tuple", "c", "vector", "float32", "float64")
)  # fmt: skip
_WRAPPING = re.compile(
    r"(?:\s*(?:```\w*|>>>|(?:In|Out)\s?\[\d+\]:?=?|Parameter containing:"
    r"|<tf\.(?:Tensor|Variable)[^>]{0,200}?numpy=|(?:Float64|Float32|Int64|Real|Number|Any)(?=\[)))+"
    r"\s*(?=[\w\[({<])"
)
_COUNTED = frozenset("input inputs hidden output outputs units neurons nodes layers layer iterations iteration steps epochs".split())  # fmt: skip
_TRANSPOSED = ("^\\top", "^{\\top}", "^T", "^{T}", "^⊤", ".T", "ᵀ", "⊤", "'")


@dataclass(slots=True)
class _Item:
    """A number in a list: its tokens, and what separates it from the one before."""

    start: int
    end: int
    separator: str


class ArrayReader:
    """Reads arrays from tokens. Each method returns what it read, and the index of the next token.

    None means that there is no number. What is no number, where one has begun, raises Unreadable.
    """

    def __init__(self, source: Source, tokens: Sequence[Token], brackets: Brackets) -> None:
        self._source, self._tokens, self._brackets = source, tokens, brackets
        self.commas = Commas()
        self.regions = RegionReader(source, tokens, self.commas)

    def kind(self, at: int) -> str:
        return self._tokens[at].kind if at < len(self._tokens) else ""

    def is_tight(self, at: int) -> bool:
        """Whether no space stands before a token."""
        return 0 < at < len(self._tokens) and self._tokens[at - 1].end == self._tokens[at].start

    def number(self, at: int, *, spaced_fractions: bool = True) -> tuple[ReadNumber, int] | None:
        """Read one number, in which a comma between digits is decimal."""
        end = self._number_end(at, spaced_fractions=spaced_fractions)
        if end is None:
            return None
        if self._tight_comma(end) and self._is_whole(end - 1):
            return self._decimal(at)
        return self.commas.note(self._read(at, end, decimal_comma=None)), end

    def note_decimal(self, at: int) -> None:
        """Note that commas are decimal if one stands between the whole numbers at a token."""
        is_pair = self._is_whole(at) and self._tight_comma(at + 1)
        if not is_pair or self._tight_comma(at + 3):
            return
        text = self._source.text[self._tokens[at].start : self._tokens[at + 2].end]
        if not is_ambiguous(text):
            self.commas.note(self._read(at, at + 3, decimal_comma=True))

    def _decimal(self, at: int) -> tuple[ReadNumber, int]:
        """Read 0,5. Raises Unreadable for 0,5,1."""
        end = self._number_end(at)
        assert end is not None
        if self._tight_comma(end + 2) and self._is_whole(end + 1):
            raise self._question(at, end + 2)
        return self.commas.note(self._read(at, end + 2, decimal_comma=None)), end + 2

    def array(
        self, at: int, *, is_list: bool = False, has_rows: bool = False, is_data: bool = False
    ) -> tuple[Array, int] | None:
        """Read an array.

        Args:
            is_list: whether numbers that follow each other without brackets are one list.
            is_data: whether 1,0 without brackets may be two numbers, as in x = 1,0.
            has_rows: whether such a list may be a matrix, with rows between semicolons or slashes.
        """
        at = self._unwrapped(at)
        if table := self.regions.table(at, is_inline=has_rows):
            return table
        while self.kind(at) == LINE:
            at += 1
        if self.kind(at) == NAME and self._tokens[at].text == "\\begin":
            raise self._source.problem(
                self._tokens[at].start, N_("“%(command)s” is missing."), command="\\end"
            )
        if has_rows and (rows := self.regions.latex_rows(at)):
            return rows
        if self.kind(at) == OPEN and self.kind(at + 1) == LATEX and self.kind(at + 2) == CLOSE:
            return self._with_transpose(self.regions.latex(at + 1), at + 3)
        if self.kind(at) == LATEX:
            return self._with_transpose(self.regions.latex(at), at + 1)
        if self.begins(at) and (bracket := self._call(at)) is not None:
            found = self._bracketed(bracket)
            if found is None:
                return None
            end = found[1] if bracket == at else self._call_end(at + 1)
            if has_rows and found[0].depth == 1 and bracket == at:
                return self._further_rows(found[0], bracket, end)
            return self._with_transpose(found[0], end)
        if is_list and (end := self._list_end(at, has_rows)) > at:
            found_list = self._flat(at, end, has_rows=has_rows)
            if len(found_list.numbers) == 2 and found_list.question and not is_data:
                number, end = self._decimal(at)
                return scalar(number), end
            if len(found_list.numbers) == 1 and not found_list.question:
                found_list = replace(found_list, depth=0)
            return found_list, end
        read = self.number(at, spaced_fractions=not has_rows)
        if read is None:
            return None
        number, end = read
        return scalar(number), end

    def _further_rows(self, first: Array, at: int, end: int) -> tuple[Array, int]:
        """Read the rows that follow one in brackets: [1, 2], [3, 4]"""
        last, place = end, end
        while True:
            while self.kind(place) in (COMMA, LINE):
                place += 1
            is_row = self.kind(place) == OPEN and self._brackets.heights.get(place) == 1
            if (
                not is_row
                or self._tokens[place].text != self._tokens[at].text
                or not self.begins(place)
            ):
                break
            after = self._brackets.ends[place] + 1
            if self.kind(after) == ARROW:
                break
            last = place = after
        if last == end:
            return self._with_transpose(first, end)
        return self.regions.nested(at, last - 1), last

    def _unwrapped(self, at: int) -> int:
        """Return where an array begins behind a prompt, a fence, or the name of its type."""
        if at >= len(self._tokens):
            return at
        start = self._tokens[at].start
        stop = _WRAPPING.match(self._source.text, start)
        while stop and at < len(self._tokens) and self._tokens[at].start < stop.end():
            at += 1
        return at

    def _call_end(self, at: int) -> int:
        if at not in self._brackets.ends:
            raise self._brackets.problem(self._source, self._tokens, at)
        return self._brackets.ends[at] + 1

    def begins(self, at: int) -> bool:
        """Whether an array in brackets begins here."""
        place, brackets = at, 0
        while self.kind(place) in (OPEN, NAME, LINE) and brackets <= 2 * DEEPEST:
            if self.kind(place) == NAME and self.kind(place + 1) != OPEN:
                return False
            brackets += self.kind(place) == OPEN
            place += 1
        return brackets > 0 and self.kind(place) in (NUMBER, SIGN, MIXED, SHAPE, CLOSE, COMMA)

    # Single numbers.

    def _number_end(self, at: int, *, spaced_fractions: bool = True) -> int | None:
        """Return where a number ends that begins here; None if none does."""
        start = at
        while self.kind(at) == SIGN and (at == start or self.is_tight(at)):
            at += 1
        if self.kind(at) in (MIXED, SHAPE) or (at - start > 1 and self.kind(at) == NUMBER):
            end = self._tokens[at].end
            self._read_text(
                self._source.text[self._tokens[start].start : end], self._tokens[start].start
            )
            raise self._unexpected(at)  # not reached: it is no number
        if self.kind(at) != NUMBER:
            return None
        at += 1
        if self.kind(at) == SLASH and self.kind(at + 1) == NUMBER:
            tight = self.is_tight(at) and self.is_tight(at + 1)
            if tight or (spaced_fractions and not self.is_tight(at) and not self.is_tight(at + 1)):
                at += 2
        return at

    def _is_whole(self, at: int) -> bool:
        return self.kind(at) == NUMBER and self._tokens[at].text.isdecimal()

    def _tight_comma(self, at: int) -> bool:
        """Whether a comma stands between two digits without a space."""
        return (
            self.kind(at) == COMMA
            and self.is_tight(at)
            and self.is_tight(at + 1)
            and self._is_whole(at + 1)
        )

    def _read(self, at: int, end: int, *, decimal_comma: bool | None) -> ReadNumber:
        start, text_end = self._tokens[at].start, self._tokens[end - 1].end
        return self._read_text(self._source.text[start:text_end], start, decimal_comma)

    def _read_text(self, text: str, start: int, decimal_comma: bool | None = None) -> ReadNumber:
        """Return the number that a text is. Raises Unreadable."""
        typed = _typed(text)
        if decimal_comma is None:
            decimal_comma = bool(self.commas.decimal)
        try:
            value = read_number(typed, decimal_comma=decimal_comma)
        except NotANumber as error:
            said = quote(text)
            if error.is_explained:
                raise self._source.problem_of(start, partial(_explained, said, error)) from None
            message = N_("“%(cell)s” is not a number.")
            raise self._source.problem(start, message, cell=said) from None
        return checked(self._source, ReadNumber(value, start, typed))

    def _question(self, at: int, comma: int) -> Unreadable:
        """Ask whether a comma is decimal."""
        before, after = self._tokens[comma - 1], self._tokens[comma + 1]
        one, other = f"{before.text}.{after.text}", f"{before.text}; {after.text}"
        message = N_("Is this %(one)s, or the numbers %(other)s? Write one of the two.")
        return self._source.problem(before.start, message, one=one, other=other)

    def _unexpected(self, at: int) -> Unreadable:
        token = self._tokens[at]
        message = N_("“%(text)s” was not expected here.")
        return self._source.problem(token.start, message, text=quote(token.text))

    # Lists.

    def _list_end(self, at: int, has_rows: bool) -> int:
        """Return where numbers without brackets end."""
        end = at
        while True:
            try:
                next_end = self._number_end(at, spaced_fractions=not has_rows)
            except Unreadable:
                if end != at and (self.kind(at) == SHAPE or _is_ordinal(self._tokens[at].text)):
                    return end  # the layers 2-2-1, or 2nd
                raise
            if next_end is None or self._counts(next_end) or self.kind(next_end) in (IS, COLON):
                return end
            end = at = next_end
            if self.kind(at) == COMMA or (has_rows and self.kind(at) in (SEMICOLON, SLASH)):
                at += 1
                while has_rows and self.kind(at) == LINE:
                    at += 1

    def _counts(self, at: int) -> bool:
        """Whether a word follows that the number before it counts, as in 2 hidden units."""
        return (
            self.kind(at) == NAME and not self.is_tight(at) and _is_counted(self._tokens[at].text)
        )

    def _flat(self, at: int, end: int, *, has_rows: bool, is_bracketed: bool = False) -> Array:
        """Read numbers up to a token. Raises Unreadable."""
        items = self._items(at, end, has_rows)
        start = self._tokens[at].start if at < len(self._tokens) else 0
        tight = [place for place, item in enumerate(items) if item.separator == ",,"]
        separators = {item.separator for item in items[1:]}
        if tight and "," in separators:
            raise self._question(at, items[tight[0]].start - 1)
        listed = self._rows(items)
        if not tight:
            depth = 2 if len(listed) > 1 or (is_bracketed and ";" in separators) else 1
            return Array(listed, depth, start)
        if separators & {" ", "/"} or self._has_leading_zero(items, tight):
            rows = self._rows(self._merged(items))
            for row in rows:
                for number in row:
                    self.commas.note(number)
            return Array(rows, 1 if len(rows) == 1 else 2, start)
        if len(items) - len(tight) < len(tight) or any(b - a == 1 for a, b in pairwise(tight)):
            return Array(listed, 1 if len(listed) == 1 else 2, start)  # 1,0,1
        question = self._question(at, items[tight[0]].start - 1)
        other = self._rows(self._merged(items))
        if ";" in separators:
            other = (tuple(number for row in other for number in row),)
        depth = 1 if len(listed) == 1 else 2
        return Array(listed, depth, start, other=other, question=question)

    def _items(self, at: int, end: int, has_rows: bool) -> list[_Item]:
        items: list[_Item] = []
        separator = ""
        while at < end:
            if self.kind(at) in (COMMA, SEMICOLON, LINE) or (has_rows and self.kind(at) == SLASH):
                if self.kind(at) == COMMA:
                    if separator == ",":
                        raise self._source.problem(
                            self._tokens[at].start, N_("A number is missing.")
                        )
                    separator = ",," if self._tight_comma(at) and self._is_whole(at - 1) else ","
                elif self.kind(at) == SLASH:
                    separator = "/"
                elif separator != "," and (self.kind(at) == SEMICOLON or has_rows):
                    separator = ";"
                at += 1
                continue
            next_at = self._number_end(at, spaced_fractions=not has_rows)
            if next_at is None and items and self._tokens[at].text == "." and self.is_tight(at):
                at += 1  # 1. of NumPy
                continue
            if next_at is None:
                raise self._unexpected(at)
            items.append(_Item(at, next_at, (separator or " ") if items else ""))
            separator, at = "", next_at
        return items

    def _has_leading_zero(self, items: list[_Item], tight: list[int]) -> bool:
        """Whether what follows a comma can only be decimals, as in 0,05."""
        texts = [self._tokens[items[place].start].text for place in tight]
        return any(len(text) > 1 and text.startswith("0") for text in texts)

    def _merged(self, items: list[_Item]) -> list[_Item]:
        merged: list[_Item] = []
        for item in items:
            if item.separator == ",,":
                merged[-1].end = item.end
            else:
                merged.append(replace(item))
        return merged

    def _rows(self, items: list[_Item]) -> tuple[tuple[ReadNumber, ...], ...]:
        rows: list[list[ReadNumber]] = [[]]
        for item in items:
            if item.separator in (";", "/"):
                rows.append([])
            number = self._read(item.start, item.end, decimal_comma=True)
            if "." in number.text:
                self.commas.note(number)
            rows[-1].append(number)
        return tuple(map(tuple, rows))

    # Brackets.

    def _call(self, at: int) -> int | None:
        """Return the bracket of an array that begins here, maybe as the argument of a function."""
        while self.kind(at) == NAME and self.kind(at + 1) == OPEN:
            name = self._tokens[at].text.rpartition(".")[2]
            if name == "rbind":
                return at + 1
            if name not in _CALLS:
                return None
            at += 2 if self.kind(at + 2) in (OPEN, NAME) else 1
        return at if self.kind(at) == OPEN else None

    def _bracketed(self, at: int) -> tuple[Array, int] | None:
        height = self._brackets.heights.get(at)
        if height is None:
            raise self._brackets.problem(self._source, self._tokens, at)
        end = self._brackets.ends[at]
        if height > DEEPEST:
            return None
        inner = self._inner(at, end)
        start = self._tokens[at].start
        if not inner and self._is_of_program(at, end):
            return self.regions.nested(at, end), end + 1
        if not inner:
            stop = self._argument_end(at, end)
            flat = self._flat(
                at + 1, stop, has_rows=self._tokens[at].text == "[", is_bracketed=True
            )
            if not flat.numbers:
                raise self._source.problem(start, N_("A number is missing."))
            return replace(flat, start=start), end + 1
        if all(
            self._brackets.heights.get(each, 9) == 1 and not self._is_called(each) for each in inner
        ):
            return self.regions.nested(at, end), end + 1
        parts = []
        for each in inner:
            found = self._bracketed(each)
            if found is None:
                return None
            parts.append(found[0])
        if len(parts) == 1:
            return parts[0], end + 1
        if self.kind(at - 1) == NAME and self._tokens[at - 1].text == "rbind":
            return Array(tuple(part.numbers for part in parts), 2, start), end + 1
        return Array((), 3, start, tuple(parts)), end + 1

    def _inner(self, at: int, end: int) -> list[int]:
        """Return the brackets directly inside one; inside a function, those of its first argument."""
        found, place = [], at + 1
        while place < end:
            if self.kind(place) == OPEN and place in self._brackets.ends:
                if self._is_called(place) and self.kind(place + 1) in (OPEN, NAME):
                    argument = self._call(place + 1)
                    found += [argument] if argument is not None else []
                elif not self._is_float(place):
                    found.append(place)
                place = self._brackets.ends[place]
            elif self.kind(place) == IS:
                break  # the options of a function
            place += 1
        return found

    def _is_called(self, at: int) -> bool:
        return self.kind(at - 1) == NAME and self.is_tight(at)

    def _is_float(self, at: int) -> bool:
        """Whether a bracket belongs to np.float64(…)."""
        return (
            self.kind(at) == OPEN
            and self._is_called(at)
            and self._tokens[at - 1].text.endswith(("float64", "float32"))
        )

    def _is_of_program(self, at: int, end: int) -> bool:
        """Whether a bracket without others has np.float64(…), comments or continued lines."""
        text = self._source.text[self._tokens[at].start : self._tokens[end].end]
        return "..." in text or "%" in text or any(map(self._is_float, range(at + 1, end)))

    def _argument_end(self, at: int, end: int) -> int:
        """Return where the numbers of a flat bracket end: before the options of a function."""
        for place in range(at + 1, end):
            if self.kind(place) == IS and self._is_called(at):
                while place > at + 1 and self.kind(place) != COMMA:
                    place -= 1
                return place
        return end

    def _with_transpose(self, array: Array, at: int) -> tuple[Array, int]:
        """Take the sign of a transposed matrix that follows."""
        text = self._source.text
        stop = self._tokens[at - 1].end
        for sign in _TRANSPOSED:
            if text.startswith(sign, stop):
                while at < len(self._tokens) and self._tokens[at].start < stop + len(sign):
                    at += 1
                rows = tuple(zip(*array.rows, strict=False)) if array.depth == 2 else array.rows
                return replace(array, rows=rows), at
        return array, at


def _explained(text: str, error: NotANumber, translate: Translate) -> str:
    return f"“{text}”: {error.translated(translate)}"


def _typed(text: str) -> str:
    """Return a number of LaTeX as people type it."""
    if "\\" not in text:
        return text
    sign = text.partition("\\")[0]
    digits = [
        part for part in text.partition("frac")[2].replace("}", "{").split("{") if part.strip()
    ]
    if len(digits) == 1:
        digits = list(digits[0].strip())
    return f"{sign}{digits[0].strip()}/{digits[-1].strip()}"


def _is_counted(word: str) -> bool:
    return word.lower() in _COUNTED


def _is_ordinal(text: str) -> bool:
    return text.lstrip("0123456789") in ("st", "nd", "rd", "th", "D", "d")
