"""What a simulation says of the moment that it is in."""

import pytest

from app.examples.random_network import random_simulation
from tests.support.deck import BACKWARD, DECK, STEPS, at


def test_the_last_step_is_the_one_taken() -> None:
    """Before the first step of an iteration there is none; at the end it is b1's update."""
    assert DECK.last_step is None
    assert [at(cursor).last_step for cursor in range(1, STEPS + 1)] == list(DECK.steps)
    last = at(STEPS).last_step
    assert last is not None
    assert last.symbol == "b1"
    assert DECK.train(1).edit(learning_rate=0.1).last_step is None


@pytest.mark.parametrize("bias", ["shared", "per_unit", "none"])
def test_weights_change_when_their_update_is_taken(bias: str) -> None:
    """One update step changes the one weight or bias that it names, as displayed, and no other;
    what the iteration's steps read stays the old one."""
    simulation = random_simulation((3, 4, 2), 5, bias=bias).backward()
    new = simulation.update().current_network
    assert simulation.current_network == simulation.network
    changed = dict.fromkeys(simulation.compiled.inputs[: len(new.parameters)], False)
    while not simulation.finished:
        simulation = simulation.step("unit")
        assert simulation.last_step is not None
        changed[simulation.last_step.result] = True
        for index, (text, is_new) in enumerate(changed.items()):
            before, after = simulation.network.parameters[index], new.parameters[index]
            assert simulation.current_network.parameters[index] == (after if is_new else before)
            assert simulation.value(text) == (after if is_new else before)
            assert simulation.operand(text) == before
    assert all(changed.values())
    assert simulation.step("unit").network == new == simulation.current_network


def test_a_value_is_none_until_computed() -> None:
    """At every cursor exactly the results of the steps taken have values, the inputs always."""
    for cursor in range(BACKWARD + 1):
        simulation = at(cursor)
        for index, step in enumerate(DECK.steps[:BACKWARD]):
            value = simulation.value(step.result)
            assert (value is not None) == (index < cursor)
            assert simulation.operand(step.result) == value
    assert DECK.value("learning_rate") == DECK.operand("learning_rate") == 0.5
    assert DECK.value("weight/0/2/3") == 0.5
    assert DECK.value("out/0/2") == -1.0


@pytest.mark.parametrize("text", ["net/3/0", "weight/0/3/0", "bias/0/0", "nonsense", "out/0/3"])
def test_what_the_network_lacks_is_a_key_error(text: str) -> None:
    """An address that the network has no such quantity for is refused."""
    with pytest.raises(KeyError):
        DECK.value(text)
    with pytest.raises(KeyError):
        DECK.operand(text)


def test_equal_moments_are_equal_whatever_the_way() -> None:
    """The way by which a moment was reached is not compared; the moment is."""
    assert DECK.train(40) == DECK.train(60).back("phase", 60)
    assert DECK.step() != DECK
    assert DECK.step() != DECK.edit(learning_rate=0.1).step()
