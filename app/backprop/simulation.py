"""A simulation: all that a visitor can change, as one immutable value.

Every change returns a new simulation; one that changes nothing returns the very same object. Going
back is exact, bit for bit: the moment before is not undone but computed again, by the same code.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

from app.backprop.edits import Changes, edit_of, parameter_edit, same_bits
from app.backprop.goals import Goal
from app.backprop.history import Edit, History, Start
from app.backprop.network import Example, Invalid, Network, check_examples
from app.backprop.program import BY, Program, flat, program_of
from app.backprop.runs import Run
from app.backprop.steps import PHASES, Step

SLICE_STEPS = 3_000  # how many steps a slice of training takes: about 0.15 ms


@dataclass(frozen=True, slots=True)
class Simulation:
    """A network in training, at one moment.

    Attributes:
        start: what the current iteration started from.
        cursor: how many steps of the iteration have been taken. After the last one the simulation
            stays in the iteration, at `cursor == len(steps)`; the next step begins the next one.
        history: how it came here. Two simulations at the same moment are equal whatever way they
            came, so it is not compared.
        goal, runs: where training leads to, and earlier runs kept to compare with.
    """

    start: Start
    cursor: int
    history: History = field(compare=False, repr=False)
    goal: Goal | None = field(default=None, compare=False, repr=False)
    runs: tuple[Run, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(
        cls, network: Network, examples: Sequence[Example], learning_rate: float
    ) -> "Simulation":
        """A simulation at its very beginning; raises Invalid where an example does not fit."""
        check_examples(network.shape, examples)
        start = Start(network, tuple(examples), float(learning_rate))
        return cls(start, 0, History.begun(start))

    # What it is made of.

    @property
    def network(self) -> Network:
        """The network as the iteration started with it; `shown` is the one to look at."""
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
    def example(self) -> int:
        """The index of the example that this iteration uses."""
        return self.iteration % len(self.examples)

    @property
    def program(self) -> Program:
        return program_of(self.network.shape)

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.program.steps

    @property
    def finished(self) -> bool:
        """Whether the last step of the iteration has been taken."""
        return self.cursor == len(self.steps)

    @property
    def phase(self) -> str:
        """The phase of the next step."""
        return PHASES[bisect_right(self.program.ends["phase"], self.cursor) % len(PHASES)]

    @property
    def last_step(self) -> Step | None:
        """The step taken last in this iteration, None before the first."""
        return self.steps[self.cursor - 1] if self.cursor else None

    @property
    def at_beginning(self) -> bool:
        """Whether there is nothing to go back to."""
        return not self.cursor and not self.history.edits

    # Moving.

    def step(self, by: str = "layer", count: int = 1) -> "Simulation":
        """On by `count` steps of a granularity, into later iterations where need be."""
        ends = self._ends(by)
        taken = bisect_right(ends, self.cursor)
        iterations, index = divmod(taken + count - 1, len(ends))
        return self._advanced(iterations)._at(ends[index]) if count > 0 else self

    def back(self, by: str = "layer", count: int = 1) -> "Simulation":
        """Back by `count` calculations; an edit counts as one. At the very beginning it stays."""
        simulation, ends = self, self._ends(by)
        while count > 0 and not simulation.at_beginning:
            first = simulation.history.edited_at
            behind = (simulation.iteration - first) * len(ends) + (
                bisect_left(ends, simulation.cursor) + 1 if simulation.cursor else 0
            )
            if count > behind and simulation.history.edits:
                simulation, count = simulation._without_last_edit(), count - behind - 1
                ends = simulation._ends(by)
                continue
            iterations, index = divmod(max(0, behind - count) - 1, len(ends))
            if iterations < 0:
                return simulation._returned(first)._at(0)
            return simulation._returned(first + iterations)._at(ends[index])
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
            raise Invalid("cursor", f"a whole number from 0 to {len(self.steps)}")
        if cursor == 0 and self.iteration > self.history.edited_at:
            return self._returned(self.iteration - 1)._at(len(self.steps))
        return self._at(cursor)

    def train(self, iterations: int) -> "Simulation":
        """On by whole iterations; an unfinished one is finished first and counts as one."""
        simulation = self
        for simulation in self.training(iterations):  # noqa: B007  # the last one is the result
            pass
        return simulation

    def training(self, iterations: int) -> Iterator["Simulation"]:
        """The same, a slice of about 0.15 ms at a time: whoever serves others meanwhile may."""
        simulation = self
        left = iterations if self.finished else iterations - 1
        slice_ = max(1, SLICE_STEPS // len(self.steps))
        while left > 0:
            simulation = simulation._advanced(min(left, slice_))
            left -= slice_
            yield simulation
        if iterations > 0:
            yield simulation._at(len(self.steps))

    def reset(self) -> "Simulation":
        """Back to how the session began, with nothing to go back to."""
        if self.at_beginning and self.start == self.history.origin:
            return self
        history = History.begun(self.history.origin)
        return replace(self, start=history.origin, cursor=0, history=history)

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
        example = flat(self.examples[self.example])
        return self.program.iterate(self.network.parameters, example, self.learning_rate)

    def inputs(self) -> tuple[float, ...]:
        """What the iteration reads from outside: its old parameters, the example's inputs and
        targets, and the learning rate, in the order of `Program.inputs`."""
        example = flat(self.examples[self.example])
        return (*self.network.parameters, *example, self.learning_rate)

    def reading(self) -> dict[str, float]:
        """The same, by address."""
        return dict(zip(self.program.inputs, self.inputs(), strict=True))

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
        index = self.program.position.get(address)
        if index is not None and index < self.cursor:
            return self.trace()[index]
        known = self.reading()
        return known[address] if index is None else known.get(address)

    @property
    def shown(self) -> Network:
        """The network as it is now: a weight changes when its update step is taken."""
        if self.cursor <= self.program.ends["phase"][1]:
            return self.network
        parameters = self.program.updated(self.network.parameters, self.trace(), self.cursor)
        return Network(self.network.shape, parameters)

    @property
    def previous_error(self) -> float | None:
        """E of the last finished iteration, None where none is."""
        return self.value("error") if self.finished else self.start.previous_error

    def errors(self, points: int = 500) -> tuple[tuple[int, float], ...]:
        """(iteration, E) of the finished iterations, thinned to at most `points`, of at least 2;
        the first and the last are always there."""
        last = self.iteration if self.finished else self.iteration - 1
        error = self.previous_error
        return () if error is None else self.history.curve.thinned(last, error, points)

    # How it moves.

    def _ends(self, by: str) -> tuple[int, ...]:
        if by not in BY:
            raise Invalid("by", f"one of {', '.join(BY)}; not {by!r}")
        return self.program.ends[by]

    def _at(self, cursor: int) -> "Simulation":
        return self if cursor == self.cursor else replace(self, cursor=cursor)

    def _on_to(self, phase: str) -> "Simulation":
        goal = self.program.ends["phase"][PHASES.index(phase)]
        if self.finished:
            return self._advanced(1)._at(goal)
        return self._at(max(goal, self.cursor))

    def _advanced(self, iterations: int) -> "Simulation":
        """The same cursor, `iterations` later."""
        if not iterations:
            return self
        start, errors = self.start.run(iterations)
        return replace(self, start=start, history=self.history.advanced(start, errors))

    def _returned(self, iteration: int) -> "Simulation":
        """The same cursor in an earlier iteration since the last edit."""
        if iteration == self.iteration:
            return self
        start, history = self.history.at(len(self.history.edits), iteration)
        return replace(self, start=start, history=history)

    def _edited(self, edit: Edit) -> "Simulation":
        start = edit.apply(self.start)
        if not self.cursor and same_bits(start, self.start):
            return self
        return replace(self, start=start, cursor=0, history=self.history.edited(edit))

    def _without_last_edit(self) -> "Simulation":
        """The moment just before the last edit."""
        edit = self.history.edits[-1]
        start, history = self.history.at(len(self.history.edits) - 1, edit.iteration)
        return replace(self, start=start, cursor=edit.cursor, history=history)
