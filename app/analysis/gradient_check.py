"""The gradient check: what backpropagation says, beside what E does when a parameter is moved.

A central difference of doubles is itself inexact: with a large step h because E bends, with a small
one because the two errors agree but for their last digits. So each is taken with many steps, and
comes with a bound of its own error; a verdict is given only where that bound allows one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np

from app.analysis.perturbations import Array, Indices, Mask, Perturbations
from app.backprop.addresses import parse
from app.backprop.network import Example, Network
from app.simulation.simulation import Simulation

TOLERANCE = 1e-5  # of the larger of the two: what a mistake is worth noticing from
IDLE = 1e-14  # a gradient that is 0, as δ are summed up that cancel; each is at most 1
STEPS = 16  # how many steps are tried, each a quarter of the one before
LARGEST = 0.5  # what the first moves a net by, or this much of what the parameter gives to it
USUAL = 8  # the step that is shown where none is any good: 7.6e-6, near the cube root of 2**-53

AGREES, DISAGREES, INCONCLUSIVE = "agrees", "disagrees", "inconclusive"
KINK, FLAT, DIVERGED = "kink", "flat", "diverged"


@dataclass(frozen=True, slots=True)
class GradientRow:
    """One weight or bias.

    Attributes:
        address: of the weight or bias.
        backprop: its gradient as an iteration computes it.
        difference: (E(w + h) − E(w − h)) / 2h.
        h: the step, that of the least bound.
        bound: the most that the difference may be off by; inf where nothing is known.
        relative_error: their distance, of the larger of the two; 0 where both are 0.
        verdict: agrees, disagrees or inconclusive.
        reason: why it is inconclusive: `kink`, `flat` or `diverged`; None where it is not.
    """

    address: str
    backprop: float
    difference: float
    h: float
    bound: float
    relative_error: float
    verdict: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """All rows, and what they amount to: one that disagrees spoils it."""

    rows: tuple[GradientRow, ...]

    @property
    def verdict(self) -> str:
        verdicts = {row.verdict for row in self.rows}
        return next((v for v in (DISAGREES, INCONCLUSIVE) if v in verdicts), AGREES)

    @property
    def max_relative_error(self) -> float:
        """nan where that of a row is."""
        return float(np.max([row.relative_error for row in self.rows], initial=0.0))


def check_gradients(
    simulation: Simulation,
    only: str | None = None,
    gradients: Mapping[str, float] | None = None,
) -> GradientCheck:
    """Checks the gradients at the iteration's old parameters, for its example.

    Args:
        only: the address of one weight or bias; all of them if not given.
        gradients: those to check, by the address of the weight or bias; backpropagation's, as the
            iteration computes them, if not given.

    Raises:
        KeyError: where the network has no such weight or bias.
    """
    addresses = simulation.compiled.inputs[: simulation.shape.parameter_count]
    if only is not None and only not in addresses:
        raise KeyError(only)
    if not addresses:
        return GradientCheck(())
    given = backprop(simulation) if gradients is None else gradients
    idle = simulation.shape.idle_parameter
    which = [i for i, address in enumerate(addresses) if only in (None, address)]
    found = _differences(
        simulation.network, simulation.examples[simulation.example], np.array(which)
    )
    return GradientCheck(
        tuple(
            _row(addresses[index], given[addresses[index]], *numbers, idle=index == idle)
            for index, *numbers in zip(which, *(each.tolist() for each in found), strict=True)
        )
    )


def backprop(simulation: Simulation) -> dict[str, float]:
    """The gradient of each weight and bias, by its address, whether stepped to or not."""
    trace, position = simulation.trace(), simulation.compiled.position
    addresses = simulation.compiled.inputs[: simulation.shape.parameter_count]
    return {address: trace[position[gradient_of(address)]] for address in addresses}


def gradient_of(address: str) -> str:
    """The address of a weight's or bias's gradient."""
    kind, _ = parse(address)
    return address.replace(kind, f"{kind}_gradient", 1)


def _differences(
    network: Network, example: Example, which: Indices
) -> tuple[Array, Array, Array, Mask, Mask]:
    """Of each parameter: the best difference, its h and bound, whether kinks left only smaller
    steps than would do, and whether E is finite around it."""
    around = Perturbations(network, example)
    reach = around.reach.largest[which]
    reach = np.where(reach > 0, np.clip(reach, 1e-30, 1e300), 1.0)
    given = reach * np.abs(network.parameters)[which]
    scale = LARGEST * _power_of_two(np.maximum(given, 1.0)) / _power_of_two(reach)
    h = scale * 0.25 ** np.arange(STEPS)[:, None]  # (steps, parameters)
    by = np.stack([h, -h])
    shape = by.shape
    trials = around.trials(np.broadcast_to(which, shape).ravel(), by.ravel())
    error, loss = trials.error.reshape(shape), trials.loss.reshape(shape)
    with np.errstate(all="ignore"):
        difference = (error[0] - error[1]) / (2 * h)
        loss = (loss[0] + loss[1]) / (2 * h)
        up, down = trials.kinked.reshape(shape)
        kinked = _and_larger(up | down)
        bound = _bounds(difference, loss, kinked)
    best = np.where(np.isfinite(bound).any(axis=0), bound.argmin(axis=0), USUAL)
    column = np.arange(len(which))
    held = kinked[0] & (loss[0] <= bound[best, column] / 10)
    return (
        difference[best, column],
        h[best, column],
        bound[best, column],
        held,
        np.isfinite(difference).any(axis=0),
    )


def _power_of_two(sizes: Array) -> Array:
    """The next above each: w + h is then exact, or nearly so."""
    return 2.0 ** np.ceil(np.log2(np.minimum(sizes, 1e300)))


def _and_larger(kinked: Mask) -> Mask:
    """A step that passes a kink makes all larger ones doubtful."""
    return np.logical_or.accumulate(kinked[::-1])[::-1]


def _bounds(difference: Array, loss: Array, kinked: Mask) -> Array:
    """How far each difference may be from the slope; the arrays are (steps, parameters).

    A difference errs by a loss to rounding, at most `loss`, and by about h² where E bends, which
    the next step, a quarter, has a sixteenth of: so what it errs by is 16/15 of what lies between
    the two. And no smaller step may speak against it by more than its own rounding.
    """
    apart = np.abs(difference[:, None] - difference[None, :]) - loss[None, :]
    later = np.tri(len(difference), k=-1, dtype=bool).T[:, :, None]
    against = np.where(later, apart, 0.0).max(axis=1)
    bend = np.full_like(loss, np.inf)
    bend[:-1] = 16 / 15 * (np.abs(np.diff(difference, axis=0)) + loss[:-1] + loss[1:])
    bound = loss + np.maximum(bend, against)
    # Where a parameter reaches nothing, the two errors are the same number and nothing is lost.
    return np.where(np.isfinite(bound) & ~kinked, bound, np.inf)


def _row(
    address: str,
    backprop: float,
    difference: float,
    h: float,
    bound: float,
    held: bool,
    finite: bool,
    *,
    idle: bool,
) -> GradientRow:
    larger = max(abs(backprop), abs(difference))
    apart = abs(backprop - difference)
    if idle and larger <= IDLE:
        apart = larger = 0.0
    verdict = _verdict(apart, TOLERANCE * larger, bound)
    reason = KINK if held else FLAT
    return GradientRow(
        address=address,
        backprop=backprop,
        difference=difference,
        h=h,
        bound=bound,
        relative_error=apart / larger if larger else 0.0,
        verdict=verdict,
        reason=None if verdict != INCONCLUSIVE else reason if finite else DIVERGED,
    )


def _verdict(apart: float, tolerated: float, bound: float) -> str:
    """No, where they are further apart than both what is tolerated and what the difference may be
    off by; yes, where the difference is good enough to have shown it otherwise."""
    if not isfinite(bound):
        return INCONCLUSIVE
    if not apart <= bound + tolerated:
        return DISAGREES
    return AGREES if bound <= tolerated else INCONCLUSIVE
