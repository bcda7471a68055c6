"""An iteration on a blackboard, in plain loops: the deck's rules once more, in `decimal` with 60 digits.

Each result is rounded exactly, as a fraction. Only gradient descent and momentum are known here.
"""

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import floor
from typing import Any

DIGITS = 60
Board = dict[str, Decimal]


class NaiveBoard:
    """The numbers on the board, by what they are and where: `net/1/0`, `new/weight/0/0/1`."""

    def __init__(
        self, fields: dict[str, Any], kind: str, digits: int, half: str, momentum: str | None = None
    ) -> None:
        network = fields["network"]
        self.layers, self.names = network["layers"], network["activations"]
        self.error, self.shared = network["error"], network["bias"] == "shared"
        self.update = network["update"]
        self.rate = Decimal(str(fields["learning_rate"]))
        self.momentum = None if momentum is None else Decimal(momentum)
        self.kind, self.digits, self.half = kind, digits, half
        self.examples = fields["examples"]
        self.weights = [
            [[Decimal(str(w)) for w in row] for row in matrix] for matrix in network["weights"]
        ]
        self.biases = [[Decimal(str(b)) for b in row] for row in network["biases"]]
        self.moving: Board = {}
        self.sums: Board = {}
        self.count = 0

    def round(self, value: Decimal) -> Decimal:
        """As it is written down."""
        if value == 0:
            return Decimal(0)
        places = self.digits if self.kind == "decimals" else self.digits - 1 - value.adjusted()
        shifted = Fraction(value) * Fraction(10) ** places
        if self.half == "even":
            whole = round(shifted)
        else:
            whole = floor(abs(shifted) + Fraction(1, 2)) * (1 if shifted > 0 else -1)
        return Decimal(whole).scaleb(-places)

    def iterate(self) -> Board:
        """All results of the next iteration."""
        with localcontext(Context(prec=DIGITS)):
            return self._iterate()

    def _iterate(self) -> Board:
        board: Board = {}
        example = self.examples[self.count % len(self.examples)]
        self.count += 1
        before = [Decimal(str(x)) for x in example["inputs"]]
        targets = [Decimal(str(t)) for t in example["targets"]]
        outs, slopes = [before], []
        for layer, matrix in enumerate(self.weights):
            nets = []
            for unit in range(self.layers[layer + 1]):
                net = self.bias(layer, unit)
                for x, row in zip(before, matrix, strict=True):
                    net += x * row[unit]
                nets.append(self.put(board, f"net/{layer + 1}/{unit}", net))
            before = [
                self.put(board, f"out/{layer + 1}/{unit}", out)
                for unit, out in enumerate(activation(self.names[layer], nets))
            ]
            outs.append(before)
            slopes.append(
                [slope(self.names[layer], n, o) for n, o in zip(nets, before, strict=True)]
            )
        last = len(self.layers) - 1
        total = Decimal(0)
        for unit, target in enumerate(targets):
            value = self.error_of(board, last, unit, target)
            total += self.put(board, f"output_error/{unit}", value)
        self.put(board, "error", total)
        for layer in range(last, 0, -1):
            self.backward(board, layer, targets, outs, slopes)
        self.move(board)
        return board

    def bias(self, layer: int, unit: int) -> Decimal:
        if not self.biases:
            return Decimal(0)
        return self.biases[layer][0 if self.shared else unit]

    def put(self, board: Board, name: str, value: Decimal) -> Decimal:
        board[name] = self.round(value)
        return board[name]

    def error_of(self, board: Board, last: int, unit: int, target: Decimal) -> Decimal:
        out = board[f"out/{last}/{unit}"]
        if self.error == "half_squared":
            return (target - out) * (target - out) / 2
        if self.error == "mean_squared":
            return (target - out) * (target - out) / int(self.layers[last])
        if self.error == "half_mean_squared":
            return (target - out) * (target - out) / (2 * int(self.layers[last]))
        nets = [board[f"net/{last}/{k}"] for k in range(self.layers[last])]
        if self.error == "cross_entropy":
            return -target * activation("softmax", nets)[unit].ln()
        p = activation("sigmoid", nets)[unit]
        return -(target * p.ln() + (1 - target) * (1 - p).ln())

    def backward(
        self,
        board: Board,
        layer: int,
        targets: Sequence[Decimal],
        outs: Sequence[Sequence[Decimal]],
        slopes: Sequence[Sequence[Decimal]],
    ) -> None:
        last = len(self.layers) - 1
        for unit in range(self.layers[layer]):
            out = outs[layer][unit]
            if layer == last and "cross_entropy" in self.error:
                self.put(board, f"delta/{layer}/{unit}", out - targets[unit])
                continue
            if layer == last:
                by_out = out - targets[unit]
                if self.error == "mean_squared":
                    by_out = 2 * by_out / self.layers[last]
                if self.error == "half_mean_squared":
                    by_out = by_out / self.layers[last]
            else:
                by_out = Decimal(0)
                for after in range(self.layers[layer + 1]):
                    weight = self.weights[layer][unit][after]
                    by_out += board[f"delta/{layer + 1}/{after}"] * weight
            by_out = self.put(board, f"error_slope/{layer}/{unit}", by_out)
            by_net = self.put(board, f"activation_slope/{layer}/{unit}", slopes[layer - 1][unit])
            self.put(board, f"delta/{layer}/{unit}", by_out * by_net)
        for unit in range(self.layers[layer]):
            delta = board[f"delta/{layer}/{unit}"]
            for source, out in enumerate(outs[layer - 1]):
                self.put(board, f"weight_gradient/{layer - 1}/{source}/{unit}", delta * out)
        deltas = [board[f"delta/{layer}/{unit}"] for unit in range(self.layers[layer])]
        if self.biases and self.shared:
            self.put(board, f"bias_gradient/{layer - 1}", sum(deltas, start=Decimal(0)))
        elif self.biases:
            for unit, delta in enumerate(deltas):
                self.put(board, f"bias_gradient/{layer - 1}/{unit}", delta)

    def move(self, board: Board) -> None:
        """The sums of a batch, the velocities, and the new weights and biases."""
        gradients = {n.replace("_gradient", ""): g for n, g in board.items() if "_gradient/" in n}
        if self.update != "each":
            for name, gradient in gradients.items():
                kind, _, place = name.partition("/")
                total = self.sums.get(name, Decimal(0)) + gradient
                self.sums[name] = self.put(board, f"{kind}_sum/{place}", total)
            if self.count % len(self.examples):
                return
            number = len(self.examples) if self.update == "mean" else 1
            gradients = {name: self.sums[name] / number for name in gradients}
            self.sums = {}
        for name, gradient in gradients.items():
            kind, _, place = name.partition("/")
            if self.momentum is not None:
                velocity = self.momentum * self.moving.get(name, Decimal(0)) + gradient
                gradient = self.put(board, f"{kind}_velocity/{place}", velocity)
                self.moving[name] = gradient
            rows = self.row_of(kind, place)
            index = int(place.split("/")[-1]) if kind == "weight" or not self.shared else 0
            rows[index] = self.put(
                board, f"{kind}_update/{place}", rows[index] - self.rate * gradient
            )

    def row_of(self, kind: str, place: str) -> list[Decimal]:
        layer, *others = map(int, place.split("/"))
        return self.weights[layer][others[0]] if kind == "weight" else self.biases[layer]


def activation(name: str, nets: Sequence[Decimal]) -> list[Decimal]:
    if name == "softmax":
        powers = [net.exp() for net in nets]
        return [power / sum(powers) for power in powers]
    if name == "sigmoid":
        return [1 / (1 + (-net).exp()) for net in nets]
    if name == "tanh":
        return [(net.exp() - (-net).exp()) / (net.exp() + (-net).exp()) for net in nets]
    if name == "identity":
        return list(nets)
    below = Decimal("0.01") if name == "leaky_relu" else Decimal(0)
    return [net if net > 0 else below * net for net in nets]


def slope(name: str, net: Decimal, out: Decimal) -> Decimal:
    if name == "sigmoid":
        return out * (1 - out)
    if name == "tanh":
        return 1 - out * out
    if name in ("identity", "softmax"):
        return Decimal(1)
    if name == "leaky_relu":
        return Decimal(net > 0) + Decimal("0.01") * (net < 0)
    return Decimal(net > 0)
