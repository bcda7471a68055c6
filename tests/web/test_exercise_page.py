"""Enter an exercise: by pasting its text or by a form, without a script."""

import pytest
from starlette.applications import Starlette

from tests.support.markup import Element, tree
from tests.support.page_client import PageClient

ONE_OUTPUT = """x1=0.35 x2=0.7, target 1, no bias
w1=0.2 (x1->h1), w2=0.2 (x2->h1), w3=0.3 (x1->h2), w4=0.3 (x2->h2), w5=0.3 (h1->o), w6=0.9 (h2->o)
sigmoid, E = 1/2 (t-o)^2, lr = 0.5"""
FORM = {"x": "0.35 0.7", "t": "1", "W1": "0.2 0.3; 0.2 0.3", "W2": "0.3; 0.9"}
SQUARE = "x = (1, 0), t = (1, 0)\nW1 = [[0.1, 0.2], [0.3, 0.4]]\nW2 = [[0.5, 1], [0.6, 2]]"


async def sent(visitor: PageClient, status: int = 200, **form: str) -> Element:
    response = await visitor.post("/exercise", form)
    assert response.status_code == status, response.text
    return tree(response.text)


async def begun(visitor: PageClient, does: str = "open", **form: str) -> str:
    """The address that a network of the exercise leads to."""
    response = await visitor.post("/exercise", form | {"do": does})
    assert response.status_code == 303, response.text
    location: str = response.headers["Location"]
    await visitor.look(location)
    return location


@pytest.mark.parametrize("entered", [{"text": ONE_OUTPUT}, FORM], ids=["text", "form"])
async def test_an_exercise_becomes_a_network(visitor: PageClient, entered: dict[str, str]) -> None:
    """The same one by its text and by the form."""
    await begun(visitor, **entered)
    state = await visitor.state()
    assert state["network"]["weights"] == [[[0.2, 0.3], [0.2, 0.3]], [[0.3], [0.9]]]
    assert (state["network"]["bias"], state["learning_rate"]) == ("none", 0.5)
    assert state["examples"] == [{"inputs": [0.35, 0.7], "targets": [1.0]}]


async def test_what_was_read_is_shown_first(visitor: PageClient, app: Starlette) -> None:
    """With what is assumed, what was not read, and nothing stored."""
    page = await sent(
        visitor, text="A blue sheet.\nx = (1, 0), t = 1\nW1 = [[0.1], [0.2]]", do="read"
    )
    reading = page.id("reading").text
    assert "A 2-1 network" in reading
    assert "learning rate: 0.5" in reading
    assert page.all("textarea")[0].text.startswith("A blue sheet.")
    assert await app.state.store.count() == 0


async def test_both_readings_are_shown(visitor: PageClient) -> None:
    """A square matrix fits both ways: each net is drawn, and the chosen one is begun."""
    page = await sent(visitor, text=SQUARE, do="read")
    options = {
        each["value"]: each
        for each in page.all("input")
        if each.get("name") == "choose.orientation"
    }
    assert len(options) == 2, [each.get("name") for each in page.all("input")]
    for value, weights in zip(
        options, ([[0.1, 0.2], [0.3, 0.4]], [[0.1, 0.3], [0.2, 0.4]]), strict=True
    ):
        label = options[value].parent
        assert label is not None
        assert label.parent is not None
        assert label.parent.all("svg")
        await begun(visitor, text=SQUARE, **{"choose.orientation": value})
        assert (await visitor.state())["network"]["weights"][0] == weights


@pytest.mark.parametrize(
    ("form", "place", "field"),
    [
        ({"text": "x = (1, 0), t = 1\nW1 = [[0.1, 0.2]"}, "Line 2, column", ""),
        ({**FORM, "W2": "0.3; 0.9; 1"}, "Line 4", "W2"),
        ({**FORM, "x": ""}, "Line", ""),
    ],
)
async def test_an_error_is_at_its_place(
    visitor: PageClient, form: dict[str, str], place: str, field: str
) -> None:
    """It names line and column, marks the field, and keeps all that was typed."""
    page = await sent(visitor, 422, **form, do="read" if "text" in form else "form")
    [alert] = [each.text for each in page.all("section") if each.get("role") == "alert"]
    assert place in alert
    marked = [each["name"] for each in page.all("input") if "aria-invalid" in each.attributes]
    assert marked == ([field] if field else [])
    if "text" not in form:
        assert {name: page.field(name).get("value") for name in form} == form


async def test_the_working_begins_with_the_names_of_the_sheet(visitor: PageClient) -> None:
    """Weights from w1 to wn, and thresholds that are subtracted."""
    await begun(visitor, "working", text=ONE_OUTPUT)
    names = [each.get("aria-label") for each in visitor.page.all("input")]
    assert "∂E/∂w5" in names
    practice = await begun(visitor, "practise", text=ONE_OUTPUT)
    assert practice.endswith("/practise")


async def test_a_preview_is_a_part_of_the_page(visitor: PageClient) -> None:
    response = await visitor.post("/exercise/preview", {"text": ONE_OUTPUT})
    assert (response.status_code, response.text.strip()[:17]) == (200, '<div id="reading"')
    assert "2-2-1" in response.text


async def test_an_empty_page_asks_for_nothing(visitor: PageClient) -> None:
    page = await sent(visitor, do="read")
    assert page.id("reading").text == ""
