"""The lines of NumPy on the step card, run in order."""

from itertools import groupby
from typing import Any

import numpy as np
import pytest

from app.backprop.addresses import layer_letter
from app.backprop.functions import OPTIMISERS
from app.backprop.network import BIASES, Shape
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import start_lines
from app.view.notation.numpy_lines import SETTLE, numpy_line
from tests.support.networks import SHAPES, relu_network, simulation_of

MIXED = (
    (("relu", "sigmoid", "tanh"), "sigmoid"),
    (("relu", "relu", "identity"), "tanh"),
    ("relu", ("identity", "sigmoid", "identity")),
)


def lines_of(simulation: Simulation) -> list[str]:
    """What the card of each layer's step says, in order."""
    blocks = groupby(simulation.steps, lambda step: (step.kind, step.layer))
    return [numpy_line(simulation.shape, kind, layer) for (kind, layer), _ in blocks]


def run(simulation: Simulation) -> dict[str, Any]:
    """The names that the lines leave behind; they begin with the network, x, target and lr."""
    example = simulation.examples[simulation.example]
    names: dict[str, Any] = {
        "np": np,
        "x": np.array([example.inputs]),
        "target": np.array([example.targets]),
    }
    exec("\n".join((*SETTLE, *start_lines(simulation))), names)
    for line in lines_of(simulation):
        exec(line, names)
    return names


def letters(shape: Shape, layer: int) -> str:
    return "".join(layer_letter(index, shape.depth).lower() for index in (layer, layer + 1))


def same(got: Any, simulation: Simulation, kind: str, *where: int) -> None:
    """An array against the values at the addresses of a layer, at the end of the iteration."""
    array = np.asarray(got, dtype=float)
    shape = array.shape[1:] if array.ndim == 2 and not kind.startswith("weight") else array.shape
    for place in np.ndindex(shape):
        value = simulation.value("/".join(map(str, (kind, *where, *place))))
        found = array[(0, *place) if array.ndim == len(place) + 1 else place]
        assert found == pytest.approx(value, rel=1e-12, abs=1e-12), (kind, where, place)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_lines_are_a_program(shape: Shape) -> None:
    """Run in order the lines compute the iteration."""
    check(simulation_of(shape))


@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("activations", MIXED, ids=str)
def test_each_unit_has_its_activation(
    activations: tuple[str | tuple[str, ...], ...], bias: str
) -> None:
    """A layer whose units have different activations is computed column by column."""
    for seed in range(1, 6):
        check(simulation_of(Shape((2, 3, 3), activations, bias=bias), seed))


@pytest.mark.parametrize("bias", [0.0, 2.0**-53, -(2.0**-53), 1e-10, -1e-10])
def test_a_net_at_the_kink(bias: float) -> None:
    """A net that is 0 by hand is 0 in the lines, and others keep their side."""
    check(relu_network(bias))


def check(simulation: Simulation) -> None:
    shape, names = simulation.shape, run(simulation)
    simulation = simulation.update()
    for layer in range(1, shape.depth):
        letter = layer_letter(layer, shape.depth).lower()
        weights = letters(shape, layer - 1)
        for name, kind in (
            ("net", "net"),
            ("out", "out"),
            ("slope", "error_slope"),
            ("act", "activation_slope"),
            ("err" if shape.named.minus_delta else "d", "delta"),
        ):
            if shape.fused_delta and layer == shape.depth - 1 and name in ("slope", "act"):
                assert f"{name}_{letter}" not in names
                continue
            array = names[f"{name}_{letter}"]
            assert array.shape == (1, shape.layers[layer])
            same(array, simulation, kind, layer)
        assert names[f"W_{weights}"].shape == shape.layers[layer - 1 : layer + 1]
        same(names[f"dW_{weights}"], simulation, "weight_gradient", layer - 1)
        same(names[f"W_{weights}"], simulation, "weight", layer - 1)
        if shape.accumulates:
            same(names[f"sW_{weights}"], simulation, "weight_sum", layer - 1)
        for rule in OPTIMISERS[shape.optimiser].rules if shape.is_update_iteration else ():
            same(names[f"{rule.code}W_{weights}"], simulation, f"weight_{rule.name}", layer - 1)
        if shape.bias != "none":
            bias = f"theta{layer}" if shape.named.thresholds else f"b{layer}"
            same(names[f"d{bias}"], simulation, "bias_gradient", layer - 1)
            same(names[bias], simulation, "bias", layer - 1)
    same(names["E"], simulation, "error")


def test_the_decks_lines() -> None:
    """The lines of the deck read as on slide 4."""
    lines = lines_of(simulation_of(SHAPES["3-4-2"]))
    assert lines[0] == "net_h = x @ W_ih + b1"
    assert "slope_h = d_o @ W_ho.T" in lines
    assert "dW_ih = x.T @ d_h" in lines
    assert lines[-1] == "b1 = b1 - lr * db1"
    assert len(lines) == 19


def test_no_line_for_what_is_no_step() -> None:
    """An unknown kind is refused."""
    with pytest.raises(ValueError, match="no line"):
        numpy_line(SHAPES["3-4-2"], "nothing", 1)
