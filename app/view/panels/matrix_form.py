"""Slide 4 of the deck: one iteration in matrices, each equation with its numbers and its code."""

from dataclasses import dataclass
from itertools import groupby

from app.backprop.errors import N_
from app.backprop.steps import Step
from app.view.notation.explanations import why
from app.view.notation.labels import Translate, cancels, phase_title, slide, title
from app.view.notation.matrix_equations import equation, shapes
from app.view.notation.matrix_grids import Grids
from app.view.notation.matrix_terms import Line
from app.view.notation.numpy_lines import Code, code
from app.view.rendering.panel import Panel
from app.view.rendering.step_view import StepView


@dataclass(frozen=True, slots=True)
class EquationBlock:
    """All steps of one kind for one layer.

    Attributes:
        slide: the deck's slide that derives them number by number.
        now: whether the step just taken is one of them.
        first: whether it is the first of which that is true.
        lines: the equation, on one line or two.
        shapes: the same in shapes alone.
        note: what the equation does not say by itself; mostly empty.
    """

    title: str
    slide: int
    now: bool
    first: bool
    lines: tuple[Line, ...]
    shapes: str
    code: tuple[Code, ...]
    note: str


@dataclass(frozen=True, slots=True)
class EquationPhase:
    """The blocks of one pass."""

    name: str
    title: str
    blocks: tuple[EquationBlock, ...]


def matrix_form(
    step_view: StepView, at: tuple[str, ...], _: Translate
) -> tuple[EquationPhase, ...]:
    """Everything that an iteration computes, in its order.

    Args:
        at: the quantity that is explained, and the way down into it.
    """
    now = list(dict.fromkeys(map(_kind, step_view.block)))
    return tuple(
        EquationPhase(
            phase,
            phase_title(_, phase, step_view.shape),
            tuple(
                _block(step_view, at, _, tuple(block), now)
                for _name, block in groupby(steps, _kind)
            ),
        )
        for phase, steps in groupby(step_view.steps, lambda step: step.phase)
    )


def _kind(step: Step) -> tuple[str, int]:
    return step.kind, step.layer


def _block(
    step_view: StepView,
    at: tuple[str, ...],
    _: Translate,
    steps: tuple[Step, ...],
    now: list[tuple[str, int]],
) -> EquationBlock:
    shape, step = step_view.shape, steps[0]
    grids = Grids(step_view, at, {each.result: each.operands for each in steps})
    lines = equation(shape, step.kind, step.layer, grids)
    return EquationBlock(
        title=title(_, shape, steps[-1], whole_layer=True),
        slide=slide(shape, step),
        now=_kind(step) in now,
        first=now[:1] == [_kind(step)],
        lines=lines,
        shapes=shapes(lines),
        code=code(shape, step),
        note=why(_, shape, step) if cancels(shape, step) else "",
    )


PANEL = Panel(
    "slide4",
    "matrix_form",
    N_("Matrix form"),
    lambda context: {
        "phases": matrix_form(context.step_view, context.derivation_path, context.translate)
    },
)
