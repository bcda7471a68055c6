"""One iteration to work out on paper: the given numbers, and a line for every calculation."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup

from app.analysis.rounding import on_board, rounded_iteration
from app.backprop.expressions import Mention
from app.backprop.functions import HYPERPARAMETERS, UPDATE_RULES
from app.backprop.network import Network
from app.backprop.quantity_names import unit_name
from app.backprop.rounding_rule import Rounding
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.export.graph_svg import INK, graph_svg
from app.view.notation.explanations import phase_why
from app.view.notation.formulas import Term, mathml, terms_of
from app.view.notation.labels import (
    Translate,
    bias_row_name,
    hyperparameter_name,
    phase_title,
    rounding_note,
    rounding_text,
    slide,
    title,
)
from app.view.notation.latex import layer_symbol, result_symbol, symbol
from app.view.notation.notations import MATHML
from app.view.rendering.digits import FOUR, Digits, board_digits
from app.view.rendering.numbers import MINUS, ordinal, whole
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import StepView

_OPEN, _CLOSE = MATHML.parentheses
# Characters of the operands of a calculation, if two calculations fit side by side on a page.
MOST_NARROW = 4 * FOUR.width


@dataclass(frozen=True, slots=True)
class WorksheetLine:
    """One calculation: its symbols and, on the sheet with answers, its numbers and its value.

    They are lists of pieces (operator, term) between which a line may be broken.
    """

    left: Markup
    symbols: tuple[tuple[Markup, Markup], ...]
    numbers: tuple[tuple[Markup, Markup], ...]
    value: str


@dataclass(frozen=True, slots=True)
class WorksheetBlock:
    """One kind of step for a whole layer."""

    title: str
    slide: int
    narrow: bool
    lines: tuple[WorksheetLine, ...]


@dataclass(frozen=True, slots=True)
class WorksheetPhase:
    """One phase, and why it is computed."""

    title: str
    why: str
    blocks: tuple[WorksheetBlock, ...]


@dataclass(frozen=True, slots=True)
class WorksheetTable:
    """Given numbers: a matrix with named rows and columns."""

    name: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def worksheet(
    simulation: Simulation,
    _: Translate,
    digits: Digits = FOUR,
    *,
    answers: bool,
    rounding: Rounding | None = None,
) -> dict[str, object]:
    """What the template shows of the whole current iteration, at whatever step the cursor is."""
    shape = simulation.shape
    step_view = StepView(shape, len(simulation.steps), "unit")
    board = rounded_iteration(simulation, rounding) if rounding else None
    numbers = numbers_of(simulation, board)
    begun = simulation
    if board:
        begun, digits = on_board(simulation, board), board_digits(digits, board.rounding)
    given: Callable[[float], str] = digits.given if board else digits.short
    graph = graph_svg(replace(simulation, cursor=0), _("The network"), INK, board)
    return {
        "shape": shape.text,
        "iteration": ordinal(simulation.iteration),
        "example": simulation.example + 1,
        "rounding": rounding_note(_, rounding.name) if rounding else rounding_text(_, digits),
        "graph": Markup(graph),  # contains no visitor's text
        "tables": tuple(input_tables(begun, _, digits)),
        "phases": tuple(
            WorksheetPhase(
                phase_title(_, phase, shape),
                phase_why(_, phase, shape),
                tuple(_blocks(step_view, steps, numbers if answers else (), _, digits, given)),
            )
            for phase, steps in groupby(simulation.steps, lambda step: step.phase)
        ),
    }


def solved_line(simulation: Simulation, step: Step, digits: Digits = FOUR) -> WorksheetLine:
    """The calculation of one step of the current iteration, with its numbers and its value."""
    step_view = StepView(simulation.shape, len(simulation.steps), "unit")
    return _line(step_view, step, numbers_of(simulation), digits, digits.short)


def input_tables(simulation: Simulation, _: Translate, digits: Digits) -> Iterator[WorksheetTable]:
    """x, target and lr, then the weights and biases; with momentum, μ and the old
    velocities, too."""
    shape, network = simulation.shape, simulation.network
    example = simulation.examples[simulation.example]
    for of, name, numbers in (
        ("out/0", "x", example.inputs),
        ("target", "target", example.targets),
    ):
        # Not in MathML, which axe-core does not accept as the text of a heading.
        symbols = tuple(Markup(f"{name}<sub>{i}</sub>") for i in range(1, len(numbers) + 1))
        yield _row(mathml(layer_symbol(of, shape)), symbols, numbers, digits)
    yield _row(_("learning rate"), ("lr",), (simulation.learning_rate,), digits)
    yield from _parameter_tables(network, "weight", "b", digits)
    for of, value in simulation.start.hyperparameter_values.items():
        yield _row(hyperparameter_name(_, of), (HYPERPARAMETERS[of].symbol,), (value,), digits)
    if shape.counts_updates:
        name, count = "update_count_before", simulation.start.optimiser_state[-1]
        yield WorksheetTable(mathml(symbol(name, shape)), ("t",), (("", (whole(count),)),))
    for of, before in simulation.start.kept.items():
        letter = UPDATE_RULES[of].symbol
        yield from _parameter_tables(before, f"weight_{of}_before", f"{letter}(b)", digits)


def _row(
    name: str, columns: tuple[str, ...], numbers: Iterable[float], digits: Digits
) -> WorksheetTable:
    return WorksheetTable(Markup.escape(name), columns, (("", tuple(map(digits.plain, numbers))),))


def _parameter_tables(
    network: Network, kind: str, bias: str, digits: Digits
) -> Iterator[WorksheetTable]:
    """A table for each weight matrix, with the biases in its last row."""
    shape = network.shape
    for layer, matrix in enumerate(network.weights):
        columns = tuple(unit_name(layer + 1, i, shape) for i in range(len(matrix[0])))
        rows = [
            (unit_name(layer, source, shape), tuple(map(digits.plain, row)))
            for source, row in enumerate(matrix)
        ]
        if shape.bias != "none":
            biases = tuple(map(digits.plain, network.biases[layer]))
            rows.append((bias.replace("b", bias_row_name(shape, layer)), biases))
        name = mathml(layer_symbol(f"{kind}/{layer}", shape))
        yield WorksheetTable(name, columns, tuple(rows))


def _blocks(
    step_view: StepView,
    steps: Iterable[Step],
    numbers: tuple[float, ...],
    _: Translate,
    digits: Digits,
    given: Callable[[float], str],
) -> Iterator[WorksheetBlock]:
    for _key, group in groupby(steps, lambda step: (step.kind, step.layer)):
        block = tuple(group)
        yield WorksheetBlock(
            title=title(_, step_view.shape, block[0], whole_layer=True),
            slide=slide(step_view.shape, block[0]),
            narrow=all(
                len(step.operands) * max(digits.width, FOUR.width) <= MOST_NARROW for step in block
            ),
            lines=tuple(_line(step_view, step, numbers, digits, given) for step in block),
        )


def _line(
    step_view: StepView,
    step: Step,
    numbers: tuple[float, ...],
    digits: Digits,
    given: Callable[[float], str],
) -> WorksheetLine:
    """`given` writes the numbers that the iteration starts with."""

    def number(mention: Mention) -> str:
        if not numbers:
            return ""
        quantity = step_view.operand(mention.address)
        value = numbers[quantity.slot]
        if quantity.is_count:
            return f"<mn>{whole(value)}</mn>"
        text = (given if step_view.is_input(mention.address) else digits.short)(value)
        return number_mathml(text, leading=mention.leading)

    result = step_view.result(step)
    write = whole if result.is_count else digits.short
    terms = terms_of(step.expression, step_view.shape, number)
    return WorksheetLine(
        left=mathml(result_symbol(step, step_view.shape)),
        symbols=tuple(_pieces(terms, lambda term: term.symbols)),
        numbers=tuple(_pieces(terms, lambda term: term.numbers)) if numbers else (),
        value=write(numbers[result.slot]) if numbers else "",
    )


def _pieces(
    terms: tuple[Term, ...], text: Callable[[Term], Markup]
) -> Iterator[tuple[Markup, Markup]]:
    operator = Markup("")
    for term in terms:
        if term.operator:
            operator = text(term)
        else:
            yield operator, text(term)
            operator = Markup("")


def number_mathml(number: str, *, leading: bool) -> str:
    """A number; a negative one, a fraction or a power of ten is in parentheses unless it is leading."""
    text, e, exponent = number.partition("e")
    if e:
        power = exponent.replace("-", MINUS)
        text = f"<mn>{text}</mn><mo>×</mo><msup><mn>10</mn><mn>{power}</mn></msup>"
    else:
        text = f"<mn>{text}</mn>"
    bare = leading or not (e or "/" in number or number.startswith(MINUS))
    return f"<mrow>{text}</mrow>" if bare else f"<mrow>{_OPEN}{text}{_CLOSE}</mrow>"
