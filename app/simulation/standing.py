"""A moment of a network in training, without how it came there."""

from bisect import bisect_right
from dataclasses import dataclass

from app.backprop.compiler import Program, program_of
from app.backprop.network import Example, Network, Shape
from app.backprop.steps import PHASES, Step
from app.simulation.history import Moment, Start


@dataclass(frozen=True, slots=True)
class Standing:
    """What an iteration starts from, and how far it has come.

    Attributes:
        start: what the current iteration started from.
        cursor: how many steps of the iteration have been taken. After the last one it stays in
            the iteration, at `cursor == len(steps)`; the next step begins the next one.
    """

    start: Start
    cursor: int

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
    def program(self) -> Program:
        return program_of(self.start.shape)

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
