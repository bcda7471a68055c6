"""Names and signs of a sheet on the pages and over the API: they come with an exercise, are chosen in
the panel, and travel."""

from tests.support.lab import Lab
from tests.support.markup import tree
from tests.support.page_client import PageClient
from tests.web.test_alteration_form import applied, opened
from tests.web.test_exercise_page import begun

TEXTBOOK = """x1 = 1, x2 = 0, x3 = 1, target 1
w14 = 0.2, w15 = -0.3, w24 = 0.4, w25 = 0.1, w34 = -0.5, w35 = 0.2, w46 = -0.3, w56 = -0.2
θ4 = 0.4, θ5 = -0.2, θ6 = -0.1 (thresholds are subtracted)
learning rate 0.9, Err = O(1-O)(T-O)"""
SIGNS = {"minus_delta": True, "thresholds": True}
RIGHT = "net4 = -0.7, out4 = 0.3318, net6 = -0.1045, out6 = 0.4739, Err6 = 0.1312, Err4 = -0.0087"
NEW = "w46 = -0.2608, θ6 = -0.2181"


async def test_an_exercise_keeps_its_names_and_signs(visitor: PageClient) -> None:
    """In the simulator, in what is spoken, and in a working that is checked there."""
    await begun(visitor, text=TEXTBOOK)
    state = await visitor.state()
    assert state["network"]["conventions"] == {"numbering": "consecutive", **SIGNS}
    assert state["network"]["biases"] == [[0.4, -0.2], [-0.1]]
    for _ in range(8):
        await visitor.press("Step")
    text = visitor.page.text
    assert "Err of the output layer" in text
    assert "minus ∂E/∂out" in text
    assert (await visitor.state())["values"]["delta"][1] == [0.1311690782143445]


async def test_a_working_has_the_signs_of_the_network(visitor: PageClient) -> None:
    """Right as the sheet writes it; with the sign of δ it is wrong, and the mistake is named."""
    location = await begun(visitor, "working", text=TEXTBOOK)
    for text, is_wrong in (
        (f"{RIGHT}, {NEW}", False),
        (RIGHT.replace("6 = 0.13", "6 = -0.13"), True),
    ):
        response = await visitor.post(location, {"text": text})
        page = tree(response.text)
        assert any("wrong" in each.classes for each in page.all("p")) == is_wrong
    assert "Err is (target − out)" in page.text


async def test_names_and_signs_are_chosen_in_the_panel(visitor: PageClient) -> None:
    """The numbers stay, but for those with another sign; one undo brings everything back."""
    await opened(visitor)
    before = await visitor.state()
    state = await applied(visitor, numbering="numbered", minus_delta="1", thresholds="1")
    assert state["network"]["conventions"] == {"numbering": "numbered", **SIGNS}
    assert state["network"]["weights"] == before["network"]["weights"]
    assert state["network"]["biases"] == [
        [0.0 - number for number in row] for row in before["network"]["biases"]
    ]
    await visitor.open_panel("deck")
    assert "cannot show its numbers" in visitor.page.id("deck").text
    await visitor.press("Undo")
    assert await visitor.state() == before | {"version": (await visitor.state())["version"]}


async def test_conventions_over_the_api(lab: Lab) -> None:
    """They are given, changed, taken back, and refused by name."""
    await lab.create()
    network = (await lab.state())["network"]
    await lab.edit(conventions={"numbering": "numbered", "minus_delta": True})
    steps = {step["at"]: step["symbol"] for step in await lab.steps()}
    assert (steps["delta/2/0"], steps["weight/1/0/0"]) == ("Err_O1", "w13")
    await lab.edit(conventions=None)
    assert (await lab.state())["network"] == network
    refused = await lab.request(
        "PATCH", "", json={"conventions": {"names": {"weight/9/0/0": "w1"}}}
    )
    assert refused.status_code == 422
    assert "no such weight" in refused.text
