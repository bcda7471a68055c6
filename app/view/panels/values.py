"""The panel *Values*: every quantity of the iteration with all its digits, to search and to open."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from app.backprop.errors import N_
from app.backprop.quantity_names import symbol as plain_symbol
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, phase_title
from app.view.notation.latex import INLINE, result_symbol, symbol
from app.view.rendering.panel import EXPLAIN, Panel
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One quantity."""

    address: str  # opens its derivation
    symbol: Markup
    plain: str  # the symbol as text, for screen readers and the search
    value: Quantity | None  # None until it is computed


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """What is given, or what one phase computes, in the order of the steps."""

    title: str
    rows: tuple[ValueRow, ...]


def values(step_view: StepView, _: Translate) -> Iterator[ValueGroup]:
    """Yield what is given, then what each phase computes."""
    shape = step_view.shape

    def row(address: str, latex: str, value: Quantity | None) -> ValueRow:
        return ValueRow(address, mathml(latex), plain_symbol(address, shape), value)

    given = step_view.compiled.inputs
    yield ValueGroup(
        _("Given"),
        tuple(row(text, symbol(text, shape, INLINE), step_view.operand(text)) for text in given),
    )
    for phase, steps in groupby(step_view.steps, lambda step: step.phase):
        yield ValueGroup(
            phase_title(_, phase, step_view.shape),
            tuple(
                row(
                    step.result, result_symbol(step, shape, INLINE), step_view.computed(step.result)
                )
                for step in steps
            ),
        )


PANEL = Panel(
    "values",
    "values",
    N_("Values"),
    EXPLAIN,
    lambda context: {"groups": tuple(values(context.step_view, context.translate))},
)
