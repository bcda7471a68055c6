"""Built networks and the comparison page."""

from urllib.parse import urlencode

import pytest

from app.backprop.errors import Invalid
from app.examples.published import DECK
from app.web.pages.network_query import build_network
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient

FORM = [
    *(("layers", size) for size in ("2", "3", "", "", "1")),
    *(("activations", name) for name in ("tanh", "relu", "relu", "sigmoid")),
    ("bias", "per_unit"), ("init", "xavier"), ("seed", "7"), ("learning_rate", "0,25"),
]  # fmt: skip


def build_form(page: Element) -> Element:
    """The form that builds a new network."""
    [form] = [each for each in page.id("network").all("form") if each["action"].endswith("/build")]
    return form


def test_an_address_names_it_all() -> None:
    """A URL describes the whole network."""
    query = {
        "layers": "2-3-1", "activations": "tanh,sigmoid", "bias": "none", "init": "equal",
        "seed": "3", "learning_rate": "0.1", "examples": "0,1,1_1,1,0", "optimiser": "momentum",
    }  # fmt: skip
    asked, simulation = build_network(query)
    assert asked == query
    shape = simulation.network.shape
    assert (shape.layers, shape.activations, shape.bias) == ((2, 3, 1), ("tanh", "sigmoid"), "none")
    assert shape.optimiser == "momentum"
    assert set(simulation.network.parameters) == {0.5}
    assert simulation.learning_rate == 0.1
    assert [example.inputs + example.targets for example in simulation.examples] == [(0, 1, 1), (1, 1, 0)]  # fmt: skip


def test_examples_that_do_not_fit() -> None:
    """Examples that do not fit are left out."""
    asked, simulation = build_network({"layers": "3-1", "seed": "1", "examples": "0,1,1"})
    assert "examples" not in asked
    assert len(simulation.examples) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"layers": "3-9-2"}, "layers.1"),
        ({"layers": "3"}, "layers"),
        ({"seed": "-1"}, "seed"),
        ({"layers": "2-1", "activations": "sin"}, "activations.0"),
        ({"bias": "both"}, "bias"),
        ({"init": "he"}, "init"),
        ({"learning_rate": "-1"}, "learning_rate"),
        ({"layers": "2-1", "examples": "1,2,x"}, "examples"),
        ({"layers": "2-1", "examples": "1,2,1e9"}, "examples"),
    ],
)
def test_what_cannot_be(query: dict[str, str], field: str) -> None:
    """An invalid network is refused by field."""
    with pytest.raises(Invalid) as caught:
        build_network(query)
    assert caught.value.field.removeprefix("network.") == field


async def test_the_form_leads_to_the_address(visitor: PageClient) -> None:
    """The form redirects to the URL of the network and stores nothing."""
    response = await visitor.client.get("/build?" + urlencode(FORM))
    assert response.status_code == 303
    address = response.headers["Location"]
    assert address == (
        "/?layers=2-3-1&seed=7&activations=tanh,sigmoid&bias=per_unit&init=xavier&learning_rate=0,25"
    )
    await visitor.look(address)
    assert visitor.session is None
    await visitor.press("Step")
    state = await visitor.state()
    assert state["network"]["layers"] == [2, 3, 1]
    assert state["network"]["activations"] == ["tanh", "sigmoid"]
    assert state["learning_rate"] == 0.25


async def test_the_form_keeps_the_examples(visitor: PageClient) -> None:
    """The form keeps examples that fit."""
    await visitor.post("/view", {"panel": "network"})
    page = await visitor.look("/?preset=xor")
    kept = page.field("examples")["value"]
    assert kept == "0,0,0_0,1,1_1,0,1_1,1,0"
    response = await visitor.client.get("/build?" + urlencode([*FORM, ("examples", kept)]))
    page = await visitor.look(response.headers["Location"])
    await visitor.press("Step")
    assert len((await visitor.state())["examples"]) == 4


async def test_the_form_keeps_the_activations_of_units(visitor: PageClient) -> None:
    """A layer whose units differ is one choice of the form, and is not lost."""
    await visitor.post("/view", {"panel": "network"})
    page = await visitor.look("/?layers=2-3-1&seed=1&activations=relu/tanh/tanh,sigmoid")
    build = build_form(page)
    chosen = [each for each in build.all("option") if "selected" in each.attributes]
    [mixed] = [each for each in chosen if each["value"] == "relu/tanh/tanh"]
    assert mixed.text == "ReLU, tanh, tanh"
    form = [(name, text) for name, text in FORM if name != "activations"]
    form += [("activations", name) for name in (mixed["value"], "relu", "relu", "sigmoid")]
    response = await visitor.client.get("/build?" + urlencode(form))
    await visitor.look(response.headers["Location"])
    await visitor.press("Step")
    state = await visitor.state()
    assert state["network"]["activations"] == [["relu", "tanh", "tanh"], "sigmoid"]


async def test_hyperparameters_of_an_address(visitor: PageClient) -> None:
    """A URL may have hyperparameters, by name, that the network uses."""
    query = {"layers": "2-1", "optimiser": "momentum", "momentum": "0.5"}
    asked, simulation = build_network(query)
    assert asked["momentum"] == "0.5"
    assert simulation.start.hyperparameter_values == {"momentum": 0.5}
    for wrong in (query | {"momentum": "1"}, {"layers": "2-1", "momentum": "0.5"}):
        response = await visitor.client.get("/?" + urlencode(wrong))
        assert response.status_code == 422
        assert "momentum: " in response.text


async def test_the_form_shows_what_the_address_says(visitor: PageClient) -> None:
    """The form shows the initialization and the seed of the URL."""
    await visitor.post("/view", {"panel": "network"})
    form = build_form(await visitor.look("/?layers=3-4-2&seed=12&init=equal"))
    chosen = [each["value"] for each in form.all("option") if "selected" in each.attributes]
    assert "equal" in chosen
    assert form.field("seed")["value"] == "12"
    form = build_form(await visitor.look("/?preset=xor"))
    chosen = [each["value"] for each in form.all("option") if "selected" in each.attributes]
    assert "xavier" in chosen


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("seed", "many", "seed: must be a whole number"),
        ("learning_rate", '"><script>alert(1)</script>', "learning rate: must be a number"),
        ("learning_rate", "1,000", "learning rate: Is this 1.000 or 1000?"),
        ("learning_rate", "1_000", "learning rate: Write the number without underscores."),
        ("layers", "9", "layer 1: A layer has 1 to 8 units."),
    ],
)
async def test_a_refusal_stands_beside_the_form(
    visitor: PageClient, field: str, typed: str, message: str
) -> None:
    """A refused form keeps its input and shows which field is wrong."""
    await visitor.look()
    await visitor.press("Step")
    before = await visitor.state()
    params = [(name, typed if name == field else text) for name, text in FORM]
    response = await visitor.client.get("/build?" + urlencode(params))
    assert response.status_code == 422
    assert "<script>alert" not in response.text
    page = tree(response.text)
    form = build_form(page)
    assert form["action"] == f"/n/{visitor.session}/build"
    inputs = [each for each in form.all("input") if each.get("name") == field]
    assert all(each["value"] == typed and each["aria-invalid"] == "true" for each in inputs)
    assert message in page.id("refusal").text
    chosen = [each["value"] for each in form.all("option") if "selected" in each.attributes]
    assert chosen == ["tanh", "relu", "relu", "sigmoid", "per_unit", "xavier"]
    assert await visitor.state() == before


async def test_a_fraction_stays_in_the_address(visitor: PageClient) -> None:
    """A learning rate of 1/3 is in the network's address, and in the form, as it was typed."""
    params = [(name, "1/3" if name == "learning_rate" else text) for name, text in FORM]
    response = await visitor.client.get("/build?" + urlencode(params))
    assert "learning_rate=1/3" in response.headers["Location"]
    await visitor.look(response.headers["Location"])
    await visitor.press("Step")
    assert (await visitor.state())["learning_rate"] == 1 / 3
    await visitor.open_panel("network")
    assert build_form(visitor.page).field("learning_rate")["value"] == "1/3"


def marked(page: Element) -> list[str]:
    return [element.text for element in page.all("mark")]


async def test_two_runs_beside_each_other(visitor: PageClient) -> None:
    """The compared runs step together, and differences are marked in both."""
    page = await visitor.look("/beside")
    assert not [cell for cell in page.all("span") if "number" in cell.classes]
    apart = []
    for _step in range(len(DECK.simulation.compiled.ends["layer"])):
        [on] = [link for link in page.all("a") if link.text == "Step"]
        page = await visitor.look(on["href"].partition("#")[0])
        apart.append(len(marked(page)))
    assert apart == sorted(apart)
    assert apart[9] == 0
    # In both: ∂E/∂out and δ of four units, twelve gradients and weights, a bias and its gradient.
    assert apart[-1] == 2 * (4 + 4 + 12 + 12 + 1 + 1)
    assert visitor.session is None
