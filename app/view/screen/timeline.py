"""The timeline: the steps of the iteration in a row, each of which can be clicked."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from app.backprop.addresses import unit_name
from app.backprop.steps import PHASES, Step
from app.view.notation.labels import Translate, phase_title, tick, title
from app.view.rendering.step_view import StepView


@dataclass(frozen=True, slots=True)
class Tick:
    """A step in the timeline: clicking it moves the cursor to its end."""

    cursor: int
    text: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """The steps of one phase."""

    phase: str
    title: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All phases and, if the granularity is single numbers, the units of the current layer."""

    stretches: tuple[Stretch, ...]
    units: tuple[Tick, ...]
    unit_title: str
    next: str


def timeline(step_view: StepView, _: Translate) -> Timeline:
    """The timeline at a step view's cursor."""
    ends = step_view.compiled.ends["phase" if step_view.by == "phase" else "layer"]
    ticks: dict[str, list[Tick]] = {phase: [] for phase in PHASES}
    for begin, end in pairwise((0, *ends)):
        block = step_view.steps[begin:end]
        ticks[block[0].phase].append(_tick(step_view, _, block, end))
    units = _units(step_view, _) if step_view.by == "unit" else ()
    return Timeline(
        stretches=tuple(
            Stretch(phase, phase_title(_, phase, step_view.shape), tuple(ticks[phase]))
            for phase in PHASES
        ),
        units=units,
        unit_title=title(
            _, step_view.shape, (step_view.block or step_view.steps)[0], whole_layer=True
        )
        if units
        else "",
        next=next_step_title(step_view, _),
    )


def _tick(step_view: StepView, _: Translate, block: tuple[Step, ...], end: int) -> Tick:
    if step_view.by == "phase":
        text = name = phase_title(_, block[0].phase, step_view.shape)
    else:
        text, name = tick(block[0]), title(_, step_view.shape, block[-1], whole_layer=True)
    return Tick(end, text, name, _state(step_view, end - len(block), end))


def _units(step_view: StepView, _: Translate) -> tuple[Tick, ...]:
    """The single steps of the layer's calculation that the cursor is in, or is about to enter."""
    ends = step_view.compiled.ends["layer"]
    index = bisect_right(ends, max(0, step_view.cursor - 1))
    begin = ends[index - 1] if index else 0
    return tuple(
        Tick(
            cursor,
            unit_text(step_view, step),
            step.symbol,
            _state(step_view, cursor - 1, cursor),
        )
        for cursor, step in enumerate(step_view.steps[begin : ends[index]], begin + 1)
    )


def _state(step_view: StepView, begin: int, end: int) -> str:
    if begin < step_view.cursor <= end:
        return "now"
    return "done" if step_view.cursor > end else "ahead"


def unit_text(step_view: StepView, step: Step) -> str:
    """What distinguishes a step from the others of its kind and layer."""
    if step.kind == "error":
        return step.symbol.replace("_", "")
    if step.unit is None or step.kind.startswith(("weight", "bias")):
        return step.symbol.split("∂")[-1]
    return unit_name(step.layer, step.unit, step_view.shape.depth)


def next_step_title(step_view: StepView, _: Translate) -> str:
    """What the next step computes, in words."""
    if step_view.by == "phase":
        return phase_title(_, step_view.next_step.phase, step_view.shape)
    return title(_, step_view.shape, step_view.next_step, whole_layer=step_view.by == "layer")
