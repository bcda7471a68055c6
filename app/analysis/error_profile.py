"""The error profile: E as a function of one weight or bias, with all others fixed.

The gradient is the slope of the profile at the old value, and the update is a step against it:
w_new = w − lr·∂E/∂w (slides 2 and 3). For a small step, E changes by gradient times step.
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
WIDE = 3.0  # to both sides: enough to take a sigmoid from one end to the other
NARROW = 1e-5  # relative to the weight: a closer range would need too many digits
STILL = 0.05  # the same for a weight that does not move


@dataclass(frozen=True, slots=True)
class ErrorProfile:
    """The update of one parameter, with all others fixed."""

    address: str  # the address of the weight or bias
    at: float  # its value before the update
    # `error`, `gradient`: E and ∂E/∂w there.
    error: float
    gradient: float
    step: float  # −lr·gradient, or −lr·velocity with momentum
    next: float  # its value after the update
    landing: float  # E at `next`
    velocity: float | None = None  # the new velocity; None without momentum
    # The kind of update (see `Shape`), or `none` if this iteration only accumulates.
    update: str = "each"

    @property
    def predicted_change(self) -> float:
        """The change of E along its tangent."""
        return self.gradient * self.step

    @property
    def actual_change(self) -> float:
        """The change of E if only this parameter moves."""
        return self.landing - self.error

    @property
    def wide(self) -> Range:
        """A range that shows the shape of the curve; it includes 0 and the whole step."""
        half = max(WIDE, 1.25 * abs(self.at), 3 * abs(self.step))
        low, high = self.at - half, self.at + half
        return (low, high) if isfinite(high - low) else (-WIDE, WIDE)

    @property
    def close(self) -> Range:
        """A range that shows the step."""
        least = (NARROW if self.step else STILL) * max(1.0, abs(self.at))
        margin = max(0.75 * abs(self.step), least)
        low, high = min(self.at, self.next) - margin, max(self.at, self.next) + margin
        return (low, high) if isfinite(high - low) else (-WIDE, WIDE)


def error_profile(simulation: Simulation, address: str) -> ErrorProfile:
    """Return the update of one weight or bias; raises KeyError for an unknown address."""
    index = _index(simulation, address)
    compiled, start = simulation.compiled, simulation.start
    old, trace, gradient = (
        start.network.parameters,
        simulation.trace(),
        backprop(simulation)[address],
    )
    updated = compiled.position.get(address)
    new = old[index] if updated is None else trace[updated]
    moved = (*old[:index], new, *old[index + 1 :], *start.state[len(old) :])
    example = flat(simulation.examples[simulation.example])
    moved_trace = compiled.run(moved, example, *start.settings)
    position = compiled.position.get(address.replace("/", "_velocity/", 1))
    velocity = None if position is None else trace[position]
    change = _update_gradient(simulation, address, gradient) if velocity is None else velocity
    error = compiled.position["error"]
    return ErrorProfile(
        address=address,
        at=old[index],
        error=trace[error],
        gradient=gradient,
        step=-start.learning_rate * change if simulation.shape.is_update_iteration else 0.0,
        next=new,
        landing=moved_trace[error],
        velocity=velocity,
        update=simulation.shape.update if simulation.shape.is_update_iteration else "none",
    )


def curve(
    simulation: Simulation, address: str, low: float, high: float, points: int
) -> tuple[tuple[float, float], ...]:
    """Return (value, E) at evenly spaced values from `low` to `high`, both included.

    Raises KeyError if the network has no such weight or bias, Invalid if `high` is not above `low`.
    """
    if not low < high:
        raise Invalid("high", "must be greater than low")
    index = _index(simulation, address)
    share = np.linspace(0.0, 1.0, points)
    values = low * (1 - share) + high * share  # high − low might overflow
    rows = np.tile(simulation.network.parameters, (points, 1))
    rows[:, index] = values
    example = simulation.examples[simulation.example]
    errors = errors_of(simulation.shape, rows, example)
    return tuple(zip(values.tolist(), errors.tolist(), strict=True))


def steepest(simulation: Simulation) -> str:
    """Return the address of the weight or bias with the largest gradient."""
    gradients = backprop(simulation)
    return max(gradients, key=lambda address: abs(gradients[address]))


def _update_gradient(simulation: Simulation, address: str, gradient: float) -> float:
    """What an update without momentum uses: the gradient, or the sum or mean over the pass."""
    position = simulation.compiled.position.get(address.replace("/", "_sum/", 1))
    if position is None:
        return gradient
    count = len(simulation.examples) if simulation.shape.update == "mean" else 1
    return simulation.trace()[position] / count


def _index(simulation: Simulation, address: str) -> int:
    addresses = simulation.compiled.inputs[: simulation.shape.parameter_count]
    if address not in addresses:
        raise KeyError(address)
    return addresses.index(address)
