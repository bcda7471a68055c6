"""Numbers typed into the page."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.backprop.network import LARGEST
from app.examples.published import DECK
from app.simulation.simulation import MOST_ITERATIONS
from app.view.rendering.numbers import exact, short
from app.view.rendering.page_state import PRESS
from app.web.pages.forms.fields import field_edit, iterations
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient, drawn, expected, fields_of


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("weight/0/2/3", "weight/0/2/3"),
        ("bias/1", "bias/1"),
        ("learning_rate", "learning_rate"),
        ("example/0/inputs/2", "out/0/2"),
        ("graph/weight/0/2/3", "weight/0/2/3"),
        ("graph/out/0/2", "out/0/2"),
        ("derivation/target/1", "target/1"),
    ],
)
@pytest.mark.parametrize(("text", "value"), [("0.75", 0.75), (" 0,125 ", 0.125), ("2e-3", 0.002)])
def test_one_number_is_changed(field: str, address: str, text: str, value: float) -> None:
    """Only the typed number changes, and Back undoes it."""
    before = DECK.simulation.step("unit", 30)
    after = field_edit(before, field, text, str)
    assert after.reading() == before.reading() | {address: value}
    assert after.cursor == 0
    assert after.back() == before


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.floats(-LARGEST, LARGEST), st.integers(0, 77))
def test_the_number_shown_is_no_edit(value: float, cursor: int) -> None:
    """Sending back the number that is shown changes nothing."""
    simulation = DECK.simulation.edit_parameter("weight/0/0/0", value).step("unit", cursor)
    for text in (short(value), f" {short(value)} "):
        assert field_edit(simulation, "weight/0/0/0", text, str) is simulation
    same = field_edit(simulation, "weight/0/0/0", exact(value), str)
    assert same.operand("weight/0/0/0") == value


FIELDS = """
weight weight/0/0 weight/0/3/0 weight/0/0/0/0 weight/0/0/-1 weight/0/0/00 bias/2 bias/0/0 learning_rate/0
delta/1/0 out/0/0 target/0 error example/0 example/0/inputs example/0/inputs/3 example/0/inputs/-1
example/1/inputs/0 example/-1/inputs/0 example/0/inputs/00 example/0/inputs/٠ example/0/__class__/0 drawn
graph/ graph/out/1/0 graph/out/0/3 derivation/target/2 derivation/target/0/0 derivation/delta/1/0 derivation/example/0/inputs/0
derivation/derivation/bias/0 <script>
""".split()


def test_a_field_that_there_is_not() -> None:
    """A field that the network does not have is refused, whatever is typed."""
    for field in ["", "example/0/inputs/ 0", *FIELDS]:
        for text in ("1", "x"):
            with pytest.raises(Invalid) as caught:
                field_edit(DECK.simulation, field, text, str)
            assert caught.value.field == "field"
            assert repr(field) in caught.value.message


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-∞", "1e999", "1 2", "--1"])
def test_no_number(text: str) -> None:
    """Text that is not a number is refused by field."""
    for field in ("weight/0/0/0", "bias/0", "learning_rate", "example/0/targets/0"):
        with pytest.raises(Invalid, match="Enter a number, such as") as caught:
            field_edit(DECK.simulation, field, text, str)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "low"),
    [("weight/0/0/0", -LARGEST), ("bias/0", -LARGEST), ("learning_rate", 0), ("example/0/inputs/0", -LARGEST)],
)  # fmt: skip
def test_limits(field: str, low: float) -> None:
    """Numbers outside of the limits are refused with the limits."""
    for taken in (low, LARGEST):
        assert field_edit(DECK.simulation, field, str(taken), str).cursor == 0
    for refused in (low - 1, LARGEST + 1, -1e300):
        with pytest.raises(Invalid, match="Enter a number from") as caught:
            field_edit(DECK.simulation, field, repr(refused), str)
        assert caught.value.field == field


@pytest.mark.parametrize(("text", "count"), [("1", 1), (" 25 ", 25), ("100000", MOST_ITERATIONS), ("007", 7)])  # fmt: skip
def test_iterations(text: str, count: int) -> None:
    """The number of iterations is must be an integer."""
    assert iterations(text, str) == count


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "x", "100001", "1e3", "²", "٣", "9" * 5000])
def test_no_iterations(text: str) -> None:
    """Other numbers of iterations are refused."""
    with pytest.raises(Invalid, match="100,000") as caught:
        iterations(text, str)
    assert caught.value.field == "iterations"


HOSTILE = '"><script>alert(1)</script>'
REFUSED = [
    ("matrices", "/edit", "weight/0/0/0"),
    ("matrices", "/edit", "bias/0"),
    ("data", "/edit", "example/0/inputs/0"),
    ("data", "/edit", "learning_rate"),
    ("error", "/train", "iterations"),
]


@pytest.mark.parametrize(("panel", "address", "field"), REFUSED)
async def test_a_refusal_is_said_beside_the_field(
    visitor: PageClient, panel: str, address: str, field: str
) -> None:
    """Refused input stays in its field, with the reason beside it."""
    await visitor.look()
    await visitor.press("Forward")
    before = await visitor.state()
    await visitor.post("/view", {"panel": panel})
    for typed, htmx in product(("two", HOSTILE, "9999999999", ""), (False, True)):
        response = await visitor.post(address, {field: typed}, htmx=htmx)
        assert response.status_code == 422
        page = tree(response.text)
        entry = page.field(field)
        assert entry.get("value") == typed
        assert entry["aria-invalid"] == "true"
        message = page.id(entry["aria-describedby"])
        assert message["role"] == "alert"
        assert "number" in message.text
        assert "<script>alert" not in response.text
        assert ("<html" in response.text) != htmx
        assert drawn(page) == expected(before)
        assert await visitor.state() == before
    assert "refusal" not in (await visitor.look()).ids()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"weight/0/0/0": "1", "weight/0/0/1": "1"}, "one field"),
        ({"weight/9/9/9": "1"}, "weight/9/9/9"),
        ({"example/0/inputs/00": "x"}, "example/0/inputs/00"),
        ({"<b>": "1"}, "<b>"),
    ],
)
async def test_other_forms_are_refused(
    visitor: PageClient, fields: dict[str, str], named: str
) -> None:
    """Other forms are refused with a page, or a notice under htmx."""
    await visitor.look()
    await visitor.press("Step")
    before = await visitor.state()
    response = await visitor.post("/edit", fields)
    assert response.status_code == 422
    page = tree(response.text)
    assert named in page.all("main")[0].text
    notice = await visitor.post("/edit", fields, htmx=True)
    assert notice.status_code == 422
    assert notice.headers["HX-Retarget"] == "#notice"
    assert named in tree(notice.text).text, "text that htmx reads as markup must be escaped"
    assert await visitor.state() == before


async def test_a_step_that_there_is_not(visitor: PageClient) -> None:
    """A step that the timeline does not have is refused, and nothing moves."""
    await visitor.look()
    await visitor.press("Step")
    before = await visitor.state()
    for text in ("78", "-1", "x", "", "1.5", "²"):
        response = await visitor.post("/seek", {"cursor": text})
        assert response.status_code == 422
        assert "step: must be an integer" in tree(response.text).text
    assert await visitor.state() == before


def numbers(panel: Element) -> list[str]:
    """The names of the fields that take one number each, in forms of their own."""
    forms = [form for form in panel.all("form") if form["action"].startswith("/edit")]
    return [name for form in forms for name in fields_of(form) if name != PRESS]


@pytest.mark.parametrize("panel", ["matrices", "data"])
@pytest.mark.parametrize("preset", ["deck", "xor"])
async def test_sent_back_untouched(visitor: PageClient, preset: str, panel: str) -> None:
    """Sending any field unchanged keeps the version."""
    await visitor.look(f"/?preset={preset}")
    await visitor.press("Backward")
    await visitor.post("/view", {"panel": panel})
    before = await visitor.state()
    page = await visitor.look()
    entries = {name: page.field(name).get("value") for name in numbers(page.id(panel))}
    assert len(entries) > 2
    for name, value in entries.items():
        await visitor.type(name, value)
        assert await visitor.state() == before, name


async def test_what_is_typed_is_shown(visitor: PageClient) -> None:
    """A typed number is shown in its field and in the drawing."""
    await visitor.look()
    for panel in ("matrices", "data"):
        await visitor.post("/view", {"panel": panel})
        page = await visitor.look()
        for number, name in enumerate(numbers(page.id(panel)), 1):
            page = await visitor.swap_typed(name, f"0,{number:02}")
            shown = page.field(name)["value"]
            assert float(re.sub("−", "-", shown)) == number / 100
        assert drawn(page) == expected(await visitor.state())


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_refusal_where_nothing_can_say_it(visitor: PageClient, htmx: bool) -> None:
    """A refusal of a field in the drawing or a derivation is shown in its panel."""
    await visitor.look()
    await visitor.press("Step")
    for field, panel_field in (
        ("derivation/weight/0/1/2", "weight/0/1/2"),
        ("derivation/out/0/1", "example/0/inputs/1"),
        ("graph/target/0", "example/0/targets/0"),
    ):
        response = await visitor.post("/edit", {field: "<b>"}, htmx=htmx)
        assert response.status_code == 422
        if htmx and field.startswith("graph"):
            assert response.headers["HX-Retarget"] == "#editing-refusal"
            assert response.text == "Enter a number, such as −0.25."
            continue
        page = tree(response.text)
        typed = page.field(panel_field)
        assert (typed["value"], typed["aria-invalid"]) == ("<b>", "true")
        assert page.id("refusal").text.startswith("Enter a number")


async def test_an_input_of_the_example_in_use(visitor: PageClient) -> None:
    """A field of the drawing edits the current example."""
    await visitor.post("/examples/replace?preset=deck", {"examples": "1 2 3 1 0\n4 5 6 0 1"})
    for name in ("update", "step"):
        await visitor.post(f"/{name}")
    await visitor.post("/edit", {"graph/out/0/1": "7"})
    await visitor.post("/edit", {"derivation/target/0": "0.5"})
    inputs = [example["inputs"] for example in (await visitor.state())["examples"]]
    assert inputs == [[1, 2, 3], [4, 7, 6]]
    targets = [example["targets"] for example in (await visitor.state())["examples"]]
    assert targets == [[1, 0], [0.5, 1]]
