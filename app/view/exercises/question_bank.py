"""Sheets as numerical questions: the right number, and the wrong ones that known mistakes give.

Both formats of a learning platform are written from these questions, in HTML without anything that
an editor there might lose: no MathML and no drawing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape

from app.analysis.diagnosis import ForeseenNumbers, GivenNumber, Mistake
from app.analysis.misconceptions import key, values_of
from app.backprop.addresses import COUNTS
from app.backprop.expressions import Mention
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol, unit_name
from app.backprop.steps import Step
from app.view.exercises.class_sheets import (
    ONE_OF_EACH,
    ClassSheet,
    SheetOrder,
    check_questions,
)
from app.view.notation.formulas import written
from app.view.notation.labels import (
    Translate,
    activation_name,
    error_name,
    fill,
    layer_words,
    plain_layer_symbol,
    rounding_text,
    title,
)
from app.view.notation.mistake_sentences import mistake_sentence
from app.view.notation.notations import TEXT
from app.view.rendering.numbers import MINUS, whole

# Digits of a number in a file after those that are asked for. What they leave off is added to the
# tolerance, so that a number that lies half way is right whether it was rounded up or down.
MORE_DIGITS = 4
NO_FEEDBACK = Markup("")


@dataclass(frozen=True, slots=True)
class AcceptedNumber:
    """A number that an answer may be, and what is then said. Both texts are plain decimals."""

    number: str
    tolerance: str
    feedback: Markup


@dataclass(frozen=True, slots=True)
class NumericalQuestion:
    """A calculation of a sheet."""

    name: str  # such as 4711-01 net_H1
    text: Markup
    right: AcceptedNumber
    wrong: tuple[AcceptedNumber, ...]  # the more common mistakes first
    solution: Markup


@dataclass(frozen=True, slots=True)
class QuestionCategory:
    """The questions of a sheet."""

    path: tuple[str, ...]  # the names of the category and of those around it
    questions: tuple[NumericalQuestion, ...]


def categories(order: SheetOrder) -> Iterator[QuestionCategory]:
    """The questions of all sheets, a category for each.

    Raises Invalid if there are too many.
    """
    foreseen = ForeseenNumbers(order.write, order.digits.count)
    sentences = MistakeSentences(order.translate)
    for number, sheet in enumerate(order.sheets):
        asked = _asked(sheet, order)
        if not number:
            check_questions(order, len(asked))
        path = category_path(sheet, order.translate)
        questions = tuple(_questions(sheet, asked, order, foreseen, sentences))
        yield QuestionCategory(path, questions)


class MistakeSentences:
    """What is said of mistakes: the same in every sheet, so each sentence is made once."""

    def __init__(self, translate: Translate) -> None:
        self.translate = translate
        # By parts of the mistake, which is kept so that their identity stays theirs.
        self._known: dict[tuple[str, str, int, int, int], tuple[Mistake, Markup]] = {}

    def of(self, shape: Shape, asked: Step, mistake: Mistake) -> Markup:
        """The sentence about a mistake in the answer to a step."""
        parts = mistake.name, id(mistake.step), id(mistake.formula), mistake.decimals
        known = self._known.get((asked.result, *parts))
        if known is None:
            text = escape(mistake_sentence(self.translate, shape, asked, mistake))
            known = self._known[asked.result, *parts] = mistake, text
        return known[1]


def category_path(sheet: ClassSheet, _: Translate) -> tuple[str, ...]:
    """The names of a sheet's category and of those around it."""
    own = _("Sheet %(seed)s") % {"seed": sheet.seed}
    shape = sheet.simulation.shape.text
    return (f"Backstep {shape}", f"{own} {sheet.name}".strip())


def _asked(sheet: ClassSheet, order: SheetOrder) -> list[Step]:
    """The calculations that are asked for. One of each kind and layer is another one in each sheet."""
    steps = sheet.simulation.steps
    if order.questions != ONE_OF_EACH:
        return list(steps)
    groups = (list(group) for _, group in groupby(steps, lambda step: (step.kind, step.layer)))
    return [group[sheet.seed % len(group)] for group in groups]


def _questions(
    sheet: ClassSheet,
    asked: list[Step],
    order: SheetOrder,
    foreseen: ForeseenNumbers,
    sentences: MistakeSentences,
) -> Iterator[NumericalQuestion]:
    simulation = sheet.simulation
    shape, values, given = simulation.shape, values_of(simulation), _given(sheet, order)
    numbers = {step.result: number for number, step in enumerate(simulation.steps, 1)}
    wrong = foreseen.of(simulation, [step.result for step in asked])
    for step, mistaken in zip(asked, wrong, strict=True):
        value = values[key(step)]
        yield NumericalQuestion(
            f"{sheet.seed}-{numbers[step.result]:02d} {_result(step)}",
            given + _task(step, shape, order),
            _accepted(value, order.write(value)),
            tuple(
                _accepted(each.value, each.given, sentences.of(shape, step, each.mistake))
                for each in mistaken
            ),
            _solution(step, values, sheet, order),
        )


def _task(step: Step, shape: Shape, order: SheetOrder) -> Markup:
    """What is to be computed, with its formula."""
    _ = order.translate
    what = Markup("<b>{}</b>").format(title(_, shape, step, whole_layer=False))
    formula = written(step.expression, TEXT, lambda mention: symbol(mention.address, shape))
    return Markup("<p>{} {}</p><p>{} = {}</p>").format(
        fill(_("Compute %(what)s."), what=what),
        rounding_text(_, order.digits),
        html_symbol(_result(step)),
        html_symbol(formula),
    )


def _solution(step: Step, values: dict[str, float], sheet: ClassSheet, order: SheetOrder) -> Markup:
    """The calculation in numbers, and the link to the network."""
    given = sheet.simulation.reading()

    def number(mention: Mention) -> str:
        address, value = mention.address, values[mention.address]
        if address in COUNTS:
            return whole(value)
        text = order.digits.plain(value) if address in given else order.digits.short(value)
        return text if mention.leading or not text.startswith(MINUS) else f"({text})"

    value = values[key(step)]
    solved = Markup("<p>{} = {} = {}</p>").format(
        html_symbol(_result(step)),
        written(step.expression, TEXT, number),
        whole(value) if step.result in COUNTS else order.digits.short(value),
    )
    if not order.has_links:
        return solved
    text = order.translate("This network in the simulator")
    return solved + Markup('<p><a href="{}">{}</a></p>').format(sheet.link, text)


def _accepted(value: float, given: GivenNumber, feedback: Markup = NO_FEEDBACK) -> AcceptedNumber:
    decimals = given.decimals + MORE_DIGITS
    number = f"{value:.{max(decimals, 0)}f}"
    return AcceptedNumber(number, _tolerance(given.decimals), feedback)


@lru_cache(maxsize=32)
def _tolerance(decimals: int) -> str:
    """Half a unit of the last digit that is asked for, and of the last that is written."""
    half_units = (Decimal(5).scaleb(-count - 1) for count in (decimals, decimals + MORE_DIGITS))
    return f"{sum(half_units):f}"


def _result(step: Step) -> str:
    """What a step computes, as plain text; an update computes the new value."""
    return f"{step.symbol}_new" if step.kind.endswith("_update") else step.symbol


_INDEX = re.compile(r"(w'*)(\d+)|_(\w+)|(\b[xb])(\d+)\b")


def html_symbol(text: str) -> Markup:
    """Plain text of a symbol or formula as HTML: w'11 with an index and a true prime."""

    def index(match: re.Match[str]) -> str:
        before, after = match[1] or match[4] or "", match[2] or match[3] or match[5]
        return f"{before}<sub>{after}</sub>"

    written = _INDEX.sub(index, str(escape(text)).replace("&#39;", "'"))
    return Markup(written.replace("'", "′"))


def _given(sheet: ClassSheet, order: SheetOrder) -> Markup:
    """The network and its numbers: what a question needs to stand alone."""
    _, simulation, plain = order.translate, sheet.simulation, order.digits.plain
    shape, example = simulation.shape, simulation.examples[0]
    start = simulation.start
    settings = {"lr": simulation.learning_rate} | {
        HYPERPARAMETERS[name].symbol: value for name, value in start.hyperparameter_values.items()
    }
    numbers = {f"x{i}": value for i, value in enumerate(example.inputs, 1)}
    numbers |= {f"target_{i}": value for i, value in enumerate(example.targets, 1)}
    listed = Markup(", ").join(
        Markup("{} = {}").format(html_symbol(name), plain(value))
        for name, value in (numbers | settings).items()
    )
    return Markup("<p>{}</p><p>{}</p>{}").format(
        _about(shape, _), listed, Markup("").join(_tables(sheet, order))
    )


def _about(shape: Shape, _: Translate) -> Markup:
    """The structure of the network in a sentence or two."""
    names = ([each] if isinstance(each, str) else each for each in shape.activations)
    layers = "; ".join(
        f"{layer_words(_, shape, layer)}: {', '.join(activation_name(_, name) for name in layer_names)}"
        for layer, layer_names in enumerate(names, 1)
    )
    return fill(
        _("A %(shape)s network (%(layers)s). Error: %(error)s."),
        shape=shape.text,
        layers=layers,
        error=error_name(_, shape.error),
    )


def _tables(sheet: ClassSheet, order: SheetOrder) -> Iterator[Markup]:
    """A table for each weight matrix, with the biases in its last row."""
    network, plain = sheet.simulation.network, order.digits.plain
    shape = network.shape
    cell = Markup("<td>{}</td>")
    for layer, matrix in enumerate(network.weights):
        columns = (unit_name(layer + 1, i, shape) for i in range(len(matrix[0])))
        head = Markup("").join(map(Markup("<th>{}</th>").format, map(html_symbol, columns)))
        corner = html_symbol(plain_layer_symbol(shape, "weight", layer))
        rows = [
            Markup("<tr><th>{}</th>{}</tr>").format(
                html_symbol(unit_name(layer, source, shape)),
                Markup("").join(map(cell.format, map(plain, row))),
            )
            for source, row in enumerate(matrix)
        ]
        if shape.bias != "none":
            biases = network.biases[layer]
            span = Markup(' colspan="{}"').format(len(matrix[0])) if len(biases) == 1 else ""
            cells = (Markup("<td{}>{}</td>").format(span, plain(value)) for value in biases)
            rows.append(
                Markup("<tr><th>{}</th>{}</tr>").format(
                    html_symbol(plain_layer_symbol(shape, "bias", layer)), Markup("").join(cells)
                )
            )
        yield Markup('<table border="1" cellpadding="4"><tr><th>{}</th>{}</tr>{}</table>').format(
            corner, head, Markup("").join(rows)
        )
