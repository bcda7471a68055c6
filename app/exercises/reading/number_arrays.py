"""Numbers, lists and matrices with their places in the text."""

from dataclasses import dataclass, replace

from app.backprop.errors import N_
from app.backprop.network import LARGEST
from app.exercises.lexing.sources import Source, Unreadable


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """One number, and where it begins."""

    value: float
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Array:
    """One number (depth 0), a list (1), a matrix (2) or a list of arrays (3).

    `other`: the list as it is if its commas are decimal; `question`: what to ask then.
    """

    rows: tuple[tuple[ReadNumber, ...], ...]
    depth: int
    start: int
    parts: tuple["Array", ...] = ()
    other: tuple[tuple[ReadNumber, ...], ...] = ()
    question: Unreadable | None = None

    @property
    def numbers(self) -> tuple[ReadNumber, ...]:
        return tuple(number for row in self.rows for number in row)

    @property
    def size(self) -> tuple[int, int]:
        """Its rows and columns."""
        return len(self.rows), len(self.rows[0]) if self.rows else 0

    def of_length(self, length: int | None, has_decimal_commas: bool | None) -> "Array":
        """Return the list that is meant, where so many numbers are expected.

        Raises Unreadable if it stays open whether its commas are decimal.
        """
        if self.question is None:
            return self
        decimal = replace(self, rows=self.other, other=(), question=None)
        listed = replace(self, other=(), question=None)
        if (
            self.depth > 1
            and length in (None, len(decimal.numbers))
            and has_decimal_commas is not False
        ):
            return decimal  # (0,5; 0,8)
        fits = length in (None, len(self.numbers)), length in (None, len(decimal.numbers))
        if has_decimal_commas is False:
            return listed
        if has_decimal_commas and fits[0] != fits[1]:
            return listed if fits[0] else decimal
        if has_decimal_commas is None and fits[0]:
            return listed
        raise self.question


@dataclass(slots=True)
class Commas:
    """What the numbers of a text show about its commas."""

    decimal: ReadNumber | None = None  # the first with a decimal comma
    point: ReadNumber | None = None  # the first with a decimal point

    def note(self, number: ReadNumber) -> ReadNumber:
        if "," in number.text and self.decimal is None:
            self.decimal = number
        if "." in number.text and self.point is None:
            self.point = number
        return number

    @property
    def are_decimal(self) -> bool | None:
        """Whether they are; None if nothing shows it."""
        return True if self.decimal else False if self.point else None


def checked(source: Source, number: ReadNumber) -> ReadNumber:
    """Return a number if it is in the range of those that can be entered. Raises Unreadable."""
    if not abs(number.value) <= LARGEST:
        limit = f"{LARGEST:,.0f}"
        message = N_("Enter a number from %(low)s to %(high)s.")
        raise source.problem(number.start, message, low=f"−{limit}", high=limit)
    return number


def scalar(number: ReadNumber) -> Array:
    """Return an array of one number."""
    return Array(((number,),), 0, number.start)
