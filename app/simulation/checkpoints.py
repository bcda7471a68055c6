"""The checkpoint policy: which checkpoints of a branch to keep, so that going back stays cheap."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from app.backprop.network import Shape

CHECKPOINTS = 64
CHECKPOINT_NUMBERS = 3_456  # in all checkpoints of a branch: 27 kB
FEWEST_CHECKPOINTS = 12


def capacity(shape: Shape) -> int:
    """The number of checkpoints to keep: fewer for large networks, so that sessions stay small."""
    fitting = CHECKPOINT_NUMBERS // max(1, shape.state_count)
    return max(FEWEST_CHECKPOINTS, min(CHECKPOINTS, fitting))


def checkpoint_to_evict(first: int, iterations: Sequence[int], now: int) -> int:
    """Return the index of the checkpoint that is missed least, seen from iteration `now`.

    Without a checkpoint, the gap around it must be replayed. The cost of a gap is divided by its
    distance from `now`, up to an eighth of the branch, so that gaps grow with the distance but
    stay bounded. Nobody steps back through the iterations ahead of `now`: their gaps all count as
    the farthest do. The branch begins at `first`.
    """
    count = bisect_right(iterations, now)
    far = max(now, iterations[-1]) >> 3
    behind, ahead = [first, *iterations[:count], now], [now, *iterations[count:]]
    costs = [
        (after - before) / (1 + min(now - after, far))
        for before, after in zip(behind, behind[2:], strict=False)
    ]
    costs += [(after - before) / (1 + far) for before, after in zip(ahead, ahead[2:], strict=False)]
    return costs.index(min(costs))


def halving_distances(low: int, high: int) -> Iterator[int]:
    """Iterations between the two, at halving distances from `high`: …, high − 2, high − 1."""
    distance = 1 << max(0, (high - low).bit_length() - 1)
    while distance:
        if low < high - distance:
            yield high - distance
        distance >>= 1
