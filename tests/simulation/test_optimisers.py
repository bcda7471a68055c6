"""Every optimiser against 60-digit arithmetic, with rules written down independently."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from app.backprop.functions import OPTIMISERS
from app.backprop.network import UPDATES, Example, Network
from app.simulation.simulation import Simulation
from tests.support import oracle, oracle_cases
from tests.support.oracle import mp
from tests.support.oracle_cases import Json

Number = Any


@dataclass
class Parameter:
    """One weight or bias, what its optimiser keeps, and its gradients of this pass."""

    value: Number
    is_weight: bool
    kept: dict[str, Number] = field(default_factory=dict)
    gradients: list[Number] = field(default_factory=list)


def momentum(p: Parameter, gradient: Number, t: int) -> Number:
    p.kept["v"] = mp.mpf(0.9) * p.kept.get("v", 0) + gradient
    return p.kept["v"]


def rmsprop(p: Parameter, gradient: Number, t: int) -> Number:
    """As in PyTorch: ε is outside of the root."""
    rho = mp.mpf(0.9)
    p.kept["s"] = rho * p.kept.get("s", 0) + (1 - rho) * gradient * gradient
    return gradient / (mp.sqrt(p.kept["s"]) + mp.mpf(1e-8))


def adam(p: Parameter, gradient: Number, t: int) -> Number:
    """Algorithm 1 of the paper."""
    beta1, beta2 = mp.mpf(0.9), mp.mpf(0.999)
    p.kept["m"] = beta1 * p.kept.get("m", 0) + (1 - beta1) * gradient
    p.kept["v"] = beta2 * p.kept.get("v", 0) + (1 - beta2) * gradient * gradient
    first, second = p.kept["m"] / (1 - beta1**t), p.kept["v"] / (1 - beta2**t)
    return first / (mp.sqrt(second) + mp.mpf(1e-8))


RULES: dict[str, Callable[[Parameter, Number, int], Number]] = {
    "gradient_descent": lambda p, gradient, t: gradient,
    "momentum": momentum,
    "rmsprop": rmsprop,
    "adam": adam,
}


class Trained:
    """A network in training, with 60 digits."""

    def __init__(self, case: Json, optimiser: str, update: str, decay: float) -> None:
        self.case, self.rule, self.update = case, RULES[optimiser], update
        self.decay, self.count, self.t = mp.mpf(decay), 0, 0
        network = case["network"]
        self.weights = [
            [[Parameter(mp.mpf(w), True) for w in row] for row in matrix]
            for matrix in network["weights"]
        ]
        self.biases = [[Parameter(mp.mpf(b), False) for b in row] for row in network["biases"]]

    @property
    def parameters(self) -> list[Parameter]:
        """In the order of `Network.parameters`."""
        rows = [row for matrix in self.weights for row in matrix] + self.biases
        return [parameter for row in rows for parameter in row]

    def run(self) -> None:
        """One iteration."""
        examples = self.case["examples"]
        network = {
            **self.case["network"],
            "weights": [[[p.value for p in row] for row in matrix] for matrix in self.weights],
            "biases": [[p.value for p in row] for row in self.biases],
        }
        truth = oracle.truth(network, examples[self.count % len(examples)], 1.0)
        gradients = [x for matrix in truth.weight_gradients for row in matrix for x in row]
        gradients += [x for row in truth.bias_gradients for x in row]
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.gradients.append(gradient)
        self.count += 1
        if self.update != "each" and self.count % len(examples):
            return
        self.t += 1
        for parameter in self.parameters:
            gradient = mp.fsum(parameter.gradients)
            if self.update == "mean":
                gradient /= len(examples)
            if parameter.is_weight:
                gradient += self.decay * parameter.value
            change = self.rule(parameter, gradient, self.t)
            parameter.value -= mp.mpf(self.case["learning_rate"]) * change
            parameter.gradients.clear()


def gentle_case(drawn: Random) -> Json:
    """A small network that is far from kinks and saturation."""
    layers = [drawn.randint(1, 3) for _ in range(drawn.randint(2, 4))]
    bias = drawn.choice(oracle_cases.BIASES)
    widths = [units if bias == "per_unit" else 1 for units in layers[1:]]

    def number() -> float:
        return drawn.choice((-1, 1)) * drawn.randint(100, 900) / 1000

    return {
        "network": {
            "layers": layers,
            "activations": [drawn.choice(("sigmoid", "tanh")) for _ in layers[1:]],
            "error": drawn.choice(("half_squared", "mean_squared")),
            "bias": bias,
            "weights": [
                [[number() for _ in range(b)] for _ in range(a)] for a, b in pairwise(layers)
            ],
            "biases": [[number() for _ in range(n)] for n in widths] if bias != "none" else [],
        },
        "examples": [
            {
                "inputs": [number() for _ in range(layers[0])],
                "targets": [number() for _ in range(layers[-1])],
            }
            for _ in range(drawn.randint(1, 3))
        ],
        "learning_rate": drawn.choice((0.01, 0.1, 0.5)),
    }


def begun(case: Json, optimiser: str, update: str, decay: float) -> Simulation:
    network = Network.of(
        case["network"]["layers"],
        case["network"]["weights"],
        case["network"]["biases"],
        activations=case["network"]["activations"],
        bias=case["network"]["bias"],
        error=case["network"]["error"],
        optimiser=optimiser,
        update=update,
        weight_decay=decay > 0,
    )
    examples = [Example(tuple(e["inputs"]), tuple(e["targets"])) for e in case["examples"]]
    given = {"weight_decay": decay} if decay else {}
    return Simulation.of(network, examples, case["learning_rate"], given)


@pytest.mark.parametrize("decay", [0.0, 0.01])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_every_update_is_true(optimiser: str, decay: float) -> None:
    """After each of six iterations, every parameter is within 1e-12 of the largest."""
    drawn = Random(f"{optimiser} {decay}")
    for index in range(6):
        case, update = gentle_case(drawn), UPDATES[index % len(UPDATES)]
        simulation, exact = (
            begun(case, optimiser, update, decay),
            Trained(case, optimiser, update, decay),
        )
        for iteration in range(6):
            simulation = simulation.train(1)
            exact.run()
            found = simulation.current_network.parameters
            largest = max(abs(p.value) for p in exact.parameters)
            for value, parameter in zip(found, exact.parameters, strict=True):
                assert abs(value - parameter.value) <= 1e-12 * largest, (index, iteration)


def test_every_optimiser_is_tested() -> None:
    """The table above has every optimiser."""
    assert set(OPTIMISERS) <= set(RULES)
