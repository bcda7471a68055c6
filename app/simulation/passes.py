"""In which order the examples take turns: one after another, in passes through all of them."""

from functools import lru_cache
from random import Random

LARGEST_SEED = 2**53 - 1  # the largest integer that every JSON reader keeps
IN_ORDER = -1  # instead of a seed: the order in which they are given


def example_of(iteration: int, count: int, seed: int | None = None) -> int:
    """Which of `count` examples an iteration uses. With a seed each pass has an order of its own."""
    passes, place = divmod(iteration, count)
    return place if seed is None else order_of(seed, passes, count)[place]


@lru_cache(maxsize=256)
def order_of(seed: int, number: int, count: int) -> tuple[int, ...]:
    """The order of a pass. What is drawn is promised to stay what it is, in any Python: programs
    that are taken home draw the same."""
    draw = Random(f"{seed}/{number}")
    return tuple(sorted(range(count), key=lambda _: draw.random()))
