"""A question to the class: its words, and the formula as far as it is known."""

from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.steps import Step
from app.view.classroom.question_view import question_view
from app.view.notation.formulas import NO_MARKUP, formula, mathml
from app.view.notation.labels import Translate
from app.view.notation.latex import INLINE, result_symbol
from app.view.rendering.page_state import ShownQuestion
from app.view.rendering.step_view import StepView


@dataclass(frozen=True, slots=True)
class AskedPart:
    """A term of the formula with the operator before it; in numbers only if all are known."""

    operator: Markup
    symbols: Markup
    numbers: Markup
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedQuantity:
    """A quantity whose value is asked, and what it is computed from."""

    symbol: Markup
    left: Markup
    parts: tuple[AskedPart, ...]
    has_numbers: bool  # whether a line of numbers says more than the symbols


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """What stands in the place of the step card while a question is open."""

    phase: str
    kind: str
    words: Markup
    quantities: tuple[AskedQuantity, ...]


def question_card(step_view: StepView, question: ShownQuestion, _: Translate) -> QuestionCard:
    """The card of a question. It has no number that is not known at the step view's cursor.

    At the end of an iteration it has none: the question is about the next one.
    """
    steps = [_step_of(step_view, text) for text in question.addresses]
    return QuestionCard(
        phase=steps[0].phase,
        kind=question.kind,
        words=question_view(_, step_view.shape, 0, question.kind, question.addresses).text,
        quantities=tuple(_quantity(step_view, step) for step in steps),
    )


def asked_gap(step_view: StepView, question: ShownQuestion) -> int:
    """The gap between two layers that a question is about: what comes back arrives after a unit."""
    step = _step_of(step_view, question.addresses[0])
    is_returned = step.kind == "error_slope" and step.layer < step_view.shape.depth - 1
    return step.layer if is_returned else step.layer - 1


def _symbol(step_view: StepView, step: Step) -> Markup:
    return mathml(result_symbol(step, step_view.shape.depth, INLINE))


def _step_of(step_view: StepView, address: str) -> Step:
    return step_view.steps[step_view.compiled.position[address]]


def _quantity(step_view: StepView, step: Step) -> AskedQuantity:
    made = formula(step_view, step)
    parts: list[AskedPart] = []
    operator, known_parts = NO_MARKUP, 0
    for term in made.terms:
        if term.operator:
            operator = term.symbols
            continue
        is_known = not step_view.finished and all(map(step_view.known, term.operands))
        known_parts += is_known
        numbers = term.numbers if is_known else term.symbols
        parts.append(AskedPart(operator, term.symbols, numbers, term.operands))
        operator = NO_MARKUP
    return AskedQuantity(
        symbol=_symbol(step_view, step),
        left=made.left,
        parts=tuple(parts),
        has_numbers=bool(known_parts),
    )
