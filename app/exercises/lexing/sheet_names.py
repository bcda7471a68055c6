"""Names of quantities as exercise sheets write them: w14, w_{ca}, W^{(1)}, θ₄, b_h1, fc1.weight."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from app.exercises.lexing.tokens import Token

_PART = re.compile(
    r"(?P<prime>['′’]+)|\^?[{(\[⁽]?(?P<raised>[¹²³⁴⁵]+)[})\]⁾]?"
    r"|\^\{?[(\[]?(?P<layer>[^{}()\[\]]*)[)\]]?\}?"
    r"|_\{(?P<braced>[^{}]*)\}|_(?P<sub>[^\W_]+)|(?P<plain>\d+|[₀-₉]+)"
    r"|\((?P<word>[a-z]+)\)|\((?P<called>[\d\s,]*)\)|\[(?P<item>\d*)\]|\.(?P<attribute>\w+)|."
)
_LABEL = re.compile(r"[^\W\d_]+\d*|\d")
_SEPARATOR = re.compile(r"[\s,;→>\-]+|to")


@dataclass(frozen=True)
class SheetName:
    """A name in parts.

    Attributes:
        text: as it stands in the text.
        base: its letters. Upper and lower case differ.
        index: what stands below or behind it, as one text without spaces: 14 of w_{14}.
        layer: what stands above it, or the number of its primes: 1 of W^{(1)}, 2 of w'.
        attribute: after the last point, such as weight.
        is_called: whether the index is in parentheses or brackets: x(1), W[0].
    """

    text: str
    base: str
    index: str = ""
    layer: str = ""
    attribute: str = ""
    is_called: bool = False

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The index in parts: (1, 4) of 14, (c, a) of ca, (x1, h1) of x1h1, (10, 12) of 10,12."""
        parts = [part for part in _SEPARATOR.split(self.index) if part]
        if len(parts) > 1:
            return tuple(parts)
        labels = _LABEL.findall(self.index)
        if len(labels) == 1 and labels[0].isalpha() and len(labels[0]) == 2:
            return tuple(labels[0])  # ca
        if len(labels) == 1 and labels[0][0].isalpha() and labels[0][1:] == "0":
            return labels[0][0], "0"  # c0: from the bias
        return tuple(labels)

    @property
    def number(self) -> int | None:
        """The index as a number; None if it is none."""
        return int(self.index) if self.index.isdecimal() else None

    @property
    def key(self) -> str:
        """The name without what tells its spelling from another one: h1 of h_{1} and h₁."""
        layer = f"^{self.layer}" if self.layer else ""
        return f"{self.base}{self.index}{layer}"


def name_of(token: Token) -> SheetName:
    """Return the parts of a name."""
    return _parse(token.text, token.letters, token.decoration)


def _parse(text: str, letters: str, decoration: str) -> SheetName:
    index: list[str] = []
    layer, attribute, primes, is_called = "", "", 0, False
    for found in _PART.finditer(decoration):
        if found["prime"]:
            primes += len(found["prime"])
        elif found["raised"]:
            layer = _plain(found["raised"])
        elif found["layer"] is not None:
            layer = "" if found["layer"] == "T" else found["layer"].strip()
        elif found["word"]:
            index.append(found["word"])
        elif found["attribute"]:
            index += [attribute] * bool(attribute)
            attribute = found["attribute"]
        elif found["called"] is not None or found["item"] is not None:
            is_called = True
            index.append("".join((found["called"] or found["item"] or "").split()))
        elif part := found["braced"] or found["sub"] or found["plain"]:
            index.append(_index_text(part))
    if primes and not layer:
        layer = str(primes + 1)
    base = letters.replace("ᵀ", "").replace("\u0302", "")
    joined = (",".join if len(index) > 1 else "".join)(index)
    return SheetName(text, base, joined, layer, attribute, is_called)


def _index_text(part: str) -> str:
    part = part.replace("\\to", ">").replace("\\rightarrow", ">").replace("\\", "")
    return " ".join(_plain(part).split())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
