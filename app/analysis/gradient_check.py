"""The gradient check: compares backpropagation with central differences of E.

A central difference is inexact: with a large step h because E bends, with a small one because
subtracting two nearly equal errors loses digits. So each parameter is tried with many steps, and
every difference has a bound of its own error. The verdict is inconclusive if that bound is too wide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np

from app.analysis.perturbations import Array, Indices, Mask, Perturbations
from app.backprop.addresses import parse
from app.backprop.network import Example, Network
from app.simulation.simulation import Simulation

TOLERANCE = 1e-5  # relative to the larger of the two gradients
IDLE = 1e-14  # rounding of a gradient that is 0 because its δ, each at most 1, cancel out
STEPS = 16  # the number of steps h that are tried, each a quarter of the one before
LARGEST = 0.5  # how far the first one moves a net, absolute or relative to the parameter's share
USUAL = 8  # the index of the step shown if none is good: 7.6e-6, near the cube root of 2**-53

AGREES, DISAGREES, INCONCLUSIVE = "agrees", "disagrees", "inconclusive"
KINK, FLAT, DIVERGED = "kink", "flat", "diverged"


@dataclass(frozen=True, slots=True)
class GradientRow:
    """One weight or bias."""

    address: str  # the address of the weight or bias
    backprop: float  # the gradient to check
    difference: float  # (E(w + h) − E(w − h)) / 2h
    h: float  # the step with the least bound
    bound: float  # the largest possible error of the difference; inf if unknown
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
    addresses = simulation.compiled.inputs[: simulation.shape.parameter_count]
    if only is not None and only not in addresses:
        raise KeyError(only)
    if not addresses:
        return GradientCheck(())
    checked = backprop(simulation) if gradients is None else gradients
    idle = simulation.shape.idle_parameter
    indices = [i for i, address in enumerate(addresses) if only in (None, address)]
    example = simulation.examples[simulation.example]
    columns = _differences(simulation.network, example, np.array(indices))
    return GradientCheck(
        tuple(
            _row(addresses[index], checked[addresses[index]], *numbers, idle=index == idle)
            for index, *numbers in zip(indices, *(c.tolist() for c in columns), strict=True)
        )
    )


def backprop(simulation: Simulation) -> dict[str, float]:
    """Return the gradient of every weight and bias, by its address, at any cursor."""
    trace, position = simulation.trace(), simulation.compiled.position
    addresses = simulation.compiled.inputs[: simulation.shape.parameter_count]
    return {address: trace[position[gradient_of(address)]] for address in addresses}


def gradient_of(address: str) -> str:
    """Return the address of the gradient of a weight or bias."""
    kind, _ = parse(address)
    return address.replace(kind, f"{kind}_gradient", 1)


def _differences(
    network: Network, example: Example, which: Indices
) -> tuple[Array, Array, Array, Mask, Mask]:
    """For each parameter: the best difference, its h and bound, whether kinks rule out the larger
    steps that would be good enough, and whether E is finite around it."""
    perturbations = Perturbations(network, example)
    moves = perturbations.sensitivity.largest[which]
    moves = np.where(moves > 0, np.clip(moves, 1e-30, 1e300), 1.0)
    share = moves * np.abs(network.parameters)[which]
    scale = LARGEST * _power_of_two(np.maximum(share, 1.0)) / _power_of_two(moves)
    h = scale * 0.25 ** np.arange(STEPS)[:, None]  # (steps, parameters)
    by = np.stack([h, -h])
    shape = by.shape
    perturbed = perturbations.errors(np.broadcast_to(which, shape).ravel(), by.ravel())
    error, loss = perturbed.error.reshape(shape), perturbed.loss.reshape(shape)
    with np.errstate(all="ignore"):
        difference = (error[0] - error[1]) / (2 * h)
        loss = (loss[0] + loss[1]) / (2 * h)
        up, down = perturbed.kinked.reshape(shape)
        # A step across a kink makes all larger ones doubtful.
        kinked = np.logical_or.accumulate((up | down)[::-1])[::-1]
        bound = _bounds(difference, loss, kinked)
    best = np.where(np.isfinite(bound).any(axis=0), bound.argmin(axis=0), USUAL)
    column = np.arange(len(which))
    blocked = kinked[0] & (loss[0] <= bound[best, column] / 10)
    return (
        difference[best, column],
        h[best, column],
        bound[best, column],
        blocked,
        np.isfinite(difference).any(axis=0),
    )


def _power_of_two(sizes: Array) -> Array:
    """The next power of two above each, so that w + h is almost exact."""
    return 2.0 ** np.ceil(np.log2(np.minimum(sizes, 1e300)))


def _bounds(difference: Array, loss: Array, kinked: Mask) -> Array:
    """Bounds of the distance of each difference from the derivative; arrays (steps, parameters).

    A difference errs by rounding, at most `loss`, and by a term in h² because E bends. The next
    step is a quarter, so its h² term is a sixteenth: the error is 16/15 of the distance between
    the two. No smaller step may contradict a bound by more than its own rounding.
    """
    distance = np.abs(difference[:, None] - difference[None, :]) - loss[None, :]
    smaller = np.tri(len(difference), k=-1, dtype=bool).T[:, :, None]
    contradiction = np.where(smaller, distance, 0.0).max(axis=1)
    bend = np.full_like(loss, np.inf)
    bend[:-1] = 16 / 15 * (np.abs(np.diff(difference, axis=0)) + loss[:-1] + loss[1:])
    bound = loss + np.maximum(bend, contradiction)
    return np.where(np.isfinite(bound) & ~kinked, bound, np.inf)


def _row(
    address: str,
    backprop: float,
    difference: float,
    h: float,
    bound: float,
    blocked: bool,
    finite: bool,
    *,
    idle: bool,
) -> GradientRow:
    larger = max(abs(backprop), abs(difference))
    distance = abs(backprop - difference)
    if idle and larger <= IDLE:
        distance = larger = 0.0
    verdict = _verdict(distance, TOLERANCE * larger, bound)
    reason = DIVERGED if not finite else KINK if blocked else FLAT
    return GradientRow(
        address=address,
        backprop=backprop,
        difference=difference,
        h=h,
        bound=bound,
        relative_error=distance / larger if larger else 0.0,
        verdict=verdict,
        reason=reason if verdict == INCONCLUSIVE else None,
    )


def _verdict(distance: float, tolerance: float, bound: float) -> str:
    """Disagrees if the distance exceeds tolerance and bound together; agrees if the difference is
    accurate enough to have shown a disagreement."""
    if not isfinite(bound):
        return INCONCLUSIVE
    if not distance <= bound + tolerance:
        return DISAGREES
    return AGREES if bound <= tolerance else INCONCLUSIVE
