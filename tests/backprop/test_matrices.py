"""Slide 4's matrices against the steps, and against numbers written by hand."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.matrices import Array, forward, iterate
from app.backprop.network import Example, Network
from app.examples.presets import PRESETS
from app.simulation.simulation import Simulation
from app.web.api.schemas.serialize import values_of
from tests.backprop.strategies import ACTIVATIONS, BIASES


@st.composite
def simulations(draw: st.DrawFn) -> Simulation:
    """Any shape, at random numbers of a drawn size: seeded, since numbers chosen to cancel would
    leave only the rounding to compare."""
    layers = tuple(draw(st.lists(st.integers(1, 8), min_size=2, max_size=5)))
    bias = draw(st.sampled_from(BIASES))
    size = draw(st.sampled_from((0.5, 1.0, 4.0)))
    random = Random(draw(st.integers(0, 2**32)))

    def row(length: int) -> list[float]:
        return [random.uniform(-size, size) for _ in range(length)]

    network = Network.of(
        layers,
        [[row(after) for _ in range(before)] for before, after in pairwise(layers)],
        [] if bias == "none" else [row(1 if bias == "shared" else units) for units in layers[1:]],
        activations=[draw(st.sampled_from(ACTIVATIONS)) for _ in layers[1:]],
        bias=bias,
    )
    return Simulation.of(network, [Example(tuple(row(layers[0])), tuple(row(layers[-1])))], 0.5)


def close(array: Array, numbers: object, shape: tuple[int, int], least: float) -> None:
    expected = np.array(numbers, dtype=float).reshape(shape)
    assert array.shape == shape
    assert np.abs(array - expected).max() <= 1e-12 * max(least, np.abs(expected).max())


def saturated(simulation: Simulation) -> bool:
    """Whether 1 − out itself has lost digits somewhere, so that its slope has fewer left."""
    return any(
        value < 1e-3
        for step, value in zip(simulation.steps, simulation.trace(), strict=True)
        if step.kind == "activation_slope"
    )


@given(simulation=simulations())
@settings(deadline=None, derandomize=True, max_examples=150)
def test_matrices_agree_with_the_steps(simulation: Simulation) -> None:
    """Everything is within 1e-12 of the largest of its kind and layer (of 1 where a unit is
    saturated), in the deck's shapes."""
    end = simulation.update()
    least = 1.0 if saturated(simulation) else 0.0
    values, new = values_of(end), end.shown
    matrices = iterate(simulation.network, simulation.examples[0], 0.5)
    layers = simulation.network.shape.layers
    for kind in ("net", "out", "delta"):
        for array, row in zip(getattr(matrices, kind), getattr(values, kind), strict=True):
            close(array, row, (1, len(row)), least)
    close(matrices.output_errors, values.output_errors, (1, layers[-1]), least)
    assert values.error is not None
    assert abs(matrices.error - values.error) <= 1e-12 * max(least, values.error)
    for layer, size in enumerate(pairwise(layers)):
        close(matrices.weight_gradients[layer], values.weight_gradients[layer], size, least)
        close(matrices.weights[layer], new.weights[layer], size, least)
    assert len(matrices.biases) == len(matrices.bias_gradients) == len(new.biases)
    for layer, row in enumerate(new.biases):
        close(matrices.bias_gradients[layer], values.bias_gradients[layer], (1, len(row)), least)
        close(matrices.biases[layer], row, (1, len(row)), least)


def test_deck_shapes() -> None:
    """As on the slides: out_H is 1×4, W_IH and its gradient 3×4, W_HO 4×2, each bias one number."""
    deck = PRESETS["deck"].simulation
    matrices = iterate(deck.network, deck.examples[0], deck.learning_rate)
    assert [out.shape for out in matrices.out] == [(1, 4), (1, 2)]
    assert [delta.shape for delta in matrices.delta] == [(1, 4), (1, 2)]
    assert [w.shape for w in matrices.weights] == [(3, 4), (4, 2)]
    assert [g.shape for g in matrices.weight_gradients] == [(3, 4), (4, 2)]
    assert [b.shape for b in matrices.biases] == [(1, 1), (1, 1)]


def test_a_chain_by_hand() -> None:
    """The 1-1-1 network worked out on paper in test_program gives the same numbers here."""
    network = Network.of(
        (1, 1, 1), [[[3.0]], [[-1.0]]], [[1.0], [2.0]], activations=("identity",) * 2
    )
    matrices = iterate(network, Example((2.0,), (-4.0,)), 0.5)
    assert [float(n[0, 0]) for n in matrices.net] == [7.0, -5.0]
    assert matrices.error == 0.5
    assert [float(d[0, 0]) for d in matrices.delta] == [1.0, -1.0]
    assert [float(w[0, 0]) for w in matrices.weights] == [2.0, 2.5]
    assert [float(b[0, 0]) for b in matrices.biases] == [0.5, 2.5]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("size", [1e6, -1e6, 1e200])
def test_overflow_is_no_warning(activation: str, size: float) -> None:
    """Saturation and overflow give what floats give, without an exception or a warning."""
    network = Network.of(
        (2, 2, 2), [[[size, -size]] * 2] * 2, [[size]] * 2, activations=(activation,) * 2
    )
    matrices = iterate(network, Example((size, 1.0), (0.0, 1.0)), 1e6)
    assert all(out.shape == (1, 2) for out in matrices.out)


def test_forward_takes_many_examples() -> None:
    """With a row per example, each row of out is that example's own."""
    deck = PRESETS["deck"].simulation
    weights = [np.array(matrix) for matrix in deck.network.weights]
    biases = [np.array([row]) for row in deck.network.biases]
    inputs = ((1.0, 0.5, -1.0), (0.0, 0.0, 0.0), (-2.0, 1.0, 3.0))
    _, out = forward(deck.network.shape, weights, biases, np.array(inputs))
    assert out[-1].shape == (3, 2)
    for row, x in zip(out[-1], inputs, strict=True):
        alone = values_of(Simulation.of(deck.network, [Example(x, (0.0, 0.0))], 0.5).forward())
        assert row.tolist() == pytest.approx(alone.out[-1], rel=1e-14)
