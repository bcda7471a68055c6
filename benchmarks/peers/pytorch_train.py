"""Training as PyTorch's tutorials write it, float64 as ours; run with the environment of its own.

    .cache/peers/pytorch/bin/python -m benchmarks.peers.pytorch_train ITERATIONS

Prints the last E, and the seconds that an iteration takes.
"""

import sys
import time

import torch
from torch import nn

from app.examples.published import DECK

WARM_UP = 200


class Deck(nn.Module):
    """The deck's network: each layer has one bias, which its units share."""

    def __init__(self) -> None:
        super().__init__()
        network = DECK.simulation.network
        self.weights = nn.ParameterList(torch.tensor(matrix) for matrix in network.weights)
        self.biases = nn.ParameterList(torch.tensor(bias) for bias in network.biases)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for weight, bias in zip(self.weights, self.biases, strict=True):
            x = torch.sigmoid(x @ weight + bias)
        return x


def train(iterations: int) -> tuple[float, float]:
    """The last E, and seconds an iteration."""
    example = DECK.simulation.examples[0]
    x, target = torch.tensor([example.inputs]), torch.tensor([example.targets])
    model = Deck()
    optimizer = torch.optim.SGD(model.parameters(), lr=DECK.simulation.learning_rate)
    errors = []
    begun = time.perf_counter()
    for _ in range(iterations):
        optimizer.zero_grad()
        error = 0.5 * ((target - model(x)) ** 2).sum()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    return errors[-1], (time.perf_counter() - begun) / iterations


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)  # which is the fastest for so small a network
    train(WARM_UP)
    print(*train(int(sys.argv[1])))
