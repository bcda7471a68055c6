"""Moves through time: to any moment of the branch, to the other branch, and undo and redo.

`record_command` pushes the moment before each command onto the undo stack; `undo` returns to
exactly that moment. What may take long is an iterator that yields after every time slice; its last
item is the result.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from app.backprop.errors import check_index
from app.simulation.history import History
from app.simulation.iteration import IterationState, Moment
from app.simulation.replay import TimeSlices, replay
from app.simulation.simulation import MOST_ITERATIONS, Simulation, same_training
from app.simulation.undo import EMPTY_STACK, Place, UndoStack

# By steps of a granularity.

STEPS: dict[str, Callable[[Simulation, str], Simulation]] = {
    "step": Simulation.step,
    "back": Simulation.back,
}


def take(simulation: Simulation, move: str, by: str) -> Simulation:
    """Make a move of `STEPS` as a command, which can be undone.

    Whoever makes the same move from the same simulation gets the same result: a class that steps
    through one example shares all of its simulations, and what else is remembered of them.
    """
    return _after(Identity(simulation), move, by)


class Identity:
    """A simulation as a key by its identity: to compare its numbers would take longer than a step."""

    __slots__ = ("simulation",)

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation

    def __hash__(self) -> int:
        return id(self.simulation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.simulation is other.simulation


@lru_cache(maxsize=2048)  # 1 to 5 kB each
def _after(before: Identity, move: str, by: str) -> Simulation:
    simulation = before.simulation
    return record_command(STEPS[move](simulation, by), simulation)


# Along the branch.


def branch_end(simulation: Simulation) -> Moment:
    """Return the last moment of the branch."""
    return simulation.history.end or simulation.moment


def seek(simulation: Simulation, iteration: int, cursor: int) -> Iterator[Simulation]:
    """Go to a moment of the branch, after all edits of its iteration. Raises Invalid."""
    first, end = simulation.history.first.iteration, branch_end(simulation)
    check_index("iteration", iteration, first, end[0])
    edits, latest = _edits_and_last_cursor(simulation, iteration)
    check_index("cursor", cursor, 0, latest)
    return _yield_slices(simulation, simulation.go_to_in_slices(edits, (iteration, cursor)))


def seek_iteration(simulation: Simulation, iteration: int) -> Iterator[Simulation]:
    """Go to the same calculation of another iteration, or to its end if that comes first.

    From the end of an iteration, go to the end of the other one.
    """
    _, latest = _edits_and_last_cursor(simulation, iteration)
    cursor = latest if simulation.finished else min(simulation.cursor, latest)
    return seek(simulation, iteration, cursor)


def _edits_and_last_cursor(simulation: Simulation, iteration: int) -> tuple[int, int]:
    """How many edits the branch has up to an iteration, and the last cursor that it reached."""
    history, end = simulation.history, branch_end(simulation)
    edits = sum(edit.iteration <= iteration for edit in history.edits)
    if iteration == end[0]:
        return edits, end[1]
    return edits, history.settings_after(edits).steps_in(iteration)


# To a moment that was chosen before, wherever the branch ends by now.


def settings_in(simulation: Simulation, iteration: int) -> IterationState:
    """The settings of an iteration of the branch, or after its end; its shape is `shape_in`."""
    history = simulation.history
    edits = sum(edit.iteration <= iteration for edit in history.edits)
    return history.settings_after(edits)


def check_moment(simulation: Simulation, iteration: int, cursor: int) -> None:
    """Raise Invalid unless the branch has such a moment, or would have it later on."""
    first, end = simulation.history.first.iteration, branch_end(simulation)
    check_index("iteration", iteration, first, end[0] + MOST_ITERATIONS)
    check_index("cursor", cursor, 0, settings_in(simulation, iteration).steps_in(iteration))


def go_to_moment(simulation: Simulation, iteration: int, cursor: int) -> Iterator[Simulation]:
    """Go to a moment of the branch, or on to it from the end of the branch.

    The network may have changed since the moment was chosen. If it does not have the moment, go to
    the nearest one: the first, or the end of the iteration, or where E is not finite any more.
    """
    return _yield_slices(simulation, _to_moment(simulation, iteration, cursor))


def _to_moment(simulation: Simulation, iteration: int, cursor: int) -> TimeSlices[Simulation]:
    first, end = simulation.history.first.iteration, branch_end(simulation)
    if iteration < first:
        iteration, cursor = first, 0
    cursor = min(cursor, settings_in(simulation, iteration).steps_in(iteration))
    goal = min((iteration, cursor), end)
    edits, _ = _edits_and_last_cursor(simulation, goal[0])
    latest = yield from simulation.go_to_in_slices(edits, goal)
    if iteration == goal[0]:
        return latest.seek(cursor) if cursor > goal[1] else latest
    iterations = min(iteration - goal[0] - latest.finished, MOST_ITERATIONS)
    for trained in latest.train_in_slices(iterations):
        yield
        latest = trained
    if latest.iteration == iteration - 1 and latest.finished:
        return latest.step(by="unit", count=cursor)
    return latest


# To the other branch.


def other_branch_end(simulation: Simulation) -> Moment | None:
    """Return the last moment of the other branch; None if there is no other branch."""
    other = simulation.history.other_branch
    return other.branch.end if other else None


def switch_branch(simulation: Simulation) -> Iterator[Simulation]:
    """Go to the end of the other branch. The current one becomes the other branch."""
    other = simulation.history.other_branch
    if other is None:
        return iter(())
    return _yield_slices(simulation, _to_other_branch(simulation, _end_place(other.branch)))


def extract_other_branch(simulation: Simulation) -> Iterator[Simulation]:
    """Return the other branch alone, at its end, as a simulation of its own.

    It keeps the history of that branch, and the commands that can be undone on it.
    """
    other = simulation.history.other_branch
    if other is None:
        return
    place = _end_place(other.branch)
    stack = _undo_stack_of(simulation.undo_stack, other.branch.number, place)
    for latest in _yield_slices(simulation, _to_other_branch(simulation, place)):
        if latest is not simulation:
            # Branches are numbered from 0 where there is no other one.
            history = replace(latest.history, number=0, other_branch=None)
            latest = replace(latest, history=history, training=None)
            latest = replace(latest, undo_stack=stack, redo_stack=UndoStack())
        yield latest


def _undo_stack_of(stack: UndoStack, number: int, end: Place) -> UndoStack:
    """What of a stack leads back along a branch that was left, as seen from the end of the branch."""
    while stack.top is not None and stack.top[1] is None:
        stack = stack.pop()
    if stack.top is None or stack.top[1] != number:
        return UndoStack()
    places = [] if stack.top[0] == end else [stack.top[0]]
    stack = stack.pop()
    while stack.top is not None and stack.top[1] is None:
        places.append(stack.top[0])
        stack = stack.pop()
    alone = UndoStack()
    for place in reversed(places):
        alone = alone.push(place, None)
    return alone


# Undo and redo.


def record_command(simulation: Simulation, before: Simulation) -> Simulation:
    """Return the result of a command on `before`, with the way to undo it.

    A command that moves a simulation without training it cancels the training under way. The
    chunks of one training count as one command. Undo and redo have updated the stacks themselves.
    """
    history = simulation.history
    new_branch = history.number != before.history.number
    if not new_branch and _place(simulation) == _place(before):
        return simulation
    training = simulation.training if simulation.training is not before.training else None
    undo_stack, redo_stack = simulation.undo_stack, simulation.redo_stack
    if undo_stack is before.undo_stack and redo_stack is before.redo_stack:
        redo_stack = EMPTY_STACK
        if new_branch or not same_training(before.training, training):
            branch = before.history.number if new_branch else None
            undo_stack = undo_stack.push(_place(before), branch)
    elif training is simulation.training:
        return simulation
    # `replace` would take longer than a step of the deck's network.
    start, cursor, saved_runs = simulation.start, simulation.cursor, simulation.saved_runs
    stacks = undo_stack, redo_stack
    return Simulation(start, cursor, history, *stacks, training, saved_runs, simulation.name)


def can_undo(simulation: Simulation) -> bool:
    """Whether `undo` has anywhere to go."""
    return _reachable(simulation, simulation.undo_stack)


def can_redo(simulation: Simulation) -> bool:
    """Whether `redo` has anywhere to go."""
    return _reachable(simulation, simulation.redo_stack)


def undo(simulation: Simulation) -> Iterator[Simulation]:
    """Go to the moment before the last command, if there is one."""
    return _follow_stack(simulation, "undo_stack", "redo_stack")


def redo(simulation: Simulation) -> Iterator[Simulation]:
    """Go to the moment after the command that was undone last, if there is one."""
    return _follow_stack(simulation, "redo_stack", "undo_stack")


def _follow_stack(simulation: Simulation, name: str, opposite: str) -> Iterator[Simulation]:
    """Go to the top of a stack, if it can be reached, and push this moment onto the opposite one."""
    stack: UndoStack = getattr(simulation, name)
    if not _reachable(simulation, stack):
        return
    assert stack.top is not None
    (edits, goal), branch = stack.top
    history = simulation.history
    current = None if branch is None else history.number
    stacks = {
        name: stack.pop(),
        opposite: getattr(simulation, opposite).push(_place(simulation), current),
    }
    if branch is None:
        slices = simulation.go_to_in_slices(edits - history.forgotten, goal)
    else:
        slices = _to_other_branch(simulation, (edits, goal))
    for latest in _yield_slices(simulation, slices):
        yield replace(latest, **stacks)


def _to_other_branch(simulation: Simulation, place: Place) -> TimeSlices[Simulation]:
    """Go to a place of the other branch."""
    edits, goal = place
    history = simulation.history.switch_branch(simulation.moment)
    start, history = yield from replay(history, edits - history.forgotten, goal)
    return replace(simulation, start=start, cursor=goal[1], history=history)


def _place(simulation: Simulation) -> Place:
    history = simulation.history
    return history.forgotten + history.edit_count, simulation.moment


def _end_place(branch: History) -> Place:
    """The last place of a branch that was left."""
    assert branch.end is not None
    return branch.forgotten + len(branch.edits), branch.end


def _reachable(simulation: Simulation, stack: UndoStack) -> bool:
    """Whether the top of a stack is on one of the two branches that are kept."""
    history = simulation.history
    if not (stack.places and (stack.branches or history.forgotten)):  # all on this branch
        return bool(stack.places)
    assert stack.top is not None
    place, number = stack.top
    if number is not None:
        other = history.other_branch
        if other is None or other.branch.number != number or place > _end_place(other.branch):
            return False
        history = other.branch
    return place[0] >= history.forgotten


def _yield_slices(before: Simulation, slices: TimeSlices[Simulation]) -> Iterator[Simulation]:
    """Yield the unchanged simulation after every slice, and the result at the end."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            yield end.value
            return
        yield before
