"""Slide 4 of the deck: one iteration in matrices, each equation with its numbers and its code."""

from dataclasses import dataclass
from itertools import groupby

from app.backprop.errors import N_
from app.backprop.steps import Step
from app.view.notation.explanations import why
from app.view.notation.labels import Translate, cancels, phase_title, slide, title
from app.view.notation.matrix_equations import Equation, equations, shapes_text
from app.view.notation.matrix_grids import GridBuilder
from app.view.notation.numpy_lines import Code, code
from app.view.rendering.panel import EXPLAIN, Panel
from app.view.rendering.step_view import StepView


@dataclass(frozen=True, slots=True)
class EquationBlock:
    """All steps of one kind for one layer."""

    title: str
    slide: int  # the slide that derives them number by number
    now: bool  # whether the last step is one of them
    first: bool  # whether this is the first such block
    lines: tuple[Equation, ...]  # one equation or two
    shapes: str  # the equations in shapes alone
    code: tuple[Code, ...]
    note: str  # an explanation, if the equation needs one


@dataclass(frozen=True, slots=True)
class EquationPhase:
    """The blocks of one phase."""

    name: str
    title: str
    blocks: tuple[EquationBlock, ...]


def matrix_form(
    step_view: StepView, path: tuple[str, ...], _: Translate
) -> tuple[EquationPhase, ...]:
    """All equations of an iteration, in order."""
    now = list(dict.fromkeys(map(_kind, step_view.block)))
    return tuple(
        EquationPhase(
            phase,
            phase_title(_, phase, step_view.shape),
            tuple(
                _block(step_view, path, _, tuple(block), now)
                for _name, block in groupby(steps, _kind)
            ),
        )
        for phase, steps in groupby(step_view.steps, lambda step: step.phase)
    )


def _kind(step: Step) -> tuple[str, int]:
    return step.kind, step.layer


def _block(
    step_view: StepView,
    path: tuple[str, ...],
    _: Translate,
    steps: tuple[Step, ...],
    now: list[tuple[str, int]],
) -> EquationBlock:
    shape, step = step_view.shape, steps[0]
    grids = GridBuilder(step_view, path, {each.result: each.operands for each in steps})
    lines = equations(shape, step.kind, step.layer, grids)
    return EquationBlock(
        title=title(_, shape, steps[-1], whole_layer=True),
        slide=slide(shape, step),
        now=_kind(step) in now,
        first=now[:1] == [_kind(step)],
        lines=lines,
        shapes=shapes_text(lines),
        code=code(shape, step),
        note=why(_, shape, step) if cancels(shape, step) else "",
    )


PANEL = Panel(
    "slide4",
    "matrix_form",
    N_("Matrices"),
    EXPLAIN,
    lambda context: {
        "phases": matrix_form(context.step_view, context.derivation_path, context.translate)
    },
)
