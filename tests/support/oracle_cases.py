"""Random networks, examples and learning rates as the API takes them: plain dicts, lists and floats.

Every shape that there may be is drawn: 2 to 5 layers of 1 to 8 units, any activation per layer, any
way of keeping biases. Numbers are thousandths, which read well in a failure and fill a double's 53
bits all the same; their size is drawn as well, so that some networks are gentle and some saturate.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.backprop.network import Example, Network
from app.simulation.simulation import Simulation
from tests.support import oracle

Json = dict[str, Any]

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "identity")
KINKED = ("relu", "leaky_relu")
ERRORS = (
    *("half_squared", "mean_squared", "half_mean_squared"),
    *("huber", "binary_cross_entropy", "cross_entropy"),
)
OUTPUTS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
BIASES = ("shared", "per_unit", "none")

# What the weights of a network are at most: from where units hardly bend to where they saturate.
SIZES = (0.5, 1, 2, 8)

# relu has no slope at 0, so its units are kept this far from there.
KINK = 1e-3


def numbers(size: float = 1.0) -> st.SearchStrategy[float]:
    """Thousandths from -size to size, zero and the ends among them."""
    return st.integers(-1000, 1000).map(lambda thousandths: thousandths * size / 1000)


def rows(length: int, size: float) -> st.SearchStrategy[list[float]]:
    return st.lists(numbers(size), min_size=length, max_size=length)


@st.composite
def networks(draw: st.DrawFn, errors: Sequence[str] = ERRORS) -> Json:
    """A network of any shape, with weights of one size or another."""
    layers = draw(st.lists(st.integers(1, 8), min_size=2, max_size=5))
    error = draw(st.sampled_from(errors))
    if error == "cross_entropy" and layers[-1] == 1:
        layers[-1] = 2
    hidden = [draw(st.sampled_from(ACTIVATIONS)) for _ in layers[1:-1]]
    outputs = OUTPUTS.get(error) or draw(st.sampled_from(ACTIVATIONS))
    bias = draw(st.sampled_from(BIASES))
    size = draw(st.sampled_from(SIZES))
    return {
        "layers": layers,
        "activations": [*hidden, outputs],
        "error": error,
        "bias": bias,
        "weights": [
            [draw(rows(units, size)) for _ in range(sources)] for sources, units in pairwise(layers)
        ],
        "biases": []
        if bias == "none"
        else [draw(rows(1 if bias == "shared" else units, 1)) for units in layers[1:]],
    }


@st.composite
def examples(draw: st.DrawFn, network: Json) -> Json:
    """Inputs and targets that fit; the first input is not 0, so that something goes in."""
    first = draw(st.sampled_from((-1.0, 1.0))) * draw(st.integers(100, 1000)) / 1000
    return {
        "inputs": [first, *draw(rows(network["layers"][0] - 1, 1))],
        "targets": draw(targets(network["error"], network["layers"][-1])),
    }


def targets(error: str, length: int) -> st.SearchStrategy[list[float]]:
    """Targets that the error can have: for joint outputs they are probabilities."""
    if error == "binary_cross_entropy":
        share = st.one_of(st.sampled_from((0.0, 1.0)), st.integers(0, 1000).map(lambda n: n / 1000))
        return st.lists(share, min_size=length, max_size=length)
    if error == "cross_entropy":
        one = st.integers(0, length - 1).map(lambda k: [float(k == i) for i in range(length)])
        cuts = st.lists(st.integers(0, 1000), min_size=length - 1, max_size=length - 1)
        return st.one_of(one, cuts.map(lambda c: _between([0, *sorted(c), 1000])))
    return rows(length, 1)


def _between(cuts: list[int]) -> list[float]:
    return [(after - before) / 1000 for before, after in pairwise(cuts)]


@st.composite
def cases(draw: st.DrawFn, errors: Sequence[str] = ERRORS) -> Json:
    """What POST /api/sessions takes: a network, 1 to 3 examples and a learning rate.

    No relu unit is near its kink with the first example. With a later one, or after an update, it
    may be: `near_a_kink` tells.
    """
    network = draw(networks(errors))
    several = draw(st.lists(examples(network), min_size=1, max_size=3))
    _lift(network, several[0])
    return {
        "network": network,
        "examples": several,
        "learning_rate": draw(st.integers(1, 1000)) / 1000,
    }


def near_a_kink(network: Json, example: Json) -> bool:
    """Whether a relu unit's net is so near 0 that its slope is not to be had by differences."""
    nets, _ = oracle.forward(network, example)
    return any(
        name in KINKED and any(abs(net) < KINK for net in row)
        for name, row in zip(network["activations"], nets, strict=True)
    )


def _lift(network: Json, example: Json) -> None:
    """Moves relu units away from their kink, through one weight each.

    It takes a source that is not 0 itself, so every layer before a kinked one is kept alive too: if
    all of its units are off, the first is turned on. Making it so costs nothing; of networks thrown
    away for it there would be many.
    """
    names = network["activations"]
    for layer, name in enumerate(names):
        nets, outs = oracle.forward(network, example)
        source = max(range(len(outs[layer])), key=lambda i: abs(outs[layer][i]))
        kinked = any(later in KINKED for later in names[layer + 1 :])
        off = kinked and all(abs(x) < 0.1 for x in outs[layer + 1])
        for unit, net in enumerate(nets[layer]):
            if (name in KINKED and abs(net) < 2 * KINK) or (off and unit == 0):
                by = (0.5 - net) / outs[layer][source]
                network["weights"][layer][source][unit] += float(by)


steady = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def simulation_of(case: Json) -> Simulation:
    """What POST /api/sessions would begin."""
    network = case["network"]
    return Simulation.of(
        Network.of(
            network["layers"],
            network["weights"],
            network["biases"],
            activations=network["activations"],
            bias=network["bias"],
            error=network["error"],
        ),
        [Example(tuple(e["inputs"]), tuple(e["targets"])) for e in case["examples"]],
        case["learning_rate"],
    )


def case_of(simulation: Simulation) -> Json:
    """The network and example of an iteration, as the oracle takes them."""
    shape, network = simulation.network.shape, simulation.network
    example = simulation.examples[simulation.example]
    return {
        "network": {
            "layers": list(shape.layers),
            "activations": list(shape.activations),
            "bias": shape.bias,
            "error": shape.error,
            "weights": network.weights,
            "biases": list(network.biases),
        },
        "example": {"inputs": list(example.inputs), "targets": list(example.targets)},
    }


def truths(simulation: Simulation) -> list[float]:
    """The 60-digit slope of E over each weight and bias, in their order."""
    case = case_of(simulation)
    truth = oracle.truth(case["network"], case["example"], simulation.learning_rate)
    weights = [x for matrix in truth.weight_gradients for row in matrix for x in row]
    return [float(x) for x in weights + [x for row in truth.bias_gradients for x in row]]
