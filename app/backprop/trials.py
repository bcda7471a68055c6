"""E of many networks that differ in one parameter each, all at once in NumPy.

Beside E stands what doubles may have lost of it: whoever subtracts two nearly equal errors has to
know what of the difference is rounding. Where a parameter reaches nothing, its trials have the very
same E, and nothing is lost of a difference of 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.backprop.matrices import SLOPES, Array, forward
from app.backprop.network import Example, Network, Shape

Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

ROUNDING = 2.0**-53
FUNCTION_ROUNDINGS = 4  # of a sigmoid: those of exp, which count twice, of the sum, of the division


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """What came of each trial.

    Attributes:
        error: E.
        loss: the most that rounding may have changed of it; 0 where E does not depend on the trial.
        kinked: whether a relu unit that E depends on is on in the trial and off in the network as
            it is, or the other way around.
    """

    error: Array
    loss: Array
    kinked: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Where each parameter enters: arrays of (parameters, units), one per layer that computes.

    Attributes:
        moves: how much a unit's net moves when the parameter moves by 1: the size of the out that
            a weight multiplies, 1 for a bias.
        blurs: how much of that may be rounding.
    """

    moves: list[Array]
    blurs: list[Array]

    @property
    def largest(self) -> Array:
        """Of each parameter, the most that it moves a net."""
        return np.max([layer.max(axis=1) for layer in self.moves], axis=0)  # type: ignore[no-any-return]


def errors_of(shape: Shape, parameters: Array, example: Example) -> Array:
    """E of each row of parameters, of shape (rows, parameters)."""
    with np.errstate(all="ignore"):
        _, out = forward(shape, *_layers(shape, parameters), np.array([example.inputs]))
        return _shares(out[-1][:, 0], example).sum(axis=1)  # type: ignore[no-any-return]


class Around:
    """A network and its example, and what lies around it.

    Attributes:
        reach: where its parameters enter, in their order.
    """

    def __init__(self, network: Network, example: Example) -> None:
        self._shape, self._example = network.shape, example
        self._parameters = np.array([network.parameters])
        self._x = np.array([example.inputs])
        self._sizes = _layers(self._shape, np.abs(self._parameters))
        with np.errstate(all="ignore"):
            net, out = self._forward(self._parameters)
            nowhere = [np.zeros(1)] * len(net)
            lost = self._losses(net, out, nowhere, nowhere)
        self._on = [layer > 0 for layer in net]
        nothing = np.zeros_like(self._x)
        self.reach = Reach(
            self._entries([self._x, *out], 1.0), self._entries([nothing, *lost], 0.0)
        )

    def trials(self, which: Indices, by: Array) -> Trials:
        """In each, the parameter `which` is moved `by` so much; both of shape (trials,)."""
        rows = np.tile(self._parameters, (len(which), 1))
        rows[np.arange(len(which)), which] += by
        size = np.abs(by)[:, None]
        with np.errstate(all="ignore"):
            moves = [size * layer[which] for layer in self.reach.moves]
            blurs = [size * layer[which] for layer in self.reach.blurs]
            net, out = self._forward(rows)
            lost = self._losses(net, out, moves, blurs)[-1]
            reaches, kinked = self._moved(net, moves)
            shares = _shares(out[-1], self._example)
            error = shares.sum(axis=1)
            away = np.abs(out[-1] - np.array(self._example.targets))
            loss = ((away + lost) * lost + 4 * ROUNDING * shares).sum(axis=1)
            loss += self._shape.layers[-1] * ROUNDING * error
        return Trials(error, np.where(reaches, loss, 0.0), kinked & reaches)

    def _forward(self, parameters: Array) -> tuple[list[Array], list[Array]]:
        """net and out per layer that computes, (rows, units)."""
        net, out = forward(self._shape, *_layers(self._shape, parameters), self._x)
        return [layer[:, 0] for layer in net], [layer[:, 0] for layer in out]

    def _losses(
        self, net: list[Array], out: list[Array], moves: list[Array], blurs: list[Array]
    ) -> list[Array]:
        """The most that rounding may have changed of each out, layer by layer."""
        losses: list[Array] = []
        loss, before = np.zeros_like(self._x), self._x
        for layer, name in enumerate(self._shape.activations):
            weights = self._sizes[0][layer][0]
            size = np.abs(before) @ weights + moves[layer]
            if self._sizes[1]:
                size = size + self._sizes[1][layer][0]
            loss = loss @ weights + blurs[layer] + (len(weights) + 2) * ROUNDING * size
            loss, before = _through(name, net[layer], out[layer], loss), out[layer]
            losses.append(loss)
        return losses

    def _moved(self, net: list[Array], moves: list[Array]) -> tuple[Mask, Mask]:
        """Of each trial: whether a path leads on to E from where it moves a net, and whether a
        relu unit on one is at the other side of its kink. An off relu unit ends a path."""
        moved: Mask = np.zeros(self._x.shape, dtype=bool)
        kinked: Mask = np.zeros(len(net[0]), dtype=bool)
        for layer, name in enumerate(self._shape.activations):
            moved = (moved @ (self._sizes[0][layer][0] > 0).astype(float) + moves[layer]) > 0
            if name == "relu":
                on = net[layer] > 0
                moved = moved & (on | self._on[layer])
                kinked = kinked | (moved & (on != self._on[layer])).any(axis=1)
        return np.any(moved, axis=1), kinked

    def _entries(self, before: Sequence[Array], of_bias: float) -> list[Array]:
        """What each parameter multiplies, without its sign, at the unit where it enters."""
        shape = self._shape
        layers = [np.zeros((shape.parameter_count, units)) for units in shape.layers[1:]]
        for index, (layer, source, target) in enumerate(shape.weight_indices()):
            layers[layer][index, target] = abs(before[layer][0, source])
        for index, (layer, *unit) in enumerate(shape.bias_indices(), shape.weight_count):
            layers[layer][index, unit or slice(None)] = of_bias
        return layers


def _through(name: str, net: Array, out: Array, loss: Array) -> Array:
    """The loss of an out, from that of its net; the activations bend by less than its square."""
    if name == "relu":
        return np.where(net + loss > 0, loss, 0.0)
    if name == "identity":
        return loss
    slope = np.abs(SLOPES[name](net, out))
    return (slope + loss) * loss + FUNCTION_ROUNDINGS * ROUNDING * np.abs(out)


def _shares(out: Array, example: Example) -> Array:
    """E_k of each output (slide 1)."""
    return 0.5 * (np.array(example.targets) - out) ** 2


def _layers(shape: Shape, parameters: Array) -> tuple[list[Array], list[Array]]:
    """Rows of parameters as `forward` takes them: (rows, from, to) and (rows, 1, units or 1)."""
    places = _places(shape)
    weights = [
        parameters[:, place].reshape(len(parameters), *size)
        for place, size in zip(places[0], pairwise(shape.layers), strict=True)
    ]
    return weights, [parameters[:, None, place] for place in places[1]]


@lru_cache(maxsize=256)
def _places(shape: Shape) -> tuple[list[slice], list[slice]]:
    """Where the weights and the biases of each layer stand among the parameters."""
    ends = [0]
    for sources, targets in pairwise(shape.layers):
        ends.append(ends[-1] + sources * targets)
    weights = [slice(a, b) for a, b in pairwise(ends)]
    if shape.bias == "none":
        return weights, []
    first = ends[-1]
    ends = [first]
    for count in shape.bias_counts:
        ends.append(ends[-1] + count)
    return weights, [slice(a, b) for a, b in pairwise(ends)]
