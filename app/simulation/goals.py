"""What training is on its way to, as a part of the session: so it outlives a restart, and to stop is
one more change, from wherever it comes."""

from dataclasses import dataclass

REACHED, DONE, STOPPED, DIVERGED = "reached", "done", "stopped", "diverged"
ENDS = (REACHED, DONE, STOPPED, DIVERGED)
MOST_ITERATIONS = 100_000


@dataclass(frozen=True, slots=True)
class Goal:
    """So many iterations, or fewer where E comes below a bound.

    Attributes:
        begun, until: how many iterations were finished when it began, and are to be in the end.
        below: E that is small enough; None where only iterations count. It is looked at after
            each pass through all examples, counted from where the training began: the mean of E
            over that pass, while the weights changed.
        over: how it ended, one of `ENDS`; empty while it is under way.
    """

    begun: int
    until: int
    below: float | None = None
    over: str = ""

    @property
    def iterations(self) -> int:
        """How many iterations it is, at most."""
        return self.until - self.begun


def same_way(before: Goal | None, after: Goal | None) -> bool:
    """Whether what led from one goal to the other was a part of the way to it."""
    if before is None or after is None or before.over:
        return False
    return (before.begun, before.until, before.below) == (after.begun, after.until, after.below)
