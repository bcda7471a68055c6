"""A simulation written the long way round: what the real one is held to.

Nothing here comes from the simulator. An iteration is nested loops over lists, in the deck's order;
its moments are a plain list, one appended at every calculation and one popped to go back; a history
is that list. Sums run from left to right as a reader would add them, so even the bits must agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp, inf, isfinite, log1p, tanh
from random import Random
from typing import Any, NamedTuple

Matrix = list[list[float]]


KINKED = ("relu", "leaky_relu")
BEGIN_ANEW = ("examples", "update", "shuffle")


class Calculation(NamedTuple):
    """One number computed: the phase and the equation block it stands in, its address, itself."""

    phase: str
    block: str
    address: str
    value: float


def settled(net: float, terms: Sequence[float]) -> float:
    """0 where the terms cancel but for their rounding."""
    size = added([abs(term) for term in terms])
    return 0.0 if size < inf and abs(net) <= size / 2**40 else net


def sigmoid(net: float) -> float:
    return 1.0 / (1.0 + exp(-net)) if net > -709 else exp(net)


def relu(net: float) -> float:
    return net if not net <= 0 else 0.0


def leaky_relu(net: float) -> float:
    return net if net > 0 or net != net else 0.01 * net


def out_of(activation: str, net: float) -> float:
    rules = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "leaky_relu": leaky_relu}
    return rules.get(activation, float)(net)


def softmax(nets: Sequence[float]) -> list[float]:
    largest = max(nets)
    total = sum(power(net, largest) for net in nets)
    return [exp(net - largest) / total for net in nets]


def power(net: float, largest: float) -> float:
    return 1.0 if net == largest else exp(net - largest)


def surprise(nets: Sequence[float], own: int) -> float:
    """ln Σ e^(net − own), the largest of the differences apart from the others."""
    gaps = [0.0] + [net - nets[own] for k, net in enumerate(nets) if k != own]
    place = gaps.index(max(gaps))
    largest = gaps[place]
    return largest + log1p(sum(power(gap, largest) for gap in gaps[:place] + gaps[place + 1 :]))


def share_of(
    error: str, nets: Sequence[float], outs: Sequence[float], targets: Sequence[float], k: int
) -> float:
    """E_k."""
    net, out, t = nets[k], outs[k], targets[k]
    match error:
        case "half_squared":
            return 0.5 * (t - out) * (t - out)
        case "mean_squared":
            return (t - out) * (t - out) / len(targets)
        case "half_mean_squared":
            return 0.5 * (t - out) * (t - out) / len(targets)
        case "huber":  # with c = 1
            size = abs(t - out)
            near = 1.0 if size > 1.0 else size
            return 0.5 * near * near + 1.0 * (size - 1.0 if not size - 1.0 <= 0 else 0.0)
        case "binary_cross_entropy":
            return t * max(0.0, -net) + (1.0 - t) * max(0.0, net) + log1p(exp(-abs(net)))
    return t * surprise(nets, k)


def slope_of(activation: str, net: float, out: float) -> float:
    match activation:
        case "sigmoid":
            return out * (1.0 - out)
        case "tanh":
            return 1.0 - out * out
        case "relu" | "leaky_relu" if net != net:
            return net
        case "leaky_relu" if net < 0:
            return 0.01
        case "relu" | "leaky_relu":
            return 1.0 if net > 0 else 0.0
    return 1.0


def added(terms: Sequence[float]) -> float:
    """The terms from left to right, starting with the first: 0 + −0 would lose a sign."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


@dataclass(frozen=True)
class Iteration:
    """What one iteration starts from. `weights[l][i][j]` leads from i to j; `bias` is its mode."""

    layers: tuple[int, ...]
    activations: tuple[str, ...]
    bias: str
    weights: tuple[Matrix, ...]
    biases: Matrix
    examples: tuple[tuple[list[float], list[float]], ...]
    learning_rate: float
    number: int = 0
    previous_error: float | None = None
    rule: str = "half_squared"
    momentum: float = 0.9
    velocities: tuple[Matrix, ...] | None = None
    bias_velocities: Matrix | None = None
    update: str = "each"
    sums: tuple[Matrix, ...] | None = None
    bias_sums: Matrix | None = None
    first: int = 0  # from which passes are counted
    shuffle: int | None = None

    @property
    def place(self) -> int:
        return (self.number - self.first) % len(self.examples)

    @property
    def closes(self) -> bool:
        return self.update == "each" or self.place == len(self.examples) - 1

    @property
    def example(self) -> int:
        """Drawn lots, the lowest first, where the order is shuffled."""
        if self.shuffle is None:
            return self.place
        draw = Random(f"{self.shuffle}/{(self.number - self.first) // len(self.examples)}")
        lots = sorted((draw.random(), index) for index in range(len(self.examples)))
        return lots[self.place][1]

    def anew(self) -> "Iteration":
        """A pass begun anew."""
        nothing = self.update == "each"
        still = tuple([[0.0] * len(row) for row in matrix] for matrix in self.weights)
        return replace(
            self,
            first=0 if nothing else self.number,
            sums=None if nothing else still,
            bias_sums=None if nothing else [[0.0] * len(row) for row in self.biases],
        )

    @cached_property
    def calculations(self) -> list[Calculation]:
        return [c._replace(value=c.value or 0.0) for c in self._calculate()]

    @cached_property
    def error(self) -> float:
        return next(c.value for c in self.calculations if c.address == "error")

    def following(self) -> "Iteration":
        weights, biases = self.displayed(len(self.calculations))
        weights = tuple([[w or 0.0 for w in row] for row in matrix] for matrix in weights)
        biases = [[b or 0.0 for b in row] for row in biases]  # an edit may have entered −0
        velocities, bias_velocities = self.moving(len(self.calculations))
        sums, bias_sums = self.summed(len(self.calculations))
        if self.closes and self.update != "each":
            fresh = self.anew()
            sums, bias_sums = fresh.sums, fresh.bias_sums
        return replace(
            self,
            sums=sums,
            bias_sums=bias_sums,
            weights=weights,
            biases=biases,
            velocities=velocities,
            bias_velocities=bias_velocities,
            number=self.number + 1,
            previous_error=self.error,
        )

    def displayed(self, cursor: int) -> tuple[tuple[Matrix, ...], Matrix]:
        """The weights and biases after `cursor` calculations."""
        return self._as_of(cursor, "", self.weights, self.biases)

    def moving(self, cursor: int) -> tuple[tuple[Matrix, ...] | None, Matrix | None]:
        """The velocities after `cursor` calculations, where there are any."""
        if self.velocities is None or self.bias_velocities is None:
            return None, None
        return self._as_of(cursor, "_velocity", self.velocities, self.bias_velocities)

    def summed(self, cursor: int) -> tuple[tuple[Matrix, ...] | None, Matrix | None]:
        """The sums of gradients after `cursor` calculations, where there are any."""
        if self.sums is None or self.bias_sums is None:
            return None, None
        return self._as_of(cursor, "_sum", self.sums, self.bias_sums)

    def _as_of(
        self, cursor: int, what: str, matrices: tuple[Matrix, ...], rows: Matrix
    ) -> tuple[tuple[Matrix, ...], Matrix]:
        taken = {c.address: c.value for c in self.calculations[:cursor] if c.phase == "update"}
        weights = tuple(
            [
                [taken.get(f"weight{what}/{layer}/{i}/{j}", w) for j, w in enumerate(row)]
                for i, row in enumerate(matrix)
            ]
            for layer, matrix in enumerate(matrices)
        )
        biases = [
            [
                taken.get(
                    f"bias{what}/{layer}"
                    if self.bias == "shared"
                    else f"bias{what}/{layer}/{unit}",
                    value,
                )
                for unit, value in enumerate(row)
            ]
            for layer, row in enumerate(rows)
        ]
        return weights, biases

    def _bias(self, layer: int, unit: int) -> list[float]:
        if self.bias == "none":
            return []
        return [self.biases[layer][0 if self.bias == "shared" else unit]]

    def _calculate(self) -> Iterator[Calculation]:
        x, target = self.examples[self.example]
        last = len(self.layers) - 1
        net: dict[int, list[float]] = {}
        out: dict[int, list[float]] = {0: x}
        for layer in range(1, last + 1):
            incoming = self.weights[layer - 1]
            net[layer] = []
            for j in range(self.layers[layer]):
                products = [o * incoming[i][j] for i, o in enumerate(out[layer - 1])]
                terms = self._bias(layer - 1, j) + products
                number = added(terms)
                if self.activations[layer - 1] in KINKED:
                    number = settled(number, terms)
                net[layer].append(number)
                yield Calculation("forward", f"net {layer}", f"net/{layer}/{j}", net[layer][j])
            out[layer] = []
            name = self.activations[layer - 1]
            for j, number in enumerate(net[layer]):
                one = softmax(net[layer])[j] if name == "softmax" else out_of(name, number)
                out[layer].append(one)
                yield Calculation("forward", f"out {layer}", f"out/{layer}/{j}", out[layer][j])
        shares = [share_of(self.rule, net[last], out[last], target, k) for k in range(len(target))]
        for k, share in enumerate(shares):
            yield Calculation("forward", "error", f"output_error/{k}", share)
        yield Calculation("forward", "error", "error", added(shares))
        yield from self._backward(net, out, target)

    def _backward(
        self, net: dict[int, list[float]], out: dict[int, list[float]], target: list[float]
    ) -> Iterator[Calculation]:
        last = len(self.layers) - 1
        delta: dict[int, list[float]] = {}
        updates: list[Calculation] = []
        sums: list[Calculation] = []
        shared_by = len(self.examples) if self.update == "mean" else 1
        rate = self.learning_rate
        for layer in range(last, 0, -1):
            units = range(self.layers[layer])
            if layer == last:
                slopes = [o - t for o, t in zip(out[layer], target, strict=True)]
                if self.rule == "huber":
                    slopes = [-1.0 if s < -1.0 else 1.0 if s > 1.0 else s for s in slopes]
                if self.rule == "mean_squared":
                    slopes = [2.0 * slope / len(target) for slope in slopes]
                if self.rule == "half_mean_squared":
                    slopes = [slope / len(target) for slope in slopes]
            else:
                rows = self.weights[layer]
                slopes = [
                    added([d * rows[i][k] for k, d in enumerate(delta[layer + 1])]) for i in units
                ]
            rises = [
                slope_of(self.activations[layer - 1], net[layer][j], out[layer][j]) for j in units
            ]
            delta[layer] = [slope * rise for slope, rise in zip(slopes, rises, strict=True)]
            kinds = [("error_slope", slopes), ("activation_slope", rises), ("delta", delta[layer])]
            if layer == last and self.rule in ("binary_cross_entropy", "cross_entropy"):
                delta[layer] = slopes
                kinds = [("delta", slopes)]
            for kind, numbers in kinds:
                for j, number in enumerate(numbers):
                    yield Calculation("backward", f"{kind} {layer}", f"{kind}/{layer}/{j}", number)
            moved: list[Calculation] = []
            for j in units:
                for i, o in enumerate(out[layer - 1]):
                    place, gradient = f"{layer - 1}/{i}/{j}", delta[layer][j] * o
                    yield Calculation(
                        "backward", f"weight_gradient {layer}", f"weight_gradient/{place}", gradient
                    )
                    if self.sums is not None:
                        gradient = self.sums[layer - 1][i][j] + gradient
                        block, place_of = f"weight_sum {layer}", f"weight_sum/{place}"
                        sums.append(Calculation("update", block, place_of, gradient))
                        gradient = gradient / shared_by
                    if self.velocities is not None:
                        before = self.velocities[layer - 1][i][j]
                        gradient = self.momentum * before + gradient
                        block, place_of = f"weight_velocity {layer}", f"weight_velocity/{place}"
                        updates.append(Calculation("update", block, place_of, gradient))
                    new = self.weights[layer - 1][i][j] - rate * gradient
                    moved.append(
                        Calculation("update", f"weight_update {layer}", f"weight/{place}", new)
                    )
            for place, gradient in self._bias_gradients(layer, delta[layer]):
                yield Calculation(
                    "backward", f"bias_gradient {layer}", f"bias_gradient/{place}", gradient
                )
                unit = int(place.split("/")[1]) if "/" in place else 0
                if self.bias_sums is not None:
                    gradient = self.bias_sums[layer - 1][unit] + gradient
                    block = f"bias_sum {layer}"
                    sums.append(Calculation("update", block, f"bias_sum/{place}", gradient))
                    gradient = gradient / shared_by
                if self.bias_velocities is not None:
                    before = self.bias_velocities[layer - 1][unit]
                    gradient = self.momentum * before + gradient
                    block = f"bias_velocity {layer}"
                    updates.append(Calculation("update", block, f"bias_velocity/{place}", gradient))
                new = self.biases[layer - 1][unit] - rate * gradient
                moved.append(Calculation("update", f"bias_update {layer}", f"bias/{place}", new))
            updates += moved
        yield from sums
        if self.closes:
            yield from updates

    def _bias_gradients(self, layer: int, delta: list[float]) -> list[tuple[str, float]]:
        if self.bias == "shared":
            return [(f"{layer - 1}", added(delta))]
        if self.bias == "per_unit":
            return [(f"{layer - 1}/{unit}", number) for unit, number in enumerate(delta)]
        return []


class Moment(NamedTuple):
    iteration: Iteration
    cursor: int
    edited: bool = False

    @property
    def finished(self) -> bool:
        return self.cursor == len(self.iteration.calculations)

    def ends(self, by: str) -> bool:
        """Whether a step of that granularity ends here."""
        calculations = self.iteration.calculations
        if by == "unit" or self.finished or not self.cursor:
            return True
        before, after = calculations[self.cursor - 1], calculations[self.cursor]
        if by == "layer":
            return before.block != after.block
        return before.phase != after.phase

    def past(self, phase: str) -> bool:
        """Whether the phase is over."""
        phases = ("forward", "backward", "update")
        if self.finished:
            return True
        upcoming = self.iteration.calculations[self.cursor].phase
        return phases.index(upcoming) > phases.index(phase)


class Naive:
    """Every moment since the beginning, in a list."""

    def __init__(self, beginning: Iteration) -> None:
        self.moments = [Moment(beginning, 0)]

    @property
    def now(self) -> Moment:
        return self.moments[-1]

    def _next(self) -> None:
        iteration, cursor, _ = self.now
        if self.now.finished:
            iteration, cursor = iteration.following(), 0
        self.moments.append(Moment(iteration, cursor + 1))

    def step(self, by: str, count: int) -> None:
        for _ in range(count):
            self._next()
            while not self.now.ends(by):
                self._next()

    def back(self, by: str, count: int) -> None:
        for _ in range(count):
            if len(self.moments) == 1:
                return
            edited = self.moments.pop().edited
            while not edited and not self.now.edited and not self.now.ends(by):
                self.moments.pop()

    def on_to(self, phase: str) -> None:
        if self.now.finished:
            self._next()
        while not self.now.past(phase):
            self._next()

    def train(self, iterations: int, below: float = -1.0) -> list[float]:
        """Trains until E is not finite, or its mean over a pass that begins here is below a bound.

        Returns the E of each iteration.
        """
        errors: list[float] = []
        for count in range(1, iterations + 1):
            self.on_to("update")
            errors.append(self.now.iteration.error)
            examples = len(self.now.iteration.examples)
            mean = sum(errors[-examples:]) / examples
            if not isfinite(errors[-1]) or (count % examples == 0 and mean < below):
                break
        return errors

    def reset(self) -> None:
        del self.moments[1:]

    def edit(self, *, anew: bool = False, **changes: Any) -> None:
        """Where it neither changes nor restarts anything, nothing has happened.

        An alteration of the network begins a pass `anew`.
        """
        now = self.now.iteration
        edited = replace(now, **changes)
        if anew or any(repr(getattr(edited, n)) != repr(getattr(now, n)) for n in BEGIN_ANEW):
            edited = edited.anew() if now.update != "each" or edited.update != "each" else edited
        if self.now.cursor or repr(edited) != repr(self.now.iteration):  # repr tells 0 from −0
            self.moments.append(Moment(edited, 0, edited=True))
