"""What has a name: simulations to start from, told about in a sentence."""

from dataclasses import dataclass

from app.simulation.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Preset:
    """A simulation with a name, a title, a sentence about it, and where its numbers come from."""

    name: str
    title: str
    summary: str
    source: str
    simulation: Simulation
