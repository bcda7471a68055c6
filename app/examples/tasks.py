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
    summary=N_("Two inputs, one unit: on only where both are. A straight line is enough for that."),
    source=N_("The truth table of AND. Our start: weights and bias 0."),
    simulation=Simulation.of(ONE_UNIT, truth_table(2, [[0], [0], [0], [1]]), 2.0),
)

OR = Preset(
    name="or",
    title=N_("OR"),
    summary=N_(
        "Two inputs, one unit: on where at least one is. A straight line is enough for that."
    ),
    source=N_("The truth table of OR. Our start: weights and bias 0."),
    simulation=Simulation.of(ONE_UNIT, truth_table(2, [[0], [1], [1], [1]]), 2.0),
)

XOR_SOURCE = N_(
    "The truth table of XOR. Our start: weights by Xavier’s formula from seed 7, biases 0."
)
XOR_TABLE = truth_table(2, [[0], [1], [1], [0]])

XOR = Preset(
    name="xor",
    title=N_("XOR, with a hidden layer"),
    summary=N_(
        "On where exactly one input is: two hidden units bend the plane so that it can be learnt."
    ),
    source=XOR_SOURCE,
    simulation=_random_start((2, 2, 1), examples=XOR_TABLE, learning_rate=2.0),
)

XOR_ALONE = Preset(
    name="xor-alone",
    title=N_("XOR, without a hidden layer"),
    summary=N_("The same task for one unit: no straight line divides it, so it cannot be learnt."),
    source=XOR_SOURCE,
    simulation=_random_start((2, 1), examples=XOR_TABLE, learning_rate=2.0),
)

PARITY = Preset(
    name="parity-3",
    title=N_("Parity of three"),
    summary=N_("On where an odd number of the three inputs is: XOR with one input more."),
    source=N_(
        "The truth table of parity. Our start: weights by Xavier’s formula from seed 7, biases 0."
    ),
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
    summary=N_("Three inputs of which one is on; the outputs are its number, 1 to 3, in binary."),
    source=N_("Our task. Our start: weights by Xavier’s formula from seed 7, biases 0."),
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
    summary=N_(
        "Nine points of a parabola, four tanh units, and an output that passes net on as it is."
    ),
    source=N_(
        "y = x² at x = −1, −0.75 … 1. Our start: weights by Xavier’s formula from seed 7, biases 0."
    ),
    simulation=_random_start(
        (1, 4, 1),
        examples=[Example((step / 4,), (step * step / 16,)) for step in range(-4, 5)],
        learning_rate=0.1,
        activations=("tanh", "identity"),
    ),
)

TASKS = (AND, OR, XOR, XOR_ALONE, PARITY, ONE_HOT, REGRESSION)
