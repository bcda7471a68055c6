"""Which checkpoints are kept of a way: few, but so that going back from where one stands is cheap."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from app.backprop.network import Shape

CHECKPOINTS = 64
CHECKPOINT_NUMBERS = 3_456  # all checkpoints together: 27 kB, whatever the network's size
FEWEST_CHECKPOINTS = 12


def capacity(shape: Shape) -> int:
    """How many checkpoints are kept: fewer for large networks, so that a session stays small."""
    fitting = CHECKPOINT_NUMBERS // max(1, shape.state_count)
    return max(FEWEST_CHECKPOINTS, min(CHECKPOINTS, fitting))


def checkpoint_to_evict(first: int, iterations: Sequence[int], now: int) -> int:
    """Which checkpoint of a way that began at `first` can best be spared, seen from `now`.

    A gap costs what it takes to run through it, and is weighed against how far back it lies, up to
    an eighth of the whole: so gaps grow with their distance, but stay bounded. Into what lies
    ahead one jumps, but does not walk back through it: its gaps all weigh as the farthest do.
    """
    count = bisect_right(iterations, now)
    far = max(now, iterations[-1]) >> 3
    behind, ahead = [first, *iterations[:count], now], [now, *iterations[count:]]
    missed = [
        (after - before) / (1 + min(now - after, far))
        for before, after in zip(behind, behind[2:], strict=False)
    ]
    missed += [
        (after - before) / (1 + far) for before, after in zip(ahead, ahead[2:], strict=False)
    ]
    return missed.index(min(missed))


def halving_distances(low: int, high: int) -> Iterator[int]:
    """Iterations between the two, at distances from `high` that halve: …, high − 2, high − 1."""
    distance = 1 << max(0, (high - low).bit_length() - 1)
    while distance:
        if low < high - distance:
            yield high - distance
        distance >>= 1
