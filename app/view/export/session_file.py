"""A simulation as a JSON file that restores it bit for bit.

The file has the parameters from the start of the iteration, and the cursor; everything shown
follows from these. It has neither the history nor saved runs nor a running training.
"""

from math import isfinite

from msgspec.json import encode

from app.backprop.network import Network, Shape
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import data

FORMAT = 1


def session_json(simulation: Simulation) -> str:
    """The file: numbers have all their digits; NaN and the infinities are strings."""
    start, shape = simulation.start, simulation.network.shape
    content = {
        "backstep": FORMAT,
        "network": {
            "layers": shape.layers,
            "activations": shape.activations,
            "error": shape.error,
            "bias": shape.bias,
            **({"optimiser": shape.optimiser} if start.velocities else {}),
            **({"update": shape.update} if start.accumulated else {}),
            **_nested(shape, start.network.parameters),
        },
        "examples": [
            {"inputs": example.inputs, "targets": example.targets} for example in start.examples
        ],
        "learning_rate": start.learning_rate,
        **(
            {"momentum": start.momentum, "velocities": _nested(shape, start.velocities)}
            if start.velocities
            else {}
        ),
        **(
            {"gathered": _nested(shape, start.accumulated), "pass_from": start.pass_start}
            if start.accumulated
            else {}
        ),
        **({} if start.shuffle is None else {"shuffle": start.shuffle}),
        "iteration": start.iteration,
        "cursor": simulation.cursor,
        "previous_error": None if start.previous_error is None else _number(start.previous_error),
    }
    lines = (f'"{name}": {encode(part).decode()}' for name, part in content.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _nested(shape: Shape, numbers: tuple[float, ...]) -> dict[str, object]:
    """One number for each parameter, nested as weights and biases."""
    network = Network(shape, numbers)
    return {
        "weights": [[[_number(n) for n in row] for row in rows] for rows in network.weights],
        "biases": [[_number(n) for n in row] for row in network.biases],
    }


def _number(value: float) -> float | str:
    return value if isfinite(value) else data(value)
