"""Reckons what a line of a derivation says, as it is printed on the page or as LaTeX in an answer.

It knows nothing of how the line was written, and no other notation than that of a schoolbook: what
stands side by side is multiplied, a bracket with a comparison in it is 1 where that holds and 0
where it does not. Two signs in a row, or a power of a power, are nothing that one may write.
"""

import re
from math import e, exp, inf, nan, tanh
from typing import Any

from mpmath import mp

_MARKS = {
    r"\cdot": "·",
    r"\infty": "∞",
    r"\mathrm{NaN}": "NaN",
    r"\tanh": "tanh",
    r"\max": "max",
    r"\ln": "ln",
    r"\dfrac": "frac",
    r"\frac": "frac",
    r"\,": " ",
    "-": "−",
    "^2": "²",
}
_SCIENTIFIC = re.compile(r"(\d[\d.]*) \\times 10\^\{(-?\d+)\}(?!\^)")
_TOKEN = re.compile(r"\d+(?:\.\d+)?(?:e−?\d+)?|NaN|frac|tanh|max|exp|ln|\S")
_FACTOR = re.compile(r"\d.*|NaN|∞|½|e|frac|tanh|max|exp|ln|[(\[|]")
_CONSTANTS = {"NaN": nan, "∞": inf, "½": 0.5, "e": e}


class Unreadable(ValueError):
    """What nobody would write so."""


def reckon(line: str) -> float:
    """The value of a line; raises Unreadable where it has none."""
    reader = _Reader(_TOKEN.findall(line))
    value = reader.sum()
    if reader.rest:
        raise Unreadable(f"no formula from {' '.join(reader.rest)!r} on: {line}")
    return value


def reckon_latex(line: str) -> float:
    """The same for LaTeX."""
    line = _SCIENTIFIC.sub(r"\1e\2", line)
    for name, mark in _MARKS.items():
        line = line.replace(name, mark)
    return reckon(line)


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens
        self.bars = 0

    def at(self, *tokens: str) -> bool:
        """Whether one of these is next; then it is read."""
        found = bool(self.rest) and self.rest[0] in tokens
        if found:
            self.rest.pop(0)
        return found

    def expect(self, token: str) -> None:
        if not self.at(token):
            raise Unreadable(f"{token} expected before {' '.join(self.rest)!r}")

    def sum(self) -> float:
        """Terms, of which only the first may have a sign."""
        value = -self.product() if self.at("−") else self.product()
        while True:
            if self.at("+"):
                value = value + self.product()
            elif self.at("−"):
                value = value - self.product()
            else:
                return value

    def product(self) -> float:
        value = self.power()
        while self.rest and not self._closing():
            if self.at("/"):
                value = value / self.power()
            elif self.at("·") or _FACTOR.fullmatch(self.rest[0]):
                value = value * self.power()
            else:
                break
        return value

    def _closing(self) -> bool:
        """Whether a bar is next that ends what another began."""
        return self.bars > 0 and self.rest[0] == "|"

    def power(self) -> float:
        value = self.factor()
        if self.at("²"):
            value = value * value
        elif self.at("^"):
            if value != e:
                raise Unreadable("only e has another power than 2")
            value = _exp(self.between("{", "}"))
        if self.at("²", "^"):
            raise Unreadable("a power of a power")
        return value

    def factor(self) -> float:
        if not self.rest or not _FACTOR.fullmatch(self.rest[0]):
            raise Unreadable(f"a number expected before {' '.join(self.rest)!r}")
        if self.rest[0] == "(":
            return self.between("(", ")")
        match self.rest.pop(0):
            case "exp":
                power: float = _exp(self.between("(", ")"))
                return power
            case "ln":
                return _ln(self.between("(", ")"))
            case "|":
                return self.size()
            case "tanh":
                return tanh(self.between("(", ")"))
            case "frac":
                return self.between("{", "}") / self.between("{", "}")
            case "max":
                return self.greater()
            case "[":
                return self.holds()
            case text if text in _CONSTANTS:
                return _CONSTANTS[text]
            case text:
                return float(text.replace("−", "-"))

    def size(self) -> float:
        """|a|"""
        self.bars += 1
        value: float = abs(self.sum())
        self.expect("|")
        self.bars -= 1
        return value

    def between(self, opens: str, closes: str) -> float:
        self.expect(opens)
        value = self.sum()
        self.expect(closes)
        return value

    def greater(self) -> float:
        """max(a, b); NaN where b is."""
        self.expect("(")
        left = self.sum()
        self.expect(",")
        right = self.sum()
        self.expect(")")
        return right if right != right else max(left, right)

    def holds(self) -> float:
        """[a > b], Iverson's; NaN where a is."""
        left = self.sum()
        self.expect(">")
        right = self.sum()
        self.expect("]")
        return left if left != left else float(left > right)


def _exp(power: float) -> Any:
    """Beyond what floats can hold, a number of mpmath: a person has no largest one."""
    try:
        return exp(power)
    except OverflowError:
        return mp.exp(power)


def _ln(value: Any) -> float:
    return float(mp.log(value))
