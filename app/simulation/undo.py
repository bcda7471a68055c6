"""The undo and redo stacks: moments to return to, packed into a few bytes each."""

from dataclasses import dataclass
from struct import Struct

from app.simulation.iteration import Moment

MOST = 64  # places of a stack; the oldest are forgotten first
PLACE = Struct("<BIHQ")  # whether it is on another branch, edits, cursor, iteration
ROOM_FOR_ONE = (MOST - 1) * PLACE.size  # bytes

Place = tuple[int, Moment]  # the number of edits, forgotten ones included, and the moment


@dataclass(frozen=True, slots=True)
class BranchNumber:
    """Identifies a branch. In records of earlier versions it has more fields, which are ignored."""

    number: int


@dataclass(frozen=True, slots=True)
class UndoStack:
    """Moments, the next one last."""

    places: bytes = b""  # one packed `PLACE` for each moment
    # The branch of each place that is on another one than the place after it.
    branches: tuple[BranchNumber, ...] = ()

    def __len__(self) -> int:
        return len(self.places) // PLACE.size

    @property
    def top(self) -> tuple[Place, int | None] | None:
        """The next place, and the number of its branch if that is another one."""
        if not self.places:
            return None
        other_branch, edits, cursor, iteration = PLACE.unpack(self.places[-PLACE.size :])
        return (edits, (iteration, cursor)), self.branches[-1].number if other_branch else None

    def push(self, place: Place, branch: int | None) -> "UndoStack":
        """Add a place, and forget the oldest one if there are too many."""
        edits, (iteration, cursor) = place
        packed = PLACE.pack(branch is not None, edits, cursor, iteration)
        places = self.places[-ROOM_FOR_ONE:] + packed
        branches = self.branches if branch is None else (*self.branches, BranchNumber(branch))
        if branches:
            branches = branches[len(branches) - places[:: PLACE.size].count(1) :]
        return UndoStack(places, branches)

    def pop(self) -> "UndoStack":
        """Remove the next place."""
        branches = self.branches[:-1] if self.places[-PLACE.size] else self.branches
        return UndoStack(self.places[: -PLACE.size], branches)


EMPTY_STACK = UndoStack()
