"""Edits restart the iteration, and Back undoes them."""

from typing import Any

import pytest

from app.backprop.errors import Invalid
from app.backprop.network import Example, Network
from app.simulation.simulation import Simulation
from tests.support.deck import DECK, STEPS, at
from tests.support.strategies import BY, bits


def where(simulation: Simulation) -> tuple[int, int]:
    return simulation.iteration, simulation.cursor


OTHER_WEIGHTS = (
    ((1.0, -0.3, 0.4, 0.1), (-0.5, 0.2, 0.1, -0.4), (0.3, 0.6, -0.2, 0.5)),
    ((0.7, -0.1), (-0.4, 0.5), (0.2, 0.3), (0.6, 2.0)),
)
EDITS: dict[str, dict[str, Any]] = {
    "weights": {"weights": OTHER_WEIGHTS},
    "biases": {"biases": ((0.0,), (1.5,))},
    "examples": {"examples": (Example((0.0, 1.0, 2.0), (0.5, 0.5)),)},
    "learning_rate": {"learning_rate": 2.0},
    "activations": {"activations": ("tanh", "identity")},
    "activations of units": {"activations": (("tanh", "relu", "relu", "tanh"), "identity")},
    "several": {"weights": OTHER_WEIGHTS, "learning_rate": 2.0, "activations": ("relu", "tanh")},
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize(("iteration", "cursor"), [(0, 1), (4, 30), (4, STEPS)])
def test_an_edit_restarts_the_iteration(name: str, iteration: int, cursor: int) -> None:
    """An edit restarts its iteration with the change, and one step back undoes it completely."""
    simulation = at(cursor, iteration)
    started = DECK.train(iteration).current_network if iteration else DECK.network
    edited = simulation.edit(**EDITS[name])
    changes = EDITS[name]
    assert where(edited) == (iteration, 0)
    assert edited.network.weights == changes.get("weights", started.weights)
    assert edited.network.biases == changes.get("biases", started.biases)
    assert edited.examples == changes.get("examples", DECK.examples)
    assert edited.learning_rate == changes.get("learning_rate", 0.5)
    assert edited.network.shape.activations == changes.get("activations", ("sigmoid", "sigmoid"))
    assert edited.current_network == edited.network
    for by in BY:
        assert bits(edited.back(by)) == bits(simulation)
        assert bits(edited.step(by).back(by, 2)) == bits(simulation)
    assert bits(edited.train(40).back("phase", 3 * 40 + 1)) == bits(simulation)
    assert bits(edited.reset()) == bits(DECK)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("network.weights.1", {"weights": (OTHER_WEIGHTS[0], OTHER_WEIGHTS[1][:3])}),
        ("network.biases.1", {"biases": ((1.0,), (1.0, 2.0))}),
        ("network.activations.1", {"activations": ("tanh", "step")}),
        ("network.activations.0", {"activations": (("tanh", "relu"), "tanh")}),
        ("network.activations.0.1", {"activations": (("tanh", "x", "tanh", "tanh"), "tanh")}),
        ("momentum", {"hyperparameters": {"momentum": 0.5}}),
        ("examples.1.targets", {"examples": (*DECK.examples, Example((1.0, 2.0, 3.0), ()))}),
    ],
)
def test_an_invalid_edit_names_the_field_and_changes_nothing(
    field: str, changes: dict[str, Any]
) -> None:
    """An invalid edit is refused by field and changes nothing."""
    simulation = at(20, 2)
    before = bits(simulation)
    with pytest.raises(Invalid) as caught:
        simulation.edit(**changes)
    assert caught.value.field == field
    assert bits(simulation) == before
    assert not simulation.history.edits


def test_an_edit_that_changes_nothing_at_an_iterations_start_returns_the_same_object() -> None:
    """An edit without effect returns the same simulation."""
    for start in (DECK, DECK.train(3).edit(learning_rate=0.1)):
        assert start.edit() is start
        assert start.edit(learning_rate=start.learning_rate) is start
        assert start.edit(weights=start.network.weights, biases=start.network.biases) is start
        assert start.edit(examples=list(start.examples)) is start
        assert start.edit(activations=start.network.shape.activations) is start


def test_minus_zero_is_zero() -> None:
    """−0 in place of 0 changes nothing, and is stored as 0."""
    zero = DECK.edit(examples=[Example((0.0, 0.0, 0.0), (0.0, 0.0))], learning_rate=0.0)
    zero = zero.edit_parameter("weight/0/0/0", 0.0)
    weights = [[list(row) for row in matrix] for matrix in zero.network.weights]
    weights[0][0][0] = -0.0
    assert zero.edit(weights=weights) is zero
    assert zero.edit(examples=[Example((0.0, -0.0, 0.0), (-0.0, 0.0))], learning_rate=-0.0) is zero
    assert zero.edit_parameter("weight/0/0/0", -0.0) is zero
    minus = DECK.edit(examples=[Example((-0.0, 0.0, 0.0), (0.0, 0.0))], learning_rate=-0.0)
    assert bits(minus.edit_parameter("weight/0/0/0", -0.0)) == bits(zero)
    network = Network.of((1, 1), [[[-0.0]]], [[-0.0]])
    assert "-0.0" not in repr(Simulation.of(network, [Example((-0.0,), (-0.0,))], -0.0).start)


def test_editing_one_parameter() -> None:
    """Editing one parameter equals editing all with that one changed."""
    simulation = DECK.train(2).step()
    weights = [[list(row) for row in matrix] for matrix in simulation.network.weights]
    weights[0][2][3] = 9.0
    edited = simulation.edit_parameter("weight/0/2/3", 9.0)
    assert bits(edited) == bits(simulation.edit(weights=weights))
    assert bits(edited.step().back("layer", 2)) == bits(simulation)
    assert edited.edit_parameter("weight/0/2/3", 9.0) is edited
    assert simulation.edit_parameter("bias/1", 9.0).network.biases[1] == (9.0,)
    for address in ("net/1/0", "weight/0/3/0", "bias/2", "learning_rate"):
        with pytest.raises(KeyError):
            simulation.edit_parameter(address, 1.0)
