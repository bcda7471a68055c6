"""Starting over keeps what was given, and loses only the training."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulation import navigation
from app.simulation.navigation import record_command
from app.simulation.simulation import Simulation
from tests.simulation.test_navigation import made, naive_history
from tests.support.deck import DECK
from tests.support.naive_history import NaiveHistory
from tests.support.strategies import Setting, bits, moves, settings_of


def given_so_far(setting: Setting, naive: NaiveHistory) -> Simulation:
    """A new simulation of the first parameters, with each that an edit changed at its last value,
    and of the present examples and settings."""
    moments = naive.line.moments[: naive.index + 1]
    weights = [[list(row) for row in matrix] for matrix in moments[0].iteration.weights]
    biases = [list(row) for row in moments[0].iteration.biases]
    for before, after in pairwise(moments):
        if after.edited:
            # The last calculation of an iteration belongs to it, and its edit restarts the same one.
            old, new = before.iteration, after.iteration
            if old.number != new.number:
                old = old.following()
            for layer, matrix in enumerate(new.weights):
                _overlay(weights[layer], old.weights[layer], matrix)
            _overlay(biases, old.biases, new.biases)
    now = naive.now.iteration
    anew = replace(
        setting,
        activations=now.activations,
        weights=tuple(weights),
        biases=biases,
        examples=now.examples,
        learning_rate=now.learning_rate,
        update=now.update,
        shuffle=now.shuffle,
    ).simulation()
    momentum = {"momentum": now.momentum} if setting.optimiser == "momentum" else {}
    return anew.edit(hyperparameters=momentum)


def _overlay(known: list[list[float]], old: list[list[float]], new: list[list[float]]) -> None:
    for row, (before, after) in enumerate(zip(old, new, strict=True)):
        for place, value in enumerate(after):
            if value != before[place]:
                known[row][place] = value


@given(setting=settings_of(largest=3, deepest=3), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=100)
def test_everything_given_is_kept(setting: Setting, data: st.DataObject) -> None:
    """After any walk it is a new network of what was given, and one undo returns bit for bit."""
    simulation, naive = setting.simulation(), naive_history(setting)
    for move in data.draw(st.lists(moves(setting), min_size=1, max_size=25)):
        simulation = made(move, simulation, naive)
    anew = record_command(simulation.start_over(), simulation)
    assert (anew.iteration, anew.cursor) == (0, 0)
    assert bits(anew) == bits(given_so_far(setting, naive))
    assert bits(anew.train(3)) == bits(given_so_far(setting, naive).train(3))
    assert anew.start_over() is anew
    if anew is not simulation:
        *_, undone = [anew, *navigation.undo(anew)]
        assert bits(undone) == bits(simulation)


def test_what_is_ahead_stays() -> None:
    """Where all edits were made at the beginning, one can go on along the same iterations."""
    given = DECK.edit_parameter("weight/0/0/0", 0.15).edit(learning_rate=0.25)
    trained = given.train(5).step("unit", 7)
    anew = trained.start_over()
    assert bits(anew) == bits(given)
    assert navigation.branch_end(anew) == trained.moment
    assert navigation.other_branch_end(anew) is None


def test_what_was_given_later_is_kept() -> None:
    """An edit in a later iteration changes the first one, beside the branch that was left."""
    trained = DECK.train(4).edit(learning_rate=0.25).train(3).edit_parameter("weight/1/0/1", 2.0)
    trained = trained.train(2)
    anew = trained.start_over()
    expected = DECK.edit(learning_rate=0.25).edit_parameter("weight/1/0/1", 2.0)
    assert bits(anew) == bits(expected)
    assert bits(anew.back()) == bits(DECK)
    assert navigation.other_branch_end(anew) == trained.moment


def test_it_keeps_what_is_left_of_many_edits() -> None:
    """Where the oldest edits are forgotten, the settings are kept all the same."""
    simulation = DECK
    for number in range(300):
        simulation = simulation.edit(learning_rate=0.1 + number / 1000).train(2)
    simulation = simulation.edit_parameter("weight/0/0/0", 0.15)
    assert simulation.history.beginning is not None
    anew = simulation.start_over()
    rate = simulation.learning_rate
    assert bits(anew) == bits(DECK.edit_parameter("weight/0/0/0", 0.15).edit(learning_rate=rate))
