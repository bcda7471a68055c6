"""Exported programs and the notebook, run by Python."""

import json
import re
from math import inf, nan
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from app.backprop.network import Shape
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.export.notebook import notebook
from app.view.export.numpy_program import numpy_program
from app.view.export.pytorch_program import pytorch_program
from app.view.rendering.languages import translations
from tests.support.exported_programs import SETTINGS, agrees, gentle, outputs, printed, run
from tests.support.networks import FEW, simulation_of

KO, EN = translations("ko").gettext, translations("en").gettext


def code_of(text: str) -> str:
    """The code of a notebook, cell after cell, as a kernel runs it."""
    cells = json.loads(text)["cells"]
    return (
        "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code") + "\n"
    )


def test_random_settings(tmp_path: Path) -> None:
    """After 100 iterations the program and the notebook print the simulator's errors and weights."""
    simulations = [gentle(seed) for seed in SETTINGS]
    programs = [numpy_program(simulation, EN) for simulation in simulations]
    programs += [code_of(notebook(simulation, KO)) for simulation in simulations]
    for text, simulation in zip(outputs(programs, tmp_path), simulations * 2, strict=True):
        agrees(printed(text), simulation)


@pytest.mark.parametrize("iterations", [0, 1, 7])
def test_the_number_of_iterations(iterations: int, tmp_path: Path) -> None:
    """The program runs as many iterations as its argument says."""
    said = run(numpy_program(DECK.simulation, EN), tmp_path, f"{iterations}")
    agrees(said, DECK.simulation, iterations)


def test_it_begins_with_the_iteration() -> None:
    """The program does not depend on the cursor."""
    simulation = DECK.simulation.train(3).step()
    for write in (numpy_program, pytorch_program, notebook):
        text = write(simulation, EN)
        for moved in (simulation.forward(), simulation.backward(), simulation.update()):
            assert write(moved, EN) == text
        assert write(simulation.update().step(), EN) != text


@pytest.mark.parametrize("number", [inf, nan, -0.0, 1e300])
def test_beyond_all_bounds(number: float, tmp_path: Path) -> None:
    """Numbers that are not finite are read back and trained on."""
    simulation = simulation_of(Shape((1, 2, 1), ("relu", "identity"))).train(1).step()
    simulation = simulation.edit(weights=[[[number, 1.0]], [[1.0], [number]]])
    said = run(numpy_program(simulation, EN), tmp_path, "0")
    first = next(iter(said.parameters.values()))
    assert repr(first[0][0]).replace("1e+300", "1e300") in repr(number).replace("+", "")
    run(numpy_program(simulation, EN), tmp_path, "5")
    run(code_of(notebook(simulation, EN)), tmp_path)


@pytest.mark.parametrize("translate", [EN, KO], ids=["en", "ko"])
@pytest.mark.parametrize("shape", [*FEW.values(), Shape((8,) * 5, ("tanh",) * 4)])
def test_the_notebook_is_valid(shape: Shape, translate: Any) -> None:
    """The notebook is valid, and its cells are explained."""
    text = notebook(simulation_of(shape), translate)
    read: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(read)
    told = [cell.cell_type for cell in read.cells]
    assert told[0] == "markdown"
    assert told.count("code") == 6
    assert "\n".join(cell.source for cell in read.cells if cell.cell_type == "code") + "\n" == (
        code_of(text)
    )


@pytest.mark.parametrize("write", [numpy_program, pytorch_program, notebook])
def test_in_the_language_of_the_page(write: Any) -> None:
    """Comments are translated, and the code is the same."""
    simulation = DECK.simulation
    english, korean = write(simulation, EN), write(simulation, KO)
    if write is notebook:
        english, korean = code_of(english), code_of(korean)
        assert "역전파" in notebook(simulation, KO)
        assert "Backward pass" in notebook(simulation, EN)
    assert re.search("[가-힣]", korean)
    assert not re.search("[가-힣]", english)
    plain = [[re.sub("#.*", "", line) for line in text.splitlines()] for text in (english, korean)]
    assert plain[0] == plain[1]


def test_the_notebook_looks_before_it_trains() -> None:
    """The first cells compute E and the gradients and change nothing."""
    simulation: Simulation = DECK.simulation.train(4).step()
    cells = [c for c in json.loads(notebook(simulation, EN))["cells"] if c["cell_type"] == "code"]
    known: dict[str, Any] = {}
    exec("".join("".join(cell["source"]) + "\n" for cell in cells[:4]), known)
    done = simulation.update()
    assert float(known["E"]) == pytest.approx(done.value("error"), abs=1e-15)
    gradient = [done.value(f"weight_gradient/0/{i}/{j}") for i in range(3) for j in range(4)]
    np.testing.assert_allclose(known["dW_ih"].ravel(), gradient, atol=1e-15)  # type: ignore[arg-type]
    np.testing.assert_array_equal(known["W_ih"], simulation.network.weights[0])
