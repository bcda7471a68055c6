"""How numbers are written."""

import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import copysign, inf, isfinite, isnan, nan
from random import Random
from struct import pack

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.analysis.diagnosis import parse_answer
from app.text.typed_numbers import read_number
from app.view.rendering.digits import DIGITS, FOUR, Digits
from app.view.rendering.numbers import MINUS, as_fraction, brief, data, exact, fitted
from app.view.rendering.numbers import given as given_text

# Where the way of writing changes, and what floats have that numbers do not.
EDGES = (
    *(0.0, -0.0, 5e-5, 4.999e-5, -5e-5, 9.996e-5, 5e-324, 2.2e-308, 1e-100, 9.96e-10),
    *(999.99994, 999.99996, -999.99996, 1000.0, 1234.5, 99999.994, 99999.996, -99999.996, 1e5),
    *(999999.5, 9.999e99, -9.996e99, 1.7976931348623157e308, -1e-300, inf, -inf, nan),
)
FLOATS = st.one_of(
    st.floats(),
    st.floats(-10, 10),
    st.floats(-2e5, 2e5),
    st.sampled_from(EDGES),
    st.builds(copysign, st.sampled_from(EDGES), st.sampled_from((-1.0, 1.0))),
)
FINITE = FLOATS.filter(isfinite)
often = settings(max_examples=150, deadline=None, derandomize=True)


def read(text: str) -> Decimal:
    over, _, under = text.replace(MINUS, "-").partition("/")
    return Decimal(over) / Decimal(under or 1)


def written(name: str, *values: float, digits: Digits = FOUR) -> list[str]:
    """Numbers in a format, as a page is filled with them."""
    return [text.decode() for text in digits.formats[name](values)]


def half_unit(text: str) -> Decimal:
    """Half a unit of the last digit that is written; of a fraction, that of a double below 1,000."""
    if "/" in text:
        return Decimal(2) ** -44
    exponent = read(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(5).scaleb(exponent - 1)


@often
@given(FLOATS)
@example(1 / 3)
@example(-2 / 7)
@example(-999.99999)
@example(-99999.999)
def test_short_numbers(value: float) -> None:
    """A short number fits its place, is correctly rounded, and has the sign of the number."""
    for text in (FOUR.short(value), FOUR.plain(value)):
        assert len(text) <= 9
        assert "-" not in text
        if isfinite(value):
            assert abs(read(text) - Decimal(value)) <= half_unit(text)
            assert (read(text) == 0) == (value == 0)
            assert text.startswith(MINUS) == (value < 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5000"),
        (-0.25, "−0.2500"),
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (0.00005, "0.0001"),
        (0.000049, "4.9e-5"),
        (-1.25e-12, "−1.2e-12"),
        (123.45678, "123.4568"),
        (1234.5678, "1234.57"),
        (1e6, "1.00e6"),
        (-2.5e100, "−2.50e100"),
        (nan, "NaN"),
        (inf, "∞"),
        (-inf, "−∞"),
    ],
)
def test_short(value: float, text: str) -> None:
    """A short number has four decimals or a power of ten."""
    assert FOUR.short(value) == text.replace("-", MINUS)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (1.0, "1.0"), (-0.25, "−0.25"), (0.0, "0.0"), (0.12346, "0.1235"), (1e6, "1.00e6")],
)  # fmt: skip
def test_plain(value: float, text: str) -> None:
    """A plain number has no trailing zeros."""
    assert FOUR.plain(value) == text


@often
@given(st.integers(-999, 999), st.integers(1, 999))
def test_fractions_are_kept(over: int, under: int) -> None:
    """A fraction of small numbers that is no decimal number is shown as such, in lowest terms."""
    value, lowest = over / under, Fraction(over, under)
    is_decimal = 10**40 % lowest.denominator == 0
    text = f"{lowest.numerator}/{lowest.denominator}".replace("-", MINUS)
    assert as_fraction(value) == ("" if is_decimal else text)
    assert FOUR.entered(value) == (FOUR.short(value) if is_decimal else text)
    assert (FOUR.plain(value) == text) != is_decimal
    assert (given_text(value) == text) == (len(text) <= 7 and not is_decimal)


@often
@given(FLOATS)
def test_other_numbers_are_no_fractions(value: float) -> None:
    """A number is a fraction only if that is the double nearest to it, and needs all its digits."""
    if text := as_fraction(value):
        over, under = map(int, text.replace(MINUS, "-").split("/"))
        assert over / under == value
        assert len(repr(abs(value)).replace(".", "").strip("0")) >= 15


def test_computed_numbers_are_no_fractions() -> None:
    """Of a million random numbers none is taken for a fraction."""
    random = Random(1)
    assert not any(as_fraction(random.uniform(-2, 2)) for _ in range(1_000_000))


@pytest.mark.parametrize(
    ("value", "plain_form", "factor"),
    [(1 / 3, "1/3", "(1/3)"), (-2 / 7, "−2/7", "(−2/7)"), (0.2, "0.2", "0.2"), (-0.2, "−0.2", "(−0.2)")],
)  # fmt: skip
def test_fractions_in_formulas(value: float, plain_form: str, factor: str) -> None:
    """As a factor a fraction is in parentheses: it is divided before."""
    assert written("given", value) == [plain_form]
    assert written("given_factor", value) == [factor]
    assert written("mathml_given", value) == [f"<mn>{plain_form}</mn>"]
    [markup] = written("mathml_given_factor", value)
    assert re.sub("<[^>]*>", "", markup) == factor


@often
@given(FLOATS)
def test_data_comes_back_to_the_bit(value: float) -> None:
    """A number in a data attribute is read back to the bit; −0 is written as 0."""
    back = float(data(value))
    assert (isnan(back) and isnan(value)) or pack("d", back) == pack("d", value + 0.0)
    assert isfinite(value) or data(value) in ("NaN", "Infinity", "-Infinity")
    assert not isfinite(value) or json.loads(data(value)) == value


@often
@given(FINITE)
def test_exact_is_the_number(value: float) -> None:
    """An exact number has all its digits."""
    assert float(exact(value).replace(MINUS, "-")) == value


SINGLE: dict[str, Callable[[float], str]] = {
    "short": FOUR.short,
    "plain": FOUR.plain,
    "exact": exact,
    "data": data,
}


@often
@given(st.lists(FLOATS, max_size=8))
@example([])
@example([0.5])
@example([nan])
@example([-0.0])
@example([inf, -inf])
@example([1e308, 1e308])
@example([1e308, 1e308, -inf])
def test_many_at_once_are_written_as_one(values: list[float]) -> None:
    """Formatting many numbers equals formatting each."""
    for name in FOUR.formats:
        alone = [text for value in values for text in written(name, value)]
        assert written(name, *values) == alone
        if name in SINGLE:
            assert alone == [SINGLE[name](value) for value in values]


@pytest.mark.parametrize("name", FOUR.formats)
def test_zero_has_no_sign(name: str) -> None:
    """−0 is written as 0 in every format, alone and among others."""
    assert written(name, -0.0) == written(name, 0.0)
    values = (-0.0, -0.05, -10.0, 0.5, -0.0)
    assert written(name, *values) == written(name, *(value + 0.0 for value in values))


@often
@given(FLOATS)
def test_sizes_and_signs(value: float) -> None:
    """Widths and opacities are bounded, and signs are one of three."""
    for name in ("wire_width", "ring_width", "ribbon_width"):
        [width] = written(name, value)
        assert 0 < float(width) < 20
    assert 0 <= float(written("fill_opacity", value)[0]) <= 1
    sign = "positive" if value > 0 else "negative" if value < 0 else "zero"
    assert written("sign", value) == [sign]


@often
@given(FLOATS)
def test_numbers_fit_the_drawing(value: float) -> None:
    """Every number fits its place, has its sign, and is 0 only if it is."""
    for text, most in ((fitted(value), 7), (given_text(value), 7), (brief(value), 5)):
        if isfinite(value) and (most > 5 or 1e-3 < abs(value) < 100):
            assert len(text) <= most
            assert "-" not in text
            assert text.startswith(MINUS) == (value < 0)
            assert most == 5 or (read(text) == 0) == (value == 0)


@pytest.mark.parametrize(
    ("value", "text", "own"),
    [
        (0.2, "0.2000", "0.2"),
        (-1.0, "−1.0000", "−1"),
        (0.12345, "0.1235", "0.12345"),
        (-0.7222034, "−0.7222", "−0.7222"),
        (-12.34567, "−12.346", "−12.346"),
        (-123456.789, "−123457", "−123457"),
        (1e9, "1.00e9", "1.00e9"),
        (1.2e-9, "1.2e−9", "1.2e−9"),
        (-1e-300, "−1e−300", "−1e−300"),
    ],
)
def test_in_the_drawing(value: float, text: str, own: str) -> None:
    """Computed numbers have four decimals, given ones the digits they were given with."""
    assert (fitted(value), given_text(value)) == (text, own)


@often
@given(FLOATS)
def test_in_a_formula(value: float) -> None:
    """A negative factor is in parentheses."""
    number = f"<mn>{FOUR.short(value)}</mn>"
    assert written("mathml", value) == [number]
    [factor] = written("mathml_factor", value)
    assert number in factor
    assert (">(<" in factor and ">)<" in factor) == (value < 0)


# How many digits numbers may have; the truth is rounded from the exact value of the double.

EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
EVERY = tuple(DIGITS.values())
chosen = st.sampled_from(EVERY)


def rounded(value: float, digits: Digits) -> Decimal:
    """A number rounded to so many decimals, or significant digits."""
    true = Decimal(value + 0.0)
    if not true and digits.significant:
        return true
    last = true.adjusted() - digits.count + 1 if digits.significant else -digits.count
    return true.quantize(Decimal(1).scaleb(last), context=EXACT)


USUAL = st.one_of(st.floats(-999, 999), st.floats(-2, 2), st.floats(-1e-3, 1e-3))


@often
@given(USUAL, chosen)
@example(5e-7, DIGITS["6"])  # below half a unit, as a double
@example(0.125, DIGITS["2"])
@example(0.00012345, DIGITS["4s"])
@example(999.9999, DIGITS["3s"])
def test_chosen_digits_are_those_of_the_number(value: float, digits: Digits) -> None:
    """A number has the digits that 60-digit arithmetic gives it, as many as were chosen."""
    text, true = digits.short(value), rounded(value, digits)
    assert "-" not in text
    if "e" in text:
        assert abs(read(text) - Decimal(value)) <= half_unit(text)
        assert abs(value) < 1e-4 or abs(value) >= 9.5 or not digits.significant
        assert digits.significant or true == 0
    elif digits.significant and value:
        assert read(text) == true
        assert len(text.lstrip(f"{MINUS}0.").replace(".", "")) == digits.count
    elif abs(true) < 1000:
        assert text == f"{true:f}".replace("-", MINUS)
    assert (read(text) == 0) == (value == 0)
    assert text.startswith(MINUS) == (value < 0)


@often
@given(FLOATS, chosen)
def test_chosen_digits_are_never_wrong(value: float, digits: Digits) -> None:
    """Whatever the size of a number, each of its digits is right, and at most 15 are shown."""
    texts = [digits.short(value), digits.plain(value), digits.given(value), digits.compared(value)]
    for text in texts:
        assert "-" not in text
        if isfinite(value):
            assert abs(read(text) - Decimal(value)) <= half_unit(text)
            assert (read(text) == 0) == (value == 0)
    if isfinite(value) and not digits.significant:
        assert len(texts[0]) <= max(digits.width + 2, 9)


@often
@given(st.lists(FLOATS, max_size=8), chosen)
@example([], DIGITS["8"])
@example([0.5, 1e-9, -1e300, 0.0, nan], DIGITS["8s"])
def test_many_at_once_have_the_same_digits(values: list[float], digits: Digits) -> None:
    """Formatting many numbers equals formatting each, whatever their digits."""
    assert written("short", *values, digits=digits) == [digits.short(value) for value in values]
    assert written("factor", *values, digits=digits) == [
        f"({digits.short(value)})" if value < 0 else digits.short(value) for value in values
    ]


@often
@given(FINITE, chosen)
def test_a_number_read_off_the_page_is_right(value: float, digits: Digits) -> None:
    """A number typed as it is shown is the true one to the digits given, as a diagnosis sees it."""
    assume(abs(value) < 1e15)
    for text in (digits.short(value), digits.given(value)):
        if "/" not in text:
            assert parse_answer(text).matches(value, 0.0)
            if "e" not in text:
                assert abs(read_number(text) - value) <= half_unit(text) * 2


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("8", -0.004814262735, "−0.00481426"),
        ("2", -0.004814262735, "−4.8e-3"),
        ("2", 0.5, "0.50"),
        ("12", 0.1, "0.100000000000"),
        ("12", 12345.678, "12345.6780000000"),
        ("8", 1234.5678, "1234.567800"),
        ("6", 0.0, "0.000000"),
        ("4s", 0.5, "0.5000"),
        ("4s", 0.0, "0"),
        ("4s", 1234.0, "1234"),
        ("3s", 1234.0, "1.23e3"),
        ("3s", -0.0000123456, "−1.23e-5"),
        ("3s", -0.000123456, "−0.000123"),
        ("3s", inf, "∞"),
    ],
)
def test_digits(name: str, value: float, text: str) -> None:
    """As people write them: trailing zeros are kept, and very small numbers have a power of ten."""
    assert DIGITS[name].short(value) == text.replace("-", MINUS)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("2", 0.001, "0.001"), ("2", 0.1234567, "0.1235"), ("8", 0.1234567, "0.1234567"), ("2s", 0.125, "0.125"),
     ("8", 0.5, "0.5"), ("12s", 1 / 3, "1/3"), ("2", 1e-7, "1.0e−7")],
)  # fmt: skip
def test_given_numbers_keep_their_digits(name: str, value: float, text: str) -> None:
    """A given number has at least the four decimals that it would have otherwise."""
    assert DIGITS[name].plain(value) == text


def test_narrow_places() -> None:
    """A narrow place shows as many digits as fit, and never fewer than four."""
    assert DIGITS["12"].within(11) is DIGITS["8"]
    assert DIGITS["12"].within(3) is FOUR
    assert DIGITS["12s"].within(3) is DIGITS["4s"]
    assert DIGITS["2"].within(1) is DIGITS["2"]
    for digits in EVERY:
        assert digits.within(digits.width) is digits
