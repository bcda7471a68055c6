"""Pasting a matrix of weights."""

from itertools import pairwise
from math import copysign

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.backprop.network import BIASES, Network
from app.backprop.quantity_names import unit_name
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.text.typed_numbers import read_number
from app.view.rendering.numbers import data
from app.web.pages.forms.pasted_matrix import DirectionUnclear, paste_matrix
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
    if names:  # of the layers' own units: those of others may mean the transpose
        shape = network.shape
        rows = [[unit_name(layer, number, shape), *row] for number, row in enumerate(rows)]
        columns = (unit_name(layer + 1, j, shape) for j in range(width))
        rows.insert(0, ["" if separator != " " else "W", *columns])
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
        way = {"reading": "pasted"}  # else a square matrix would be asked about
        assert paste_matrix(before, {f"matrix/{layer}": text, **way}, str) is before
        # Into other numbers of the same kind: as large as typed ones may be.
        small = Network(shape, tuple(number % 1e6 for number in network.parameters))
        text = table(small, layer, separator, names=names).replace("-", minus)
        changed = paste_matrix(changed, {f"matrix/{layer}": text, **way}, str)
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
        (IH, "1 2 3 4\n1 2 3\n1 2 3 4", "Line 2, column 4: 4 numbers expected, 3 given"),
        (IH, "1 2 3 4\n1 2 3 4\n1 2 3 4\n1 2", "Line 4, column 2: 1 number expected, 2 given"),
        (IH, "1 2 3 4\n1 2 x 4\n1 2 3 4", "Line 2, column 3 (w23, weight/0/1/2): “x” is not a number"),
        (IH, "[[1, 2, 3, 4], [1, , 3, 4], [1, 2, 3, 4]]", "Line 1, row 2, column 2 (w22, weight/0/1/1): A number is missing"),
        (IH, "1 2 3 4\n1 2 3 1e7\n1 2 3 4", "Line 2, column 4 (w24, weight/0/1/3): Enter a number from"),
        (IH, "NaN;2;3;4\n1;2;3;4\n1;2;3;4", "Line 1, column 1 (w11, weight/0/0/0): “NaN”: A number must be finite"),
        (IH, "1.0;2;3;4\n1;2,5;3;4\n1;2;3;4", "Line 2, column 2 (w22, weight/0/1/1): Both \",\" and \".\" appear"),
        ("block/weight/0/1/2", "1 2 3", "Line 1, column 3: This is outside the matrix"),
        ("block/weight/0/2/0", "1\n2 3", "Line 2, column 2: This is outside the matrix"),
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


SQUARE = random_simulation([2, 2, 1], 3)
LITERAL = "[[0.1, 0.2], [1/3, -0.4]]"
WEIGHTS, SWAPPED = ((0.1, 0.2), (1 / 3, -0.4)), ((0.1, 1 / 3), (0.2, -0.4))


def unclear(text: str, field: str = IH, simulation: Simulation = SQUARE) -> DirectionUnclear:
    with pytest.raises(DirectionUnclear) as caught:
        paste_matrix(simulation, {field: text}, str)
    assert caught.value.field == field
    return caught.value


@pytest.mark.parametrize("field", [IH, "block/weight/0/0/0"])
@pytest.mark.parametrize("text", [LITERAL, "0.1\t0.2\n1/3\t-0.4", "[0.1 0.2; 1/3 -0.4]"])
def test_a_square_matrix_is_asked_about(text: str, field: str) -> None:
    """Both directions are previewed, and the one that is chosen is applied."""
    question = unclear(text, field)
    assert question.question == "This fits both ways. Which is meant?"
    assert [each.reading for each in question.previews] == ["pasted", "transposed"]
    for preview, weights in zip(question.previews, (WEIGHTS, SWAPPED), strict=True):
        assert preview.columns == ("H1", "H2")
        assert [name for name, _cells in preview.rows] == ["x1", "x2", "b1"]
        shown = [tuple(read_number(cell.exact) for cell in cells) for _name, cells in preview.rows]
        assert tuple(shown[:2]) == weights
        assert tuple(shown[2:]) == (SQUARE.network.biases[0],)
        form = {field: text, "reading": preview.reading}
        assert paste_matrix(SQUARE, form, str).network.weights[0] == weights
    assert question.previews[0].rows[1][1][0].text == "1/3"


@pytest.mark.parametrize(
    ("text", "biases"),
    [("[[0.1, 0.2], [1/3, -0.4], [0.75]]", 0.75), ("0.1\t0.2\n1/3\t-0.4\n0.75\t", 0.75), ("0.1,0.2\n1/3,-0.4", None)],
)  # fmt: skip
def test_a_square_matrix_with_biases(text: str, biases: float | None) -> None:
    """The biases stay the last row in both directions."""
    for name, weights in (("pasted", WEIGHTS), ("transposed", SWAPPED)):
        network = paste_matrix(SQUARE, {IH: text, "reading": name}, str).network
        assert network.weights[0] == weights
        assert network.biases[0] == ((biases,) if biases is not None else SQUARE.network.biases[0])
    assert len(unclear(text).previews) == 2


@pytest.mark.parametrize(
    ("text", "simulation", "field"),
    [
        ("[[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]", DECK.simulation, IH),
        ("1\t2\t3\n4\t5\t6\n7\t8\t9\n10\t11\t12", DECK.simulation, "block/weight/0/0/0"),
        ("1\t2\t3\t0.75\n4\t5\t6\t\n7\t8\t9\t\n10\t11\t12\t", DECK.simulation, IH),
        ("1 2 3\n4 5 6\n7 8 9\n10 11 12\n0.75", DECK.simulation, IH),
        (
            "\tx1\tx2\tx3\nH1\t1\t2\t3\nH2\t4\t5\t6\nH3\t7\t8\t9\nH4\t10\t11\t12",
            DECK.simulation,
            IH,
        ),
    ],
)
def test_only_the_transpose_fits(text: str, simulation: Simulation, field: str) -> None:
    """It is previewed alone: nothing is transposed unasked. Biases may be a column or a row."""
    question = unclear(text, field, simulation)
    count = 5 if text.endswith("\n0.75") else 4
    assert f"This is {count} × " in question.question
    assert "the matrix is 3 × 4" in question.question
    [preview] = question.previews
    network = paste_matrix(simulation, {field: text, "reading": preview.reading}, str).network
    assert network.weights[0] == ((1, 4, 7, 10), (2, 5, 8, 11), (3, 6, 9, 12))
    assert network.biases[0] == ((0.75,) if "0.75" in text else DECK.simulation.network.biases[0])


def test_biases_per_unit_in_a_column() -> None:
    """Each target unit's bias may stand beside its weights, as in a layer of PyTorch that is printed whole."""
    simulation = random_simulation([2, 3], 3, bias="per_unit")
    question = unclear("1 2 10\n3 4 20\n5 6 30", IH, simulation)
    assert [each.reading for each in question.previews] == ["pasted", "transposed"], (
        "3 × 3 fits both ways"
    )
    network = paste_matrix(
        simulation, {IH: "1 2 10\n3 4 20\n5 6 30", "reading": "transposed"}, str
    ).network
    assert (network.weights[0], network.biases[0]) == (((1, 3, 5), (2, 4, 6)), (10, 20, 30))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("[[0.5, 0.25], [0.25, 1]]", []),  # the same both ways
        ("\tH1\tH2\nx1\t0.1\t0.2\nx2\t1/3\t-0.4", []),  # the names say which way
        ("x1 0.1 0.2\nx2 1/3 -0.4", []),
        ("\tx1\tx2\nH1\t0.1\t1/3\nH2\t0.2\t-0.4", ["transposed"]),
        ("\ta\tb\nc\t0.1\t0.2\nd\t1/3\t-0.4", ["pasted", "transposed"]),
        ("\tH1\tH2\nH1\t0.1\t0.2\nH2\t1/3\t-0.4", ["pasted", "transposed"]),
    ],
)
def test_what_says_the_direction(text: str, asked: list[str]) -> None:
    """Names of rows and columns do; a symmetric matrix needs none."""
    if not asked:
        network = paste_matrix(SQUARE, {IH: text}, str).network
        assert network.weights[0] in (WEIGHTS, ((0.5, 0.25), (0.25, 1)))
        return
    question = unclear(text)
    assert [each.reading for each in question.previews] == asked
    if asked == ["transposed"]:
        assert question.question == "By its names, this is the transpose. Is that meant?"


def test_a_choice_that_no_longer_fits() -> None:
    """Where the text was changed meanwhile, the other direction does not go in unasked."""
    for text, reading, asked in (
        ("1 2 3 4\n5 6 7 8\n9 10 11 12", "transposed", "pasted"),
        ("1 2 3\n4 5 6\n7 8 9\n10 11 12", "pasted", "transposed"),
    ):
        with pytest.raises(DirectionUnclear) as caught:
            paste_matrix(DECK.simulation, {IH: text, "reading": reading}, str)
        assert [each.reading for each in caught.value.previews] == [asked]
        after = paste_matrix(DECK.simulation, {IH: text, "reading": asked}, str)
        assert after.network.weights[0][0][0] == 1


def test_a_block_is_no_matrix() -> None:
    """A block inside of a matrix goes in as it is, and so does a single number."""
    for field, text in (
        ("block/weight/0/0/0", "7 8\n9 10"),
        ("block/weight/0/1/1", "7 8\n9 10"),
        ("block/weight/0/0/0", "7\n"),
    ):
        assert 7 in deck(text, field).parameters
    one = random_simulation([1, 1], 3)
    assert paste_matrix(one, {IH: "[[7]]"}, str).network.weights[0] == ((7,),)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("field", [IH, "block/weight/0/0/0"])
async def test_previews_to_choose_from(visitor: PageClient, field: str, htmx: bool) -> None:
    """Both directions stand below the text, with a button each; nothing changes before one is pressed."""
    await visitor.look("/?layers=2-2-1&seed=3")
    await visitor.press("Step")
    before = await visitor.state()
    response = await visitor.post("/paste", {field: LITERAL}, htmx=htmx)
    assert response.status_code == 200
    page = visitor.page = tree(response.text)
    assert await visitor.state() == before
    found, text = area(page, field)
    assert text == LITERAL
    assert "aria-invalid" not in found.attributes
    assert page.id(found["aria-describedby"]).text.startswith(
        "This fits both ways. Which is meant?"
    )
    details = next(each for each in page.all("details") if found in list(each))
    assert "open" in details.attributes
    tables = details.all("table")
    assert [table.all("caption")[0].text for table in tables] == ["As pasted", "Transposed"]
    assert [cell.text for cell in tables[1].all("td")][1:5] == ["0.1", "1/3", "0.2", "−0.4"]
    assert [cell.text for cell in tables[0].all("th")] == ["H1", "H2", "x1", "x2", "b1"]
    assert {button.text for button in details.all("button")} == {
        "Apply as pasted",
        "Apply transposed",
    }
    button = next(each for each in details.all("button") if each.text == "Apply transposed")
    fields = {field: text, button["name"]: button["value"]}
    response = await visitor.post("/paste", fields, htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    after = await visitor.state()
    assert after["network"]["weights"][0] == [list(row) for row in SWAPPED]
    assert "question" not in (await visitor.look()).ids()
    await visitor.press("Undo")
    assert (await visitor.state())["network"] == before["network"]


async def test_previews_in_korean(visitor: PageClient) -> None:
    """The question and the buttons are in the visitor's language."""
    await visitor.look("/?layers=2-2-1&seed=3")
    await visitor.press("Step")
    await visitor.post("/view", {"language": "ko"})
    page = tree((await visitor.post("/paste", {IH: LITERAL})).text)
    assert page.id("question").text.startswith("두 방향 모두 크기가 맞습니다.")
    assert {"붙여넣은 그대로 적용", "전치해서 적용"} <= {
        button.text for button in page.all("button")
    }


async def test_the_own_text_comes_back(visitor: PageClient) -> None:
    """The text that the page offers to copy says its direction, and is applied at once."""
    await visitor.look("/?layers=2-2-1&seed=3")
    await visitor.press("Step")
    page = await visitor.open_panel("matrices")
    _, text = area(page, IH)
    assert (await visitor.post("/paste", {IH: text.replace("-0.64", "0.5")})).status_code == 303
    assert (await visitor.state())["network"]["weights"][0][1][0] == 0.5
