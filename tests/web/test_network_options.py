"""Batch updates, momentum and error functions through the API and on the page."""

import pytest

from app.backprop.functions import ERRORS
from app.examples.random_network import random_simulation
from app.web.pages.forms.fields import edit_fields
from tests.support.lab import Lab, State
from tests.support.page_client import PageClient, drawn, expected

EXAMPLES = [{"inputs": [0, 1], "targets": [1]}, {"inputs": [1, 0.5], "targets": [0]}]
NETWORK = {"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]}
BODY = {"network": NETWORK, "examples": EXAMPLES, "learning_rate": 0.5}
MOMENTUM = BODY | {"network": NETWORK | {"optimiser": "momentum"}}

DECK_LIKE = [[0.125, -0.25, 0.5, 1], [2, 3, 4, 5], [6, 7, 8, 9]]


async def test_batch_updates_in_the_state(lab: Lab) -> None:
    """The state has the update, the seed and the sums, unless examples are used one by one."""
    deck = await lab.create(preset="deck")
    assert not deck.keys() & {"gathered", "shuffle"}
    assert "update" not in deck["network"]
    body = BODY | {"network": NETWORK | {"update": "mean"}, "shuffle": 3}
    state = await lab.create(**body)
    assert (state["network"]["update"], state["shuffle"]) == ("mean", 3)
    assert state["gathered"] == {"weights": [[[0], [0]]], "biases": [[0]]}
    state = await lab.train(iterations=1)
    assert state["network"]["weights"] == NETWORK["weights"]
    gathered = state["gathered"]["weights"]
    assert gathered == state["values"]["weight_gradients"]
    assert (await lab.step(by="unit"))["gathered"]["weights"] == gathered
    state = await lab.train(iterations=1)
    assert state["network"]["weights"] != NETWORK["weights"]


async def test_batch_updates_are_an_edit(lab: Lab) -> None:
    """The update and the order are chosen by an edit, which Back undoes."""
    await lab.create(**BODY)
    state = await lab.edit(update="sum", shuffle=5)
    assert (state["network"]["update"], state["shuffle"]) == ("sum", 5)
    state = await lab.edit(update="each", shuffle=None)
    assert "update" not in state["network"]
    assert not state.keys() & {"gathered", "shuffle"}
    await lab.back()
    state = await lab.state()
    assert (state["network"]["update"], state["shuffle"]) == ("sum", 5)


async def test_invalid_options(lab: Lab) -> None:
    """An option that is not valid is refused under its name."""
    await lab.create(**MOMENTUM)
    changes: list[dict[str, object]] = [{"update": "never"}, {"update": None}, {"shuffle": -1}]
    changes += [{"momentum": momentum} for momentum in (1, -0.1, "0.5", None)]
    for change in changes:
        answer = await lab.request("PATCH", json=change)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == list(change)


async def test_batch_updates_on_the_page(visitor: PageClient) -> None:
    """The examples panel has a form for the update and the order, which keeps what was chosen."""
    await visitor.look("/?preset=xor")
    await visitor.post("/view?preset=xor", {"panel": "data"})
    await visitor.post(
        "/passes?preset=xor", {"update": "mean", "order": "shuffled", "shuffle": "12"}
    )
    state = await visitor.state()
    assert (state["network"]["update"], state["shuffle"]) == ("mean", 12)
    answer = await visitor.post("/passes", {"update": "sum", "order": "shuffled", "shuffle": "x"})
    assert answer.status_code == 422
    assert "Enter a whole number from 0 to" in answer.text
    chosen = '<option value="sum" selected>'  # beside the seed: what was chosen there is not lost
    assert chosen in answer.text
    assert chosen not in (await visitor.client.get("/")).text
    answer = await visitor.post("/passes", {"update": "never", "order": "given", "shuffle": ""})
    assert answer.status_code == 422
    await visitor.post("/passes", {"update": "each", "order": "given", "shuffle": ""})
    assert "shuffle" not in await visitor.state()


async def test_momentum_in_the_state(lab: Lab) -> None:
    """The state has the optimiser, momentum and velocities only if there are any."""
    deck = await lab.create()
    assert not deck.keys() & {"momentum", "velocities"}
    assert "optimiser" not in deck["network"]
    state = await lab.create(layers=[3, 4, 2], seed=7, optimiser="momentum")
    assert state["network"]["optimiser"] == "momentum"
    assert state["momentum"] == 0.9
    assert state["velocities"]["biases"] == [[0], [0]]
    state = await lab.train(3)
    right = random_simulation((3, 4, 2), 7, optimiser="momentum").train(3)
    assert state["velocities"]["weights"][0][0][0] == right.value("weight_velocity/0/0/0")
    assert state["network"]["weights"][0][0][0] == right.value("weight/0/0/0")


async def test_momentum_is_an_edit(lab: Lab) -> None:
    """Momentum is set at creation and by an edit, which Back undoes."""
    state = await lab.create(**MOMENTUM, momentum=0.5)
    assert state["momentum"] == 0.5
    await lab.train(2)
    state = await lab.edit(momentum=0)
    assert (state["momentum"], state["cursor"]) == (0, 0)
    assert any(row != [0] for row in state["velocities"]["biases"])
    state = await lab.back()
    assert state["momentum"] == 0.5


async def test_activations_of_units(lab: Lab) -> None:
    """The units of a layer may have activations of their own, at creation and by an edit."""
    names = [["sigmoid", "relu", "tanh"], "sigmoid"]
    state = await lab.create(layers=[2, 3, 1], seed=7, activations=names)
    assert state["network"]["activations"] == names
    outs = (await lab.forward())["values"]["out"]
    assert all(isinstance(out, float) for row in outs for out in row)
    link = (await lab.request("GET", "/link")).json()["link"]
    file = (await lab.request("GET", "/export/session.json")).json()
    for body in ({"link": link}, {"import": file}):
        assert (await Lab(lab.client).create(**body))["network"]["activations"] == names
    state = await lab.edit(activations=["tanh", ["identity"]])
    assert state["network"]["activations"] == ["tanh", "identity"]


async def test_negative_zero_is_zero(lab: Lab) -> None:
    """−0 is entered as 0."""
    network = {"layers": [1, 1], "weights": [[[-0.0]]], "biases": [[-0.0]]}
    example = {"inputs": [-0.0], "targets": [-0.0]}
    await lab.create(network=network, examples=[example], learning_rate=-0.0)
    assert "-0.0" not in (await lab.request("GET")).text
    await lab.edit(weights=[[[-0.0]]], biases=[[-0.0]], examples=[example], learning_rate=-0.0)
    assert "-0.0" not in (await lab.request("GET", "/export/session.json")).text


async def test_momentum_on_the_page(visitor: PageClient) -> None:
    """The drawing follows the updates, and the examples panel has a field for momentum."""
    await visitor.look("/?layers=3-4-2&seed=7&optimiser=momentum")
    await visitor.open_panel("data")
    await visitor.type("momentum", "0.5")
    assert (await visitor.state())["momentum"] == 0.5
    await visitor.press("Update")
    page = await visitor.press("Update")
    assert drawn(page) == expected(await visitor.state())
    answer = await visitor.post("/edit", {"momentum": "1"})
    assert answer.status_code == 422
    assert "momentum: must be at least 0 and less than 1" in answer.text


SOFTMAX = random_simulation((3, 4, 3), 7, error="cross_entropy")


@pytest.mark.parametrize("error", ERRORS)
async def test_error_functions_on_the_page(visitor: PageClient, error: str) -> None:
    """A URL names the error function, and the drawing agrees with the API."""
    await visitor.look(f"/?layers=3-4-2&seed=7&error={error}")
    await visitor.press("Backward")
    page = await visitor.press("Update")
    state = await visitor.state()
    assert state["network"]["error"] == error
    assert drawn(page) == expected(state)


def test_softmax_targets_sum_to_1() -> None:
    """When one softmax target changes, the others keep their proportions and all sum to 1."""
    simulation = SOFTMAX.edit(examples=[*SOFTMAX.examples])
    first = edit_fields(simulation, {"example/0/targets/0": "0.2"}, str)
    assert sum(first.examples[0].targets) == pytest.approx(1, abs=1e-15)
    assert first.examples[0].targets[0] == 0.2
    second = edit_fields(first, {"example/0/targets/1": "0.5"}, str)
    before, after = first.examples[0].targets, second.examples[0].targets
    assert after[1] == 0.5
    assert after[0] * before[2] == pytest.approx(after[2] * before[0])
    assert sum(after) == pytest.approx(1, abs=1e-15)


async def test_altering_the_network(lab: Lab) -> None:
    """Units, biases and the optimiser change; what has a place stays, new numbers are drawn, and one
    undo returns all of it."""
    await lab.create()
    await lab.edit(weights=[DECK_LIKE, [[0.25, 0.5]] * 4])
    before = await lab.step(by="unit")
    state = await lab.edit(layers=[3, 5, 2], bias="per_unit", optimiser="momentum", seed=7)
    network = state["network"]
    assert (network["layers"], network["bias"], network["optimiser"]) == (
        *([3, 5, 2], "per_unit", "momentum"),
    )
    assert (state["iteration"], state["cursor"], state["momentum"]) == (0, 0, 0.9)
    assert [row[:4] for row in network["weights"][0]] == DECK_LIKE
    assert network["weights"][1][:4] == [[0.25, 0.5]] * 4
    b1, b2 = (row[0] for row in before["network"]["biases"])
    assert network["biases"][0][:4] == [b1] * 4
    assert network["biases"][1] == [b2] * 2
    fresh = (await Lab(lab.client).create(layers=[3, 5, 2], seed=7, bias="per_unit"))["network"]
    assert [row[4] for row in network["weights"][0]] == [row[4] for row in fresh["weights"][0]]
    assert network["weights"][1][4] == fresh["weights"][1][4]
    assert network["biases"][0][4] == fresh["biases"][0][4]
    await lab.train(5)
    assert (await lab.edit(weight_decay=0.125))["weight_decay"] == 0.125
    for _ in range(3):
        undone = await lab.undo()
    assert _moment(undone) == _moment(before)


async def test_an_altered_network_is_in_links_and_files(lab: Lab) -> None:
    """Both hold the state of the altered network, without its history."""
    await lab.create()
    await lab.train(3)
    altered = await lab.edit(
        layers=[3, 2, 4, 2],
        activations=["tanh", "relu", "softmax"],
        error="cross_entropy",
        bias="none",
        optimiser="adam",
        init="xavier",
        examples=[{"inputs": [1, 0.5, -1], "targets": [0.25, 0.75]}],
    )
    file = (await lab.request("GET", "/export/session.json")).json()
    assert _moment(await Lab(lab.client).create(**{"import": file})) == _moment(altered)
    link = (await lab.request("GET", "/link")).json()["link"]
    assert _moment(await Lab(lab.client).create(link=link)) == _moment(altered)


def _moment(state: State) -> State:
    """A state without the session that it is of."""
    return {name: value for name, value in state.items() if name not in ("id", "version")}
