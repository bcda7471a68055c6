"""The gradient check: compares backpropagation with central differences of E.

In doubles, a difference of two nearly equal E would be mostly rounding. So E is computed again with
60 digits, by the same formulas, and the step h is so small that neither rounding nor the bend of E
matters. Then a right gradient agrees, and a wrong one does not, except where a difference says
nothing: at a kink, where doubles have lost the digits of the gradient, or if E is not finite.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise
from math import isfinite, prod

import numpy as np

from app.backprop.addresses import parse
from app.backprop.compiler import compile_in, flat
from app.backprop.network import Shape
from app.backprop.steps import PHASES, SETTLED
from app.simulation.simulation import Simulation

TOLERANCE = 1e-5  # relative to the larger of the two gradients
IDLE = 1e-14  # rounding of a gradient that is 0 because its δ, each at most 1, cancel out
DIGITS = 60
SMALLEST_DOUBLE = Decimal("5e-324")
ZERO, HALF, NOT_A_NUMBER = Decimal(0), Decimal("0.5"), Decimal("nan")
NEAR = Decimal("1e-20")  # how far a step h moves any net, at most: NEAR⁴ has no digit left

AGREES, DISAGREES, INCONCLUSIVE = "agrees", "disagrees", "inconclusive"
KINK, FLAT, DIVERGED = "kink", "flat", "diverged"

_CONTEXT = Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
Decimals = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class GradientRow:
    """One weight or bias."""

    address: str  # the address of the weight or bias
    backprop: float  # the gradient to check
    difference: float  # (E(w + h) − E(w − h)) / 2h
    h: float
    # The distance of the two gradients, relative to the larger; 0 if both are 0.
    relative_error: float
    verdict: str  # agrees, disagrees or inconclusive
    reason: str | None  # why it is inconclusive (`kink`, `flat` or `diverged`), else None


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The rows and the overall verdict: that of the worst row."""

    rows: tuple[GradientRow, ...]

    @property
    def verdict(self) -> str:
        verdicts = {row.verdict for row in self.rows}
        return next((v for v in (DISAGREES, INCONCLUSIVE) if v in verdicts), AGREES)

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of the rows; nan if any of them is."""
        return float(np.max([row.relative_error for row in self.rows], initial=0.0))


def check_gradients(
    simulation: Simulation,
    only: str | None = None,
    gradients: Mapping[str, float] | None = None,
) -> GradientCheck:
    """Check the gradients at the iteration's old parameters, for its example.

    Args:
        only: the address of a single weight or bias to check.
        gradients: the gradients to check, by weight or bias; backpropagation's by default.

    Raises KeyError if the network has no such weight or bias.
    """
    indices = simulation.compiled.parameters
    if only is not None:
        indices = {only: indices[only]}
    with localcontext(_CONTEXT):
        check = _Check(simulation, backprop(simulation) if gradients is None else gradients)
        return GradientCheck(tuple(check.row(index, address) for address, index in indices.items()))


def backprop(simulation: Simulation) -> dict[str, float]:
    """Return the gradient of every weight and bias, by its address, at any cursor."""
    trace, position = simulation.trace(), simulation.compiled.position
    return {text: trace[position[gradient_of(text)]] for text in simulation.compiled.parameters}


def gradient_of(address: str) -> str:
    """Return the address of the gradient of a weight or bias."""
    kind, _ = parse(address)
    return address.replace(kind, f"{kind}_gradient", 1)


class _Check:
    """The check of one iteration, in decimals."""

    def __init__(self, simulation: Simulation, gradients: Mapping[str, float]) -> None:
        start, self.shape = simulation.start, simulation.shape
        self.gradients, self.position = gradients, simulation.compiled.position
        example = flat(simulation.examples[simulation.example])
        self.state, self.example, self.settings = (
            tuple(map(Decimal, numbers)) for numbers in (start.state, example, start.settings)
        )
        self.trace = simulation.trace()
        self.kinked = [self.position[step.result] for step in simulation.steps if step.settles]
        self.arithmetic = _Arithmetic()
        self.exact = self._run(self.state, self.arithmetic, 2)
        self.finite = all(isfinite(value) for value in self.trace[: self.position["error"] + 1])
        self.reach = list(self._reach())

    def row(self, index: int, address: str) -> GradientRow:
        """The check of one weight or bias."""
        mine, h = self.gradients[address], NEAR / (self.reach[index] or 1)
        difference, verdict = self._compare(index, mine, self.position[gradient_of(address)], h)
        larger = max(abs(Decimal(mine)), abs(difference))
        distance = abs(Decimal(mine) - difference)
        relative_error = float(distance / larger) if larger else 0.0
        reason = verdict if verdict in (KINK, FLAT, DIVERGED) else None
        verdict = INCONCLUSIVE if reason else verdict
        numbers = mine, float(difference), float(h), relative_error
        return GradientRow(address, *numbers, verdict, reason)

    def _compare(self, index: int, mine: float, gradient: int, h: Decimal) -> tuple[Decimal, str]:
        """The difference, and the verdict or the reason why it is inconclusive."""
        own = self.trace[gradient]
        if not (self.finite and isfinite(own)):
            return NOT_A_NUMBER, DIVERGED
        up, down = self._forward(index, h), self._forward(index, -h)
        error = self.position["error"]
        difference = (up[error] - down[error]) / (2 * h)
        moved, reach = up != self.exact[: len(up)], self.reach[index]
        # Of the difference: each number on the way to E may be off by its last digits.
        largest = max(abs(self.state[index]), *map(abs, up)) if reach else ZERO
        rounding = Decimal(10) ** (3 - DIGITS) * largest / h
        larger = max(abs(Decimal(mine)), abs(difference))
        distance = abs(Decimal(mine) - difference)
        tolerance = Decimal(TOLERANCE) * larger
        lost = 2 * abs(Decimal(own) - self.exact[gradient]) + SMALLEST_DOUBLE
        if index == self.shape.idle_parameter and mine == own and larger <= IDLE:
            return Decimal(mine), AGREES
        moves_error = not up[error] == down[error] == self.exact[error]
        if moves_error and self._crosses_a_kink(up, down):
            return difference, KINK
        untouched = mine == own == difference == 0 and (moved or not reach)
        if untouched or (distance <= tolerance and rounding <= tolerance):
            return difference, AGREES
        return difference, FLAT if distance <= tolerance + lost + rounding else DISAGREES

    def _forward(self, index: int, by: Decimal) -> Decimals:
        """The forward pass with one parameter moved."""
        state = (*self.state[:index], self.state[index] + by, *self.state[index + 1 :])
        return self._run(state, _Nearby(self.arithmetic), 1)

    def _run(self, state: Decimals, arithmetic: "_Arithmetic", phases: int) -> Decimals:
        run = _compiled(self.shape, phases)
        functions = arithmetic.functions().values()
        return run(state, self.example, self.settings, *functions, arithmetic.settle)

    def _reach(self) -> Iterator[Decimal]:
        """For each parameter, at least how far any net moves if it moves by 1; 0 if none does. No
        activation is steeper than 1."""
        weights = iter(self.state)
        passed: list[Decimal] = []  # how far a net of a layer moves one of the next, at most
        for sources, targets in pairwise(self.shape.layers):
            rows = [[abs(next(weights)) for _ in range(targets)] for _ in range(sources)]
            passed.append(max(Decimal(1), sum((max(row) for row in rows), start=ZERO)))
        beyond = [prod(passed[layer + 1 :], start=Decimal(1)) for layer in range(len(passed))]
        for layer, source, _ in self.shape.weight_indices():
            index = self.position.get(f"out/{layer}/{source}")
            out = self.example[source] if index is None else self.exact[index]
            yield abs(out) * beyond[layer]
        for layer, *_unit in self.shape.bias_indices():
            yield beyond[layer]

    def _crosses_a_kink(self, *moved: Decimals) -> bool:
        """Whether a net lies on another side of its kink after a move, or in exact arithmetic."""
        return any(
            _sign(run[index]) != _sign(self.trace[index])
            for index in self.kinked
            for run in (self.exact, *moved)
        )


@lru_cache(maxsize=64)
def _compiled(shape: Shape, phases: int) -> Callable[..., Decimals]:
    """The first phases of an iteration in decimals."""
    return compile_in(shape, tuple(_Arithmetic().functions()), Decimal, PHASES[:phases])


class _Arithmetic:
    """The functions in decimals. It remembers what was computed, in order."""

    def __init__(self) -> None:
        self.powers: list[tuple[Decimal, Decimal]] = []  # x and e^x
        self.logarithms: list[tuple[Decimal, Decimal]] = []  # x and ln x
        # What was taken from the nets of units with a kink: a net itself if it counts as 0.
        self.taken: list[Decimal] = []

    def functions(self) -> dict[str, Callable[..., Decimal]]:
        return {
            "exp": self.exp,
            "ln": self.ln,
            "tanh": self.tanh,
            "abs": abs,
            "sqrt": Decimal.sqrt,
            "max": max,
            "min": min,
            "step": _step,
            "softmax": self.softmax,
            "minus_log_softmax": self.minus_log_softmax,
        }

    def exp(self, x: Decimal) -> Decimal:
        self.powers.append((x, x.exp()))
        return self.powers[-1][1]

    def ln(self, x: Decimal) -> Decimal:
        self.logarithms.append((x, x.ln()))
        return self.logarithms[-1][1]

    def settle(self, net: Decimal, size: Decimal) -> Decimal:
        self.taken.append(net if abs(net) <= Decimal(SETTLED) * size else ZERO)
        return net - self.taken[-1]

    def tanh(self, x: Decimal) -> Decimal:
        power = self.exp(-2 * abs(x))
        return ((1 - power) / (1 + power)).copy_sign(x)

    def softmax(self, *nets: Decimal) -> Decimal:
        *all_nets, own = nets
        largest = max(all_nets)
        return self.exp(own - largest) / sum(self.exp(net - largest) for net in all_nets)

    def minus_log_softmax(self, *nets: Decimal) -> Decimal:
        *all_nets, own = nets
        largest = max(all_nets)
        return largest - own + self.ln(sum((self.exp(n - largest) for n in all_nets), start=ZERO))


class _Nearby(_Arithmetic):
    """The functions at numbers near those of another run, from what it remembers.

    The numbers differ by at most `NEAR`, so a few terms of a series give all digits, at a fraction
    of the cost. A net that counts as 0 moves from 0.
    """

    def __init__(self, base: _Arithmetic) -> None:
        self._powers, self._logarithms = iter(base.powers), iter(base.logarithms)
        self._taken = iter(base.taken)

    def exp(self, x: Decimal) -> Decimal:
        near, power = next(self._powers)
        by = x - near
        return power * (1 + by * (1 + by / 2 * (1 + by / 3))) if by else power

    def ln(self, x: Decimal) -> Decimal:
        near, logarithm = next(self._logarithms)
        by = (x - near) / near
        return logarithm + by * (1 - by * (HALF - by / 3)) if by else logarithm

    def settle(self, net: Decimal, size: Decimal) -> Decimal:
        return net - next(self._taken)


def _step(net: Decimal) -> Decimal:
    return Decimal(net > 0)


def _sign(value: float | Decimal) -> int:
    return (value > 0) - (value < 0)
