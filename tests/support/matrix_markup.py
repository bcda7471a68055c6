"""The matrix view, read from its HTML: cells, terms with their operators, and what these come to."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.view.rendering.numbers import MINUS
from tests.support.markup import Element

TITLE = re.compile(r"(.+) = (\S+)")
Array = NDArray[np.float64]


def blocks(panel: Element) -> list[Element]:
    return panel.all("article")


def of_class(element: Element, name: str) -> list[Element]:
    return [each for each in element if name in each.classes]


def cells(element: Element) -> Iterator[tuple[str, Element]]:
    """Every cell with the address of what it shows."""
    for cell in element.all("td"):
        yield cell["data-of"], cell


def value(cell: Element) -> float:
    """What a cell says, with all digits; nan where it is empty."""
    [link] = cell.all("a")
    if "title" not in link.attributes:
        assert link.text == ""
        assert link["aria-label"]
        return float("nan")
    match = TITLE.fullmatch(link["title"])
    assert match is not None
    return float(match[2].replace(MINUS, "-"))


def array(table: Element) -> Array:
    return np.array([[value(cell) for cell in row.all("td")] for row in table.all("tr")])


@dataclass(frozen=True, slots=True)
class Read:
    """A term as it stands on the page: its operators without spaces, and its numbers."""

    before: str
    numbers: Array | None
    after: str
    transposed: bool


def terms(equation: Element) -> list[Read]:
    found = []
    for term in of_class(equation, "term"):
        operators = of_class(term, "op")
        [pair] = of_class(term, "pair-of")
        order = [child for child in term.children if isinstance(child, Element)]
        signs = {order.index(op) < order.index(pair): sign(op) for op in operators}
        tables = term.all("table")
        found.append(
            Read(
                signs.get(True, ""),
                array(tables[0]) if tables else None,
                signs.get(False, ""),
                bool(term.all("sup")),
            )
        )
    return found


def sign(op: Element) -> str:
    """An operator, which stands twice."""
    once, again = [child for child in op.children if isinstance(child, Element)]
    assert once.text == again.text
    return "".join(once.text.split()).replace("\N{FUNCTION APPLICATION}", "")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "ln": np.log,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "step": lambda net: np.heaviside(net, 0),
    "total": lambda row: row.sum(keepdims=True),
    "columns": lambda matrix: matrix.sum(axis=0),
}
# What the page writes, as Python, in this order. A letter is the matrix of a term.
REWRITE = [
    ("12(?=[(|a-z])", "0.5*"),  # a fraction without its line
    (r"([A-Z)|])2", r"\1**2"),  # a square without its height
    (r"\|([^|]*)\|", r"abs(\1)"),
    (r"\[([^\]]*)>0\]", r"step(\1)"),
    (r"∑exp\(net.\)", "total(exp(A))"),  # softmax names the nets of its layer again
    (r"∑exp(\(.*\))", r"columns(exp\1)"),
    ("∑([A-Z])", r"total(\1)"),
    (r"ln(columns\(.*\))", r"ln(\1)"),
    ("[⊙∗]", "*"),
    ("[·⋅∘]", "@"),
    ("√", "sqrt"),
    ("[ˆ^]", "**"),
    (MINUS, "-"),
]


def computed(left: list[Read]) -> Array:
    """What the terms before a sign of equality come to, done as the operators say."""
    known: dict[str, Any] = {
        letter: term.numbers.T if term.transposed else term.numbers
        for letter, term in zip(ascii_uppercase, left, strict=False)
        if term.numbers is not None
    }
    if not known:  # the slope of the identity
        return np.ones((1, 1))
    text = "".join(
        f"{term.before}{letter}{term.after}"
        for letter, term in zip(ascii_uppercase, left, strict=False)
    )
    for pattern, python in REWRITE:
        text = re.sub(pattern, python, text)
    result: Array = eval(text, {**FUNCTIONS, **known})
    return result


def sides(equation: Element) -> list[list[Read]]:
    """The terms between the signs of equality, which begin a side and are not part of it."""
    found: list[list[Read]] = [[]]
    for term in terms(equation):
        if term.before.startswith("="):
            found.append([])
            term = Read(term.before[1:], term.numbers, term.after, term.transposed)
        found[-1].append(term)
    return found
