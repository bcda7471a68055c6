"""The network that is trained, and the examples that it is trained on.

`Shape` is everything about a network except its numbers, `Network` adds the parameters, and
`Example` is one pair of inputs and targets. All of them are validated here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import fsum

from app.backprop.errors import N_, Invalid, check_choice, check_length
from app.backprop.functions import ACTIVATIONS, ERRORS

OPTIMISERS = ("gradient_descent", "momentum")
UPDATES = ("each", "mean", "sum")
BIASES = ("shared", "per_unit", "none")
LAYERS = range(2, 6)
UNITS = range(1, 9)
MOST_EXAMPLES = 64
LARGEST = 1_000_000.0  # bounds the numbers that a visitor enters; training may exceed it
SUM_TO_ONE = 1e-9  # tolerance for the sum of the targets of cross_entropy

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about a network except its numbers. It determines the steps of an iteration.

    Raises Invalid if a field is invalid.
    """

    layers: tuple[int, ...]  # units per layer, inputs first: 2 to 5 layers of 1 to 8 units
    activations: tuple[str, ...]  # one name per layer after the inputs
    # The name of the error function. `binary_cross_entropy` needs sigmoid outputs,
    # `cross_entropy` needs softmax outputs, and softmax needs `cross_entropy`.
    error: str = "half_squared"
    bias: str = "shared"  # `shared` (one scalar per layer, as in the deck), `per_unit` or `none`
    optimiser: str = "gradient_descent"  # `gradient_descent` or `momentum`
    # `each` (after each example), or a batch update after all examples, by the `mean` or the
    # `sum` of their gradients.
    update: str = "each"
    # Whether this iteration moves the parameters. With batch updates, only the last iteration of
    # a pass does. The shape of a `Network` always has it set.
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
        """The number of layers, including the inputs."""
        return len(self.layers)

    @property
    def fused_delta(self) -> bool:
        """Whether δ of the outputs is out − target, computed in one step."""
        return ERRORS[self.error].fused_delta

    @property
    def weight_count(self) -> int:
        return _weight_count(self.layers)

    @property
    def bias_counts(self) -> tuple[int, ...]:
        """The number of biases of each layer after the inputs."""
        if self.bias == "none":
            return tuple(0 for _ in self.layers[1:])
        return tuple(1 if self.bias == "shared" else units for units in self.layers[1:])

    @property
    def parameter_count(self) -> int:
        return self.weight_count + sum(self.bias_counts)

    @property
    def velocity_count(self) -> int:
        """The number of velocities: one per parameter with momentum, else 0."""
        return self.parameter_count if self.optimiser == "momentum" else 0

    @property
    def text(self) -> str:
        """The layer sizes, such as 3-4-2."""
        return "-".join(map(str, self.layers))

    @property
    def accumulates(self) -> bool:
        """Whether gradients are accumulated over all examples before an update."""
        return self.update != "each"

    @property
    def accumulated_count(self) -> int:
        """The number of gradient sums: one per parameter with batch updates, else 0."""
        return self.parameter_count if self.accumulates else 0

    @property
    def state_count(self) -> int:
        """The number of values that training changes."""
        return self.parameter_count + self.velocity_count + self.accumulated_count

    @property
    def accumulating(self) -> "Shape":
        """The shape of an iteration that accumulates gradients and does not update yet."""
        return _accumulating_shape(self)

    @property
    def idle_parameter(self) -> int | None:
        """The index of a parameter that E does not depend on: a bias that softmax outputs share.

        It moves all nets equally, which changes no out. Its gradient is 0 except for rounding."""
        idle = self.bias == "shared" and ACTIVATIONS[self.activations[-1]].per_layer
        return self.parameter_count - 1 if idle else None

    def weight_indices(self) -> Iterator[tuple[int, int, int]]:
        """(layer, from, to) of every weight, layer by layer, in row-major order by source."""
        for layer, (sources, targets) in enumerate(pairwise(self.layers)):
            for source in range(sources):
                for target in range(targets):
                    yield layer, source, target

    def bias_indices(self) -> Iterator[tuple[int, ...]]:
        """The address indices of every bias: (layer,) if shared, else (layer, unit)."""
        for layer, count in enumerate(self.bias_counts):
            if self.bias == "shared":
                yield (layer,)
            else:
                yield from ((layer, unit) for unit in range(count))


@dataclass(frozen=True, slots=True)
class Network:
    """A shape with values for its parameters."""

    shape: Shape
    # All weights, then all biases, in the order of `Shape.weight_indices` and
    # `Shape.bias_indices`.
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
        """Build a network; `weights[l][i][j]` leads from unit i of layer l to unit j of the next.

        Raises Invalid if a field does not fit the layers.
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
        """One row per layer after the inputs: one value if shared, else one per unit. Empty if
        there are no biases."""
        if self.shape.bias == "none":
            return ()
        numbers = iter(self.parameters[self.shape.weight_count :])
        return tuple(tuple(next(numbers) for _ in range(count)) for count in self.shape.bias_counts)


@dataclass(frozen=True, slots=True)
class Example:
    """The inputs of a network and the outputs that it should produce."""

    inputs: tuple[float, ...]
    targets: tuple[float, ...]


def check_examples(shape: Shape, examples: Sequence[Example]) -> None:
    """Raises Invalid if there are no examples, or one does not fit the network."""
    if not examples:
        raise Invalid("examples", "At least one example is required.")
    for index, example in enumerate(examples):
        check_length(f"examples.{index}.inputs", example.inputs, shape.layers[0])
        check_length(f"examples.{index}.targets", example.targets, shape.layers[-1])
        if shape.fused_delta:
            _check_probabilities(f"examples.{index}.targets", shape, example.targets)


def check_momentum(shape: Shape, momentum: float) -> None:
    """Raises Invalid if the optimiser has no momentum, or it is outside 0 ≤ μ < 1."""
    if not shape.velocity_count:
        text = N_("The momentum can be set only with the optimiser momentum.")
        raise Invalid("momentum", text)
    if not 0.0 <= momentum < 1.0:
        raise Invalid("momentum", N_("must be at least 0 and less than 1"))


def default_activations(layers: Sequence[int], error: str = "half_squared") -> tuple[str, ...]:
    """Sigmoid for every layer, except for outputs whose error function needs another activation."""
    count = max(0, len(layers) - 1)
    outputs = (ERRORS[error].activation if error in ERRORS else None) or "sigmoid"
    return (("sigmoid",) * count)[:-1] + (outputs,) * bool(count)


def flat_weights(shape: Shape, weights: Sequence[Sequence[Sequence[float]]]) -> tuple[float, ...]:
    """Flatten nested weights; raises Invalid if the nesting does not fit the shape."""
    check_length("network.weights", weights, shape.depth - 1, "matrices")
    for layer, (sources, targets) in enumerate(pairwise(shape.layers)):
        check_length(f"network.weights.{layer}", weights[layer], sources, "rows")
        for source in range(sources):
            check_length(f"network.weights.{layer}.{source}", weights[layer][source], targets)
    return tuple(float(number) for matrix in weights for row in matrix for number in row)


def flat_biases(shape: Shape, biases: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Flatten nested biases; raises Invalid if the nesting does not fit the shape."""
    if shape.bias == "none" and not biases:
        return ()
    check_length("network.biases", biases, shape.depth - 1, "layers")
    for layer, count in enumerate(shape.bias_counts):
        check_length(f"network.biases.{layer}", biases[layer], count)
    return tuple(float(number) for row in biases for number in row)


@lru_cache(maxsize=256)
def _accumulating_shape(shape: Shape) -> Shape:
    return replace(shape, is_update_iteration=False)


@lru_cache
def _weight_count(layers: tuple[int, ...]) -> int:
    return sum(a * b for a, b in pairwise(layers))


def _check_outputs(shape: Shape) -> None:
    """Raises Invalid if an activation does not fit its layer or the error function."""
    last = len(shape.activations) - 1
    for index, name in enumerate(shape.activations[:-1]):
        if ACTIVATIONS[name].per_layer:
            text = N_("%(name)s is available for the output layer only.")
            raise Invalid(f"network.activations.{index}", text, name=name)
    outputs, needed = shape.activations[-1], ERRORS[shape.error].activation
    if needed is not None and outputs != needed:
        text = N_(
            "With the error function %(error)s, the output activation must be %(needed)s, not %(name)s."
        )
        values = {"error": shape.error, "needed": needed, "name": outputs}
        raise Invalid(f"network.activations.{last}", text, **values)
    if ACTIVATIONS[outputs].per_layer and needed != outputs:
        text = N_(
            "The output activation %(name)s needs the error function cross_entropy, not %(error)s."
        )
        raise Invalid("network.error", text, name=outputs, error=shape.error)
    if ACTIVATIONS[outputs].per_layer and shape.layers[-1] == 1:
        text = N_("%(name)s needs at least two outputs: a single one would always be 1.")
        raise Invalid(f"network.layers.{last + 1}", text, name=outputs)


def _check_probabilities(field: str, shape: Shape, targets: Sequence[float]) -> None:
    """Raises Invalid if a target is not a probability, or those of softmax do not sum to 1."""
    for index, target in enumerate(targets):
        if not 0.0 <= target <= 1.0:
            text = N_("With the error function %(error)s, each target must be from 0 to 1.")
            raise Invalid(f"{field}.{index}", text, error=shape.error)
    if ACTIVATIONS[shape.activations[-1]].per_layer and abs(fsum(targets) - 1.0) > SUM_TO_ONE:
        raise Invalid(field, N_("The targets must sum to 1."))
