"""The state at the start of an iteration, and how training advances it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from app.backprop.compiler import compile_iteration, flat
from app.backprop.network import Example, Network, Shape, check_examples, check_momentum

LARGEST_SEED = 2**53 - 1  # the largest integer that every JSON reader keeps
IN_ORDER = -1  # in place of a seed: the examples are not shuffled

Moment = tuple[int, int]  # an iteration and a cursor in it


@dataclass(frozen=True, slots=True)
class IterationState:
    """Everything that an iteration starts from."""

    network: Network
    examples: tuple[Example, ...]
    learning_rate: float
    iteration: int = 0  # its number, counted from 0
    previous_error: float | None = None  # E of the iteration before it; None for the first
    momentum: float = 0.9  # μ, used only if there are velocities
    velocities: tuple[float, ...] = ()  # one per parameter, with momentum
    # With batch updates, the gradient sums of this pass so far, one per parameter.
    accumulated: tuple[float, ...] = ()
    # With batch updates, the iteration from which passes are counted. It moves when the examples,
    # their order or the kind of update change.
    pass_start: int = 0
    # The seed of the order of the examples in each pass; None for their own order.
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
        """Return the state of iteration 0, with velocities and sums of 0.

        Raises Invalid if an example or the momentum does not fit the network.
        """
        check_examples(network.shape, examples)
        if momentum is not None:
            check_momentum(network.shape, momentum)
        start = cls(
            *(network, examples, learning_rate),
            velocities=(0.0,) * network.shape.velocity_count,
            accumulated=(0.0,) * network.shape.accumulated_count,
            shuffle=shuffle,
        )
        return start if momentum is None else replace(start, momentum=float(momentum))

    @property
    def state(self) -> tuple[float, ...]:
        """The values that training changes: parameters, velocities and sums."""
        return self.network.parameters + self.velocities + self.accumulated

    @property
    def momentum_inputs(self) -> tuple[float, ...]:
        """The inputs of the velocity steps: the previous velocities and μ."""
        return (*self.velocities, self.momentum) if self.velocities else ()

    @property
    def accumulation_inputs(self) -> tuple[float, ...]:
        """The inputs of batch updates: the previous sums and, for a mean, the number of examples."""
        mean = self.network.shape.update == "mean"
        return (*self.accumulated, float(len(self.examples))) if mean else self.accumulated

    @property
    def shape(self) -> Shape:
        """The shape of this iteration, which may only accumulate gradients."""
        return self.shape_in(self.iteration)

    @property
    def example(self) -> int:
        """The index of the example that this iteration uses."""
        return self.example_in(self.iteration)

    def example_in(self, iteration: int) -> int:
        """The same for another iteration, if no edit lies between."""
        return example_of(iteration - self.pass_start, len(self.examples), self.shuffle)

    @property
    def settings(self) -> tuple[float, float, int]:
        """The arguments of `CompiledIteration.run` after the state and the example."""
        return self.learning_rate, self.momentum, len(self.examples)

    def shape_in(self, iteration: int) -> Shape:
        """The shape of another iteration, if no edit lies between."""
        shape = self.network.shape
        if not shape.accumulates or self.place(iteration) == len(self.examples) - 1:
            return shape
        return shape.accumulating

    def place(self, iteration: int) -> int:
        """The index of an iteration in its pass, from 0."""
        return (iteration - self.pass_start) % len(self.examples)

    def steps_in(self, iteration: int) -> int:
        return len(compile_iteration(self.shape_in(iteration)).steps)

    # The ends of the steps of a granularity, numbered through all iterations.

    def ends_before(self, by: str, iteration: int) -> int:
        """How many steps of a granularity end before an iteration."""
        shape = self.network.shape
        updating = len(compile_iteration(shape).ends[by])
        if not shape.accumulates:
            return iteration * updating
        accumulating = len(compile_iteration(shape.accumulating).ends[by])
        passes, place = divmod(iteration - self.pass_start, len(self.examples))
        return passes * self._ends_per_pass(accumulating, updating) + place * accumulating

    def end_at(self, by: str, index: int) -> Moment:
        """The moment at which the step with this index ends."""
        shape = self.network.shape
        updating = compile_iteration(shape).ends[by]
        if not shape.accumulates:
            iteration, end = divmod(index, len(updating))
            return iteration, updating[end]
        accumulating, last = compile_iteration(shape.accumulating).ends[by], len(self.examples) - 1
        passes, rest = divmod(index, self._ends_per_pass(len(accumulating), len(updating)))
        place = min(rest // len(accumulating), last)
        ends = updating if place == last else accumulating
        iteration = self.pass_start + passes * len(self.examples) + place
        return iteration, ends[rest - place * len(accumulating)]

    def _ends_per_pass(self, accumulating: int, updating: int) -> int:
        return (len(self.examples) - 1) * accumulating + updating

    # Training.

    def at(self, state: tuple[float, ...], iteration: int, error: float | None) -> "IterationState":
        """Return the start of another iteration, with its state and the E before it."""
        shape = self.network.shape
        count = shape.parameter_count
        sums = count + shape.velocity_count
        return replace(
            self,
            network=Network(shape, state[:count]),
            velocities=state[count:sums],
            accumulated=state[sums:],
            iteration=iteration,
            previous_error=error,
        )

    def run(self, iterations: int) -> tuple["IterationState", list[float]]:
        """Train: return the state `iterations` later, and the E of each iteration."""
        if not iterations:
            return self, []
        compiled = compile_iteration(self.network.shape)
        rows = [flat(example) for example in self.examples]
        state, errors = self.state, list[float]()
        for order, begin, count in self._orders(iterations):
            ordered = rows if order is None else [rows[index] for index in order]
            state, more = compiled.train(
                state, ordered, self.learning_rate, begin, count, self.momentum
            )
            errors += more
        return self.at(state, self.iteration + iterations, errors[-1]), errors

    def _orders(self, iterations: int) -> Iterator[tuple[tuple[int, ...] | None, int, int]]:
        """(order, begin, count): the order of the examples for `count` iterations from `begin` on.

        Without shuffling there is one order, their own; otherwise one for each pass.
        """
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


def example_of(iteration: int, count: int, seed: int | None = None) -> int:
    """Return which of `count` examples an iteration uses; a seed shuffles every pass differently."""
    number, place = divmod(iteration, count)
    return place if seed is None else order_of(seed, number, count)[place]


@lru_cache(maxsize=256)
def order_of(seed: int, number: int, count: int) -> tuple[int, ...]:
    """Return the order of the examples in pass `number`.

    `random()` gives the same values in every Python version, so exported programs agree.
    """
    draw = Random(f"{seed}/{number}")
    return tuple(sorted(range(count), key=lambda _: draw.random()))
