"""Networks and examples: validation and layout."""

from collections.abc import Callable
from typing import Any

import pytest

from app.backprop.errors import Invalid
from app.backprop.network import Example, Network, Shape, check_examples

SIGMOIDS = ("sigmoid", "sigmoid")
W = [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0], [8.0]]]  # 3-2-1


def test_parameters_are_weights_by_rows_then_biases() -> None:
    """Parameters are the weights by layer and row, then the biases."""
    network = Network.of((3, 2, 1), W, [[0.5], [-0.5]])
    assert network.parameters == (1, 2, 3, 4, 5, 6, 7, 8, 0.5, -0.5)
    assert network.weights == (((1, 2), (3, 4), (5, 6)), ((7,), (8,)))
    assert network.biases == ((0.5,), (-0.5,))
    assert network.shape == Shape((3, 2, 1), SIGMOIDS, "half_squared", "shared")


def test_parameters_with_a_bias_for_each_unit() -> None:
    """With a bias per unit each layer has one bias for each unit."""
    network = Network.of((3, 2, 1), W, [[0.5, 0.25], [-0.5]], bias="per_unit")
    assert network.parameters[8:] == (0.5, 0.25, -0.5)
    assert network.biases == ((0.5, 0.25), (-0.5,))


@pytest.mark.parametrize("biases", [(), [], [[], []]])
def test_parameters_without_biases(biases: Any) -> None:
    """No biases may be given as no list or as empty lists."""
    network = Network.of((3, 2, 1), W, biases, bias="none")
    assert len(network.parameters) == 8
    assert network.biases == ()


def test_indices_and_counts_of_3_4_2() -> None:
    """Indices of weights and biases come in the order of the parameters."""
    shape = Shape((3, 4, 2), SIGMOIDS)
    assert (shape.depth, shape.weight_count, shape.parameter_count) == (3, 20, 22)
    indices = list(shape.weight_indices())
    assert indices[:5] == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 0, 3), (0, 1, 0)]
    assert indices[11:14] == [(0, 2, 3), (1, 0, 0), (1, 0, 1)]
    assert list(shape.bias_indices()) == [(0,), (1,)]
    assert list(Shape((1, 2, 1), SIGMOIDS, bias="per_unit").bias_indices()) == [
        (0, 0),
        (0, 1),
        (1, 0),
    ]
    assert list(Shape((1, 2, 1), SIGMOIDS, bias="none").bias_indices()) == []


MISFITS: dict[str, tuple[str, Callable[[], object]]] = {
    "one layer": ("network.layers", lambda: Shape((3,), ())),
    "six layers": ("network.layers", lambda: Shape((1,) * 6, ("tanh",) * 5)),
    "no unit": ("network.layers.1", lambda: Shape((3, 0, 2), SIGMOIDS)),
    "nine units": ("network.layers.2", lambda: Shape((3, 4, 9), SIGMOIDS)),
    "too few activations": ("network.activations", lambda: Shape((3, 4, 2), ("sigmoid",))),
    "too many activations": ("network.activations", lambda: Shape((3, 4, 2), ("tanh",) * 3)),
    "activation": ("network.activations.1", lambda: Shape((3, 4, 2), ("sigmoid", "cubic"))),
    "softmax without its error": ("network.error", lambda: Shape((3, 2), ("softmax",))),
    "softmax before the outputs": ("network.activations.0", lambda: Shape((3, 4, 2), ("softmax",) * 2, "cross_entropy")),
    "softmax of one output": ("network.layers.1", lambda: Shape((3, 1), ("softmax",), "cross_entropy")),
    "cross entropy of sigmoids": ("network.activations.0", lambda: Shape((3, 2), ("sigmoid",), "cross_entropy")),
    "binary cross entropy of tanh": ("network.activations.1", lambda: Shape((3, 4, 2), ("sigmoid", "tanh"), "binary_cross_entropy")),
    "optimiser": ("network.optimiser", lambda: Shape((1, 1), ("tanh",), optimiser="sgd")),
    "update": ("network.update", lambda: Shape((1, 1), ("tanh",), update="never")),
    "error": ("network.error", lambda: Shape((3, 4, 2), SIGMOIDS, "absolute")),
    "bias": ("network.bias", lambda: Shape((3, 4, 2), SIGMOIDS, bias="some")),
    "a matrix missing": ("network.weights", lambda: of(W[:1], [[0], [0]])),
    "a row missing": ("network.weights.0", lambda: of([W[0][:2], W[1]], [[0], [0]])),
    "a weight too many": ("network.weights.1.0", lambda: of([W[0], [[7, 7], [8]]], [[0], [0]])),
    "a layer's bias missing": ("network.biases", lambda: of(W, [[0]])),
    "all biases missing": ("network.biases", lambda: of(W, [])),
    "two shared biases": ("network.biases.0", lambda: of(W, [[0, 0], [0]])),
    "too few biases": ("network.biases.0", lambda: of(W, [[0], [0]], bias="per_unit")),
    "biases where none are": ("network.biases.0", lambda: of(W, [[0], [0]], bias="none")),
}  # fmt: skip


def of(weights: Any, biases: Any, bias: str = "shared") -> Network:
    return Network.of((3, 2, 1), weights, biases, bias=bias)


@pytest.mark.parametrize(("field", "make"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_named(field: str, make: Callable[[], object]) -> None:
    """An invalid network is refused with the field at fault."""
    with pytest.raises(Invalid) as caught:
        make()
    assert caught.value.field == field
    assert caught.value.message
    assert str(caught.value) == f"{field}: {caught.value.message}"


@pytest.mark.parametrize(
    ("field", "examples"),
    [
        ("examples", []),
        ("examples.0.inputs", [Example((1.0,), (1.0,))]),
        ("examples.1.targets", [Example((1.0, 2.0), (1.0,)), Example((1.0, 2.0), ())]),
        ("examples.1.inputs", [Example((1.0, 2.0), (1.0,)), Example((1.0, 2.0, 3.0), (1.0,))]),
    ],
)
def test_examples_that_do_not_fit_are_named(field: str, examples: list[Example]) -> None:
    """Examples must fit the network's inputs and outputs."""
    with pytest.raises(Invalid) as caught:
        check_examples(Shape((2, 1), ("tanh",)), examples)
    assert caught.value.field == field
