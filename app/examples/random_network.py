"""How a network's weights and biases begin, and the examples that go with them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from app.backprop.errors import check_choice
from app.backprop.network import Example, Network, Shape, default_activations
from app.simulation.simulation import Simulation

INITS = ("uniform", "xavier", "equal", "zeros")
EQUAL = 0.5  # every weight
HUNDRED, FINE = 100, 10_000  # steps of a number from 0 to 1


def random_simulation(
    layers: Sequence[int],
    seed: int,
    *,
    activations: Sequence[str] | None = None,
    bias: str = "shared",
    error: str = "half_squared",
    optimiser: str = "gradient_descent",
    update: str = "each",
    init: str = "uniform",
    examples: Sequence[Example] | None = None,
    learning_rate: float = 0.5,
    shuffle: int | None = None,
) -> Simulation:
    """A network with numbers of its own, the same for the same seed everywhere.

    `init` says how its weights and biases begin (see `parameters_of`). Where no examples are given,
    there is one, of random numbers with two decimals: inputs in −1 … 1, targets in 0 … 1, of which
    softmax outputs get one 1 among zeros; the same for every `init`.

    Raises:
        Invalid: where there can be no such network.
    """
    names = default_activations(layers, error) if activations is None else tuple(activations)
    shape = Shape(tuple(layers), names, error, bias, optimiser, update)
    # The stream of this generator is fixed, unlike default_rng's.
    draw = np.random.Generator(np.random.PCG64(seed))
    uniform = _drawn(draw, -HUNDRED, HUNDRED, shape.parameter_count)
    if examples is None:
        inputs = _drawn(draw, -HUNDRED, HUNDRED, shape.layers[0])
        examples = [Example(inputs, _targets(draw, shape))]
    parameters = uniform if init == "uniform" else parameters_of(shape, init, seed)
    return Simulation.of(Network(shape, parameters), examples, learning_rate, shuffle=shuffle)


def parameters_of(shape: Shape, init: str, seed: int) -> tuple[float, ...]:
    """All weights, then all biases, as they begin.

    `uniform`: all of them in −1 … 1, with two decimals. `xavier`: weights with four decimals, even
    in ±√(6 / (n_in + n_out)) of their two layers, and biases of 0 (Glorot and Bengio, Understanding
    the difficulty of training deep feedforward neural networks, 2010, formula 16). `equal`: every
    weight 0.5, and biases of 0. `zeros`: all of them 0.

    Raises:
        Invalid: where there is no such way.
    """
    check_choice("init", init, INITS)
    draw = np.random.Generator(np.random.PCG64(seed))
    biases = (0.0,) * sum(shape.bias_counts)
    if init == "uniform":
        return _drawn(draw, -HUNDRED, HUNDRED, shape.parameter_count)
    if init == "xavier":
        parts = _drawn(draw, -FINE, FINE, shape.weight_count, FINE)
        places = shape.weight_indices()
        weights = tuple(
            round(part * xavier_limit(shape, place[0]), 4)
            for part, place in zip(parts, places, strict=True)
        )
        return weights + biases
    return (EQUAL if init == "equal" else 0.0,) * shape.weight_count + biases


@lru_cache(maxsize=64)  # a page with the builder open asks at each step, of the same network
def init_of(network: Network, seed: int) -> str | None:
    """How the parameters of a network began, with this seed; None where in none of these ways."""
    shape = network.shape
    ways = (init for init in INITS if parameters_of(shape, init, seed) == network.parameters)
    return next(ways, None)


def xavier_limit(shape: Shape, layer: int) -> float:
    """√(6 / (n_in + n_out)) of the weights that lead from a layer."""
    return float((6.0 / (shape.layers[layer] + shape.layers[layer + 1])) ** 0.5)


def _targets(draw: np.random.Generator, shape: Shape) -> tuple[float, ...]:
    count = shape.layers[-1]
    if shape.activations[-1] != "softmax":
        return _drawn(draw, 0, HUNDRED, count)
    chosen = int(draw.integers(count))
    return tuple(float(unit == chosen) for unit in range(count))


def _drawn(
    draw: np.random.Generator, low: int, high: int, count: int, parts: int = HUNDRED
) -> tuple[float, ...]:
    """Numbers in low/parts … high/parts, in even steps."""
    return tuple(float(n) / parts for n in draw.integers(low, high, count, endpoint=True))
