"""Momentum through the API and on the page."""

import pytest

from app.examples.random_network import random_simulation
from tests.support.lab import Lab
from tests.support.page_client import Guest, drawn, expected

NETWORK = {"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]}
BODY = {
    "network": NETWORK | {"optimiser": "momentum"},
    "examples": [{"inputs": [1, 0.5], "targets": [1]}],
    "learning_rate": 0.5,
}


async def test_a_state_has_it_only_where_there_is_any(lab: Lab) -> None:
    """Optimiser, momentum and velocities; the deck's state says nothing of them."""
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


async def test_the_momentum_is_chosen(lab: Lab) -> None:
    """At the beginning, and by an edit that restarts the iteration and can be taken back."""
    state = await lab.create(**BODY, momentum=0.5)
    assert state["momentum"] == 0.5
    await lab.train(2)
    state = await lab.edit(momentum=0)
    assert (state["momentum"], state["cursor"]) == (0, 0)
    assert any(row != [0] for row in state["velocities"]["biases"])
    state = await lab.back()
    assert state["momentum"] == 0.5


@pytest.mark.parametrize("momentum", [1, -0.1, "0.5", None])
async def test_what_cannot_be_chosen(lab: Lab, momentum: object) -> None:
    """422, naming the field."""
    await lab.create(**BODY)
    answer = await lab.request("PATCH", json={"momentum": momentum})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["momentum"]


async def test_on_the_page(guest: Guest) -> None:
    """The drawing follows the updates, and the data panel has a field for μ."""
    await guest.look("/?layers=3-4-2&seed=7&optimiser=momentum")
    await guest.press("Data")
    await guest.type("momentum", "0.5")
    assert (await guest.state())["momentum"] == 0.5
    await guest.press("Update")
    page = await guest.press("Update")
    assert drawn(page) == expected(await guest.state())
    answer = await guest.post("/edit", {"momentum": "1"})
    assert answer.status_code == 422
    assert "A number from 0 to less than 1, please." in answer.text
