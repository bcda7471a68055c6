"""Named examples to start from, the deck's first, and random networks from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.backprop.network import N_, Example, Invalid, Network, Shape
from app.backprop.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Preset:
    """A simulation with a name, a title, a sentence about it, and where its numbers come from."""

    name: str
    title: str
    summary: str
    source: str
    simulation: Simulation


# The deck gives no numbers. These have one decimal, so that they can be followed by hand, both
# signs, and a δ at every unit that shows in four decimals.
DECK = Preset(
    name="deck",
    title=N_("The deck’s network"),
    summary=N_("Three inputs, four hidden units, two outputs, and one bias that a layer shares."),
    source=N_("The network is slide 0 of the deck, which gives no numbers: these are ours."),
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
    title=N_("Mazur’s worked example"),
    summary=N_("Two inputs, two hidden units, two outputs: the example most often copied."),
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
    title=N_("Class notes, 3-2-1"),
    summary=N_("Three inputs, two hidden units, one output, and a bias for every unit."),
    source=N_("A widely copied set of class notes, which prints three decimals."),
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

PRESETS = {preset.name: preset for preset in (DECK, MAZUR, CLASS_NOTES)}


def preset(name: str) -> Preset:
    """The preset of that name; raises Invalid where there is none."""
    if name not in PRESETS:
        text = N_("one of %(known)s; not %(name)s")
        raise Invalid("preset", text, known=", ".join(PRESETS), name=repr(name))
    return PRESETS[name]


def preset_of(simulation: Simulation) -> str:
    """The name of the preset that a simulation began as, empty for a network of one's own."""
    origin = simulation.history.origin
    for name, preset in PRESETS.items():
        start = preset.simulation.start
        if start.network.parameters == origin.network.parameters and start == origin:
            return name
    return ""


def random_simulation(
    layers: Sequence[int],
    seed: int,
    *,
    activations: Sequence[str] | None = None,
    bias: str = "shared",
) -> Simulation:
    """A network with random numbers of two decimals, the same for the same seed everywhere.

    Weights, biases and inputs lie in −1 … 1, targets in 0 … 1; the learning rate is 0.5.

    Raises:
        Invalid: where there can be no such network.
    """
    names = ("sigmoid",) * (len(layers) - 1) if activations is None else tuple(activations)
    shape = Shape(tuple(layers), names, bias=bias)
    draw = np.random.Generator(np.random.PCG64(seed))  # its stream is fixed, unlike default_rng's

    def numbers(low: int, count: int) -> tuple[float, ...]:
        return tuple(float(n) / 100 for n in draw.integers(low, 100, count, endpoint=True))

    return Simulation.of(
        Network(shape, numbers(-100, shape.parameter_count)),
        [Example(numbers(-100, shape.layers[0]), numbers(0, shape.layers[-1]))],
        0.5,
    )
