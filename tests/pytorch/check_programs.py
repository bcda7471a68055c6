"""The PyTorch program that is taken home, run in an environment of its own: `make verify-pytorch`.

`make test` does not collect this file, so that it needs no PyTorch.
"""

import json
import subprocess
from pathlib import Path
from random import Random

import numpy as np
import pytest

from app.examples.presets import PRESETS
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import parameter_names
from app.view.export.pytorch_program import pytorch_program
from benchmarks.environments import NotInstalledError, python_of
from tests.support.exported_programs import (
    SETTINGS,
    agrees,
    drawn,
    gentle,
    outputs,
    printed,
    run,
    triples,
)
from tests.support.networks import SHAPES, simulation_of

# Loads each program without training, and prints autograd's gradients of its iteration's E.
GRADIENTS = """
import json, runpy, sys
paths, sys.argv = sys.argv[1:], ["run.py", "0"]
for path in paths:
    known = runpy.run_path(path)
    for parameter in known["parameters"]:
        parameter.grad = None  # what a pass has gathered before
    known["error_of"](*known["examples"][int(path.split(".")[-2])]).backward()
    print(json.dumps([parameter.grad.tolist() for parameter in known["parameters"]]))
"""


@pytest.fixture(scope="session")
def python() -> str:
    try:
        return str(python_of("pytorch"))
    except NotInstalledError as error:
        pytest.fail(f"PyTorch cannot be installed here: {error}", pytrace=False)


def names(seed: int) -> str:
    simulation = gentle(seed)
    shape = simulation.network.shape
    layers = "-".join(map(str, shape.layers))
    return f"{layers} {shape.activations} {shape.bias} {shape.error} {shape.optimiser}"


@pytest.mark.parametrize("seed", SETTINGS, ids=names)
def test_random_settings(seed: int, python: str, tmp_path: Path) -> None:
    """After 100 iterations it prints the simulator's errors and weights."""
    simulation = gentle(seed)
    agrees(run(pytorch_program(simulation, str), tmp_path, python=python), simulation)


def test_one_iteration_from_any_moment(python: str, tmp_path: Path) -> None:
    """After one iteration it agrees to 1e-12, at every kink, too."""
    simulations = [drawn(Random(seed), decimals=1 if seed % 2 else None) for seed in range(60)]
    programs = [pytorch_program(simulation, str) for simulation in simulations]
    texts = outputs(programs, tmp_path, "1", python=python)
    for text, simulation in zip(texts, simulations, strict=True):
        agrees(printed(text), simulation, 1)


def test_nets_that_are_0_by_hand(python: str, tmp_path: Path) -> None:
    """Where three weights of one decimal sum to 0, no weight moves."""
    simulations = list(triples())
    programs = [pytorch_program(simulation, str) for simulation in simulations]
    texts = outputs(programs, tmp_path, "3", python=python)
    for text, simulation in zip(texts, simulations, strict=True):
        said = printed(text)
        assert said.errors == {0: 0.5, 1: 0.5, 2: 0.5}
        assert said.parameters["W_ih"] == list(map(list, simulation.network.weights[0]))


@pytest.mark.parametrize("name", PRESETS)
def test_named_examples(name: str, python: str, tmp_path: Path) -> None:
    """So it does of the named examples, 1,000 iterations on."""
    simulation = PRESETS[name].simulation.train(1000).step()
    agrees(run(pytorch_program(simulation, str), tmp_path, python=python), simulation)


def test_gradients(python: str, tmp_path: Path) -> None:
    """autograd's gradients of one iteration are those of the steps."""
    simulations = [gentle(seed) for seed in SETTINGS]
    simulations += [simulation_of(shape) for shape in SHAPES.values()]
    simulations += [preset.simulation for preset in PRESETS.values()]
    numbered = enumerate(simulation.example for simulation in simulations)
    paths = [tmp_path / f"{index}.{example}.py" for index, example in numbered]
    for path, simulation in zip(paths, simulations, strict=True):
        text = pytorch_program(simulation, str)
        quiet = "\n".join(line for line in text.splitlines() if not line.startswith("print("))
        path.write_text(quiet, encoding="utf-8")
    command = [python, "-I", "-W", "error", "-c", GRADIENTS, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = list(map(json.loads, done.stdout.splitlines()))
    for simulation, gradients in zip(simulations, found, strict=True):
        assert len(gradients) == len(parameter_names(simulation.shape))
        theirs = np.concatenate([np.ravel(gradient) for gradient in gradients])
        np.testing.assert_allclose(theirs, gradients_of(simulation), rtol=1e-12, atol=1e-12)


def gradients_of(simulation: Simulation) -> list[float]:
    """The simulator's gradients of this iteration, in the order of its parameters."""
    trace, position = simulation.trace(), simulation.compiled.position
    addresses = simulation.compiled.inputs[: simulation.network.shape.parameter_count]
    return [
        trace[position[f"{kind}_gradient/{rest}"]]
        for kind, _, rest in (address.partition("/") for address in addresses)
    ]
