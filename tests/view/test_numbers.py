"""How numbers are written."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import copysign, inf, isfinite, isnan, nan
from random import Random
from struct import pack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.view.rendering.numbers import (
    FORMATS,
    MINUS,
    as_fraction,
    brief,
    data,
    entered,
    exact,
    fitted,
    plain,
    short,
)
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


def written(name: str, *values: float) -> list[str]:
    """Numbers in a format, as a page is filled with them."""
    return [text.decode() for text in FORMATS[name](values)]


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
    for text in (short(value), plain(value)):
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
    assert short(value) == text.replace("-", MINUS)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (1.0, "1.0"), (-0.25, "−0.25"), (0.0, "0.0"), (0.12346, "0.1235"), (1e6, "1.00e6")],
)  # fmt: skip
def test_plain(value: float, text: str) -> None:
    """A plain number has no trailing zeros."""
    assert plain(value) == text


@often
@given(st.integers(-999, 999), st.integers(1, 999))
def test_fractions_are_kept(over: int, under: int) -> None:
    """A fraction of small numbers that is no decimal number is shown as such, in lowest terms."""
    value, lowest = over / under, Fraction(over, under)
    is_decimal = 10**40 % lowest.denominator == 0
    text = f"{lowest.numerator}/{lowest.denominator}".replace("-", MINUS)
    assert as_fraction(value) == ("" if is_decimal else text)
    assert entered(value) == (short(value) if is_decimal else text)
    assert (plain(value) == text) != is_decimal
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
    "short": short,
    "plain": plain,
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
    for name in FORMATS:
        alone = [text for value in values for text in written(name, value)]
        assert written(name, *values) == alone
        if name in SINGLE:
            assert alone == [SINGLE[name](value) for value in values]


@pytest.mark.parametrize("name", FORMATS)
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
    number = f"<mn>{short(value)}</mn>"
    assert written("mathml", value) == [number]
    [factor] = written("mathml_factor", value)
    assert number in factor
    assert (">(<" in factor and ">)<" in factor) == (value < 0)
