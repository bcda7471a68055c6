"""How far one may go from here, along the line and across to the other: what the page says of it."""

from app.simulation.navigation import can_redo, can_undo, furthest, other_end
from app.simulation.simulation import Simulation

TRAVEL_TEXTS = ("undo_disabled", "redo_disabled", "earliest", "latest", "other")


def travels(simulation: Simulation) -> tuple[bool, bool]:
    """Whether there is another iteration to go to, and whether there is another line."""
    history = simulation.history
    along = furthest(simulation)[0] > history.first.iteration
    return along, history.other is not None


def travel_texts(simulation: Simulation) -> dict[str, str]:
    """What changes from visit to visit."""
    other = other_end(simulation)
    return {
        "undo_disabled": "" if can_undo(simulation) else "disabled",
        "redo_disabled": "" if can_redo(simulation) else "disabled",
        "earliest": str(simulation.history.first.iteration),
        "latest": str(furthest(simulation)[0]),
        "other": str(other[0]) if other else "",
    }
