"""Pasting a matrix of weights."""

from itertools import pairwise
from math import copysign

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.backprop.network import BIASES, Network
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import data
from app.web.pages.forms.pasted_matrix import paste_matrix
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient

FINITE = st.floats(allow_nan=False, allow_infinity=False)
IH, HO = "matrix/0", "matrix/1"


def bits(numbers: tuple[float, ...]) -> list[tuple[float, float]]:
    return [(number, copysign(1.0, number)) for number in numbers]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Any network of any finite doubles."""
    layers = draw(st.lists(st.integers(1, 8), min_size=2, max_size=4))
    bias = draw(st.sampled_from(BIASES))
    zeros = [[[0.0] * m for _ in range(n)] for n, m in pairwise(layers)]
    biases = {
        "none": [],
        "shared": [[0.0]] * (len(layers) - 1),
        "per_unit": [[0.0] * units for units in layers[1:]],
    }
    shape = Network.of(layers, zeros, biases[bias], bias=bias).shape
    count = shape.parameter_count
    return Network(shape, tuple(draw(st.lists(FINITE, min_size=count, max_size=count))))


def table(network: Network, layer: int, separator: str, *, names: bool) -> str:
    """A matrix as a spreadsheet has it: all rows as long."""
    rows = [[data(number) for number in row] for row in network.weights[layer]]
    width = len(rows[0])
    if network.biases:
        own = [data(number) for number in network.biases[layer]]
        rows.append(own + ([""] * (width - len(own)) if separator in "\t;," else []))
    if names:
        rows = [[f"x{number}", *row] for number, row in enumerate(rows, 1)]
        rows.insert(0, ["" if separator != " " else "W", *(f"H{j + 1}" for j in range(width))])
    return "\r\n".join(separator.join(row) for row in rows) + "\r\n"


@settings(deadline=None, derandomize=True, max_examples=60)
@given(networks(), st.sampled_from("\t;, "), st.booleans(), st.sampled_from("-−"))
def test_out_and_back(network: Network, separator: str, names: bool, minus: str) -> None:
    """A matrix goes to a spreadsheet and back bit for bit."""
    shape = network.shape
    example = DECK.simulation.examples[0].__class__(
        (0.5,) * shape.layers[0], (0.5,) * shape.layers[-1]
    )
    before = Simulation.of(network, [example], 0.5)
    changed = before
    for layer in range(shape.depth - 1):
        text = table(network, layer, separator, names=names).replace("-", minus)
        assert paste_matrix(before, {f"matrix/{layer}": text}, str) is before
        # Into other numbers of the same kind: as large as typed ones may be.
        small = Network(shape, tuple(number % 1e6 for number in network.parameters))
        text = table(small, layer, separator, names=names).replace("-", minus)
        changed = paste_matrix(changed, {f"matrix/{layer}": text}, str)
    assert bits(changed.network.parameters) == bits(
        tuple(number % 1e6 for number in network.parameters)
    )


def deck(text: str, field: str = IH) -> Network:
    return paste_matrix(DECK.simulation, {field: text}, str).network


@pytest.mark.parametrize(
    "text",
    [
        "1\t2\t3\t4\n5\t6\t7\t8\n9\t10\t11\t12,5\n0,25",
        "1,2,3,4\n5,6,7,8\n9,10,11,12.5\n0.25",
        "x1 1,0 2,0 3,0 4,0\nx2 5,0 6,0 7,0 8,0\nx3 9,0 10,0 11,0 12,5\nb1 0,25",
        "\tH1\tH2\tH3\tH4\nx1\t1\t2\t3\t4\nx2\t5\t6\t7\t8\nx3\t9\t10\t11\t12.5\nb1\t0.25\t\t\t",
        "\t1\t2\t3\t4\n\t5\t6\t7\t8\n\t9\t10\t11\t12.5\n\n0.25\n\n",
    ],
)
def test_separators_and_names(text: str) -> None:
    """Any usual separator is understood, with names or without."""
    network = deck(text)
    assert network.weights[0] == ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12.5))
    assert network.weights[1] == DECK.simulation.network.weights[1]
    assert network.biases == ((0.25,), DECK.simulation.network.biases[1])


def test_without_the_biases() -> None:
    """Without a row of biases the biases stay."""
    network = deck("1 2\n3 4\n5 6\n7 8", HO)
    assert network.weights[1] == ((1, 2), (3, 4), (5, 6), (7, 8))
    assert network.biases == DECK.simulation.network.biases


@pytest.mark.parametrize(
    ("field", "text", "changed"),
    [
        ("block/weight/0/1/2", "8\t9\n6\t7", {(1, 2): 8, (1, 3): 9, (2, 2): 6, (2, 3): 7}),
        ("block/weight/0/2/0", "8 9\n0,5", {(2, 0): 8, (2, 1): 9, "b": 0.5}),
        ("block/weight/0/0/3", "8\n9\n7", {(0, 3): 8, (1, 3): 9, (2, 3): 7}),
        ("block/weight/0/0/0", "x1\t8\t9\nx2\t6\t7", {(0, 0): 8, (0, 1): 9, (1, 0): 6, (1, 1): 7}),
        ("block/bias/0", "0,5\t\t", {"b": 0.5}),
    ],
)
def test_a_block(field: str, text: str, changed: dict[object, float]) -> None:
    """A block fills the matrix from its cell on."""
    old = DECK.simulation.network
    weights = [list(row) for row in old.weights[0]]
    biases = list(old.biases[0])
    for place, value in changed.items():
        if isinstance(place, tuple):
            weights[place[0]][place[1]] = value
        else:
            biases[0] = value
    network = deck(text, field)
    assert [list(row) for row in network.weights[0]] == weights
    assert list(network.biases[0]) == biases
    assert network.weights[1] == old.weights[1]


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        (IH, "", "4 rows expected, 0 given"),
        (IH, "1 2 3 4\n1 2 3\n1 2 3 4", "Line 2: 4 numbers expected, 3 given"),
        (IH, "1 2 3 4\n1 2 3 4\n1 2 3 4\n1 2", "Line 4: 1 number expected, 2 given"),
        (IH, "1 2 3 4\n1 2 x 4\n1 2 3 4", "Line 2, column 3 (w23, weight/0/1/2): “x” is not a number"),
        (IH, "a\tb\n1\t2\t3\t4\n1\t\t3\t4\n1\t2\t3\t4", "Line 3, column 2 (w22, weight/0/1/1): A number is missing"),
        (IH, "1 2 3 4\n1 2 3 1e7\n1 2 3 4", "Line 2, column 4 (w24, weight/0/1/3): Enter a number from"),
        (IH, "NaN;2;3;4\n1;2;3;4\n1;2;3;4", "Line 1, column 1 (w11, weight/0/0/0): “NaN” is no"),
        (IH, "1.0;2;3;4\n1;2,5;3;4\n1;2;3;4", "Line 2, column 2 (w22, weight/0/1/1): Both \",\" and \".\" appear"),
        ("block/weight/0/1/2", "1 2 3", "Line 1, column 3 is outside the matrix"),
        ("block/weight/0/2/0", "1\n2 3", "Line 2, column 2 is outside the matrix"),
        ("block/weight/0/2/0", "\n", "No numbers found"),
    ],
)  # fmt: skip
def test_refusals(field: str, text: str, message: str) -> None:
    """A refusal names the line, the column and the weight."""
    with pytest.raises(Invalid) as caught:
        deck(text, field)
    assert caught.value.field == field
    assert message in caught.value.message


@pytest.mark.parametrize("field", ["matrix/2", "matrix/00", "matrix", "block/weight/0/3/0", "block/bias/2", "block/out/0/0", "weight/0/0/0"])  # fmt: skip
def test_a_field_that_there_is_not(field: str) -> None:
    """An is not a known field is refused."""
    with pytest.raises(Invalid, match="There is no field") as caught:
        deck("1", field)
    assert caught.value.field == "field"


def area(page: Element, name: str) -> tuple[Element, str]:
    """A field and the text in it, as a browser reads it: without a first line break."""
    [found] = [each for each in page.all("textarea") if each["name"] == name]
    return found, "".join(each for each in found.children if isinstance(each, str)).removeprefix(
        "\n"
    )


@pytest.mark.parametrize("htmx", [False, True])
async def test_one_edit(visitor: PageClient, htmx: bool) -> None:
    """A pasted matrix is one edit, which Back and Undo take back."""
    await visitor.look()
    await visitor.open_panel("matrices")
    for name in ("Update", "Step"):
        await visitor.press(name)
    before = await visitor.state()
    _, text = area(visitor.page, IH)
    assert text.splitlines()[0].split("\t") == ["", "H1", "H2", "H3", "H4"]
    assert (await visitor.post("/paste", {IH: text}, htmx=htmx)).status_code == (
        200 if htmx else 303
    )
    same = await visitor.state()
    assert (same["network"], same["cursor"]) == (before["network"], 0), "an edit begins it anew"
    for button in ("Back", "Undo"):
        response = await visitor.post("/paste", {HO: "1 2\n3 4\n5 6\n7 8\n9"}, htmx=htmx)
        assert response.status_code == (200 if htmx else 303)
        after = await visitor.state()
        assert after["network"]["weights"][1] == [[1, 2], [3, 4], [5, 6], [7, 8]]
        assert after["network"]["biases"][1] == [9]
        assert after["network"]["weights"][0] == before["network"]["weights"][0]
        await visitor.post(f"/{button.lower()}")
        assert (await visitor.state())["network"] == before["network"]


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("field", [IH, "block/weight/0/1/2", "block/bias/1"])
@pytest.mark.parametrize("typed", ["1;2\n3;x", "</textarea><script>alert(1)</script>", ""])
async def test_a_refusal_keeps_what_was_typed(
    visitor: PageClient, field: str, typed: str, htmx: bool
) -> None:
    """Refused text stays in its field, with the reason beside it."""
    await visitor.look()
    await visitor.press("Step")
    before = await visitor.state()
    response = await visitor.post("/paste", {field: typed}, htmx=htmx)
    assert response.status_code == 422
    assert "<script>alert" not in response.text
    page = tree(response.text)
    found, text = area(page, field)
    assert found["aria-invalid"] == "true"
    assert "open" in next(each for each in page.all("details") if found in list(each)).attributes
    assert page.id(found["aria-describedby"])["role"] == "alert"
    assert text == typed
    assert len([each for each in page.all("p") if each.get("role") == "alert"]) == 1
    assert await visitor.state() == before
