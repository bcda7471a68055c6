"""Exported programs and the notebook, run by Python."""

import json
import re
import subprocess
import sys
from keyword import iskeyword
from math import inf, nan
from pathlib import Path
from random import Random
from typing import Any

import nbformat
import numpy as np
import pytest

from app.backprop.compiler import compile_iteration
from app.backprop.functions import OPTIMISERS
from app.backprop.network import BIASES, Shape
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.export.notebook import notebook
from app.view.export.numpy_program import numpy_program
from app.view.export.pytorch_program import pytorch_program
from app.view.export.steps_program import steps_program, variable
from app.view.rendering.languages import translations
from tests.support.exported_programs import (
    SETTINGS,
    agrees,
    drawn,
    gentle,
    is_same,
    outputs,
    printed,
    run,
    triples,
)
from tests.support.networks import FEW, simulation_of

PROGRAMS = 24  # random ones
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


def test_one_iteration_from_any_moment(tmp_path: Path) -> None:
    """After one iteration the program agrees to 1e-12, at every kink, too."""
    simulations = [
        drawn(Random(seed), decimals=1 if seed % 2 else None) for seed in range(PROGRAMS)
    ]
    programs = [numpy_program(simulation, EN) for simulation in simulations]
    for text, simulation in zip(outputs(programs, tmp_path, "1"), simulations, strict=True):
        agrees(printed(text), simulation, 1)


def test_every_bit_of_the_steps(tmp_path: Path) -> None:
    """The program of the steps prints every bit, with the standard library alone."""
    simulations = [
        drawn(Random(seed), decimals=1 if seed % 2 else None) for seed in range(PROGRAMS)
    ]
    programs = [steps_program(simulation, EN) for simulation in simulations]
    texts = outputs(programs, tmp_path, flag="-IS")
    for text, simulation in zip(texts, simulations, strict=True):
        is_same(printed(text), simulation)


def test_it_runs_from_the_command_line(tmp_path: Path) -> None:
    """`python -S -E steps.py 100` continues training as the simulator does."""
    simulation = DECK.simulation.train(3).step()
    (tmp_path / "steps.py").write_text(steps_program(simulation, KO), encoding="utf-8")
    command = [sys.executable, "-S", "-E", "steps.py", "100"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    is_same(printed(text), simulation)
    done = simulation.train(100)
    assert printed(text).errors[102] == done.value("error") == done.previous_error
    assert printed(text).parameters["W_ho"] == list(map(list, done.current_network.weights[1]))


def test_nets_that_are_0_by_hand(tmp_path: Path) -> None:
    """All 270 of them are 0 with slope 0 in the simulator and the programs; no weight moves."""
    simulations = list(triples())
    assert len(simulations) == 270
    for simulation in simulations:
        done = simulation.update()
        assert (done.value("net/1/0"), done.value("activation_slope/1/0")) == (0.0, 0.0)
        assert done.current_network == simulation.network
    for write in (numpy_program, steps_program):
        programs = [write(simulation, EN) for simulation in simulations]
        for text, simulation in zip(outputs(programs, tmp_path, "3"), simulations, strict=True):
            said = printed(text)
            assert said.errors == {0: 0.5, 1: 0.5, 2: 0.5}
            assert said.parameters["W_ih"] == list(map(list, simulation.network.weights[0]))


# Names depend on the depth and the bias in the layers, on the optimiser in the updates.
LARGEST = [
    *(((8,) * depth, bias, "gradient_descent") for depth in range(2, 6) for bias in BIASES),
    *(((8,) * 5, "per_unit", optimiser) for optimiser in OPTIMISERS),
]


@pytest.mark.parametrize(("layers", "bias", "optimiser"), LARGEST)
def test_every_name_is_a_variable_of_its_own(
    layers: tuple[int, ...], bias: str, optimiser: str
) -> None:
    """No two quantities have the same name, and none has that of a function."""
    activations = ("relu",) * (len(layers) - 1)
    shape = Shape(layers, activations, bias=bias, optimiser=optimiser, update="mean")
    compiled = compile_iteration(shape)
    quantities = {step.result for step in compiled.steps} | set(compiled.inputs)
    quantities = {address.replace("_before", "") for address in quantities}
    names = {variable(address, shape) for address in quantities}
    assert len(names) == len(quantities)
    assert all(name.isidentifier() and not iskeyword(name) for name in names)
    text = steps_program(simulation_of(shape), EN)
    assert not names & set(
        re.findall(r"(?:def |import |, )(\w+)(?=[(,\n])", text.partition("examples")[0])
    )


@pytest.mark.parametrize("iterations", [0, 1, 7])
def test_the_number_of_iterations(iterations: int, tmp_path: Path) -> None:
    """The program runs as many iterations as its argument says."""
    said = run(numpy_program(DECK.simulation, EN), tmp_path, f"{iterations}")
    agrees(said, DECK.simulation, iterations)
    is_same(
        run(steps_program(DECK.simulation, EN), tmp_path, f"{iterations}"),
        DECK.simulation,
        iterations,
    )


def test_it_begins_with_the_iteration() -> None:
    """The program does not depend on the cursor."""
    simulation = DECK.simulation.train(3).step()
    for write in (numpy_program, steps_program, pytorch_program, notebook):
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
    is_same(run(steps_program(simulation, EN), tmp_path, "5"), simulation, 5)
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


@pytest.mark.parametrize("write", [numpy_program, steps_program, pytorch_program, notebook])
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
