"""Random simulations to take home, and the programs run as whoever took them home would."""

import json
import subprocess
import sys
from ast import literal_eval
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from app.backprop.network import OPTIMISERS, UPDATES, Example, Network
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from tests.support.oracle_cases import ACTIVATIONS, BIASES

ERRORS = {  # and their outputs
    "half_squared": ACTIVATIONS,
    "mean_squared": ACTIVATIONS,
    "binary_cross_entropy": ("sigmoid",),
    "cross_entropy": ("softmax",),
}
ITERATIONS = 100
SETTINGS = range(20)


def gentle(seed: int) -> Simulation:
    """A random network, its examples and learning rate, somewhere in its training: one that stays
    finite, and whose relu units no rounding moves over their kink."""
    for attempt in range(seed * 1000, seed * 1000 + 1000):
        simulation = _drawn(Random(attempt))
        errors = [error for _, error in simulation.train(ITERATIONS).errors(10**4)]
        if all(error < 10 for error in errors) and _steady(simulation):
            return simulation
    raise AssertionError("none found")


def _drawn(draw: Random) -> Simulation:
    layers = [draw.randint(1, 6) for _ in range(draw.randint(2, 4))]
    error = draw.choice(tuple(ERRORS))
    layers[-1] = max(layers[-1], 2 if error == "cross_entropy" else 1)
    names = [draw.choice(ACTIVATIONS) for _ in layers[2:]] + [draw.choice(ERRORS[error])]
    simulation = random_simulation(
        layers,
        draw.randrange(10**6),
        activations=names,
        bias=draw.choice(BIASES),
        error=error,
        optimiser=draw.choice(tuple(OPTIMISERS)),
        update=draw.choice(UPDATES),
        shuffle=draw.choice((None, draw.randrange(10**6))),
    )
    rows = [
        Example(
            tuple(draw.uniform(-1, 1) for _ in range(layers[0])), _targets(draw, layers[-1], error)
        )
        for _ in range(draw.randint(1, 4))
    ]
    simulation = simulation.train(draw.randint(1, 3)).step()  # so that passes begin there, not at 0
    simulation = simulation.edit(examples=rows, learning_rate=draw.uniform(0.01, 0.3))
    return simulation.train(draw.randint(0, 30)).step("unit", draw.randint(0, 20))


def _targets(draw: Random, count: int, error: str) -> tuple[float, ...]:
    numbers = [draw.uniform(0, 1) for _ in range(count)]
    whole = sum(numbers) if error == "cross_entropy" else 1.0
    return tuple(number / whole for number in numbers)


def _steady(simulation: Simulation) -> bool:
    """Whether a change in the last digits stays one: training from numbers that differ by 1e-9 is
    another by 1e-6 at most."""
    start = simulation.network
    moved = Network(start.shape, tuple(number + 1e-9 for number in start.parameters))
    one = simulation.edit(weights=start.weights, biases=start.biases)  # its start, if not yet there
    other = one.edit(weights=moved.weights, biases=moved.biases)
    ends = [each.train(ITERATIONS).current_network.parameters for each in (one, other)]
    return all(abs(a - b) < 1e-6 for a, b in zip(*ends, strict=True))


@dataclass(frozen=True)
class Printed:
    """What a program said: E by iteration, and the weights and biases by name."""

    errors: dict[int, float]
    parameters: dict[str, Any]


def printed(text: str) -> Printed:
    errors, parameters = {}, {}
    for line in text.splitlines():
        name, equals, value = line.partition(" = ")
        if equals:
            parameters[name] = number(value)
        else:
            iteration, error = line.split()
            errors[int(iteration)] = float(error)
    return Printed(errors, parameters)


def number(text: str) -> Any:
    return literal_eval(text) if "n" not in text else eval(text, {"inf": np.inf, "nan": np.nan})


# Runs each program named on the command line, and prints what they print as one JSON list.
RUNNER = """
import contextlib, io, json, runpy, sys
outputs, (paths, sys.argv) = [], (sys.argv[2:], ["run.py", *json.loads(sys.argv[1])])
for path in paths:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        runpy.run_path(path, run_name="__main__")
    outputs.append(output.getvalue())
print(json.dumps(outputs))
"""


def outputs(
    texts: Sequence[str], folder: Path, *arguments: str, python: str = sys.executable
) -> list[str]:
    """What programs print, run in one process that cannot import this project; no warnings."""
    paths = [folder / f"{number}.py" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [python, "-I", "-W", "error", "-c", RUNNER, json.dumps(arguments), *map(str, paths)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found: list[str] = json.loads(done.stdout)
    return found


def run(text: str, folder: Path, *arguments: str, python: str = sys.executable) -> Printed:
    """What one program prints, read."""
    return printed(outputs([text], folder, *arguments, python=python)[0])


def agrees(said: Printed, simulation: Simulation, iterations: int = ITERATIONS) -> None:
    """E of every iteration and the last weights and biases are the simulator's to 1e-12."""
    begun = simulation.iteration
    start, errors = simulation.start.run(iterations)
    assert list(said.errors) == list(range(begun, begun + iterations))
    np.testing.assert_allclose(list(said.errors.values()), errors, rtol=1e-12, atol=1e-12)
    network = start.network
    expected: list[Any] = [*network.weights, *network.biases]
    for ours, name in zip(expected, said.parameters, strict=True):
        theirs = np.ravel(said.parameters[name])
        np.testing.assert_allclose(theirs, np.ravel(ours), rtol=1e-12, atol=1e-12)
