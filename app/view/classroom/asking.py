"""A question to the class: its words, and the formula as far as it is known."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from app.backprop.compiler import compile_iteration
from app.backprop.steps import Step
from app.view.classroom.question_view import question_view
from app.view.graph.drawing import Drawing
from app.view.graph.geometry import WIDTH, geometry_of
from app.view.graph.scene import BASE_LINE, Group, Label, box_at
from app.view.notation.formulas import NO_MARKUP, formula, mathml
from app.view.notation.labels import Translate
from app.view.notation.latex import INLINE, result_symbol
from app.view.rendering.page_state import ShownQuestion
from app.view.rendering.step_view import StepView

UNKNOWN_WIDTH, UNKNOWN_HEIGHT = 62.0, 26.0  # px of the drawing


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


def asked_drawing(drawing: Drawing, step_view: StepView, question: ShownQuestion) -> Drawing:
    """A drawing with a mark at the units whose values are asked, in the gap that they belong to."""
    geometry = geometry_of(step_view.shape)
    marks = []
    for address in question.addresses:
        step = _step_of(step_view, address)
        if step.unit is None or step.kind.startswith(("weight", "bias")):
            continue  # of a weight: it stands in no place of its own yet
        place = geometry.places[step.layer][step.unit]
        inside = geometry.compact or step.kind == "net"
        y = place.y + (place.ry / 2 if geometry.compact else 12 if inside else place.ry + 8)
        x = min(place.x, WIDTH - UNKNOWN_WIDTH / 2 - 2)
        marks.append(
            Group(
                "",
                "asked",
                (
                    box_at(
                        x - UNKNOWN_WIDTH / 2,
                        y,
                        UNKNOWN_WIDTH,
                        UNKNOWN_HEIGHT,
                        "mark unknown-value",
                    ),
                    Label(x, y + BASE_LINE, "middle", "?", "strong", 19),
                ),
            )
        )
    gap = _gap(step_view, question)
    return replace(drawing, gap=gap, groups=(*drawing.groups, *marks))


def _gap(step_view: StepView, question: ShownQuestion) -> int:
    """The gap between two layers that a question is about: what comes back arrives after a unit."""
    step = _step_of(step_view, question.addresses[0])
    is_returned = step.kind == "error_slope" and step.layer < step_view.shape.depth - 1
    return step.layer if is_returned else step.layer - 1


def _symbol(step_view: StepView, step: Step) -> Markup:
    return mathml(result_symbol(step, step_view.shape, INLINE))


def _step_of(step_view: StepView, address: str) -> Step:
    """The step that computes a quantity. At the end of an iteration it is one of the next, which may
    update the weights where this one accumulates gradients, or the other way round."""
    compiled = step_view.compiled
    if address not in compiled.position:
        shape = step_view.shape
        other = replace(shape, is_update_iteration=not shape.is_update_iteration)
        compiled = compile_iteration(other)
    return compiled.steps[compiled.position[address]]


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
