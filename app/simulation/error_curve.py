"""E by iteration, thinned as it grows and kept packed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import gcd
from struct import pack, unpack

from app.backprop.network import Shape

CURVE_POINTS = 512

Point = tuple[int, float]  # an iteration and its E


def pack_numbers(numbers: Sequence[float]) -> bytes:
    return pack(f"<{len(numbers)}d", *numbers)


def unpack_numbers(packed: bytes) -> tuple[float, ...]:
    return unpack(f"<{len(packed) // 8}d", packed)


def thinning_step(examples: int) -> int:
    """Of how many points one is kept where they are too many: the least number above 1 without a
    factor in common with that of the examples. So those kept go round through all examples, and not
    to one and the same again and again."""
    return next(step for step in count(2) if gcd(step, examples) == 1)


@dataclass(frozen=True, slots=True)
class ErrorCurve:
    """E of every `stride`-th finished iteration, from the `first`: at most `CURVE_POINTS`."""

    stride: int = 1
    packed: bytes = b""
    first: int = 0

    def extended(
        self,
        iteration: int,
        errors: Sequence[float],
        *,
        examples: int = 1,
        keep_later: bool = False,
    ) -> "ErrorCurve":
        """With the errors of the iterations from `iteration` on, which replace any later ones, or
        where these are to be kept, only their own."""
        ahead = iteration - self.first
        kept = -(-ahead // self.stride)  # rounded up: the points before `iteration`
        fresh = errors[kept * self.stride - ahead :: self.stride]
        later = self.packed[8 * (kept + len(fresh)) :] if keep_later else b""
        packed = self.packed[: 8 * kept] + pack_numbers(fresh) + later
        stride = self.stride
        while len(packed) > 8 * CURVE_POINTS:
            step = thinning_step(examples)
            packed, stride = pack_numbers(unpack_numbers(packed)[::step]), step * stride
        return ErrorCurve(stride, packed, self.first)

    def until(self, iteration: int) -> "ErrorCurve":
        """That of the iterations before `iteration`."""
        kept = -(-(iteration - self.first) // self.stride)
        return ErrorCurve(self.stride, self.packed[: 8 * kept], self.first)

    def reaches(self, iteration: int) -> bool:
        """Whether it has all points before `iteration`."""
        return len(self.packed) // 8 * self.stride >= iteration - self.first

    def coarse(self, iteration: int, step: int) -> bool:
        """Whether it has fewer points before `iteration` than if these alone had been thinned, to
        one of `step` at a time."""
        points = -(-(iteration - self.first) // self.stride)
        return self.stride > 1 and points * step <= CURVE_POINTS

    def thinned(self, last: int, error: float, points: int) -> tuple[Point, ...]:
        """(iteration, E) up to the one that was finished last, whose E is given: at most `points`,
        the first and the last among them."""
        before = max(0, -(-(last - self.first) // self.stride))
        kept = [
            (self.first + index * self.stride, value)
            for index, value in enumerate(unpack_numbers(self.packed[: 8 * before]))
        ]
        kept.append((last, error))
        return spread_points(kept, points)


def spread_points(points: Sequence[Point], most: int) -> tuple[Point, ...]:
    """At most so many of the points, at least 2, evenly: the first and the last among them."""
    if len(points) <= most:
        return tuple(points)
    span = len(points) - 1
    return tuple(points[round(index * span / (most - 1))] for index in range(most))


MAX_SAVED_RUNS = 4
RUN_POINTS = 128

Points = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class SavedRun:
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


def pack_points(points: Points) -> tuple[bytes, bytes]:
    """A curve as a run keeps it: its iterations, and their errors."""
    kept = spread_points(points, RUN_POINTS)
    numbers = pack(f"<{len(kept)}I", *(iteration for iteration, _ in kept))
    return numbers, pack_numbers([error for _, error in kept])
