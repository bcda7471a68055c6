"""An iteration as the deck's slide 4 writes it: whole layers at a time, in NumPy.

Beside the steps, not instead of them: these lines are shown and run to be compared with them, and
serve where arrays are natural. Arrays are rows, as in the deck: out_H has shape (1, 4), W_IH (3, 4).
"""

from collections.abc import Callable
from dataclasses import dataclass

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
ERROR_SLOPES: dict[str, Rule] = {  # of (target, out), where δ is not out − target at once
    "half_squared": lambda target, out: out - target,
    "mean_squared": lambda target, out: 2 * (out - target) / out.shape[-1],
}


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """One iteration of one example.

    Attributes:
        net, out, delta: per layer that computes, each of shape (1, units).
        output_errors: (1, outputs), E_k.
        weight_gradients, weights: per layer, (from, to); the weights are the new ones.
        bias_gradients, biases: per layer, (1, 1) when shared, (1, units) per unit; none if none.
    """

    net: list[Array]
    out: list[Array]
    output_errors: Array
    error: float
    delta: list[Array]
    weight_gradients: list[Array]
    bias_gradients: list[Array]
    weights: list[Array]
    biases: list[Array]


def iterate(network: Network, example: Example, learning_rate: float) -> Matrices:
    """Forward, backward and update (slide 4); floats that overflow become inf or nan."""
    shape = network.shape
    weights = [np.array(matrix) for matrix in network.weights]
    biases = [np.array([row]) for row in network.biases]
    x, target = np.array([example.inputs]), np.array([example.targets])
    with np.errstate(all="ignore"):
        net, out = forward(shape, weights, biases, x)
        output_errors = SHARES[shape.error](target, net[-1], out[-1])
        delta = backward(shape, weights, net, out, target)
        before = [x, *out[:-1]]
        weight_gradients = [o.T @ d for o, d in zip(before, delta, strict=True)]  # outer products
        bias_gradients = [_bias_gradient(shape, d) for d in delta] if biases else []
        return Matrices(
            net=net,
            out=out,
            output_errors=output_errors,
            error=float(output_errors.sum()),
            delta=delta,
            weight_gradients=weight_gradients,
            bias_gradients=bias_gradients,
            weights=_updated(weights, weight_gradients, learning_rate),
            biases=_updated(biases, bias_gradients, learning_rate),
        )


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


def backward(
    shape: Shape, weights: list[Array], net: list[Array], out: list[Array], target: Array
) -> list[Array]:
    """δ of every layer that computes, all at the old weights: δ_H = (δ_O W_HOᵀ) ⊙ out′(net_H)."""
    delta = [out[-1] - target]
    if not shape.joint:
        slope = SLOPES[shape.activations[-1]](net[-1], out[-1])
        delta = [ERROR_SLOPES[shape.error](target, out[-1]) * slope]
    for layer in range(len(weights) - 2, -1, -1):
        slope = SLOPES[shape.activations[layer]](net[layer], out[layer])
        delta.insert(0, (delta[0] @ weights[layer + 1].T) * slope)
    return delta


def _bias_gradient(shape: Shape, delta: Array) -> Array:
    return delta.sum(axis=1, keepdims=True) if shape.bias == "shared" else delta


def _updated(old: list[Array], gradients: list[Array], learning_rate: float) -> list[Array]:
    return [w - learning_rate * g for w, g in zip(old, gradients, strict=True)]
