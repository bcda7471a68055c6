"""Moments of the deck's network, by iteration and cursor."""

from app.backprop.network import Example
from app.examples.presets import PRESETS
from app.simulation.simulation import Simulation

DECK = PRESETS["deck"].simulation
STEPS = 77
FORWARD, BACKWARD = 15, 55  # the cursors at which these phases end

SEVERAL = Simulation.of(
    DECK.network,
    [
        Example((1.0, 0.5, -1.0), (1.0, 0.0)),
        Example((0.0, 1.0, 2.0), (0.0, 1.0)),
        Example((-0.5, 0.5, 0.25), (0.5, 0.5)),
    ],
    0.5,
)


def at(cursor: int, iteration: int = 0, start: Simulation = DECK) -> Simulation:
    """That moment of that iteration."""
    return start.step("unit", iteration * STEPS + cursor)
