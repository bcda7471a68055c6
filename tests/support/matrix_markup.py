"""The matrix view, read from its HTML: cells, terms with their operators, and what these come to."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


FUNCTIONS: dict[tuple[str, str], Callable[[Array], Array]] = {
    ("1/(1+exp(−", "))"): lambda net: 1 / (1 + np.exp(-net)),
    ("tanh(", ")"): np.tanh,
    ("max(0,", ")"): lambda net: np.maximum(0, net),
    ("exp(", ")/∑exp(netO)"): lambda net: np.exp(net) / np.exp(net).sum(),
    ("[", ">0]"): lambda net: np.heaviside(net, 0),
    ("∑", ""): lambda row: row.sum(keepdims=True),
    ("", ""): lambda row: row,
}


def computed(left: list[Read]) -> Array:
    """What the terms before a sign of equality come to, done as the operators say."""
    signs = [(term.before, term.after) for term in left]
    numbers = [
        term.numbers.T if term.transposed else term.numbers
        for term in left
        if term.numbers is not None
    ]
    if not numbers:  # the slope of the identity
        return np.ones((1, 1))
    match signs:
        case [only]:
            return FUNCTIONS[only](numbers[0])
        case [("12(", ""), ("−", ")2")]:  # a half, over each other, and a square
            return (numbers[0] - numbers[1]) ** 2 / 2
        case [("(", ""), ("−", after)] if after.startswith(")2/"):  # a square, and how many
            return (numbers[0] - numbers[1]) ** 2 / int(after[3:])
        case [("2(", ""), ("−", after)]:
            return 2 * (numbers[0] - numbers[1]) / int(after[2:])
        case [
            ("", ""),
            ("⊙max(0,−", ")"),
            ("+(1−", ")"),
            ("⊙max(0,", ")"),
            ("+ln(1+exp(−|", "|))"),
        ]:
            t, net, one, same, size = numbers
            far = t * np.maximum(0, -net) + (1 - one) * np.maximum(0, same)
            return far + np.log1p(np.exp(-np.abs(size)))
        case [("", ""), ("⊙ln∑exp(", ""), ("−", ")")]:
            surprise: Array = np.log(np.exp(numbers[1] - numbers[2]).sum(axis=0))
            return numbers[0] * surprise
        case [("", ""), ("⊙(1−", ")")]:
            return numbers[0] * (1 - numbers[1])
        case [("1−", ""), ("⊙", "")]:
            return 1 - numbers[0] * numbers[1]
        case [("", ""), ("⊙", "")]:
            return numbers[0] * numbers[1]
        case [("", ""), ("·" | "⋅" | "∘", "")]:
            return numbers[0] @ numbers[1]
        case [("", ""), ("·" | "⋅", ""), ("+", "")]:
            return numbers[0] @ numbers[1] + numbers[2]
        case [("", ""), ("−", "")]:
            return numbers[0] - numbers[1]
        case [("", ""), ("∗", ""), ("+", "")]:
            return numbers[0] * numbers[1] + numbers[2]
        case [("", ""), ("+", "")]:
            return numbers[0] + numbers[1]
        case [("", ""), ("∗", ""), ("+", ""), ("/", "")]:
            return numbers[0] * numbers[1] + numbers[2] / numbers[3]
        case [("", ""), ("−", ""), ("∗", ""), ("/", "")]:
            return numbers[0] - numbers[1] * numbers[2] / numbers[3]
        case [("", ""), ("−", ""), ("∗", "")]:
            return numbers[0] - numbers[1] * numbers[2]
    raise AssertionError(f"not an equation: {signs}")


def sides(equation: Element) -> list[list[Read]]:
    """The terms between the signs of equality, which begin a side and are not part of it."""
    found: list[list[Read]] = [[]]
    for term in terms(equation):
        if term.before == "=":
            found.append([])
            term = Read("", term.numbers, term.after, term.transposed)
        found[-1].append(term)
    return found
