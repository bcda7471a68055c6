"""The text of an exercise, its places, and errors that name them."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from app.backprop.errors import N_, Invalid

FIELD = "text"
MOST_CHARACTERS = 65_536
LONGEST_QUOTE = 40  # characters of the text that a message repeats

Translate = Callable[[str], str]


class Unreadable(Invalid):
    """Something in the text is wrong. The message begins with its place.

    Attributes:
        line, column: the place, both from 1; a column is a character.
    """

    def __init__(self, line: int, column: int, why: Callable[[Translate], str]) -> None:
        self.line, self.column, self.why = line, column, why
        super().__init__(FIELD, "")

    def translated(self, translate: Translate) -> str:
        place = translate(N_("Line %(line)s, column %(column)s"))
        return f"{place % {'line': self.line, 'column': self.column}}: {self.why(translate)}"

    def sentence(self, translate: Translate = N_) -> str:
        """Return the message alone: it says where it belongs."""
        return self.translated(translate)

    def of(self, field: str) -> "Unreadable":
        other = Unreadable(self.line, self.column, self.why)
        other.field = field
        return other


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about the text, to be translated."""

    text: str
    values: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, text: str, /, **values: object) -> "Remark":
        return cls(text, tuple(values.items()))

    def translated(self, translate: Translate = N_) -> str:
        text = translate(self.text)
        return text % dict(self.values) if self.values else text


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text, with the line and the column of its first character, both from 1."""

    line: int
    column: int
    text: str


class Source:
    """A text, whose lines end with a line feed. A place in it is an offset from 0."""

    def __init__(self, text: str) -> None:
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._starts = [0]
        for line in self.text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def line_of(self, offset: int) -> int:
        """The number of a line, from 1."""
        return min(bisect_right(self._starts, offset), len(self._starts) - 1)

    def line_start(self, line: int) -> int:
        return self._starts[line - 1]

    def line_end(self, line: int) -> int:
        return self._starts[line] - 1

    @property
    def last_line(self) -> int:
        return len(self._starts) - 1

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both from 1."""
        line = self.line_of(offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        return Span(*self.place(start), " ".join(self.text[start:end].split()))

    def problem(self, offset: int, text: str, /, **values: object) -> Unreadable:
        """Return the error that something is wrong at an offset."""
        return Unreadable(*self.place(offset), Invalid(FIELD, text, **values).translated)

    def second_value(self, name: "str | Remark", start: int, first: int) -> Unreadable:
        """Return the error that something has another value at an offset than at the first one."""
        line, column = self.place(first)

        def why(translate: Translate) -> str:
            text = translate(
                N_(
                    "There are two values for %(name)s. The first is in line %(line)s, column %(column)s."
                )
            )
            said = name if isinstance(name, str) else name.translated(translate)
            return text % {"name": said, "line": line, "column": column}

        return self.problem_of(start, why)

    def problem_of(self, offset: int, why: Callable[[Translate], str]) -> Unreadable:
        """Return the error at an offset for a reason that is known already."""
        return Unreadable(*self.place(offset), why)


def quote(text: str) -> str:
    """Return a text in one line, shortened for a message."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
