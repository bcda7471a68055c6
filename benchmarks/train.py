"""The cost of a training iteration of 3-4-2, compared with plain NumPy and micrograd.

    python -m benchmarks.train [--pytorch]

The NumPy code is a direct transcription of slide 4. Ours is `Simulation.train`, which gives the same
bits as stepping and also records checkpoints and the error curve. micrograd is karpathy's package;
the sigmoid that it lacks is composed of its own operations. The three take turns. `--pytorch` adds
PyTorch as in its tutorials, with a process per turn, in a separate environment that takes a gigabyte.
"""

# ruff: noqa: E402  # the environment must be set before NumPy is imported
import os

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # read when NumPy is imported
    os.environ.pop(name, None)

import argparse
import importlib
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from app.examples.published import DECK
from benchmarks.environments import NotInstalledError, install, python_of

ITERATIONS = 2_000
ROUNDS = 15
MOST = 0.12
PYTORCH_ITERATIONS, PYTORCH_ROUNDS = 2_000, 3
MICROGRAD_ITERATIONS = 200  # it is slower by two orders of magnitude
MICROGRAD = Path(".cache") / "peers" / "micrograd"


def micrograd_value() -> Any:
    """micrograd's Value, from a separate folder; installs it if necessary."""
    if not MICROGRAD.exists():
        install("micrograd", sys.executable, "--target", str(MICROGRAD))
    sys.path.append(str(MICROGRAD))
    return importlib.import_module("micrograd.engine").Value


def micrograd_iterations(value: Any, iterations: int) -> list[float]:
    """E of each iteration of the deck's network, computed by micrograd."""
    network, example = DECK.simulation.network, DECK.simulation.examples[0]
    weights = [[[value(w) for w in row] for row in matrix] for matrix in network.weights]
    biases = [value(bias) for (bias,) in network.biases]
    parameters = [w for matrix in weights for row in matrix for w in row] + biases
    inputs = [value(x) for x in example.inputs]
    errors: list[float] = []
    for _ in range(iterations):
        out = inputs
        for matrix, bias in zip(weights, biases, strict=True):
            columns = zip(*matrix, strict=True)
            nets = [sum((x * w for x, w in zip(out, c, strict=True)), bias) for c in columns]
            out = [(_exp(value, -net) + 1) ** -1 for net in nets]
        targets = zip(example.targets, out, strict=True)
        error = sum(((target - o) ** 2 for target, o in targets), value(0.0)) * 0.5
        errors.append(error.data)
        for parameter in parameters:
            parameter.grad = 0.0
        error.backward()
        for parameter in parameters:
            parameter.data -= DECK.simulation.learning_rate * parameter.grad
    return errors


def _exp(value: Any, x: Any) -> Any:
    """e^x, which micrograd lacks: it has only powers with constant exponents."""
    out = value(float(np.exp(x.data)), (x,), "exp")

    def backward() -> None:
        x.grad += out.data * out.grad

    out._backward = backward
    return out


def micrograd_seconds(value: Any) -> float:
    """Seconds per iteration of micrograd."""
    started = time.perf_counter()
    micrograd_iterations(value, MICROGRAD_ITERATIONS)
    return (time.perf_counter() - started) / MICROGRAD_ITERATIONS


def pytorch() -> tuple[float, float]:
    """PyTorch's last E, and its seconds per iteration.

    Raises:
        NotInstalledError: if its CPU build cannot be installed.
    """
    command = [str(python_of("pytorch")), "-m", "benchmarks.peers.pytorch_train"]
    done = subprocess.run(
        [*command, str(PYTORCH_ITERATIONS)], stdout=subprocess.PIPE, text=True, check=True
    )
    error, seconds = map(float, done.stdout.split())
    return error, seconds


def pytorch_row() -> str:
    """PyTorch compared with ours, in turns."""
    try:
        turns = [(our_seconds(), *pytorch()) for _ in range(PYTORCH_ROUNDS)]
    except NotInstalledError as error:
        return f"PyTorch: not measured, since it cannot be installed here ({error})"
    expected = DECK.simulation.train(PYTORCH_ITERATIONS).previous_error or 0
    assert all(abs(error / expected - 1) < 1e-9 for _, error, _ in turns)
    middle = statistics.median(seconds for *_, seconds in turns)
    ratio = statistics.median(theirs / ours for ours, _, theirs in turns)
    return f"PyTorch {middle * 1e6:.0f} µs: {ratio:.0f}x ours"


def numpy_seconds() -> float:
    """Seconds per iteration of slide 4's matrices."""
    network = DECK.simulation.network
    w_ih, w_ho = (np.array(matrix) for matrix in network.weights)
    (b1,), (b2,) = network.biases
    example = DECK.simulation.examples[0]
    x, target = np.array([example.inputs]), np.array([example.targets])
    lr = DECK.simulation.learning_rate
    errors = []
    started = time.perf_counter()
    for _ in range(ITERATIONS):
        out_h = 1 / (1 + np.exp(-(x @ w_ih + b1)))
        out_o = 1 / (1 + np.exp(-(out_h @ w_ho + b2)))
        errors.append(np.sum((target - out_o) ** 2) / 2)
        d_o = (out_o - target) * out_o * (1 - out_o)
        d_h = (d_o @ w_ho.T) * out_h * (1 - out_h)
        w_ho = w_ho - lr * (out_h.T @ d_o)
        b2 = b2 - lr * d_o.sum()
        w_ih = w_ih - lr * (x.T @ d_h)
        b1 = b1 - lr * d_h.sum()
    return (time.perf_counter() - started) / ITERATIONS


def our_seconds() -> float:
    """Seconds per iteration of `Simulation.train`."""
    started = time.perf_counter()
    DECK.simulation.train(ITERATIONS)
    return (time.perf_counter() - started) / ITERATIONS


def stepped_as_trained() -> bool:
    """Whether training gives the same bits as stepping."""
    stepped = DECK.simulation
    for _ in range(100):
        stepped = stepped.step("unit", len(stepped.steps))
    return stepped == DECK.simulation.train(100)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pytorch", action="store_true")
    asked = parser.parse_args()
    assert stepped_as_trained()
    value = micrograd_value()
    theirs_e = micrograd_iterations(value, 101)[-1]
    assert abs(theirs_e / (DECK.simulation.train(101).previous_error or 0) - 1) < 1e-9
    our_seconds(), numpy_seconds()
    turns = [(our_seconds(), numpy_seconds(), micrograd_seconds(value)) for _ in range(ROUNDS)]
    ours, theirs, micro = (statistics.median(side) for side in zip(*turns, strict=True))
    ratio = statistics.median(a / b for a, b, _ in turns)
    print(
        f"micrograd {micro * 1e6:.0f} µs: {statistics.median(c / a for a, _, c in turns):.0f}x ours"
    )
    print(
        f"one iteration: {ours * 1e6:.2f} µs, NumPy {theirs * 1e6:.2f} µs: "
        f"{ratio:.3f}x (at most {MOST}x)"
    )
    if asked.pytorch:
        print(pytorch_row())


if __name__ == "__main__":
    main()
