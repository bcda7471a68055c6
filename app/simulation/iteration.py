"""What an iteration starts from, and where training takes that."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from app.backprop.compiler import compile_iteration, flat
from app.backprop.network import Example, Network, Shape, check_examples, check_momentum

LARGEST_SEED = 2**53 - 1  # the largest integer that every JSON reader keeps
IN_ORDER = -1  # instead of a seed: the order in which they are given


def example_of(iteration: int, count: int, seed: int | None = None) -> int:
    """Which of `count` examples an iteration uses. With a seed each pass has an order of its own."""
    passes, place = divmod(iteration, count)
    return place if seed is None else order_of(seed, passes, count)[place]


@lru_cache(maxsize=256)
def order_of(seed: int, number: int, count: int) -> tuple[int, ...]:
    """The order of a pass. What is drawn is promised to stay what it is, in any Python: programs
    that are taken home draw the same."""
    draw = Random(f"{seed}/{number}")
    return tuple(sorted(range(count), key=lambda _: draw.random()))


Moment = tuple[int, int]  # an iteration and a cursor in it


@dataclass(frozen=True, slots=True)
class IterationState:
    """All that an iteration starts from.

    Attributes:
        iteration: its number, counted from 0.
        momentum: μ, which counts only where there are velocities: one a parameter, in their order.
        previous_error: E of the iteration before it, None for the first.
        accumulated: the sums of gradients that this pass has gathered so far, one a parameter, where
            the update comes after all examples.
        pass_start: the iteration from which passes are counted, there: another choice of examples
            or of their order begins anew.
        shuffle: the seed of the order in which each pass takes the examples; None for the order in
            which they are given.
    """

    network: Network
    examples: tuple[Example, ...]
    learning_rate: float
    iteration: int = 0
    previous_error: float | None = None
    momentum: float = 0.9
    velocities: tuple[float, ...] = ()
    accumulated: tuple[float, ...] = ()
    pass_start: int = 0
    shuffle: int | None = None

    @classmethod
    def first(
        cls,
        network: Network,
        examples: tuple[Example, ...],
        learning_rate: float,
        momentum: float | None = None,
        shuffle: int | None = None,
    ) -> "IterationState":
        """The very first: all velocities and sums are 0.

        Raises:
            Invalid: where an example or the momentum does not fit the network.
        """
        check_examples(network.shape, examples)
        if momentum is not None:
            check_momentum(network.shape, momentum)
        velocities = (0.0,) * network.shape.velocity_count
        gathered = (0.0,) * network.shape.accumulated_count
        start = cls(
            *(network, examples, learning_rate),
            velocities=velocities,
            accumulated=gathered,
            shuffle=shuffle,
        )
        return start if momentum is None else replace(start, momentum=float(momentum))

    @property
    def state(self) -> tuple[float, ...]:
        """What training changes: the parameters, and velocities and sums if there are any."""
        return self.network.parameters + self.velocities + self.accumulated

    @property
    def momentum_inputs(self) -> tuple[float, ...]:
        """What an iteration reads for its velocities: those before it, and μ."""
        return (*self.velocities, self.momentum) if self.velocities else ()

    @property
    def accumulation_inputs(self) -> tuple[float, ...]:
        """What an iteration reads for its sums: those before it, and for their mean, of how many."""
        mean = self.network.shape.update == "mean"
        return (*self.accumulated, float(len(self.examples))) if mean else self.accumulated

    @property
    def shape(self) -> Shape:
        """The shape of this iteration, which may be one that only gathers."""
        return self.shape_in(self.iteration)

    @property
    def example(self) -> int:
        """The index of the example that this iteration uses."""
        return self.example_in(self.iteration)

    def example_in(self, iteration: int) -> int:
        """The same of an iteration between the edits around this one."""
        return example_of(iteration - self.pass_start, len(self.examples), self.shuffle)

    @property
    def settings(self) -> tuple[float, float, int]:
        """What an iteration takes beside the state and its example: see `Program.iterate`."""
        return self.learning_rate, self.momentum, len(self.examples)

    def shape_in(self, iteration: int) -> Shape:
        """The shape of an iteration between the edits around this one."""
        shape = self.network.shape
        if not shape.accumulates or self.place(iteration) == len(self.examples) - 1:
            return shape
        return shape.accumulating

    def place(self, iteration: int) -> int:
        """Which iteration of its pass it is, from 0."""
        return (iteration - self.pass_start) % len(self.examples)

    def steps_in(self, iteration: int) -> int:
        """How many steps an iteration has."""
        return len(compile_iteration(self.shape_in(iteration)).steps)

    # Where steps of a granularity end, counted through the iterations.

    def ends_before(self, by: str, iteration: int) -> int:
        """How many ends there are before an iteration."""
        shape = self.network.shape
        closing = len(compile_iteration(shape).ends[by])
        if not shape.accumulates:
            return iteration * closing
        gathering = len(compile_iteration(shape.accumulating).ends[by])
        passes, place = divmod(iteration - self.pass_start, len(self.examples))
        return passes * self._ends_of_pass(gathering, closing) + place * gathering

    def end_at(self, by: str, index: int) -> Moment:
        """Where an end is."""
        shape = self.network.shape
        closing = compile_iteration(shape).ends[by]
        if not shape.accumulates:
            iteration, place = divmod(index, len(closing))
            return iteration, closing[place]
        gathering, last = compile_iteration(shape.accumulating).ends[by], len(self.examples) - 1
        passes, rest = divmod(index, self._ends_of_pass(len(gathering), len(closing)))
        place = min(rest // len(gathering), last)
        ends = closing if place == last else gathering
        iteration = self.pass_start + passes * len(self.examples) + place
        return iteration, ends[rest - place * len(gathering)]

    def _ends_of_pass(self, gathering: int, closing: int) -> int:
        return (len(self.examples) - 1) * gathering + closing

    # Where training leads.

    def at(self, state: tuple[float, ...], iteration: int, error: float | None) -> "IterationState":
        """The start of another iteration, with the state that it starts with."""
        shape = self.network.shape
        count = shape.parameter_count
        moving = count + shape.velocity_count
        return replace(
            self,
            network=Network(shape, state[:count]),
            velocities=state[count:moving],
            accumulated=state[moving:],
            iteration=iteration,
            previous_error=error,
        )

    def run(self, iterations: int) -> tuple["IterationState", list[float]]:
        """The start `iterations` later, and the E of each iteration between."""
        if not iterations:
            return self, []
        program = compile_iteration(self.network.shape)
        rows = [flat(example) for example in self.examples]
        state, errors = self.state, list[float]()
        for order, begin, count in self._passes(iterations):
            taken = rows if order is None else [rows[index] for index in order]
            state, more = program.train(
                state, taken, self.learning_rate, begin, count, self.momentum
            )
            errors += more
        return self.at(state, self.iteration + iterations, errors[-1]), errors

    def _passes(self, iterations: int) -> Iterator[tuple[tuple[int, ...] | None, int, int]]:
        """The orders in which examples are taken, from which place on, and for how long."""
        begin, count = self.iteration - self.pass_start, len(self.examples)
        if self.shuffle is None:
            yield None, begin, iterations
            return
        end = begin + iterations
        while begin < end:
            number, place = divmod(begin, count)
            length = min(count - place, end - begin)
            yield order_of(self.shuffle, number, count), place, length
            begin += length
