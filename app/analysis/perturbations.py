"""E of many networks that differ in one parameter each, all at once in NumPy.

Beside E stands what doubles may have lost of it: whoever subtracts two nearly equal errors has to
know what of the difference is rounding. Where a parameter reaches nothing, its trials have the very
same E, and nothing is lost of a difference of 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.backprop.network import Example, Network, Shape

Array = NDArray[np.float64]
Rule = Callable[[Array, Array], Array]


def _sigmoid(net: Array) -> Array:
    return 1 / (1 + np.exp(-net))  # overflow gives 1 / inf = 0, as it should


def _softmax(net: Array) -> Array:
    power = np.exp(net - net.max(axis=-1, keepdims=True))
    return np.asarray(power / power.sum(axis=-1, keepdims=True))


def _binary_cross_entropy(target: Array, net: Array, out: Array) -> Array:
    far = target * np.maximum(0, -net) + (1 - target) * np.maximum(0, net)
    return np.asarray(far + np.log1p(np.exp(-np.abs(net))))


def _cross_entropy(target: Array, net: Array, out: Array) -> Array:
    """−t ln out, with ln out_k = −ln Σ e^(net_j − net_k)."""
    gaps = net[..., :, None] - net[..., None, :]  # (…, j, k)
    return np.asarray(target * np.logaddexp.reduce(gaps, axis=-2))


VALUES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda net: np.where(net <= 0, 0.0, net),
    "identity": lambda net: net,
    "softmax": _softmax,
}
SLOPES: dict[str, Rule] = {  # of (net, out)
    "sigmoid": lambda net, out: out * (1 - out),
    "tanh": lambda net, out: 1 - out * out,
    "relu": lambda net, out: np.where(net <= 0, 0.0, np.where(net > 0, 1.0, net)),
    "identity": lambda net, out: np.ones_like(net),
}
SHARES: dict[str, Callable[[Array, Array, Array], Array]] = {  # E_k of (target, net, out)
    "half_squared": lambda target, net, out: 0.5 * (target - out) * (target - out),
    "mean_squared": lambda target, net, out: (target - out) * (target - out) / out.shape[-1],
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}


def forward(
    shape: Shape, weights: list[Array], biases: list[Array], x: Array
) -> tuple[list[Array], list[Array]]:
    """net and out of every layer that computes; `x` has a row per example."""
    net: list[Array] = []
    out: list[Array] = []
    for layer, activation in enumerate(shape.activations):
        inputs = out[-1] if out else x
        net.append(inputs @ weights[layer] + (biases[layer] if biases else 0.0))
        out.append(VALUES[activation](net[-1]))
    return net, out


Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

ROUNDING = 2.0**-53
LONGEST_POWER = 745.0  # e^−745 is the last that is not 0
FUNCTION_ROUNDINGS = 4  # of a sigmoid: those of exp, which count twice, of the sum, of the division


@dataclass(frozen=True, slots=True, eq=False)
class PerturbedErrors:
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
class Sensitivity:
    """Where each parameter enters: arrays of (parameters, units), one per layer that computes.

    Attributes:
        moves: how much a unit's net moves when the parameter moves by 1: the size of the out that
            a weight multiplies, 1 for a bias.
        rounding: how much of that may be rounding.
    """

    moves: list[Array]
    rounding: list[Array]

    @property
    def largest(self) -> Array:
        """Of each parameter, the most that it moves a net."""
        return np.max([layer.max(axis=1) for layer in self.moves], axis=0)  # type: ignore[no-any-return]


def errors_of(shape: Shape, parameters: Array, example: Example) -> Array:
    """E of each row of parameters, of shape (rows, parameters)."""
    with np.errstate(all="ignore"):
        net, out = forward(shape, *_layers(shape, parameters), np.array([example.inputs]))
        shares = _shares(shape, net[-1][:, 0], out[-1][:, 0], example)
        return shares.sum(axis=1)  # type: ignore[no-any-return]


class Perturbations:
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
            lost, _ = self._losses(net, out, nowhere, nowhere)
        self._on = [layer > 0 for layer in net]
        nothing = np.zeros_like(self._x)
        self.reach = Sensitivity(
            self._entries([self._x, *out], 1.0), self._entries([nothing, *lost], 0.0)
        )

    def trials(self, which: Indices, by: Array) -> PerturbedErrors:
        """In each, the parameter `which` is moved `by` so much; both of shape (trials,)."""
        rows = np.tile(self._parameters, (len(which), 1))
        rows[np.arange(len(which)), which] += np.where(which == self._shape.idle_parameter, 0, by)
        size = np.abs(by)[:, None]
        with np.errstate(all="ignore"):
            moves = [size * layer[which] for layer in self.reach.moves]
            blurs = [size * layer[which] for layer in self.reach.rounding]
            net, out = self._forward(rows)
            loss = self._loss_of_error(net[-1], out[-1], *self._losses(net, out, moves, blurs))
            reaches, kinked = self._moved(net, moves)
            error = _shares(self._shape, net[-1], out[-1], self._example).sum(axis=1)
        return PerturbedErrors(error, np.where(reaches, loss, 0.0), kinked & reaches)

    def _forward(self, parameters: Array) -> tuple[list[Array], list[Array]]:
        """net and out per layer that computes, (rows, units)."""
        net, out = forward(self._shape, *_layers(self._shape, parameters), self._x)
        return [layer[:, 0] for layer in net], [layer[:, 0] for layer in out]

    def _loss_of_error(
        self, net: Array, out: Array, lost: list[Array], lost_of_net: Array
    ) -> Array:
        """The most that rounding may have changed of E.

        By a loss of an out, squares change by their slope and bend; and so do joint errors by one
        of a net, since out − target is their slope by that, and out bends by less than 1.
        """
        shape, roundings = self._shape, 4.0
        shares = _shares(shape, net, out, self._example)
        away = np.abs(out - np.array(self._example.targets))
        changed = (away + lost[-1]) * lost[-1]
        if shape.fused_delta:
            changed = (away + lost_of_net) * lost_of_net
            spread = np.ptp(net, axis=1, keepdims=True) + np.abs(net)
            roundings = 8.0 + np.minimum(spread, LONGEST_POWER)  # a power errs by its exponent
        loss = (changed + roundings * ROUNDING * shares).sum(axis=1)
        loss += shape.layers[-1] * ROUNDING * shares.sum(axis=1)
        return np.asarray(loss)

    def _losses(
        self, net: list[Array], out: list[Array], moves: list[Array], blurs: list[Array]
    ) -> tuple[list[Array], Array]:
        """The most that rounding may have changed of each out, layer by layer, and of the last
        nets."""
        losses: list[Array] = []
        loss, before = np.zeros_like(self._x), self._x
        for layer, name in enumerate(self._shape.activations):
            weights = self._sizes[0][layer][0]
            size = np.abs(before) @ weights + moves[layer]
            if self._sizes[1]:
                size = size + self._sizes[1][layer][0]
            loss = loss @ weights + blurs[layer] + (len(weights) + 2) * ROUNDING * size
            of_net = loss
            loss, before = _through(name, net[layer], out[layer], loss), out[layer]
            losses.append(loss)
        return losses, of_net

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
            if index != shape.idle_parameter:
                layers[layer][index, unit or slice(None)] = of_bias
        return layers


def _through(name: str, net: Array, out: Array, loss: Array) -> Array:
    """The loss of an out, from that of its net; the activations bend by less than its square."""
    if name == "relu":
        return np.where(net + loss > 0, loss, 0.0)
    if name in ("identity", "softmax"):  # of softmax outputs, E is taken from the nets
        return loss
    slope = np.abs(SLOPES[name](net, out))
    return (slope + loss) * loss + FUNCTION_ROUNDINGS * ROUNDING * np.abs(out)


def _shares(shape: Shape, net: Array, out: Array, example: Example) -> Array:
    """E_k of each output (slide 1)."""
    return SHARES[shape.error](np.array(example.targets), net, out)


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
