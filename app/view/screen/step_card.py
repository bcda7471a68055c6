"""The step card: what the last step computed, why, its formula with its numbers, and its results.

The formula is that of one step of the block, the one in focus.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Inexact, localcontext
from functools import lru_cache, partial
from typing import NamedTuple

from markupsafe import Markup

from app.analysis.rounding import given_number
from app.backprop.addresses import address, parse
from app.backprop.expressions import (
    POWER,
    Compute,
    Expression,
    Operand,
    Product,
    has_function,
    negated,
    operands,
    prepare,
    terms,
)
from app.backprop.network import Shape
from app.backprop.rounding_rule import CONTEXT, DIGITS, Rounding
from app.backprop.steps import Step
from app.view.notation.explanations import phase_why, why
from app.view.notation.formulas import (
    NO_MARKUP,
    Formula,
    formula,
    in_symbols,
    math,
    mathml,
    widths_of,
)
from app.view.notation.labels import Translate, cancels, phase_title, phase_word, slide, title
from app.view.notation.latex import INLINE, result_symbol, symbol
from app.view.notation.notations import MATHML
from app.view.rendering.digits import FOUR, NEARLY, Digits, board_digits
from app.view.rendering.numbers import exact, true_minus
from app.view.rendering.step_view import Quantity, StepView
from app.view.screen.timeline import unit_text

MOST_PARTS = 5  # of a formula; longer ones are set smaller, without the values of their terms
MOST_PATHS = 2  # of a hidden δ that is written with its sum
WIDEST = 34  # characters of a term in numbers, for the large type
WIDEST_WITH_MORE = (
    31  # the same, if more digits than four are chosen: fewer are shown of longer terms
)
MOST_CHARACTERS = 10  # of a product that is shown with all its digits
MORE_DIGITS = 1  # than the board's, of a product with too many
WIDEST_VALUE = 11  # characters of the value, for the largest type
MOST_RESULTS = 40  # of a phase; of more, only those of units
_ORDER = {"error_slope": "(1)", "activation_slope": "(2)", "out": "(3)"}  # as slide 2 numbers them


@dataclass(frozen=True, slots=True)
class Part:
    """A term or factor of a formula with the operator before it: lines break before operators."""

    operator: Markup
    symbols: Markup
    numbers: Markup
    of: tuple[str, ...]  # the addresses of its operands
    badge: str  # (1), (2) or (3)


@dataclass(frozen=True, slots=True)
class Chip:
    """One result of the step."""

    of: str
    name: Markup
    label: str
    value: Quantity | None  # None if it is still to be computed
    cursor: int  # after its step
    focused: bool


@dataclass(frozen=True, slots=True)
class Chips:
    """All results, as many in a row as there is room for; those of weights as in their matrix."""

    cells: tuple[Chip, ...]
    layout: str  # classes
    is_wrapped: bool = False  # whether long numbers need more rows than short ones


@dataclass(frozen=True, slots=True)
class StepCard:
    """The card of a step."""

    phase: str
    phase_word: str
    number: int  # of the step, in this granularity
    steps: int  # how many there are
    slide: str
    title: str
    why: str
    of: str  # the result in focus
    formula: Formula | None  # of the step in focus
    badge: str  # (1) or (2), if the result is that factor
    parts: tuple[Part, ...]
    in_full: tuple[Markup, ...]  # the deck's own line of δ, with its factors written out, in pieces
    shows_terms: bool  # whether a line has the values of the terms
    value: Quantity | None  # of the step in focus
    counted: Quantity | None  # what the terms of a net come to if it counts as 0
    chips: Chips
    has_target: bool  # whether the formula has the target, which the deck also calls y
    is_wide: bool  # whether the value needs smaller type
    has_long_terms: bool  # whether the values of the terms need more lines

    @property
    def is_long(self) -> bool:
        return len(self.parts) > MOST_PARTS or (
            self.formula is not None and max(self.formula.widths) > WIDEST
        )

    @property
    def is_dense(self) -> bool:
        """Whether formula and results need smaller type to fit together."""
        count = len(self.chips.cells)
        is_tall = len(self.parts) > 3 or bool(self.in_full or self.badge)
        if self.has_long_terms and is_tall:
            return True
        return count > 16 or ((count > 4 or self.chips.is_wrapped) and is_tall)


def step_card(
    step_view: StepView,
    _: Translate,
    path: tuple[str, ...] = (),
    digits: Digits = FOUR,
    *,
    is_board: bool = False,
) -> StepCard | None:
    """The card of the last step, with the formula of what is in focus; None before the first.

    `is_board`: whether its numbers are those on a blackboard.
    """
    step = step_view.focused(path)
    if step is None:
        return None
    shape, by = step_view.shape, step_view.by
    number, count = step_view.number_of(step_view.cursor)
    is_phase = by == "phase"
    fewer = None if digits is FOUR else digits_of_formula(step, digits)
    made = None if is_phase else formula(step_view, step, digits=fewer)
    return StepCard(
        phase=step.phase,
        phase_word=phase_word(_, step.phase, shape),
        number=number,
        steps=count,
        slide=_PHASE_SLIDES[step.phase] if is_phase else str(slide(shape, step)),
        title=phase_title(_, step.phase, shape)
        if is_phase
        else title(_, shape, step, whole_layer=by == "layer"),
        why=phase_why(_, step.phase, shape)
        if is_phase
        else why(_, shape, step, whole_layer=by == "layer"),
        of=step.result,
        formula=made,
        badge=_ORDER.get(step.kind, "") if step.kind.endswith("_slope") else "",
        parts=tuple(_parts(made, step)) if made else (),
        in_full=tuple(_delta_in_full(step_view, step)) if made else (),
        shows_terms=made is not None and _shows_terms(step.expression),
        value=None if is_phase else step_view.result(step),
        counted=None if is_phase else step_view.counted_as_zero(step),
        chips=_chips(step_view, step, digits),
        has_target=made is not None and any(text.startswith("target/") for text in step.operands),
        is_wide=digits.width > WIDEST_VALUE,
        has_long_terms=is_board and digits.count > FOUR.count,
    )


_PHASE_SLIDES = {"forward": "1", "backward": "2–3", "update": "2–3"}


def _parts(made: Formula, step: Step) -> Iterator[Part]:
    operator = NO_MARKUP
    for term in made.terms:
        if term.operator:
            operator = term.symbols
            continue
        yield Part(operator, term.symbols, term.numbers, term.operands, _badge(step, term.operands))
        operator = NO_MARKUP


def _badge(step: Step, of: tuple[str, ...]) -> str:
    """Which factor of the deck's chain a part is: it is named where it is one of two factors."""
    if step.kind not in ("delta", "weight_gradient") or len(of) != 1:
        return ""
    return _ORDER.get(of[0].partition("/")[0], "")


def _delta_in_full(step_view: StepView, step: Step) -> Iterator[Markup]:
    """δ with the formulas of its two factors: (out − target) · out (1 − out), as slide 2 has it."""
    if step.kind != "delta" or cancels(step_view.shape, step) or step.unit is None:
        return
    steps, position = step_view.compiled.steps, step_view.compiled.position
    factors = [
        steps[position[address(kind, step.layer, step.unit)]].expression
        for kind in ("error_slope", "activation_slope")
    ]
    if any(map(has_function, factors)) or not all(map(operands, factors)):
        return
    if len(terms(factors[0])) > MOST_PATHS:
        return
    if step_view.shape.named.minus_delta:
        factors[0] = negated(factors[0])
    flat = [
        part for each in factors for part in (each.parts if isinstance(each, Product) else (each,))
    ]
    shape = step_view.shape
    for index, factor in enumerate((flat[0], Product(tuple(flat[1:])) if flat[2:] else flat[1])):
        yield math(MATHML.times if index else "", in_symbols(factor, shape, POWER - index))


def _shows_terms(expression: Expression) -> bool:
    """Whether the terms of a sum have values that do not stand in the line of numbers already."""
    parts = terms(expression)
    return (
        1 < len(parts) <= MOST_PARTS
        and not all(isinstance(part, Operand) for _, part in parts)
        and not has_function(expression)
    )


def digits_of_formula(step: Step, digits: Digits) -> Digits:
    """The digits of a formula's numbers: as many as fit the card in its longest term; four where
    there are many terms."""
    if len(terms(step.expression)) > MOST_PARTS:
        return digits.within(0)
    while (
        digits.count > FOUR.count
        and max(widths_of(step.expression, digits.width)) > WIDEST_WITH_MORE
    ):
        digits = digits.within(digits.width - 1)
    return digits


def term_values(
    shape: Shape,
    cursor: int,
    by: str,
    path: tuple[str, ...],
    numbers: Sequence[float],
    digits: Digits = FOUR,
    rounding: Rounding | None = None,
) -> str:
    """The values of the formula's terms as HTML, with the signs that they have as a sum.

    With a rounding the numbers are those on a blackboard. Then the values, which nobody has rounded,
    have all their digits.
    """
    terms = _terms(shape, cursor, by, path, digits, rounding)
    return "\n".join([term.write(numbers) for term in terms])


class _TermValue(NamedTuple):
    """The value of a term."""

    is_negative: bool
    size: str
    exact: str


@dataclass(frozen=True, slots=True)
class _Term:
    """A term of the formula: how its value follows from the numbers."""

    operator: str
    slots: Mapping[str, int]  # of the numbers by their addresses
    value: Callable[[Mapping[str, float]], _TermValue]

    def write(self, numbers: Sequence[float]) -> str:
        value = self.value({text: numbers[slot] for text, slot in self.slots.items()})
        is_minus = value.is_negative != (self.operator == "-")
        sign = "−" if is_minus else "+" if self.operator else ""
        form = "infix" if self.operator else "prefix"
        mark = f'<mo form="{form}">{sign}</mo>' if sign else ""
        number = f'<mn title="{value.exact}">{value.size}</mn>'
        return f'<span class="part"><math>{mark}{number}</math></span>'


@lru_cache(maxsize=2048)
def _terms(
    shape: Shape,
    cursor: int,
    by: str,
    path: tuple[str, ...],
    digits: Digits,
    rounding: Rounding | None,
) -> tuple[_Term, ...]:
    """The terms of the formula in focus whose values are shown; none if they are not."""
    step_view = StepView(shape, cursor, by)
    step = step_view.focused(path)
    if step is None or not _shows_terms(step.expression):
        return ()
    digits = digits_of_formula(step, digits)
    given = board_digits(digits, rounding).given if rounding else digits.given

    def value_of(part: Expression) -> Callable[[Mapping[str, float]], _TermValue]:
        if isinstance(part, Operand) and step_view.is_input(part.address):
            return partial(_value, prepare(part, {}), given)
        if rounding:
            return partial(_value_on_board, prepare(part, {}, given_number), rounding)
        return partial(_value, prepare(part, {}), digits.short)

    return tuple(
        _Term(
            operator,
            {text: step_view.operand(text).slot for text in operands(part)},
            value_of(part),
        )
        for operator, part in terms(step.expression)
    )


def _value(
    compute: Compute, size: Callable[[float], str], operands: Mapping[str, float]
) -> _TermValue:
    value = compute(operands)
    return _TermValue(value < 0, size(abs(value)), exact(value))


def _value_on_board(
    compute: Compute, rounding: Rounding, operands: Mapping[str, float]
) -> _TermValue:
    """With all digits, or with more than the board has if they are too many."""
    with localcontext(CONTEXT) as context:
        context.clear_flags()
        value = compute({text: given_number(number) for text, number in operands.items()})
        if not value.is_finite():
            return _TermValue(value < 0, exact(abs(float(value))), exact(float(value)))
        written = f"{abs(value).normalize():f}"
        if not context.flags[Inexact] and len(written) <= MOST_CHARACTERS:
            return _TermValue(value < 0, written, true_minus(f"{value.normalize():f}"))
    more = replace(rounding, digits=min(rounding.digits + MORE_DIGITS, DIGITS[-1]))
    return _TermValue(value < 0, f"{NEARLY}{more.write(abs(value)):f}", exact(float(value)))


def _chips(step_view: StepView, focused: Step, digits: Digits) -> Chips:
    steps = _results(step_view, focused)
    layout = _layout(step_view, steps, digits)
    room = _room(layout)
    taken = {step.result for step in steps if step_view.computed(step.result)}
    cells = tuple(
        Chip(
            of=step.result,
            name=mathml(_chip_symbol(step_view, step)),
            label=unit_text(step_view, step),
            value=step_view.result(step).within(digits, room) if step.result in taken else None,
            cursor=step_view.compiled.position[step.result] + 1,
            focused=step is focused and step_view.by != "phase",
        )
        for step in steps
    )
    return Chips(cells, layout, layout != _layout(step_view, steps, FOUR))


def _chip_symbol(step_view: StepView, step: Step) -> str:
    """What tells a result from the others: H1, w′11; the whole symbol if the step has several."""
    shape = step_view.shape
    kind, indices = parse(step.result)
    parameter = kind.partition("_")[0]
    if parameter in ("weight", "bias"):
        return symbol(address(parameter, *indices), shape)
    if step_view.by == "phase" or step.kind in ("error", "update_count"):
        return result_symbol(step, shape, INLINE)
    return rf"\mathrm{{{unit_text(step_view, step)}}}"


def _results(step_view: StepView, focused: Step) -> tuple[Step, ...]:
    """The steps whose results the card shows: those of the block; by unit, of the whole layer."""
    if step_view.by == "unit":
        kind = (focused.kind, focused.layer)
        return tuple(step for step in step_view.steps if (step.kind, step.layer) == kind)
    if step_view.by == "layer":
        return step_view.block
    suffix = "update" if step_view.shape.is_update_iteration else "sum"
    wanted = {
        "forward": ("out", "error"),
        "backward": ("delta",),
        "update": (f"weight_{suffix}", f"bias_{suffix}"),
    }[focused.phase]
    steps = tuple(step for step in step_view.block if step.kind in wanted)
    if len(steps) <= MOST_RESULTS:
        return steps
    return tuple(step for step in steps if not step.kind.startswith("weight"))


_COLUMNS = {1: 1, 2: 2, 3: 3, 5: 5, 6: 3}  # of so many results; of others 4


# How many characters of a number a chip has room for, by its size and the columns; of others _LEAST.
_ROOM = {
    **{("large", 1): 30, ("large", 2): 17, ("large", 3): 11, ("large", 4): 8},
    **{("small", 3): 10, ("tiny", 5): 10, ("tiny", 6): 8},
}
_LEAST = 7


def _room(layout: str) -> int:
    size, _flow, columns, *_rows = layout.split()
    return _ROOM.get((size, int(columns.removeprefix("columns-"))), _LEAST)


def _layout(step_view: StepView, steps: Sequence[Step], digits: Digits) -> str:
    """The classes of a grid for these results."""
    count = len(steps)
    if step_view.by != "phase" and steps[0].kind.startswith("weight"):
        layer = steps[0].layer
        sources, targets = step_view.shape.layers[layer - 1 : layer + 1]
        rows, columns = min(sources, targets), max(sources, targets)
        flow = "by-column" if sources <= targets else "by-row"  # they come unit by unit
        size = "large" if rows <= 2 and columns <= 4 else "small" if columns <= 4 else "tiny"
        return f"{size} {flow} columns-{columns} rows-{rows}"
    if count == 4 and digits.width > _ROOM["large", 4]:
        return "large by-row columns-2 rows-2"
    if count <= 8:
        return f"large by-row columns-{_COLUMNS.get(count, 4)}"
    return "small by-row columns-4"
