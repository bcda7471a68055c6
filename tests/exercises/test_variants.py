"""Variants: numbers that are pleasant by hand, and the same for good."""

from fractions import Fraction
from hashlib import sha256
from random import Random

import pytest

from app.backprop.errors import Invalid
from app.backprop.functions import ACTIVATIONS
from app.backprop.network import Shape
from app.examples.presets import PRESETS
from app.exercises.variants import DECIMALS, LAST_SEED, Structure, variant
from app.simulation.simulation import Simulation
from tests.support.random_networks import random_network

DECK = Structure(Shape((3, 4, 2), ("sigmoid", "sigmoid")))
# Sheets are on paper: whatever changes in the code, these numbers may not. If others are wanted, the
# links need a field that tells old sheets from new ones.
RECORD = {
    ((3, 4, 2), ("sigmoid", "sigmoid"), "half_squared", "shared", 1): "44542a012f4b1dc3",
    ((2, 2, 2), ("sigmoid", "sigmoid"), "half_squared", "per_unit", 2): "10313447d3ae305a",
    ((3, 4, 2), ("relu", "identity"), "mean_squared", "none", 0): "f1e39edc34ac24bc",
    ((2, 3, 3), ("tanh", "softmax"), "cross_entropy", "shared", 1): "6071403af6617fa2",
    (
        (8, 8, 8, 8, 8),
        ("leaky_relu", "relu", "tanh", "sigmoid"),
        "huber",
        "per_unit",
        1,
    ): "2571cecefe09d41d",
}
FIRST = [
    -0.7,
    -0.6,
    -0.4,
    -0.2,
    0.9,
    0.2,
    0.5,
    0.9,
    -0.2,
    -0.4,
    0.9,
    0.6,
    0.3,
    -0.4,
    0.7,
    -0.6,
    0.4,
    0.4,
    -0.6,
    0.3,
    0.6,
    0.9,
    0.5,
    1.0,
    0.2,
    0.5,
    0.4,
]


def numbers_of(simulation: Simulation) -> list[float]:
    """All given numbers, without the settings."""
    [example] = simulation.examples
    return [*simulation.network.parameters, *example.inputs, *example.targets]


def nets(simulation: Simulation) -> list[list[float]]:
    """Σ out·w + b of each unit, by layer, added up here from the given numbers and the outs."""
    layers = simulation.shape.layers
    finished = simulation.update()
    found = []
    for layer, matrix in enumerate(simulation.network.weights):
        rows = []
        for unit in range(layers[layer + 1]):
            biases = simulation.network.biases[layer] if simulation.network.biases else (0.0,)
            net = biases[unit if len(biases) > 1 else 0]
            for source in range(layers[layer]):
                out = finished.operand(f"out/{layer}/{source}")
                assert out is not None
                net += out * matrix[source][unit]
            rows.append(net)
        found.append(rows)
    return found


def structures(count: int) -> list[Structure]:
    """Structures of every kind, with every number of decimals."""
    random = Random(5)
    return [Structure.of(random_network(random), random.choice(DECIMALS)) for _ in range(count)]


def test_the_record() -> None:
    """A seed gives the same numbers as when the first sheets were printed."""
    assert numbers_of(variant(DECK, 4711)) == FIRST
    for (layers, activations, error, bias, decimals), known in RECORD.items():
        structure = Structure(Shape(layers, activations, error, bias), decimals=decimals)
        texts = [repr(numbers_of(variant(structure, seed))) for seed in range(25)]
        assert sha256("\n".join(texts).encode()).hexdigest()[:16] == known, (layers, decimals)


def test_numbers_have_few_digits() -> None:
    """No given number has more decimals than asked for, or is 0, except for a target."""
    for structure in structures(60):
        one = 10**structure.decimals
        simulation = variant(structure, 3)
        [example] = simulation.examples
        for number in numbers_of(simulation):
            exact = Fraction(repr(number)) * one
            assert exact.denominator == 1
        assert all([*simulation.network.parameters, *example.inputs])
        assert max(map(abs, numbers_of(simulation))) <= 2


def test_no_unit_is_saturated() -> None:
    """Nets are neither close to 0 nor large, and units with a kink are on and off."""
    for seed, structure in enumerate(structures(120)):
        simulation = variant(structure, seed)
        shape = simulation.shape
        for layer, row in enumerate(nets(simulation), 1):
            names = [shape.activation(layer, unit) for unit in range(shape.layers[layer])]
            for name, net in zip(names, row, strict=True):
                assert 0.049 < abs(net) < {"sigmoid": 2.51, "tanh": 1.51}.get(name, 3.01)
            kinked = [n > 0 for n, name in zip(row, names, strict=True) if ACTIVATIONS[name].kinked]
            if len(kinked) > 1 and layer < shape.depth - 1:
                assert set(kinked) == {True, False}
            else:
                assert all(kinked)


def test_every_layer_learns() -> None:
    """Each layer has a gradient, and no output is at its target."""
    for seed, structure in enumerate(structures(120)):
        simulation = variant(structure, seed).update()
        shape = simulation.shape
        for layer in range(1, shape.depth):
            deltas = [simulation.value(f"delta/{layer}/{u}") for u in range(shape.layers[layer])]
            assert max(abs(delta or 0.0) for delta in deltas) >= 0.001, (structure, seed)


def test_targets_fit_the_error_function() -> None:
    """Where targets are probabilities they are 0 or 1, of softmax one of them 1."""
    for seed in range(30):
        shape = Shape((2, 3, 3), ("tanh", "softmax"), "cross_entropy")
        [example] = variant(Structure(shape), seed).examples
        assert sorted(example.targets) == [0, 0, 1]
        shape = Shape((2, 3, 3), ("tanh", "sigmoid"), "binary_cross_entropy")
        [example] = variant(Structure(shape), seed).examples
        assert set(example.targets) <= {0, 1}


def test_settings_are_kept() -> None:
    """All but the numbers is as in the exercise; there is one example, at the very start."""
    for preset in PRESETS.values():
        before = preset.simulation.train(3)
        after = variant(Structure.of(before), 1)
        assert after.moment == (0, 0)
        assert len(after.examples) == 1
        assert after.learning_rate == before.learning_rate
        assert after.start.hyperparameter_values == before.start.hyperparameter_values
        for name in ("layers", "activations", "error", "bias", "optimiser", "weight_decay"):
            assert getattr(after.network.shape, name) == getattr(before.network.shape, name)


def test_seeds_differ() -> None:
    """Neighbours have different numbers."""
    made = {tuple(numbers_of(variant(DECK, seed))) for seed in range(500)}
    assert len(made) == 500


@pytest.mark.parametrize("seed", [-1, LAST_SEED + 1])
def test_refused_seeds(seed: int) -> None:
    """A seed has at most nine digits."""
    with pytest.raises(Invalid, match="999,999,999"):
        variant(DECK, seed)


def test_refused_decimals() -> None:
    """There are at most two decimals."""
    with pytest.raises(Invalid, match="given_decimals: must be an integer from 0 to 2"):
        Structure(DECK.shape, decimals=3)
