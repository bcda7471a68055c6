"""The page's moves through time: to another moment, to the line that was left, undo and redo."""

from app.sessions.service import Outcome
from app.simulation import navigation as travel
from app.simulation.simulation import Simulation
from app.web.pages.forms import fields as entries
from app.web.pages.training_stream import Form, Move

MOVES: dict[str, Move] = {
    "seek": lambda simulation, wishes, form, _: _sought(simulation, form),
    "undo": lambda simulation, wishes, form, _: travel.undoing(simulation),
    "redo": lambda simulation, wishes, form, _: travel.redoing(simulation),
    "return": lambda simulation, wishes, form, _: travel.returning(simulation),
}


def _sought(simulation: Simulation, form: Form) -> Outcome:
    """To a step of this iteration, or of another, or to the same one of another."""
    iteration, cursor = entries.moment(form)
    if iteration is None:
        return simulation.seek(cursor or 0)
    if cursor is None:
        return travel.scrubbing(simulation, iteration)
    return travel.traveling(simulation, iteration, cursor)
