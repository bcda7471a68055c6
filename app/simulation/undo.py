"""The undo and redo stacks: moments to return to, packed into a few bytes each."""

from dataclasses import dataclass
from struct import Struct

from app.simulation.history import EDIT_NUMBERS, Edit, History, OtherBranch
from app.simulation.iteration import Moment

MOST = 64  # places of a stack; the oldest are forgotten first
PLACE = Struct("<BIHQ")  # whether it is on another branch, edits, cursor, iteration
ROOM_FOR_ONE = (MOST - 1) * PLACE.size  # bytes

Place = tuple[int, Moment]  # `History.total_edit_count` and the moment


@dataclass(frozen=True, slots=True)
class BranchRecord:
    """What it takes to replay a branch that was left for another one."""

    number: int  # identifies the branch
    # How many edits the two have in common; −1 if it cannot be replayed, but only be taken from
    # `History.other_branch`.
    shared: int
    edits: tuple[Edit, ...]  # the remaining edits of this branch
    end: Place  # its last place


@dataclass(frozen=True, slots=True)
class UndoStack:
    """Moments, the next one last."""

    places: bytes = b""  # one packed `PLACE` for each moment
    # A record for each place that is on another branch than the one after it.
    branches: tuple[BranchRecord, ...] = ()

    def __len__(self) -> int:
        return len(self.places) // PLACE.size

    @property
    def top(self) -> tuple[Place, BranchRecord | None] | None:
        """The next place, and its branch if that is another one."""
        if not self.places:
            return None
        other_branch, edits, cursor, iteration = PLACE.unpack(self.places[-PLACE.size :])
        return (edits, (iteration, cursor)), self.branches[-1] if other_branch else None

    def push(self, place: Place, branch: BranchRecord | None) -> "UndoStack":
        """Add a place, and forget the oldest ones if there are too many."""
        edits, (iteration, cursor) = place
        packed = PLACE.pack(branch is not None, edits, cursor, iteration)
        if branch is None and not self.branches:  # the fast path of most steps
            return UndoStack(self.places[-ROOM_FOR_ONE:] + packed)
        places = self.places + packed
        branches = self.branches if branch is None else (*self.branches, branch)
        while len(places) > MOST * PLACE.size or (
            len(branches) > 1  # a single one is always kept
            and sum(edit.size for each in branches for edit in each.edits) > EDIT_NUMBERS
        ):
            branches = branches[1:] if places[0] else branches
            places = places[PLACE.size :]
        return UndoStack(places, branches)

    def pop(self) -> "UndoStack":
        """Remove the next place."""
        branches = self.branches[:-1] if self.places[-PLACE.size] else self.branches
        return UndoStack(self.places[: -PLACE.size], branches)


EMPTY_STACK = UndoStack()


def branch_record(branch: History, shared: int) -> BranchRecord:
    """Return the record of a branch that was left for one with `shared` edits in common."""
    end = end_place(branch)
    if shared < branch.forgotten:
        return BranchRecord(branch.number, -1, (), end)
    return BranchRecord(branch.number, shared, branch.edits[shared - branch.forgotten :], end)


def end_place(branch: History) -> Place:
    """Return the last place of a branch that was left."""
    assert branch.end is not None
    return branch.forgotten + len(branch.edits), branch.end


def stored_branch(history: History, branch: BranchRecord) -> OtherBranch | None:
    """Return the other branch if it is this one and still reaches its end."""
    other = history.other_branch
    if other is None or other.branch.number != branch.number:
        return None
    return other if end_place(other.branch) >= branch.end else None
