"""The timeline: the steps of the iteration in a row, each of which can be clicked."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from markupsafe import Markup

from app.backprop.quantity_names import unit_name
from app.backprop.steps import PHASES, Step
from app.view.notation.labels import (
    Translate,
    layer_name,
    layer_words,
    phase_name,
    phase_title,
    tick,
    title,
)
from app.view.rendering.step_view import StepView

# What has room beside the controls on a screen of 1280 px: characters, and steps of 1.5 of them.
_ROOM, _STEP = 92.0, 1.5


@dataclass(frozen=True, slots=True)
class Tick:
    """A step in the timeline: clicking it moves the cursor to its end."""

    cursor: int
    text: Markup
    title: str
    state: str

    @property
    def name(self) -> str:
        """What it is called: its text, and in words what it computes."""
        text = self.text.striptags()
        return self.title if text in self.title else f"{text}: {self.title}"


@dataclass(frozen=True, slots=True)
class LayerSteps:
    """The steps of one layer in a phase."""

    name: str
    title: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The steps of one phase."""

    phase: str
    name: str  # of the button that runs to its end
    title: str
    state: str
    groups: tuple[LayerSteps, ...]

    @property
    def ticks(self) -> tuple[Tick, ...]:
        return tuple(tick for group in self.groups for tick in group.ticks)


@dataclass(frozen=True, slots=True)
class Timeline:
    """All phases and, if the granularity is single numbers, the units of the current layer.

    The phases have the same steps in every granularity, so that none changes its place.
    """

    stretches: tuple[Stretch, ...]
    units: tuple[Tick, ...]
    unit_title: str
    next: str

    @property
    def scrolls(self) -> bool:
        """Whether its steps need more room than a laptop has."""
        ticks = [tick for stretch in self.stretches for tick in stretch.ticks]
        return sum(len(tick.text.striptags()) + _STEP for tick in ticks) > _ROOM


def timeline(step_view: StepView, _: Translate) -> Timeline:
    """The timeline at a step view's cursor."""
    ends = step_view.compiled.ends["layer"]
    blocks = [(step_view.steps[begin:end], end) for begin, end in pairwise((0, *ends))]
    units = _units(step_view, _) if step_view.by == "unit" else ()
    return Timeline(
        stretches=tuple(
            _stretch(step_view, _, phase, [each for each in blocks if each[0][0].phase == phase])
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


Blocks = Sequence[tuple[tuple[Step, ...], int]]  # the steps of a tick, and where they end


def _stretch(step_view: StepView, _: Translate, phase: str, blocks: Blocks) -> Stretch:
    begin, end = blocks[0][1] - len(blocks[0][0]), blocks[-1][1]
    return Stretch(
        phase=phase,
        name=phase_name(_, phase),
        title=phase_title(_, phase, step_view.shape),
        state=_state(step_view.cursor, begin, end),
        groups=tuple(_groups(step_view, _, blocks)),
    )


def _groups(step_view: StepView, _: Translate, blocks: Blocks) -> Iterator[LayerSteps]:
    for layer, run in groupby(blocks, key=lambda each: each[0][0].layer):
        yield LayerSteps(
            layer_name(_, step_view.shape, layer),
            layer_words(_, step_view.shape, layer),
            tuple(_tick(step_view, _, block, end) for block, end in run),
        )


def _tick(step_view: StepView, _: Translate, block: tuple[Step, ...], end: int) -> Tick:
    name = title(_, step_view.shape, block[-1], whole_layer=True)
    begin = end - len(block)
    # A whole phase is current, all of its steps are.
    if step_view.by == "phase" and step_view.block and block[0] in step_view.block:
        return Tick(end, tick(block[0]), name, "now")
    return Tick(end, tick(block[0]), name, _state(step_view.cursor, begin, end))


def _units(step_view: StepView, _: Translate) -> tuple[Tick, ...]:
    """The single steps of the layer's calculation that the cursor is in, or is about to enter."""
    ends = step_view.compiled.ends["layer"]
    index = bisect_right(ends, max(0, step_view.cursor - 1))
    begin = ends[index - 1] if index else 0
    return tuple(
        Tick(
            cursor,
            Markup.escape(unit_text(step_view, step)),
            step.symbol,
            _state(step_view.cursor, cursor - 1, cursor),
        )
        for cursor, step in enumerate(step_view.steps[begin : ends[index]], begin + 1)
    )


def _state(cursor: int, begin: int, end: int) -> str:
    if begin < cursor <= end:
        return "now"
    return "done" if cursor > end else "ahead"


def unit_text(step_view: StepView, step: Step) -> str:
    """What distinguishes a step from the others of its kind and layer."""
    if step.kind == "error":
        return step.symbol.replace("_", "")
    if step.unit is None or step.kind.startswith(("weight", "bias")):
        return step.symbol.split("∂")[-1]
    return unit_name(step.layer, step.unit, step_view.shape)


def next_step_title(step_view: StepView, _: Translate) -> str:
    """What the next step computes, in words."""
    if step_view.by == "phase":
        return phase_title(_, step_view.next_step.phase, step_view.shape)
    return title(_, step_view.shape, step_view.next_step, whole_layer=step_view.by == "layer")
