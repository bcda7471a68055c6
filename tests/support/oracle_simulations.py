"""Random networks as simulations, and what is true of them."""

from typing import Any

from hypothesis import HealthCheck, settings

from app.backprop.network import Example, Network
from app.simulation.simulation import Simulation
from tests.support import oracle

Json = dict[str, Any]

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
