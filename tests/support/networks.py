"""Networks to look at: small and large, of every activation and every way of keeping biases."""

from dataclasses import replace

from app.backprop.conventions import CONSECUTIVE, NUMBERED, Conventions
from app.backprop.network import Example, Network, Shape
from app.examples.random_network import random_simulation
from app.simulation.history import History
from app.simulation.simulation import Simulation

SHAPES = {
    "3-4-2": Shape((3, 4, 2), ("sigmoid", "sigmoid")),
    "2-2-2": Shape((2, 2, 2), ("sigmoid", "sigmoid")),
    "3-2-1 per unit": Shape((3, 2, 1), ("sigmoid", "sigmoid"), bias="per_unit"),
    "1-1 none": Shape((1, 1), ("identity",), bias="none"),
    "2-3-2 none": Shape((2, 3, 2), ("relu", "tanh"), bias="none"),
    "8-8": Shape((8, 8), ("tanh",), bias="per_unit"),
    "2-3-1-4-2": Shape((2, 3, 1, 4, 2), ("tanh", "relu", "sigmoid", "identity")),
    "1-2-2-1 per unit": Shape((1, 2, 2, 1), ("identity", "relu", "tanh"), bias="per_unit"),
    "3-4-2 mean": Shape((3, 4, 2), ("sigmoid", "tanh"), "mean_squared"),
    "3-4-2 binary": Shape((3, 4, 2), ("tanh", "sigmoid"), "binary_cross_entropy"),
    "2-3-3 softmax": Shape((2, 3, 3), ("relu", "softmax"), "cross_entropy", "per_unit"),
    "2-2 softmax": Shape((2, 2), ("softmax",), "cross_entropy"),
    "3-4-2 momentum": Shape((3, 4, 2), ("sigmoid", "sigmoid"), optimiser="momentum"),
    "2-2-2 momentum per unit": Shape(
        (2, 2, 2), ("tanh", "softmax"), "cross_entropy", "per_unit", "momentum"
    ),
    "3-4-2 mean of all": Shape((3, 4, 2), ("sigmoid", "sigmoid"), update="mean"),
    "3-4-2 gathering": Shape((3, 4, 2), ("sigmoid", "sigmoid"), update="mean").accumulating,
    "2-2-1 sum of all per unit": Shape((2, 2, 1), ("tanh", "tanh"), bias="per_unit", update="sum"),
    "2-2 gathering none": Shape((2, 2), ("tanh",), bias="none", update="sum").accumulating,
    "2-2-2 mean of all momentum": Shape(
        *((2, 2, 2), ("tanh", "softmax"), "cross_entropy"), optimiser="momentum", update="mean"
    ),
    "2-2-1 huber decay": Shape(
        (2, 2, 1), ("leaky_relu", "identity"), "huber", update="mean", weight_decay=True
    ),
    "2-2-1 rmsprop": Shape(
        (2, 2, 1), ("tanh", "sigmoid"), bias="per_unit", optimiser="rmsprop", weight_decay=True
    ),
    "2-2-1 adam": Shape((2, 2, 1), ("sigmoid", "tanh"), optimiser="adam", update="sum"),
    "2-1 momentum none": Shape((2, 1), ("tanh",), bias="none", optimiser="momentum"),
    "2-3-1-1 binary none": Shape(
        (2, 3, 1, 1), ("tanh", "identity", "sigmoid"), "binary_cross_entropy", "none"
    ),
    # The names and signs of sheets: thresholds, Err, and both.
    "2-3-2 thresholds": Shape(
        (2, 3, 2),
        ("relu", "sigmoid"),
        bias="per_unit",
        optimiser="momentum",
        conventions=Conventions(NUMBERED, thresholds=True),
    ),
    "3-2-1 Err": Shape(
        (3, 2, 1),
        ("sigmoid", "sigmoid"),
        conventions=Conventions(CONSECUTIVE, minus_delta=True),
    ),
    "2-2-2-2 Err θ": Shape(
        (2, 2, 2, 2),
        ("tanh", "sigmoid", "softmax"),
        "cross_entropy",
        "per_unit",
        conventions=Conventions(
            CONSECUTIVE,
            minus_delta=True,
            thresholds=True,
            names=(("a", "out/1/0"), ("v", "weight/0/1/0"), ("θx", "bias/2/1")),
        ),
    ),
}

# One of each kind, for tests that gain nothing from more.
FEW = {
    name: SHAPES[name]
    for name in (
        *("3-4-2", "3-2-1 per unit", "2-3-2 none", "2-3-1-4-2", "2-3-3 softmax"),
        *(
            "2-2-2 mean of all momentum",
            "2-2 gathering none",
            "2-2-1 huber decay",
            "2-2-1 rmsprop",
            "2-2-1 adam",
        ),
    )
}


def simulation_of(shape: Shape, seed: int = 1) -> Simulation:
    """Random numbers in a shape, at the very beginning; with momentum, on its way already. Where
    examples are gathered, it is the second or, of a shape that updates, the last of three."""
    simulation = random_simulation(
        shape.layers,
        seed,
        activations=shape.activations,
        bias=shape.bias,
        error=shape.error,
        optimiser=shape.optimiser,
        update=shape.update,
        hyperparameters={"weight_decay": 0.5} if shape.weight_decay else {},
    )
    if shape.accumulates:
        others = (random_simulation(shape.layers, n, error=shape.error) for n in (2, 3))
        examples = [*simulation.examples, *(each.examples[0] for each in others)]
        simulation = simulation.edit(examples=examples)
    count = shape.parameter_count * len(shape.kept_rules)
    kept = tuple(0.9 - (7 * index % 10) / 10 for index in range(count))
    start = replace(simulation.start, optimiser_state=kept + (0.0,) * shape.counts_updates)
    start = start.with_hyperparameters(dict.fromkeys(shape.hyperparameters, 0.75))
    if shape.accumulates:
        gathered = tuple(0.25 - (3 * index % 10) / 10 for index in range(shape.accumulated_count))
        start = replace(
            start, accumulated=gathered, iteration=2 if shape.is_update_iteration else 1
        )
        start = replace(start, previous_error=0.5)
    start = start.with_conventions(shape.conventions)
    return Simulation(start, 0, History.starting_at(start)) if start.state else simulation


def relu_network(bias: float, *, out: float = 0.7) -> Simulation:
    """Two inputs that cancel in the first relu unit of two: its net is the bias."""
    network = Network.of(
        (2, 2, 1),
        (((0.5, 0.9), (0.5, 0.3)), ((out,), (0.4,))),
        ((bias, 0.25), (0.1,)),
        activations=("relu", "sigmoid"),
        bias="per_unit",
    )
    return Simulation.of(network, [Example((1.0, -1.0), (0.2,))], 0.5)
