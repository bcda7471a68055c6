"""What an iteration starts from, and where training takes that."""

from dataclasses import dataclass, replace

from app.backprop.network import Example, Network, check_examples, check_momentum
from app.backprop.program import flat, program_of


@dataclass(frozen=True, slots=True)
class Start:
    """All that an iteration starts from.

    Attributes:
        iteration: its number, counted from 0.
        momentum: μ, which counts only where there are velocities: one a parameter, in their order.
        previous_error: E of the iteration before it, None for the first.
    """

    network: Network
    examples: tuple[Example, ...]
    learning_rate: float
    iteration: int = 0
    previous_error: float | None = None
    momentum: float = 0.9
    velocities: tuple[float, ...] = ()

    @classmethod
    def first(
        cls,
        network: Network,
        examples: tuple[Example, ...],
        learning_rate: float,
        momentum: float | None = None,
    ) -> "Start":
        """The very first: all velocities are 0.

        Raises:
            Invalid: where an example or the momentum does not fit the network.
        """
        check_examples(network.shape, examples)
        if momentum is not None:
            check_momentum(network.shape, momentum)
        velocities = (0.0,) * network.shape.velocity_count
        start = cls(network, examples, learning_rate, velocities=velocities)
        return start if momentum is None else replace(start, momentum=float(momentum))

    @property
    def state(self) -> tuple[float, ...]:
        """What training changes: the parameters, and the velocities if there are any."""
        return self.network.parameters + self.velocities

    @property
    def inertia(self) -> tuple[float, ...]:
        """What an iteration reads for its velocities: those before it, and μ."""
        return (*self.velocities, self.momentum) if self.velocities else ()

    def at(self, state: tuple[float, ...], iteration: int, error: float | None) -> "Start":
        """The start of another iteration, with the state that it starts with."""
        shape = self.network.shape
        count = shape.parameter_count
        return replace(
            self,
            network=Network(shape, state[:count]),
            velocities=state[count:],
            iteration=iteration,
            previous_error=error,
        )

    def run(self, iterations: int) -> tuple["Start", list[float]]:
        """The start `iterations` later, and the E of each iteration between."""
        if not iterations:
            return self, []
        state, errors = program_of(self.network.shape).train(
            self.state,
            [flat(example) for example in self.examples],
            self.learning_rate,
            self.iteration,
            iterations,
            self.momentum,
        )
        return self.at(state, self.iteration + iterations, errors[-1]), errors
