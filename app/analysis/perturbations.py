"""E of many networks that differ in one parameter each, all at once in NumPy.

Every E has a bound of its rounding error, because a difference of two nearly equal errors may be
mostly rounding. If E does not depend on a parameter, moving it changes no bit of E, and the bound is 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from app.backprop.network import Example, Network, Shape

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
Rule = Callable[[Array, Array], Array]

ROUNDING = 2.0**-53
LONGEST_POWER = 745.0  # below e^−745, powers are 0
FUNCTION_ROUNDINGS = 4  # of a sigmoid: two of exp, one of the sum, one of the division


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
OUTPUT_ERRORS: dict[str, Callable[[Array, Array, Array], Array]] = {  # E_k of (target, net, out)
    "half_squared": lambda target, net, out: 0.5 * (target - out) * (target - out),
    "mean_squared": lambda target, net, out: (target - out) * (target - out) / out.shape[-1],
    "binary_cross_entropy": _binary_cross_entropy,
    "cross_entropy": _cross_entropy,
}


@dataclass(frozen=True, slots=True, eq=False)
class PerturbedErrors:
    """E of every perturbed network."""

    error: Array  # E
    loss: Array  # a bound of its rounding error; 0 if E does not depend on the parameter
    kinked: Mask  # whether the perturbation switches a relu unit that E depends on, on or off


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """How the nets depend on each parameter: (parameters, units) arrays, one per computing layer."""

    # How far a net moves if the parameter moves by 1: |out| of the source for a weight, 1 for a
    # bias.
    moves: list[Array]
    rounding: list[Array]  # how much of that may be rounding

    @property
    def largest(self) -> Array:
        """For each parameter, the farthest that it moves any net."""
        return np.max([layer.max(axis=1) for layer in self.moves], axis=0)  # type: ignore[no-any-return]


class Perturbations:
    """The networks around a network, for one example.

    Attributes:
        sensitivity: how the nets depend on the parameters.
    """

    def __init__(self, network: Network, example: Example) -> None:
        self._shape, self._example = network.shape, example
        self._parameters = np.array([network.parameters])
        self._x = np.array([example.inputs])
        self._sizes = _layers(self._shape, np.abs(self._parameters))
        with np.errstate(all="ignore"):
            net, out = self._forward(self._parameters)
            unmoved = [np.zeros(1)] * len(net)
            losses, _ = self._losses(net, out, unmoved, unmoved)
        self._on = [layer > 0 for layer in net]
        exact = np.zeros_like(self._x)
        self.sensitivity = Sensitivity(
            self._factors([self._x, *out], 1.0), self._factors([exact, *losses], 0.0)
        )

    def errors(self, which: Indices, by: Array) -> PerturbedErrors:
        """Return E of one network per row, each with parameter `which` moved `by` so much."""
        rows = np.tile(self._parameters, (len(which), 1))
        rows[np.arange(len(which)), which] += np.where(which == self._shape.idle_parameter, 0, by)
        size = np.abs(by)[:, None]
        with np.errstate(all="ignore"):
            moves = [size * layer[which] for layer in self.sensitivity.moves]
            rounding = [size * layer[which] for layer in self.sensitivity.rounding]
            net, out = self._forward(rows)
            loss = self._loss_of_error(net[-1], out[-1], *self._losses(net, out, moves, rounding))
            reaches_error, kinked = self._paths(net, moves)
            error = _output_errors(self._shape, net[-1], out[-1], self._example).sum(axis=1)
        return PerturbedErrors(error, np.where(reaches_error, loss, 0.0), kinked & reaches_error)

    def _forward(self, parameters: Array) -> tuple[list[Array], list[Array]]:
        """net and out of every computing layer, (rows, units)."""
        net, out = forward(self._shape, *_layers(self._shape, parameters), self._x)
        return [layer[:, 0] for layer in net], [layer[:, 0] for layer in out]

    def _loss_of_error(
        self, net: Array, out: Array, losses: list[Array], loss_of_net: Array
    ) -> Array:
        """A bound of the rounding error of E.

        A square changes by its first and second derivative times the loss of an out. So does a
        fused error with the loss of a net: its derivative is out − target, and out bends by less
        than 1.
        """
        shape, roundings = self._shape, 4.0
        output_errors = _output_errors(shape, net, out, self._example)
        distance = np.abs(out - np.array(self._example.targets))
        change = (distance + losses[-1]) * losses[-1]
        if shape.fused_delta:
            change = (distance + loss_of_net) * loss_of_net
            spread = np.ptp(net, axis=1, keepdims=True) + np.abs(net)
            roundings = 8.0 + np.minimum(
                spread, LONGEST_POWER
            )  # the error of a power grows with its exponent
        loss = (change + roundings * ROUNDING * output_errors).sum(axis=1)
        loss += shape.layers[-1] * ROUNDING * output_errors.sum(axis=1)
        return np.asarray(loss)

    def _losses(
        self, net: list[Array], out: list[Array], moves: list[Array], rounding: list[Array]
    ) -> tuple[list[Array], Array]:
        """Bounds of the rounding error of each out, layer by layer, and of the last nets."""
        losses: list[Array] = []
        loss, before = np.zeros_like(self._x), self._x
        for layer, name in enumerate(self._shape.activations):
            weights = self._sizes[0][layer][0]
            size = np.abs(before) @ weights + moves[layer]
            if self._sizes[1]:
                size = size + self._sizes[1][layer][0]
            loss = loss @ weights + rounding[layer] + (len(weights) + 2) * ROUNDING * size
            loss_of_net = loss
            loss, before = _loss_of_out(name, net[layer], out[layer], loss), out[layer]
            losses.append(loss)
        return losses, loss_of_net

    def _paths(self, net: list[Array], moves: list[Array]) -> tuple[Mask, Mask]:
        """For each row: whether a path leads from a moved net to E, and whether a relu unit on such
        a path is on the other side of its kink. A relu unit that stays off ends a path."""
        moved: Mask = np.zeros(self._x.shape, dtype=bool)
        kinked: Mask = np.zeros(len(net[0]), dtype=bool)
        for layer, name in enumerate(self._shape.activations):
            moved = (moved @ (self._sizes[0][layer][0] > 0).astype(float) + moves[layer]) > 0
            if name == "relu":
                on = net[layer] > 0
                moved = moved & (on | self._on[layer])
                kinked = kinked | (moved & (on != self._on[layer])).any(axis=1)
        return np.any(moved, axis=1), kinked

    def _factors(self, before: Sequence[Array], of_bias: float) -> list[Array]:
        """The absolute factor of each parameter in the nets; `before` are the outs that weights
        multiply."""
        shape = self._shape
        layers = [np.zeros((shape.parameter_count, units)) for units in shape.layers[1:]]
        for index, (layer, source, target) in enumerate(shape.weight_indices()):
            layers[layer][index, target] = abs(before[layer][0, source])
        for index, (layer, *unit) in enumerate(shape.bias_indices(), shape.weight_count):
            if index != shape.idle_parameter:
                layers[layer][index, unit or slice(None)] = of_bias
        return layers


def errors_of(shape: Shape, parameters: Array, example: Example) -> Array:
    """Return E for each row of parameters, an array (rows, parameters)."""
    with np.errstate(all="ignore"):
        net, out = forward(shape, *_layers(shape, parameters), np.array([example.inputs]))
        output_errors = _output_errors(shape, net[-1][:, 0], out[-1][:, 0], example)
        return output_errors.sum(axis=1)  # type: ignore[no-any-return]


def forward(
    shape: Shape, weights: list[Array], biases: list[Array], x: Array
) -> tuple[list[Array], list[Array]]:
    """Return net and out of every computing layer; `x` has one row per example."""
    net: list[Array] = []
    out: list[Array] = []
    for layer, activation in enumerate(shape.activations):
        inputs = out[-1] if out else x
        net.append(inputs @ weights[layer] + (biases[layer] if biases else 0.0))
        out.append(VALUES[activation](net[-1]))
    return net, out


def _loss_of_out(name: str, net: Array, out: Array, loss: Array) -> Array:
    """The loss of an out, from that of its net; the second derivatives are less than 2."""
    if name == "relu":
        return np.where(net + loss > 0, loss, 0.0)
    if name in ("identity", "softmax"):  # with softmax, E is computed from the nets
        return loss
    slope = np.abs(SLOPES[name](net, out))
    return (slope + loss) * loss + FUNCTION_ROUNDINGS * ROUNDING * np.abs(out)


def _output_errors(shape: Shape, net: Array, out: Array, example: Example) -> Array:
    """E_k of each output (slide 1)."""
    return OUTPUT_ERRORS[shape.error](np.array(example.targets), net, out)


def _layers(shape: Shape, parameters: Array) -> tuple[list[Array], list[Array]]:
    """Rows of parameters as weights (rows, from, to) and biases (rows, 1, units or 1) per layer."""
    weight_slices, bias_slices = _slices(shape)
    weights = [
        parameters[:, part].reshape(len(parameters), *size)
        for part, size in zip(weight_slices, pairwise(shape.layers), strict=True)
    ]
    return weights, [parameters[:, None, part] for part in bias_slices]


@lru_cache(maxsize=256)
def _slices(shape: Shape) -> tuple[list[slice], list[slice]]:
    """The parts of the parameters that are the weights, and the biases, of each layer."""
    sizes = [*(a * b for a, b in pairwise(shape.layers)), *shape.bias_counts]
    slices = [slice(a, b) for a, b in pairwise(accumulate(sizes, initial=0))]
    weights = len(shape.layers) - 1
    return slices[:weights], slices[weights:] if shape.bias != "none" else []
