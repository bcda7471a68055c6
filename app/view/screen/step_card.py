"""The step card: what the last step computed, its formula, its numbers, and why."""

from bisect import bisect_left
from dataclasses import dataclass, replace

from markupsafe import Markup

from app.backprop.steps import Step
from app.view.notation.explanations import phase_why, why
from app.view.notation.formulas import Formula, formula, mathml
from app.view.notation.labels import Translate, phase_title, phase_word, slide, title
from app.view.notation.latex import INLINE, layer_symbol, new, result_symbol
from app.view.notation.numpy_lines import Code, code, layer_address
from app.view.rendering.step_view import Quantity, StepView

# With more of these, the results are listed without their formulas, or the card would overflow.
MOST_ROWS = 4
MOST_CHARACTERS = 36  # of the terms of a formula in numbers


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result with its formula."""

    of: str
    formula: Formula
    value: Quantity
    counted: Quantity | None  # what the terms of a net come to if it counts as 0


@dataclass(frozen=True, slots=True)
class StepCard:
    """The card of a step."""

    phase: str
    phase_word: str
    number: int  # of the step, in this granularity
    steps: int  # how many there are
    slide: str
    title: str
    symbol: Markup  # the quantity in the deck's notation
    formula: Formula | None  # that of the first row, which is shown in symbols and in numbers
    rows: tuple[ResultRow, ...]  # the results
    compact: bool  # whether the rows are listed without their formulas
    why: str
    code: tuple[Code, ...]

    @property
    def others(self) -> tuple[ResultRow, ...]:
        """The rows to list, without one that `formula` shows already."""
        return self.rows if len(self.rows) > 1 or not self.formula else ()


def step_card(step_view: StepView, _: Translate) -> StepCard | None:
    """The card of the last step; None before the first."""
    if not step_view.block:
        return None
    card = _step_card(step_view, _)
    return _phase_card(card, step_view, _) if step_view.by == "phase" else card


def _step_card(step_view: StepView, _: Translate) -> StepCard:
    block, last = step_view.block, step_view.block[-1]
    shape = step_view.shape
    by_layer = step_view.by == "layer"
    rows = tuple(
        ResultRow(
            step.result,
            formula(step_view, step),
            step_view.result(step),
            step_view.counted_as_zero(step),
        )
        for step in block
    )
    ends = step_view.compiled.ends[step_view.by]
    return StepCard(
        phase=last.phase,
        phase_word=phase_word(_, last.phase, shape),
        number=bisect_left(ends, step_view.cursor) + 1,
        steps=len(ends),
        slide=str(slide(shape, last)),
        title=title(_, shape, last, whole_layer=by_layer),
        symbol=mathml(_symbol(step_view, last)),
        formula=rows[0].formula,
        rows=rows,
        compact=len(rows) > MOST_ROWS
        or any(sum(row.formula.widths) > MOST_CHARACTERS for row in rows),
        why=why(_, shape, last, whole_layer=by_layer),
        code=code(shape, last),
    )


def _phase_card(card: StepCard, step_view: StepView, _: Translate) -> StepCard:
    """The card of a whole phase, from that of its steps."""
    last = step_view.block[-1]
    suffix = "update" if step_view.shape.is_update_iteration else "sum"
    kinds = {
        "forward": ("out", "error"),
        "backward": ("delta",),
        "update": (f"weight_{suffix}" if step_view.shape.bias == "none" else f"bias_{suffix}",),
    }[last.phase]
    steps = zip(step_view.block, card.rows, strict=True)
    lines = dict.fromkeys(line for step in step_view.block for line in code(step_view.shape, step))
    return replace(
        card,
        slide={"forward": "1", "backward": "2–3", "update": "2–3"}[last.phase],
        title=phase_title(_, last.phase, step_view.shape),
        symbol=Markup(""),
        formula=None,
        rows=tuple(row for step, row in steps if step.kind in kinds),
        compact=True,
        why=phase_why(_, last.phase, step_view.shape),
        code=tuple(lines),
    )


def _symbol(step_view: StepView, step: Step) -> str:
    """The symbol of a step's result; of a whole layer δ_H, ∂E/∂W_HO or the new W_IH."""
    depth = step_view.shape.depth
    if step_view.by != "layer":
        return result_symbol(step, depth, INLINE)
    symbol = layer_symbol(layer_address(step), depth)
    return new(symbol) if step.kind.endswith("_update") else symbol
