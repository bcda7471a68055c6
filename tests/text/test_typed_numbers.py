"""Numbers as people type them."""

from decimal import Decimal
from fractions import Fraction
from math import copysign, inf, isfinite
from unicodedata import numeric

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.text.typed_numbers import VULGAR, NotANumber, has_decimal_comma, read_number
from app.view.rendering.digits import FOUR
from app.view.rendering.languages import translations
from app.view.rendering.numbers import MINUS, data, exact

often = settings(max_examples=200, deadline=None, derandomize=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
DIGITS = st.text("0123456789", min_size=1, max_size=25)
SIGNS = {"": 1, "+": 1, "-": -1, MINUS: -1, "–": -1}


def refused(text: str) -> str:
    """Why a text is refused."""
    with pytest.raises(NotANumber) as caught:
        read_number(text)
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1", 1.0), ("-3.5", -3.5), ("−3.5", -3.5), ("–3.5", -3.5), ("+2", 2.0), ("- 2", -2.0)),
        *((" −0,25 ", -0.25), ("\u00a01,5\u202f", 1.5), (".5", 0.5), (",5", 0.5), ("5.", 5.0), ("5,", 5.0)),
        *(("1e-3", 1e-3), ("1.5e−3", 1.5e-3), ("1,5E+3", 1500.0), ("007", 7.0), ("1e999", inf), ("-1e999", -inf)),
        *(("1/3", 1 / 3), ("-2/7", -2 / 7), ("1 / 3", 1 / 3), ("1⁄3", 1 / 3), ("2∕3", 2 / 3), ("0.5/3", 0.5 / 3)),
        *(("½", 0.5), ("−¼", -0.25), ("⅓", 1 / 3), ("1½", 1.5), ("-1 ½", -1.5), ("1 1/2", 1.5), ("-2 3/4", -2.75)),
        # A comma before three digits that can only be a decimal one: no thousands begin with 0.
        *(("0,250", 0.25), ("-0,125", -0.125), (",250", 0.25), ("01,250", 1.25), ("1,25", 1.25), ("1,2500", 1.25)),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    """Numbers are read as people type them."""
    assert read_number(text) == value


@often
@given(FINITE)
def test_what_is_shown_is_read(value: float) -> None:
    """A number that is shown is read: to the bit, or as it is rounded."""
    for text in (exact(value), data(value)):
        assert (read_number(text), copysign(1, read_number(text))) == (
            value + 0.0,
            copysign(1, value + 0.0),
        )
    for text in (FOUR.short(value), FOUR.plain(value)):
        shown = (
            float(Fraction(text.replace(MINUS, "-")))
            if "/" in text
            else float(text.replace(MINUS, "-"))
        )
        assert read_number(text) == shown


@often
@given(
    st.sampled_from(sorted(SIGNS)), DIGITS, DIGITS, st.sampled_from(".,"), st.integers(-330, 330)
)
def test_decimals_are_the_nearest_float(
    sign: str, whole: str, decimals: str, mark: str, power: int
) -> None:
    """A decimal number with an exponent gives the float nearest to it, as an exact fraction says."""
    text = f"{sign}{whole}{mark}{decimals}e{power}"
    number = Fraction(Decimal(f"{whole}.{decimals}e{power}")) * SIGNS[sign]
    try:
        expected = float(number)
    except OverflowError:
        expected = inf * SIGNS[sign]
    assert read_number(text, decimal_comma=True) == expected


@often
@given(st.sampled_from(sorted(SIGNS)), st.integers(0, 10**30), st.integers(1, 10**30))
def test_fractions_are_exact(sign: str, over: int, under: int) -> None:
    """A fraction gives the float nearest to it, not the quotient of two floats."""
    expected = float(Fraction(over, under) * SIGNS[sign])
    assert read_number(f"{sign}{over}/{under}") == expected


@pytest.mark.parametrize("character", VULGAR)
@pytest.mark.parametrize("whole", ["", "3", "3 "])
def test_every_vulgar_fraction(character: str, whole: str) -> None:
    """Each means what Unicode says."""
    part = Fraction(numeric(character)).limit_denominator(10)
    assert read_number(f"-{whole}{character}") == -float(int(whole or 0) + part)


@often
@given(
    st.integers(1, 10**6),
    st.text("0123456789", min_size=3, max_size=3),
    st.sampled_from(sorted(SIGNS)),
)
def test_a_comma_before_three_digits_is_asked_about(whole: int, digits: str, sign: str) -> None:
    """Both numbers that it may be are named, unless something else says that the comma is decimal."""
    text = f"{sign}{whole},{digits}"
    message = refused(text)
    assert f"{sign}{whole}.{digits} or {sign}{whole}{digits}?" in message
    assert read_number(text, decimal_comma=True) == SIGNS[sign] * float(f"{whole}.{digits}")
    assert refused(f"{text}e2").startswith("Is this")
    assert refused(f"{text}/7").startswith("Is this")


@pytest.mark.parametrize(
    ("texts", "known"),
    [
        (["1,000", "2,345"], False),
        (["1,000", "0,250"], True),
        (["1,000", "2,5"], True),
        (["1,000", "x,5"], False),
        (["1,000", "1,000,000"], False),
        (["1.5", "2"], False),
        (["1,000/3"], False),
    ],
)
def test_what_proves_a_decimal_comma(texts: list[str], known: bool) -> None:
    """One number in which the comma can only be decimal says so for all."""
    assert has_decimal_comma(texts) == known


@pytest.mark.parametrize(
    ("said", "korean", "texts"),
    [
        ("without underscores", "밑줄", ["1_000", "1_0.5", "-1_0e3"]),
        ("digits 0 to 9", "숫자 0부터 9", ["١", "٣.٥", "１２", "²", "1²", "①", "১/৩"]),
        ("must be finite", "유한", ["nan", "NaN", "inf", "-Infinity", "∞", "−∞"]),
        ("only one sign", "부호는 하나", ["--1", "+-1", "−−0,5", "- -1", "–-1"]),
        ("thousands separators", "천 단위", ["1,000,000", "1.000.000", "1,234.5", "1.234,5", "1 000", "1'000", "1’000"]),
        ("only one decimal point", "소수점", ["1.2.3", "1,2,3", "1..2", "0.5,5", "1,,000"]),
        ("only one number", "하나만", ["1 2", "0.1 0.2", "1 3/2", "½ ½"]),
        ("denominator", "분모", ["1/0", "½ 1/0"[2:], "0/0.0"]),
        (
            "such as −0.25 or 1/3",
            "같은 수를 입력하세요",
            ["", " ", "x", "abc", "0x10", "1e", "e5", "50%", "1/3/2", "1/-3", "½5", "⅟3", ".", ",", "-", "1-", "5€", "9" * 2000],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong(said: str, korean: str, texts: list[str]) -> None:
    """Every refusal says in plain words what is wrong, in both languages."""
    for text in texts:
        assert said in refused(text), text
        with pytest.raises(NotANumber) as caught:
            read_number(text)
        assert korean in caught.value.translated(translations("ko").gettext), text


@often
@given(st.text(max_size=12))
@example("1e5")
def test_any_text_is_a_number_or_refused(text: str) -> None:
    """Nothing else happens, and what Python reads as well means the same."""
    try:
        value = read_number(text)
    except NotANumber:
        return
    try:
        expected = float(text)
    except ValueError:
        return
    assume(isfinite(expected))
    assert value == expected
