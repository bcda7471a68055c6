"""Which numbers a student is asked for next: of chosen kinds, and so many at a time.

The steps between are taken, so that what is asked never depends on a number that is not shown.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from app.backprop.compiler import compile_iteration
from app.backprop.network import Shape
from app.backprop.steps import Step, steps_of
from app.simulation.simulation import Simulation

LAYER, ONE, UNIT = AT_A_TIME = ("layer", "one", "unit")  # all of a layer, one of it, one by one

Range = tuple[int, int]  # of positions in an iteration: the first, and the one after the last


@dataclass(frozen=True, slots=True)
class AskedSteps:
    """What is asked: how many numbers at a time, and which kinds of steps; all if there are none."""

    by: str = LAYER
    kinds: tuple[str, ...] = ()

    def kinds_in(self, shape: Shape) -> tuple[str, ...]:
        """The kinds that are asked of a network: all that it has if it has none of those chosen."""
        own = kinds_of(shape)
        return tuple(kind for kind in own if kind in self.kinds) or own


@dataclass(frozen=True, slots=True)
class Coming:
    """What is asked next, and the simulations before and after it. Nobody may see the latter yet.

    Without steps, nothing more is asked in the iteration: `onward` leads to the next one.
    """

    number: int  # of it among what is asked in its iteration, from 1
    count: int  # of all that is asked there
    steps: tuple[Step, ...]
    before: Simulation
    after: Simulation
    shown: tuple[Step, ...]  # those taken last: what was asked before, and what was not asked

    @property
    def moment(self) -> str:
        """Names it, so that a page can say which one it is about."""
        iteration, cursor = self.after.moment
        return f"{iteration}.{cursor - len(self.steps)}.{cursor}"


def kinds_of(shape: Shape) -> tuple[str, ...]:
    """The kinds of steps that a network has, in their order."""
    return tuple(dict.fromkeys(step.kind for step in steps_of(shape)))


def coming(simulation: Simulation, asked: AskedSteps) -> Coming:
    """What is asked next in this iteration; at its end, in the next one if that begins with it."""
    iteration, cursor = simulation.moment
    if simulation.finished:
        iteration, cursor = iteration + 1, 0
    ranges = _asked_in(simulation, iteration, asked)
    for number, (first, end) in enumerate(ranges, 1):
        if end <= cursor:
            continue
        skipped, steps = max(first - cursor, 0), end - max(first, cursor)
        if skipped and simulation.finished:
            break
        before, after = simulation.step(UNIT, skipped), simulation.step(UNIT, skipped + steps)
        taken = after.steps[end - steps : end]
        return Coming(number, len(ranges), taken, before, after, _shown(before, asked))
    done = simulation.seek(len(simulation.steps))
    return Coming(len(ranges), len(ranges), (), done, done, _shown(done, asked))


def onward(simulation: Simulation, asked: AskedSteps) -> Simulation:
    """Take the steps up to what is asked next, in this iteration or in a later one."""
    next_asked = coming(simulation, asked)
    if next_asked.steps:
        return next_asked.before
    simulation = next_asked.before
    iteration, count = simulation.iteration + 1, 0
    while not (ranges := _asked_in(simulation, iteration, asked)):
        count += simulation.start.steps_in(iteration)
        iteration += 1
    return simulation.step(UNIT, count + ranges[0][0])


def _shown(before: Simulation, asked: AskedSteps) -> tuple[Step, ...]:
    ranges = _asked_in(before, before.iteration, asked)
    first = max((first for first, end in ranges if end <= before.cursor), default=0)
    return before.steps[first : before.cursor]


def _asked_in(simulation: Simulation, iteration: int, asked: AskedSteps) -> tuple[Range, ...]:
    """What is asked in an iteration, in its order."""
    shape = simulation.start.shape_in(iteration)
    ranges = _ranges(shape, asked.by == UNIT, asked.kinds_in(simulation.network.shape))
    if asked.by != ONE:
        return ranges
    return tuple(_one_of(each, (repr(simulation.examples[0]), iteration)) for each in ranges)


@lru_cache(maxsize=256)
def _ranges(shape: Shape, is_each: bool, kinds: tuple[str, ...]) -> tuple[Range, ...]:
    compiled = compile_iteration(shape)
    ends, steps = compiled.ends[UNIT if is_each else LAYER], compiled.steps
    return tuple(each for each in pairwise((0, *ends)) if steps[each[0]].kind in kinds)


def _one_of(layer: Range, seed: tuple[str, int]) -> Range:
    """One number of a layer: always the same in an iteration, another one with other inputs."""
    first, end = layer
    chosen = first + crc32(repr((seed, first)).encode()) % (end - first)
    return chosen, chosen + 1
