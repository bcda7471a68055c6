"""How a simulation came to where it stands, at a bounded size.

Kept are the start, the edits, a bounded number of checkpoints of the parameters, and a thinned
error curve. What lies between two checkpoints is run again when it is asked for: an iteration of
3-4-2 takes microseconds, and gives the same bits. Numbers are kept packed, since a session is
stored at every step but its history is read only when going back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.backprop.curve import Curve, pack_numbers, stride_for, unpack_numbers
from app.backprop.network import Example, Network, Shape
from app.backprop.program import flat, program_of

CHECKPOINTS = 64
CHECKPOINT_NUMBERS = 3_456  # all checkpoints together: 27 kB, whatever the network's size
FEWEST_CHECKPOINTS = 12
CHECKPOINT_EVERY = 16  # iterations: closer together they would cost more than they save
EDIT_NUMBERS = 1_024  # all edits together; the oldest are forgotten first
EDIT_OVERHEAD = 5  # numbers: what an edit takes besides its own, so that small ones count as well
NO_CURVE = Curve()
CURVE_AGAIN = 4_096  # iterations: up to here the curve is made anew when it is too coarse


@dataclass(frozen=True, slots=True)
class Start:
    """All that an iteration starts from.

    Attributes:
        iteration: its number, counted from 0.
        previous_error: E of the iteration before it, None for the first.
    """

    network: Network
    examples: tuple[Example, ...]
    learning_rate: float
    iteration: int = 0
    previous_error: float | None = None

    def run(self, iterations: int) -> tuple["Start", list[float]]:
        """The start `iterations` later, and the E of each iteration between."""
        if not iterations:
            return self, []
        parameters, errors = program_of(self.network.shape).train(
            self.network.parameters,
            [flat(example) for example in self.examples],
            self.learning_rate,
            self.iteration,
            iterations,
        )
        network = Network(self.network.shape, parameters)
        later = replace(
            self,
            network=network,
            iteration=self.iteration + iterations,
            previous_error=errors[-1],
        )
        return later, errors


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed, and where it was made.

    Attributes:
        iteration, cursor: the moment before it, to which going back returns.
        parameters: (index, new value) of each parameter that changed.
        examples, learning_rate, activations: the new ones, None where unchanged.
    """

    iteration: int
    cursor: int
    parameters: tuple[tuple[int, float], ...] = ()
    examples: tuple[Example, ...] | None = None
    learning_rate: float | None = None
    activations: tuple[str, ...] | None = None

    def apply(self, start: Start) -> Start:
        """The start of the same iteration with the change made."""
        parameters = list(start.network.parameters)
        for index, value in self.parameters:
            parameters[index] = value
        shape = start.network.shape
        return replace(
            start,
            network=Network(
                replace(shape, activations=self.activations) if self.activations else shape,
                tuple(parameters),
            ),
            examples=start.examples if self.examples is None else self.examples,
            learning_rate=(
                start.learning_rate if self.learning_rate is None else self.learning_rate
            ),
        )

    @property
    def size(self) -> int:
        """How many numbers it takes to keep."""
        rows = self.examples or ()
        return len(self.parameters) + sum(len(flat(example)) for example in rows) + EDIT_OVERHEAD


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The parameters at the start of an iteration, after `edits` of the edits were made."""

    edits: int
    iteration: int
    parameters: bytes
    previous_error: float | None


@dataclass(frozen=True, slots=True)
class History:
    """What is needed to return to any earlier moment, exactly.

    Attributes:
        origin: how the session began; a reset returns there.
        beginning: the earliest moment that going back can reach, where that is no longer the
            origin because the oldest edits were forgotten.
    """

    origin: Start
    beginning: Start | None = None
    edits: tuple[Edit, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    curve: Curve = NO_CURVE

    @classmethod
    def begun(cls, start: Start) -> "History":
        """The history of what begins with `start`."""
        return cls(start, curve=Curve(first=start.iteration))

    @property
    def first(self) -> Start:
        return self.beginning or self.origin

    @property
    def edited_at(self) -> int:
        """The iteration that began, at cursor 0, with the last edit (or with the session)."""
        return self.edits[-1].iteration if self.edits else self.first.iteration

    def advanced(self, start: Start, errors: Sequence[float]) -> "History":
        """With a run of iterations that ended at `start`, and their errors."""
        checkpoints = self.checkpoints
        last = checkpoints[-1].iteration if checkpoints else self.first.iteration
        if start.iteration - last >= CHECKPOINT_EVERY:
            checkpoints = self._thinned((*checkpoints, self._checkpoint(start)))
        begun, examples = start.iteration - len(errors), len(start.examples)
        curve = self.curve.extended(begun, errors, examples)
        return replace(self, checkpoints=checkpoints, curve=curve)

    def edited(self, edit: Edit) -> "History":
        """With one more edit; the oldest are forgotten where they grow too many."""
        history = replace(self, edits=(*self.edits, edit))
        while len(history.edits) > 1 and sum(e.size for e in history.edits) > EDIT_NUMBERS:
            history = history._without_first_edit()
        return history

    def at(self, edits: int, iteration: int) -> tuple[Start, "History"]:
        """The start of an earlier iteration, after the first `edits` edits, and its history.

        Checkpoints are made on the way, closer together towards the end, so that going on back
        from there is cheap.
        """
        checkpoints = tuple(
            checkpoint
            for checkpoint in self.checkpoints
            if (checkpoint.edits, checkpoint.iteration) <= (edits, iteration)
        )
        history = replace(self, edits=self.edits[:edits], checkpoints=checkpoints)
        start, done = history._last_kept()
        for edit in self.edits[done:edits]:
            start = edit.apply(start.run(edit.iteration - start.iteration)[0])
        for stop in _closing_in(start.iteration, iteration):
            start = start.run(stop - start.iteration)[0]
            kept = (*history.checkpoints, history._checkpoint(start))
            history = replace(history, checkpoints=history._thinned(kept))
        history = replace(history, curve=history._curve_until(iteration))
        return start.run(iteration - start.iteration)[0], history

    def _curve_until(self, iteration: int) -> Curve:
        """The curve, made anew where it is coarser than so few iterations need."""
        coarse = self.curve.stride > stride_for(iteration, len(self.first.examples))
        if not coarse or self.first.iteration or iteration > CURVE_AGAIN:
            return self.curve
        curve, start = Curve(), self.first
        for edit in self.edits:
            later, errors = start.run(edit.iteration - start.iteration)
            curve = curve.extended(start.iteration, errors, len(start.examples))
            start = edit.apply(later)
        errors = start.run(iteration - start.iteration)[1]
        return curve.extended(start.iteration, errors, len(start.examples))

    def _last_kept(self) -> tuple[Start, int]:
        """The latest start that is kept, and how many of the edits it includes."""
        if not self.checkpoints:
            return self.first, 0
        last = self.checkpoints[-1]
        start = self.first
        for edit in self.edits[: last.edits]:
            start = edit.apply(start)
        network = Network(start.network.shape, unpack_numbers(last.parameters))
        kept = replace(
            start,
            network=network,
            iteration=last.iteration,
            previous_error=last.previous_error,
        )
        return kept, last.edits

    def _checkpoint(self, start: Start) -> Checkpoint:
        packed = pack_numbers(start.network.parameters)
        return Checkpoint(len(self.edits), start.iteration, packed, start.previous_error)

    def _thinned(self, checkpoints: tuple[Checkpoint, ...]) -> tuple[Checkpoint, ...]:
        """One fewer where there are too many: the one that is missed least.

        A gap costs what it takes to run through it, and is weighed against how far back it lies,
        up to an eighth of the whole: so gaps grow with their distance, but stay bounded.
        """
        if len(checkpoints) <= capacity(self.origin.network.shape):
            return checkpoints
        numbers = [self.first.iteration, *(point.iteration for point in checkpoints)]
        now = numbers[-1]
        missed = [
            (after - before) / (1 + min(now - after, now >> 3))
            for before, after in zip(numbers, numbers[2:], strict=False)
        ]
        least = missed.index(min(missed))
        return checkpoints[:least] + checkpoints[least + 1 :]

    def _without_first_edit(self) -> "History":
        edit = self.edits[0]
        start, _ = self.at(0, edit.iteration)
        return replace(
            self,
            beginning=edit.apply(start),
            edits=self.edits[1:],
            checkpoints=tuple(
                replace(point, edits=point.edits - 1) for point in self.checkpoints if point.edits
            ),
        )


def capacity(shape: Shape) -> int:
    """How many checkpoints are kept: fewer for large networks, so that a session stays small."""
    fitting = CHECKPOINT_NUMBERS // max(1, shape.parameter_count)
    return max(FEWEST_CHECKPOINTS, min(CHECKPOINTS, fitting))


def _closing_in(low: int, high: int) -> Iterator[int]:
    """Iterations between the two, at distances from `high` that halve: …, high − 2, high − 1."""
    distance = 1 << max(0, (high - low).bit_length() - 1)
    while distance:
        if low < high - distance:
            yield high - distance
        distance >>= 1
