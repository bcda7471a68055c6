"""The error functions through the API and on the page."""

import pytest

from app.backprop.functions import ERRORS
from app.examples.random_network import random_simulation
from app.web.pages.forms.fields import field_edit
from app.web.pages.query import initial_example
from tests.support.lab import Lab
from tests.support.page_client import Guest, drawn, expected

SOFTMAX = random_simulation((3, 4, 3), 7, error="cross_entropy")


@pytest.mark.parametrize("error", ERRORS)
async def test_a_random_network_of_each(lab: Lab, error: str) -> None:
    """The outputs are those that the error is made for, and a step more is one of that network."""
    state = await lab.create(layers=[3, 4, 2], seed=7, error=error)
    simulation = random_simulation((3, 4, 2), 7, error=error)
    assert state["network"]["error"] == error
    assert state["network"]["activations"] == list(simulation.network.shape.activations)
    assert state["examples"][0]["targets"] == list(simulation.examples[0].targets)
    assert state["steps"] == (73 if simulation.network.shape.fused_delta else 77)
    state = await lab.backward()
    assert state["values"]["delta"][1] == [
        simulation.backward().value(f"delta/2/{k}") for k in (0, 1)
    ]


@pytest.mark.parametrize("error", ERRORS)
async def test_the_page_of_each(guest: Guest, error: str) -> None:
    """An address names the error; the drawing and the card show the network to its end."""
    await guest.look(f"/?layers=3-4-2&seed=7&error={error}")
    await guest.press("Backward")
    page = await guest.press("Update")
    state = await guest.state()
    assert state["network"]["error"] == error
    assert drawn(page) == expected(state)


def test_what_begins_names_the_error() -> None:
    """The part of an address that a form sends on names it as well."""
    start = initial_example({"layers": "3-4-3", "seed": "7", "error": "cross_entropy"})
    assert start
    assert start.simulation == SOFTMAX
    assert start.query == {"layers": "3-4-3", "seed": "7", "error": "cross_entropy"}


def test_shares_of_one_follow() -> None:
    """A target of softmax outputs is changed alone; the others keep their proportions to each
    other, so that they add up to 1 again."""
    simulation = SOFTMAX.edit(examples=[*SOFTMAX.examples])
    first = field_edit(simulation, "example/0/targets/0", "0.2", str)
    assert sum(first.examples[0].targets) == pytest.approx(1, abs=1e-15)
    assert first.examples[0].targets[0] == 0.2
    second = field_edit(first, "example/0/targets/1", "0.5", str)
    before, after = first.examples[0].targets, second.examples[0].targets
    assert after[1] == 0.5
    assert after[0] * before[2] == pytest.approx(after[2] * before[0])
    assert sum(after) == pytest.approx(1, abs=1e-15)
