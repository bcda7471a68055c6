"""Arrays in brackets, as programs write and print them.

Python, JSON, NumPy, PyTorch, TensorFlow, JAX, MATLAB, Octave, Julia, Mathematica, R. The innermost
brackets are rows; in MATLAB's notation semicolons and ends of lines separate rows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.backprop.errors import N_
from app.text.pasted_cells import CellProblem, PastedCell, quoted, with_row_numbers

_CLOSING = {"[": "]", "{": "}", "(": ")"}
_TOKEN = re.compile(r"[\[\](){},;\n\v]|[^\[\](){},;\n\v]+")
# What may stand around the brackets. A line break in it stays, so that lines keep their numbers.
_BEFORE = re.compile(
    r"""\s*(?:(?:In|Out)\s?\[\d+\]:?=?|>>>)?\s*  # the prompt of a shell
    (?:[A-Za-z_][\w.:<>*&\s'′{}^\\]*(?:\[\d*\]\s*)*(?::?=|<-)\s*)?  # an assignment
    (?:Parameter\ containing:|<tf\.(?:Tensor|Variable)[^>]*?numpy=)?\s*""",
    re.VERBOSE,
)
_CALL = re.compile(
    r"""(?<![\w.])(?:[A-Za-z_]\w*\.)*(?:array|asarray|Array|matrix|mat|Matrix|ImmutableMatrix|tensor|Tensor
    |FloatTensor|DoubleTensor|as_tensor|constant|Variable|Parameter|list|tuple|rbind|c)\s*(?=\()
    |\b(?:Float64|Float32|Int64|Real|Number|Any)(?=\[)""",
    re.VERBOSE,
)
_OPTION = re.compile(
    r""",\s*(?:dtype|requires_grad|device|grad_fn|shape|size|names|name|copy|order|weak_type)\s*=\s*
    (?:<[^<>]*>|'[^'\n]*'|"[^"\n]*"|\([^()]*\)|[\w.:]+)""",
    re.VERBOSE,
)
_SCALAR = re.compile(r"\b(?:np\.|numpy\.)?float(?:16|32|64)\(([^()]*)\)")
_COMMENT = re.compile(r"[#%][^\n]*")
_CONTINUED = re.compile(r"\.\.\.[ \t]*\n")
_PRECISION = re.compile(r"`[\d.]*")  # of Mathematica: 0.1`15
_START = re.compile(r"[\[{(]")


def starts_array(text: str) -> bool:
    """Whether a text begins as an array does."""
    return bool(_START.match(_without_wrapping(text).lstrip()))


def read_array(text: str) -> list[list[PastedCell]]:
    """Return the rows of an array in brackets.

    Raises:
        Invalid: a `CellProblem`.
    """
    reader = _ArrayReader()
    for token, line in _tokens(_without_wrapping(text)):
        reader.take(token, line)
    reader.end()
    return with_row_numbers(reader.rows)


def _without_wrapping(text: str) -> str:
    """Return the brackets and what is in them, with every line break where it was."""
    text = _CONTINUED.sub("\v", _COMMENT.sub("", text))
    before = _BEFORE.match(text)
    assert before is not None  # it may be empty
    text = "\n" * before[0].count("\n") + text[before.end() :]
    if "<tf." in before[0]:
        text = text.rstrip().removesuffix(">")
    text = _SCALAR.sub(r"\1", text)
    return _OPTION.sub(lambda found: "\n" * found[0].count("\n"), _CALL.sub("", text))


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for found in _TOKEN.finditer(text):
        yield found[0], line
        line += found[0] in "\n\v"


@dataclass(slots=True, eq=False)
class _Bracket:
    """A bracket that is open. Only an innermost one has numbers.

    A row with commas is split there: `words` are those since the last one, and `cells` the texts
    before it. A row without commas is split at its spaces.
    """

    sign: str = ""  # empty around the whole text
    has_brackets: bool = False
    has_commas: bool = False
    words: list[tuple[str, int]] = field(default_factory=list)
    cells: list[tuple[str, int]] = field(default_factory=list)

    @property
    def takes_numbers(self) -> bool:
        return bool(self.sign) and not self.has_brackets

    def take_cell(self, line: int) -> None:
        text = " ".join(word for word, _line in self.words)
        self.cells.append((text, self.words[0][1] if self.words else line))
        self.words = []

    def take_row(self, line: int) -> list[tuple[str, int]]:
        """Return the texts of a row with their lines, and begin the next row."""
        if not self.has_commas:
            self.cells = self.words
        elif self.words:  # else a comma ends the row
            self.take_cell(line)
        row, self.cells, self.words, self.has_commas = self.cells, [], [], False
        return row or [("", line)]


class _ArrayReader:
    """Takes an array token by token."""

    def __init__(self) -> None:
        self.rows: list[list[PastedCell]] = []
        self._open = [_Bracket()]
        self._line = 1
        # The innermost brackets so far, and those around them; the rows of one follow each other.
        self._inner: list[_Bracket] = []
        self._around: list[_Bracket] = []

    def take(self, token: str, line: int) -> None:
        self._line, innermost = line, self._open[-1]
        if token in _CLOSING:
            self._begin(token)
        elif token in _CLOSING.values():
            self._end(token)
        elif token == ",":
            if innermost.takes_numbers:
                innermost.has_commas = True
                innermost.take_cell(line)
        elif token == ";":
            if innermost.words or innermost.cells:
                self._take_row(innermost)
        elif token == "\n":
            # In MATLAB's notation the end of a line ends a row, unless a comma comes before it.
            if len(self._open) == 2 and innermost.sign == "[" and innermost.words:
                self._take_row(innermost)
        elif words := token.split():
            if not innermost.takes_numbers:
                raise self._unexpected(" ".join(words))
            innermost.words += [(word, line) for word in words]

    def end(self) -> None:
        """Raise Invalid if a bracket is still open."""
        if len(self._open) > 1:
            sign = _CLOSING[self._open[-1].sign]
            raise self._problem(N_("A closing “%(sign)s” is missing."), sign=sign)

    def _begin(self, sign: str) -> None:
        outer = self._open[-1]
        if outer.words or outer.cells:
            raise self._unexpected(sign)
        outer.has_brackets = True
        self._open.append(_Bracket(sign))

    def _end(self, sign: str) -> None:
        closed = self._open[-1]
        if not closed.sign:
            raise self._problem(N_("“%(sign)s” closes no bracket."), sign=sign)
        if sign != _CLOSING[closed.sign]:
            message = N_("“%(sign)s” does not close “%(open)s”.")
            raise self._problem(message, sign=sign, open=closed.sign)
        if closed.takes_numbers:
            if sign == ")" and not closed.has_commas and len(closed.words) == 1:
                # In a table of accounts it is a negative number.
                cell = quoted(f"({closed.words.pop()[0]})")
                raise self._problem(N_("“%(cell)s” is not a number."), cell=cell)
            if closed.words or closed.cells or closed not in self._inner[-1:]:
                self._take_row(closed)
        self._open.pop()

    def _take_row(self, bracket: _Bracket) -> None:
        number, around = len(self.rows) + 1, self._open[-2]
        texts = enumerate(bracket.take_row(self._line), 1)
        row = [PastedCell(_bare(text), line, column, number) for column, (text, line) in texts]
        self.rows.append(row)
        if bracket not in self._inner[-1:]:
            self._inner.append(bracket)
        if around not in self._around[-1:]:
            self._around.append(around)
        if any(1 < len(brackets) < number for brackets in (self._inner, self._around)):
            raise row[0].problem(N_("This begins a second matrix. Paste one at a time."))

    def _problem(self, message: str, **values: object) -> CellProblem:
        return self._next_place().problem(message, **values)

    def _unexpected(self, text: str) -> CellProblem:
        return self._problem(N_("“%(text)s” was not expected here."), text=quoted(text))

    def _next_place(self) -> PastedCell:
        innermost, rows = self._open[-1], len(self.rows) + 1
        count = len(innermost.cells) + len(innermost.words)
        is_shared = any(row[0].line == self._line for row in self.rows)
        return PastedCell("", self._line, count + 1, rows if is_shared else 0)


def _bare(text: str) -> str:
    """Return a number without quotation marks and without Mathematica's notation."""
    return _PRECISION.sub("", text.strip("\"'")).replace("*^", "e")
