"""The diagnosis of a student's number: right, or which misconceptions give exactly this number.

A number is right if it is within half a unit of its last digit of the true value; a misconception
gives it if it is within the same distance of the value that the misconception leads to.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from math import inf, isfinite
from types import MappingProxyType
from typing import Any

import numpy as np

from app.analysis.arrays import FUNCTIONS, Array, settled
from app.analysis.misconceptions import (
    MISCONCEPTIONS,
    OF_ANOTHER,
    UPDATED_WEIGHTS,
    Changes,
    Misconception,
    Results,
    graph_of,
    key,
    leading_to,
    values_given,
    values_of,
    wrong_formulas,
)
from app.backprop.errors import N_, Invalid
from app.backprop.expressions import Expression, evaluate, magnitude
from app.backprop.steps import Step, steps_of_kind
from app.simulation.simulation import Simulation

MOST_DECIMALS = 17
NUMBER = re.compile(
    r"[+-]?(\d{1,20}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE
)
MOST_CARRIED = 6  # how many steps before a mistake may have been made
ROUNDING = 1e-12  # of the largest number of its kind and layer: as far as a value is known
NEAR_ZERO = 0.01  # of the same
# A number of few digits says little, so less is read into it: how many units of its last digit it
# has at least where a mistake is named that was carried on, was cut as well, or took the value of
# another unit, whose values must differ as much. Otherwise every second 0.0003 would be explained.
CARRIED_UNITS, CUT_UNITS, OF_ANOTHER_UNITS = 20, 1000, 10
SHORTENED_UNITS = 50
CUT, ROUNDED = "cut", "rounded"
NEARLY = 1.000001  # half a unit, and what floats add to it where a value lies half way

_Lane = tuple[str, int]  # one of the two, and to how many decimals


@dataclass(frozen=True, slots=True)
class GivenNumber:
    """A number as a student gives it, with its digits."""

    value: Decimal
    decimals: int  # below 0 for a number such as 12e3
    # How much a unit of the last digit counts. It is not 1 where a sheet writes the half of a
    # quantity, say, and this is the whole.
    scale: Decimal = Decimal(1)

    @property
    def half_unit(self) -> Decimal:
        """Half a unit of the last digit."""
        return self.scale * Decimal(5).scaleb(-self.decimals - 1)

    @property
    def units(self) -> Decimal:
        """How many units of its last digit the number has."""
        return abs(self.value).scaleb(self.decimals) / self.scale

    def matches(self, value: float, rounding: float) -> bool:
        """Whether a value, which is known up to `rounding`, may be written like this."""
        if not isfinite(value):
            return False
        return abs(self.value - Decimal(value)) <= self.half_unit + Decimal(rounding)

    def is_cut_from(self, value: float) -> bool:
        """Whether the further digits of a value were left off."""
        if not isfinite(value):
            return False
        same_side = self.value == 0 or (self.value < 0) == (value < 0)
        return same_side and 0 <= abs(Decimal(value)) - abs(self.value) < 2 * self.half_unit


def parse_answer(given: str | float, decimals: int | None = None) -> GivenNumber:
    """A student's number; its own digits count unless `decimals` says how many.

    A true minus sign and a decimal comma are accepted. Raises Invalid if it is not a finite number.
    """
    text = str(given).strip().replace("−", "-").replace(",", ".")
    try:
        value = Decimal(text) if NUMBER.fullmatch(text) else Decimal("nan")
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise Invalid("answer", N_("Enter a number, such as −0.25."))
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return GivenNumber(value, -exponent if decimals is None else decimals)


def _lanes(decimals: int) -> list[_Lane]:
    """The ways to shorten results to at most so many decimals."""
    return [(name, count) for name in (CUT, ROUNDED) for count in range(2, decimals + 1)]


# A number of so many digits that every explanation is worth looking at.
_ENDLESS = GivenNumber(Decimal(1), MOST_DECIMALS)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misconception that gives the number."""

    name: str  # of the misconception; `cut` or `rounded`
    # Where it is made: the step itself or, if it was carried on, one before it.
    step: Step
    formula: Expression | None = None  # as it was applied there; None for `cut` and `rounded`
    # To which all results on the way were rounded or cut; 0 if only the last one was cut.
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class DiagnosedNumber:
    """What is to be said of an answer; without mistakes, a wrong one is not recognised."""

    step: Step  # that computes the quantity
    value: float  # the true one
    is_right: bool
    mistakes: tuple[Mistake, ...] = ()


NO_RESULTS: Mapping[str, float] = MappingProxyType({})


def diagnose(
    simulation: Simulation,
    target: str,
    answer: GivenNumber,
    own: Mapping[str, float] = NO_RESULTS,
    slack: float = 0.0,
) -> DiagnosedNumber:
    """Diagnose an answer for a quantity of the current iteration, whether it is shown yet or not.

    Args:
        target: the address of the result of a step; of a weight or bias, its new value is meant.
        own: results of the student's own, by key, from which the answer may have been computed. No
            mistake is looked for in them. The value is the one that follows from them.
        slack: how far the values that follow from them may be off.

    Raises KeyError if no step computes the quantity.
    """
    return _Search(simulation, target, answer, own, slack).diagnosis()


@dataclass(frozen=True, slots=True)
class ForeseenNumber:
    """A wrong number that can be foreseen, as a student would write it."""

    value: float
    given: GivenNumber
    mistake: Mistake


class ForeseenNumbers:
    """The wrong numbers that recognised mistakes lead to, in networks of one shape.

    Args:
        write: how a student would write a value, with the digits that are asked for.
        decimals: the most decimals to which results on the way may have been shortened.
    """

    def __init__(self, write: Callable[[float], GivenNumber], decimals: int) -> None:
        self.write = write
        self.lanes = _lanes(decimals)
        self._ways: dict[str, tuple[_Way, ...]] = {}  # by target: the same in every network

    def of(self, simulation: Simulation, targets: Iterable[str]) -> Iterator[list[ForeseenNumber]]:
        """Those of each of these quantities, the more common mistakes first, as `diagnose` explains
        them. No two of them are written alike, and none like the true value.

        Raises KeyError if no step computes one of them.
        """
        shortened: dict[str, Any] = {}
        for target in targets:
            search = _Search(simulation, target, _ENDLESS, NO_RESULTS, 0.0)
            if not shortened:
                shortened = search.shortened_from(self.lanes, search.graph.formulas)
            found: list[ForeseenNumber] = []
            right = self.write(search.value)
            taken = [(float(right.value), float(right.half_unit))]
            for each in (
                *self._cut(search, right),
                *self._mistaken(search),
                *self._shortened(search, shortened[search.target]),
            ):
                number, half_unit = float(each.given.value), float(each.given.half_unit)
                if abs(number - search.value) <= NEARLY * half_unit:
                    continue
                if all(abs(number - other) > NEARLY * half for other, half in taken):
                    taken.append((number, half_unit))
                    found.append(each)
            yield found

    def _cut(self, search: "_Search", right: GivenNumber) -> Iterator[ForeseenNumber]:
        unit = 2 * right.half_unit
        # A double just below 1.11 is 1.11 on paper, where nothing is cut off.
        units = (abs(Decimal(search.value)) + Decimal(search.rounding)) // unit
        value = float((units * unit).copy_sign(Decimal(search.value)))
        given = self.write(value)
        if given.units >= 1:
            yield ForeseenNumber(value, given, Mistake(CUT, search.step))

    def _mistaken(self, search: "_Search") -> Iterator[ForeseenNumber]:
        target = search.target
        if target not in self._ways:
            self._ways[target] = tuple(search.all_ways())
        seen = {search.value}
        for way in self._ways[target]:
            value = Results(search.graph, search.values, way.changes, way.affected)[target]
            if value in seen or not isfinite(value):
                continue
            given = self.write(value)
            units = given.units
            if way.mistake.name == OF_ANOTHER:
                units = min(units, search.spread.scaleb(given.decimals))
            if units >= way.least_units and (units >= 1 or value == 0):
                seen.add(value)
                yield ForeseenNumber(value, given, way.mistake)

    def _shortened(self, search: "_Search", values: Array) -> Iterator[ForeseenNumber]:
        lanes = np.broadcast_to(values, len(self.lanes)).tolist()
        for (name, count), value in zip(self.lanes, lanes, strict=True):
            if not NEAR_ZERO * search.scale < abs(value) < inf:
                continue
            given = self.write(value)
            if count <= given.decimals and given.units >= SHORTENED_UNITS:
                yield ForeseenNumber(value, given, Mistake(name, search.step, decimals=count))


class _Search:
    """The search for the mistakes that give an answer."""

    def __init__(
        self,
        simulation: Simulation,
        target: str,
        answer: GivenNumber,
        own: Mapping[str, float],
        slack: float,
    ) -> None:
        self.answer = answer
        self.graph, self.values = graph_of(simulation.shape), values_of(simulation)
        self.step = simulation.steps[simulation.compiled.position[target]]
        self.target = key(self.step)
        self.given = frozenset(own.keys() - {self.target})
        if self.given:
            given = {name: own[name] for name in self.given}
            self.values = values_given(self.graph, self.values, given)
        self.value = self.values[self.target]
        alike = steps_of_kind(simulation.shape, self.step.kind, self.step.layer)
        numbers = [n for n in (self.values[key(step)] for step in alike) if isfinite(n)]
        self.scale = max(map(abs, numbers), default=0.0)
        self.rounding = ROUNDING * self.scale + slack
        self.units = answer.units
        self.spread = Decimal(max(numbers, default=0.0) - min(numbers, default=0.0))
        self.spread_units = self.spread.scaleb(answer.decimals)

    def diagnosis(self) -> DiagnosedNumber:
        if self.matches(self.value):
            return DiagnosedNumber(self.step, self.value, is_right=True)
        is_cut = self.units >= 1 and self.answer.is_cut_from(self.value)
        mistakes = [Mistake(CUT, self.step)] if is_cut else []
        for misconception in MISCONCEPTIONS:
            mistakes += self.made(misconception)
        if self.units >= SHORTENED_UNITS and abs(self.answer.value) > NEAR_ZERO * self.scale:
            mistakes += self.shortened()
        first = {mistake.name: mistake for mistake in reversed(mistakes)}
        return DiagnosedNumber(self.step, self.value, False, tuple(reversed(first.values())))

    def matches(self, value: float) -> bool:
        """Whether the answer is this value, rounded; a wrong 0 must come from a value of 0."""
        if self.units < 1 and value not in (0.0, self.value):
            return False
        return self.answer.matches(value, self.rounding)

    def differs(self, value: float) -> bool:
        """Whether a value differs from the true one in the digits of the answer."""
        return abs(value - self.value) > 2 * float(self.answer.half_unit)

    def made(self, misconception: Misconception) -> list[Mistake]:
        """A misconception, if it gives the answer, where it is made nearest to the quantity."""
        may_be_cut = misconception.name != OF_ANOTHER and self.units >= CUT_UNITS
        for changes in self.ways(misconception):
            affected = self.graph.affected_by(changes, self.among(misconception, changes))
            value = Results(self.graph, self.values, changes, affected)[self.target]
            is_cut = may_be_cut and self.answer.is_cut_from(value) and self.differs(value)
            if self.matches(value) or is_cut:
                [formula, *_] = changes.values()
                mistake = Mistake(misconception.name, formula.step, formula.expression)
                return [mistake] if self.matches(value) else [mistake, Mistake(CUT, self.step)]
        return []

    def all_ways(self) -> Iterator["_Way"]:
        """All ways to make a mistake that the quantity depends on, whatever the numbers are."""
        for misconception in MISCONCEPTIONS:
            for changes in self.ways(misconception):
                affected = self.graph.affected_by(changes, self.among(misconception, changes))
                [formula, *_] = changes.values()
                mistake = Mistake(misconception.name, formula.step, formula.expression)
                least = OF_ANOTHER_UNITS if misconception.name == OF_ANOTHER else 0
                if changes.keys() != {self.target}:
                    least = max(least, CARRIED_UNITS)
                yield _Way(mistake, changes, frozenset(affected), least)

    def among(self, misconception: Misconception, changes: Changes) -> Container[str]:
        """The keys of the results that may have to be computed again."""
        if misconception is UPDATED_WEIGHTS:  # gradients then depend on updates, too
            return self.graph.formulas.keys() - self.given
        if self.step.phase != "forward" and all(
            formula.step.phase == "forward" for formula in changes.values()
        ):
            return {self.target}  # what was read wrongly here is right elsewhere
        return self.leading

    def ways(self, misconception: Misconception) -> Iterator[Changes]:
        """The ways to make a mistake: at the step itself, then before it."""
        other = misconception.name == OF_ANOTHER
        if not other or min(self.units, self.spread_units) >= OF_ANOTHER_UNITS:
            for formula in wrong_formulas(self.graph, misconception, self.target):
                yield {self.target: formula}
        if self.units >= CARRIED_UNITS:
            yield from self.carried(misconception)

    def carried(self, misconception: Misconception) -> Iterator[Changes]:
        """The ways to make it before the step: at one operand, in one layer, or in all."""
        own = wrong_formulas(self.graph, misconception, self.target)
        everywhere = {self.target: own[0]} if own else {}
        layers = len(everywhere)
        for block in self.blocks:
            if block.kind not in misconception.kinds:
                continue
            ways = {name: wrong_formulas(self.graph, misconception, name) for name in block.names}
            single = len(block.names) == 1
            if misconception.name != OF_ANOTHER:
                for way in range(max(map(len, ways.values()))):
                    changes = {name: each[way] for name, each in ways.items() if way < len(each)}
                    yield changes
                    if not way:
                        everywhere |= changes
                        layers += 1
            if block.is_operand and single == (misconception.name == OF_ANOTHER):
                yield from ({name: each} for name, formulas in ways.items() for each in formulas)
        if layers > 1:
            yield everywhere

    @cached_property
    def leading(self) -> Mapping[str, int]:
        """The keys of the steps that the quantity depends on, with their distances."""
        return leading_to(self.graph, self.target, self.given)

    @cached_property
    def blocks(self) -> list["_Block"]:
        """The steps before, the nearest first; of a gradient, only those forward ones it uses."""
        blocks: dict[tuple[str, int], list[str]] = {}
        forward = self.step.phase == "forward"
        for name, distance in self.leading.items():
            step = self.graph.formulas[name].step
            if 0 < distance <= MOST_CARRIED and (
                distance == 1 or (step.phase == "forward") == forward
            ):
                blocks.setdefault((step.kind, step.layer), []).append(name)
        return [
            _Block(kind, tuple(names), self.leading[names[0]] == 1)
            for (kind, _layer), names in blocks.items()
        ]

    def shortened(self) -> list[Mistake]:
        """Every result on the way was cut, or rounded; the least number of decimals for each.

        Then every operation of the last steps is rounded, too, to those given.
        """
        given = self.answer.decimals
        lanes = _lanes(given)
        if not lanes:
            return []
        found: dict[str, Mistake] = {}

        def find(values: Mapping[str, Any], least: int) -> None:
            results = np.broadcast_to(values[self.target], len(lanes)).tolist()
            for (name, count), value in zip(lanes, results, strict=True):
                if count >= least and self.answer.matches(value, 0.0):
                    found.setdefault(name, Mistake(name, self.step, decimals=count))

        order = [name for name in self.graph.formulas if name in self.leading]
        values = self.shortened_from(lanes, order)
        find(values, 2)
        with np.errstate(all="ignore"):
            after = _Shortening(10.0**given, np.asarray(0.5))
            for reach in (1, 2):
                near = dict(values)
                for name in (name for name in order if self.leading[name] < reach):
                    near[name] = after(self.evaluated(name, near, after))
                find(near, given)
        return [found[name] for name in (CUT, ROUNDED) if name in found]

    def shortened_from(self, lanes: Sequence[_Lane], order: Iterable[str]) -> dict[str, Any]:
        """The values of an iteration if these results, by key, are shortened: arrays, a lane each."""
        shorten = _Shortening(
            10.0 ** np.array([count for _, count in lanes]),
            np.array([0.5 * (name == ROUNDED) for name, _ in lanes]),
        )
        values: dict[str, Any] = dict(self.values)
        with np.errstate(all="ignore"):
            for name in order:
                values[name] = shorten(self.evaluated(name, values))
        return values

    def evaluated(
        self, name: str, values: Mapping[str, Any], rounded: Callable[[Array], Array] | None = None
    ) -> Array:
        """The result of a step in arrays; a net may count as 0."""
        step = self.graph.formulas[name].step
        value = evaluate(step.expression, values, FUNCTIONS, rounded=rounded)
        if step.settles:
            value = settled(value, evaluate(magnitude(step.expression), values, FUNCTIONS))
        return np.asarray(value)


@dataclass(frozen=True, slots=True)
class _Shortening:
    """Rounds or cuts numbers to some decimals, as by hand: a double next to a 5 counts as one."""

    unit: Array | float  # a power of 10
    half: Array  # 0.5, or 0 to cut

    def __call__(self, value: Array) -> Array:
        size = np.floor(np.abs(value) * self.unit + self.half + 1e-9)
        return np.asarray(np.copysign(size, value) / self.unit)


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """A way to make a mistake: the formulas that it changes, and the results that may then differ."""

    mistake: Mistake
    changes: Changes
    affected: frozenset[str]
    least_units: int  # of the last digit that a number must have for this explanation


@dataclass(frozen=True, slots=True)
class _Block:
    """The steps of one kind and layer that a result depends on."""

    kind: str
    names: tuple[str, ...]
    is_operand: bool  # whether the result is computed from them directly
