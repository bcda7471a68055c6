"""After each example or after all of them, and in which order: through the API and the page."""

import pytest

from app.examples.random_network import random_simulation
from app.web.api.schemas.serialize import network as network_json
from tests.support.lab import Lab
from tests.support.page_client import Guest

EXAMPLES = [{"inputs": [0, 1], "targets": [1]}, {"inputs": [1, 0.5], "targets": [0]}]
NETWORK = {"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]}
BODY = {"network": NETWORK, "examples": EXAMPLES, "learning_rate": 0.5}


async def test_the_state_says_so(lab: Lab) -> None:
    """The update, the order and what is gathered; the deck's state says nothing of them."""
    deck = await lab.create(preset="deck")
    assert not deck.keys() & {"gathered", "shuffle"}
    assert "update" not in deck["network"]
    body = BODY | {"network": NETWORK | {"update": "mean"}, "shuffle": 3}
    state = await lab.create(**body)
    assert (state["network"]["update"], state["shuffle"]) == ("mean", 3)
    assert state["gathered"] == {"weights": [[[0], [0]]], "biases": [[0]]}
    state = await lab.train(iterations=1)
    assert state["network"]["weights"] == NETWORK["weights"]
    assert state["gathered"]["weights"] == state["values"]["weight_gradients"]
    state = await lab.train(iterations=1)
    assert state["network"]["weights"] != NETWORK["weights"]


async def test_a_seed_takes_them_too(lab: Lab) -> None:
    """As the simulator makes it."""
    state = await lab.create(layers=[3, 4, 2], seed=7, update="sum", shuffle=1)
    right = random_simulation((3, 4, 2), 7, update="sum", shuffle=1).network
    assert state["network"] == {
        name: [list(map(list, part)) for part in value]
        if name == "weights"
        else state["network"][name]
        for name, value in network_json(right).items()
    } | {"weights": [[list(row) for row in rows] for rows in right.weights]}


async def test_it_is_chosen(lab: Lab) -> None:
    """As an edit, which Back takes back whole; null is the order in which they are given."""
    await lab.create(**BODY)
    state = await lab.edit(update="sum", shuffle=5)
    assert (state["network"]["update"], state["shuffle"]) == ("sum", 5)
    state = await lab.edit(update="each", shuffle=None)
    assert "update" not in state["network"]
    assert not state.keys() & {"gathered", "shuffle"}
    await lab.back()
    state = await lab.state()
    assert (state["network"]["update"], state["shuffle"]) == ("sum", 5)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"update": "never"}, "update"), ({"update": None}, "update"), ({"shuffle": -1}, "shuffle")],
    ids=["never", "null", "negative"],
)
async def test_what_cannot_be_chosen(lab: Lab, change: dict[str, object], field: str) -> None:
    await lab.create(**BODY)
    answer = await lab.request("PATCH", json=change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_the_page_has_a_form(guest: Guest) -> None:
    """In the panel of the data: what is set, a seed that cannot be refused beside it."""
    await guest.look("/?preset=xor")
    await guest.post("/view?preset=xor", {"panel": "data"})
    await guest.post("/passes?preset=xor", {"update": "mean", "order": "shuffled", "shuffle": "12"})
    state = await guest.state()
    assert (state["network"]["update"], state["shuffle"]) == ("mean", 12)
    answer = await guest.post("/passes", {"update": "sum", "order": "shuffled", "shuffle": "x"})
    assert answer.status_code == 422
    assert "A whole number from 0 to" in answer.text
    chosen = '<option value="sum" selected>'  # beside the seed: what was chosen there is not lost
    assert chosen in answer.text
    assert chosen not in (await guest.client.get("/")).text
    answer = await guest.post("/passes", {"update": "never", "order": "given", "shuffle": ""})
    assert answer.status_code == 422
    await guest.post("/passes", {"update": "each", "order": "given", "shuffle": ""})
    assert "shuffle" not in await guest.state()
