"""The program of the matrix view, run as a file by a Python of its own."""

import subprocess
import sys
from ast import literal_eval
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
from tests.support.networks import SHAPES, simulation_of

# The promise, for numbers of the size of 1: the last bit of these is worth 2.2e-16. Where an
# iteration has larger ones, all bits of a sum of them are worth more by as much, and NumPy, which
# adds in an order of its own, rounds off others than the steps do.
TOLERANCE = 1e-15


def printed(text: str, folder: Path) -> dict[str, Any]:
    """What the program says, by name; it may not complain of anything."""
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    # -I: neither this project nor its settings are within its reach.
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.partition(" = ") for line in done.stdout.splitlines()]
    assert len(lines) == len({name for name, _, _ in lines})
    return {name: numbers(value) for name, _, value in lines}


def numbers(text: str) -> Any:
    """A list or number as Python writes it; it has no literals for inf and nan."""
    return literal_eval(text) if "n" not in text else eval(text, {"inf": np.inf, "nan": np.nan})


def agrees(simulation: Simulation, folder: Path, largest: float = 1.0) -> None:
    """Every step's value is printed, and nothing else is."""
    said = printed(program_text(simulation, str), folder)
    names = {of: name for name, of in names_of(simulation.shape).items()}
    left = set(said)
    for step, value in zip(simulation.steps, simulation.trace(), strict=True):
        name, place = placed(names, step.result)
        got = at(said[name], place)
        left.discard(name)
        assert near(got, value, TOLERANCE * largest), (step.result, got, value)
    assert not left


def largest(simulation: Simulation) -> float:
    """The largest number of an iteration that is one, at least 1."""
    return max(1.0, *filter(isfinite, map(abs, simulation.trace() + simulation.inputs())))


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


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("iterations", [0, 1, 100])
def test_named_examples(name: str, iterations: int, tmp_path: Path) -> None:
    """At the start, and from where training has led, the program prints the session's values."""
    agrees(PRESETS[name].simulation.train(iterations), tmp_path)


@pytest.mark.parametrize("name", [*SHAPES, "8-8-8-8-8"])
def test_small_and_large(name: str, tmp_path: Path) -> None:
    """From 1-1 to the largest network that there is."""
    shape = SHAPES.get(name) or Shape((8, 8, 8, 8, 8), ("sigmoid",) * 4)
    simulation = simulation_of(shape, 5)
    agrees(simulation, tmp_path, largest(simulation))


def test_the_example_in_use(tmp_path: Path) -> None:
    """Of several examples the program has the one that the iteration uses."""
    simulation = random_simulation([2, 3, 1], 4)
    several = [*simulation.examples, Example((0.25, -0.75), (0.5,))]
    simulation = simulation.edit(examples=several).train(2)
    assert simulation.example == 1
    assert "x = np.array([[0.25, -0.75]])" in program_text(simulation, str)
    agrees(simulation, tmp_path)


@pytest.mark.parametrize("weight", [1e200, 5e3, -5e3])
def test_beyond_all_bounds(weight: float, tmp_path: Path) -> None:
    """Where the values have overflowed, they are printed as they are, without a complaint."""
    shape = Shape((2, 2, 2), ("relu", "sigmoid"))
    simulation = simulation_of(shape).edit(weights=[[[weight] * 2] * 2] * 2)
    for moment in (simulation, simulation.train(1).step()):
        agrees(moment, tmp_path, largest(moment))


def test_a_network_that_has_diverged(tmp_path: Path) -> None:
    """Weights that are infinite or no number can be read back, too."""
    simulation = simulation_of(Shape((1, 1, 1), ("relu", "identity")), 2)
    simulation = simulation.edit(weights=[[[1e160]], [[1e160]]], examples=[Example((1.0,), (0.0,))])
    simulation = simulation.train(3).step()
    assert not all(map(isfinite, simulation.inputs()))
    agrees(simulation, tmp_path)


def test_comments_name_the_slides() -> None:
    """In the page's language each part says which slide of the deck it is."""
    simulation = PRESETS["deck"].simulation
    english = program_text(simulation, translations("en").gettext)
    korean = program_text(simulation, translations("ko").gettext)
    for number in (1, 2, 3, 4):
        assert f"slide {number})" in english
        assert f"슬라이드 {number})" in korean
    assert [line for line in english.splitlines() if not line.startswith("#")] == [
        line for line in korean.splitlines() if not line.startswith("#")
    ]
