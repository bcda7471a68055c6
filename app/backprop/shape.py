"""All of a network but its numbers, and what is said of one that cannot be."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

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


def N_(text: str) -> str:  # gettext's customary name: marks a text for translation
    return text


class Invalid(ValueError):
    """A network, example or setting that cannot be: `field` says which part, `message` why.

    What an address can get wrong is shown on a page, in its language: such a text is marked, with
    what varies in it apart.
    """

    def __init__(self, field: str, text: str, **varying: object) -> None:
        self.field, self._text, self._varying = field, text, varying
        super().__init__(f"{field}: {self.message}")

    @property
    def message(self) -> str:
        return self.said(N_)

    def said(self, translate: Callable[[str], str]) -> str:
        """The message in a language."""
        text = translate(self._text)
        return text % self._varying if self._varying else text

    def of(self, field: str) -> "Invalid":
        """The same of a field by another name: what is inside for one is outermost for another."""
        return Invalid(field, self._text, **self._varying)


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
        closes: whether the iteration is the last of a pass through all examples and updates, as
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
    closes: bool = True

    def __post_init__(self) -> None:
        if len(self.layers) not in LAYERS:
            raise Invalid("network.layers", N_("a network has 2 to 5 layers, the inputs included"))
        for index, units in enumerate(self.layers):
            if units not in UNITS:
                raise Invalid(f"network.layers.{index}", N_("a layer has 1 to 8 units"))
        if len(self.activations) != len(self.layers) - 1:
            text = N_("one activation for each layer after the inputs: %(count)s")
            raise Invalid("network.activations", text, count=len(self.layers) - 1)
        for index, name in enumerate(self.activations):
            one_of(f"network.activations.{index}", name, ACTIVATIONS)
        one_of("network.error", self.error, ERRORS)
        one_of("network.bias", self.bias, BIASES)
        one_of("network.optimiser", self.optimiser, OPTIMISERS)
        one_of("network.update", self.update, UPDATES)
        _check_outputs(self)

    @property
    def depth(self) -> int:
        """How many layers there are, the inputs included."""
        return len(self.layers)

    @property
    def joint(self) -> bool:
        """Whether δ of the outputs is out − target at once, without slopes before it."""
        return ERRORS[self.error].joint

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
    def gathers(self) -> bool:
        """Whether gradients are gathered, and parameters move after all examples."""
        return self.update != "each"

    @property
    def gathered_count(self) -> int:
        """How many sums of gradients there are: one a parameter, or none."""
        return self.parameter_count if self.gathers else 0

    @property
    def state_count(self) -> int:
        """How many numbers training changes."""
        return self.parameter_count + self.velocity_count + self.gathered_count

    @property
    def gathering(self) -> "Shape":
        """The shape of an iteration that gathers and does not yet update."""
        return _gathering(self)

    @property
    def idle_parameter(self) -> int | None:
        """The index of a parameter on which E does not depend: a bias that softmax outputs share
        moves all nets alike, and so no out. Its gradient is 0 but for rounding."""
        idle = self.bias == "shared" and ACTIVATIONS[self.activations[-1]].whole
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
    return replace(shape, closes=False)


@lru_cache
def _weight_count(layers: tuple[int, ...]) -> int:
    return sum(a * b for a, b in pairwise(layers))


def _check_outputs(shape: Shape) -> None:
    """Raises Invalid where an activation does not go with its place, or with the error."""
    last = len(shape.activations) - 1
    for index, name in enumerate(shape.activations[:-1]):
        if ACTIVATIONS[name].whole:
            text = N_("%(name)s is for the output layer, the last")
            raise Invalid(f"network.activations.{index}", text, name=name)
    outputs, needed = shape.activations[-1], ERRORS[shape.error].activation
    if needed is not None and outputs != needed:
        text = N_("with the error %(error)s the outputs are %(needed)s, not %(name)s")
        varying = {"error": shape.error, "needed": needed, "name": outputs}
        raise Invalid(f"network.activations.{last}", text, **varying)
    if ACTIVATIONS[outputs].whole and needed != outputs:
        text = N_("%(name)s outputs need the error cross_entropy, not %(error)s")
        raise Invalid("network.error", text, name=outputs, error=shape.error)
    if ACTIVATIONS[outputs].whole and shape.layers[-1] == 1:
        text = N_("%(name)s takes at least two outputs: of one it is always 1")
        raise Invalid(f"network.layers.{last + 1}", text, name=outputs)


def length(field: str, numbers: Sequence[object], length: int) -> None:
    if len(numbers) != length:
        text = N_("%(expected)s expected, %(given)s given")
        raise Invalid(field, text, expected=length, given=len(numbers))


def one_of(field: str, name: str, known: Collection[str]) -> None:
    """Raises Invalid where there is no such name."""
    if name not in known:
        text = N_("one of %(known)s; not %(name)s")
        raise Invalid(field, text, known=", ".join(known), name=repr(name))
