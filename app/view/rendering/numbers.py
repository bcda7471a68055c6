"""How numbers are written whatever a visitor chooses: in the drawing, all digits, for programs, as sizes.

`digits` writes the others.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import inf, isfinite, sqrt

from msgspec.json import encode

Values = Sequence[float]
Writer = Callable[[Values], list[bytes]]

MINUS = "\N{MINUS SIGN}"
_MINUS = MINUS.encode()


def not_finite(value: float) -> str:
    """A number that is not finite."""
    return "NaN" if value != value else "∞" if value == inf else f"{MINUS}∞"


LARGEST_TERM = 999  # of a fraction
FEWEST_DIGITS = 15  # of a fraction that is no decimal number


@lru_cache(maxsize=4096)  # the page shows the same numbers after each step
def fraction(value: float) -> tuple[int, int] | None:
    """The fraction that a number was given as: 2 and 7 for the double nearest to 2/7, or −2 and 7.

    A number is kept as a double. Only a fraction of small numbers is the double nearest to one and
    needs all its digits as a decimal number: a computed number is next to never both. None for any
    other number.
    """
    size = abs(value)
    if not 1 / LARGEST_TERM <= size <= LARGEST_TERM or len(data(value)) <= FEWEST_DIGITS:
        return None
    before, over, last, under, rest = 0, 1, 1, 0, size
    while True:  # the next convergent of its continued fraction
        part = int(rest)
        before, over = over, part * over + before
        last, under = under, part * under + last
        if max(over, under) > LARGEST_TERM:
            return None
        if over / under == size:
            return (-over if value < 0 else over), under
        if rest == part:
            return None
        rest = 1 / (rest - part)


def as_fraction(value: float) -> str:
    """The fraction that a number was given as; empty if it was not."""
    found = fraction(value)
    return true_minus(f"{found[0]}/{found[1]}") if found else ""


# In the drawing a number has a fixed place: so many characters, with its sign.
PLACE = 7
FITTING = 9.99995  # below, four decimals always fit


def fitted(value: float, place: int = PLACE, decimals: int = 4) -> str:
    """Four decimals, or as many as fit the place; of very large and small numbers the power of ten."""
    if not isfinite(value):
        return not_finite(value)
    size, room = abs(value), place - (value < 0)
    if size == 0 or 0.00005 <= size < 10**room:
        for count in range(decimals, -1, -1):
            text = f"{size:.{count}f}"
            if len(text) <= room:
                return true_minus(f"-{text}") if value < 0 else text
    for count in (2, 1, 0):
        digits, power = f"{size:.{count}e}".split("e")
        text = f"{digits}e{int(power)}"
        if len(text) <= room and (count < 2 or size > 1):
            break
    return true_minus(f"-{text}" if value < 0 else text)


def given_within(value: float, place: int) -> str:
    """A number with the digits it was given with, 0.2, −1 or 1/3; empty if they do not fit a place."""
    text = data(value).removesuffix(".0").replace("-", MINUS)
    if len(text) > place:
        text = as_fraction(value) or text
    return text if len(text) <= place and "e" not in text else ""


@lru_cache(maxsize=4096)  # weights keep their digits until they are updated
def given(value: float) -> str:
    """A number with the digits it was given with, if they fit its place in the drawing."""
    return given_within(value, PLACE) or fitted(value)


def brief(value: float) -> str:
    """A given number in a narrow place: five characters."""
    text = given(value)
    return text if len(text) <= 5 else fitted(value, 5, 3)


def whole(value: float) -> str:
    """A count: 3, not 3.0."""
    return f"{value + 0.0:.0f}"


def scientific(value: float) -> str:
    """A magnitude: two digits, and a power of ten if it is not 1."""
    if not isfinite(value):
        return not_finite(value)
    digits, power = f"{value:.1e}".split("e")
    return true_minus(f"{digits}e{int(power)}" if int(power) else digits) if value else "0"


def exponent(text: str) -> str:
    """A number with its power of ten as people write it: 1.2e-5, not 1.2e-05."""
    digits, e, power = text.partition("e")
    return f"{digits}e{int(power)}" if e else digits


def significant(value: float, count: int) -> str:
    """So many significant digits at most."""
    return (
        true_minus(exponent(f"{value + 0.0:.{count}g}")) if isfinite(value) else not_finite(value)
    )


def four_digits(value: float) -> str:
    """Four significant digits, so that numbers that are nearly equal can be told apart."""
    return significant(value, 4)


def grouped(count: int) -> str:
    """A count with its thousands apart: 12,345."""
    return f"{count:,}"


def ordinal(iteration: int) -> int:
    """The number of an iteration as people count: the first is 1, and 1,000 are over after 1,000."""
    return iteration + 1


def percent(share: float, _: Callable[[str], str]) -> str:
    """The size of a share as people write it: 99.8%, 12%, 0.4%; never 100% for less than that."""
    number = abs(100 * share)
    if 0 < number < 0.05:
        return _("less than 0.1%")
    if 99.95 <= number < 100:
        return _("more than 99.9%")
    return f"{number:,.1f}".removesuffix(".0") + "%"


def exact(value: float) -> str:
    """The shortest digits that identify the double, with a true minus sign."""
    return true_minus(data(value)) if isfinite(value) else not_finite(value)


def data(value: float) -> str:
    """The same for programs: `float` reads it back; NaN and Infinity as JavaScript names them."""
    if isfinite(value):
        return encode(value + 0.0).decode()  # −0.0 is written as 0.0
    return "NaN" if value != value else "Infinity" if value == inf else "-Infinity"


def sign(value: float) -> str:
    """The class of a number: `positive`, `negative` or `zero` (also for nan)."""
    return "positive" if value > 0 else "negative" if value < 0 else "zero"


def ring_width(value: float) -> float:
    """The width of δ's ring in px; by the square root, so that small values are visible."""
    return 3 + 5 * sqrt(_clamp(1.0, value))


def ribbon_width(share: float) -> float:
    """The width of a ribbon in px, from its share of the largest."""
    return 3 + 11 * _clamp(1.0, share)


def cell_opacity(share: float) -> float:
    """The opacity of a cell of a heat map, from its share of the largest."""
    return 0.12 + 0.88 * _clamp(1.0, share)


def fill_opacity(value: float) -> float:
    """The opacity of a unit's fill: it reaches its maximum at |out| = 1."""
    return 0.08 + 0.34 * _clamp(1.0, value)


def heat(value: float) -> float:
    """The opacity of a cell of a heat map; by the square root, so that small values are visible."""
    return 0.08 + 0.92 * sqrt(_clamp(1.0, value))


def digits(text: str, most: int) -> int | None:
    """The non-negative integer that a text of at most `most` digits writes; None otherwise."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def _fitteds(values: Values) -> list[bytes]:
    """`fitted` of each, in UTF-8."""
    if isfinite(sum(values)) and max(map(abs, values), default=0.0) < FITTING:
        text = b"%.4f " * len(values) % tuple(values)
        if b"0.0000" not in text:
            return true_minuses(text).split(b" ")[:-1]
    return [fitted(value).encode() for value in values]


def datas(values: Values) -> list[bytes]:
    """`data` of each, in UTF-8."""
    if not values or not isfinite(sum(values)):
        return [data(value).encode() for value in values]
    return _joined(values).split(b",")


def exacts(values: Values) -> list[bytes]:
    """`exact` of each, in UTF-8."""
    if not values or not isfinite(sum(values)):
        return [exact(value).encode() for value in values]
    return true_minuses(_joined(values)).split(b",")


def _joined(values: Values) -> bytes:
    """`data` of each, separated by commas; −0.0 is written as 0.0."""
    return encode(values)[1:].replace(b"]", b",").replace(b"-0.0,", b"0.0,")[:-1]


def _hidden(values: Values) -> list[bytes]:
    """The attribute of an element that a number other than 0 shows."""
    return [b"" if value else b" hidden" for value in values]


def _signs(values: Values) -> list[bytes]:
    """`sign` of each, in UTF-8."""
    return [b"positive" if v > 0 else b"negative" if v < 0 else b"zero" for v in values]


def each(texts: Callable[[float], str]) -> Writer:
    return lambda values: [texts(value).encode() for value in values]


def _sizes(size: Callable[[float], float]) -> Writer:
    def write(values: Values) -> list[bytes]:
        return [b"%.2f" % size(value) for value in values]

    return write


def _wire_widths(values: Values) -> list[bytes]:
    """The width of a weight's line in px, which grows with its size up to 1.4.

    Inlined rather than built by `_sizes`, since a page has more weights than anything else.
    """
    return [
        b"%.1f" % (1.2 + 4.6 * (size if (size := abs(value)) < 1.4 else 1.4)) for value in values
    ]


def _arrows(values: Values) -> list[bytes]:
    """The arrow of a parameter's move, from its share of the largest: up or down, as long as that.

    It is a path around the middle of its place, 20 px high at most.
    """
    return [_arrow(value) for value in values]


def _arrow(share: float) -> bytes:
    if not share or share != share:
        return b"m-4 0h8"
    half = 5 + 5 * _clamp(1.0, share)
    shape = _UP if share > 0 else _DOWN
    return shape % (half, 2 * half - 6, 2 * half - 6)


# Half the height of an arrow, then twice its height without the head.
_UP = b"m-1.5 %.1fv-%.1fh-4l5.5 -6l5.5 6h-4v%.1fz"
_DOWN = b"m-1.5 -%.1fv%.1fh-4l5.5 6l5.5 -6h-4v-%.1fz"


FORMATS: dict[str, Writer] = {
    "drawn": _fitteds,
    "drawn_given": each(given),
    "drawn_new": each(given),  # of a parameter after its update
    "drawn_term": _fitteds,  # of a product on a path
    "exact_term": exacts,
    "brief": each(brief),
    "count": each(whole),
    "exact": exacts,
    "data": datas,
    "sign": _signs,
    "hidden": _hidden,
    "heat": _sizes(heat),
    "wire_width": _wire_widths,
    "ring_width": _sizes(ring_width),
    "ribbon_width": _sizes(ribbon_width),
    "fill_opacity": _sizes(fill_opacity),
    "cell_opacity": _sizes(cell_opacity),
    "arrow": _arrows,
    "mathml_count": each(lambda value: f"<mn>{whole(value)}</mn>"),
}


def true_minus(text: str) -> str:
    return text.replace("-", MINUS)


def true_minuses(text: bytes) -> bytes:
    """`true_minus` in UTF-8, which is faster for many numbers: the text stays ASCII until then."""
    return text.replace(b"-", _MINUS)


def _clamp(most: float, value: float) -> float:
    """The size of a number, at most `most`; nan is drawn at `most`, too."""
    size = abs(value)
    return size if size < most else most
