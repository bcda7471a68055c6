"""How numbers are written: four decimals to read, all digits to hover over, sizes to draw."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import inf, isfinite, sqrt

from msgspec.json import encode

Values = Sequence[float]
Writer = Callable[[Values], list[bytes]]

MINUS = "\N{MINUS SIGN}"
FOUR_DECIMALS, TWO_DECIMALS = 999.99995, 99_999.995  # below these; above, rounding adds a digit


def short(value: float) -> str:
    """Four decimals and a true minus sign; at most nine characters, whatever the size."""
    size = abs(value)
    if size < FOUR_DECIMALS:
        if 0 < size < 0.00005:
            return _minus(f"{value:.1e}".replace("e-0", "e-"))
        return _minus(f"{value:.4f}") if size else "0.0000"
    if not isfinite(value):
        return "NaN" if value != value else "∞" if value == inf else f"{MINUS}∞"
    if size < TWO_DECIMALS:
        return _minus(f"{value:.2f}")
    return _minus(f"{value:.2e}".replace("e+0", "e").replace("e+", "e"))


@lru_cache(maxsize=4096)  # inputs, targets and the learning rate stay the same
def plain(value: float) -> str:
    """A number that was given, as it was given, if four decimals hold it: 0.5, not 0.5000."""
    text = short(value)
    if "." not in text or "e" in text:
        return text
    whole, decimals = text.split(".")
    return f"{whole}.{decimals[:1]}{decimals[1:].rstrip('0')}"


def scientific(value: float) -> str:
    """A size: two digits, and a power of ten where there is one."""
    if not isfinite(value):
        return short(value)
    digits, power = f"{value:.1e}".split("e")
    return _minus(f"{digits}e{int(power)}" if int(power) else digits) if value else "0"


def telling(value: float) -> str:
    """Four digits, whatever the size: to be told from one that is nearly the same."""
    if not isfinite(value):
        return short(value)
    digits, e, power = f"{value:.4g}".partition("e")
    return _minus(f"{digits}e{int(power)}" if e else digits)


def exact(value: float) -> str:
    """As many digits as name this very number, to be read by a person."""
    return _minus(data(value)) if isfinite(value) else short(value)


def data(value: float) -> str:
    """The same for a program: what `float` reads back, and what JSON calls the infinities."""
    if isfinite(value):
        return encode(value).decode()
    return "NaN" if value != value else "Infinity" if value == inf else "-Infinity"


def sign(value: float) -> str:
    """A class name: `positive`, `negative` or `zero` (nan is neither, and drawn as zero)."""
    return "positive" if value > 0 else "negative" if value < 0 else "zero"


def halo_width(value: float) -> float:
    """The width of δ's halo in em, by its square root: small ones are to be seen, too."""
    return 0.12 + 0.48 * sqrt(_up_to(1.0, value))


def fill_opacity(value: float) -> float:
    """How strongly a unit's activation fills it: up to 1, where sigmoid and tanh end."""
    return 0.62 * _up_to(1.0, value)


# A page writes some two hundred numbers at each step. Formatted all at once, and to bytes, they cost
# a fraction of what they cost one by one.


def shorts(values: Values) -> list[bytes]:
    """`short` of each, in UTF-8."""
    text = "%.4f " * len(values) % tuple(values)
    written = _minus(text).encode().split(b" ")
    if _all_fit(values, text):
        return written[: len(values)]
    for index, value in enumerate(values):
        if not (0.00005 <= value < FOUR_DECIMALS or -FOUR_DECIMALS < value <= -0.00005):
            written[index] = short(value).encode()
    return written[: len(values)]


def _all_fit(values: Values, text: str) -> bool:
    """Whether four decimals do for every one: none too large, and none that they show as nothing."""
    return (
        "0.0000" not in text
        and isfinite(sum(values))
        and max(values, default=0.0) < FOUR_DECIMALS
        and min(values, default=0.0) > -FOUR_DECIMALS
    )


def datas(values: Values) -> list[bytes]:
    """`data` of each, in UTF-8."""
    if not values or not isfinite(sum(values)):
        return [data(value).encode() for value in values]
    return encode(values)[1:-1].split(b",")


def exacts(values: Values) -> list[bytes]:
    """`exact` of each, in UTF-8."""
    if not values or not isfinite(sum(values)):
        return [exact(value).encode() for value in values]
    return encode(values)[1:-1].replace(b"-", MINUS.encode()).split(b",")


def _mathml(values: Values) -> list[bytes]:
    """Numbers in a formula."""
    return [b"<mn>%s</mn>" % text for text in shorts(values)]


def _mathml_factors(values: Values) -> list[bytes]:
    """Numbers that are multiplied or subtracted: a negative one is put in parentheses."""
    return [
        b'<mrow><mo stretchy="false">(</mo>%s<mo stretchy="false">)</mo></mrow>' % text
        if value < 0
        else text
        for value, text in zip(values, _mathml(values), strict=True)
    ]


def factors(values: Values) -> list[bytes]:
    """`short` of each, in parentheses where negative, in UTF-8."""
    texts = zip(values, shorts(values), strict=True)
    return [b"(%s)" % text if value < 0 else text for value, text in texts]


def _signs(values: Values) -> list[bytes]:
    """`sign` of each, in UTF-8."""
    return [b"positive" if v > 0 else b"negative" if v < 0 else b"zero" for v in values]


def _each(written: Callable[[float], str]) -> Writer:
    return lambda values: [written(value).encode() for value in values]


def _sizes(size: Callable[[float], float], unit: bytes) -> Writer:
    def write(values: Values) -> list[bytes]:
        return [b"%.3f%s" % (size(value), unit) for value in values]

    return write


def _edge_widths(values: Values) -> list[bytes]:
    """A weight's width: it grows with the weight up to 2.5, where an edge is thick enough.

    Written out, and not by `_sizes`, since there are the most of these."""
    return [
        b"%.3fem" % (0.07 + 0.16 * (size if (size := abs(value)) < 2.5 else 2.5))
        for value in values
    ]


FORMATS: dict[str, Writer] = {
    "short": shorts,
    "factor": factors,
    "plain": _each(plain),
    "exact": exacts,
    "data": datas,
    "sign": _signs,
    "edge_width": _edge_widths,
    "halo_width": _sizes(halo_width, b"em"),
    "fill_opacity": _sizes(fill_opacity, b""),
    "mathml": _mathml,
    "mathml_factor": _mathml_factors,
}


def digits(text: str, most: int) -> int | None:
    """The whole number that at most so many digits write; None where they write none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def parse(text: str) -> float:
    """A number as a person types it, a true minus sign and a decimal comma included.

    Raises:
        ValueError: where it is no number, or not a finite one.
    """
    value = float(text.strip().replace(MINUS, "-").replace(",", "."))
    if not isfinite(value):
        raise ValueError("not a finite number")
    return value


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def _up_to(most: float, value: float) -> float:
    size = abs(value)
    return size if size < most else most  # so that nan, too, is drawn at its most
