"""A moment in other people's slides: where the controls of an embedded page lead.

An embedded page keeps nothing. Its address says how many calculations have been made after the moment
of a permalink, and each control leads to another number of them.
"""

from bisect import bisect_left, bisect_right

from app.backprop.compiler import compile_iteration
from app.backprop.steps import PHASES
from app.simulation.simulation import Simulation
from app.view.rendering.page_state import Embedded

MOST_CALCULATIONS = 100_000


def embedded(origin: Simulation, count: int, by: str, until: int) -> tuple[Simulation, Embedded]:
    """Return the simulation that is `count` calculations after `origin`, at most `until`, and where
    the controls lead: to the steps of a granularity before and after it, and to the ends of phases."""
    count = min(count, until)
    now = origin.step("unit", count)
    start, ends = origin.start, now.compiled.ends[by]
    before = start.ends_before(by, now.iteration)
    following, previous = bisect_right(ends, now.cursor), bisect_left(ends, now.cursor) - 1
    began = start.ends_before("unit", origin.iteration) + origin.cursor

    def count_at(iteration: int, cursor: int) -> int:
        return start.ends_before("unit", iteration) + cursor - began

    def bounded(count: int) -> int:
        return max(0, min(count, until))

    is_first = before + previous < 0
    return now, Embedded(
        count,
        until,
        back=0 if is_first else bounded(count_at(*start.end_at(by, before + previous))),
        next=bounded(count_at(*start.end_at(by, before + following))),
        phases=tuple(bounded(count_at(*_moment(now, phase))) for phase in PHASES),
    )


def _moment(now: Simulation, phase: str) -> tuple[int, int]:
    """The end of a phase of this iteration, or of the next one if this one is finished."""
    iteration = now.iteration + now.finished
    ends = compile_iteration(now.start.shape_in(iteration)).ends["phase"]
    end = ends[PHASES.index(phase)]
    return iteration, end if now.finished else max(end, now.cursor)
