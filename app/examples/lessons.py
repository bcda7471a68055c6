"""Lessons, each with presets whose numbers show its point. A test checks what the texts claim."""

from dataclasses import dataclass

from app.backprop.errors import N_
from app.backprop.network import Example, Network
from app.examples.published import Preset
from app.examples.tasks import XOR_TABLE, truth_table
from app.simulation.simulation import Simulation

OURS = N_("Our numbers, chosen to show this.")


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
    title=N_("A gradient that vanishes"),
    summary=N_("Three hidden layers of sigmoid units, all of them saturated: no δ comes through."),
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
    summary=N_("XOR again, but every hidden unit begins like the others, and so it remains."),
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
    title=N_("Too large a learning rate"),
    summary=N_("One weight, one bias, out = net: each update goes twice as far as it came short."),
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
    summary=N_("One hidden unit has net below 0 for every example: it never learns again."),
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
            "At every layer δ is multiplied by out·(1 − out), which is at most ¼, and next to nothing "
            "where a unit is saturated, that is, where out is close to 0 or 1. After three such layers "
            "hardly anything is left, and the first weights hardly move, however wrong the output is."
        ),
        N_(
            "Press Backward: δ of the first hidden layer is less than a ten-thousandth of δ at "
            "the output. Then Update: the weights of the first layer stay as they are in four decimals."
        ),
    ),
    _lesson(
        SYMMETRY,
        N_(
            "Hidden units that begin with the same weights get the same δ, so they are changed alike, "
            "for ever: three of them do no more than one. That is why weights begin at random."
        ),
        N_(
            "Train 1,000 iterations and look at the matrices: the three columns of W are the same to "
            "the last digit. Then type another number into one weight and train again."
        ),
    ),
    _lesson(
        DIVERGENCE,
        N_(
            "An update that goes too far lands on the other side of the valley, further up than it "
            "began. Here each one overshoots to twice the distance, so that E grows fourfold."
        ),
        N_(
            "Press Update some times and watch E: 0.5, 2, 8, 32 and so on. Then go back, set the "
            "learning rate to 0.1, and E shrinks to a quarter each time."
        ),
    ),
    _lesson(
        DEAD_RELU,
        N_(
            "Where net is below 0, ReLU gives 0 and so is its slope: δ is 0, and the weights of that "
            "unit do not move. If it is so for every example, nothing ever brings the unit back."
        ),
        N_(
            "Train 400 iterations: the weights to H2 and its bias have not changed by a digit, while "
            "H1 has learnt the sum x1 + x2 alone. Set the bias of H2 to 0.1 to wake it up."
        ),
    ),
    Lesson(
        name="xor",
        title=N_("XOR needs a hidden layer"),
        text=N_(
            "One unit divides the plane by a straight line, and no line has (0,1) and (1,0) on one "
            "side and (0,0) and (1,1) on the other. A hidden layer bends the plane first."
        ),
        look=N_(
            "Train both of them for 3,000 iterations: alone, E stays above 0.1 for every example; with "
            "hidden units it falls below 0.01 for all four."
        ),
        presets=("xor-alone", "xor"),
    ),
    Lesson(
        name="old-weights",
        title=N_("Why δ uses the old weights"),
        text=N_(
            "E is a function of all weights at once, and its gradient belongs to one place: where the "
            "weights stood in the forward pass. Whoever updates the output weights first and then "
            "takes δ of the hidden layer from the new ones, mixes two places, and follows no gradient."
        ),
        look=N_(
            "Two tables of the same iteration, one right, one with that mistake, step by step: they "
            "part at δ of the hidden layer, and from there on every gradient differs."
        ),
        beside=True,
    ),
)
