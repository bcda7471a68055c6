"""What is trained: a network's shape and parameters, and the examples that it is trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from app.backprop.functions import ACTIVATIONS, ERRORS
from app.backprop.shape import BIASES as BIASES
from app.backprop.shape import N_ as N_
from app.backprop.shape import OPTIMISERS as OPTIMISERS
from app.backprop.shape import UNITS as UNITS
from app.backprop.shape import UPDATES as UPDATES
from app.backprop.shape import Invalid as Invalid
from app.backprop.shape import Shape as Shape
from app.backprop.shape import length

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
        names = usual_activations(layers, error) if activations is None else tuple(activations)
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
        raise Invalid("examples", "at least one example is needed")
    for index, example in enumerate(examples):
        length(f"examples.{index}.inputs", example.inputs, shape.layers[0])
        length(f"examples.{index}.targets", example.targets, shape.layers[-1])
        if shape.joint:
            _check_shares(f"examples.{index}.targets", shape, example.targets)


def check_momentum(shape: Shape, momentum: float) -> None:
    """Raises Invalid where there is none, or it would make velocities grow by themselves."""
    if not shape.velocity_count:
        text = N_("only with the optimiser momentum is there a momentum to choose")
        raise Invalid("momentum", text)
    if not 0.0 <= momentum < 1.0:
        raise Invalid("momentum", N_("a number from 0 to less than 1"))


def usual_activations(layers: Sequence[int], error: str = "half_squared") -> tuple[str, ...]:
    """Sigmoids, but for the outputs where the error is made for others."""
    count = max(0, len(layers) - 1)
    outputs = (ERRORS[error].activation if error in ERRORS else None) or "sigmoid"
    return (("sigmoid",) * count)[:-1] + (outputs,) * bool(count)


def flat_weights(shape: Shape, weights: Sequence[Sequence[Sequence[float]]]) -> tuple[float, ...]:
    """All weights in a row; raises Invalid where the nesting does not fit the shape."""
    length("network.weights", weights, shape.depth - 1)
    for layer, (sources, targets) in enumerate(pairwise(shape.layers)):
        length(f"network.weights.{layer}", weights[layer], sources)
        for source in range(sources):
            length(f"network.weights.{layer}.{source}", weights[layer][source], targets)
    return tuple(float(number) for matrix in weights for row in matrix for number in row)


def flat_biases(shape: Shape, biases: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """All biases in a row; raises Invalid where the nesting does not fit the shape."""
    if shape.bias == "none" and not biases:
        return ()
    length("network.biases", biases, shape.depth - 1)
    for layer, count in enumerate(shape.bias_counts):
        length(f"network.biases.{layer}", biases[layer], count)
    return tuple(float(number) for row in biases for number in row)


def _check_shares(field: str, shape: Shape, targets: Sequence[float]) -> None:
    """Raises Invalid where targets are no probabilities, or of softmax outputs, not of all."""
    for index, target in enumerate(targets):
        if not 0.0 <= target <= 1.0:
            text = N_("with the error %(error)s a target is a number from 0 to 1")
            raise Invalid(f"{field}.{index}", text, error=shape.error)
    if ACTIVATIONS[shape.activations[-1]].whole and abs(fsum(targets) - 1.0) > SUM_TO_ONE:
        text = N_("the targets of %(error)s add up to 1, to within a thousand millionth")
        raise Invalid(field, text, error=shape.error)
