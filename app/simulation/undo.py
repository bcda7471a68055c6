"""Where undo and redo lead to: moments, kept as a few bytes each."""

from dataclasses import dataclass
from struct import Struct

from app.simulation.history import EDIT_NUMBERS, Edit, History, OtherBranch
from app.simulation.iteration import Moment

MOST = 64  # moments
PLACE = Struct("<BIHQ")  # whether another line begins here, edits, cursor, iteration
FULL = (MOST - 1) * PLACE.size  # bytes that leave room for one more

Place = tuple[int, Moment]  # how many edits were done, as `History.done` counts them, and where


@dataclass(frozen=True, slots=True)
class BranchRecord:
    """A line that was left, told from the one that was gone to: enough to make it anew.

    Attributes:
        number: of the line.
        shared: how many edits they have in common; −1 where it cannot be made anew, but only be
            found as the line that was left last.
        edits: the further ones of this line.
        end: its last place.
    """

    number: int
    shared: int
    edits: tuple[Edit, ...]
    end: Place

    @property
    def size(self) -> int:
        """How many numbers it takes to keep."""
        return sum(edit.size for edit in self.edits)


@dataclass(frozen=True, slots=True)
class UndoStack:
    """Moments, the next one last, and the lines of those that lie on another than the one after.

    Attributes:
        places: a PLACE each; those that count a line take theirs from the end of `branches`.
    """

    places: bytes = b""
    branches: tuple[BranchRecord, ...] = ()

    def __len__(self) -> int:
        return len(self.places) // PLACE.size

    @property
    def top(self) -> tuple[Place, BranchRecord | None] | None:
        """The next moment, and its line where that is another."""
        if not self.places:
            return None
        elsewhere, done, cursor, iteration = PLACE.unpack(self.places[-PLACE.size :])
        return (done, (iteration, cursor)), self.branches[-1] if elsewhere else None

    def push(self, place: Place, line: BranchRecord | None) -> "UndoStack":
        """With one more; the first are forgotten where they grow too many."""
        done, (iteration, cursor) = place
        packed = PLACE.pack(line is not None, done, cursor, iteration)
        if line is None and not self.branches:  # at most steps: the way of a click
            return UndoStack(self.places[-FULL:] + packed)
        trail = UndoStack(
            self.places + packed, self.branches if line is None else (*self.branches, line)
        )
        while len(trail) > MOST or trail._size > EDIT_NUMBERS:
            trail = trail._without_first()
        return trail

    def pop(self) -> "UndoStack":
        """Without the last."""
        elsewhere = self.places[-PLACE.size]
        lines = self.branches[:-1] if elsewhere else self.branches
        return UndoStack(self.places[: -PLACE.size], lines)

    @property
    def _size(self) -> int:
        """What its lines take, where there are several: one is always kept."""
        return sum(line.size for line in self.branches) if len(self.branches) > 1 else 0

    def _without_first(self) -> "UndoStack":
        lines = self.branches[1:] if self.places[0] else self.branches
        return UndoStack(self.places[PLACE.size :], lines)


EMPTY_STACK = UndoStack()


def branch_record(line: History, shared: int) -> BranchRecord:
    """A line that was left, and has so many edits in common with another."""
    if shared < line.forgotten:
        return BranchRecord(line.number, -1, (), end_place(line))
    return BranchRecord(line.number, shared, line.edits[shared - line.forgotten :], end_place(line))


def end_place(line: History) -> Place:
    """The last place of a line that was left."""
    assert line.end is not None
    return line.forgotten + len(line.edits), line.end


def stored_branch(history: History, line: BranchRecord) -> OtherBranch | None:
    """The line as it was left last, if it is that one, and as long as it was then."""
    other = history.other_branch
    if other is None or other.branch.number != line.number or end_place(other.branch) < line.end:
        return None
    return other
