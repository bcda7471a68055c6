"""Lessons, each with presets whose numbers show its point. A test checks what the texts claim."""

from dataclasses import dataclass

from app.backprop.errors import N_
from app.backprop.network import Example, Network
from app.examples.published import Preset
from app.examples.tasks import XOR_TABLE, truth_table
from app.simulation.simulation import Simulation

OURS = N_("Numbers chosen to show this effect.")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson."""

    name: str
    title: str
    text: str  # what to know
    look: str  # what to do and look at
    presets: tuple[str, ...] = ()  # the names of the presets that show it
    beside: bool = False  # whether the comparison page shows it


def _lesson(preset: Preset, text: str, look: str) -> Lesson:
    """A lesson with a preset of its own."""
    return Lesson(preset.name, preset.title, text, look, (preset.name,))


VANISHING = Preset(
    name="vanishing",
    title=N_("Vanishing gradient"),
    summary=N_("Three hidden layers of saturated sigmoid units: almost no δ gets through."),
    source=OURS,
    simulation=Simulation.of(
        Network.of(
            (2, 2, 2, 2, 1),
            (
                ((4.0, -4.0), (3.0, -3.0)),
                ((5.0, -5.0), (-4.0, 4.0)),
                ((5.0, -5.0), (-4.0, 4.0)),
                ((1.0,), (-1.0,)),
            ),
            bias="none",
        ),
        [Example((1.0, 0.5), (0.0,))],
        0.5,
    ),
)

SYMMETRY = Preset(
    name="symmetry",
    title=N_("Equal weights stay equal"),
    summary=N_("XOR again, but all hidden units start equal and stay equal."),
    source=OURS,
    simulation=Simulation.of(
        Network.of(
            (2, 3, 1),
            (((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), ((0.5,), (0.5,), (0.5,))),
            ((0.0, 0.0, 0.0), (0.0,)),
            bias="per_unit",
        ),
        XOR_TABLE,
        0.5,
    ),
)

DIVERGENCE = Preset(
    name="divergence",
    title=N_("Learning rate too large"),
    summary=N_("One weight, one bias, out = net: each update doubles the distance to the target."),
    source=OURS,
    simulation=Simulation.of(
        Network.of((1, 1), (((0.5,),),), ((0.0,),), activations=("identity",), bias="per_unit"),
        [Example((2.0,), (2.0,))],
        0.6,
    ),
)

DEAD_RELU = Preset(
    name="dead-relu",
    title=N_("A dead ReLU"),
    summary=N_("One hidden unit has net below 0 for every example, so it never learns."),
    source=OURS,
    simulation=Simulation.of(
        Network.of(
            (2, 2, 1),
            (((0.6, 0.5), (0.4, 0.3)), ((0.5,), (0.8,))),
            ((0.1, -2.0), (0.0,)),
            activations=("relu", "identity"),
            bias="per_unit",
        ),
        truth_table(2, [[0], [1], [1], [2]]),
        0.1,
    ),
)

LESSON_PRESETS = (VANISHING, SYMMETRY, DIVERGENCE, DEAD_RELU)

LESSONS = (
    _lesson(
        VANISHING,
        N_(
            "Every layer multiplies δ by out·(1 − out). This is at most ¼, and almost 0 where a "
            "unit is saturated (out close to 0 or 1). After three such layers almost nothing is "
            "left: the first weights hardly change, however wrong the output is."
        ),
        N_(
            "Press Backward: δ of the first hidden layer is less than 1/10,000 of δ at the output. "
            "Then press Update: to four decimals, the weights of the first layer do not change."
        ),
    ),
    _lesson(
        SYMMETRY,
        N_(
            "Hidden units that start with the same weights get the same δ, so they always change "
            "in the same way: three of them do no more than one. This is why weights start at "
            "random values."
        ),
        N_(
            "Train for 1,000 iterations and open Weights: the three columns of W are equal to the "
            "last digit. Then change one weight and train again."
        ),
    ),
    _lesson(
        DIVERGENCE,
        N_(
            "An update that goes too far lands on the other side of the valley, higher than "
            "before. Here every update doubles the distance to the minimum, so E grows fourfold."
        ),
        N_(
            "Press Update a few times and watch E: 0.5, 2, 8, 32 and so on. Then go back and set "
            "the learning rate to 0.1: E falls to a quarter each time."
        ),
    ),
    _lesson(
        DEAD_RELU,
        N_(
            "Where net is below 0, ReLU and its slope are 0. So δ is 0, and the weights of that "
            "unit do not change. If net is below 0 for every example, the unit never recovers."
        ),
        N_(
            "Train for 400 iterations: the weights into H2 and its bias have not changed at all, "
            "while H1 has learned the sum x1 + x2 alone. Set the bias of H2 to 0.1 to revive it."
        ),
    ),
    Lesson(
        name="xor",
        title=N_("XOR needs a hidden layer"),
        text=N_(
            "One unit divides the plane by a straight line, and no line has (0,1) and (1,0) on one "
            "side and (0,0) and (1,1) on the other. A hidden layer first transforms the plane."
        ),
        look=N_(
            "Train both for 3,000 iterations: without a hidden layer, E stays above 0.1 for every "
            "example; with one, it falls below 0.01 for all four."
        ),
        presets=("xor-alone", "xor"),
    ),
    Lesson(
        name="old-weights",
        title=N_("Why δ uses the old weights"),
        text=N_(
            "E is a function of all weights together, and its gradient belongs to one point: the "
            "weights of the forward pass. If you update the output weights first and compute δ of "
            "the hidden layer with the new ones, you mix two points, and the result is not a "
            "gradient of E."
        ),
        look=N_(
            "Two tables of the same iteration, step by step: one correct, one with this mistake. "
            "They differ from ∂E/∂out of the hidden layer on."
        ),
        beside=True,
    ),
)
