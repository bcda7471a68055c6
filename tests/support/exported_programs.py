"""Random simulations to take home, and the programs run as whoever took them home would."""

import json
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from app.backprop.functions import ACTIVATIONS, ERRORS, HYPERPARAMETERS, OPTIMISERS
from app.backprop.network import BIASES, UPDATES, Example, Network, Shape
from app.simulation.simulation import Simulation

UNIT_ACTIVATIONS = tuple(name for name, rule in ACTIVATIONS.items() if not rule.per_layer)
ITERATIONS = 100
SETTINGS = range(20)


def gentle(seed: int) -> Simulation:
    """A random network, its examples and learning rate, somewhere in its training: one that stays
    finite, whose relu units no rounding moves over their kink, and whose optimiser does not divide
    by the size of the gradients, which makes the most of their rounding."""
    for attempt in range(seed * 1000, seed * 1000 + 1000):
        simulation = drawn(Random(attempt))
        if "epsilon" in simulation.shape.hyperparameters:
            continue
        errors = [error for _, error in simulation.train(ITERATIONS).errors(10**4)]
        if all(error < 10 for error in errors) and _steady(simulation):
            return simulation
    raise AssertionError("none found")


def drawn(draw: Random, *, decimals: int | None = None) -> Simulation:
    """A random network of any kind, somewhere in its training.

    Args:
        decimals: of its parameters and inputs, so that nets may be 0 by hand; None for all digits.
    """

    def number() -> float:
        value = draw.uniform(-1, 1)
        return value if decimals is None else round(value, decimals)

    shape = _shape(draw)
    rows = [
        Example(
            tuple(number() for _ in range(shape.layers[0])),
            _targets(draw, shape.layers[-1], shape.error),
        )
        for _ in range(draw.randint(1, 4))
    ]
    network = Network(shape, tuple(number() for _ in range(shape.parameter_count)))
    shuffle = draw.choice((None, draw.randrange(10**6)))
    simulation = Simulation.of(network, rows[:1], draw.uniform(0.01, 0.3), shuffle=shuffle)
    simulation = simulation.train(draw.randint(1, 3)).step()  # so that passes begin there, not at 0
    simulation = simulation.edit(examples=rows)
    return simulation.train(draw.randint(0, 30)).step("unit", draw.randint(0, 20))


def triples() -> Iterator[Simulation]:
    """A relu unit whose net is 0 by hand: three weights of one decimal, which sum to 0."""
    for three in product(range(-9, 10), repeat=3):
        if any(three) and not sum(three):
            weights = [[each / 10] for each in three]
            network = Network.of(
                *((3, 1, 1), [weights, [[1.0]]]), activations=("relu", "identity"), bias="none"
            )
            yield Simulation.of(network, [Example((1.0, 1.0, 1.0), (1.0,))], 0.1)


def _shape(draw: Random) -> Shape:
    layers = [draw.randint(1, 8) for _ in range(draw.randint(2, 5))]
    error = draw.choice(tuple(ERRORS))
    outputs = ERRORS[error].activation or draw.choice(UNIT_ACTIVATIONS)
    layers[-1] = max(layers[-1], 2 if ACTIVATIONS[outputs].per_layer else 1)
    names = [
        [draw.choice(UNIT_ACTIVATIONS) for _ in range(units if draw.random() < 0.3 else 1)]
        for units in layers[1:-1]
    ]
    return Shape(
        tuple(layers),
        (*(tuple(name) if len(name) > 1 else name[0] for name in names), outputs),
        error,
        draw.choice(BIASES),
        draw.choice(tuple(OPTIMISERS)),
        draw.choice(UPDATES),
        weight_decay="weight_decay" in HYPERPARAMETERS and draw.random() < 0.3,
    )


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
    texts: Sequence[str],
    folder: Path,
    *arguments: str,
    python: str = sys.executable,
    flag: str = "-I",
) -> list[str]:
    """What programs print, run in one process that cannot import this project; no warnings.

    Args:
        flag: an option of Python: `-IS` for the standard library alone.
    """
    paths = [folder / f"{number}.py" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [python, flag, "-W", "error", "-c", RUNNER, json.dumps(arguments), *map(str, paths)],
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
    """E of every iteration and the last weights and biases are the simulator's to 1e-12, or of a row
    with larger numbers than 1 of the largest.

    A bias whose gradient is rounding alone is left out if the optimiser divides by its size.
    """
    shape = simulation.network.shape
    divides = "epsilon" in shape.hyperparameters
    errors, parameters = trained(simulation, iterations)
    theirs = flat_parameters(said)
    assert list(said.errors) == list(errors)
    assert list(map(len, theirs)) == list(map(len, parameters))
    if divides and shape.idle_parameter is not None:
        del theirs[-1], parameters[-1]
    pairs = [*zip(theirs, parameters, strict=True)]
    pairs += [([said.errors[iteration]], [error]) for iteration, error in errors.items()]
    for found, expected in pairs:
        largest = max([1.0, *filter(isfinite, map(abs, expected))])
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * largest)


def is_same(said: Printed, simulation: Simulation, iterations: int = ITERATIONS) -> None:
    """The same to the last bit."""
    errors, parameters = trained(simulation, iterations)
    assert repr(said.errors) == repr(errors)
    assert repr(flat_parameters(said)) == repr(parameters)


def trained(simulation: Simulation, iterations: int) -> tuple[dict[int, float], list[list[float]]]:
    """E by iteration, and the weights of each matrix and the biases of each layer in a row."""
    start, errors = simulation.start.run(iterations)
    network = start.network
    rows = [*([x for row in matrix for x in row] for matrix in network.weights)]
    return dict(enumerate(errors, simulation.iteration)), rows + list(map(list, network.biases))


def flat_parameters(said: Printed) -> list[list[float]]:
    return [np.ravel(np.array(value, float)).tolist() for value in said.parameters.values()]
