"""Backpropagation to 60 digits, from its definitions alone: what the simulator is held to.

Page not found comes from the simulator, and no truth here comes from the chain rule. A forward pass is
the deck's slide 1; every derivative is a central difference of E: one number moved by H both ways,
the error computed again. So a mistake in a rule, an order or an index cannot be shared by both.

A network, an example and a learning rate come in as the API's JSON; floats are taken exactly.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mpmath import MPContext

# mpmath carries no type information: its numbers are Any, and so is what is made of them.
Number = Any
Row = list[Number]
Json = dict[str, Any]

mp = MPContext()
mp.dps = 60

# The error of a central difference is H**2 / 6 of the third derivative, and the last of 60 digits
# divided by H: both are near 1e-40 where E and its derivatives are near 1.
H = mp.mpf(10) ** -20
NOISE = 1e-38

ACTIVATIONS: dict[str, Callable[[Number], Number]] = {
    "sigmoid": lambda net: 1 / (1 + mp.exp(-net)),
    "tanh": mp.tanh,
    "relu": lambda net: net if net > 0 else mp.zero,
    "leaky_relu": lambda net: net if net > 0 else mp.mpf(0.01) * net,
    "identity": lambda net: net,
}

# E_k of all outputs, from their nets, outs and targets. The logarithms are those of an out written
# in full, 1 / (1 + e^-net) and e^net / sum of e^net, since 60 digits would not do for 1 - out.
ERRORS: dict[str, Callable[[Row, Row, Row], Row]] = {
    "half_squared": lambda nets, outs, ys: [
        (y - out) ** 2 / 2 for y, out in zip(ys, outs, strict=True)
    ],
    "mean_squared": lambda nets, outs, ys: [
        (y - out) ** 2 / len(ys) for y, out in zip(ys, outs, strict=True)
    ],
    "half_mean_squared": lambda nets, outs, ys: [
        (y - out) ** 2 / (2 * len(ys)) for y, out in zip(ys, outs, strict=True)
    ],
    "huber": lambda nets, outs, ys: [
        d * d / 2 if d <= 1 else d - mp.mpf(0.5)
        for d in (abs(y - out) for y, out in zip(ys, outs, strict=True))
    ],
    "binary_cross_entropy": lambda nets, outs, ys: [
        y * mp.log1p(mp.exp(-net)) + (1 - y) * mp.log1p(mp.exp(net))
        for y, net in zip(ys, nets, strict=True)
    ],
    "cross_entropy": lambda nets, outs, ys: [
        -y * (net - mp.log(mp.fsum(map(mp.exp, nets)))) for y, net in zip(ys, nets, strict=True)
    ],
}
# Of these the simulator never takes dE/dout and dout/dnet of the outputs, only what they make.
JOINT = ("binary_cross_entropy", "cross_entropy")


def outs_of(activation: str, nets: Row) -> Row:
    """A layer's outs: of softmax, each from all nets."""
    if activation == "softmax":
        powers = [mp.exp(net) for net in nets]
        return [power / mp.fsum(powers) for power in powers]
    return [ACTIVATIONS[activation](net) for net in nets]


@dataclass(frozen=True)
class Truth:
    """One iteration, its lists as in the API's `values`; weights and biases are the new ones."""

    net: list[Row]
    out: list[Row]
    output_errors: Row
    error: Number
    error_slopes: list[Row]
    activation_slopes: list[Row]
    delta: list[Row]
    weight_gradients: list[list[Row]]
    bias_gradients: list[Row]
    weights: list[list[Row]]
    biases: list[Row]


def truth(network: Json, example: Json, learning_rate: float) -> Truth:
    """One whole iteration; both gradients are those at the old weights."""
    iteration = _Iteration(network, example)
    rate = mp.mpf(learning_rate)
    weight_gradients = iteration.weight_gradients()
    bias_gradients = iteration.bias_gradients()
    return Truth(
        net=iteration.net,
        out=iteration.out[1:],
        output_errors=iteration.output_errors(iteration.net[-1]),
        error=iteration.error(iteration.net[-1]),
        error_slopes=iteration.error_slopes(),
        activation_slopes=iteration.activation_slopes(),
        delta=iteration.delta(),
        weight_gradients=weight_gradients,
        bias_gradients=bias_gradients,
        weights=[
            [_moved(row, slopes, rate) for row, slopes in zip(rows, gradients, strict=True)]
            for rows, gradients in zip(iteration.weights, weight_gradients, strict=True)
        ],
        biases=[
            _moved(row, slopes, rate)
            for row, slopes in zip(iteration.biases, bias_gradients, strict=True)
        ],
    )


def forward(network: Json, example: Json) -> tuple[list[Row], list[Row]]:
    """The forward pass alone: every net, and every out with the inputs as layer 0."""
    iteration = _Iteration(network, example)
    return iteration.net, iteration.out


def sequential(network: Json, example: Json, learning_rate: float) -> list[list[Row]]:
    """The new weights of the well-known mistake: layers are updated from the outputs back, and each
    earlier layer's delta is taken through the *updated* weights. Never what is right, and the one
    thing here that needs the chain rule: being a mistake, it is the slope of nothing.
    """
    right = truth(network, example, learning_rate)
    out = [[mp.mpf(x) for x in example["inputs"]], *right.out]
    new: list[list[Row]] = []
    delta = right.delta[-1]
    for layer in reversed(range(len(right.weights))):
        old = _exact(network["weights"][layer])
        gradients = [[source * d for d in delta] for source in out[layer]]
        rows = [_moved(*pair, mp.mpf(learning_rate)) for pair in zip(old, gradients, strict=True)]
        new.insert(0, rows)
        if layer:
            slopes = right.activation_slopes[layer - 1]
            delta = [mp.fdot(row, delta) * s for row, s in zip(rows, slopes, strict=True)]
    return new


class _Iteration:
    """One forward pass, and E again with one number of it moved."""

    def __init__(self, network: Json, example: Json) -> None:
        self.names = list(network["activations"])
        self.shares = ERRORS[network.get("error", "half_squared")]
        self.joint = network.get("error") in JOINT
        self.weights = _exact(network["weights"])
        self.biases = _exact(network["biases"])
        self.shared = network["bias"] == "shared"
        self.targets = _exact(example["targets"])
        self.net: list[Row] = []
        self.out: list[Row] = [_exact(example["inputs"])]
        for layer, name in enumerate(self.names):
            self.net.append(self.nets_of(layer, self.out[layer]))
            self.out.append(outs_of(name, self.net[layer]))

    def nets_of(self, layer: int, sources: Row) -> Row:
        """net_j = b + sum of out_i w_ij, for each unit j that `layer` leads to (slide 1)."""
        units = range(len(self.weights[layer][0]))
        return [self.net_of(layer, unit, sources) for unit in units]

    def net_of(self, layer: int, unit: int, sources: Row) -> Number:
        column = [row[unit] for row in self.weights[layer]]
        return self.bias(layer, unit) + mp.fdot(sources, column)

    def bias(self, layer: int, unit: int) -> Number:
        if not self.biases:
            return mp.zero
        return self.biases[layer][0 if self.shared else unit]

    def output_errors(self, nets: Row) -> Row:
        """E_k of every output, if the outputs had these nets (slide 1)."""
        return self.shares(nets, outs_of(self.names[-1], nets), self.targets)

    def error(self, nets: Row) -> Number:
        return mp.fsum(self.output_errors(nets))

    def error_at(self, layer: int, nets: Row) -> Number:
        """E, if the units that this layer leads to had these nets."""
        for following in range(layer, len(self.names) - 1):
            nets = self.nets_of(following + 1, outs_of(self.names[following], nets))
        return self.error(nets)

    def error_with(self, layer: int, unit: int, net: Number) -> Number:
        """E, if this one unit that `layer` leads to had this net."""
        nets = list(self.net[layer])
        nets[unit] = net
        return self.error_at(layer, nets)

    def error_of(self, layer: int, outs: Row) -> Number:
        """E, if the units of this layer had these outs."""
        if layer == len(self.names):
            return mp.fsum(self.shares(self.net[-1], outs, self.targets))
        return self.error_at(layer, self.nets_of(layer, outs))

    def error_slopes(self) -> list[Row]:
        """dE/dout of every unit that computes: E with that one out moved. None of joint outputs."""

        def error(layer: int, unit: int, out: Number) -> Number:
            row = self.out[layer]
            return self.error_of(layer, [*row[:unit], out, *row[unit + 1 :]])

        return [
            [_slope(partial(error, layer, unit), out) for unit, out in enumerate(row)]
            if not self._is_joint(layer)
            else []
            for layer, row in enumerate(self.out[1:], 1)
        ]

    def _is_joint(self, layer: int) -> bool:
        return self.joint and layer == len(self.names)

    def activation_slopes(self) -> list[Row]:
        """dout/dnet of every unit that computes."""
        return [
            [_slope(ACTIVATIONS[name], net) for net in row] if not self._is_joint(layer) else []
            for layer, (name, row) in enumerate(zip(self.names, self.net, strict=True), 1)
        ]

    def delta(self) -> list[Row]:
        """dE/dnet of every unit that computes: E with an offset added to that one net."""
        return [
            [_slope(partial(self.error_with, layer, unit), net) for unit, net in enumerate(row)]
            for layer, row in enumerate(self.net)
        ]

    def weight_gradients(self) -> list[list[Row]]:
        """dE/dw: E with that one weight moved; only what lies after it is computed again."""
        gradients: list[list[Row]] = []
        for layer, rows in enumerate(self.weights):
            gradients.append([[mp.zero] * len(row) for row in rows])
            for source, unit in _indices(rows):
                gradients[layer][source][unit] = self._slope_of(rows[source], unit, layer, [unit])
        return gradients

    def bias_gradients(self) -> list[Row]:
        """dE/db: E with that one bias moved, of all units of the layer where they share it."""
        gradients: list[Row] = []
        for layer, row in enumerate(self.biases):
            units = range(len(self.net[layer]))
            gradients.append(
                [
                    self._slope_of(row, index, layer, units if self.shared else [index])
                    for index in range(len(row))
                ]
            )
        return gradients

    def _slope_of(self, row: Row, index: int, layer: int, units: Sequence[int]) -> Number:
        """The slope of E over row[index], a parameter of `layer` that these units read."""
        old = row[index]

        def error(moved: Number) -> Number:
            row[index] = moved
            nets = list(self.net[layer])
            for unit in units:
                nets[unit] = self.net_of(layer, unit, self.out[layer])
            row[index] = old
            return self.error_at(layer, nets)

        return _slope(error, old)


def _slope(function: Callable[[Number], Number], at: Number) -> Number:
    """The central difference."""
    return (function(at + H) - function(at - H)) / (2 * H)


def _exact(numbers: Any) -> Any:
    """The same nested lists, each float taken exactly."""
    if isinstance(numbers, list | tuple):
        return [_exact(number) for number in numbers]
    return mp.mpf(numbers)


def _indices(rows: list[Row]) -> Iterator[tuple[int, int]]:
    return ((i, j) for i, row in enumerate(rows) for j in range(len(row)))


def _moved(row: Row, gradients: Row, rate: Number) -> Row:
    """w - lr * gradient, number by number (slides 2 and 3)."""
    return [old - rate * slope for old, slope in zip(row, gradients, strict=True)]
