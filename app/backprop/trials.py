"""E of many networks that differ in one parameter each, all at once in NumPy.

Beside E stands what doubles may have lost of it: whoever subtracts two nearly equal errors has to
know what of the difference is rounding. The loss counts only where a trial differs from the network
as it is; what is the same in both, down to the last bit, cancels.
"""

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
        loss: the most that rounding may have changed of its distance to E of the network as it is.
        kinked: whether a relu unit that E depends on is on at one of the two and off at the other.
    """

    error: Array
    loss: Array
    kinked: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Where each parameter enters: per layer that computes, (parameters, units), how much a unit's
    net moves when the parameter moves by 1: the out that a weight multiplies, 1 for a bias."""

    layers: tuple[Array, ...]

    @property
    def largest(self) -> Array:
        """Of each parameter, the most that it moves a net."""
        return np.max([layer.max(axis=1) for layer in self.layers], axis=0)  # type: ignore[no-any-return]


def errors_of(shape: Shape, parameters: Array, example: Example) -> Array:
    """E of each row of parameters, of shape (rows, parameters)."""
    with np.errstate(all="ignore"):
        _, out = forward(shape, *_layers(shape, parameters), np.array([example.inputs]))
        return _shares(out[-1][:, 0], example).sum(axis=1)  # type: ignore[no-any-return]


def reach_of(network: Network, example: Example) -> Reach:
    """Where each parameter of a network enters, in the order of its parameters."""
    shape = network.shape
    weights, biases = _layers(shape, np.array([network.parameters]))
    x = np.array([example.inputs])
    with np.errstate(all="ignore"):
        _, out = forward(shape, weights, biases, x)
    before = [x, *(each[:, 0] for each in out)]
    layers = tuple(np.zeros((shape.parameter_count, units)) for units in shape.layers[1:])
    for index, (layer, source, target) in enumerate(shape.weight_indices()):
        layers[layer][index, target] = abs(before[layer][0, source])
    for index, (layer, *unit) in enumerate(shape.bias_indices(), shape.weight_count):
        layers[layer][index, unit or slice(None)] = 1.0
    return Reach(layers)


def tried(network: Network, example: Example, which: Indices, by: Array) -> Trials:
    """Trials: in each, the parameter `which` is moved `by` so much; both of shape (trials,)."""
    shape = network.shape
    parameters = np.tile(network.parameters, (len(which), 1))
    parameters[np.arange(len(which)), which] += by
    base = np.array([network.parameters])
    x = np.array([example.inputs])
    with np.errstate(all="ignore"):
        net, out = (_flat(rows) for rows in forward(shape, *_layers(shape, parameters), x))
        still = _flat(forward(shape, *_layers(shape, base), x)[0])
        run = _Run(shape, net, out, still, [x, *out[:-1]], _layers(shape, np.abs(base)))
        reach = reach_of(network, example)
        moves = [np.abs(by)[:, None] * layer[which] for layer in reach.layers]
        return run.trials(moves, example)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Forward passes of all trials, and what is needed to bound their losses.

    Attributes:
        net, out: per layer that computes, (trials, units); `still`, the net of no trial, (1, units).
        before: what feeds each layer.
        sizes: weights and biases without their signs.
    """

    shape: Shape
    net: list[Array]
    out: list[Array]
    still: list[Array]
    before: list[Array]
    sizes: tuple[list[Array], list[Array]]

    def trials(self, moves: list[Array], example: Example) -> Trials:
        """E, its loss and the kinks, layer by layer: `moved` is 1 where a unit differs."""
        count = len(self.net[0])
        kinked = np.zeros(count, dtype=bool)
        loss = moved = np.zeros((count, self.shape.layers[0]))
        for layer, name in enumerate(self.shape.activations):
            loss, moved = self._net_loss(layer, loss, moved, moves[layer])
            if name == "relu":
                on, was_on = self.net[layer] > 0, self.still[layer] > 0
                moved = moved * (on | was_on)
                kinked |= (moved.astype(bool) & (on != was_on)).any(axis=1)
            loss = self._out_loss(layer, name, loss) * moved
        shares = _shares(self.out[-1], example)
        away = np.abs(self.out[-1] - np.array(example.targets))
        lost = (moved * ((away + loss) * loss + 4 * ROUNDING * shares)).sum(axis=1)
        error, reaches = shares.sum(axis=1), moved.any(axis=1)
        lost += np.where(reaches, len(example.targets) * ROUNDING * error, 0.0)
        return Trials(error, lost, kinked & reaches)

    def _net_loss(self, layer: int, loss: Array, moved: Array, moves: Array) -> tuple[Array, Array]:
        """Of the nets of a layer, from the loss of what feeds it."""
        weights, biases = self.sizes[0][layer][0], self.sizes[1][layer][0] if self.sizes[1] else 0.0
        size = np.abs(self.before[layer]) @ weights + biases + moves
        carried = loss @ weights + (len(weights) + 2) * ROUNDING * size
        reached = ((moved @ (weights > 0)) > 0) | (moves > 0)
        return np.where(reached, carried, 0.0), reached.astype(float)

    def _out_loss(self, layer: int, name: str, loss: Array) -> Array:
        """Of the outs, from the loss of their nets, which bends by less than its square."""
        if name in ("relu", "identity"):
            return loss
        slope = np.abs(SLOPES[name](self.net[layer], self.out[layer]))
        return (slope + loss) * loss + FUNCTION_ROUNDINGS * ROUNDING * np.abs(self.out[layer])


def _shares(out: Array, example: Example) -> Array:
    """E_k of each output (slide 1)."""
    return 0.5 * (np.array(example.targets) - out) ** 2


def _flat(layers: list[Array]) -> list[Array]:
    return [layer[:, 0] for layer in layers]


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
