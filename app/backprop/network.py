"""What is trained: a network's shape and parameters, and the examples that it is trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import fsum

from app.backprop.errors import N_, Invalid, check_choice, check_length
from app.backprop.functions import ACTIVATIONS, ERRORS

OPTIMISERS = ("gradient_descent", "momentum")
UPDATES = (
    "each",
    "mean",
    "sum",
)  # after each example, or after all, by their gradients' mean or sum
BIASES = ("shared", "per_unit", "none")
LAYERS = range(2, 6)
UNITS = range(1, 9)


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a network but its numbers. The steps of an iteration depend on this alone.

    Attributes:
        layers: units per layer, the inputs first: 2 to 5 layers of 1 to 8 units.
        activations: one name per layer that computes, the first hidden layer first.
        error: the name of the error function. `binary_cross_entropy` goes with sigmoid outputs,
            `cross_entropy` with softmax outputs, which nothing else does.
        bias: `shared` (one scalar per layer, as in the deck), `per_unit` or `none`.
        optimiser: `gradient_descent`, or `momentum`, which moves a parameter by a velocity.
        update: `each` (after each example), or after all of them by the `mean` or the `sum` of
            their gradients, which the iterations before gather.
        is_update_iteration: whether the iteration is the last of a pass through all examples and updates, as
            without passes each does. A network is always of the shape that does.

    Raises:
        Invalid: naming the field.
    """

    layers: tuple[int, ...]
    activations: tuple[str, ...]
    error: str = "half_squared"
    bias: str = "shared"
    optimiser: str = "gradient_descent"
    update: str = "each"
    is_update_iteration: bool = True

    def __post_init__(self) -> None:
        if len(self.layers) not in LAYERS:
            raise Invalid(
                "network.layers", N_("A network has 2 to 5 layers, including the input layer.")
            )
        for index, units in enumerate(self.layers):
            if units not in UNITS:
                raise Invalid(f"network.layers.{index}", N_("A layer has 1 to 8 units."))
        if len(self.activations) != len(self.layers) - 1:
            text = N_("Each layer after the input layer needs one activation (%(count)s in all).")
            raise Invalid("network.activations", text, count=len(self.layers) - 1)
        for index, name in enumerate(self.activations):
            check_choice(f"network.activations.{index}", name, ACTIVATIONS)
        check_choice("network.error", self.error, ERRORS)
        check_choice("network.bias", self.bias, BIASES)
        check_choice("network.optimiser", self.optimiser, OPTIMISERS)
        check_choice("network.update", self.update, UPDATES)
        _check_outputs(self)

    @property
    def depth(self) -> int:
        """How many layers there are, the inputs included."""
        return len(self.layers)

    @property
    def fused_delta(self) -> bool:
        """Whether δ of the outputs is out − target at once, without slopes before it."""
        return ERRORS[self.error].fused_delta

    @property
    def weight_count(self) -> int:
        return _weight_count(self.layers)

    @property
    def bias_counts(self) -> tuple[int, ...]:
        """Biases per layer that computes: 1 each when shared, one a unit, or none at all."""
        if self.bias == "none":
            return tuple(0 for _ in self.layers[1:])
        return tuple(1 if self.bias == "shared" else units for units in self.layers[1:])

    @property
    def parameter_count(self) -> int:
        return self.weight_count + sum(self.bias_counts)

    @property
    def velocity_count(self) -> int:
        """How many velocities there are: one a parameter with momentum, else none."""
        return self.parameter_count if self.optimiser == "momentum" else 0

    @property
    def text(self) -> str:
        """The sizes of its layers as they are said: 3-4-2."""
        return "-".join(map(str, self.layers))

    @property
    def accumulates(self) -> bool:
        """Whether gradients are gathered, and parameters move after all examples."""
        return self.update != "each"

    @property
    def accumulated_count(self) -> int:
        """How many sums of gradients there are: one a parameter, or none."""
        return self.parameter_count if self.accumulates else 0

    @property
    def state_count(self) -> int:
        """How many numbers training changes."""
        return self.parameter_count + self.velocity_count + self.accumulated_count

    @property
    def accumulating(self) -> "Shape":
        """The shape of an iteration that gathers and does not yet update."""
        return _gathering(self)

    @property
    def idle_parameter(self) -> int | None:
        """The index of a parameter on which E does not depend: a bias that softmax outputs share
        moves all nets alike, and so no out. Its gradient is 0 but for rounding."""
        idle = self.bias == "shared" and ACTIVATIONS[self.activations[-1]].per_layer
        return self.parameter_count - 1 if idle else None

    def weight_indices(self) -> Iterator[tuple[int, int, int]]:
        """(layer, from, to) of every weight: layer by layer, each row-major, rows the source."""
        for layer, (sources, targets) in enumerate(pairwise(self.layers)):
            for source in range(sources):
                for target in range(targets):
                    yield layer, source, target

    def bias_indices(self) -> Iterator[tuple[int, ...]]:
        """The indices of every bias's address: (layer,) when shared, else (layer, unit)."""
        for layer, count in enumerate(self.bias_counts):
            if self.bias == "shared":
                yield (layer,)
            else:
                yield from ((layer, unit) for unit in range(count))


@lru_cache(maxsize=256)
def _gathering(shape: Shape) -> Shape:
    return replace(shape, is_update_iteration=False)


@lru_cache
def _weight_count(layers: tuple[int, ...]) -> int:
    return sum(a * b for a, b in pairwise(layers))


def _check_outputs(shape: Shape) -> None:
    """Raises Invalid where an activation does not go with its place, or with the error."""
    last = len(shape.activations) - 1
    for index, name in enumerate(shape.activations[:-1]):
        if ACTIVATIONS[name].per_layer:
            text = N_("%(name)s is available for the output layer only.")
            raise Invalid(f"network.activations.{index}", text, name=name)
    outputs, needed = shape.activations[-1], ERRORS[shape.error].activation
    if needed is not None and outputs != needed:
        text = N_(
            "With the error function %(error)s, the activation of the output layer must be %(needed)s, not %(name)s."
        )
        varying = {"error": shape.error, "needed": needed, "name": outputs}
        raise Invalid(f"network.activations.{last}", text, **varying)
    if ACTIVATIONS[outputs].per_layer and needed != outputs:
        text = N_(
            "The output activation %(name)s needs the error function cross_entropy, not %(error)s."
        )
        raise Invalid("network.error", text, name=outputs, error=shape.error)
    if ACTIVATIONS[outputs].per_layer and shape.layers[-1] == 1:
        text = N_("%(name)s needs at least two outputs: a single one would always be 1.")
        raise Invalid(f"network.layers.{last + 1}", text, name=outputs)


MOST_EXAMPLES = 64  # that a visitor may give
SUM_TO_ONE = 1e-9  # how near the targets of cross_entropy add up to 1
LARGEST = 1_000_000.0  # of a number that a visitor chooses; training may go beyond

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Network:
    """A shape and its numbers.

    Attributes:
        parameters: all weights, then all biases, in the order of `Shape.weight_indices` and
            `Shape.bias_indices`.
    """

    shape: Shape
    parameters: tuple[float, ...]

    @classmethod
    def of(
        cls,
        layers: Sequence[int],
        weights: Sequence[Sequence[Sequence[float]]],
        biases: Sequence[Sequence[float]] = (),
        *,
        activations: Sequence[str] | None = None,
        bias: str = "shared",
        error: str = "half_squared",
        optimiser: str = "gradient_descent",
        update: str = "each",
    ) -> "Network":
        """A network from nested numbers: `weights[l][i][j]` leads from unit i to unit j.

        Raises:
            Invalid: naming the field whose shape does not fit.
        """
        names = default_activations(layers, error) if activations is None else tuple(activations)
        shape = Shape(tuple(layers), names, error, bias, optimiser, update)
        return cls(shape, flat_weights(shape, weights) + flat_biases(shape, biases))

    @property
    def weights(self) -> tuple[Rows, ...]:
        """`weights[l][i][j]`, from unit i of layer l to unit j of layer l+1 (slide 1)."""
        numbers = iter(self.parameters)
        return tuple(
            tuple(tuple(next(numbers) for _ in range(targets)) for _ in range(sources))
            for sources, targets in pairwise(self.shape.layers)
        )

    @property
    def biases(self) -> Rows:
        """One list per layer that computes, of one number when shared, of one a unit otherwise;
        nothing at all where there are no biases."""
        if self.shape.bias == "none":
            return ()
        numbers = iter(self.parameters[self.shape.weight_count :])
        return tuple(tuple(next(numbers) for _ in range(count)) for count in self.shape.bias_counts)


@dataclass(frozen=True, slots=True)
class Example:
    """What goes in and what should come out."""

    inputs: tuple[float, ...]
    targets: tuple[float, ...]


def check_examples(shape: Shape, examples: Sequence[Example]) -> None:
    """Raises Invalid where an example does not fit the network, or there is none."""
    if not examples:
        raise Invalid("examples", "At least one example is required.")
    for index, example in enumerate(examples):
        check_length(f"examples.{index}.inputs", example.inputs, shape.layers[0])
        check_length(f"examples.{index}.targets", example.targets, shape.layers[-1])
        if shape.fused_delta:
            _check_shares(f"examples.{index}.targets", shape, example.targets)


def check_momentum(shape: Shape, momentum: float) -> None:
    """Raises Invalid where there is none, or it would make velocities grow by themselves."""
    if not shape.velocity_count:
        text = N_("The momentum can be set only with the optimiser momentum.")
        raise Invalid("momentum", text)
    if not 0.0 <= momentum < 1.0:
        raise Invalid("momentum", N_("must be at least 0 and less than 1"))


def default_activations(layers: Sequence[int], error: str = "half_squared") -> tuple[str, ...]:
    """Sigmoids, but for the outputs where the error is made for others."""
    count = max(0, len(layers) - 1)
    outputs = (ERRORS[error].activation if error in ERRORS else None) or "sigmoid"
    return (("sigmoid",) * count)[:-1] + (outputs,) * bool(count)


def flat_weights(shape: Shape, weights: Sequence[Sequence[Sequence[float]]]) -> tuple[float, ...]:
    """All weights in a row; raises Invalid where the nesting does not fit the shape."""
    check_length("network.weights", weights, shape.depth - 1, "matrices")
    for layer, (sources, targets) in enumerate(pairwise(shape.layers)):
        check_length(f"network.weights.{layer}", weights[layer], sources, "rows")
        for source in range(sources):
            check_length(f"network.weights.{layer}.{source}", weights[layer][source], targets)
    return tuple(float(number) for matrix in weights for row in matrix for number in row)


def flat_biases(shape: Shape, biases: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """All biases in a row; raises Invalid where the nesting does not fit the shape."""
    if shape.bias == "none" and not biases:
        return ()
    check_length("network.biases", biases, shape.depth - 1, "layers")
    for layer, count in enumerate(shape.bias_counts):
        check_length(f"network.biases.{layer}", biases[layer], count)
    return tuple(float(number) for row in biases for number in row)


def _check_shares(field: str, shape: Shape, targets: Sequence[float]) -> None:
    """Raises Invalid where targets are no probabilities, or of softmax outputs, not of all."""
    for index, target in enumerate(targets):
        if not 0.0 <= target <= 1.0:
            text = N_("With the error function %(error)s, each target must be from 0 to 1.")
            raise Invalid(f"{field}.{index}", text, error=shape.error)
    if ACTIVATIONS[shape.activations[-1]].per_layer and abs(fsum(targets) - 1.0) > SUM_TO_ONE:
        raise Invalid(field, N_("The targets must sum to 1."))
