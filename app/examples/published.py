"""Published examples: the deck, Mazur's worked example, and class notes."""

from dataclasses import dataclass

from app.backprop.errors import N_
from app.backprop.network import Example, Network
from app.simulation.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Preset:
    """A named simulation, with a title, a summary and the source of its numbers."""

    name: str
    title: str
    summary: str
    source: str
    simulation: Simulation


# The deck gives no numbers. These have one decimal, so that they can be followed by hand, both
# signs, and a δ at every unit that is visible with four decimals.
DECK = Preset(
    name="deck",
    title=N_("Deck network"),
    summary=N_("Three inputs, four hidden units, two outputs, one bias per layer."),
    source=N_("The network of slide 0. The deck gives no numbers; these were chosen for the demo."),
    simulation=Simulation.of(
        Network.of(
            (3, 4, 2),
            (
                ((0.2, -0.3, 0.4, 0.1), (-0.5, 0.2, 0.1, -0.4), (0.3, 0.6, -0.2, 0.5)),
                ((0.7, -0.1), (-0.4, 0.5), (0.2, 0.3), (0.6, -0.8)),
            ),
            ((0.1,), (-0.2,)),
        ),
        [Example((1.0, 0.5, -1.0), (1.0, 0.0))],
        0.5,
    ),
)

MAZUR = Preset(
    name="mazur",
    title=N_("Mazur’s example"),
    summary=N_("Two inputs, two hidden units, two outputs. Widely cited."),
    source=N_(
        "Matt Mazur, A Step by Step Backpropagation Example (2015). It never updates the biases; "
        "its error after one update, 0.291027924, comes from updated output weights."
    ),
    simulation=Simulation.of(
        Network.of(
            (2, 2, 2),
            (((0.15, 0.25), (0.2, 0.3)), ((0.4, 0.5), (0.45, 0.55))),
            ((0.35,), (0.6,)),
        ),
        [Example((0.05, 0.1), (0.01, 0.99))],
        0.5,
    ),
)

CLASS_NOTES = Preset(
    name="class-notes",
    title=N_("Class notes"),
    summary=N_("Three inputs, two hidden units, one output, a bias per unit."),
    source=N_("Class notes that are often copied. They print three decimals."),
    simulation=Simulation.of(
        Network.of(
            (3, 2, 1),
            (((0.2, -0.3), (0.4, 0.1), (-0.5, 0.2)), ((-0.3,), (-0.2,))),
            ((-0.4, 0.2), (0.1,)),
            bias="per_unit",
        ),
        [Example((1.0, 0.0, 1.0), (1.0,))],
        0.9,
    ),
)
