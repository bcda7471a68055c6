"""A simulation: all that a visitor can change, as one immutable value.

Every change returns a new simulation; one that changes nothing returns the very same object. Going
back is exact, bit for bit: the moment before is not undone but computed again, by the same code.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

from app.backprop.compiler import GRANULARITIES, CompiledIteration, compile_iteration, flat
from app.backprop.errors import N_, Invalid, check_choice
from app.backprop.network import Example, Network, Shape
from app.backprop.steps import PHASES, Step
from app.simulation.edits import Changes, edit_of, parameter_edit, same_bits
from app.simulation.error_curve import SavedRun
from app.simulation.history import Edit, History
from app.simulation.iteration import IterationState, Moment
from app.simulation.replay import TimeSlices, replay, run_to_end, slice_iterations, within_bounds
from app.simulation.undo import EMPTY_STACK, UndoStack

REACHED, DONE, STOPPED, DIVERGED = "reached", "done", "stopped", "diverged"
OUTCOMES = (REACHED, DONE, STOPPED, DIVERGED)
MOST_ITERATIONS = 100_000


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """So many iterations, or fewer where E comes below a bound.

    Attributes:
        begun, until: how many iterations were finished when it began, and are to be in the end.
        below: E that is small enough; None where only iterations count. It is looked at after
            each pass through all examples, counted from where the training began: the mean of E
            over that pass, while the weights changed.
        outcome: how it ended, one of `OUTCOMES`; empty while it is under way.
    """

    begun: int
    until: int
    below: float | None = None
    outcome: str = ""

    @property
    def iterations(self) -> int:
        """How many iterations it is, at most."""
        return self.until - self.begun


def same_training(before: TrainingRun | None, after: TrainingRun | None) -> bool:
    """Whether what led from one goal to the other was a part of the way to it."""
    if before is None or after is None or before.outcome:
        return False
    return (before.begun, before.until, before.below) == (after.begun, after.until, after.below)


@dataclass(frozen=True, slots=True)
class Simulation:
    """A network in training, at one moment.

    Attributes:
        start: what the current iteration started from.
        cursor: how many steps of the iteration have been taken. After the last one it stays in
            the iteration, at `cursor == len(steps)`; the next step begins the next one.
        history: how it came here. Two simulations at the same moment are equal whatever way they
            came, so it is not compared.
        undo_stack, redo_stack: where undo and redo lead to.
        training: the training under way or the last one; None after any other command.
        saved_runs: earlier runs, saved to compare with.
    """

    start: IterationState
    cursor: int
    history: History = field(compare=False, repr=False)
    undo_stack: UndoStack = field(default=EMPTY_STACK, compare=False, repr=False)
    redo_stack: UndoStack = field(default=EMPTY_STACK, compare=False, repr=False)
    training: TrainingRun | None = field(default=None, compare=False, repr=False)
    saved_runs: tuple[SavedRun, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(
        cls,
        network: Network,
        examples: Sequence[Example],
        learning_rate: float,
        momentum: float | None = None,
        shuffle: int | None = None,
    ) -> "Simulation":
        """A simulation at its very beginning.

        Raises:
            Invalid: where an example or the momentum does not fit the network.
        """
        start = IterationState.first(
            network, tuple(examples), float(learning_rate), momentum, shuffle
        )
        return cls(start, 0, History.starting_at(start))

    @property
    def network(self) -> Network:
        """The network as the iteration started with it; `current_network` is the one to look at."""
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
        """Where it stands: the iteration and the cursor."""
        return self.start.iteration, self.cursor

    @property
    def example(self) -> int:
        """The index of the example that this iteration uses."""
        return self.start.example

    @property
    def shape(self) -> Shape:
        """The shape of this iteration: it may be one that only gathers, unlike the network's."""
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
        """The step taken last in this iteration, None before the first."""
        return self.steps[self.cursor - 1] if self.cursor else None

    @property
    def at_beginning(self) -> bool:
        """Whether there is nothing to go back to."""
        history = self.history
        return not (self.cursor or history.edit_count or self.iteration > history.first.iteration)

    # Moving.

    def step(self, by: str = "layer", count: int = 1) -> "Simulation":
        """On by `count` steps of a granularity, into later iterations where need be."""
        ends = self._ends(by)
        taken = bisect_right(ends, self.cursor)
        if count <= 0:
            return self
        if taken + count <= len(ends):
            return self._on(0, ends[taken + count - 1])
        start, here = self.start, self.iteration
        iteration, cursor = start.end_at(by, start.ends_before(by, here) + taken + count - 1)
        return self._on(iteration - here, cursor)

    def back(self, by: str = "layer", count: int = 1) -> "Simulation":
        """Back by `count` calculations; an edit counts as one. At the very beginning it stays."""
        simulation, ends = self, self._ends(by)
        while count > 0 and not simulation.at_beginning:
            start, first = simulation.start, simulation.history.edited_at
            before = start.ends_before(by, first)
            behind = start.ends_before(by, simulation.iteration) - before
            behind += bisect_left(ends, simulation.cursor) + 1 if simulation.cursor else 0
            if count > behind and simulation.history.edit_count:
                made = simulation.history.edit_count - 1
                edit = simulation.history.edits[made]
                simulation = simulation.go_to(made, (edit.iteration, edit.cursor))
                count -= behind + 1
                ends = simulation._ends(by)
                continue
            left = behind - count
            goal = start.end_at(by, before + left - 1) if left > 0 else (first, 0)
            return simulation.go_to(simulation.history.edit_count, goal)
        return simulation

    def forward(self) -> "Simulation":
        """On to the end of a forward pass: of this iteration, or at its end, of the next."""
        return self._on_to("forward")

    def backward(self) -> "Simulation":
        """On to the end of the backward pass, running the forward pass first if need be."""
        return self._on_to("backward")

    def update(self) -> "Simulation":
        """On to the end of the iteration, running what is missing first."""
        return self._on_to("update")

    def seek(self, cursor: int) -> "Simulation":
        """To another moment of this iteration.

        Raises:
            Invalid: where the iteration has no such moment.
        """
        if not 0 <= cursor <= len(self.steps):
            text = N_("must be an integer from %(low)s to %(high)s")
            raise Invalid("cursor", text, low=0, high=len(self.steps))
        if cursor >= self.cursor:
            return self._on(0, cursor)
        goal = self.iteration, cursor
        if cursor == 0 and self.iteration > self.history.edited_at:
            goal = self.iteration - 1, self.start.steps_in(self.iteration - 1)
        return self.go_to(self.history.edit_count, goal)

    def train(self, iterations: int) -> "Simulation":
        """On by whole iterations; an unfinished one is finished first and counts as one."""
        simulation = self
        for simulation in self.train_in_slices(iterations):  # noqa: B007  # the last one is the result
            pass
        return simulation

    def train_in_slices(self, iterations: int) -> Iterator["Simulation"]:
        """The same, a slice of about 0.15 ms at a time: whoever serves others meanwhile may."""
        simulation = self
        left = iterations if self.finished else iterations - 1
        slice_ = slice_iterations(self.start)
        while left > 0:
            later = simulation.iteration + min(left, slice_)
            cursor = min(self.cursor, self.start.steps_in(later))
            simulation = simulation._on(later - simulation.iteration, cursor)
            left -= slice_
            yield simulation
        if iterations > 0:
            yield simulation._on(0, len(simulation.steps))

    def reset(self) -> "Simulation":
        """Back to how the session began. What lies ahead then is kept, as by going back."""
        history = self.history
        if self.at_beginning and self.start == history.origin:
            return self
        if history.beginning is None:
            return self.go_to(0, (history.origin.iteration, 0))
        return replace(self, start=history.origin, cursor=0, history=history.restarted(self.moment))

    # Editing.

    def edit(self, **changes: Unpack[Changes]) -> "Simulation":
        """The current iteration restarted with a change. Going back takes it back whole.

        What is not given stays as the iteration started with it. Where nothing is changed and
        nothing restarted, it is no edit.

        Raises:
            Invalid: where the change does not fit the network.
        """
        return self._edited(edit_of(self.start, self.cursor, changes))

    def edit_parameter(self, address: str, value: float) -> "Simulation":
        """The same for one weight or bias.

        Raises:
            KeyError: where the network has no such parameter.
        """
        return self._edited(parameter_edit(self.start, self.cursor, address, value))

    # Looking.

    def trace(self) -> tuple[float, ...]:
        """The result of every step of this iteration, those not yet taken included."""
        start, example = self.start, flat(self.examples[self.example])
        return self.compiled.run(start.state, example, *start.settings)

    def inputs(self) -> tuple[float, ...]:
        """What the iteration reads from outside, in the order of `CompiledIteration.inputs`."""
        start, example = self.start, flat(self.examples[self.example])
        given = (*start.network.parameters, *example, start.learning_rate)
        return (*given, *start.momentum_inputs, *start.accumulation_inputs)

    def reading(self) -> dict[str, float]:
        """The same, by address."""
        return dict(zip(self.compiled.inputs, self.inputs(), strict=True))

    def operand(self, address: str) -> float | None:
        """A quantity as a step of this iteration reads it: weights and biases are the old ones.

        Raises:
            KeyError: where the network has no such quantity.
        """
        reading = self.reading()
        return reading[address] if address in reading else self.value(address)

    def value(self, address: str) -> float | None:
        """A quantity as it is now; None where this iteration has not computed it yet.

        Raises:
            KeyError: where the network has no such quantity.
        """
        index = self.compiled.position.get(address)
        if index is not None and index < self.cursor:
            return self.trace()[index]
        known = self.reading()
        return known[address] if index is None else known.get(address)

    @property
    def current_network(self) -> Network:
        """The network as it is now: a weight changes when its update step is taken."""
        if self.cursor <= self.compiled.ends["phase"][1] or not self.shape.is_update_iteration:
            return self.network
        parameters = self.compiled.updated(self.network.parameters, self.trace(), self.cursor)
        return Network(self.network.shape, parameters)

    @property
    def previous_error(self) -> float | None:
        """E of the last finished iteration, None where none is."""
        return self.value("error") if self.finished else self.start.previous_error

    def errors(self, points: int = 500) -> tuple[tuple[int, float], ...]:
        """(iteration, E) of finished iterations: `points` at most, the first and last among them."""
        last = self.iteration if self.finished else self.iteration - 1
        error = self.previous_error
        return () if error is None else self.history.curve_here.thinned(last, error, points)

    # How it moves.

    def _ends(self, by: str) -> tuple[int, ...]:
        check_choice("by", by, GRANULARITIES)
        return self.compiled.ends[by]

    def _on_to(self, phase: str) -> "Simulation":
        index, on = PHASES.index(phase), int(self.finished)
        program = compile_iteration(self.start.shape_in(self.iteration + on))
        goal = program.ends["phase"][index]
        return self._on(on, goal if on else max(goal, self.cursor))

    def _on(self, iterations: int, cursor: int) -> "Simulation":
        """A later moment, where the next edit, should one lie between, is not made."""
        if not iterations and cursor == self.cursor:
            return self
        goal = self.iteration + iterations, cursor
        start, history = self.start, self.history.towards(self.moment, goal)
        if iterations:
            start, errors = start.run(iterations)
            history = history.advanced(start, errors)
        # Not by `replace`, which takes longer than a step of the deck's network.
        return Simulation(
            start, cursor, history, self.undo_stack, self.redo_stack, self.training, self.saved_runs
        )

    def _edited(self, edit: Edit) -> "Simulation":
        start = edit.apply(self.start)
        if not self.cursor and same_bits(start, self.start):
            return self
        history = within_bounds(self.history.edited(edit))
        return replace(self, start=start, cursor=0, history=history)

    def go_to(self, made: int, goal: Moment) -> "Simulation":
        """Another moment of the line, after the first `made` of its edits."""
        return run_to_end(self.go_to_in_slices(made, goal))

    def go_to_in_slices(self, made: int, goal: Moment) -> TimeSlices["Simulation"]:
        """The same, a slice at a time."""
        history, start = self.history.with_end(self.moment), self.start
        if (made, goal[0]) != (history.edit_count, self.iteration):
            start, history = yield from replay(history, made, goal)
        elif not history.ahead and goal == history.end:
            history = history.at_end()
        return replace(self, start=start, cursor=goal[1], history=history)
