"""The program of the matrix form, run by Python."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.backprop.addresses import parse
from app.backprop.network import Example, Shape
from app.examples.presets import PRESETS
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import program_text
from app.view.notation.numpy_lines import names_of
from app.view.rendering.languages import translations
from tests.support.exported_programs import number, outputs
from tests.support.networks import SHAPES, simulation_of

# The promise, for numbers of the size of 1: the last bit of these is worth 2.2e-16. Where an
# iteration has larger ones, all bits of a sum of them are worth more by as much, and NumPy, which
# adds in an order of its own, rounds off others than the steps do.
TOLERANCE = 1e-15


def agree(simulations: Sequence[Simulation], folder: Path) -> None:
    """Every step's value is printed by the programs, and nothing else is."""
    texts = [program_text(simulation, str) for simulation in simulations]
    for simulation, text in zip(simulations, outputs(texts, folder), strict=True):
        lines = [line.partition(" = ") for line in text.splitlines()]
        said = {name: number(value) for name, _, value in lines}
        assert len(lines) == len(said)
        names = {of: name for name, of in names_of(simulation.shape).items()}
        left, tolerance = set(said), TOLERANCE * largest(simulation)
        for step, value in zip(simulation.steps, simulation.trace(), strict=True):
            name, place = placed(names, step.result)
            got = at(said[name], place)
            left.discard(name)
            assert near(got, value, tolerance), (step.result, got, value)
        assert not left


def largest(simulation: Simulation) -> float:
    """The largest number of an iteration that is one, at least 1."""
    return max(1.0, *filter(isfinite, map(abs, simulation.trace() + simulation.start.inputs)))


def placed(names: dict[str, str], address: str) -> tuple[str, tuple[int, ...]]:
    """The name that a quantity is part of, and where in it."""
    _, indices = parse(address)
    for cut in range(len(indices) + 1):
        whole = "/".join(address.split("/")[: 1 + cut])
        if whole in names:
            return names[whole], indices[cut:]
    raise KeyError(address)


def at(array: Any, place: tuple[int, ...]) -> float:
    """An element; of one row, by its column alone."""
    rows = np.array(array, dtype=float)
    return float(rows[(0, *place) if rows.ndim == len(place) + 1 else place])


def near(got: float, value: float, tolerance: float) -> bool:
    if not isfinite(value):
        return got == value or (got != got and value != value)
    return abs(got - value) <= tolerance


def test_small_and_large(tmp_path: Path) -> None:
    """From 1-1 to the largest network, and where training has led, the program prints the values."""
    shapes = [*SHAPES.values(), Shape((8, 8, 8, 8, 8), ("sigmoid",) * 4)]
    simulations = [simulation_of(shape, 5) for shape in shapes]
    agree([*simulations, PRESETS["deck"].simulation.train(100)], tmp_path)


def test_the_example_in_use(tmp_path: Path) -> None:
    """The program has the example of the iteration."""
    simulation = random_simulation([2, 3, 1], 4)
    several = [*simulation.examples, Example((0.25, -0.75), (0.5,))]
    simulation = simulation.edit(examples=several).train(2)
    assert simulation.example == 1
    assert "x = np.array([[0.25, -0.75]])" in program_text(simulation, str)
    agree([simulation], tmp_path)


@pytest.mark.parametrize("weight", [1e200, 5e3, -5e3])
def test_beyond_all_bounds(weight: float, tmp_path: Path) -> None:
    """Overflowed values are printed without a warning."""
    shape = Shape((2, 2, 2), ("relu", "sigmoid"))
    simulation = simulation_of(shape).edit(weights=[[[weight] * 2] * 2] * 2)
    agree([simulation, simulation.train(1).step()], tmp_path)


def test_a_network_that_has_diverged(tmp_path: Path) -> None:
    """Parameters that are not finite are read back."""
    simulation = simulation_of(Shape((1, 1, 1), ("relu", "identity")), 2)
    simulation = simulation.edit(weights=[[[1e160]], [[1e160]]], examples=[Example((1.0,), (0.0,))])
    simulation = simulation.train(3).step()
    assert not all(map(isfinite, simulation.start.inputs))
    agree([simulation], tmp_path)


def test_comments_name_the_slides() -> None:
    """Comments name the slides in the page's language."""
    simulation = PRESETS["deck"].simulation
    english = program_text(simulation, translations("en").gettext)
    korean = program_text(simulation, translations("ko").gettext)
    for slide in (1, 2, 3, 4):
        assert f"slide {slide})" in english
        assert f"슬라이드 {slide})" in korean
    assert [line for line in english.splitlines() if not line.startswith("#")] == [
        line for line in korean.splitlines() if not line.startswith("#")
    ]
