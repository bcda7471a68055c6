"""The state at the start of an iteration, and how training advances it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf, isfinite
from random import Random
from types import MappingProxyType

from app.backprop.compiler import NEVER_BELOW, Numbers, compile_iteration, flat
from app.backprop.conventions import Conventions
from app.backprop.errors import N_, Invalid, check_length, check_range
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import (
    LARGEST,
    Example,
    Network,
    Shape,
    as_entered,
    check_examples,
    check_hyperparameter,
)

LARGEST_SEED = 2**53 - 1  # the largest integer that every JSON reader keeps
LATEST = 10**12  # the last iteration of a state that is imported
IN_ORDER = -1  # in place of a seed: the examples are not shuffled

Moment = tuple[int, int]  # an iteration and a cursor in it
NO_HYPERPARAMETERS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IterationState:
    """Everything that an iteration starts from."""

    network: Network
    examples: tuple[Example, ...]
    learning_rate: float
    iteration: int = 0  # its number, counted from 0
    previous_error: float | None = None  # E of the iteration before it; None for the first
    # The values of `Shape.hyperparameters`, such as μ with momentum.
    hyperparameters: tuple[float, ...] = ()
    # What the optimiser keeps: for each of `Shape.kept_rules` a number per parameter, such as its
    # velocity, then the number of updates if it counts them.
    optimiser_state: tuple[float, ...] = ()
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
        hyperparameters: Mapping[str, float] = NO_HYPERPARAMETERS,
        shuffle: int | None = None,
    ) -> "IterationState":
        """Return the state of iteration 0. What the optimiser keeps and the sums are 0.

        Raises Invalid if an example or a hyperparameter does not fit the network.
        """
        shape = network.shape
        start = cls(
            Network(shape, as_entered(network.parameters)),
            tuple(Example.of(example.inputs, example.targets) for example in examples),
            learning_rate + 0.0,
            hyperparameters=tuple(HYPERPARAMETERS[each].default for each in shape.hyperparameters),
            optimiser_state=(0.0,) * shape.optimiser_count,
            accumulated=(0.0,) * shape.accumulated_count,
            shuffle=shuffle,
        ).with_hyperparameters(hyperparameters)
        check_state(start)
        return start

    def with_hyperparameters(self, changes: Mapping[str, float]) -> "IterationState":
        """Return the state with other values of some hyperparameters. Raises Invalid."""
        names = self.network.shape.hyperparameters
        for name, value in changes.items():
            if name not in names:
                raise Invalid(name, N_("this network does not use it"))
            check_hyperparameter(name, value)
        new = {**self.hyperparameter_values, **changes}
        return replace(self, hyperparameters=as_entered(new.values()))

    def with_conventions(self, conventions: Conventions | None) -> "IterationState":
        """Return the state of the same network with other names and signs.

        A threshold is −b, so its number changes its sign, and so does all that is kept of it except
        a mean of squares.
        """
        shape = replace(self.network.shape, conventions=conventions)
        if shape.named.thresholds == self.network.shape.named.thresholds:
            return replace(self, network=Network(shape, self.network.parameters))
        count, weights = shape.parameter_count, shape.weight_count

        def turned(numbers: tuple[float, ...]) -> tuple[float, ...]:
            return numbers[:weights] + tuple(0.0 - number for number in numbers[weights:])

        state: tuple[float, ...] = ()
        for index, rule in enumerate(shape.kept_rules):
            kept = self.optimiser_state[index * count : (index + 1) * count]
            state += kept if rule.is_square else turned(kept)
        return replace(
            self,
            network=Network(shape, turned(self.network.parameters)),
            optimiser_state=state + self.optimiser_state[len(state) :],
            accumulated=turned(self.accumulated),
        )

    def altered(self, shape: Shape, places: Sequence[int | None]) -> "IterationState":
        """Return the state with an altered network, whose new parameters are 0 at first.

        What the optimiser keeps is kept with its parameter, unless the optimiser or the kind of bias
        is another one; otherwise it is 0, as are the sums of a batch update. The examples stay.

        Args:
            places: of `parameter_places`: for each new parameter the index that it had before.
        """
        own, new = self.network.shape.named, shape.named
        signs = replace(own, minus_delta=new.minus_delta, thresholds=new.thresholds)
        signed = self.with_conventions(signs)
        known = self.hyperparameter_values
        return replace(
            self,
            network=Network(shape, _moved(signed.network.parameters, places)),
            hyperparameters=tuple(
                known.get(name, HYPERPARAMETERS[name].default) for name in shape.hyperparameters
            ),
            optimiser_state=signed._altered_optimiser_state(shape, places),
            accumulated=(0.0,) * shape.accumulated_count,
        )

    def _altered_optimiser_state(
        self, shape: Shape, places: Sequence[int | None]
    ) -> tuple[float, ...]:
        before, state = self.network.shape, self.optimiser_state
        if before.optimiser != shape.optimiser:
            return (0.0,) * shape.optimiser_count
        if before.bias != shape.bias:
            places = (*places[: shape.weight_count], *[None] * sum(shape.bias_counts))
        count = before.parameter_count
        kept = (state[rule * count : (rule + 1) * count] for rule in range(len(shape.kept_rules)))
        numbers = tuple(number for values in kept for number in _moved(values, places))
        return numbers + state[-1:] * shape.counts_updates

    @property
    def hyperparameter_values(self) -> dict[str, float]:
        """The hyperparameters by name."""
        return dict(zip(self.network.shape.hyperparameters, self.hyperparameters, strict=True))

    @property
    def state(self) -> tuple[float, ...]:
        """The values that training changes: parameters, what the optimiser keeps, and sums."""
        return self.network.parameters + self.optimiser_state + self.accumulated

    @property
    def kept(self) -> dict[str, Network]:
        """What the optimiser keeps for each parameter, by the name of the rule, nested like the
        parameters: {"velocity": …} with momentum."""
        shape, count = self.network.shape, self.network.shape.parameter_count
        return {
            rule.name: Network(shape, self.optimiser_state[index * count : (index + 1) * count])
            for index, rule in enumerate(shape.kept_rules)
        }

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
        number, place = divmod(iteration - self.pass_start, len(self.examples))
        return (
            place
            if self.shuffle is None
            else order_of(self.shuffle, number, len(self.examples))[place]
        )

    @property
    def settings(self) -> Numbers:
        """The learning rate, the other hyperparameters, and the number of examples."""
        return (self.learning_rate, *self.hyperparameters, float(len(self.examples)))

    @property
    def inputs(self) -> Numbers:
        """The inputs of the iteration, in the order of `CompiledIteration.inputs`."""
        mean = self.network.shape.update == "mean"
        return (
            *(*self.network.parameters, *flat(self.examples[self.example])),
            *(*self.settings[:-1], *self.optimiser_state, *self.accumulated),
            *(self.settings[-1:] if mean else ()),
        )

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
        length, accumulating, updating = self._pass(by)
        passes, place = divmod(iteration - self.pass_start, length)
        ends_per_pass = (length - 1) * len(accumulating) + len(updating)
        return passes * ends_per_pass + place * len(accumulating)

    def end_at(self, by: str, index: int) -> Moment:
        """The moment at which the step with this index ends."""
        length, accumulating, updating = self._pass(by)
        passes, rest = divmod(index, (length - 1) * len(accumulating) + len(updating))
        place = min(rest // len(accumulating), length - 1)
        ends = updating if place == length - 1 else accumulating
        iteration = self.pass_start + passes * length + place
        return iteration, ends[rest - place * len(accumulating)]

    def _pass(self, by: str) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """The iterations from one update to the next, and the ends in each but the last of them
        and in the last."""
        shape = self.network.shape
        length = len(self.examples) if shape.accumulates else 1
        updating = compile_iteration(shape).ends[by]
        first = compile_iteration(shape.accumulating).ends[by] if length > 1 else updating
        return length, first, updating

    # Training.

    def at(self, state: tuple[float, ...], iteration: int, error: float | None) -> "IterationState":
        """Return the start of another iteration, with its state and the E before it."""
        shape = self.network.shape
        count = shape.parameter_count
        sums = count + shape.optimiser_count
        return IterationState(  # `replace` would take three times as long
            *(Network(shape, state[:count]), self.examples, self.learning_rate, iteration, error),
            *(self.hyperparameters, state[count:sums], state[sums:], self.pass_start, self.shuffle),
        )

    def run(
        self, iterations: int, below: float | None = None, begun: Sequence[float] = ()
    ) -> tuple["IterationState", list[float]]:
        """Train: return the state `iterations` later, and the E of each iteration.

        Args:
            below: stop after an iteration whose E is not finite, and after a pass whose mean E is
                below this; None never stops.
            begun: the E of the iterations before that belong to the first pass.
        """
        if not iterations:
            return self, []
        train = compile_iteration(self.network.shape).train
        rows = [flat(example) for example in self.examples]
        count, begin = len(rows), self.iteration - self.pass_start
        end = begin + iterations
        state, settings, errors = self.state, self.settings, list(begun)
        while begin < end:
            ordered, length = rows, end - begin
            if self.shuffle is not None:  # each pass has an order of its own
                number, place = divmod(begin, count)
                ordered = [rows[index] for index in order_of(self.shuffle, number, count)]
                length = min(count - place, length)
            before = errors[len(errors) - len(errors) % count :]
            state, more = train(state, ordered, settings, begin, length, below, before)
            errors += more
            begin += length
            if below is not None and stops(errors, count, below):
                break
        errors = errors[len(begun) :]
        return self.at(state, self.iteration + len(errors), errors[-1]), errors


def _moved(values: Sequence[float], places: Sequence[int | None]) -> tuple[float, ...]:
    return tuple(0.0 if place is None else values[place] for place in places)


def check_state(start: IterationState, *, entered: bool = False) -> None:
    """Raises Invalid, with the field, if the parts of a state do not fit each other.

    Args:
        entered: also check for numbers that a visitor could not enter. After iteration 0, training
            may have taken weights and biases anywhere.
    """
    shape, iteration = start.network.shape, start.iteration
    check_length("network.weights", start.network.parameters, shape.parameter_count)
    check_examples(shape, start.examples)
    check_length("hyperparameters", start.hyperparameters, len(shape.hyperparameters))
    for name, value in zip(shape.hyperparameters, start.hyperparameters, strict=True):
        check_hyperparameter(name, value)
    check_length("optimiser_state", start.optimiser_state, shape.optimiser_count)
    check_length("gathered", start.accumulated, shape.accumulated_count)
    _check_integer("iteration", iteration, LATEST if entered else inf)
    if shape.counts_updates:
        _check_integer("updates", start.optimiser_state[-1], iteration)
    if not 0 <= start.pass_start <= (iteration if shape.accumulates else 0):
        text = N_("must be at most the iteration, and 0 if each example is followed by an update")
        raise Invalid("pass_from", text)
    if any(start.accumulated) and not start.place(iteration):
        raise Invalid("gathered", N_("At the start of a pass, the sums must be 0."))
    if start.previous_error is not None and not iteration:
        raise Invalid("previous_error", N_("Iteration 0 has no previous error."))
    if start.shuffle is not None:
        _check_integer("shuffle", start.shuffle, LARGEST_SEED)
    if not entered:
        return
    check_range("learning_rate", (start.learning_rate,), 0.0, LARGEST)
    for index, example in enumerate(start.examples):
        check_range(f"examples.{index}.inputs", example.inputs, -LARGEST, LARGEST)
        check_range(f"examples.{index}.targets", example.targets, -LARGEST, LARGEST)
    if not iteration:
        count = shape.weight_count
        check_range("network.weights", start.network.parameters[:count], -LARGEST, LARGEST)
        check_range("network.biases", start.network.parameters[count:], -LARGEST, LARGEST)


def _check_integer(field: str, value: float, high: float) -> None:
    if not (0 <= value <= high and value == int(value)):
        text = N_("must be an integer from %(low)s to %(high)s")
        raise Invalid(field, text, low=0, high=f"{high:,.0f}")


def stops(errors: Sequence[float], examples: int, below: float = NEVER_BELOW) -> bool:
    """Whether a training ends after these E, those since the start of a pass: the last one is not
    finite, or it ends a pass through all examples whose mean E is below a bound."""
    if not errors or not isfinite(errors[-1]):
        return bool(errors)
    return not len(errors) % examples and sum(errors[-examples:]) / examples < below


@lru_cache(maxsize=256)
def order_of(seed: int, number: int, count: int) -> tuple[int, ...]:
    """Return the order of the examples in pass `number`; each pass has another one.

    `random()` gives the same values in every Python version, so exported programs agree.
    """
    draw = Random(f"{seed}/{number}")
    return tuple(sorted(range(count), key=lambda _: draw.random()))
