"""Marks the working of one iteration, line by line.

A line is right if it agrees with the true value in the digits it is given with. Otherwise it may still
follow from the lines before it: then the mistake was made there, and it is named there only. What a
line follows from are the student's own numbers: those on paper, or those that were left in the
calculator when they were rounded. Quantities that were not written are computed from those that were.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from math import isfinite

from app.analysis.diagnosis import (
    CUT,
    ROUNDED,
    ROUNDING,
    GivenNumber,
    Mistake,
    diagnose,
    parse_answer,
)
from app.analysis.misconceptions import graph_of, key, values_of
from app.backprop.errors import Invalid
from app.backprop.network import Shape
from app.backprop.steps import Step, steps_of_kind
from app.exercises.answers import AnswerLine
from app.exercises.name_book import CHANGE, GIVEN, Meaning, WorkingConventions, guessed, plain_name
from app.simulation.simulation import Simulation

RIGHT, FOLLOW_ON, WRONG, UNREAD = VERDICTS = ("right", "follow_on", "wrong", "unread")
# Why a line is unread: nothing has its name; its answer is no number, or one of two (1,250 may be 1.25
# or 1250); or it says what is given.
UNKNOWN, NO_NUMBER, AMBIGUOUS, IS_GIVEN = "unknown", "no_number", "ambiguous", "given"
# Of so many numbers it is tried which were taken from paper, and which from the calculator, if that
# makes a difference of half a unit; for the others, anything between counts.
MOST_CHOICES = 6
# So many results are computed at most to find such a mix; then a line has to follow from the numbers
# on paper alone, or from those in the calculator. No working that somebody has written needs as many.
MOST_TRIED = 300_000
MOST_EXPLAINED = 50  # wrong lines whose mistakes are looked for; each takes some milliseconds


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """What is to be said of a line. Its numbers are as the sheet writes them, with its signs."""

    line: AnswerLine
    verdict: str  # one of `VERDICTS`
    step: Step | None = None  # that computes the quantity; None if nothing has this name
    right: float | None = None  # the true value; None if the line is unread
    # The value that follows from the student's lines before it.
    own: float | None = None
    # The mistakes that give the number of a wrong line, the likelier first; maybe none.
    mistakes: tuple[Mistake, ...] = ()
    reason: str = ""  # why it is unread

    @property
    def address(self) -> str | None:
        """The address of the quantity; of a weight or bias, its new value is meant. None if the
        line has a name, and nothing is called like this."""
        if self.step is None:
            return self.line.name if self.line.is_address else None
        return self.step.result


@dataclass(frozen=True, slots=True)
class MarkedWorking:
    """The lines of a working, in order, and the conventions that their names were read by."""

    lines: tuple[MarkedLine, ...]
    conventions: WorkingConventions

    @property
    def first_wrong(self) -> int | None:
        """The index of the first line that is wrong, and does not follow from those before it."""
        verdicts = [line.verdict for line in self.lines]
        return verdicts.index(WRONG) if WRONG in verdicts else None


def mark(
    simulation: Simulation,
    lines: Sequence[AnswerLine],
    conventions: WorkingConventions | None = None,
    decimals: int | None = None,
) -> MarkedWorking:
    """Mark the lines of a working of the current iteration, wherever its cursor is.

    Args:
        conventions: of the sheet; by default, as the names in the lines suggest.
        decimals: how many decimals count in every answer; by default, those that it has.
    """
    if conventions is None:
        names = (line.name for line in lines if not line.is_address)
        conventions = guessed(
            names, simulation.shape, WorkingConventions.of(simulation.shape.named)
        )
    working = _Working(simulation, conventions, decimals)
    return MarkedWorking(tuple(map(working.mark, lines)), conventions)


@dataclass(eq=False, slots=True)
class _OwnNumber:
    """A number of the student's own, which later lines may be computed from."""

    answer: GivenNumber
    # What the calculator most likely showed before it was rounded; if it is wrong, that is not known.
    carried: float
    # What it follows from; None if it is wrong, or right although it does not follow.
    follows: "_Following | None" = None
    is_wrong: bool = False
    # The true value, if a later line shows that the number was right wherever it was used.
    meant: float | None = None
    _shown: tuple[float, float] | None = None

    @property
    def written(self) -> float:
        return float(self.answer.value)

    @property
    def shown(self) -> tuple[float, float]:
        """Between which numbers the one in the calculator was: it is rounded to the number on paper,
        and follows. Of a wrong number, no more than the first is known."""
        if self._shown is None:
            self._shown = self._in_calculator()
        return self._shown

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which numbers it is, on paper or in the calculator."""
        low, high = self.shown
        return min(low, self.written), max(high, self.written)

    def _in_calculator(self) -> tuple[float, float]:
        if self.follows is None and not self.is_wrong:
            return self.carried, self.carried
        half = float(self.answer.half_unit)
        low, high = self.written - half, self.written + half
        if self.follows is not None:
            least, most = self.follows.between
            if low <= most and least <= high:
                return max(low, least), min(high, most)
        return low, high


class _Working:
    """The lines marked so far."""

    def __init__(
        self, simulation: Simulation, conventions: WorkingConventions, decimals: int | None
    ) -> None:
        self.simulation, self.conventions, self.decimals = simulation, conventions, decimals
        self.shape: Shape = simulation.shape
        self.graph, self.values = graph_of(simulation.shape), values_of(simulation)
        self.steps, self.position = simulation.steps, simulation.compiled.position
        self.order = {name: index for index, name in enumerate(self.graph.formulas)}
        self.own: dict[str, _OwnNumber] = {}  # by key
        self.deviating: set[str] = set()  # those that are not right
        self.sizes: dict[tuple[str, int], float] = {}
        self.has_left_forward = False
        self.tried = self.explained = 0

    def mark(self, line: AnswerLine) -> MarkedLine:
        """Mark the next line."""
        meaning = self._meaning(line)
        if meaning is None:
            return MarkedLine(line, UNREAD, reason=UNKNOWN)
        position = self.position.get(meaning.address)
        step = None if position is None else self.steps[position]
        if step is None or meaning.of == GIVEN:
            return MarkedLine(
                line, UNREAD, step, reason=IS_GIVEN if meaning.of == GIVEN else UNKNOWN
            )
        try:
            answer = self._answer(line, meaning)
        except Invalid:
            return MarkedLine(line, UNREAD, step, reason=NO_NUMBER)
        if line.is_ambiguous:
            return MarkedLine(line, UNREAD, step, reason=AMBIGUOUS)
        if self._repeats_what_is_given(line, step, answer):
            return MarkedLine(line, UNREAD, step, reason=IS_GIVEN)
        self.has_left_forward = self.has_left_forward or step.phase != "forward"
        verdict, follows, mistakes = self._verdict(step, answer)
        right, own = (
            self._on_sheet(value, meaning) for value in (self.values[key(step)], follows.on_paper)
        )
        return MarkedLine(line, verdict, step, right, own, mistakes)

    # Reading.

    def _meaning(self, line: AnswerLine) -> Meaning | None:
        if not line.is_address:
            return self.conventions.meaning(line.name, self.shape)
        known = line.name in self.position
        return self.conventions.at(line.name, self.shape) if known else None

    def _answer(self, line: AnswerLine, meaning: Meaning) -> GivenNumber:
        """The answer as a value of the quantity itself. Raises Invalid."""
        given = parse_answer(line.answer, self.decimals)
        scale = Decimal(repr(meaning.scale))
        value = given.value / scale
        if meaning.of == CHANGE:
            value += Decimal(repr(self.values[meaning.address]))
        return GivenNumber(value, given.decimals, 1 / abs(scale))

    def _on_sheet(self, value: float, meaning: Meaning) -> float:
        """A value of the quantity as the sheet writes it."""
        old = self.values[meaning.address] if meaning.of == CHANGE else 0.0
        return meaning.scale * (value - old) + 0.0

    def _repeats_what_is_given(self, line: AnswerLine, step: Step, answer: GivenNumber) -> bool:
        """Whether a weight or bias at the head of a working is copied from the exercise: its name
        alone, with its old value, before anything of the backward pass."""
        if line.is_address or self.has_left_forward or step.phase != "update":
            return False
        own_name = self.conventions.name_of(step.result, self.shape)
        is_alone = plain_name(line.name) == plain_name(own_name)
        return is_alone and answer.value == Decimal(repr(self.values[step.result]))

    # Marking.

    def _verdict(
        self, step: Step, answer: GivenNumber
    ) -> tuple[str, "_Following", tuple[Mistake, ...]]:
        name = key(step)
        true, follows = self.values[name], _Following(self, name)
        size = self._size(step)
        is_right = answer.matches(true, ROUNDING * size)
        if isfinite(follows.on_paper):
            size = max(size, abs(follows.on_paper))
        carried = follows.carried_to(answer, ROUNDING * size)
        mistakes: tuple[Mistake, ...] = ()
        verdict = RIGHT if is_right else WRONG if carried is None else FOLLOW_ON
        if carried is not None:
            own = _OwnNumber(answer, carried, follows)
        elif is_right:
            own = _OwnNumber(answer, true)
            follows.were_meant()
        else:
            own = _OwnNumber(answer, float(answer.value), is_wrong=True)
            mistakes = self._mistakes(step, answer, follows)
        self.own[name] = own
        (self.deviating.discard if verdict == RIGHT else self.deviating.add)(name)
        return verdict, follows, mistakes

    def _size(self, step: Step) -> float:
        """The largest number of the same kind and layer."""
        block = step.kind, step.layer
        if block not in self.sizes:
            alike = steps_of_kind(self.shape, *block)
            sizes = (abs(self.values[key(each)]) for each in alike)
            self.sizes[block] = max(filter(isfinite, sizes), default=0.0)
        return self.sizes[block]

    def _mistakes(
        self, step: Step, answer: GivenNumber, follows: "_Following"
    ) -> tuple[Mistake, ...]:
        """The mistakes that give a number from the student's own ones, or else from the true ones."""
        if self.explained == MOST_EXPLAINED:
            return ()
        self.explained += 1
        ways = [{name: own.written for name, own in self.own.items()}]
        if self.deviating:
            ways.append({name: own.carried for name, own in self.own.items()})
        slack = follows.slack if self.deviating else 0.0
        found: dict[str, Mistake] = {}
        for own in ways:
            for mistake in diagnose(self.simulation, step.result, answer, own, slack).mistakes:
                found.setdefault(mistake.name, mistake)
        if found.keys() <= {CUT, ROUNDED}:  # it may have been made in another line, right on paper
            for mistake in diagnose(self.simulation, step.result, answer).mistakes:
                found.setdefault(mistake.name, mistake)
        return tuple(sorted(found.values(), key=lambda mistake: mistake.name in (CUT, ROUNDED)))


class _Following:
    """What follows for a quantity from the student's own numbers, those next to it."""

    def __init__(self, working: _Working, name: str) -> None:
        self.working, self.name = working, name
        self.formulas = working.graph.formulas
        self.used: dict[str, _OwnNumber] = {}
        self.computed: list[str] = []  # the keys of what is computed from them, in order
        self._find()

    @cached_property
    def on_paper(self) -> float:
        """The value that follows from the numbers on paper."""
        return self._value({at: own.written for at, own in self.used.items()})

    def _find(self) -> None:
        """Go back from the quantity to the student's numbers, and to what is given."""
        working = self.working
        queue = [self.name]
        between = set(queue)
        for name in queue:
            for text in self.formulas[name].step.operands:
                if text in working.own:
                    self.used[text] = working.own[text]
                elif text in self.formulas and text not in between:
                    between.add(text)
                    queue.append(text)
        reached = set(self.used)
        for name in sorted(between, key=working.order.__getitem__):
            if not reached.isdisjoint(self.formulas[name].step.operands):
                reached.add(name)
                self.computed.append(name)
        self.operands = {
            text: working.values[text]
            for name in self.computed
            for text in self.formulas[name].step.operands
        }

    def _value(self, own: Mapping[str, float]) -> float:
        """The value of the quantity with these numbers."""
        if not self.computed:
            return self.working.values[self.name]
        values = {**self.operands, **own}
        for name in self.computed:
            values[name] = self.formulas[name].compute(values)
        return values[self.name]

    @cached_property
    def in_calculator(self) -> float:
        """The value that follows from the numbers before they were rounded."""
        return self._value({at: own.carried for at, own in self.used.items()})

    @cached_property
    def between(self) -> tuple[float, float]:
        """Between which values it is, if all numbers are between those on paper and those in the
        calculator."""
        at = {name: sum(own.bounds) / 2 for name, own in self.used.items()}
        low = high = self._value(at)
        for name, own in self.used.items():
            down, up = self._moved(at, name, own.bounds)
            low, high = low + down, high + up
        return low, high

    @property
    def slack(self) -> float:
        """How far the value may be off, if that is known."""
        low, high = self.between
        return (high - low) / 2 if isfinite(high - low) else 0.0

    def carried_to(self, answer: GivenNumber, noise: float) -> float | None:
        """What the calculator showed if an answer follows; None if it does not.

        It follows from the numbers in the calculator, from those on paper, or from some of these and
        some of those.
        """
        if answer.matches(self.in_calculator, noise):
            return self.in_calculator
        if not self.used:
            return None
        carried = {at: own.carried for at, own in self.used.items()}
        paper = {at: own.written for at, own in self.used.items()}
        meant = {at: own.meant for at, own in self.used.items() if own.meant is not None}
        ways = [paper] + [{**way, **meant} for way in (carried, paper) if meant]
        for way in ways:
            value = self._value(way)
            if answer.matches(value, noise):
                return value
        mixes = [carried, {**carried, **meant}] if meant else [carried]
        follows = any(self._is_mixed(answer, noise, at) for at in mixes)
        return float(answer.value) if follows else None

    def _is_mixed(self, answer: GivenNumber, noise: float, at: Mapping[str, float]) -> bool:
        """Whether an answer follows from these numbers with some of those on paper among them."""
        self.working.tried += 3 * len(self.used) * len(self.computed)
        if self.working.tried > MOST_TRIED:
            return False
        low = high = 0.0  # how far a value may be moved by numbers that make no great difference
        effects: dict[str, float] = {}  # of taking the number on paper
        for name, own in self.used.items():
            down, up = self._moved(at, name, own.shown)
            low, high = low + down, high + up
            effects[name] = sum(self._moved(at, name, (own.written,)))
        first = sorted(effects, key=lambda name: abs(effects[name]), reverse=True)[:MOST_CHOICES]
        choices = [name for name in first if abs(effects[name]) > float(answer.half_unit)]
        for name in effects.keys() - choices:
            low, high = low + min(effects[name], 0.0), high + max(effects[name], 0.0)
        if not isfinite(high - low):
            return False
        written = float(answer.value)
        for count in range(len(choices) + 1):
            for taken in combinations(choices, count):
                value = self._value({**at, **{name: self.used[name].written for name in taken}})
                if answer.matches(min(max(written, value + low), value + high), noise):
                    return True
        return False

    def _moved(
        self, at: Mapping[str, float], name: str, ends: Iterable[float]
    ) -> tuple[float, float]:
        """How far down and up the value moves if one of the numbers moves to the ends."""
        value = self._value(at)
        moves = [self._value({**at, name: end}) - value for end in ends if end != at[name]]
        return min([0.0, *moves]), max([0.0, *moves])

    def were_meant(self) -> None:
        """Note that the numbers were right wherever they were used, though not on paper."""
        for name in self.used.keys() & self.working.deviating:
            self.used[name].meant = self.working.values[name]
