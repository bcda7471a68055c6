"""Random networks: initial weights and biases, and a random example, from a seed."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from app.backprop.errors import check_choice
from app.backprop.network import Example, Network, Shape, default_activations
from app.simulation.iteration import NO_HYPERPARAMETERS
from app.simulation.simulation import Simulation

INITS = ("uniform", "xavier", "equal", "zeros")
EQUAL = 0.5  # the value of every weight
HUNDREDTHS, TEN_THOUSANDTHS = 100, 10_000


def random_simulation(
    layers: Sequence[int],
    seed: int,
    *,
    activations: Sequence[str | Sequence[str]] | None = None,
    bias: str = "shared",
    error: str = "half_squared",
    optimiser: str = "gradient_descent",
    update: str = "each",
    init: str = "uniform",
    examples: Sequence[Example] | None = None,
    learning_rate: float = 0.5,
    shuffle: int | None = None,
    hyperparameters: Mapping[str, float] = NO_HYPERPARAMETERS,
) -> Simulation:
    """Return a simulation with random numbers, which depend on the seed alone.

    `init` is a method of `parameters_of`. By default there is one random example, the same for
    every `init`: inputs in −1 … 1 and targets in 0 … 1 with two decimals, or a one-hot target for
    softmax outputs.

    Raises Invalid if a setting is invalid.
    """
    names: Any = default_activations(layers, error) if activations is None else activations
    words = error, bias, optimiser, update
    decays = "weight_decay" in hyperparameters
    shape = Shape(tuple(layers), tuple(names), *words, weight_decay=decays)
    # NumPy keeps the stream of PCG64 stable, unlike the choice of generator in default_rng.
    generator = np.random.Generator(np.random.PCG64(seed))
    uniform = _random_numbers(generator, -1, shape.parameter_count)
    if examples is None:
        inputs = _random_numbers(generator, -1, shape.layers[0])
        examples = [Example(inputs, _random_targets(generator, shape))]
    parameters = uniform if init == "uniform" else parameters_of(shape, init, seed)
    network = Network(shape, parameters)
    return Simulation.of(network, examples, learning_rate, hyperparameters, shuffle)


def parameters_of(shape: Shape, init: str, seed: int) -> tuple[float, ...]:
    """Return the initial weights, then the initial biases.

    `uniform`: all in −1 … 1, with two decimals. `xavier`: weights uniform in ±√(6 / (n_in + n_out))
    with four decimals, biases 0 (Glorot and Bengio, Understanding the difficulty of training deep
    feedforward neural networks, 2010, formula 16). `equal`: weights 0.5, biases 0. `zeros`: all 0.

    Raises Invalid if `init` is none of these.
    """
    check_choice("init", init, INITS)
    generator = np.random.Generator(np.random.PCG64(seed))
    biases = (0.0,) * sum(shape.bias_counts)
    if init == "uniform":
        return _random_numbers(generator, -1, shape.parameter_count)
    if init == "xavier":
        fractions = _random_numbers(generator, -1, shape.weight_count, TEN_THOUSANDTHS)
        weights = tuple(
            round(fraction * xavier_limit(shape, layer), 4)
            for fraction, (layer, _, _) in zip(fractions, shape.weight_indices(), strict=True)
        )
        return weights + biases
    return (EQUAL if init == "equal" else 0.0,) * shape.weight_count + biases


@lru_cache(maxsize=64)  # a page with the builder open asks at every step
def init_of(network: Network, seed: int) -> str | None:
    """Return the `init` that gives a network's parameters with this seed; None if none does."""
    shape = network.shape
    matches = (init for init in INITS if parameters_of(shape, init, seed) == network.parameters)
    return next(matches, None)


def xavier_limit(shape: Shape, layer: int) -> float:
    """Return √(6 / (n_in + n_out)) for the weights that lead from a layer."""
    return float((6.0 / (shape.layers[layer] + shape.layers[layer + 1])) ** 0.5)


def _random_targets(generator: np.random.Generator, shape: Shape) -> tuple[float, ...]:
    count = shape.layers[-1]
    if shape.activation(shape.depth - 1) != "softmax":
        return _random_numbers(generator, 0, count)
    chosen = int(generator.integers(count))
    return tuple(float(unit == chosen) for unit in range(count))


def _random_numbers(
    generator: np.random.Generator, low: int, count: int, parts: int = HUNDREDTHS
) -> tuple[float, ...]:
    """Numbers from `low` to 1, both included, in steps of 1 / `parts`."""
    numbers = generator.integers(low * parts, parts, count, endpoint=True)
    return tuple(float(number) / parts for number in numbers)
