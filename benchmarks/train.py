"""What a training iteration of 3-4-2 costs, as a ratio to straightforward NumPy, in one run.

    python -m benchmarks.train

The NumPy code is slide 4 as anybody would write it down. Ours is `Simulation.train`, with all that
it keeps: the bits of stepping, checkpoints and the error curve. The two take turns.
"""

# ruff: noqa: E402  # NumPy reads its environment when it is imported, so that is settled first
import os

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # read when NumPy is imported
    os.environ.pop(name, None)

import statistics
import time

import numpy as np

from app.backprop.presets import DECK

ITERATIONS = 2_000
ROUNDS = 15
MOST = 0.15


def numpy_seconds() -> float:
    """Seconds an iteration of slide 4's matrices."""
    network = DECK.simulation.network
    w_ih, w_ho = (np.array(matrix) for matrix in network.weights)
    (b1,), (b2,) = network.biases
    example = DECK.simulation.examples[0]
    x, target = np.array([example.inputs]), np.array([example.targets])
    lr = DECK.simulation.learning_rate
    errors = []
    begun = time.perf_counter()
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
    return (time.perf_counter() - begun) / ITERATIONS


def our_seconds() -> float:
    """Seconds an iteration of `Simulation.train`."""
    begun = time.perf_counter()
    DECK.simulation.train(ITERATIONS)
    return (time.perf_counter() - begun) / ITERATIONS


def stepped_as_trained() -> bool:
    """Whether training has the bits of stepping: compared on the way, not assumed."""
    stepped = DECK.simulation
    for _ in range(100):
        stepped = stepped.step("unit", len(stepped.steps))
    return stepped == DECK.simulation.train(100)


def main() -> None:
    assert stepped_as_trained()
    our_seconds(), numpy_seconds()
    pairs = [(our_seconds(), numpy_seconds()) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"one iteration: {ours * 1e6:.2f} µs, NumPy {theirs * 1e6:.2f} µs: "
        f"{ratio:.3f}x (at most {MOST}x)"
    )


if __name__ == "__main__":
    main()
