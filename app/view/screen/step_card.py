"""The step card: what was computed last, its formula, its numbers, and why."""

from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.steps import PHASES, Step
from app.view.notation.explanations import phase_why, why
from app.view.notation.formulas import Formula, formula, mathml
from app.view.notation.labels import Translate, phase_title, phase_word, slide, title
from app.view.notation.latex import INLINE, layer_symbol, new, result_symbol
from app.view.notation.numpy_lines import Code, code, layer_address
from app.view.rendering.step_view import Quantity, StepView

# Beyond this, results stand side by side and without their numbers, or the card would overflow.
MOST_ROWS = 4
MOST_OPERANDS = 3


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result, and how it came about."""

    of: str
    formula: Formula
    value: Quantity


@dataclass(frozen=True, slots=True)
class StepCard:
    """A step to read.

    Attributes:
        phase: which phase it belongs to, as a class and as a word.
        number, steps: which step of the iteration it is, of how many, in this granularity.
        slide: of the deck.
        title: in words; `symbol` in the deck's notation.
        formula: of the first of the rows, with its symbols over its numbers.
        rows: what was computed, one row a number.
    others: the rows to list: all, but for one that the formula shows already.
        compact: whether they stand side by side, without their numbers.
        why: one sentence; `code`: NumPy lines.
    """

    phase: str
    phase_word: str
    number: int
    steps: int
    slide: str
    title: str
    symbol: Markup
    formula: Formula | None
    rows: tuple[ResultRow, ...]
    compact: bool
    why: str
    code: tuple[Code, ...]

    @property
    def others(self) -> tuple[ResultRow, ...]:
        return self.rows if len(self.rows) > 1 or not self.formula else ()


def step_card(step_view: StepView, _: Translate) -> StepCard | None:
    """The card of the step just taken, None before the first."""
    if not step_view.block:
        return None
    return _phase_card(step_view, _) if step_view.by == "phase" else _step_card(step_view, _)


def _step_card(step_view: StepView, _: Translate) -> StepCard:
    block, last = step_view.block, step_view.block[-1]
    shape = step_view.shape
    by_layer = step_view.by == "layer"
    rows = tuple(
        ResultRow(step.result, formula(step_view, step), step_view.result(step)) for step in block
    )
    return StepCard(
        phase=last.phase,
        phase_word=phase_word(_, last.phase, step_view.shape),
        number=_number(step_view),
        steps=len(step_view.compiled.ends[step_view.by]),
        slide=str(slide(shape, last)),
        title=title(_, shape, last, whole_layer=by_layer),
        symbol=mathml(_symbol(step_view, last)),
        formula=rows[0].formula,
        rows=rows,
        compact=len(rows) > MOST_ROWS or len(last.operands) > MOST_OPERANDS,
        why=why(_, shape, last),
        code=code(shape, last),
    )


def _phase_card(step_view: StepView, _: Translate) -> StepCard:
    last = step_view.block[-1]
    what = "update" if step_view.shape.is_update_iteration else "sum"
    shown = {
        "forward": ("out", "error"),
        "backward": ("delta",),
        "update": (f"weight_{what}" if step_view.shape.bias == "none" else f"bias_{what}",),
    }[last.phase]
    rows = tuple(
        ResultRow(step.result, formula(step_view, step), step_view.result(step))
        for step in step_view.block
        if step.kind in shown
    )
    lines = dict.fromkeys(line for step in step_view.block for line in code(step_view.shape, step))
    return StepCard(
        phase=last.phase,
        phase_word=phase_word(_, last.phase, step_view.shape),
        number=_number(step_view),
        steps=len(PHASES),
        slide={"forward": "1", "backward": "2–3", "update": "2–3"}[last.phase],
        title=phase_title(_, last.phase, step_view.shape),
        symbol=Markup(""),
        formula=None,
        rows=rows,
        compact=True,
        why=phase_why(_, last.phase, step_view.shape),
        code=tuple(lines),
    )


def _number(step_view: StepView) -> int:
    """Which step of this granularity the cursor is in, or at the end of, from 1."""
    ends = step_view.compiled.ends[step_view.by]
    return next(index for index, end in enumerate(ends, 1) if end >= step_view.cursor)


def _symbol(step_view: StepView, step: Step) -> str:
    """The symbol of a step's result; of a whole layer δ_H, ∂E/∂W_HO or the new W_IH."""
    depth = step_view.shape.depth
    if step_view.by != "layer":
        return result_symbol(step, depth, INLINE)
    symbol = layer_symbol(layer_address(step), depth)
    return new(symbol) if step.kind.endswith("_update") else symbol
