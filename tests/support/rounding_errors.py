"""How far from the truth the doubles of a right program may be, for every number of an iteration.

Each operation rounds its result to 53 bits and passes on what its operands were off by. So the
iteration is run here over numbers that know their own greatest loss, by the deck's formulas. Only
these losses are used: what a number *is* comes from the oracle.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ROUNDING = 2.0**-53


@dataclass(frozen=True, slots=True)
class Double:
    """A number as a program holds it, and the most that it may be off by."""

    value: float
    loss: float = 0.0

    def __sub__(self, other: "Double") -> "Double":
        return total([self, other * Double(-1.0)])

    def __mul__(self, other: "Double") -> "Double":
        value = self.value * other.value
        carried = abs(self.value) * other.loss + (abs(other.value) + other.loss) * self.loss
        return Double(value, carried + ROUNDING * abs(value))

    def through(self, value: float, slope: float, roundings: int) -> "Double":
        """What a function with this slope makes of it."""
        return Double(value, abs(slope) * self.loss + roundings * ROUNDING * abs(value))


def total(terms: Iterable[Double]) -> Double:
    """A sum, in whatever order it is taken: every partial sum may be as large as all terms."""
    terms = list(terms)
    size = sum(abs(term.value) for term in terms)
    carried = sum(term.loss for term in terms)
    return Double(sum(term.value for term in terms), carried + (len(terms) - 1) * ROUNDING * size)


def _sigmoid(net: Double) -> Double:
    # exp is right to a unit in the last place, which is two roundings; then 1 is added, and divided.
    out = 1 / (1 + math.exp(-net.value)) if net.value > -700 else 0.0
    return net.through(out, out * (1 - out), 4)


def _tanh(net: Double) -> Double:
    out = math.tanh(net.value)
    return net.through(out, 1 - out * out, 2)


def _gaps(nets: list[Double], own: Double) -> list[tuple[float, float]]:
    """Of each output, its share of the sum of e^(net - own), and what that may be off by, of 1."""
    gaps = [net - own for net in nets]
    largest = max(gap.value for gap in gaps)
    powers = [math.exp(gap.value - largest) for gap in gaps]
    off = [gap.loss + ROUNDING * (2 * abs(gap.value) + abs(largest) + 2) for gap in gaps]
    return [(power / sum(powers), each) for power, each in zip(powers, off, strict=True)]


def _softmax(nets: list[Double]) -> list[Double]:
    """e^net / sum of e^net. The difference to the largest is rounded, too."""
    outs = []
    for own, net in enumerate(nets):
        shares = _gaps(nets, net)
        out = shares[own][0]
        carried = sum(share * off for share, off in shares) + (len(nets) + 4) * ROUNDING
        outs.append(Double(out, out * carried))
    return outs


def _shares(error: str, nets: list[Double], outs: list[Double], ys: list[Double]) -> list[Double]:
    """E_k of every output."""
    if error == "half_squared":
        return [Double(0.5) * (o - y) * (o - y) for o, y in zip(outs, ys, strict=True)]
    if error == "mean_squared":
        return [Double(1 / len(ys)) * (o - y) * (o - y) for o, y in zip(outs, ys, strict=True)]
    if error == "half_mean_squared":
        half = Double(1 / (2 * len(ys)))
        return [half * (o - y) * (o - y) for o, y in zip(outs, ys, strict=True)]
    if error == "huber":
        return [_huber(y - o) for o, y in zip(outs, ys, strict=True)]
    if error == "binary_cross_entropy":
        return [_binary(net, y) for net, y in zip(nets, ys, strict=True)]
    return [_surprise(nets, k) * y for k, y in enumerate(ys)]


def _huber(d: Double) -> Double:
    """With c = 1: half the square up to 1, from there on a line."""
    near = Double(min(abs(d.value), 1.0), d.loss)
    far = Double(max(abs(d.value) - 1.0, 0.0), d.loss + ROUNDING * abs(d.value))
    return total([Double(0.5) * near * near, far])


def _binary(net: Double, y: Double) -> Double:
    size = Double(abs(net.value), net.loss)
    rest = size.through(
        math.log1p(math.exp(-size.value)), math.exp(-size.value), 4 + math.ceil(size.value)
    )
    return total([(ONE - y if net.value > 0 else y) * size, rest])


def _surprise(nets: list[Double], own: int) -> Double:
    """ln of the sum of e^(net - own); of all terms that of its own is exactly 1."""
    shares = _gaps(nets, nets[own])
    others = [(share, off) for k, (share, off) in enumerate(shares) if k != own]
    value = max(-math.log1p(-sum(s for s, _ in others)), 0.0) if shares[own][0] > 0.5 else 0.0
    if shares[own][0] <= 0.5:
        largest = max(net.value for net in nets)
        value = largest - nets[own].value
        value += math.log(sum(math.exp(net.value - largest) for net in nets))
    carried = sum(share * off for share, off in others)
    return Double(value, carried + (len(nets) + 8) * ROUNDING * value)


ONE, ZERO = Double(1.0), Double(0.0)

# Of each activation: out from net, and dout/dnet from out.
RULES: dict[str, tuple[Callable[[Double], Double], Callable[[Double], Double]]] = {
    "sigmoid": (_sigmoid, lambda out: out * (ONE - out)),
    "tanh": (_tanh, lambda out: ONE - out * out),
    "relu": (lambda net: net if net.value > 0 else ZERO, lambda out: ONE if out.value else ZERO),
    "leaky_relu": (
        lambda net: net if net.value > 0 else Double(0.01) * net,
        lambda out: ONE if out.value > 0 else Double(0.01),
    ),
    "identity": (lambda net: net, lambda out: ONE),
}


def losses(network: Json, example: Json, learning_rate: float) -> Json:
    """The greatest loss of every number, by kind, in lists as in the API's `values`.

    `weights` and `biases` are those of the updated ones.
    """
    weights, biases = _doubles(network["weights"]), _doubles(network["biases"])
    names, error = network["activations"], network.get("error", "half_squared")
    joint = error in ("binary_cross_entropy", "cross_entropy")
    shared = network["bias"] == "shared"
    outs, nets = [_doubles(example["inputs"])], []
    for layer, name in enumerate(names):
        columns = list(zip(*weights[layer], strict=True))
        bias = biases[layer] if biases else [ZERO]
        bias = bias * len(columns) if len(bias) == 1 else bias
        nets.append(
            [total([b, *_products(outs[layer], c)]) for b, c in zip(bias, columns, strict=True)]
        )
        outs.append(
            _softmax(nets[layer])
            if name == "softmax"
            else [RULES[name][0](net) for net in nets[layer]]
        )

    targets = _doubles(example["targets"])
    output_errors = _shares(error, nets[-1], outs[-1], targets)
    away = [out - y for out, y in zip(outs[-1], targets, strict=True)]
    # What lies between the sum of the targets and 1 is taken for 0.
    rest = abs(math.fsum([-1.0, *example["targets"]])) if error == "cross_entropy" else 0.0
    away = [
        Double(d.value, d.loss + rest * out.value) for d, out in zip(away, outs[-1], strict=True)
    ]
    two = Double(2 / len(targets))
    error_slopes = [[two * d for d in away] if error == "mean_squared" else away]
    if error == "half_mean_squared":
        one = Double(1 / len(targets))
        error_slopes = [[one * d for d in away]]
    if error == "huber":
        error_slopes = [[Double(max(-1.0, min(1.0, d.value)), d.loss) for d in away]]
    activation_slopes: list[list[Double]] = []
    delta: list[list[Double]] = []
    for layer in reversed(range(len(names))):
        if joint and not delta:
            delta, error_slopes, activation_slopes = [away], [[]], [[]]
        else:
            slope = RULES[names[layer]][1]
            activation_slopes.insert(0, [slope(out) for out in outs[layer + 1]])
            delta.insert(0, _products(error_slopes[0], activation_slopes[0]))
        if layer:
            error_slopes.insert(0, [total(_products(delta[0], row)) for row in weights[layer]])

    weight_gradients = [
        [[d * out for d in row] for out in sources]
        for sources, row in zip(outs, delta, strict=False)
    ]
    bias_gradients = [[total(row)] if shared else row for row in delta] if biases else []
    return {
        "net": _lost(nets),
        "out": _lost(outs[1:]),
        "output_errors": _lost(output_errors),
        "error": _lost(total(output_errors)),
        "error_slopes": _lost(error_slopes),
        "activation_slopes": _lost(activation_slopes),
        "delta": _lost(delta),
        "weight_gradients": _lost(weight_gradients),
        "bias_gradients": _lost(bias_gradients),
        "weights": _lost(_updated(weights, weight_gradients, Double(learning_rate))),
        "biases": _lost(_updated(biases, bias_gradients, Double(learning_rate))),
    }


def _products(left: Iterable[Double], right: Iterable[Double]) -> list[Double]:
    return [a * b for a, b in zip(left, right, strict=True)]


def _updated(old: Any, gradients: Any, rate: Double) -> Any:
    if isinstance(old, Double):
        return old - rate * gradients
    return [_updated(*pair, rate) for pair in zip(old, gradients, strict=True)]


def _doubles(numbers: Any) -> Any:
    return [_doubles(x) for x in numbers] if isinstance(numbers, list) else Double(float(numbers))


def _lost(numbers: Any) -> Any:
    return [_lost(x) for x in numbers] if isinstance(numbers, list) else numbers.loss
