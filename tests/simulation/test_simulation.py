"""Stepping, training and going back."""

from dataclasses import FrozenInstanceError

import pytest

from app.backprop.errors import Invalid
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from tests.support.deck import BACKWARD, DECK, FORWARD, SEVERAL, STEPS, at
from tests.support.strategies import BY, bits


def where(simulation: Simulation) -> tuple[int, int]:
    return simulation.iteration, simulation.cursor


def test_one_iteration_in_each_granularity() -> None:
    """77 unit, 19 layer or 3 phase steps are one iteration, bit for bit."""
    ends = [DECK.step("unit", 77), DECK.step("layer", 19), DECK.step("phase", 3), DECK.update()]
    assert {where(end) for end in ends} == {(0, STEPS)}
    assert all(bits(end) == bits(ends[0]) for end in ends)
    assert all(end == ends[0] for end in ends)


def test_invalid_beginnings_and_steps_are_named() -> None:
    """Missing examples and unknown granularities are refused by field."""
    with pytest.raises(Invalid) as caught:
        Simulation.of(DECK.network, [], 0.5)
    assert caught.value.field == "examples"
    for move in (DECK.step, DECK.back):
        with pytest.raises(Invalid) as caught:
            move("minute")
        assert caught.value.field == "by"


@pytest.mark.parametrize("start", [DECK, at(30), at(30, 2), at(STEPS, 2)], ids=where)
def test_seeking_is_stepping(start: Simulation) -> None:
    """Any step of the iteration can be sought."""
    for cursor in range(STEPS + 1):
        assert bits(start.seek(cursor)) == bits(at(cursor, start.iteration))
    assert start.seek(start.cursor) is start


@pytest.mark.parametrize("cursor", [-1, STEPS + 1])
def test_no_moment_outside_of_the_iteration(cursor: int) -> None:
    """A step outside of the iteration is refused."""
    with pytest.raises(Invalid) as caught:
        DECK.seek(cursor)
    assert caught.value.field == "cursor"


# Going back.


def test_back_from_far_is_what_was_passed() -> None:
    """Going back equals training less, bit for bit."""
    far = SEVERAL.train(5000)
    for iterations in (4999, 4990, 4096, 2500, 1000, 17, 16, 15, 1):
        direct = SEVERAL.train(iterations)
        returned = far.back("phase", 3 * (5000 - iterations))
        assert bits(returned) == bits(direct)
        assert bits(returned.train(40)) == bits(direct.train(40))
    assert bits(far.back("unit", 5000 * STEPS)) == bits(SEVERAL)


@pytest.mark.parametrize("by", BY)
def test_back_at_the_beginning_stays(by: str) -> None:
    """At the beginning Back returns the same simulation."""
    assert DECK.back(by) is DECK
    assert DECK.back(by, 100) is DECK
    assert bits(DECK.train(3).back(by, 10**6)) == bits(DECK)
    assert DECK.train(3).back(by, 10**6).at_beginning


@pytest.mark.parametrize("cursor", [0, 9, FORWARD, 40, BACKWARD, 60, STEPS])
def test_what_changes_nothing_returns_the_same_object(cursor: int) -> None:
    """A command without effect returns the same simulation."""
    simulation = at(cursor)
    for by in BY:
        assert simulation.step(by, 0) is simulation
        assert simulation.back(by, 0) is simulation
    assert simulation.train(0) is simulation
    if FORWARD <= cursor < STEPS:
        assert simulation.forward() is simulation
    if BACKWARD <= cursor < STEPS:
        assert simulation.backward() is simulation


def test_reset_at_the_beginning_returns_the_same_object() -> None:
    """Reset returns to the beginning."""
    assert DECK.reset() is DECK
    away = DECK.train(50).edit(learning_rate=0.1).step()
    assert bits(away.reset()) == bits(DECK)
    assert away.reset().at_beginning
    assert away.reset().errors() == ()


def test_a_simulation_cannot_be_changed_in_place() -> None:
    """Simulations are immutable."""
    with pytest.raises(FrozenInstanceError):
        DECK.cursor = 3  # type: ignore[misc]
    before = bits(DECK)
    DECK.step().train(10).edit(learning_rate=0.1).back()
    assert bits(DECK) == before
    assert hash(DECK) == hash(DECK.step().back())


def test_the_last_step_is_the_one_taken() -> None:
    """The last step is the one before the cursor."""
    assert DECK.last_step is None
    assert [at(cursor).last_step for cursor in range(1, STEPS + 1)] == list(DECK.steps)
    last = at(STEPS).last_step
    assert last is not None
    assert last.symbol == "b1"
    assert DECK.train(1).edit(learning_rate=0.1).last_step is None


@pytest.mark.parametrize("bias", ["shared", "per_unit", "none"])
def test_weights_change_when_their_update_is_taken(bias: str) -> None:
    """An update step changes only its own parameter."""
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


@pytest.mark.parametrize("text", ["net/3/0", "weight/0/3/0", "bias/0/0", "nonsense", "out/0/3"])
def test_what_the_network_lacks_is_a_key_error(text: str) -> None:
    """An address that the network does not have is refused."""
    with pytest.raises(KeyError):
        DECK.value(text)
    with pytest.raises(KeyError):
        DECK.operand(text)


def test_equal_moments_are_equal_whatever_the_way() -> None:
    """Equal positions are equal, however they were reached."""
    assert DECK.train(40) == DECK.train(60).back("phase", 60)
    assert DECK.step() != DECK
    assert DECK.step() != DECK.edit(learning_rate=0.1).step()
