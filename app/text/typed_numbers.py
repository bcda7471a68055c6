"""Numbers as people type them: −0.25, 0,25, 2e-3, 1/3, ½ or 1½.

Nothing is guessed: 1,000 may be 1 or a thousand, so it is asked about.
"""

import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction
from math import inf

from app.backprop.errors import N_, Invalid

MOST_CHARACTERS = 1000
SIGNS = "+−–-"  # a word processor may write a minus as the third
VULGAR = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"

_DECIMAL = r"(?:\d+(?:[.,]\d*)?|[.,]\d+)"
_NUMBER = re.compile(
    rf"(?P<sign>[{SIGNS}]?) ?(?:"
    rf"(?P<decimal>{_DECIMAL})(?:[eE](?P<power>[{SIGNS}]?\d+))?"
    rf"|(?P<whole>\d*) ?(?P<vulgar>[{VULGAR}])"
    rf"|(?:(?P<mixed>\d+) )?(?P<over>{_DECIMAL}) ?[/⁄∕] ?(?P<under>{_DECIMAL})"
    r")",
    re.ASCII,
)
_AMBIGUOUS = re.compile(r"(?<![\d.,])[1-9]\d*,\d{3}(?!\d)", re.ASCII)
_THOUSANDS = re.compile(
    rf"[{SIGNS}]? ?\d{{1,3}}([,.'’ ])\d{{3}}(?:\1\d{{3}})*(?:[.,]\d*)?", re.ASCII
)
_SEVERAL_SEPARATORS = re.compile(rf"[{SIGNS}]? ?\d*[.,]\d*[.,][\d.,]*", re.ASCII)
_NOT_FINITE = re.compile(rf"[{SIGNS}]?(?:nan|inf|infinity|∞)", re.IGNORECASE)


class NotANumber(Invalid):
    """A text that is not one number.

    Attributes:
        is_explained: whether the message says what is wrong with it, and not only what is expected.
    """

    def __init__(self, text: str, *, is_explained: bool = True, **values: object) -> None:
        super().__init__("number", text, **values)
        self.is_explained = is_explained


def read_number(text: str, *, decimal_comma: bool = False) -> float:
    """Return the nearest float to the number that a text writes; ±inf if it is too large for one.

    Args:
        decimal_comma: whether it is known that a comma is a decimal comma.

    Raises:
        NotANumber: says in plain words what is wrong, or asks which number is meant.
    """
    text = " ".join(text.split())
    found = _NUMBER.fullmatch(text) if len(text) <= MOST_CHARACTERS else None
    if found is None or (found["mixed"] and not _is_proper(found)):
        raise _problem(text)
    if not decimal_comma and _AMBIGUOUS.search(text):
        question = N_("Is this %(one)s or %(other)s? Write one of the two.")
        one, other = text.replace(",", "."), text.replace(",", "")
        raise NotANumber(question, one=one, other=other)
    size = _size(found)
    return (-size if found["sign"] and found["sign"] != "+" else size) + 0.0  # −0 is 0


def is_number(text: str) -> bool:
    """Whether a text is a number if its commas are decimal."""
    try:
        read_number(text, decimal_comma=True)
    except NotANumber:
        return False
    return True


def is_ambiguous(text: str) -> bool:
    """Whether a text is a number in which a comma may be decimal or separate thousands."""
    return bool(_AMBIGUOUS.search(text)) and is_number(text)


def has_decimal_comma(texts: Iterable[str]) -> bool:
    """Whether a comma in one of these can only be a decimal comma: 0,250 or 1,5, but not 1,000."""
    return any(
        "," in text
        and (found := _NUMBER.fullmatch(" ".join(text.split())))
        and found["decimal"]
        and not _AMBIGUOUS.search(text)
        for text in texts
    )


def _is_proper(found: re.Match[str]) -> bool:
    """Whether a fraction may follow a whole number, as in 1 1/2."""
    over, under = found["over"], found["under"]
    return over.isdigit() and under.isdigit() and int(over) < int(under)


def _size(found: re.Match[str]) -> float:
    if found["decimal"]:
        power = found["power"] or "0"
        return float(f"{found['decimal'].replace(',', '.')}e{_ascii_sign(power)}")
    if found["vulgar"]:
        part = unicodedata.normalize("NFKC", found["vulgar"]).replace("⁄", "/")
        return float(Fraction(found["whole"] or 0) + Fraction(part))
    under = _fraction(found["under"])
    if under == 0:
        raise NotANumber(N_("The denominator of a fraction cannot be 0."))
    try:
        return float(Fraction(found["mixed"] or 0) + _fraction(found["over"]) / under)
    except OverflowError:
        return inf


def _fraction(text: str) -> Fraction:
    return Fraction(text.replace(",", "."))


def _ascii_sign(text: str) -> str:
    return text.replace("−", "-").replace("–", "-")


def _problem(text: str) -> NotANumber:
    """Return what is wrong with a text that is no number."""
    if "_" in text and _NUMBER.fullmatch(text.replace("_", "")):
        return NotANumber(N_("Write the number without underscores."))
    if any(each.isdigit() and not each.isascii() for each in text):
        return NotANumber(N_("Use the digits 0 to 9."))
    if _NOT_FINITE.fullmatch(text):
        return NotANumber(N_("A number must be finite."))
    if re.match(rf"[{SIGNS}] ?[{SIGNS}]", text):
        return NotANumber(N_("Use only one sign."))
    if _THOUSANDS.fullmatch(text):
        return NotANumber(N_("Write the number without thousands separators, such as 1000.5."))
    if _SEVERAL_SEPARATORS.fullmatch(text):
        return NotANumber(N_("Use only one decimal point or comma."))
    if len(parts := text.split(" ")) > 1 and all(map(_NUMBER.fullmatch, parts)):
        return NotANumber(N_("Enter only one number."))
    return NotANumber(N_("Enter a number, such as −0.25 or 1/3."), is_explained=False)
