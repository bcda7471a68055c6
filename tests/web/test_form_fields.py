"""Numbers typed into the page."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.backprop.network import LARGEST, Example
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import MOST_ITERATIONS
from app.view.rendering.digits import FOUR
from app.view.rendering.numbers import exact
from app.web.pages.forms.fields import edit_fields, iterations
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient, drawn, expected


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
@pytest.mark.parametrize(
    ("text", "value"),
    [("0.75", 0.75), (" 0,125 ", 0.125), ("2e-3", 0.002), ("1/3", 1 / 3), ("½", 0.5)],
)
def test_one_number_is_changed(field: str, address: str, text: str, value: float) -> None:
    """Only the typed number changes, and Back undoes it."""
    before = DECK.simulation.step("unit", 30)
    after = edit_fields(before, {field: text}, str)
    assert after.reading() == before.reading() | {address: value}
    assert after.cursor == 0
    assert after.back() == before


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.floats(-LARGEST, LARGEST), st.integers(0, 77))
def test_the_number_shown_is_no_edit(value: float, cursor: int) -> None:
    """Sending back the number that is shown changes nothing."""
    simulation = DECK.simulation.edit_parameter("weight/0/0/0", value).step("unit", cursor)
    for text in (FOUR.short(value), f" {FOUR.short(value)} "):
        assert edit_fields(simulation, {"weight/0/0/0": text}, str) is simulation
    same = edit_fields(simulation, {"weight/0/0/0": exact(value)}, str)
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
                edit_fields(DECK.simulation, {field: text}, str)
            assert caught.value.field == "field"
            assert repr(field) in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(("", "Enter a number, such as"), ("x", "Enter a number, such as"), ("nan", "finite")),
        *(
            ("1 2", "only one number"),
            ("--1", "only one sign"),
            ("1_000", "underscores"),
            ("٣", "digits 0 to 9"),
        ),
        *(("1,000", "Is this 1.000 or 1000"), ("1.000.000", "thousands"), ("1e999", "from")),
    ],
)
def test_no_number(text: str, said: str) -> None:
    """Text that is not a number is refused by field, with what is wrong with it."""
    for field in ("weight/0/0/0", "bias/0", "learning_rate", "example/0/targets/0"):
        with pytest.raises(Invalid, match=said) as caught:
            edit_fields(DECK.simulation, {field: text}, str)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "low"),
    [("weight/0/0/0", -LARGEST), ("bias/0", -LARGEST), ("learning_rate", 0), ("example/0/inputs/0", -LARGEST)],
)  # fmt: skip
def test_limits(field: str, low: float) -> None:
    """Numbers outside of the limits are refused with the limits."""
    for taken in (low, LARGEST):
        assert edit_fields(DECK.simulation, {field: str(taken)}, str).cursor == 0
    for refused in (low - 1, LARGEST + 1, -1e300):
        with pytest.raises(Invalid, match="Enter a number from") as caught:
            edit_fields(DECK.simulation, {field: repr(refused)}, str)
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
        ({}, "no field"),
        ({"weight/0/0/0": "1", "along/weight/0/0/0": "1"}, "along/weight/0/0/0"),
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
    """The names of the fields that take one number each."""
    return [each["name"] for each in panel.all("input") if each.get("form") == "edits"]


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
            assert response.text == "Enter a number, such as −0.25 or 1/3."
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


async def test_all_edited_cells_at_once(visitor: PageClient) -> None:
    """Without JavaScript the numbers of a panel have one form: all that changed are one edit."""
    await visitor.look()
    for name in ("Update", "Step"):
        await visitor.press(name)
    before = await visitor.state()
    page = await visitor.open_panel("matrices")
    forms = [form for form in page.id("matrices").all("form") if form["action"].endswith("/edit")]
    assert [form["id"] for form in forms] == ["edits"]
    assert [button.text for button in forms[0].all("button")] == ["Apply"]
    texts = {name: page.field(name)["value"] for name in numbers(page.id("matrices"))}
    assert len(texts) == 22
    typed = {"weight/0/0/0": "−0,25", "weight/1/3/1": "1/3", "bias/1": " ½ "}
    response = await visitor.post("/edit", texts | typed)
    assert response.status_code == 303
    after = await visitor.state()
    network = after["network"]
    assert network["weights"][0][0][0] == -0.25
    assert network["weights"][1][3][1] == 1 / 3
    assert network["biases"][1] == [0.5]
    for name, path in (("weights", (0, 0, 0)), ("weights", (1, 3, 1)), ("biases", (1, 0))):
        place = before["network"][name]
        for index in path[:-1]:
            place = place[index]
        changed = network[name]
        for index in path[:-1]:
            changed = changed[index]
        place[path[-1]] = changed[path[-1]]
    assert network == before["network"], "the others keep all their digits"
    for button in ("Undo", "Redo", "Back"):
        await visitor.look()
        await visitor.press(button)
        now = (await visitor.state())["network"]["weights"][0][0][0]
        assert (now == -0.25) == (button == "Redo")
    assert (await visitor.state())["cursor"] == before["cursor"]


async def test_a_refusal_among_several_cells(visitor: PageClient) -> None:
    """It names its field, and every field keeps what was typed into it; nothing is changed."""
    await visitor.look()
    await visitor.press("Step")
    before = await visitor.state()
    for panel, typed, wrong in (
        ("matrices", {"weight/0/0/0": "0.75", "bias/1": "<b>"}, "weight/0/1/1"),
        ("data", {"example/0/inputs/0": "3/4", "learning_rate": "x"}, "example/0/targets/1"),
    ):
        page = await visitor.open_panel(panel)
        texts = {name: page.field(name)["value"] for name in numbers(page.id(panel))}
        response = await visitor.post("/edit", texts | {wrong: "1,000"} | typed)
        assert response.status_code == 422
        refused = tree(response.text)
        for name, text in (texts | {wrong: "1,000"} | typed).items():
            field = refused.field(name)
            assert field["value"] == text
            assert field["data-holds"] == texts[name], "Escape shows this again"
            assert ("aria-invalid" in field.attributes) == (name == wrong)
        assert await visitor.state() == before
        assert refused.id("refusal").text.startswith("Is this 1.000 or 1000?")
        assert len([each for each in refused if each.get("role") == "alert"]) == 1
        await visitor.look()


def test_several_numbers_of_the_data() -> None:
    """Inputs, targets, the learning rate and a hyperparameter are changed together."""
    simulation = random_simulation([2, 2, 1], 3, optimiser="momentum").step("unit", 5)
    form = {
        "example/0/inputs/0": "1/3",
        "example/0/inputs/1": "2",
        "example/0/targets/0": "0,5",
        "learning_rate": "½",
        "momentum": "0.25",
    }
    after = edit_fields(simulation, form, str)
    assert after.examples[0] == Example((1 / 3, 2.0), (0.5,))
    assert after.learning_rate == 0.5
    assert after.start.hyperparameter_values["momentum"] == 0.25
    assert after.back() == simulation


@pytest.mark.parametrize(
    ("typed", "targets"),
    [
        ({0: "0.2", 1: "0.3"}, (0.2, 0.3, 0.5)),
        ({0: "0.2", 1: "0.3", 2: "0.5"}, (0.2, 0.3, 0.5)),
        ({0: "0.8", 1: "0.8"}, "from 0 to 1"),
        ({0: "0.2", 1: "0.3", 2: "0.4"}, "sum to 1"),
    ],
)
def test_several_targets_that_sum_to_1(
    typed: dict[int, str], targets: tuple[float, ...] | str
) -> None:
    """Those that were typed hold, and the others share what is left; else the first of them is wrong."""
    simulation = random_simulation(
        [2, 3], 3, activations=["softmax"], error="cross_entropy", examples=[Example((1, 0), (0.5, 0.25, 0.25))]
    )  # fmt: skip
    form = {f"example/0/targets/{unit}": text for unit, text in typed.items()}
    if isinstance(targets, tuple):
        assert edit_fields(simulation, form, str).examples[0].targets == targets
        return
    with pytest.raises(Invalid, match=targets) as caught:
        edit_fields(simulation, form, str)
    assert caught.value.field == "example/0/targets/0"


async def test_a_fraction_is_kept_as_typed(visitor: PageClient) -> None:
    """It is shown as a fraction wherever a given number is shown, and sent back unchanged."""
    await visitor.look()
    await visitor.post("/edit?preset=deck", {"weight/0/0/0": "1/3"})
    for field, text in (
        ("weight/0/1/2", "-2/7"),
        ("example/0/inputs/0", "⅔"),
        ("learning_rate", "1/3"),
    ):
        await visitor.post("/edit", {field: text})
    state = await visitor.state()
    assert state["network"]["weights"][0][0][0] == state["learning_rate"] == 1 / 3
    page = await visitor.open_panel("matrices")
    assert page.field("weight/0/0/0")["value"] == "1/3"
    assert page.field("weight/0/1/2")["value"] == "−2/7"
    graph = page.id("graph").text
    assert "−2/7" in graph
    assert "2/3" in graph
    assert page.id("learning-rate").text.endswith("1/3")
    page = await visitor.open_panel("data")
    assert page.field("example/0/inputs/0")["value"] == "2/3"
    assert page.field("learning_rate")["value"] == "1/3"
    await visitor.press("Step")
    before = await visitor.state()
    for field, text in (
        ("weight/0/0/0", "1/3"),
        ("weight/0/1/2", "−2/7"),
        ("learning_rate", "1/3"),
    ):
        assert (await visitor.post("/edit", {field: text})).status_code == 303
    assert await visitor.state() == before
    page = await visitor.look("/?at=weight/0/0/0")
    assert page.field("derivation/weight/0/0/0")["value"] == "1/3"
    assert "1/3" in page.id("card" if "card" in page.ids() else "strip").text


async def test_the_keyboard_has_a_minus_sign(visitor: PageClient) -> None:
    """Where a number may be negative or a fraction, a phone shows its keyboard for text."""
    await visitor.look()
    for panel in ("matrices", "data", "error", "network"):
        page = await visitor.open_panel(panel)
        for field in page.all("input"):
            if field.get("inputmode") == "numeric" or field.get("type"):
                continue
            assert (field["inputmode"], field["autocapitalize"]) == ("text", "off"), field["name"]
        counts = [
            field["name"] for field in page.all("input") if field.get("inputmode") == "numeric"
        ]
        counts = [name.partition("/")[0] for name in counts]
        assert set(counts) <= {"iteration", "iterations", "shuffle", "seed", "layers", "units"}
