"""Any walk against a plain list of its moments, and back again."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulation.history import Edit
from app.simulation.simulation import Simulation
from tests.support.strategies import (
    BY,
    Move,
    Setting,
    bits,
    moves,
    naive_bits,
    settings_of,
    walks,
)


@given(walk=walks())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_a_walk_agrees_with_a_list_of_its_moments(walk: tuple[Setting, list[Move]]) -> None:
    """After every move of any walk, each bit is that of nested loops whose every moment was kept."""
    _agrees(walk)


@given(walk=walks(wild=True, longest=12))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_a_wild_walk_agrees_as_well(walk: tuple[Setting, list[Move]]) -> None:
    """The same where numbers overflow, diverge to nan, and are −0."""
    _agrees(walk)


def _agrees(walk: tuple[Setting, list[Move]]) -> None:
    setting, path = walk
    simulation, naive = setting.simulation(), setting.naive()
    for move in path:
        simulation = move.of(simulation)
        move.on(naive)
        assert bits(simulation) == naive_bits(naive.now), move
    assert bits(simulation.reset()) == naive_bits(naive.moments[0])
    while len(naive.moments) > 1:
        simulation = simulation.back("layer", 5)
        naive.back("layer", 5)
        assert bits(simulation) == naive_bits(naive.now)
    assert simulation.at_beginning


@given(setting=settings_of(wild=True), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_a_walk_and_as_many_backs(setting: Setting, data: st.DataObject) -> None:
    """Any walk of 60 moves from any moment, taken back in steps of mixed sizes, ends bit for bit
    where it began."""
    before = data.draw(st.lists(moves(setting, wild=True), max_size=8))
    start = setting.simulation()
    for move in before:
        start = move.of(start)
    simulation, taken = start, 0
    for move in data.draw(st.lists(moves(setting, wild=True), min_size=60, max_size=60)):
        behind = units_behind(simulation)
        if move.name == "back" and units_behind(move.of(simulation)) < units_behind(start):
            continue  # before the start, where another walk would begin
        simulation = move.of(simulation)
        taken += units_behind(simulation) - behind
    assert taken == units_behind(simulation) - units_behind(start)
    while taken:
        by = data.draw(st.sampled_from(BY))
        earlier = simulation.back(by, data.draw(st.integers(1, 40)))
        if units_behind(earlier) < units_behind(start):
            earlier = simulation.back("unit", taken)
        taken -= units_behind(simulation) - units_behind(earlier)
        simulation = earlier
    assert bits(simulation) == bits(start)
    assert edits_behind(simulation) == edits_behind(start)


def edits_behind(simulation: Simulation) -> tuple[Edit, ...]:
    return simulation.history.edits[: simulation.history.edit_count]


def units_behind(simulation: Simulation) -> int:
    """How many single steps back it is to the beginning."""
    edits = edits_behind(simulation)
    iterations, cursors = [0], 0
    for edit in edits:
        cursors += (edit.iteration - iterations[-1]) * len(simulation.steps) + edit.cursor
        iterations.append(edit.iteration)
    return (
        len(edits)
        + cursors
        + (simulation.iteration - iterations[-1]) * len(simulation.steps)
        + simulation.cursor
    )
