"""Seeking, branches, undo and redo against the naive history."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.simulation import navigation
from app.simulation.navigation import (
    branch_end,
    can_redo,
    can_undo,
    extract_other_branch,
    other_branch_end,
    record_command,
    seek,
    switch_branch,
    take,
)
from app.simulation.simulation import Simulation
from tests.support.deck import DECK, SEVERAL, STEPS
from tests.support.naive import Iteration
from tests.support.naive_history import NaiveHistory
from tests.support.strategies import Move, Setting, bits, moves, naive_bits, settings_of

NAMES = ("travel", "return", "undo", "undo", "redo", "reset")


def end(slices: Iterator[Simulation], simulation: Simulation) -> Simulation:
    """What a change comes to, its slices being made one after another."""
    for simulation in slices:  # noqa: B007  # the last one is the result
        pass
    return simulation


def travel(simulation: Simulation, iteration: int, cursor: int = 0) -> Simulation:
    return end(seek(simulation, iteration, cursor), simulation)


def undo(simulation: Simulation) -> Simulation:
    return end(navigation.undo(simulation), simulation)


def redo(simulation: Simulation) -> Simulation:
    return end(navigation.redo(simulation), simulation)


def returned(simulation: Simulation) -> Simulation:
    return end(switch_branch(simulation), simulation)


def naive_history(setting: Setting) -> NaiveHistory:
    beginning: Iteration = setting.naive().now.iteration
    return NaiveHistory(beginning)


def made(move: Move, simulation: Simulation, naive: NaiveHistory) -> Simulation:
    """The simulation after a command, which the naive one makes as well."""
    before, place = simulation, naive.place
    match move.name:
        case "undo":
            naive.undo()
            return undo(simulation)
        case "redo":
            naive.redo()
            return redo(simulation)
        case "return":
            naive.returned()
            simulation = returned(simulation)
        case "travel":
            first, last = simulation.history.first.iteration, branch_end(simulation)
            iteration = first + move.details["far"] % (last[0] - first + 1)
            latest = last[1] if iteration == last[0] else naive.steps_in(iteration)
            cursor = move.details["cursor"] % (latest + 1)
            naive.travel(iteration, cursor)
            simulation = travel(simulation, iteration, cursor)
        case "reset":
            naive.reset()
            simulation = simulation.reset()
        case _:
            move.on(naive)
            simulation = move.of(simulation)
    naive.remember(place)
    return record_command(simulation, before)


@st.composite
def commands(draw: st.DrawFn, setting: Setting, *, wild: bool = False) -> Move:
    """Anything that a visitor can do, through time more often than not."""
    if draw(st.booleans()):
        return draw(moves(setting, wild=wild))
    name = draw(st.sampled_from(NAMES))
    far, cursor = draw(st.integers(0, 500)), draw(st.integers(0, 500))
    return Move(name, {"far": far, "cursor": cursor} if name == "travel" else {})


@given(setting=settings_of(largest=2, deepest=3, wild=True), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_any_walk_through_time(setting: Setting, data: st.DataObject) -> None:
    """After each of 50 commands, then each undo and redo, each bit is that of the naive history."""
    simulation, naive = setting.simulation(), naive_history(setting)
    for move in data.draw(st.lists(commands(setting, wild=True), min_size=50, max_size=50)):
        simulation = made(move, simulation, naive)
        _same(simulation, naive)
    for name, may in (("undo", can_undo), ("redo", can_redo)):
        move = Move(name, {})
        while may(simulation):
            simulation = made(move, simulation, naive)
            _same(simulation, naive)
        assert not naive.reaches(naive.past if name == "undo" else naive.undone)


def _same(simulation: Simulation, naive: NaiveHistory) -> None:
    assert bits(simulation) == naive_bits(naive.now)
    last = naive.line.moments[-1]
    if not (naive.beginning and naive.index + 1 == len(naive.line.moments)):
        assert branch_end(simulation) == (last.iteration.number, last.cursor)
    other = naive.other and naive.other.moments[-1]
    assert other_branch_end(simulation) == (other and (other.iteration.number, other.cursor))


@given(
    trained=st.integers(1, 3000),
    iterations=st.lists(st.integers(0, 3000), min_size=1, max_size=8),
    cursor=st.integers(0, STEPS),
    on=st.integers(1, 60),
)
@settings(deadline=None, derandomize=True, max_examples=30)
def test_a_jump_and_on_is_an_uninterrupted_run(
    trained: int, iterations: list[int], cursor: int, on: int
) -> None:
    """After any seek going on equals an uninterrupted run."""
    simulation = SEVERAL.train(trained)
    for iteration in iterations:
        simulation = travel(simulation, iteration % trained, cursor)
        direct = SEVERAL.step("unit", iteration % trained * STEPS + cursor)
        assert bits(simulation.step("unit")) == bits(direct.step("unit"))
        assert simulation.previous_error == direct.previous_error
        assert bits(simulation.train(on)) == bits(direct.train(on))
    done = simulation.iteration + 1 - (cursor == 0)
    farther = simulation.train(trained + on)
    assert farther.errors() == SEVERAL.train(farther.iteration + 1).errors()
    assert simulation.errors(1000)[-1:] == SEVERAL.train(done).errors(1000)[-1:] or cursor < STEPS


def test_a_line_that_is_left_can_be_returned_to() -> None:
    """One can switch between two branches, which stay as they are."""
    trained = DECK.train(100)
    other = travel(trained, 40).edit(learning_rate=3.0).train(20)
    assert (branch_end(other), other_branch_end(other)) == ((59, STEPS), (99, STEPS))
    again = returned(other)
    assert bits(again) == bits(trained)
    assert again.errors() == trained.errors()
    assert bits(travel(again, 70, 9)) == bits(DECK.step("unit", 70 * STEPS + 9))
    assert bits(returned(again)) == bits(other)
    assert returned(again).errors() == other.errors()


def test_there_is_nothing_to_return_to_before_a_branch() -> None:
    """Without a branch or command nothing can be undone or switched."""
    for simulation in (DECK, DECK.train(5).back()):
        assert returned(simulation) is simulation
        assert undo(simulation) is simulation
        assert redo(simulation) is simulation


@pytest.mark.parametrize(
    ("iteration", "cursor", "field"),
    [
        (-1, 0, "iteration"),
        (10, 0, "iteration"),
        (10**15, 0, "iteration"),
        (3, STEPS + 1, "cursor"),
        (3, -1, "cursor"),
        (9, 41, "cursor"),
    ],
)
def test_no_moment_outside_of_the_line(iteration: int, cursor: int, field: str) -> None:
    """Seeking outside of the branch is refused by field."""
    simulation = DECK.train(9).step("unit", 40).back("phase", 12)
    with pytest.raises(Invalid) as caught:
        travel(simulation, iteration, cursor)
    assert caught.value.field == field
    assert bits(travel(simulation, 9, 40)) == bits(DECK.train(9).step("unit", 40))


# Undo and redo.


def command(simulation: Simulation, move: str, **how: object) -> Simulation:
    changed: Simulation = getattr(simulation, move)(**how)
    return record_command(changed, simulation)


def test_sixty_four_commands_are_kept() -> None:
    """The last 64 commands can be undone."""
    simulation, passed = DECK, []
    for _ in range(100):
        passed.append(bits(simulation))
        simulation = command(simulation, "step")
    count = 0
    while can_undo(simulation):
        simulation = undo(simulation)
        count += 1
        assert bits(simulation) == passed[100 - count]
    assert count == 64


def test_undo_stays_on_the_two_lines_that_are_kept() -> None:
    """Undo goes back through the line that was left last, but not to the one before it."""
    simulation, passed = DECK, []
    for rate in (0.1, 0.2, 0.3, 0.4):
        for move, how in (
            ("edit", {"learning_rate": rate}),
            ("train", {"iterations": 300}),
            ("step", {"by": "unit", "count": 7}),
            ("edit", {"learning_rate": rate / 2}),
            ("train", {"iterations": 40}),
            ("reset", {}),
        ):
            passed.append(simulation)
            simulation = command(simulation, move, **how)
    last = simulation
    # The fourth rate began the last line, the third one the line before it.
    for expected in reversed(passed[13:]):
        simulation = undo(simulation)
        assert bits(simulation) == bits(expected)
        assert simulation.errors() == expected.errors()
    assert not can_undo(simulation)
    assert undo(simulation) is simulation
    while can_redo(simulation):
        simulation = redo(simulation)
    assert bits(simulation) == bits(last)


def test_the_other_branch_alone() -> None:
    """It stands at the end of that branch, and goes back, and undoes, as it would have there."""
    simulation, passed = command(DECK, "edit", learning_rate=0.1), []
    for move, how in (
        ("train", {"iterations": 40}),
        ("edit", {"learning_rate": 0.2}),
        ("train", {"iterations": 3}),
        ("step", {"by": "unit", "count": 7}),
    ):
        passed.append(simulation)
        simulation = command(simulation, move, **how)
    there = simulation
    away = command(there, "back", by="phase", count=2)
    here = command(command(away, "edit", learning_rate=0.3), "train", iterations=5)
    alone = end(extract_other_branch(here), here)
    assert bits(alone) == bits(there)
    assert alone.errors() == there.errors()
    assert alone.training is None
    assert not can_redo(alone)
    assert list(end(switch_branch(alone), alone).history.edits) == list(there.history.edits)
    assert bits(alone.back("layer", 300)) == bits(there.back("layer", 300))
    seen = alone
    for expected in (away, there, *reversed(passed), DECK):
        seen = undo(seen)
        assert bits(seen) == bits(expected)
    assert not can_undo(seen)
    # A branch of its own has the network at hand neither beside it nor to undo.
    assert other_branch_end(alone) is None
    onward = command(command(undo(alone), "edit", learning_rate=0.4), "step")
    assert other_branch_end(onward) == there.moment
    assert bits(returned(onward)) == bits(there)


def test_the_other_branch_alone_after_going_back_and_forth() -> None:
    """Its undo stack has what leads back along it and nothing else; without one there is nothing."""
    left = command(command(DECK, "train", iterations=5), "edit", learning_rate=0.1)
    second = command(command(command(left, "reset"), "edit", learning_rate=0.2), "step")
    here = record_command(returned(second), second)
    alone = end(extract_other_branch(here), here)
    assert bits(alone) == bits(second)
    assert bits(undo(alone)) == bits(undo(second))
    assert not can_undo(undo(alone))
    undone = undo(undo(second))
    alone = end(extract_other_branch(undone), undone)
    assert bits(alone) == bits(second)
    assert not can_undo(alone)
    assert end(extract_other_branch(DECK), DECK) is DECK


def test_a_reset_where_the_beginning_was_forgotten_is_undone() -> None:
    """A reset can be undone even if the origin is on no branch."""
    simulation = DECK
    for number in range(300):
        simulation = command(simulation, "edit", learning_rate=0.1 + number / 1000)
        simulation = command(simulation, "train", iterations=2)
    assert simulation.history.beginning is not None
    reset = command(simulation, "reset")
    assert bits(reset) == bits(DECK)
    assert bits(undo(reset)) == bits(simulation)
    assert bits(undo(undo(reset))) == bits(undo(simulation))
    assert bits(returned(reset)) == bits(simulation)


@given(setting=settings_of(largest=2, deepest=3, wild=True), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=20)
def test_who_takes_the_same_steps_shares_simulations(setting: Setting, data: st.DataObject) -> None:
    """Two who make the same moves of one simulation have one and the same; each bit is right, and
    undo leads back. Another simulation with the same numbers has results of its own."""
    one = other = setting.simulation()
    alike, naive = setting.simulation(), naive_history(setting)
    moves = st.tuples(st.sampled_from(["step", "step", "back"]), st.sampled_from(["unit", "layer"]))
    for name, by in data.draw(st.lists(moves, min_size=20, max_size=20)):
        before, place = one, naive.place
        one, other = take(one, name, by), take(other, name, by)
        alike = take(alike, name, by)
        assert one is other
        assert one is not alike
        assert record_command(one, before) is one
        Move(name, {"by": by, "count": 1}).on(naive)
        naive.remember(place)
        _same(one, naive)
        if can_undo(one):
            assert undo(one).moment == before.moment or one is before
