"""Saves runs to compare later ones with, and removes them."""

from dataclasses import replace
from struct import pack
from zlib import crc32

from app.simulation.error_curve import (
    MAX_SAVED_RUNS,
    RUN_POINTS,
    SavedRun,
    pack_numbers,
    spread_points,
)
from app.simulation.per_example_curves import per_example_curves
from app.simulation.simulation import Simulation

LATEST = 2**32 - 1  # the last iteration that fits into four bytes


def current_run(simulation: Simulation, preset: str = "") -> SavedRun | None:
    """Return the run so far; None if no iteration is finished."""
    points = tuple(point for point in per_example_curves(simulation).mean if point[0] <= LATEST)
    if not points:
        return None
    points = spread_points(points, RUN_POINTS)
    checksum = crc32(pack_numbers(simulation.history.origin.network.parameters))
    return SavedRun(
        simulation.network.shape,
        simulation.learning_rate,
        len(simulation.examples),
        preset,
        f"{checksum & 0xFFFF:04x}",
        simulation.history.edit_count,
        pack(f"<{len(points)}I", *(iteration for iteration, _ in points)),
        pack_numbers([error for _, error in points]),
        tuple(simulation.start.hyperparameter_values.items()),
    )


def save_run(simulation: Simulation, preset: str = "") -> Simulation:
    """Save the run so far, unless it is empty or already saved, or there is no room for it."""
    run = current_run(simulation, preset)
    if run is None or run in simulation.saved_runs or len(simulation.saved_runs) >= MAX_SAVED_RUNS:
        return simulation
    return replace(simulation, saved_runs=(*simulation.saved_runs, run))


def remove_run(simulation: Simulation, index: int) -> Simulation:
    """Remove a saved run; does nothing if there is none with that index."""
    if not 0 <= index < len(simulation.saved_runs):
        return simulation
    runs = simulation.saved_runs[:index] + simulation.saved_runs[index + 1 :]
    return replace(simulation, saved_runs=runs)
