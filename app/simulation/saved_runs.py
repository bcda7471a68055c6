"""Keeping a run to compare with later ones, and letting go of it."""

from dataclasses import replace
from zlib import crc32

from app.simulation.error_curve import MOST_RUNS, Run, pack_numbers, packed
from app.simulation.per_example_curves import series
from app.simulation.simulation import Simulation

LATEST = 2**32 - 1  # an iteration that still fits into four bytes


def run_of(simulation: Simulation, preset: str = "") -> Run | None:
    """The run so far; None where no iteration is finished."""
    points = tuple(point for point in series(simulation).whole if point[0] <= LATEST)
    if not points:
        return None
    begun = crc32(pack_numbers(simulation.history.origin.network.parameters))
    iterations, errors = packed(points)
    return Run(
        simulation.network.shape,
        simulation.learning_rate,
        len(simulation.examples),
        preset,
        f"{begun & 0xFFFF:04x}",
        simulation.history.made,
        iterations,
        errors,
        simulation.start.momentum if simulation.start.velocities else None,
    )


def kept(simulation: Simulation, preset: str = "") -> Simulation:
    """With the run so far among the kept ones; the same where it cannot be, or is already."""
    run = run_of(simulation, preset)
    if run is None or run in simulation.runs or len(simulation.runs) >= MOST_RUNS:
        return simulation
    return replace(simulation, runs=(*simulation.runs, run))


def removed(simulation: Simulation, index: int) -> Simulation:
    """Without one of the kept runs; the same where there is none of that number."""
    if not 0 <= index < len(simulation.runs):
        return simulation
    runs = simulation.runs[:index] + simulation.runs[index + 1 :]
    return replace(simulation, runs=runs)
