"""Variants of an exercise: networks of one structure, each with numbers that a seed gives.

The numbers are pleasant by hand. They have few digits, and none is 0. No unit is saturated, the units
of a hidden layer with a kink are neither all on nor all off, and no target is already reached.

A seed stands on paper, as a link, so it has to give the same numbers for good. Only the bits of PCG64
are used, which NumPy keeps; how its generators turn bits into numbers may change.
`tests/exercises/test_variants.py` has a record of variants that must not change.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

import numpy as np

from app.backprop.compiler import compile_iteration
from app.backprop.errors import N_, Invalid, check_index
from app.backprop.functions import ACTIVATIONS
from app.backprop.network import Example, Network, Shape
from app.simulation.history import History
from app.simulation.simulation import Simulation

DECIMALS = range(3)  # of the given numbers
USUAL_DECIMALS = 1
LAST_SEED = 999_999_999  # nine digits, as in the address of a built network

# The nets that a unit may have, in size: below the first the sign is hard to see, and beyond the second
# the derivative of its activation is small.
SMALLEST_NET = 0.05
LARGEST_NETS = {"sigmoid": 2.5, "tanh": 1.5, "softmax": 2.0}
LARGEST_NET = 3.0  # of the others
LEAST_DISTANCE = 0.1  # of an output from its target
LEAST_DELTA = 0.001  # of at least one unit in each layer
TRIES_UNIT, TRIES_NETWORK = 60, 20  # before the best so far is taken
# The sizes of weights and biases, and of inputs, in units of the last decimal, for each number of them.
WEIGHTS = (range(1, 3), range(1, 10), range(5, 100))
INPUTS = (range(1, 3), range(1, 11), range(10, 101))


@dataclass(frozen=True, slots=True)
class Structure:
    """What all variants have in common.

    Raises Invalid if a field is invalid.
    """

    shape: Shape
    learning_rate: float = 0.5
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    decimals: int = USUAL_DECIMALS  # of weights, biases, inputs and targets: 0, 1 or 2

    def __post_init__(self) -> None:
        check_index("given_decimals", self.decimals, DECIMALS[0], DECIMALS[-1])
        # A variant has a single example, so there is nothing to accumulate. A sheet's own names of
        # single weights are too long for its link.
        named = replace(self.shape.named, names=())
        object.__setattr__(self, "shape", replace(self.shape, update="each", conventions=named))

    @classmethod
    def of(cls, simulation: Simulation, decimals: int = USUAL_DECIMALS) -> "Structure":
        """The structure of a simulation, whatever its numbers and its moment are."""
        start = simulation.start
        values = dict(start.hyperparameter_values)
        return cls(start.network.shape, start.learning_rate, values, decimals)


def variant(structure: Structure, seed: int) -> Simulation:
    """Return the variant of a seed, at the start of its only iteration's first step.

    Raises Invalid if the seed is negative or too large.
    """
    if not 0 <= seed <= LAST_SEED:
        text = N_("must be an integer from %(low)s to %(high)s")
        raise Invalid("seed", text, low="0", high=f"{LAST_SEED:,}")
    draw = _Draw(seed, structure.decimals)
    best, most = None, (False, -1.0)
    for _ in range(TRIES_NETWORK):
        simulation, fits = _drawn(structure, draw)
        smallest = _smallest_delta(simulation)
        if (fits, smallest) > most:
            best, most = simulation, (fits, smallest)
        if fits and smallest >= LEAST_DELTA:
            break
    assert best is not None
    start = best.start.with_conventions(structure.shape.conventions)
    return replace(best, start=start, history=History.starting_at(start))


class _Draw:
    """Numbers with few digits from the bits of a seed."""

    def __init__(self, seed: int, decimals: int) -> None:
        self.bits = np.random.PCG64(seed)
        self.decimals, self.one = decimals, float(10**decimals)

    def below(self, count: int) -> int:
        """An integer from 0 to `count` − 1. Its bias, below 2^−50, does not matter."""
        return int(self.bits.random_raw()) % count

    def number(self, sizes: range) -> float:
        """A number of a size in units of the last decimal, with either sign."""
        size = sizes[self.below(len(sizes))]
        return (-size if self.below(2) else size) / self.one

    def weight(self) -> float:
        return self.number(WEIGHTS[self.decimals])

    def input(self) -> float:
        return self.number(INPUTS[self.decimals])

    def subset(self, count: int, size: int) -> frozenset[int]:
        """So many of the first `count` integers."""
        left = list(range(count))
        return frozenset(left.pop(self.below(len(left))) for _ in range(size))


def _drawn(structure: Structure, draw: _Draw) -> tuple[Simulation, bool]:
    """A network whose units are drawn one after the other, and an example; and whether all nets are
    as they should be."""
    shape = replace(structure.shape, conventions=None)
    inputs = tuple(draw.input() for _ in range(shape.layers[0]))
    weights, biases, outs, far = list[float](), list[float](), inputs, 0.0
    for layer in range(1, shape.depth):
        layer_weights, layer_biases, excess = _layer(shape, layer, outs, draw)
        far += excess
        weights += layer_weights
        biases += layer_biases
        outs = _outs(shape, layer, (*layer_weights, *layer_biases), outs)
    targets = tuple(_targets(shape, outs, draw))
    network = Network(shape, (*weights, *biases))
    example = Example.of(inputs, targets)
    rate, hyperparameters = structure.learning_rate, structure.hyperparameters
    return Simulation.of(network, [example], rate, hyperparameters), far == 0


def _layer(
    shape: Shape, layer: int, before: Sequence[float], draw: _Draw
) -> tuple[list[float], list[float], float]:
    """The weights that lead to a layer, row by row, and its biases, given the outs before it; and how
    far the nets are from what they may be."""
    units = shape.layers[layer]
    shared = [draw.weight()] if shape.bias == "shared" else []
    off = _off(shape, layer, draw)
    columns, biases, far = list[list[float]](), list(shared), 0.0
    for unit in range(units):
        fits = _fitting(shape.activation(layer, unit), unit in off)
        column, bias, excess = _unit(shape, fits, before, shared, draw)
        columns.append(column)
        biases += [] if shared else bias
        far += excess
    return [number for row in zip(*columns, strict=True) for number in row], biases, far


def _off(shape: Shape, layer: int, draw: _Draw) -> frozenset[int]:
    """The units of a layer that are to be off: some of those with a kink, unless they are outputs."""
    units = range(shape.layers[layer])
    kinked = [unit for unit in units if ACTIVATIONS[shape.activation(layer, unit)].kinked]
    if layer == shape.depth - 1 or len(kinked) < 2:
        return frozenset()
    count = 1 + draw.below(len(kinked) // 2)
    return frozenset(kinked[index] for index in draw.subset(len(kinked), count))


def _fitting(activation: str, off: bool) -> Callable[[float], float]:
    """How far a net is from what the unit may have; 0 if it fits."""
    largest = LARGEST_NETS.get(activation, LARGEST_NET)
    kinked = ACTIVATIONS[activation].kinked

    def excess(net: float) -> float:
        wrong = net > 0 if off else kinked and net < 0
        size = abs(net)
        if wrong:
            return largest + size
        return max(0.0, SMALLEST_NET - size, size - largest)

    return excess


def _unit(
    shape: Shape,
    excess: Callable[[float], float],
    before: Sequence[float],
    shared: Sequence[float],
    draw: _Draw,
) -> tuple[list[float], list[float], float]:
    """The weights that lead to a unit, and its bias; and how far its net is from what it may be."""
    has_bias = shape.bias != "none"
    single = Shape((len(before), 1), ("identity",), bias="per_unit" if has_bias else "none")
    best = list[float](), list[float](), inf
    for _ in range(TRIES_UNIT):
        weights = [draw.weight() for _ in before]
        bias = list(shared) or ([draw.weight()] if has_bias else [])
        far = excess(_values(single, (*weights, *bias), before, "net")[0])
        if far < best[2]:
            best = weights, bias, far
        if not far:
            break
    return best


def _outs(
    shape: Shape, layer: int, parameters: tuple[float, ...], before: Sequence[float]
) -> tuple[float, ...]:
    """The outs of a layer, by its own formulas."""
    activations = shape.activations[layer - 1]
    per_layer = isinstance(activations, str) and ACTIVATIONS[activations].per_layer
    error = "cross_entropy" if per_layer else "half_squared"
    sizes = len(before), shape.layers[layer]
    return _values(Shape(sizes, (activations,), error, shape.bias), parameters, before, "out")


def _values(
    shape: Shape, parameters: tuple[float, ...], inputs: Sequence[float], kind: str
) -> tuple[float, ...]:
    """The nets or outs of a network with one layer."""
    compiled = compile_iteration(shape)
    targets = (0.0,) * shape.layers[-1]
    trace = compiled.run(parameters, (*inputs, *targets), (0.0, 1.0))
    return tuple(trace[compiled.position[f"{kind}/1/{unit}"]] for unit in range(shape.layers[-1]))


def _targets(shape: Shape, outs: Sequence[float], draw: _Draw) -> Iterator[float]:
    """Targets that fit the error function and the outputs, none of them reached."""
    last = shape.depth - 1
    if shape.fused_delta:  # 0 or 1: of softmax outputs exactly one is 1
        chosen = draw.below(len(outs))
        for unit in range(len(outs)):
            per_layer = ACTIVATIONS[shape.activation(last, unit)].per_layer
            yield float(unit == chosen if per_layer else draw.below(2))
        return
    for unit, out in enumerate(outs):
        choices = _target_choices(shape.activation(last, unit), draw)
        far = [number for number in choices if abs(number - out) >= LEAST_DISTANCE]
        yield far[draw.below(len(far))]


def _target_choices(activation: str, draw: _Draw) -> list[float]:
    """The targets that outputs with an activation may have."""
    lows = {"sigmoid": 0, "tanh": -1, "relu": 0}
    low, high = lows.get(activation, -2), {"sigmoid": 1, "tanh": 1}.get(activation, 2)
    return [count / draw.one for count in range(int(low * draw.one), int(high * draw.one) + 1)]


def _smallest_delta(simulation: Simulation) -> float:
    """The largest δ of a layer, in size; of the layer where it is smallest."""
    trace, shape = simulation.trace(), simulation.shape
    position = simulation.compiled.position
    return min(
        max(abs(trace[position[f"delta/{layer}/{unit}"]]) for unit in range(shape.layers[layer]))
        for layer in range(1, shape.depth)
    )
