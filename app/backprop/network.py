"""The network that is trained, and the examples that it is trained on.

`Shape` is everything about a network except its numbers, `Network` adds the parameters, and
`Example` is one pair of inputs and targets. All of them are validated here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import fsum
from typing import Any

from app.backprop.addresses import address
from app.backprop.conventions import DECK_CONVENTIONS, Conventions, check_names
from app.backprop.errors import N_, Invalid, check_choice, check_length
from app.backprop.expressions import operands
from app.backprop.functions import (
    ACTIVATIONS,
    ERRORS,
    HYPERPARAMETERS,
    OPTIMISERS,
    UpdateRule,
)

UPDATES = ("each", "mean", "sum")
BIASES = ("shared", "per_unit", "none")
LAYERS = range(2, 6)
UNITS = range(1, 9)
MOST_EXAMPLES = 64
LARGEST = 1_000_000.0  # bounds the numbers that a visitor enters; training may exceed it
SUM_TO_ONE = 1e-9  # tolerance for the sum of the targets of cross_entropy

Rows = tuple[tuple[float, ...], ...]
Names = tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about a network except its numbers. It determines the steps of an iteration.

    Raises Invalid if a field is invalid.
    """

    layers: tuple[int, ...]  # units per layer, inputs first: 2 to 5 layers of 1 to 8 units
    # For each layer after the inputs one name, or a name for each unit if these differ.
    activations: Names
    # The name of the error function. `binary_cross_entropy` needs sigmoid outputs,
    # `cross_entropy` needs softmax outputs, and softmax needs `cross_entropy`.
    error: str = "half_squared"
    bias: str = "shared"  # `shared` (one scalar per layer, as in the deck), `per_unit` or `none`
    optimiser: str = "gradient_descent"  # the name of the optimiser
    # `each` (after each example), or a batch update after all examples, by the `mean` or the
    # `sum` of their gradients.
    update: str = "each"
    # Whether this iteration moves the parameters. With batch updates, only the last iteration of
    # a pass does. The shape of a `Network` always has it set.
    is_update_iteration: bool = True
    # Whether weights shrink at every update: λ·w is added to their gradients.
    weight_decay: bool = False
    # What its quantities are called, and two signs; None for the deck's.
    conventions: Conventions | None = None

    def __post_init__(self) -> None:
        names = tuple(each if isinstance(each, str) else tuple(each) for each in self.activations)
        names = _check_shape(self.layers, names, self.error, self.bias, self.optimiser, self.update)
        object.__setattr__(self, "activations", names)
        if self.conventions == DECK_CONVENTIONS:
            object.__setattr__(self, "conventions", None)
        elif self.conventions is not None and self.conventions.names:
            check_names(self.conventions.names, self.nameable)

    @property
    def nameable(self) -> frozenset[str]:
        """The addresses of what a sheet may name: weights, biases, and units by their out."""
        units = ((at, unit) for at, count in enumerate(self.layers) for unit in range(count))
        return frozenset(
            address(kind, *indices)
            for kind, those in (
                ("out", units),
                ("weight", self.weight_indices()),
                ("bias", self.bias_indices()),
            )
            for indices in those
        )

    @property
    def named(self) -> Conventions:
        """The conventions of its names and signs."""
        return self.conventions or DECK_CONVENTIONS

    @property
    def depth(self) -> int:
        """The number of layers, including the inputs."""
        return len(self.layers)

    def activation(self, layer: int, unit: int = 0) -> str:
        """The name of the activation of a unit; layers are counted from 0 at the inputs."""
        names = self.activations[layer - 1]
        return names if isinstance(names, str) else names[unit]

    @property
    def fused_delta(self) -> bool:
        """Whether δ of the outputs is out − target, computed in one step."""
        return ERRORS[self.error].slope is None

    def has_fused_delta(self, layer: int) -> bool:
        """Whether this is the output layer and its δ is computed in one step."""
        return self.fused_delta and layer == self.depth - 1

    @property
    def weight_count(self) -> int:
        return sum(a * b for a, b in pairwise(self.layers))

    @property
    def bias_counts(self) -> tuple[int, ...]:
        """The number of biases of each layer after the inputs."""
        return tuple({"none": 0, "shared": 1}.get(self.bias, units) for units in self.layers[1:])

    @property
    def parameter_count(self) -> int:
        return self.weight_count + sum(self.bias_counts)

    @property
    def kept_rules(self) -> tuple[UpdateRule, ...]:
        """The rules of the optimiser that keep a value for each parameter, such as its velocity."""
        return OPTIMISERS[self.optimiser].kept

    @property
    def counts_updates(self) -> bool:
        """Whether the optimiser depends on the number of updates."""
        return OPTIMISERS[self.optimiser].counts_updates

    @property
    def optimiser_count(self) -> int:
        """How many values the optimiser keeps from one update to the next."""
        return self.parameter_count * len(self.kept_rules) + self.counts_updates

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """The names of the numbers, besides the learning rate, that its rules need."""
        return _hyperparameters(self.error, self.optimiser, self.weight_decay)

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
        return self.parameter_count + self.optimiser_count + self.accumulated_count

    @property
    def accumulating(self) -> "Shape":
        """The shape of an iteration that accumulates gradients and does not update yet."""
        return _accumulating_shape(self)

    @property
    def idle_parameter(self) -> int | None:
        """The index of a parameter that E does not depend on: a bias that softmax outputs share.

        It moves all nets equally, which changes no out. Its gradient is 0 except for rounding."""
        idle = self.bias == "shared" and ACTIVATIONS[self.activation(self.depth - 1)].per_layer
        return self.parameter_count - 1 if idle else None

    def weight_indices(self) -> Iterator[tuple[int, int, int]]:
        """(layer, from, to) of every weight, layer by layer, in row-major order by source."""
        for layer, (sources, targets) in enumerate(pairwise(self.layers)):
            for source in range(sources):
                for target in range(targets):
                    yield layer, source, target

    def bias_indices(self) -> Iterator[tuple[int, ...]]:
        """The address indices of every bias: (layer,) if shared, else (layer, unit)."""
        for layer in range(self.depth - 1):
            yield from self.bias_indices_from(layer)

    def bias_indices_from(self, layer: int) -> Iterator[tuple[int, ...]]:
        """The same for the biases that lead from a layer."""
        for unit in range(self.bias_counts[layer]):
            yield (layer,) if self.bias == "shared" else (layer, unit)


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
        activations: Sequence[str | Sequence[str]] | None = None,
        bias: str = "shared",
        error: str = "half_squared",
        optimiser: str = "gradient_descent",
        update: str = "each",
        weight_decay: bool = False,
        conventions: Conventions | None = None,
    ) -> "Network":
        """Build a network; `weights[l][i][j]` leads from unit i of layer l to unit j of the next.

        Raises Invalid if a field does not fit the layers.
        """
        names: Any = default_activations(layers, error) if activations is None else activations
        shape = Shape(
            *(tuple(layers), tuple(names), error, bias, optimiser, update),
            weight_decay=weight_decay,
            conventions=conventions,
        )
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

    @classmethod
    def of(cls, inputs: Iterable[float], targets: Iterable[float]) -> "Example":
        return cls(as_entered(inputs), as_entered(targets))


def as_entered(numbers: Iterable[float]) -> tuple[float, ...]:
    """The numbers as floats, with 0 in place of −0, which nobody means."""
    return tuple(number + 0.0 for number in numbers)


def check_examples(shape: Shape, examples: Sequence[Example]) -> None:
    """Raises Invalid if there are no examples or too many, or one does not fit the network."""
    if not 1 <= len(examples) <= MOST_EXAMPLES:
        text = N_("1 to %(most)s examples expected, %(given)s given")
        raise Invalid("examples", text, most=MOST_EXAMPLES, given=len(examples))
    for index, example in enumerate(examples):
        check_length(f"examples.{index}.inputs", example.inputs, shape.layers[0])
        check_length(f"examples.{index}.targets", example.targets, shape.layers[-1])
        if shape.fused_delta:
            _check_probabilities(f"examples.{index}.targets", shape, example.targets)


def check_hyperparameter(name: str, value: float) -> None:
    """Raises Invalid if a hyperparameter is outside its range."""
    rule = HYPERPARAMETERS[name]
    if not rule.accepts(value):
        raise Invalid(name, rule.range_text, low=f"{rule.low:,.12g}", high=f"{rule.high:,.12g}")


def users_of(hyperparameter: str) -> list[str]:
    """The optimisers and error functions that need a hyperparameter; none if it is optional."""
    optimisers = (name for name in OPTIMISERS if hyperparameter in _hyperparameters("half_squared", name))  # fmt: skip
    errors = (name for name in ERRORS if hyperparameter in _hyperparameters(name))
    return [*optimisers, *errors]


def default_activations(layers: Sequence[int], error: str = "half_squared") -> Names:
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
    return as_entered(number for matrix in weights for row in matrix for number in row)


def flat_biases(shape: Shape, biases: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Flatten nested biases; raises Invalid if the nesting does not fit the shape."""
    if shape.bias == "none" and not biases:
        return ()
    check_length("network.biases", biases, shape.depth - 1, "layers")
    for layer, count in enumerate(shape.bias_counts):
        check_length(f"network.biases.{layer}", biases[layer], count)
    return as_entered(number for row in biases for number in row)


@lru_cache(maxsize=256)
def _accumulating_shape(shape: Shape) -> Shape:
    return replace(shape, is_update_iteration=False)


@lru_cache
def _hyperparameters(
    error: str, optimiser: str = "gradient_descent", weight_decay: bool = False
) -> tuple[str, ...]:
    rules, errors = OPTIMISERS[optimiser], ERRORS[error]
    formulas = [errors.value, errors.slope, *(rule.value for rule in rules.rules), rules.change]
    names = [name for formula in formulas if formula for name in operands(formula)]
    names += ["weight_decay"] * weight_decay
    return tuple(dict.fromkeys(name for name in names if name in HYPERPARAMETERS))


@lru_cache(maxsize=256)  # a session is read at every step, with several shapes in it
def _check_shape(
    layers: tuple[int, ...], names: Names, error: str, bias: str, optimiser: str, update: str
) -> Names:
    """The activations, with one name for a layer whose units have the same one.

    Raises Invalid if a field of a shape is invalid.
    """
    if len(layers) not in LAYERS:
        text = N_("A network has 2 to 5 layers, including the input layer.")
        raise Invalid("network.layers", text)
    for index, units in enumerate(layers):
        if units not in UNITS:
            raise Invalid(f"network.layers.{index}", N_("A layer has 1 to 8 units."))
    if len(names) != len(layers) - 1:
        text = N_("Each layer after the input layer needs one activation (%(count)s in all).")
        raise Invalid("network.activations", text, count=len(layers) - 1)
    pairs = enumerate(zip(names, layers[1:], strict=True))
    names = tuple(_check_layer(f"network.activations.{index}", *pair) for index, pair in pairs)
    check_choice("network.error", error, ERRORS)
    check_choice("network.bias", bias, BIASES)
    check_choice("network.optimiser", optimiser, OPTIMISERS)
    check_choice("network.update", update, UPDATES)
    _check_outputs(layers, names, error)
    return names


def _check_layer(field: str, names: str | tuple[str, ...], units: int) -> str | tuple[str, ...]:
    if isinstance(names, str):
        check_choice(field, names, ACTIVATIONS)
        return names
    check_length(field, names, units, "names")
    for unit, name in enumerate(names):
        check_choice(f"{field}.{unit}", name, ACTIVATIONS)
        if ACTIVATIONS[name].per_layer:
            text = N_("%(name)s applies to a whole layer, not to single units.")
            raise Invalid(f"{field}.{unit}", text, name=name)
    return names[0] if len(set(names)) == 1 else names


def _check_outputs(layers: tuple[int, ...], activations: Names, error: str) -> None:
    """Raises Invalid if an activation does not fit its layer or the error function."""
    *hidden, outputs = activations
    last = f"network.activations.{len(hidden)}"
    for index, names in enumerate(hidden):
        if isinstance(names, str) and ACTIVATIONS[names].per_layer:
            text = N_("%(name)s is available for the output layer only.")
            raise Invalid(f"network.activations.{index}", text, name=names)
    needed = ERRORS[error].activation
    for unit, name in enumerate((outputs,) if isinstance(outputs, str) else outputs):
        if needed is not None and name != needed:
            text = N_(
                "With the error function %(error)s, the output activation must be %(needed)s, not %(name)s."
            )
            field = last if outputs == name else f"{last}.{unit}"
            raise Invalid(field, text, error=error, needed=needed, name=name)
    if not isinstance(outputs, str) or not ACTIVATIONS[outputs].per_layer:
        return
    if needed != outputs:
        text = N_(
            "The output activation %(name)s needs the error function %(needed)s, not %(error)s."
        )
        fitting = ", ".join(name for name, row in ERRORS.items() if row.activation == outputs)
        raise Invalid("network.error", text, name=outputs, needed=fitting, error=error)
    if layers[-1] == 1:
        text = N_("%(name)s needs at least two outputs: a single one would always be 1.")
        raise Invalid(f"network.layers.{len(hidden) + 1}", text, name=outputs)


def _check_probabilities(field: str, shape: Shape, targets: Sequence[float]) -> None:
    """Raises Invalid if a target is not a probability, or those of softmax do not sum to 1."""
    for index, target in enumerate(targets):
        if not 0.0 <= target <= 1.0:
            text = N_("With the error function %(error)s, each target must be from 0 to 1.")
            raise Invalid(f"{field}.{index}", text, error=shape.error)
    per_layer = ACTIVATIONS[shape.activation(shape.depth - 1)].per_layer
    if per_layer and abs(fsum(targets) - 1.0) > SUM_TO_ONE:
        raise Invalid(field, N_("The targets must sum to 1."))
