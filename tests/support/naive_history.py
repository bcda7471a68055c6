"""A naive simulation that keeps what lies ahead, the line that it left, and what can be undone.

A line is a plain list of its moments; where one stands is an index into it. What an iteration begins
with is the end of the one before it and so no moment of its own, but one can jump there: `beginning`
says that the moment is meant that follows without a calculation.
"""

from dataclasses import dataclass
from typing import NamedTuple

from tests.support.naive import Iteration, Moment, Naive


@dataclass
class Line:
    number: int
    moments: list[Moment]


class Place(NamedTuple):
    line: Line
    at: int
    beginning: bool


class NaiveHistory(Naive):
    """The same moves, and through time. `command` makes one that can be undone."""

    def __init__(self, beginning: Iteration) -> None:
        self.line = Line(0, [Moment(beginning, 0)])
        self.other: Line | None = None
        self.index, self.beginning, self.newest = 0, False, 0
        self.past: list[Place] = []
        self.undone: list[Place] = []

    @property
    def now(self) -> Moment:
        moment = self.line.moments[self.index]
        return Moment(moment.iteration.following(), 0) if self.beginning else moment

    @property
    def place(self) -> Place:
        return Place(self.line, self.index, self.beginning)

    def _append(self, moment: Moment) -> None:
        """The next moment; where the line goes on otherwise, on a line of its own."""
        ahead = self.line.moments[self.index + 1 :]
        if ahead and not moment.edited and not ahead[0].edited:
            assert ahead[0][1:] == moment[1:]
        elif ahead:
            self._branch()
        if self.index + 1 == len(self.line.moments):
            self.line.moments.append(moment)
        self.index, self.beginning = self.index + 1, False

    def _branch(self) -> None:
        self.newest += 1
        self.other = self.line
        self.line = Line(self.newest, self.line.moments[: self.index + 1])

    def _next(self) -> None:
        iteration, cursor, _ = self.now
        if self.now.finished:
            iteration, cursor = iteration.following(), 0
        self._append(Moment(iteration, cursor + 1))

    def back(self, by: str, count: int) -> None:
        for _ in range(count):
            if not self.index:
                return
            edited = self.now.edited
            self.index, self.beginning = self.index - 1, False
            while not edited and not self.now.edited and not self.now.ends(by):
                self.index -= 1

    def reset(self) -> None:
        self.index, self.beginning = 0, False

    def edit(self, *, anew: bool = False, **changes: object) -> None:
        line, index = self.line, self.index
        self.moments = [self.now]
        super().edit(anew=anew, **changes)
        *_, moment = self.moments
        if len(self.moments) == 2:
            assert (self.line, self.index) == (line, index)
            self._append(moment)

    def travel(self, iteration: int, cursor: int) -> None:
        """To that moment, after the last edit of the iteration."""
        numbered = [(moment.iteration.number, moment.cursor) for moment in self.line.moments]
        since = self._since(iteration)
        goal = iteration, cursor
        self.beginning = goal not in numbered[since:]
        if self.beginning:
            assert cursor == 0
            goal = iteration - 1, self.steps_in(iteration - 1, since)
        self.index = since + numbered[since:].index(goal)

    def _since(self, iteration: int) -> int:
        """Where the last edit up to an iteration was made."""
        edited = [m.edited and m.iteration.number <= iteration for m in self.line.moments]
        return max((index for index, yes in enumerate(edited) if yes), default=0)

    def steps_in(self, iteration: int, since: int | None = None) -> int:
        """How many an iteration has, after the last edit of it."""
        moments = self.line.moments[self._since(iteration) if since is None else since :]
        [*_, found] = [m.iteration for m in moments if m.iteration.number == iteration]
        return len(found.calculations)

    def returned(self) -> None:
        if self.other is not None:
            self.line, self.other = self.other, self.line
            self.index, self.beginning = len(self.line.moments) - 1, False

    # What can be undone.

    def remember(self, before: Place) -> None:
        """After a command that began there."""
        if (before.line.number, *before[1:]) != (self.line.number, *self.place[1:]):
            self.past.append(before)
            self.undone = []

    def undo(self) -> None:
        self._retrace(self.past, self.undone)

    def redo(self) -> None:
        self._retrace(self.undone, self.past)

    def reaches(self, trail: list[Place]) -> bool:
        """Whether the last place of a trail is on one of the two lines that are kept."""
        return bool(trail) and any(trail[-1].line is line for line in (self.line, self.other))

    def _retrace(self, trail: list[Place], opposite: list[Place]) -> None:
        if not self.reaches(trail):
            return
        opposite.append(self.place)
        line, self.index, self.beginning = trail.pop()
        if line is not self.line:
            self.line, self.other = line, self.line
