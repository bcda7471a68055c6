"""How a simulation reached its current moment, at a bounded size.

A history has the initial state, the edits, some checkpoints of the state, and a thinned error curve.
Everything between two checkpoints is replayed when it is needed: an iteration of 3-4-2 takes
microseconds and gives the same bits. Numbers are packed, because a session is stored at every step
but its history is read only when going back.

Moments form branches. Going back moves along the branch and keeps what is now ahead, up to the end
of the branch. Any other command given there starts a new branch and keeps the previous one beside
it, as the other branch.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.backprop.compiler import flat
from app.backprop.network import Example, Network, Shape
from app.backprop.places import KeptLayers, parameter_places
from app.simulation.error_curve import ErrorCurve, pack_numbers, unpack_numbers
from app.simulation.iteration import IN_ORDER, IterationState, Moment

CHECKPOINT_EVERY = 16  # iterations; closer checkpoints would cost more than they save
CHECKPOINTS = 64
CHECKPOINT_NUMBERS = 3_456  # in all checkpoints of a branch: 27 kB
FEWEST_CHECKPOINTS = 12
FLOAT = 8  # bytes of a number in a checkpoint
EDIT_OVERHEAD = 5  # added to the size of every edit, so that small ones count as well
SHAPE_NUMBERS = 24  # added for an altered network
EDIT_NUMBERS = 1_024  # the total size of all edits; the oldest are forgotten first
NO_CURVE = ErrorCurve()


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed, and where it was made."""

    # `iteration`, `cursor`: the moment before the edit; going back returns to it.
    iteration: int
    cursor: int
    parameters: tuple[tuple[int, float], ...] = ()  # (index, new value) of each changed parameter
    # `examples`, `learning_rate`, `activations`, `update`: the new values; None if unchanged.
    examples: tuple[Example, ...] | None = None
    learning_rate: float | None = None
    activations: tuple[str | tuple[str, ...], ...] | None = None
    hyperparameters: tuple[tuple[str, float], ...] = ()  # (name, new value) of each changed one
    update: str | None = None
    shuffle: int | None = None  # the new seed; IN_ORDER for none, None if unchanged
    # `shape`, `kept_layers`: of an altered network (see `places`), whose new parameters are among
    # `parameters`; None if only its activations or its updates change.
    shape: Shape | None = None
    kept_layers: KeptLayers = ()

    def apply(self, start: IterationState) -> IterationState:
        """Return the start of the same iteration with the edit applied."""
        if self.shape is not None:
            places = parameter_places(start.network.shape, self.shape, self.kept_layers)
            start = start.altered(self.shape, places)
        parameters = list(start.network.parameters)
        for index, value in self.parameters:
            parameters[index] = value
        shape = replace(start.network.shape, **self._given("activations", "update"))
        changes = self._given("examples", "learning_rate")
        if self.shuffle is not None:
            changes["shuffle"] = None if self.shuffle == IN_ORDER else self.shuffle
        if self.reorders and (shape.accumulates or start.accumulated):
            # A new pass begins, so that no example is used twice or skipped.
            changes["accumulated"] = (0.0,) * shape.accumulated_count
            changes["pass_start"] = self.iteration if shape.accumulates else 0
        if self.hyperparameters:
            start = start.with_hyperparameters(dict(self.hyperparameters))
        return replace(start, network=Network(shape, tuple(parameters)), **changes)

    def _given(self, *names: str) -> dict[str, Any]:
        """Those of some fields that the edit changes."""
        return {name: new for name in names if (new := getattr(self, name)) is not None}

    @property
    def reorders(self) -> bool:
        """Whether the edit changes the examples, their order or when they update the parameters.

        With batch updates, altering the network begins a new pass as well.
        """
        if self.shape is not None and self.shape.accumulates:
            return True
        return bool(self._given("examples", "shuffle", "update"))

    @property
    def size(self) -> int:
        """How many numbers it takes to store."""
        examples = sum(len(flat(example)) for example in self.examples or ())
        altered = SHAPE_NUMBERS if self.shape else 0
        return len(self.parameters) + examples + altered + EDIT_OVERHEAD


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state at the start of an iteration."""

    edits: int  # how many of the edits came before it
    iteration: int
    parameters: bytes  # the packed parameters, followed by any velocities and sums
    previous_error: float | None


@dataclass(frozen=True, slots=True)
class OtherBranch:
    """The previous branch."""

    branch: "History"  # its history, as at its end
    newest: int  # the highest number of any branch so far


@dataclass(frozen=True, slots=True)
class History:
    """Everything needed to return to any moment of a branch, exactly."""

    origin: IterationState  # the first state of the session; a reset returns to it
    # The earliest state that going back can reach; None if that is the origin. It moves when the
    # oldest edits are forgotten.
    beginning: IterationState | None = None
    # `edits`, `checkpoints`, `curve`: of the whole branch, including what is ahead.
    edits: tuple[Edit, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    curve: ErrorCurve = NO_CURVE
    ahead: int = 0  # how many of the edits are ahead of the current moment
    end: Moment | None = None  # the last moment of the branch; None if that is the current moment
    # A finer curve up to the current moment, if the branch's is too coarse there.
    near: ErrorCurve | None = None
    number: int = 0  # identifies the branch
    forgotten: int = 0  # how many of the oldest edits were forgotten
    other_branch: OtherBranch | None = None  # the previous branch, if any
    # The origin with the forgotten edits, if one of them altered the network; starting over begins
    # with its weights.
    altered_origin: IterationState | None = None

    @classmethod
    def starting_at(cls, start: IterationState) -> "History":
        """Return an empty history that begins with `start`."""
        return cls(start, curve=ErrorCurve(first=start.iteration))

    @property
    def first(self) -> IterationState:
        return self.beginning or self.origin

    @property
    def edit_count(self) -> int:
        """How many of the edits come before the current moment."""
        return len(self.edits) - self.ahead

    @property
    def edited_at(self) -> int:
        """The iteration that the last edit (or the session) began with, at cursor 0."""
        count = self.edit_count
        return self.edits[count - 1].iteration if count else self.first.iteration

    @property
    def curve_here(self) -> ErrorCurve:
        """The finest curve up to the current moment."""
        return self.near or self.curve

    # Going on.

    def record(self, start: IterationState, errors: Sequence[float]) -> "History":
        """Record iterations that ended at `start`, with their errors."""
        checkpoints = self.checkpoints
        last = checkpoints[-1].iteration if checkpoints else self.first.iteration
        if start.iteration - last >= CHECKPOINT_EVERY:
            checkpoints = (*checkpoints, self.checkpoint(start))
            checkpoints = self.evict(checkpoints, start.iteration)
        first, examples = start.iteration - len(errors), len(start.examples)
        keep_later = self.end is not None
        curve = self.curve.extended(first, errors, examples=examples, keep_later=keep_later)
        near = self.near
        if near is not None:
            near = near.extended(first, errors, examples=examples)
            near = near if near.stride < curve.stride else None
        return replace(self, checkpoints=checkpoints, curve=curve, near=near)

    def continue_to(self, here: Moment, goal: Moment) -> "History":
        """Return the branch for going on from `here` to a later moment.

        A goal beyond the next edit starts a new branch; one beyond the end extends this one.
        """
        if self.end is None:
            return self
        if self.ahead:
            edit = self.edits[self.edit_count]
            return self if goal <= (edit.iteration, edit.cursor) else self.branch_at(here)
        return self if goal < self.end else self.at_end()

    def add_edit(self, edit: Edit) -> "History":
        """Add an edit, on a new branch unless this is the end of the current one."""
        here = edit.iteration, edit.cursor
        history = self if self.end is None else self.branch_at(here)
        return replace(history, edits=(*history.edits, edit))

    def with_end(self, here: Moment) -> "History":
        """Note the end of the branch before moving away from it."""
        return replace(self, end=here) if self.end is None else self

    def at_end(self) -> "History":
        """Return the history as at the end of the branch."""
        return replace(self, curve=self.curve_here, end=None, near=None)

    # From one branch to another.

    def branch_at(self, here: Moment) -> "History":
        """Start a new branch here. What is ahead belongs to the previous one."""
        iteration, count = here[0], self.edit_count
        return replace(
            self,
            edits=self.edits[:count],
            checkpoints=tuple(
                p for p in self.checkpoints if (p.edits, p.iteration) <= (count, iteration)
            ),
            curve=self.curve_here.extended(iteration, ()),
            ahead=0,
            end=None,
            near=None,
            **self._beside_new_branch(here),
        )

    def restart(self, here: Moment) -> "History":
        """Start a new branch at the origin, for a branch that no longer reaches back to it."""
        return replace(History.starting_at(self.origin), **self._beside_new_branch(here))

    def switch_branch(self, here: Moment) -> "History":
        """Return the other branch, with this one as its other branch."""
        assert self.other_branch is not None
        branch, newest = self.other_branch.branch, self.other_branch.newest
        return replace(branch, other_branch=OtherBranch(self._detach(here), newest))

    def _beside_new_branch(self, here: Moment) -> dict[str, Any]:
        """The number of a new branch, and this one as its other branch."""
        number = self.other_branch.newest + 1 if self.other_branch else 1
        return {"number": number, "other_branch": OtherBranch(self._detach(here), number)}

    def _detach(self, here: Moment) -> "History":
        """The branch as it is stored beside another one."""
        return replace(self.with_end(here), ahead=0, near=None, other_branch=None)

    # Checkpoints.

    def latest_checkpoint(self) -> tuple[IterationState, int]:
        """The state of the latest checkpoint, and how many of the edits it includes."""
        if not self.checkpoints:
            return self.first, 0
        last = self.checkpoints[-1]
        start = self.settings_after(last.edits)
        state = unpack_numbers(last.parameters)
        return start.at(state, last.iteration, last.previous_error), last.edits

    def settings_after(self, edits: int) -> IterationState:
        """The first state with the first `edits` edits applied, without any training in between.

        Its settings are right; its parameters are not those of any moment.
        """
        start = self.first
        for edit in self.edits[:edits]:
            start = edit.apply(start)
        return start

    def checkpoint(self, start: IterationState) -> Checkpoint:
        state = pack_numbers(start.state)
        return Checkpoint(self.edit_count, start.iteration, state, start.previous_error)

    def evict(self, checkpoints: tuple[Checkpoint, ...], now: int) -> tuple[Checkpoint, ...]:
        """Drop the checkpoints that are too many, seen from iteration `now`."""
        if len(checkpoints) <= FEWEST_CHECKPOINTS:
            return checkpoints
        most = capacity(max(len(checkpoint.parameters) for checkpoint in checkpoints) // FLOAT)
        while len(checkpoints) > most:
            iterations = [checkpoint.iteration for checkpoint in checkpoints]
            index = checkpoint_to_evict(self.first.iteration, iterations, now)
            checkpoints = checkpoints[:index] + checkpoints[index + 1 :]
        return checkpoints


# Which checkpoints of a branch to keep, so that going back stays cheap.


def capacity(numbers: int) -> int:
    """The number of checkpoints to keep: fewer if they have many numbers, so that sessions stay
    small."""
    fitting = CHECKPOINT_NUMBERS // max(1, numbers)
    return max(FEWEST_CHECKPOINTS, min(CHECKPOINTS, fitting))


def checkpoint_to_evict(first: int, iterations: Sequence[int], now: int) -> int:
    """Return the index of the checkpoint that is missed least, seen from iteration `now`.

    Without a checkpoint, the gap around it must be replayed. The cost of a gap is divided by its
    distance from `now`, up to an eighth of the branch, so that gaps grow with the distance but
    stay bounded. Nobody steps back through the iterations ahead of `now`: their gaps all count as
    the farthest do. The branch begins at `first`.
    """
    count = bisect_right(iterations, now)
    far = max(now, iterations[-1]) >> 3
    behind, ahead = [first, *iterations[:count], now], [now, *iterations[count:]]
    costs = [
        (after - before) / (1 + min(now - after, far))
        for before, after in zip(behind, behind[2:], strict=False)
    ]
    costs += [(after - before) / (1 + far) for before, after in zip(ahead, ahead[2:], strict=False)]
    return costs.index(min(costs))


def halving_distances(low: int, high: int) -> Iterator[int]:
    """Iterations between the two, at halving distances from `high`: …, high − 2, high − 1."""
    distance = 1 << max(0, (high - low).bit_length() - 1)
    while distance:
        if low < high - distance:
            yield high - distance
        distance >>= 1
