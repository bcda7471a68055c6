"""The panel *Values*: every quantity of the iteration with all its digits, to search and to open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from app.backprop.addresses import symbol as plain_symbol
from app.backprop.errors import N_
from app.backprop.steps import Step
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, phase_title
from app.view.notation.latex import INLINE, symbol, updated
from app.view.rendering.panel import Panel
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One quantity.

    Attributes:
        address: what its derivation is opened by.
        search: what a search looks through: the symbol as plain text, and the address.
        value: None where it is not computed yet.
        highlight: the class by which the step just taken is marked.
    """

    address: str
    symbol: Markup
    search: str
    value: Quantity | None
    highlight: str


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """What is given, or what one phase computes, in the order of the steps."""

    title: str
    rows: tuple[ValueRow, ...]


def values(step_view: StepView, _: Translate) -> Iterator[ValueGroup]:
    """Yield what is given, then what each phase computes."""
    given = (_row(step_view, text, step_view.operand(text)) for text in step_view.program.inputs)
    yield ValueGroup(_("Given"), tuple(given))
    for phase, steps in groupby(step_view.steps, lambda step: step.phase):
        title = phase_title(_, phase, step_view.shape)
        yield ValueGroup(title, tuple(_computed(step_view, steps)))


def _computed(step_view: StepView, steps: Iterable[Step]) -> Iterator[ValueRow]:
    for step in steps:
        known = step_view.program.position[step.result] < step_view.cursor
        yield _row(step_view, step.result, step_view.result(step) if known else None, step)


def _row(
    step_view: StepView, address: str, value: Quantity | None, step: Step | None = None
) -> ValueRow:
    depth = step_view.shape.depth
    is_update = step is not None and address in step_view.program.inputs
    name = updated if is_update else symbol
    return ValueRow(
        address=address,
        symbol=mathml(name(address, depth, INLINE)),
        search=f"{plain_symbol(address, depth)} {address}",
        value=value,
        highlight=step_view.highlight(address),
    )


PANEL = Panel(
    "values",
    "values",
    N_("Values"),
    lambda context: {"groups": tuple(values(context.step_view, context.translate))},
)
