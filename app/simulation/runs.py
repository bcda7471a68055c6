"""Runs that are kept to compare with: what was set, and a thinned curve, packed."""

from dataclasses import dataclass
from struct import pack, unpack

from app.backprop.network import Shape
from app.simulation.error_curve import pack_numbers, spread, unpack_numbers

MOST_RUNS = 4
RUN_POINTS = 128

Points = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        shape, learning_rate, examples: what was set when it was kept; `examples` is their number.
        preset: the name of the preset that it began as; empty for any other network.
        first: tells the weights that it began with from others.
        edits: how many edits were made on the way.
        iterations, errors: the curve, packed.
        momentum: μ, None where there is none.
    """

    shape: Shape
    learning_rate: float
    examples: int
    preset: str
    first: str
    edits: int
    iterations: bytes
    errors: bytes
    momentum: float | None = None

    @property
    def points(self) -> Points:
        numbers = unpack(f"<{len(self.iterations) // 4}I", self.iterations)
        return tuple(zip(numbers, unpack_numbers(self.errors), strict=True))


def packed(points: Points) -> tuple[bytes, bytes]:
    """A curve as a run keeps it: its iterations, and their errors."""
    kept = spread(points, RUN_POINTS)
    numbers = pack(f"<{len(kept)}I", *(iteration for iteration, _ in kept))
    return numbers, pack_numbers([error for _, error in kept])
