"""How a result is rounded as it is written down: to decimal places or significant digits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from app.backprop.errors import N_, Invalid, check_choice, check_index

PRECISION = 34  # digits within a step
DECIMALS, SIGNIFICANT = KINDS = ("decimals", "significant")
UP, EVEN = HALVES = ("up", "even")
DIGITS = range(1, 13)
MOST_ROUNDED = 1_000  # iterations

CONTEXT = Context(prec=PRECISION, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_MODES = {UP: ROUND_HALF_UP, EVEN: ROUND_HALF_EVEN}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How results are rounded. Raises Invalid if a field is not known or out of range."""

    kind: str = DECIMALS  # one of `KINDS`: decimal places or significant digits
    digits: int = 4  # how many, one of `DIGITS`
    # What becomes of a half: `up` is away from 0, as −0.25 to −0.3; `even` to the even digit.
    half: str = UP

    def __post_init__(self) -> None:
        check_choice("rounding.kind", self.kind, KINDS)
        check_index("rounding.digits", self.digits, DIGITS[0], DIGITS[-1])
        check_choice("rounding.half", self.half, HALVES)

    @property
    def name(self) -> str:
        """Its name in forms and links, such as `decimals.4.up`."""
        return f"{self.kind}.{self.digits}.{self.half}"

    def write(self, value: Decimal) -> Decimal:
        """Return what is written down for a result: with zeros at the end, and never −0.

        A number that is not finite, or has more digits before its last place than are computed,
        stays as it is.
        """
        return WRITERS[self.kind](value, self.digits, self.mode)

    @property
    def mode(self) -> str:
        """The name that `decimal` has for what becomes of a half."""
        return _MODES[self.half]


def to_decimals(value: Decimal, digits: int, mode: str) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-digits, CONTEXT), mode, CONTEXT)
    if rounded.is_nan():  # not finite, or too many digits
        return value
    return rounded if rounded else rounded.copy_abs()


def to_significant(value: Decimal, digits: int, mode: str) -> Decimal:
    if not value:
        return Decimal(0)
    rounded = to_decimals(value, digits - 1 - value.adjusted(), mode)
    if rounded.adjusted() > value.adjusted():  # 9.996 becomes 10.00
        rounded = to_decimals(rounded, digits - 1 - rounded.adjusted(), mode)
    return rounded


WRITERS: Mapping[str, Callable[[Decimal, int, str], Decimal]] = {
    DECIMALS: to_decimals,
    SIGNIFICANT: to_significant,
}
ROUNDINGS: Mapping[str, Rounding] = {
    each.name: each
    for each in (
        Rounding(kind, digits, half) for kind in KINDS for half in HALVES for digits in DIGITS
    )
}
UNKNOWN_ROUNDING = N_("must be like decimals.4.up or significant.3.even, with 1 to 12 digits")


def rounding_named(name: str) -> Rounding:
    """Return a rounding by its name in forms and links. Raises Invalid if there is none."""
    if name not in ROUNDINGS:
        raise Invalid("rounding", UNKNOWN_ROUNDING)
    return ROUNDINGS[name]
