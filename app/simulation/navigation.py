"""Through time: to any moment of the line, to the line that was left, and undo and redo.

Each command that changes where a simulation stands is remembered by `record_command` as the place that it
left, however it got on; `undo` goes back there, exactly.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.backprop.errors import N_, Invalid
from app.simulation.history import History
from app.simulation.iteration import Moment
from app.simulation.replay import TimeSlices, recording, replay
from app.simulation.simulation import Simulation, same_training
from app.simulation.undo import (
    EMPTY_STACK,
    BranchRecord,
    Place,
    UndoStack,
    branch_record,
    end_place,
    stored_branch,
)

# Along the line.


def branch_end(simulation: Simulation) -> Moment:
    """The last moment of the line."""
    return simulation.history.end or simulation.moment


def seek(simulation: Simulation, iteration: int, cursor: int) -> Iterator[Simulation]:
    """To a moment of the line, a slice at a time. Of an iteration that edits began anew, to one
    after the last of them.

    Raises:
        Invalid: where the line has no such moment.
    """
    history, end = simulation.history, branch_end(simulation)
    first = history.first.iteration
    if not first <= iteration <= end[0]:
        raise _outside("iteration", first, end[0])
    made, latest = _reached(simulation, iteration)
    if not 0 <= cursor <= latest:
        raise _outside("cursor", 0, latest)
    return _yielding(simulation, simulation.go_to_in_slices(made, (iteration, cursor)))


def seek_iteration(simulation: Simulation, iteration: int) -> Iterator[Simulation]:
    """To the same calculation of another iteration, or where it has no such or that is not yet come
    to, to its last moment. From the end of an iteration, to the end."""
    _made, latest = _reached(simulation, iteration)
    cursor = latest if simulation.finished else min(simulation.cursor, latest)
    return seek(simulation, iteration, cursor)


def _reached(simulation: Simulation, iteration: int) -> tuple[int, int]:
    """How many edits are made by an iteration of the line, and the last cursor that it came to."""
    history, end = simulation.history, branch_end(simulation)
    made = sum(edit.iteration <= iteration for edit in history.edits)
    return made, end[1] if iteration == end[0] else history.chosen(made).steps_in(iteration)


def _outside(field: str, low: int, high: int) -> Invalid:
    text = N_("must be an integer from %(low)s to %(high)s")
    return Invalid(field, text, low=str(low), high=str(high))


# To the line that was left.


def other_branch_end(simulation: Simulation) -> Moment | None:
    """The last moment of the line that was left; None where none was."""
    other = simulation.history.other_branch
    return other.branch.end if other else None


def switch_branch(simulation: Simulation) -> Iterator[Simulation]:
    """To the end of the line that was left last; the one now followed is kept in its place."""
    other = simulation.history.other_branch
    if other is None:
        return iter(())
    place = end_place(other.branch)
    return _yielding(simulation, _to_branch(simulation, other.branch, other.shared, place))


# Undo and redo.


def record_command(simulation: Simulation, before: Simulation) -> Simulation:
    """Return what a command made of `before`, with the way to undo it.

    A command that moves a simulation without training it cancels the training under way. The
    chunks of one training count as one command. Undo and redo have updated the stacks themselves.
    """
    history, was = simulation.history, before.history
    changed = history.number != was.number
    if (
        not changed
        and simulation.moment == before.moment
        and history.total_edit_count == was.total_edit_count
    ):
        return simulation
    training = simulation.training if simulation.training is not before.training else None
    undo_stack, redo_stack = simulation.undo_stack, simulation.redo_stack
    if undo_stack is before.undo_stack and redo_stack is before.redo_stack:
        redo_stack = EMPTY_STACK
        if changed or not same_training(before.training, training):
            other = history.other_branch if changed else None
            branch = branch_record(other.branch, other.shared) if other else None
            undo_stack = undo_stack.push((was.total_edit_count, before.moment), branch)
    # Not by `replace`, which takes longer than a step of the deck's network.
    start, cursor, saved_runs = simulation.start, simulation.cursor, simulation.saved_runs
    return Simulation(start, cursor, history, undo_stack, redo_stack, training, saved_runs)


def can_undo(simulation: Simulation) -> bool:
    """Whether there is a command to undo that can be undone."""
    return _reachable(simulation, simulation.undo_stack)


def can_redo(simulation: Simulation) -> bool:
    """The same for what was undone."""
    return _reachable(simulation, simulation.redo_stack)


def undo(simulation: Simulation) -> Iterator[Simulation]:
    """To where the last command began, a slice at a time; nowhere if there is none."""
    if can_undo(simulation):
        for latest, there, ahead in _follow_stack(
            simulation, simulation.undo_stack, simulation.redo_stack
        ):
            yield replace(latest, undo_stack=there, redo_stack=ahead)


def redo(simulation: Simulation) -> Iterator[Simulation]:
    """To where the command that was undone last had led."""
    if can_redo(simulation):
        for latest, there, ahead in _follow_stack(
            simulation, simulation.redo_stack, simulation.undo_stack
        ):
            yield replace(latest, undo_stack=ahead, redo_stack=there)


def _follow_stack(
    simulation: Simulation, trail: UndoStack, opposite: UndoStack
) -> Iterator[tuple[Simulation, UndoStack, UndoStack]]:
    """To the last moment of a trail: there, what is left of the trail, and the opposite one."""
    assert trail.top is not None
    place, line = trail.top
    here = None
    if line is not None:
        here = branch_record(
            simulation.history.with_end(simulation.moment), _shared(simulation, line)
        )
    ahead = opposite.push(_place(simulation), here)
    for latest in _yielding(simulation, _go_to(simulation, place, line)):
        yield latest, trail.pop(), ahead


def _go_to(
    simulation: Simulation, place: Place, line: BranchRecord | None
) -> TimeSlices[Simulation]:
    """To a place, of another line if one is named."""
    if line is None:
        done, goal = place
        return (yield from simulation.go_to_in_slices(done - simulation.history.forgotten, goal))
    shared = _shared(simulation, line)
    return (
        yield from _to_branch(
            simulation, (yield from _rebuild_branch(simulation, line)), shared, place
        )
    )


def _to_branch(
    simulation: Simulation, line: History, shared: int, place: Place
) -> TimeSlices[Simulation]:
    """To a place of another line, which has so many edits in common with this one."""
    done, goal = place
    history = simulation.history.switched_to(simulation.moment, line, shared)
    start, history = yield from replay(history, done - history.forgotten, goal)
    return replace(simulation, start=start, cursor=goal[1], history=history)


def _rebuild_branch(simulation: Simulation, line: BranchRecord) -> TimeSlices[History]:
    """A line that was left: as it is kept, else made anew from what it shares with this one."""
    history, (_, end) = simulation.history, line.end
    other = stored_branch(history, line)
    if other is not None:
        return other.branch
    made = line.shared - history.forgotten
    parted = [line.edits[0].iteration if line.edits else end[0], branch_end(simulation)[0]]
    if made < len(history.edits):
        parted.append(history.edits[made].iteration)
    here = min(parted), 0
    start, there = yield from replay(history.with_end(simulation.moment), made, here)
    there = there.branched(here)
    for edit in line.edits:
        start, there = yield from recording(there, start, edit.iteration)
        start, there = edit.apply(start), there.edited(edit)
    start, there = yield from recording(there, start, end[0])
    return replace(there, number=line.number, end=end)


def _shared(simulation: Simulation, line: BranchRecord) -> int:
    """How many edits a line has in common with the one now followed."""
    other = stored_branch(simulation.history, line)
    return line.shared if other is None else other.shared


def _place(simulation: Simulation) -> Place:
    return simulation.history.total_edit_count, simulation.moment


def _reachable(simulation: Simulation, trail: UndoStack) -> bool:
    """Whether the last moment of a trail is one of a line that is kept or can be made anew."""
    history = simulation.history
    if not (trail.places and (trail.branches or history.forgotten)):  # all of it on this line
        return bool(trail.places)
    assert trail.top is not None
    (done, _), line = trail.top
    forgotten = history.forgotten
    if line is not None:
        other = stored_branch(history, line)
        if other is not None:
            forgotten = other.branch.forgotten
        elif line.shared < forgotten:
            return False
    return done >= forgotten


def _yielding(before: Simulation, slices: TimeSlices[Simulation]) -> Iterator[Simulation]:
    """Slices as they are served: what they come to, and before that, what it was."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            yield end.value
            return
        yield before
