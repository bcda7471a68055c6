"""E by iteration, thinned as it grows and kept packed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import gcd
from struct import pack, unpack

CURVE_POINTS = 512


def pack_numbers(numbers: Sequence[float]) -> bytes:
    return pack(f"<{len(numbers)}d", *numbers)


def unpack_numbers(packed: bytes) -> tuple[float, ...]:
    return unpack(f"<{len(packed) // 8}d", packed)


def thinning(examples: int) -> int:
    """Of how many points one is kept where they are too many: the least number above 1 without a
    factor in common with that of the examples. So those kept go round through all examples, and not
    to one and the same again and again."""
    return next(step for step in count(2) if gcd(step, examples) == 1)


def stride_for(iterations: int, examples: int = 1) -> int:
    """The least stride that leaves at most `CURVE_POINTS` of so many iterations."""
    stride, step = 1, thinning(examples)
    while -(-iterations // stride) > CURVE_POINTS:
        stride *= step
    return stride


@dataclass(frozen=True, slots=True)
class Curve:
    """E of every `stride`-th finished iteration, from the `first`: at most `CURVE_POINTS`."""

    stride: int = 1
    packed: bytes = b""
    first: int = 0

    def extended(self, iteration: int, errors: Sequence[float], examples: int = 1) -> "Curve":
        """With the errors of the iterations from `iteration` on, which replace any later ones."""
        ahead = iteration - self.first
        kept = -(-ahead // self.stride)  # rounded up: the points before `iteration`
        fresh = errors[kept * self.stride - ahead :: self.stride]
        packed = self.packed[: 8 * kept] + pack_numbers(fresh)
        stride = self.stride
        while len(packed) > 8 * CURVE_POINTS:
            step = thinning(examples)
            packed, stride = pack_numbers(unpack_numbers(packed)[::step]), step * stride
        return Curve(stride, packed, self.first)

    def thinned(self, last: int, error: float, points: int) -> tuple[tuple[int, float], ...]:
        """(iteration, E) up to the one that was finished last, whose E is given: at most `points`,
        the first and the last among them."""
        before = max(0, -(-(last - self.first) // self.stride))
        kept = [
            (self.first + index * self.stride, value)
            for index, value in enumerate(unpack_numbers(self.packed[: 8 * before]))
        ]
        kept.append((last, error))
        if len(kept) <= points:
            return tuple(kept)
        span = len(kept) - 1
        return tuple(kept[round(index * span / (points - 1))] for index in range(points))
