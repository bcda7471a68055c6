"""How well a network fits all of its examples."""

from dataclasses import dataclass

from app.backprop.addresses import address
from app.backprop.compiler import compile_iteration, flat
from app.simulation.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Fit:
    """Means over all examples, and of `distance` over their outputs as well."""

    error: float  # of E
    distance: float  # of |target − out|


def fit_of(simulation: Simulation) -> Fit:
    """Return the fit of the weights at the start of the iteration; of a finished one, at its end.

    They are the same for every example, which a mean over a pass is not where each example moves them.
    """
    start = simulation.start
    network = simulation.current_network if simulation.finished else start.network
    shape, count = network.shape, network.shape.parameter_count
    compiled = compile_iteration(shape)
    state = network.parameters + start.state[count:]
    outs = [
        compiled.position[address("out", shape.depth - 1, unit)] for unit in range(shape.layers[-1])
    ]
    errors, distances = [], []
    for example in start.examples:
        results = compiled.run(state, flat(example), start.settings)
        errors.append(results[compiled.position["error"]])
        distances += [
            abs(target - results[out]) for target, out in zip(example.targets, outs, strict=True)
        ]
    return Fit(sum(errors) / len(errors), sum(distances) / len(distances))
