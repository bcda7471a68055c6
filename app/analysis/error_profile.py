"""The error profile: E as a function of one weight or bias, with all others fixed.

The gradient is the slope of the profile at the old value, and the update is a step against it:
w_new = w − lr·∂E/∂w (slides 2 and 3). For a small step, E changes by gradient times step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, sqrt

import numpy as np

from app.analysis.arrays import FUNCTIONS, Array, settled
from app.analysis.gradient_check import backprop, gradient_of
from app.backprop.compiler import compile_in, flat
from app.backprop.errors import Invalid
from app.backprop.expressions import Difference, evaluate
from app.backprop.network import Shape
from app.backprop.steps import PHASES, Step
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
    step: float  # −lr · what the optimiser follows, such as the gradient
    next: float  # its value after the update
    landing: float  # E at `next`
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
    compiled, start, trace = simulation.compiled, simulation.start, simulation.trace()
    index, old = compiled.parameters[address], start.network.parameters
    updated = compiled.position.get(address)
    new = old[index] if updated is None else trace[updated]
    moved = (*old[:index], new, *old[index + 1 :], *start.state[len(old) :])
    example = flat(simulation.examples[simulation.example])
    moved_trace = compiled.run(moved, example, start.settings)
    error = compiled.position["error"]
    return ErrorProfile(
        address=address,
        at=old[index],
        error=trace[error],
        gradient=trace[compiled.position[gradient_of(address)]],
        step=0.0 if updated is None else _step(simulation, compiled.steps[updated], trace),
        next=new,
        landing=moved_trace[error],
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
    index, start = simulation.compiled.parameters[address], simulation.start
    share = np.linspace(0.0, 1.0, points)
    values = low * (1 - share) + high * share  # high − low might overflow
    state = (*start.state[:index], values, *start.state[index + 1 :])
    example = flat(simulation.examples[simulation.example])
    with np.errstate(all="ignore"):
        results = _forward(simulation.shape)(
            state, example, start.settings, *FUNCTIONS.values(), settled
        )
    errors = np.broadcast_to(results[simulation.compiled.position["error"]], points)
    return tuple(zip(values.tolist(), errors.tolist(), strict=True))


def steepest(simulation: Simulation) -> str:
    """Return the address of the weight or bias with the largest gradient."""
    gradients = backprop(simulation)
    return max(gradients, key=lambda address: abs(gradients[address]))


def _step(simulation: Simulation, update: Step, trace: tuple[float, ...]) -> float:
    """How far an update moves its parameter: minus what its formula subtracts."""
    position, inputs = simulation.compiled.position, simulation.reading()
    values = {
        text: inputs[text] if text in inputs else trace[position[text]] for text in update.operands
    }
    assert isinstance(update.expression, Difference)  # w − lr · …
    return -float(evaluate(update.expression.parts[1], values, {"sqrt": sqrt}))


@lru_cache(maxsize=64)
def _forward(shape: Shape) -> Callable[..., tuple[Array, ...]]:
    """The forward pass of many networks at once, in arrays."""
    return compile_in(shape, tuple(FUNCTIONS), float, PHASES[:1])
