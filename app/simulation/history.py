"""How a simulation came to where it stands, at a bounded size.

Kept are the start, the edits, a bounded number of checkpoints of the parameters, and a thinned
error curve. What lies between two checkpoints is run again when it is asked for: an iteration of
3-4-2 takes microseconds, and gives the same bits. Numbers are kept packed, since a session is
stored at every step but its history is read only when going back.

All that was made without turning back to do something else is a line. Going back moves along it and
keeps what then lies ahead, with the furthest moment. What leaves it begins a line of its own, and
the one that was left is kept beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.backprop.compiler import flat
from app.backprop.network import Example, Network, Shape
from app.simulation.checkpoints import capacity, checkpoint_to_evict
from app.simulation.error_curve import ErrorCurve, pack_numbers, unpack_numbers
from app.simulation.iteration import IN_ORDER, IterationState, Moment

CHECKPOINT_EVERY = 16  # iterations: closer together they would cost more than they save
EDIT_OVERHEAD = 5  # numbers: what an edit takes besides its own, so that small ones count as well
EDIT_NUMBERS = 1_024  # all edits together; the oldest are forgotten first
NO_CURVE = ErrorCurve()


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed, and where it was made.

    Attributes:
        iteration, cursor: the moment before it, to which going back returns.
        parameters: (index, new value) of each parameter that changed.
        examples, learning_rate, activations, momentum, update: the new ones, None where unchanged.
        shuffle: the new seed, IN_ORDER for none, None where unchanged.
    """

    iteration: int
    cursor: int
    parameters: tuple[tuple[int, float], ...] = ()
    examples: tuple[Example, ...] | None = None
    learning_rate: float | None = None
    activations: tuple[str, ...] | None = None
    momentum: float | None = None
    update: str | None = None
    shuffle: int | None = None

    def apply(self, start: IterationState) -> IterationState:
        """The start of the same iteration with the change made."""
        parameters = list(start.network.parameters)
        for index, value in self.parameters:
            parameters[index] = value
        shape = start.network.shape
        if self.activations:
            shape = replace(shape, activations=self.activations)
        if self.update:
            shape = replace(shape, update=self.update)
        return replace(
            start,
            network=Network(shape, tuple(parameters)),
            examples=start.examples if self.examples is None else self.examples,
            learning_rate=(
                start.learning_rate if self.learning_rate is None else self.learning_rate
            ),
            momentum=start.momentum if self.momentum is None else self.momentum,
            **self._pass(start, shape),
        )

    @property
    def reorders(self) -> bool:
        """Whether other examples are taken, or these otherwise."""
        return self.examples is not None or self.shuffle is not None or self.update is not None

    def _pass(self, start: IterationState, shape: Shape) -> dict[str, Any]:
        """What becomes of the pass that the iteration is in: begun anew with other examples,
        another order or another update, so that none is taken twice or left out."""
        changes: dict[str, Any] = {}
        if self.shuffle is not None:
            changes["shuffle"] = None if self.shuffle == IN_ORDER else self.shuffle
        if self.reorders and (shape.accumulates or start.accumulated):
            changes["accumulated"] = (0.0,) * shape.accumulated_count
            changes["pass_start"] = self.iteration if shape.accumulates else 0
        return changes

    @property
    def size(self) -> int:
        """How many numbers it takes to keep."""
        rows = self.examples or ()
        return len(self.parameters) + sum(len(flat(example)) for example in rows) + EDIT_OVERHEAD


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state at the start of an iteration, after `edits` of the edits were made.

    `parameters` are the parameters, and velocities and sums if there are any."""

    edits: int
    iteration: int
    parameters: bytes
    previous_error: float | None


@dataclass(frozen=True, slots=True)
class OtherBranch:
    """The line that was left last.

    Attributes:
        branch: all of it, from its furthest moment.
        shared: how many edits it has in common with the line now followed, counted as
            `History.done` is; −1 where they have not even their beginning in common.
        newest: the highest number of a line so far.
    """

    branch: "History"
    shared: int
    newest: int


@dataclass(frozen=True, slots=True)
class History:
    """What is needed to return to any other moment of a line, exactly.

    Attributes:
        origin: how the session began; a reset returns there.
        beginning: the earliest moment that going back can reach, where that is no longer the
            origin because the oldest edits were forgotten.
        edits, checkpoints, curve: of the whole line, what lies ahead included.
        ahead: how many of the edits lie ahead.
        end: the line's last moment; None where one stands there.
        near: a finer curve of the way to here, where the line's is coarser than so few iterations
            need.
        number: tells the line from others.
        forgotten: how many edits were, at the beginning.
        other_branch: the line that was left last.
    """

    origin: IterationState
    beginning: IterationState | None = None
    edits: tuple[Edit, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    curve: ErrorCurve = NO_CURVE
    ahead: int = 0
    end: Moment | None = None
    near: ErrorCurve | None = None
    number: int = 0
    forgotten: int = 0
    other_branch: OtherBranch | None = None

    @classmethod
    def starting_at(cls, start: IterationState) -> "History":
        """The history of what begins with `start`."""
        return cls(start, curve=ErrorCurve(first=start.iteration))

    @property
    def first(self) -> IterationState:
        return self.beginning or self.origin

    @property
    def edit_count(self) -> int:
        """How many of the edits lie behind."""
        return len(self.edits) - self.ahead

    @property
    def total_edit_count(self) -> int:
        """How many edits were made before this moment, the forgotten ones included."""
        return self.forgotten + self.edit_count

    @property
    def edited_at(self) -> int:
        """The iteration that began, at cursor 0, with the last edit (or with the session)."""
        made = self.edit_count
        return self.edits[made - 1].iteration if made else self.first.iteration

    @property
    def curve_here(self) -> ErrorCurve:
        """The finest curve that there is of the way to here."""
        return self.near or self.curve

    # Going on.

    def advanced(self, start: IterationState, errors: Sequence[float]) -> "History":
        """With a run of iterations that ended at `start`, and their errors."""
        checkpoints = self.checkpoints
        last = checkpoints[-1].iteration if checkpoints else self.first.iteration
        if start.iteration - last >= CHECKPOINT_EVERY:
            fresh = (*checkpoints, self.checkpoint(start))
            checkpoints = self.thinned(fresh, start.iteration)
        begun, examples = start.iteration - len(errors), len(start.examples)
        keep = self.end is not None
        curve = self.curve.extended(begun, errors, examples=examples, keep_later=keep)
        near = self.near
        if near is not None:
            near = near.extended(begun, errors, examples=examples)
            near = near if near.stride < curve.stride else None
        return replace(self, checkpoints=checkpoints, curve=curve, near=near)

    def towards(self, here: Moment, goal: Moment) -> "History":
        """The line on which one goes on from `here` to a later moment: another one where the
        goal lies beyond the next edit, and this one, longer, where it lies beyond its end."""
        if self.end is None:
            return self
        if self.ahead:
            edit = self.edits[self.edit_count]
            return self if goal <= (edit.iteration, edit.cursor) else self.branched(here)
        return self if goal < self.end else self.at_end()

    def edited(self, edit: Edit) -> "History":
        """With one more edit: on another line where something lies ahead."""
        here = edit.iteration, edit.cursor
        history = self if self.end is None else self.branched(here)
        return replace(history, edits=(*history.edits, edit))

    def with_end(self, here: Moment) -> "History":
        """The same, its last moment known: so that one can go away from it and return."""
        return replace(self, end=here) if self.end is None else self

    def at_end(self) -> "History":
        """The same, standing at the line's last moment."""
        return replace(self, curve=self.curve_here, end=None, near=None)

    # From one line to another.

    def branched(self, here: Moment) -> "History":
        """A new line from here: what lies ahead belongs to the one that is left."""
        iteration, made = here[0], self.edit_count
        newest = (self.other_branch.newest if self.other_branch else 0) + 1
        return replace(
            self,
            edits=self.edits[:made],
            checkpoints=tuple(
                p for p in self.checkpoints if (p.edits, p.iteration) <= (made, iteration)
            ),
            curve=self.curve_here.until(iteration),
            ahead=0,
            end=None,
            near=None,
            number=newest,
            other_branch=OtherBranch(self.with_end(here)._alone(), self.total_edit_count, newest),
        )

    def restarted(self, here: Moment) -> "History":
        """A new line from the origin, where this one no longer reaches it."""
        newest = (self.other_branch.newest if self.other_branch else 0) + 1
        other = OtherBranch(self.with_end(here)._alone(), -1, newest)
        return replace(History.starting_at(self.origin), number=newest, other_branch=other)

    def switched_to(self, here: Moment, line: "History", shared: int) -> "History":
        """That line, and this one kept beside it."""
        newest = self.other_branch.newest if self.other_branch else 0
        other = OtherBranch(self.with_end(here)._alone(), shared, newest)
        return replace(line, other_branch=other)

    def _alone(self) -> "History":
        return replace(self, ahead=0, near=None, other_branch=None)

    # Checkpoints.

    def last_kept(self) -> tuple[IterationState, int]:
        """The latest start that is kept, and how many of the edits it includes."""
        if not self.checkpoints:
            return self.first, 0
        last = self.checkpoints[-1]
        start = self.chosen(last.edits)
        state = unpack_numbers(last.parameters)
        return start.at(state, last.iteration, last.previous_error), last.edits

    def chosen(self, edits: int) -> IterationState:
        """The first start with so many of the edits made, and nothing trained between them: its
        settings are those after them, its numbers are none that ever were."""
        start = self.first
        for edit in self.edits[:edits]:
            start = edit.apply(start)
        return start

    def checkpoint(self, start: IterationState) -> Checkpoint:
        packed = pack_numbers(start.state)
        return Checkpoint(self.edit_count, start.iteration, packed, start.previous_error)

    def thinned(self, checkpoints: tuple[Checkpoint, ...], now: int) -> tuple[Checkpoint, ...]:
        """Those that are missed most, seen from the iteration `now`, where there are too many."""
        most = capacity(self.origin.network.shape)
        while len(checkpoints) > most:
            iterations = [point.iteration for point in checkpoints]
            least = checkpoint_to_evict(self.first.iteration, iterations, now)
            checkpoints = checkpoints[:least] + checkpoints[least + 1 :]
        return checkpoints
