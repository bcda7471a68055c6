"""What a preset is."""

from dataclasses import dataclass

from app.simulation.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Preset:
    """A named simulation, with a title, a summary and the source of its numbers."""

    name: str
    title: str
    summary: str
    source: str
    simulation: Simulation
