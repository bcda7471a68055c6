"""A simulation as JSON to keep: all but how it came there, bit for bit.

The weights are those that the iteration started with, and the cursor says how far it has come: all
that is shown follows from that. What a history keeps beside is no part of it, nor are kept
runs, nor a training under way: what is opened begins without.
"""

from math import isfinite

from msgspec.json import encode

from app.backprop.network import Network, Shape
from app.simulation.iteration import IterationState
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import data

FORMAT = 1


def session_json(simulation: Simulation) -> str:
    """The file: numbers with all their digits, and NaN and the infinities as strings."""
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
        **(_inertia(start) if start.velocities else {}),
        **(_pass(start) if start.accumulated else {}),
        **({} if start.shuffle is None else {"shuffle": start.shuffle}),
        "iteration": start.iteration,
        "cursor": simulation.cursor,
        "previous_error": None if start.previous_error is None else _number(start.previous_error),
    }
    lines = (f'"{name}": {encode(part).decode()}' for name, part in content.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _inertia(start: IterationState) -> dict[str, object]:
    """What there is with momentum only. Velocities have the nesting of weights and biases."""
    return {
        "momentum": start.momentum,
        "velocities": _nested(start.network.shape, start.velocities),
    }


def _pass(start: IterationState) -> dict[str, object]:
    """Likewise of what a pass has gathered so far, and from which iteration passes are counted."""
    return {
        "gathered": _nested(start.network.shape, start.accumulated),
        "pass_from": start.pass_start,
    }


def _nested(shape: Shape, numbers: tuple[float, ...]) -> dict[str, object]:
    """One number for each parameter, as weights and biases are laid out."""
    network = Network(shape, numbers)
    return {
        "weights": [[[_number(n) for n in row] for row in rows] for rows in network.weights],
        "biases": [[_number(n) for n in row] for row in network.biases],
    }


def _number(value: float) -> float | str:
    return value if isfinite(value) else data(value)
