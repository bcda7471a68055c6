"""Networks to look at: small and large, of every activation and every way of keeping biases."""

from app.backprop.network import Shape
from app.backprop.presets import random_simulation
from app.backprop.simulation import Simulation

ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity")
BIASES = ("shared", "per_unit", "none")

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
    "2-3-1-1 binary none": Shape(
        (2, 3, 1, 1), ("tanh", "identity", "sigmoid"), "binary_cross_entropy", "none"
    ),
}


def simulation_of(shape: Shape, seed: int = 1) -> Simulation:
    """Random numbers in a shape, at the very beginning."""
    return random_simulation(
        shape.layers, seed, activations=shape.activations, bias=shape.bias, error=shape.error
    )
