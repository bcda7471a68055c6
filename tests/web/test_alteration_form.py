"""The form that changes the network at hand, without the script and with it."""

from typing import Any

import pytest

from tests.support.lab import State
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient


def alter_form(page: Element) -> Element:
    [form] = [each for each in page.id("network").all("form") if "/alter" in each["action"]]
    return form


def fields_in(form: Element) -> dict[str, str]:
    """All that the form sends."""
    fields = {each["name"]: each.get("value") for each in form.all("input")}
    for select in form.all("select"):
        chosen = [each for each in select.all("option") if "selected" in each.attributes]
        fields[select["name"]] = chosen[0]["value"]
    return fields


def sentences(page: Element) -> list[str]:
    return [each.text for each in alter_form(page).all("li")]


async def opened(visitor: PageClient, address: str = "/?preset=deck") -> None:
    """The panel of a session, with the iteration under way."""
    await visitor.look(address)
    await visitor.press("Step")
    await visitor.open_panel("network")


async def send(visitor: PageClient, *, htmx: bool = False, **chosen: str) -> Any:
    """Send the form of the page with some choices, by the names of their fields with _ for /."""
    names = {
        name.replace("_", "/") if name[-1].isdigit() else name: chosen[name] for name in chosen
    }
    fields = fields_in(alter_form(visitor.page)) | names
    return await visitor.post("/alter", fields, htmx=htmx)


async def applied(visitor: PageClient, **chosen: str) -> State:
    response = await send(visitor, htmx=False, **chosen)
    assert response.status_code == 303, visitor.shown(response)
    await visitor.look(response.headers["Location"])
    return await visitor.state()


async def test_what_forces_nothing_is_applied_at_once(visitor: PageClient) -> None:
    """Every weight that has a place keeps its value; one undo returns the moment before."""
    await opened(visitor)
    before = await visitor.state()
    state = await applied(visitor, units_1="5", bias="per_unit", learning_rate="1/4")
    network, old = state["network"], before["network"]
    assert (network["layers"], network["bias"]) == ([3, 5, 2], "per_unit")
    assert state["learning_rate"] == 0.25
    assert [row[:4] for row in network["weights"][0]] == old["weights"][0]
    assert network["weights"][1][:4] == old["weights"][1]
    assert network["biases"][0][:4] == old["biases"][0] * 4
    assert (state["iteration"], state["cursor"]) == (0, 0)
    page = await visitor.open_panel("matrices")
    new = {td["data-of"] for td in page.all("td") if "new" in td.classes}
    assert new == {
        *(f"weight/0/{i}/4" for i in range(3)),
        *(f"weight/1/4/{j}" for j in range(2)),
        "bias/0/4",
    }
    drawn = {g["data-of"] for g in page.all("g") if "new" in g.classes}
    assert new <= {address for text in drawn for address in text.split()}
    page = await visitor.type("weight/0/0/4", "0.5")
    marked = {td["data-of"] for td in page.all("td") if "new" in td.classes}
    assert marked == new - {"weight/0/0/4"}
    await visitor.press("Undo")
    await visitor.press("Undo")
    after = await visitor.state()
    assert {**after, "version": 0} == {**before, "version": 0}


async def test_nothing_chosen_does_not_restart_the_iteration(visitor: PageClient) -> None:
    """Sending the form as it is changes nothing."""
    await opened(visitor, "/?layers=2-3-1&seed=1&activations=relu/tanh/tanh,sigmoid")
    before = await visitor.state()
    assert await applied(visitor) == before


async def test_what_is_forced_is_said_first(visitor: PageClient) -> None:
    """The page asks to confirm, with what was typed; only what was shown is applied."""
    await opened(visitor)
    before = await visitor.state()
    response = await send(visitor, error="cross_entropy", units_0="4", units_1="5")
    assert response.status_code == 200
    page = visitor.shown(response)
    assert sentences(page) == [
        "The activation of the outputs becomes softmax, to fit the error function.",
        "Each example gets more inputs (1), which are 0.",
    ]
    assert fields_in(alter_form(page))["units/1"] == "5"
    assert await visitor.state() == before
    again = await send(visitor, optimiser="momentum")  # another choice: asked again
    assert again.status_code == 200
    page = visitor.shown(again)
    assert sentences(page)[2:] == ["The optimiser starts afresh: momentum, μ = 0.9."]
    assert await visitor.state() == before
    state = await applied(visitor)
    assert state["network"]["layers"] == [4, 5, 2]
    assert state["network"]["activations"] == ["sigmoid", "softmax"]
    assert state["network"]["optimiser"] == "momentum"
    assert state["examples"][0]["inputs"] == [*before["examples"][0]["inputs"], 0]


async def test_with_the_script_it_is_said_as_one_chooses(visitor: PageClient) -> None:
    """The preview is a part of the form; with it, one press applies the change."""
    await opened(visitor, "/?preset=xor")
    version = (await visitor.state())["version"]
    fields = fields_in(alter_form(visitor.page))
    for chosen, expected in (
        ({}, "Nothing changes yet."),
        ({"units/1": "9"}, "layer 2: A layer has 1 to 8 units."),
        ({"units/1": ""}, "keep their values"),
    ):
        response = await visitor.post("/alter/preview", fields | chosen)
        assert response.status_code == 200
        assert expected in tree(response.text).text
    assert (await visitor.state())["version"] == version
    preview = tree(response.text)
    assert [each.text for each in preview.all("li")] == [
        "The weights from inputs to outputs are new."
    ]
    token = preview.field("confirmed")["value"]
    state = await applied(visitor, units_1="", confirmed=token)
    assert state["network"]["layers"] == [2, 1]
    assert len(state["examples"]) == 4


async def test_a_hidden_layer_in_between_goes_and_the_others_stay(visitor: PageClient) -> None:
    """Emptying the first of two hidden layers keeps the weights after the second."""
    await opened(visitor, "/?layers=2-3-4-1&seed=5&activations=tanh,relu,sigmoid")
    before = await visitor.state()
    visitor.shown(await send(visitor, units_1=""))
    state = await applied(visitor)
    assert state["network"]["layers"] == [2, 4, 1]
    assert state["network"]["activations"] == ["relu", "sigmoid"]
    assert state["network"]["weights"][1] == before["network"]["weights"][2]
    assert state["network"]["biases"] == before["network"]["biases"][1:]


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("units/1", "0", "A layer has 1 to 8 units."),
        ("units/0", "", "A layer has 1 to 8 units."),
        ("units/4", "nine", "A layer has 1 to 8 units."),
        ("activation/1", "softmax", "softmax is available for the output layer only."),
        ("activation/4", "sine", "must be one of"),
        ("error", "squared", "error function: must be one of"),
        ("bias", "both", "bias: must be one of"),
        ("optimiser", "sgd", "optimiser: must be one of"),
        ("init", "he", "initial weights: must be one of"),
        ("seed", "many", "seed: must be a whole number"),
        ("learning_rate", '"><script>alert(1)</script>', "learning rate: Enter a number"),
        ("learning_rate", "-1", "Enter a number from 0 to 1,000,000."),
        ("weight_decay", "1e7", "Enter a number from 0 to 1,000,000."),
    ],
)
async def test_a_refusal_names_the_field(
    visitor: PageClient, field: str, typed: str, message: str
) -> None:
    """What was typed stays in the form, the field is marked, and nothing changes."""
    await opened(visitor)
    before = await visitor.state()
    fields = fields_in(alter_form(visitor.page)) | {field: typed, "units/2": "3"}
    for htmx in (False, True):
        response = await visitor.post("/alter", fields, htmx=htmx)
        assert response.status_code == 422
        assert "<script>alert" not in response.text
        page = visitor.shown(response)
        form = alter_form(page)
        assert message in page.id("refusal").text
        [marked] = [each for each in form if each.get("aria-invalid") == "true"]
        assert marked["name"] == field
        assert form.field("units/2")["value"] == "3"
        assert await visitor.state() == before
    preview = await visitor.post("/alter/preview", fields)
    assert message in tree(preview.text).text


async def test_one_output_and_softmax(visitor: PageClient) -> None:
    """A refusal of what is forced is shown at the field that was chosen."""
    await opened(visitor, "/?preset=xor")
    response = await send(visitor, error="cross_entropy")
    assert response.status_code == 422
    page = visitor.shown(response)
    assert "at least two outputs" in page.id("refusal").text


async def test_weight_decay_can_be_turned_on_and_off(visitor: PageClient) -> None:
    """It is a hyperparameter of the network while it is not 0."""
    await opened(visitor)
    state = await applied(visitor, weight_decay="0,125")
    assert state["weight_decay"] == 0.125
    state = await applied(visitor, weight_decay="0")
    assert "weight_decay" not in state


async def test_an_example_becomes_a_session(visitor: PageClient) -> None:
    """Changing the network of an address creates a session from it, with the change."""
    await visitor.look("/?preset=mazur")
    await visitor.open_panel("network")
    form = alter_form(visitor.page)
    assert visitor.session is None
    fields = fields_in(form) | {"units/1": "3"}
    response = await visitor.post(form["action"], fields)
    assert response.status_code == 303
    state = await visitor.state()
    assert state["network"]["layers"] == [2, 3, 2]
    assert [row[:2] for row in state["network"]["weights"][0]] == [[0.15, 0.25], [0.2, 0.3]]
