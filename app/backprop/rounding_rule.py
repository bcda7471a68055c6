"""How a result is rounded as it is written down: to decimal places or significant digits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from app.backprop.errors import check_choice, check_index

PRECISION = 34  # digits within a step
DECIMALS, SIGNIFICANT = KINDS = ("decimals", "significant")
UP, EVEN = HALVES = ("up", "even")
DIGITS = range(1, 13)
MOST_ROUNDED = 1_000  # iterations

CONTEXT = Context(prec=PRECISION, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_MODES = {UP: ROUND_HALF_UP, EVEN: ROUND_HALF_EVEN}
ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How results are rounded. Raises Invalid if a field is not known or out of range."""

    kind: str = DECIMALS  # one of `KINDS`: decimal places or significant digits
    digits: int = 4  # how many, one of `DIGITS`
    # What becomes of a half: `up` is away from 0, as −0.25 to −0.3; `even` to the even digit.
    half: str = UP
    _unit: Decimal = field(init=False, repr=False, compare=False)  # of the last decimal place

    def __post_init__(self) -> None:
        check_choice("rounding.kind", self.kind, KINDS)
        check_index("rounding.digits", self.digits, DIGITS[0], DIGITS[-1])
        check_choice("rounding.half", self.half, HALVES)
        object.__setattr__(self, "_unit", ONE.scaleb(-self.digits))

    @property
    def name(self) -> str:
        """Its name in forms and links, such as `decimals.4.up`."""
        return f"{self.kind}.{self.digits}.{self.half}"

    def write(self, value: Decimal) -> Decimal:
        """Return what is written down for a result: with zeros at the end, and never −0.

        A number that is not finite, or has more digits before its last place than are computed,
        stays as it is.
        """
        if not value.is_finite():
            return value
        if self.kind == DECIMALS:
            rounded = self._to(self._unit, value)
        elif value:
            rounded = self._to(ONE.scaleb(value.adjusted() - self.digits + 1, CONTEXT), value)
            if rounded.adjusted() > value.adjusted():  # 9.996 becomes 10.00
                rounded = self._to(
                    ONE.scaleb(rounded.adjusted() - self.digits + 1, CONTEXT), rounded
                )
        else:
            rounded = ZERO
        return rounded if rounded else rounded.copy_abs()

    def _to(self, unit: Decimal, value: Decimal) -> Decimal:
        rounded = value.quantize(unit, _MODES[self.half], CONTEXT)
        return value if rounded.is_nan() else rounded


ROUNDINGS: Mapping[str, Rounding] = {
    each.name: each
    for each in (
        Rounding(kind, digits, half) for kind in KINDS for half in HALVES for digits in DIGITS
    )
}
