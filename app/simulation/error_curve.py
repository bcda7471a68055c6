"""Error curves: E by iteration, thinned to a bounded size and packed, and the curves of saved runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import gcd
from struct import pack, unpack

from app.backprop.network import Shape

CURVE_POINTS = 512
MAX_SAVED_RUNS = 4
RUN_POINTS = 128

Point = tuple[int, float]  # an iteration and its E
Points = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ErrorCurve:
    """E of every `stride`-th finished iteration from `first` on: at most `CURVE_POINTS`."""

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
        """Add the errors of the iterations from `iteration` on.

        They replace all later points, or with `keep_later` only those of the same iterations.
        """
        offset = iteration - self.first
        count_before = self._count_before(iteration)
        added = errors[count_before * self.stride - offset :: self.stride]
        later = self.packed[8 * (count_before + len(added)) :] if keep_later else b""
        packed = self.packed[: 8 * count_before] + pack_numbers(added) + later
        stride = self.stride
        while len(packed) > 8 * CURVE_POINTS:
            step = thinning_step(examples)
            packed, stride = pack_numbers(unpack_numbers(packed)[::step]), step * stride
        return ErrorCurve(stride, packed, self.first)

    def reaches(self, iteration: int) -> bool:
        """Whether all points before `iteration` are there."""
        return len(self.packed) // 8 * self.stride >= iteration - self.first

    def coarse(self, iteration: int, step: int) -> bool:
        """Whether a curve of the iterations before `iteration` alone would be finer.

        `step` is the largest thinning step of the examples on the way.
        """
        return self.stride > 1 and self._count_before(iteration) * step <= CURVE_POINTS

    def thinned(self, last: int, error: float, points: int) -> Points:
        """At most `points` points, up to iteration `last` with its `error`; the ends are included."""
        packed = self.packed[: 8 * max(0, self._count_before(last))]
        known = [
            (self.first + index * self.stride, value)
            for index, value in enumerate(unpack_numbers(packed))
        ]
        return spread_points([*known, (last, error)], points)

    def after(self, iteration: int) -> Points:
        """The points of the iterations after `iteration`."""
        before = self._count_before(iteration + 1)
        return tuple(
            (self.first + (before + index) * self.stride, error)
            for index, error in enumerate(unpack_numbers(self.packed[8 * before :]))
        )

    def _count_before(self, iteration: int) -> int:
        """The number of points of the iterations before `iteration`."""
        return -(-(iteration - self.first) // self.stride)


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run that was saved to compare later ones with."""

    # `shape`, `learning_rate`, `examples`: the settings when it was saved; `examples` is their
    # number.
    shape: Shape
    learning_rate: float
    examples: int
    preset: str  # the name of the preset that it began with; empty for any other network
    first: str  # a fingerprint of the initial parameters
    edits: int  # the number of edits
    # `iterations`, `errors`: the curve, packed.
    iterations: bytes
    errors: bytes
    hyperparameters: tuple[tuple[str, float], ...] = ()  # their names and values

    @property
    def points(self) -> Points:
        iterations = unpack(f"<{len(self.iterations) // 4}I", self.iterations)
        return tuple(zip(iterations, unpack_numbers(self.errors), strict=True))


def pack_numbers(numbers: Sequence[float]) -> bytes:
    return pack(f"<{len(numbers)}d", *numbers)


def unpack_numbers(packed: bytes) -> tuple[float, ...]:
    return unpack(f"<{len(packed) // 8}d", packed)


def spread_points(points: Sequence[Point], most: int) -> Points:
    """Return at most `most` (at least 2) evenly spread points; the ends are included."""
    if len(points) <= most:
        return tuple(points)
    span = len(points) - 1
    return tuple(points[round(index * span / (most - 1))] for index in range(most))


def thinning_step(examples: int) -> int:
    """The n for which thinning keeps every n-th point: the least above 1 coprime to `examples`.

    So the kept points still cycle through all examples.
    """
    return next(step for step in count(2) if gcd(step, examples) == 1)
