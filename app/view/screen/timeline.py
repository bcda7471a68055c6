"""The iteration as a line of steps, each of which can be clicked."""

from bisect import bisect_right
from dataclasses import dataclass

from app.backprop.addresses import unit_name
from app.backprop.steps import PHASES, Step
from app.view.notation.labels import TICKS, Translate, phase_title, title
from app.view.rendering.step_view import StepView


@dataclass(frozen=True, slots=True)
class Tick:
    """A step of the timeline: clicking it moves the cursor to its end."""

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
    """All phases, and where steps are single numbers, those of the layer that the cursor is in."""

    stretches: tuple[Stretch, ...]
    units: tuple[Tick, ...]
    unit_title: str
    next: str


def timeline(scene: StepView, _: Translate) -> Timeline:
    """The timeline of a scene."""
    ends = scene.program.ends["phase" if scene.by == "phase" else "layer"]
    begins = (0, *ends[:-1])
    blocks = [scene.steps[a:b] for a, b in zip(begins, ends, strict=True)]
    ticks = [_tick(scene, _, block, end) for block, end in zip(blocks, ends, strict=True)]
    units = _units(scene, _) if scene.by == "unit" else ()
    return Timeline(
        stretches=tuple(
            Stretch(
                phase,
                phase_title(_, phase, scene.shape),
                tuple(
                    tick
                    for tick, block in zip(ticks, blocks, strict=True)
                    if block[0].phase == phase
                ),
            )
            for phase in PHASES
        ),
        units=units,
        unit_title=_title(scene, _, (scene.block or scene.steps)[0], whole=True) if units else "",
        next=coming(scene, _),
    )


def _tick(scene: StepView, _: Translate, block: tuple[Step, ...], end: int) -> Tick:
    if end - len(block) < scene.cursor <= end:
        state = "now"
    else:
        state = "done" if scene.cursor > end else "ahead"
    if scene.by == "phase":
        text = name = phase_title(_, block[0].phase, scene.shape)
    else:
        text, name = TICKS[block[0].kind], _title(scene, _, block[-1], whole=True)
    return Tick(end, text, name, state)


def _units(scene: StepView, _: Translate) -> tuple[Tick, ...]:
    """The single steps of the layer's calculation that the cursor is in, or is about to enter."""
    ends = scene.program.ends["layer"]
    index = bisect_right(ends, max(0, scene.cursor - 1))
    begin = ends[index - 1] if index else 0
    return tuple(
        Tick(
            cursor,
            unit_text(scene, scene.steps[cursor - 1]),
            scene.steps[cursor - 1].symbol,
            "now" if cursor == scene.cursor else "done" if cursor < scene.cursor else "ahead",
        )
        for cursor in range(begin + 1, ends[index] + 1)
    )


def unit_text(scene: StepView, step: Step) -> str:
    """What tells a step apart from its neighbours, which compute the same kind."""
    if step.kind == "error":
        return step.symbol.replace("_", "")
    if step.kind.endswith(("_sum", "_velocity")):
        return step.symbol
    if step.unit is None or step.kind.startswith(("weight", "bias")):
        return step.symbol.split("∂")[-1]
    return unit_name(step.layer, step.unit, scene.shape.depth)


def _title(scene: StepView, _: Translate, step: Step, *, whole: bool) -> str:
    return title(_, scene.shape, step, whole_layer=whole)


def coming(scene: StepView, _: Translate) -> str:
    """What the next step computes, in words."""
    if scene.by == "phase":
        return phase_title(_, scene.next_step.phase, scene.shape)
    return _title(scene, _, scene.next_step, whole=scene.by == "layer")
