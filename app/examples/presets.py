"""All named examples by name: published ones, tasks and lessons."""

from app.backprop.errors import N_, Invalid
from app.examples.lessons import LESSON_PRESETS
from app.examples.published import CLASS_NOTES, DECK, MAZUR, Preset
from app.examples.tasks import TASKS
from app.simulation.simulation import Simulation

PRESETS = {preset.name: preset for preset in (DECK, MAZUR, CLASS_NOTES, *TASKS)}
NAMED = PRESETS | {preset.name: preset for preset in LESSON_PRESETS}


def preset(name: str) -> Preset:
    """The preset of that name, a lesson's included; raises Invalid where there is none."""
    if name not in NAMED:
        text = N_("must be one of %(known)s, not %(name)s")
        raise Invalid("preset", text, known=", ".join(PRESETS), name=repr(name))
    return NAMED[name]


def preset_of(simulation: Simulation) -> str:
    """The name of the preset that a simulation began as, empty for a network of one's own."""
    origin = simulation.history.origin
    for name, preset in NAMED.items():
        start = preset.simulation.start
        if start.network.parameters == origin.network.parameters and start == origin:
            return name
    return ""
