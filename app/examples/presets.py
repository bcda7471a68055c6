"""All named examples by name: published ones, tasks and lessons."""

from app.backprop.errors import N_, Invalid
from app.examples.lessons import LESSON_PRESETS
from app.examples.published import CLASS_NOTES, DECK, MAZUR, Preset
from app.examples.tasks import TASKS
from app.simulation.simulation import Simulation

PRESETS = {preset.name: preset for preset in (DECK, MAZUR, CLASS_NOTES, *TASKS)}
NAMED = PRESETS | {preset.name: preset for preset in LESSON_PRESETS}


def preset(name: str) -> Preset:
    """Return the preset (or lesson preset) of a name; raises Invalid for an unknown name."""
    if name not in NAMED:
        text = N_("must be one of %(known)s, not %(name)s")
        raise Invalid("preset", text, known=", ".join(PRESETS), name=repr(name))
    return NAMED[name]


def preset_of(simulation: Simulation) -> str:
    """Return the name of the preset that a simulation began with; empty for any other network."""
    origin = simulation.history.origin
    for name, preset in NAMED.items():
        start = preset.simulation.start
        if start.network.parameters == origin.network.parameters and start == origin:
            return name
    return ""
