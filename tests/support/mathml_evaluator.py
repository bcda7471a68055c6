"""Computes what a formula in MathML says, knowing nothing of how it was written.

The formula becomes a line of Python: a number is a number, two things side by side are multiplied,
a bracket with a comparison in it is 1 where that holds and 0 where it does not (Iverson's).
"""

import re
from collections.abc import Iterator
from math import e, exp, log, tanh
from xml.etree import ElementTree

SKIPPED = {"\u2061"}  # function application
OPERATORS = {"+": "+", "−": "-", "⋅": "*", "/": "/", "(": "(", ")": ")", ",": ",", ">": ">"}
OPERATORS |= {"[": "float(", "]": ")"}
NAMES = {"e": e, "exp": exp, "tanh": tanh, "max": max, "float": float, "ln": log, "abs": abs}
FUNCTIONS = {"tanh", "max", "ln", "abs"}
MINUS = "\u2212"


def evaluate(markup: str) -> float:
    """The value of a formula; raises where it is none, or where two signs stand in a row."""
    root = ElementTree.fromstring(markup.replace("&ApplyFunction;", "\u2061"))
    assert root.tag == "math"
    return float(eval(python("".join(_tokens(root))), {"__builtins__": {}}, NAMES))


def _tokens(element: ElementTree.Element) -> str:
    """An element as text, its parts divided by spaces."""
    text = (element.text or "").strip()
    parts = [_tokens(child) for child in element]
    match element.tag:
        case "math" | "mrow" | "mstyle":
            return " ".join(parts)
        case "mspace":
            return ""
        case "mfrac":
            return f" ( ( {parts[0]} ) / ( {parts[1]} ) ) "
        case "msup":
            return f" {parts[0]} ^ ( {parts[1]} ) "
        case "mn":
            return f" {text} "
        case "mi" if text in NAMES:
            return f" {text} "
        case "mo" if text in OPERATORS or text in SKIPPED or text == "|":
            return "" if text in SKIPPED else f" {text} "
    raise ValueError(f"<{element.tag}>{text}: no part of a formula in numbers")


def _bars(tokens: list[str]) -> Iterator[str]:
    """|a| as abs ( a ): every other bar closes."""
    inside = False
    for token in tokens:
        if token == "|":
            yield from (")",) if inside else ("abs", "(")
            inside = not inside
        else:
            yield token


def python(text: str) -> str:
    """The same as Python, multiplications that are not written put in."""
    line: list[str] = []
    before = "("
    for token in _bars(text.split()):
        number = re.fullmatch(rf"{MINUS}?[\d.]+(e{MINUS}?\d+)?", token)
        if number and token.startswith(MINUS) and before not in "([,":
            raise ValueError(f"{before} {token}: two signs in a row")
        begins = number or token in NAMES or token in "(["
        ends = before in ")]" or before in NAMES or before[-1].isdigit()
        if begins and ends and before not in FUNCTIONS:
            line.append("*")
        line.append(token.replace(MINUS, "-") if number else OPERATORS.get(token, token))
        before = token
    return " ".join(line).replace("^", "**")
