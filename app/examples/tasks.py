"""Small tasks to learn: logic functions, a code and a curve."""

from collections.abc import Sequence
from functools import partial
from itertools import product

from app.backprop.errors import N_
from app.backprop.network import Example, Network
from app.examples.published import Preset
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation


def truth_table(inputs: int, truth: Sequence[Sequence[float]]) -> list[Example]:
    """Return the rows of a truth table as examples."""
    rows = product((0.0, 1.0), repeat=inputs)
    return [
        Example(row, tuple(map(float, targets))) for row, targets in zip(rows, truth, strict=True)
    ]


_random_start = partial(random_simulation, bias="per_unit", init="xavier", seed=7)

ONE_UNIT = Network.of((2, 1), (((0.0,), (0.0,)),), ((0.0,),), bias="per_unit")

AND = Preset(
    name="and",
    title=N_("AND"),
    summary=N_("Two inputs, one unit: 1 only if both inputs are 1. One straight line is enough."),
    source=N_("The truth table of AND. Initial weights and bias: 0."),
    simulation=Simulation.of(ONE_UNIT, truth_table(2, [[0], [0], [0], [1]]), 2.0),
)

OR = Preset(
    name="or",
    title=N_("OR"),
    summary=N_("Two inputs, one unit: 1 if at least one input is 1. One straight line is enough."),
    source=N_("The truth table of OR. Initial weights and bias: 0."),
    simulation=Simulation.of(ONE_UNIT, truth_table(2, [[0], [1], [1], [1]]), 2.0),
)

XOR_SOURCE = N_("The truth table of XOR. Initial weights: Xavier, seed 7. Biases: 0.")
XOR_TABLE = truth_table(2, [[0], [1], [1], [0]])

XOR = Preset(
    name="xor",
    title=N_("XOR, with a hidden layer"),
    summary=N_("1 if exactly one input is 1. Two hidden units suffice."),
    source=XOR_SOURCE,
    simulation=_random_start((2, 2, 1), examples=XOR_TABLE, learning_rate=2.0),
)

XOR_ALONE = Preset(
    name="xor-alone",
    title=N_("XOR, without a hidden layer"),
    summary=N_("The same task for one unit. It cannot be learned."),
    source=XOR_SOURCE,
    simulation=_random_start((2, 1), examples=XOR_TABLE, learning_rate=2.0),
)

PARITY = Preset(
    name="parity-3",
    title=N_("Parity of three"),
    summary=N_("1 if an odd number of inputs is 1: XOR with a third input."),
    source=N_("The truth table of parity. Initial weights: Xavier, seed 7. Biases: 0."),
    simulation=_random_start(
        (3, 4, 1),
        examples=truth_table(3, [[0], [1], [1], [0], [1], [0], [0], [1]]),
        learning_rate=1.0,
        activations=("tanh", "sigmoid"),
    ),
)

ONE_HOT = Preset(
    name="one-hot",
    title=N_("One of three, in two bits"),
    summary=N_("Which input is 1? The answer, 1 to 3, in binary."),
    source=N_("Initial weights: Xavier, seed 7. Biases: 0."),
    simulation=_random_start(
        (3, 2, 2),
        examples=[
            Example((1.0, 0.0, 0.0), (0.0, 1.0)),
            Example((0.0, 1.0, 0.0), (1.0, 0.0)),
            Example((0.0, 0.0, 1.0), (1.0, 1.0)),
        ],
        learning_rate=2.0,
    ),
)

REGRESSION = Preset(
    name="square",
    title=N_("A curve: y = x²"),
    summary=N_("Nine points of a parabola, four tanh units and one linear output."),
    source=N_("y = x² at x = −1, −0.75 … 1. Initial weights: Xavier, seed 7. Biases: 0."),
    simulation=_random_start(
        (1, 4, 1),
        examples=[Example((step / 4,), (step * step / 16,)) for step in range(-4, 5)],
        learning_rate=0.1,
        activations=("tanh", "identity"),
    ),
)

TASKS = (AND, OR, XOR, XOR_ALONE, PARITY, ONE_HOT, REGRESSION)
