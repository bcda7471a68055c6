"""A simulation: everything that a visitor can change, as one immutable value.

Every change returns a new simulation, or the same object if nothing changes. Going back is exact,
bit for bit: earlier values are not restored but computed again, by the same code.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Unpack

from app.backprop.compiler import (
    GRANULARITIES,
    NEVER_BELOW,
    CompiledIteration,
    compile_iteration,
    flat,
)
from app.backprop.errors import check_choice, check_index, checked_name
from app.backprop.network import Example, Network, Shape
from app.backprop.steps import PHASES, Step
from app.simulation.edits import Changes, edit_of
from app.simulation.error_curve import SavedRun
from app.simulation.history import Edit, History
from app.simulation.iteration import (
    IN_ORDER,
    NO_HYPERPARAMETERS,
    IterationState,
    Moment,
    stops,
)
from app.simulation.replay import (
    SLICES_PER_RECORD,
    TimeSlices,
    replay,
    run_to_end,
    slice_iterations,
    within_bounds,
)
from app.simulation.undo import EMPTY_STACK, UndoStack

REACHED, DONE, STOPPED, DIVERGED = "reached", "done", "stopped", "diverged"
OUTCOMES = (REACHED, DONE, STOPPED, DIVERGED)
MOST_ITERATIONS = 100_000


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A training for a number of iterations, or until E is below a bound."""

    # `begun`, `until`: how many iterations were finished when it began, and will be at its end.
    begun: int
    until: int
    # The bound, or None. It is compared with the mean E of each pass, during which the weights
    # change; passes are counted from where the training began.
    below: float | None = None
    outcome: str = ""  # how it ended, one of `OUTCOMES`; empty while it is under way

    @property
    def iterations(self) -> int:
        """The largest number of iterations."""
        return self.until - self.begun


def same_training(before: TrainingRun | None, after: TrainingRun | None) -> bool:
    """Whether the second is the first one, continued."""
    if before is None or after is None or before.outcome:
        return False
    return (before.begun, before.until, before.below) == (after.begun, after.until, after.below)


@dataclass(frozen=True, slots=True)
class Simulation:
    """A network in training, at one moment."""

    start: IterationState  # the state at the start of the current iteration
    # How many steps of the iteration have been taken. After the last one it stays at
    # `len(steps)`; the next step begins the next iteration.
    cursor: int
    # How it got here. It is not compared: two simulations at the same moment are equal.
    history: History = field(compare=False, repr=False)
    # `undo_stack`, `redo_stack`: the moments that undo and redo lead to.
    undo_stack: UndoStack = field(default=EMPTY_STACK, compare=False, repr=False)
    redo_stack: UndoStack = field(default=EMPTY_STACK, compare=False, repr=False)
    # The training under way or the last one; None after any other command.
    training: TrainingRun | None = field(default=None, compare=False, repr=False)
    # Earlier runs, saved to compare with.
    saved_runs: tuple[SavedRun, ...] = field(default=(), compare=False, repr=False)
    # What its owner calls it; empty for a network without a name. No command but `rename` changes it.
    name: str = field(default="", compare=False, repr=False)

    @classmethod
    def of(
        cls,
        network: Network,
        examples: Sequence[Example],
        learning_rate: float,
        hyperparameters: Mapping[str, float] = NO_HYPERPARAMETERS,
        shuffle: int | None = None,
    ) -> "Simulation":
        """Return a simulation at the start of iteration 0.

        Raises Invalid if an example or a hyperparameter does not fit the network.
        """
        rate = float(learning_rate)
        start = IterationState.first(network, tuple(examples), rate, hyperparameters, shuffle)
        return cls(start, 0, History.starting_at(start))

    @property
    def network(self) -> Network:
        """The network at the start of the iteration; see also `current_network`."""
        return self.start.network

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.start.examples

    @property
    def learning_rate(self) -> float:
        return self.start.learning_rate

    @property
    def iteration(self) -> int:
        return self.start.iteration

    @property
    def moment(self) -> Moment:
        """The iteration and the cursor."""
        return self.start.iteration, self.cursor

    @property
    def example(self) -> int:
        """The index of the example that this iteration uses."""
        return self.start.example

    @property
    def shape(self) -> Shape:
        """The shape of this iteration, which, unlike the network's, may only accumulate gradients."""
        return self.start.shape

    @property
    def compiled(self) -> CompiledIteration:
        return compile_iteration(self.start.shape)

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.compiled.steps

    @property
    def finished(self) -> bool:
        """Whether the last step of the iteration has been taken."""
        return self.cursor == len(self.steps)

    @property
    def phase(self) -> str:
        """The phase of the next step."""
        return PHASES[bisect_right(self.compiled.ends["phase"], self.cursor) % len(PHASES)]

    @property
    def last_step(self) -> Step | None:
        """The step taken last in this iteration; None before the first."""
        return self.steps[self.cursor - 1] if self.cursor else None

    @property
    def at_start(self) -> bool:
        """Whether `start_over` changes nothing."""
        if self.moment != (self.history.origin.iteration, 0):
            return False
        given, first = self._edits_given()
        return first == len(given)

    @property
    def at_beginning(self) -> bool:
        """Whether there is nothing to go back to."""
        history = self.history
        return not (self.cursor or history.edit_count or self.iteration > history.first.iteration)

    # Moves.

    def step(self, by: str = "layer", count: int = 1) -> "Simulation":
        """Take `count` steps of a granularity, into later iterations if necessary."""
        ends = self._ends(by)
        taken = bisect_right(ends, self.cursor)
        if count <= 0:
            return self
        if taken + count <= len(ends):
            return self._advance(0, ends[taken + count - 1])
        start, here = self.start, self.iteration
        iteration, cursor = start.end_at(by, start.ends_before(by, here) + taken + count - 1)
        return self._advance(iteration - here, cursor)

    def back(self, by: str = "layer", count: int = 1) -> "Simulation":
        """Go back by `count` steps, at most to the beginning. An edit counts as one step."""
        ends, start, history = self._ends(by), self.start, self.history
        if count <= 0 or self.at_beginning:
            return self
        edits, first = history.edit_count, history.edited_at
        ends_before = start.ends_before(by, first)
        since_edit = start.ends_before(by, self.iteration) - ends_before
        since_edit += bisect_left(ends, self.cursor) + 1 if self.cursor else 0
        if count > since_edit and edits:
            edit = history.edits[edits - 1]
            edited = self.go_to(edits - 1, (edit.iteration, edit.cursor))
            return edited.back(by, count - since_edit - 1)
        remaining = since_edit - count
        goal = start.end_at(by, ends_before + remaining - 1) if remaining > 0 else (first, 0)
        return self.go_to(edits, goal)

    def forward(self) -> "Simulation":
        """Go to the end of the forward pass; at the end of the iteration, of the next one."""
        return self._to_end_of("forward")

    def backward(self) -> "Simulation":
        """Go to the end of the backward pass."""
        return self._to_end_of("backward")

    def update(self) -> "Simulation":
        """Go to the end of the iteration."""
        return self._to_end_of("update")

    def seek(self, cursor: int) -> "Simulation":
        """Go to another moment of this iteration; raises Invalid if there is no such moment."""
        check_index("cursor", cursor, 0, len(self.steps))
        if cursor >= self.cursor:
            return self._advance(0, cursor)
        goal = self.iteration, cursor
        if cursor == 0 and self.iteration > self.history.edited_at:
            goal = self.iteration - 1, self.start.steps_in(self.iteration - 1)
        return self.go_to(self.history.edit_count, goal)

    def train(self, iterations: int) -> "Simulation":
        """Train for whole iterations. Finishing an unfinished iteration counts as one.

        It ends earlier with an iteration whose E is not finite.
        """
        simulation, _ = run_to_end(self.train_in_slices(iterations))
        return simulation

    def train_in_slices(
        self, iterations: int, below: float = NEVER_BELOW
    ) -> Generator["Simulation", None, tuple["Simulation", str]]:
        """The same, yielding after every time slice; the last item is the result.

        It also ends with a pass whose mean E is below a bound; the first pass begins here.

        Returns:
            The result, and `reached` or `diverged` if that is how it ended, else an empty text.
        """
        if iterations <= 0:
            return self, ""
        simulation = self._advance(1, 0) if self.finished else self
        start, last = simulation.start, simulation.iteration + iterations - 1
        examples, slice_ = len(self.examples), slice_iterations(start)
        this_pass, unrecorded = list[float](), list[float]()  # E
        while start.iteration < last:
            count = min(last - start.iteration, slice_)
            later, errors = start.run(count, below, this_pass)
            this_pass += errors
            if stops(this_pass, examples, below):  # go to the start of the iteration that ended it
                later, errors = start.run(len(errors) - 1)
                del this_pass[-1]
                last = later.iteration
            else:
                del this_pass[: len(this_pass) - len(this_pass) % examples]
            start, unrecorded = later, unrecorded + errors
            full = len(unrecorded) >= SLICES_PER_RECORD * slice_
            if unrecorded and (full or start.iteration == last):
                simulation = simulation._trained(start, unrecorded)
                unrecorded = []
            yield simulation
        simulation = simulation._advance(0, len(simulation.steps))
        yield simulation
        error = simulation.previous_error
        assert error is not None
        if not stops([*this_pass, error], examples, below):
            return simulation, ""
        return simulation, REACHED if isfinite(error) else DIVERGED

    def reset(self) -> "Simulation":
        """Go to the first state of the session. Like going back, it keeps what is then ahead."""
        history = self.history
        if self.at_beginning and self.start == history.origin:
            return self
        if history.beginning is None:
            return self.go_to(0, (history.origin.iteration, 0))
        return replace(self, start=history.origin, cursor=0, history=history.restart(self.moment))

    def start_over(self) -> "Simulation":
        """Go to the first iteration with everything that was given since: the parameters that were
        edited, the examples and all settings.

        Where all edits were made at the beginning, this is going back to it; else they are made
        there, as one edit on a new branch.
        """
        if self.at_start:
            return self
        origin, now = self.history.origin, self.start
        given, first = self._edits_given()
        simulation = self.go_to(first, (origin.iteration, 0)) if first else self.reset()
        start = self.history.altered_origin or origin
        for edit in given:
            start = edit.apply(start)
        shape, network = now.network.shape, start.network
        return simulation.edit(
            layers=shape.layers,
            error=shape.error,
            bias=shape.bias,
            optimiser=shape.optimiser,
            weight_decay=shape.weight_decay,
            conventions=shape.named,
            weights=network.weights,
            biases=network.biases,
            examples=now.examples,
            learning_rate=now.learning_rate,
            activations=shape.activations,
            hyperparameters=now.hyperparameter_values,
            update=shape.update,
            shuffle=IN_ORDER if now.shuffle is None else now.shuffle,
        )

    def _edits_given(self) -> tuple[tuple[Edit, ...], int]:
        """The edits so far, and how many of them were made in the first iteration."""
        history = self.history
        given = history.edits[: history.edit_count]
        if history.beginning is not None:
            return given, 0  # the first ones were forgotten
        return given, sum(edit.iteration == history.origin.iteration for edit in given)

    def go_to(self, edits: int, goal: Moment) -> "Simulation":
        """Go to another moment of the branch, after the first `edits` of its edits."""
        return run_to_end(self.go_to_in_slices(edits, goal))

    def go_to_in_slices(self, edits: int, goal: Moment) -> TimeSlices["Simulation"]:
        """The same, yielding after every time slice."""
        history, start = self.history.with_end(self.moment), self.start
        if (edits, goal[0]) != (history.edit_count, self.iteration):
            start, history = yield from replay(history, edits, goal)
        elif not history.ahead and goal == history.end:
            history = history.at_end()
        return replace(self, start=start, cursor=goal[1], history=history)

    # Edits.

    def edit(self, **changes: Unpack[Changes]) -> "Simulation":
        """Restart the current iteration with these changes; back undoes the edit as a whole.

        Nothing happens without changes at cursor 0. Raises Invalid if a change does not fit.
        """
        return self._apply_edit(edit_of(self.start, self.cursor, changes))

    def edit_parameter(self, address: str, value: float) -> "Simulation":
        """The same for one weight or bias. Raises KeyError if the network has no such parameter."""
        change = self.compiled.parameters[address], value + 0.0
        return self._apply_edit(Edit(self.iteration, self.cursor, (change,)))

    def rename(self, name: str) -> "Simulation":
        """Give the network another name; an empty one takes it away. Raises Invalid."""
        name = checked_name(name)
        return self if name == self.name else replace(self, name=name)

    # Values.

    def trace(self) -> tuple[float, ...]:
        """Return the result of every step of this iteration, including those not taken yet."""
        start, example = self.start, flat(self.examples[self.example])
        return self.compiled.run(start.state, example, start.settings)

    def reading(self) -> dict[str, float]:
        """Return the inputs of the iteration by address."""
        return dict(zip(self.compiled.inputs, self.start.inputs, strict=True))

    def operand(self, address: str) -> float | None:
        """Return a quantity as an operand: parameters have their old values. Raises KeyError."""
        inputs = self.reading()
        return inputs[address] if address in inputs else self.value(address)

    def value(self, address: str) -> float | None:
        """Return a quantity; None if it is not computed yet. Raises KeyError if unknown."""
        index = self.compiled.position.get(address)
        if index is not None and index < self.cursor:
            return self.trace()[index]
        inputs = self.reading()
        return inputs[address] if index is None else inputs.get(address)

    @property
    def current_network(self) -> Network:
        """The network with the updates of this iteration taken so far."""
        if self.cursor <= self.compiled.ends["phase"][1] or not self.shape.is_update_iteration:
            return self.network
        trace, position = self.trace(), self.compiled.position
        pairs = zip(self.compiled.parameters, self.network.parameters, strict=True)
        parameters = (
            trace[index] if (index := position[address]) < self.cursor else old
            for address, old in pairs
        )
        return Network(self.network.shape, tuple(parameters))

    @property
    def previous_error(self) -> float | None:
        """E of the last finished iteration; None if there is none."""
        return self.value("error") if self.finished else self.start.previous_error

    def errors(self, points: int = 500) -> tuple[tuple[int, float], ...]:
        """Return (iteration, E) of at most `points` finished iterations; the ends are included."""
        last = self.iteration if self.finished else self.iteration - 1
        error = self.previous_error
        return () if error is None else self.history.curve_here.thinned(last, error, points)

    def _ends(self, by: str) -> tuple[int, ...]:
        check_choice("by", by, GRANULARITIES)
        return self.compiled.ends[by]

    def _to_end_of(self, phase: str) -> "Simulation":
        iterations = int(self.finished)
        compiled = compile_iteration(self.start.shape_in(self.iteration + iterations))
        cursor = compiled.ends["phase"][PHASES.index(phase)]
        return self._advance(iterations, cursor if iterations else max(cursor, self.cursor))

    def _advance(self, iterations: int, cursor: int) -> "Simulation":
        """Go to a later moment, without the edits that this branch may have on the way."""
        if not iterations and cursor == self.cursor:
            return self
        if iterations:
            return self._trained(*self.start.run(iterations), cursor)
        history = self.history.continue_to(self.moment, (self.iteration, cursor))
        return self._at(self.start, cursor, history)

    def _trained(
        self, start: IterationState, errors: Sequence[float], cursor: int = 0
    ) -> "Simulation":
        """Go to a later iteration, whose start and the errors on the way are known."""
        history = self.history.continue_to(self.moment, (start.iteration, cursor))
        return self._at(start, cursor, history.record(start, errors))

    def _at(self, start: IterationState, cursor: int, history: History) -> "Simulation":
        # `replace` would take longer than a step of the deck's network.
        return Simulation(
            *(start, cursor, history, self.undo_stack, self.redo_stack),
            *(self.training, self.saved_runs, self.name),
        )

    def _apply_edit(self, edit: Edit) -> "Simulation":
        start = edit.apply(self.start)
        # As texts, nan equals nan, and −0 is not 0.
        if not self.cursor and repr(start) == repr(self.start):
            return self
        history = within_bounds(self.history.add_edit(edit))
        return replace(self, start=start, cursor=0, history=history)
