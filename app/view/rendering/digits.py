"""How many digits a visitor sees of a number: so many decimals, or so many significant digits.

Numbers on the card, in the matrices, in panels and on worksheets have them. The drawing has fixed
places, and keeps the formats of `numbers`; fields keep all digits that nobody has changed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import copy
from decimal import Decimal
from functools import lru_cache, partial
from math import isfinite, nextafter

from app.backprop.rounding_rule import SIGNIFICANT, Rounding
from app.view.rendering import numbers
from app.view.rendering.numbers import (
    FORMATS,
    MINUS,
    PLACE,
    Values,
    Writer,
    as_fraction,
    each,
    exponent,
    fitted,
    fraction,
    not_finite,
    significant,
    true_minus,
    true_minuses,
)

COUNTS = range(2, 13)
DEFAULT = "4"
SIGNIFICANT_MARK = "s"  # ends the names of those with significant digits
MOST_DRAWN = 4  # digits after the point, or significant ones, of a computed number in the drawing
TERM_PLACE = 8  # characters of a product in the drawing
NEARLY = (
    "\N{ALMOST EQUAL TO}"  # before a number on a blackboard that is not shown with all its digits
)
CERTAIN = 15  # significant digits that every double has


class Digits(ABC):
    """A way of writing numbers.

    Attributes:
        name: in forms and in the preferences cookie: `4`, or `4s` for significant digits.
        count: how many decimals or significant digits.
        width: of a usual number, in characters, with its sign.
        significant: whether these are significant digits.
        formats: those of the placeholders of precompiled templates.
    """

    def __init__(self, name: str, width: int) -> None:
        self.name, self.width = name, width
        self.count, self.significant = (
            int(name.removesuffix(SIGNIFICANT_MARK)),
            SIGNIFICANT_MARK in name,
        )
        # Inputs, targets and the learning rate stay the same; weights do until they are updated.
        self.plain: Callable[[float], str] = lru_cache(maxsize=4096)(self._plain)
        self.given: Callable[[float], str] = lru_cache(maxsize=4096)(self._given)
        self.formats: Mapping[str, Writer] = self._formats()

    def _formats(self) -> dict[str, Writer]:
        return FORMATS | {
            "short": self.shorts,
            "factor": self.factors,
            "plain": each(self.plain),
            "entered": each(self.entered),
            "given": each(self.given),
            "given_factor": each(self._given_factor),
            "mathml": self._mathml,
            "mathml_factor": _as_factors(self._mathml),
            "mathml_given": self._mathml_given,
            "mathml_given_factor": _as_factors(self._mathml_given, given=True),
        }

    @abstractmethod
    def short(self, value: float) -> str:
        """A number with these digits and a true minus sign, or a power of ten."""

    @abstractmethod
    def shorts(self, values: Values) -> list[bytes]:
        """`short` of each, in UTF-8."""

    def within(self, room: int) -> "Digits":
        """These, or where a number has a narrow place as many as fit so many characters: at least four."""
        if self.count <= FOUR.count or self.width <= room:
            return self
        fewer = max(FOUR.count, self.count - (self.width - room))
        return DIGITS[f"{fewer}{SIGNIFICANT_MARK if self.significant else ''}"]

    def entered(self, value: float) -> str:
        """A number in a field for numbers: as `short`, or the fraction that was typed."""
        return as_fraction(value) or self.short(value)

    def _plain(self, value: float) -> str:
        """A given number without trailing zeros, 0.5, not 0.5000, or 1/3: with at most so many digits,
        or with four decimals where those are nearer."""
        text = as_fraction(value)
        if text or self is FOUR or not isfinite(value):
            return text or _without_zeros(self.short(value))
        own, usual = _without_zeros(self.short(value)), FOUR.plain(value)
        return min(
            (own, usual),
            key=lambda text: (abs(float(text.replace(MINUS, "-")) - value), "e" in text),
        )

    def _given(self, value: float) -> str:
        """A number with the digits it was given with, 0.2, −1 or 1/3, unless they are many."""
        place = max(PLACE, self.width)
        return numbers.given_within(value, place) or self.short(value)

    def compared(self, value: float) -> str:
        """Significant digits, at least four, so that numbers that are nearly equal can be told apart."""
        return significant(value, max(4, self.count))

    def listed(self, value: float) -> str:
        """Significant digits, at least seven, for a table of a curve."""
        return true_minus(f"{value:.{max(7, self.count)}g}")

    def factors(self, values: Values) -> list[bytes]:
        """`short` of each, in parentheses where negative, in UTF-8."""
        texts = zip(values, self.shorts(values), strict=True)
        return [b"(%s)" % text if value < 0 else text for value, text in texts]

    def _given_factor(self, value: float) -> str:
        text = self.given(value)
        return f"({text})" if value < 0 or "/" in text else text

    def _mathml(self, values: Values) -> list[bytes]:
        """`short` of each as MathML."""
        return [b"<mn>%s</mn>" % text for text in self.shorts(values)]

    def _mathml_given(self, values: Values) -> list[bytes]:
        """`given` of each as MathML."""
        return [f"<mn>{self.given(value)}</mn>".encode() for value in values]


class _Decimals(Digits):
    """So many decimals; two fewer from 1,000 on, and a power of ten from 100,000 on.

    So at most 15 digits are significant, as many as every double has. A number that would be rounded
    to 0 has two digits and a power of ten.
    """

    def __init__(self, name: str) -> None:
        count = int(name)
        fewer = max(count - 2, 2)
        self._one, self._many = f"%.{count}f", f"%.{count}f ".encode()
        self._fewer, self._power = f"%.{fewer}f", f"%.{fewer}e"
        self._zero = self._one % 0.0
        # From `_less` and `_power_from` on, rounding adds a digit; below `_least` it leaves 0.
        self._less, self._power_from = _before(1_000, count), _before(100_000, fewer)
        half = float(Decimal(5).scaleb(-count - 1))
        self._least = nextafter(half, 1) if self._one % half == self._zero else half
        super().__init__(name, len("−0.") + count)

    def short(self, value: float) -> str:
        """So many decimals and a true minus sign; four of them take at most nine characters."""
        size = abs(value)
        if size < self._less:
            if 0 < size < self._least:
                return true_minus(f"{value:.1e}".replace("e-0", "e-"))
            return true_minus(self._one % value) if size else self._zero
        if not isfinite(value):
            return not_finite(value)
        if size < self._power_from:
            return true_minus(self._fewer % value)
        return true_minus((self._power % value).replace("e+0", "e").replace("e+", "e"))

    def shorts(self, values: Values) -> list[bytes]:
        """`short` of each, in UTF-8. A page shows about two hundred numbers at each step: formatting
        them together, straight to bytes, costs a fraction of formatting them one by one."""
        text = self._many * len(values) % tuple(values)
        texts = true_minuses(text).split(b" ")
        least, less = self._least, self._less
        if (
            self._zero.encode() not in text
            and isfinite(sum(values))
            and max(values, default=0.0) < less
            and min(values, default=0.0) > -less
        ):
            return texts[: len(values)]
        for index, value in enumerate(values):
            if not (least <= value < less or -less < value <= -least):
                texts[index] = self.short(value).encode()
        return texts[: len(values)]


class _FourDecimals(_Decimals):
    """What is shown unless something else is chosen."""

    def _given(self, value: float) -> str:
        """As in the drawing."""
        return numbers.given(value)


class _SignificantDigits(Digits):
    """So many significant digits with their trailing zeros, as in 0.5000; a power of ten below
    0.0001, and where the digits end before the decimal point."""

    def __init__(self, name: str) -> None:
        count = int(name.removesuffix(SIGNIFICANT_MARK))
        self._one, self._many = f"%#.{count}g", f"%#.{count}g ".encode()
        super().__init__(name, len("−0.0") + count)

    def short(self, value: float) -> str:
        if not value or not isfinite(value):
            return not_finite(value) if value else "0"
        return true_minus(exponent(self._one % value).removesuffix("."))

    def shorts(self, values: Values) -> list[bytes]:
        """`short` of each, in UTF-8."""
        text = self._many * len(values) % tuple(values)
        if b"e" in text or b". " in text or not all(values) or not isfinite(sum(values)):
            return [self.short(value).encode() for value in values]
        return true_minuses(text).split(b" ")[:-1]


@lru_cache(maxsize=256)
def board_digits(digits: Digits, rounding: Rounding) -> Digits:
    """These for numbers on a blackboard, where a reader adds up what is shown.

    In the drawing computed numbers have the digits of the board, and products all of theirs. A number
    that has more digits than are shown is marked by `NEARLY`.
    """
    board = copy(digits)
    board.given = board.plain = lru_cache(maxsize=4096)(partial(_given_on_board, digits))
    drawn = each(partial(_drawn_on_board, rounding))
    board.formats = board._formats() | {
        **{"drawn": drawn, "drawn_new": drawn},
        **{"drawn_term": each(_drawn_term), "exact_term": each(_exact_term)},
    }
    return board


def _given_on_board(digits: Digits, value: float) -> str:
    text = digits.given(value)
    if not isfinite(value) or fraction(value) or float(text.replace(MINUS, "-")) == value:
        return text
    return NEARLY + text


def _drawn_on_board(rounding: Rounding, value: float) -> str:
    """A number as it stands on the board, if it fits its place in the drawing."""
    if rounding.digits > MOST_DRAWN or not isfinite(value):
        return fitted(value)
    if rounding.kind == SIGNIFICANT:
        text = f"{value:#.{rounding.digits}g}".removesuffix(".") if value else "0"
    else:
        text = f"{value + 0.0:.{rounding.digits}f}"
    return true_minus(text) if len(text) <= PLACE and "e" not in text else fitted(value)


def _drawn_term(value: float) -> str:
    """A product with all its digits, if they fit its place in the drawing."""
    text = _exact_term(value)
    return text if len(text) <= TERM_PLACE or not isfinite(value) else NEARLY + fitted(value)


def _exact_term(value: float) -> str:
    """A product of two numbers with few digits: its own digits, without those of the double."""
    return significant(value, CERTAIN)


def _without_zeros(text: str) -> str:
    if "." not in text or "e" in text:
        return text
    integer, decimals = text.split(".")
    return f"{integer}.{decimals[:1]}{decimals[1:].rstrip('0')}"


def _before(power: int, decimals: int) -> float:
    """The number that is rounded to a power of ten by so many decimals, or next to it."""
    return float(power - Decimal(5).scaleb(-decimals - 1))


def _as_factors(write: Writer, *, given: bool = False) -> Writer:
    """The same for factors and subtrahends: negative numbers are in parentheses, and fractions."""
    return lambda values: [
        b'<mrow><mo stretchy="false">(</mo>%s<mo stretchy="false">)</mo></mrow>' % text
        if value < 0 or (given and fraction(value))
        else text
        for value, text in zip(values, write(values), strict=True)
    ]


FOUR = _FourDecimals(DEFAULT)
DIGITS: Mapping[str, Digits] = {
    each.name: each
    for each in (
        *(FOUR if str(count) == DEFAULT else _Decimals(str(count)) for count in COUNTS),
        *(_SignificantDigits(f"{count}{SIGNIFICANT_MARK}") for count in COUNTS),
    )
}
