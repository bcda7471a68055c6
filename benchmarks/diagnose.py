"""The time of diagnosing a number, for every kind of quantity of the largest network.

    python -m benchmarks.diagnose

One quantity of each kind and layer of two 8-8-8-8-8 networks is diagnosed, with an answer of four
digits and one of twelve, which no mistake explains, so that all are tried. The quickest of three counts,
next to one pass through the same network in NumPy, measured in turns.
"""

import time
from random import Random

import numpy as np

from app.analysis.diagnosis import diagnose, parse_answer
from app.backprop.network import Example, Network, Shape
from app.simulation.simulation import Simulation

MOST = 20  # milliseconds
LAYERS = (8,) * 5
SHAPES = {
    "sigmoid, Adam": Shape(
        LAYERS, ("sigmoid",) * 4, bias="per_unit", optimiser="adam", weight_decay=True
    ),
    "relu, softmax, momentum": Shape(
        LAYERS, ("relu", "tanh", "sigmoid", "softmax"), "cross_entropy", optimiser="momentum"
    ),
}
ANSWERS = ("0.1234", "0.123456789012")


def largest(shape: Shape) -> Simulation:
    random = Random(7)
    parameters = tuple(random.uniform(-1, 1) for _ in range(shape.parameter_count))
    example = Example.of([random.uniform(-1, 1) for _ in range(8)], [1.0, *[0.0] * 7])
    return Simulation.of(Network(shape, parameters), (example,), 0.5)


def milliseconds(simulation: Simulation, address: str, text: str) -> float:
    answer = parse_answer(text)
    times = []
    for _ in range(3):
        started = time.perf_counter()
        diagnose(simulation, address, answer)
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def numpy_pass(simulation: Simulation) -> float:
    """The microseconds of a forward pass through matrices of this size."""
    weights = [np.array(matrix) for matrix in simulation.network.weights]
    times = []
    for _ in range(200):
        started = time.perf_counter()
        out = np.array(simulation.examples[0].inputs)
        for matrix in weights:
            out = 1 / (1 + np.exp(-(out @ matrix)))
        times.append(time.perf_counter() - started)
    return sorted(times)[100] * 1e6


def main() -> None:
    for name, shape in SHAPES.items():
        simulation = largest(shape)
        simulation.trace()
        first = {(step.kind, step.layer): step.result for step in simulation.steps}
        times = {
            (address, text): milliseconds(simulation, address, text)
            for address in first.values()
            for text in ANSWERS
        }
        (address, _), slowest = max(times.items(), key=lambda item: item[1])
        median = sorted(times.values())[len(times) // 2]
        print(
            f"8-8-8-8-8 ({name}): a diagnosis takes {median:.1f} ms, at most {slowest:.1f} ms "
            f"({address}; at most {MOST} ms); a forward pass in NumPy {numpy_pass(simulation):.0f} µs"
        )


if __name__ == "__main__":
    main()
