"""Axes of a drawing: round marks, with as many digits as it takes to tell them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TypeVar

from app.view.rendering.numbers import MINUS

T = TypeVar("T")

LARGEST = 1e300  # larger values are not drawn: marks of their axis would overflow
PLAIN_DIGITS = 9  # marks with more decimals or integer digits are written with an exponent


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled mark on an axis; `at` is its coordinate in the drawing."""

    at: float
    text: str


def frame(width: int, height: int, left: int, right: int, top: int, bottom: int) -> dict[str, int]:
    """The size of a drawing and the margins around its axes, under the names that templates use."""
    return {
        **{"width": width, "height": height, "left": left, "right": right, "top": top},
        **{"bottom": bottom, "bottom_edge": height - bottom, "right_edge": width - right},
        "plot_height": height - bottom - top,
    }


def drawable(points: Sequence[tuple[T, float]]) -> list[tuple[T, float]]:
    """The points whose value is neither too large to draw nor nan."""
    return [point for point in points if point[1] <= LARGEST]


def round_step(length: float) -> float:
    """A quarter of an axis: the smallest sufficient 1, 2, 2.5, 5 or 10 times a power of ten."""
    power = 10.0 ** floor(log10(length / 4))
    return next(power * digit for digit in (1, 2, 2.5, 5, 10, 20) if power * digit * 4 >= length)


def round_marks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """The round numbers from `low` to `high`, at most four steps apart in all, each with its text.

    Empty if the two bounds are too close for doubles to tell the numbers between them apart.
    """
    step = round_step(high - low)
    if not step > max(abs(low), abs(high)) * 1e-13:
        return ()
    numbers = [step * i for i in range(ceil(low / step), floor(high / step) + 1)]
    # Rounding of a quotient may leave a number just outside the range.
    return tuple((n, _mark_text(n, step)) for n in numbers if low <= n <= high)


def _mark_text(number: float, step: float) -> str:
    """A multiple of a round step, with all of its digits and no more."""
    place = floor(log10(step * 1.000001))
    if round(step / 10.0**place, 1) == 2.5:
        place -= 1
    if number == 0:
        return "0"
    size = floor(log10(abs(number) * 1.000001))
    if place >= -PLAIN_DIGITS and size <= PLAIN_DIGITS:
        return f"{number:.{max(0, -place)}f}".replace("-", MINUS)
    digits, power = f"{number:.{max(0, size - place)}e}".split("e")
    return f"{digits}e{int(power)}".replace("-", MINUS)
