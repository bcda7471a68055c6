"""E as a function of one weight or bias, everything else held: a cut through what training descends.

The gradient is its slope at the old value, and the update a step along it: w_new = w − lr·∂E/∂w
(slides 2 and 3). For a small step E changes by gradient times step; the curve shows how small.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from app.analysis.gradient_check import backprop
from app.analysis.perturbations import errors_of
from app.backprop.compiler import flat
from app.backprop.errors import Invalid
from app.simulation.simulation import Simulation

Range = tuple[float, float]

POINTS = range(2, 2002)
WIDE = 3.0  # to both sides: what takes a sigmoid from one end to the other
NARROW = 1e-5  # of a weight: what is nearer takes too many digits to mark
STILL = 0.05  # of a weight that does not move


@dataclass(frozen=True, slots=True)
class ErrorProfile:
    """One step of one parameter, all others as they were.

    Attributes:
        address: of the weight or bias.
        at: its value before the update, with the iteration's `error`, E, and `gradient` there.
        step: −lr·gradient, or with momentum −lr·velocity; `next`, the value that the update makes of it.
        landing: E at `next`.
        velocity: what the step goes along instead of the gradient, with momentum.
        update: `each`, or after all examples the `mean` or the `sum` of the gradients; `none` where
            they are only gathered.
    """

    address: str
    at: float
    error: float
    gradient: float
    step: float
    next: float
    landing: float
    velocity: float | None = None
    update: str = "each"

    @property
    def predicted_change(self) -> float:
        """How much E would change, were it as straight as its tangent."""
        return self.gradient * self.step

    @property
    def actual_change(self) -> float:
        """How much E changes when this parameter alone is moved."""
        return self.landing - self.error

    @property
    def wide(self) -> Range:
        """Values to draw that show the shape of the curve, 0 and the whole step among them."""
        half = max(WIDE, 1.25 * abs(self.at), 3 * abs(self.step))
        low, high = self.at - half, self.at + half
        return (low, high) if isfinite(high - low) else (-WIDE, WIDE)

    @property
    def close(self) -> Range:
        """Values to draw that show the step."""
        least = (NARROW if self.step else STILL) * max(1.0, abs(self.at))
        room = max(0.75 * abs(self.step), least)
        low, high = min(self.at, self.next) - room, max(self.at, self.next) + room
        return (low, high) if isfinite(high - low) else (-WIDE, WIDE)


def error_profile(simulation: Simulation, address: str) -> ErrorProfile:
    """The step that this iteration's update takes with one weight or bias.

    Raises:
        KeyError: where the network has no such weight or bias.
    """
    index = _index(simulation, address)
    program, old = simulation.compiled, simulation.network.parameters
    trace = simulation.trace()
    start, gradient = simulation.start, backprop(simulation)[address]
    updated = program.position.get(address)
    new = old[index] if updated is None else trace[updated]
    moved = (*old[:index], new, *old[index + 1 :], *start.state[len(old) :])
    example = flat(simulation.examples[simulation.example])
    there = program.run(moved, example, *start.settings)
    velocity = program.position.get(address.replace("/", "_velocity/", 1))
    along = _gathered(simulation, address, gradient) if velocity is None else trace[velocity]
    error = program.position["error"]
    return ErrorProfile(
        address=address,
        at=old[index],
        error=trace[error],
        gradient=gradient,
        step=-start.learning_rate * along if simulation.shape.is_update_iteration else 0.0,
        next=new,
        landing=there[error],
        velocity=None if velocity is None else along,
        update=simulation.shape.update if simulation.shape.is_update_iteration else "none",
    )


def _gathered(simulation: Simulation, address: str, gradient: float) -> float:
    """What the update subtracts without momentum: the gradient, or of a pass the sum or the mean."""
    sums = simulation.compiled.position.get(address.replace("/", "_sum/", 1))
    if sums is None:
        return gradient
    count = len(simulation.examples) if simulation.shape.update == "mean" else 1
    return simulation.trace()[sums] / count


def curve(
    simulation: Simulation, address: str, low: float, high: float, points: int
) -> tuple[tuple[float, float], ...]:
    """(value, E) from `low` to `high`, both among the `points`, at equal distances.

    Raises:
        KeyError: where the network has no such weight or bias.
        Invalid: where `high` is not above `low`.
    """
    if not low < high:
        raise Invalid("high", "must be greater than low")
    index = _index(simulation, address)
    share = np.linspace(0.0, 1.0, points)
    values = low * (1 - share) + high * share  # without a difference, which might overflow
    rows = np.tile(simulation.network.parameters, (points, 1))
    rows[:, index] = values
    example = simulation.examples[simulation.example]
    errors = errors_of(simulation.shape, rows, example)
    return tuple(zip(values.tolist(), errors.tolist(), strict=True))


def steepest(simulation: Simulation) -> str:
    """The address of the weight or bias whose gradient is the largest."""
    gradients = backprop(simulation)
    return max(gradients, key=lambda address: abs(gradients[address]))


def _index(simulation: Simulation, address: str) -> int:
    addresses = simulation.compiled.inputs[: simulation.shape.parameter_count]
    if address not in addresses:
        raise KeyError(address)
    return addresses.index(address)
