"""Evaluates formulas as they are displayed: as text, as LaTeX and as MathML.

It shares no code with the app. Products come before sums, and equal rank is taken from left to right.
Factors side by side are multiplied, and a comparison in brackets is 1 if it holds, else 0. Two signs in
a row and a power of a power are refused. A substitution may end with what it comes to and the words
"counted as 0": then it is 0.
"""

import re
from collections.abc import Callable
from math import e, exp, inf, nan, sqrt, tanh
from typing import Any
from xml.etree import ElementTree

from mpmath import mp

_MARKS = {
    r"\cdot": "·",
    r"\infty": "∞",
    r"\mathrm{NaN}": "NaN",
    r"\tanh": "tanh",
    r"\max": "max",
    r"\min": "min",
    r"\sqrt": "√",
    r"\text{counted as }": "counted as",
    r"\ln": "ln",
    r"\dfrac": "frac",
    r"\frac": "frac",
    r"\,": " ",
    "-": "−",
    "^2": "²",
}
_SCIENTIFIC = re.compile(r"(\d[\d.]*) \\times 10\^\{(-?\d+)\}(?!\^)")
_TOKEN = re.compile(r"\d+(?:\.\d+)?(?:e−?\d+)?|NaN|frac|tanh|max|min|exp|ln|\S")
_FACTOR = re.compile(r"\d.*|NaN|∞|½|e|frac|tanh|max|min|exp|ln|[√(\[|]")
_CONSTANTS = {"NaN": nan, "∞": inf, "½": 0.5, "e": e}


class Unreadable(ValueError):
    """The text is not a formula."""


def evaluate_text(line: str) -> float:
    """Evaluate a formula in plain text. Raises Unreadable."""
    line, counted, zero = line.partition(", counted as")
    if counted:
        line, _, said = line.partition("=")
        if zero.strip() != "0" or evaluate_text(line) != evaluate_text(said):
            raise Unreadable(f"it comes to {evaluate_text(line)}, not to {said}")
        return 0.0
    reader = _Reader(_TOKEN.findall(line))
    value = reader.sum()
    if reader.rest:
        raise Unreadable(f"no formula from {' '.join(reader.rest)!r} on: {line}")
    return value


def evaluate_latex(line: str) -> float:
    """Evaluate a formula in LaTeX."""
    line = _SCIENTIFIC.sub(r"\1e\2", line)
    for name, mark in _MARKS.items():
        line = line.replace(name, mark)
    return evaluate_text(line)


def evaluate_mathml(markup: str) -> float:
    """Evaluate a formula in MathML."""
    root = ElementTree.fromstring(markup.replace("&ApplyFunction;", "\u2061"))
    assert root.tag == "math"
    return evaluate_text(_text_of(root))


def _text_of(element: ElementTree.Element) -> str:
    """A MathML element as plain text."""
    text = (element.text or "").strip().replace("\u2061", "").replace("⋅", "·")
    parts = [_text_of(child) for child in element]
    match element.tag:
        case "math" | "mrow" | "mstyle" | "mspace":
            return " ".join(parts)
        case "mfrac":
            return f"frac{{{parts[0]}}}{{{parts[1]}}}"
        case "msup":
            return f"{parts[0]}²" if parts[1].strip() == "2" else f"{parts[0]}^{{{parts[1]}}}"
        case "msqrt":
            return f"√{{{' '.join(parts)}}}"
        case "mn" | "mo":
            return f" {text} "
        case "mi" if text in {"e", "exp", "tanh", "max", "min", "ln"}:
            return f" {text} "
    raise Unreadable(f"<{element.tag}>{text}")


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
            exponent = self.between("{", "}") if self.rest[:1] == ["{"] else self.factor()
            value = _exp(exponent) if value == e else value**exponent
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
            case "√":
                return sqrt(self.between(*("{}" if self.rest[:1] == ["{"] else "()")))
            case "max":
                return self.chosen(max)
            case "min":
                return self.chosen(min)
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

    def chosen(self, choose: Callable[[float, float], float]) -> float:
        """max(a, b) or min(a, b); NaN where b is."""
        self.expect("(")
        left = self.sum()
        self.expect(",")
        right = self.sum()
        self.expect(")")
        return right if right != right else choose(left, right)

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
