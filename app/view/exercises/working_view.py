"""Check my working: the quantities of one iteration as blanks, and what is to be said of each line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup

from app.backprop.errors import N_
from app.backprop.steps import Step
from app.exercises.answers import AnswerLine, typed_answer
from app.exercises.marking import (
    FOLLOW_ON,
    RIGHT,
    UNREAD,
    VERDICTS,
    WRONG,
    MarkedLine,
    MarkedWorking,
)
from app.exercises.name_book import WorkingConventions
from app.simulation.simulation import Simulation
from app.view.export.worksheet import WorksheetLine, solved_line
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, phase_title, title
from app.view.notation.latex import result_symbol
from app.view.notation.mistake_sentences import mistake_sentence, unread_sentence
from app.view.panels.network_builder import SIGNS
from app.view.rendering.digits import Digits
from app.view.rendering.numbers import exact

WORKING = "working"  # ends the path of the page
SHEET_SIGNS = (*SIGNS, "halved_mean")  # fields of the form, beside `NUMBERING`
COARSE = "coarse"  # the verdict on a right number with too few digits
UNIT, LAYER = "unit", "layer"  # a blank for each number, or one for each kind and layer
SAID = {
    RIGHT: N_("Right."),
    FOLLOW_ON: N_("Right with your earlier numbers."),
    WRONG: N_("Wrong, and no known mistake gives this number."),
}


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What is to be said of a line."""

    name: str  # what the sheet calls it, or what was written
    typed: str
    verdict: str  # one of `VERDICTS`
    sentences: tuple[str, ...]
    place: str = ""  # in the pasted text


@dataclass(frozen=True, slots=True)
class WorkingBlank:
    """A field: for one number, or for those of a layer."""

    field: str
    name: Markup  # for a layer, the names of all
    label: str  # the same as text, for screen readers
    typed: str = ""
    verdicts: tuple[LineVerdict, ...] = ()

    @property
    def verdict(self) -> str:
        """The worst of the verdicts; empty if there is none."""
        found = {each.verdict for each in self.verdicts}
        return next(
            (each for each in (WRONG, UNREAD, COARSE, FOLLOW_ON, RIGHT) if each in found), ""
        )


@dataclass(frozen=True, slots=True)
class WorkingBlock:
    """The blanks of one kind and layer."""

    title: str
    blanks: tuple[WorkingBlank, ...]


@dataclass(frozen=True, slots=True)
class WorkingPhase:
    """The blanks of one phase."""

    title: str
    blocks: tuple[WorkingBlock, ...]


@dataclass(frozen=True, slots=True)
class FirstWrong:
    """The first wrong line, and the same line done right."""

    line: LineVerdict
    done: WorksheetLine
    right: str
    right_exact: str
    own: str  # what follows from the student's own numbers, if that is something else
    address: str  # explains it


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a working."""

    counts: tuple[tuple[str, int], ...]  # of each verdict
    first: FirstWrong | None
    pasted: tuple[LineVerdict, ...] = field(default=())

    @property
    def is_all_right(self) -> bool:
        return all(not count for verdict, count in self.counts if verdict != RIGHT)


def counted(marked: MarkedWorking) -> tuple[tuple[str, int], ...]:
    verdicts = [line.verdict for line in marked.lines]
    return tuple((verdict, verdicts.count(verdict)) for verdict in VERDICTS)


def blanks(
    simulation: Simulation,
    by: str,
    conventions: WorkingConventions,
    typed: Mapping[str, str],
    verdicts: Mapping[str, Sequence[LineVerdict]],
    _: Translate,
) -> tuple[WorkingPhase, ...]:
    """The fields of an iteration, with what was typed and what is to be said of it, by field."""
    shape = simulation.shape

    def blank(field: str, steps: Sequence[Step]) -> WorkingBlank:
        return WorkingBlank(
            field,
            Markup(" ").join(_symbol(simulation, step, conventions) for step in steps),
            ", ".join(conventions.name_of(step.result, shape) for step in steps),
            typed.get(field, ""),
            tuple(verdicts.get(field, ())),
        )

    def blocks(steps: Iterator[Step]) -> Iterator[WorkingBlock]:
        for _key, group in groupby(steps, lambda step: (step.kind, step.layer)):
            block = tuple(group)
            name = title(_, shape, block[0], whole_layer=True)
            if by == LAYER and len(block) > 1:
                yield WorkingBlock(name, (blank(layer_field(block[0]), block),))
            else:
                yield WorkingBlock(name, tuple(blank(step.result, (step,)) for step in block))

    return tuple(
        WorkingPhase(phase_title(_, phase, shape), tuple(blocks(steps)))
        for phase, steps in groupby(simulation.steps, lambda step: step.phase)
    )


def layer_field(step: Step) -> str:
    """The name of the field for all steps of the kind and layer of one."""
    return f"{step.kind}/{step.layer}"


def _symbol(simulation: Simulation, step: Step, conventions: WorkingConventions) -> Markup:
    """What a sheet calls a quantity; with the deck's names as a formula."""
    if conventions.is_of(simulation.shape.named):
        return mathml(result_symbol(step, simulation.shape))
    return Markup("<span>%s</span>") % conventions.name_of(step.result, simulation.shape)


def place_in_text(line: int, column: int, _: Translate) -> str:
    """Where something stands in a pasted text, both counted from 1."""
    return _("line %(line)s, column %(column)s") % {"line": line, "column": column}


def verdict_of(
    simulation: Simulation, marked: MarkedLine, conventions: WorkingConventions, _: Translate
) -> LineVerdict:
    """What is to be said of a marked line."""
    line, shape = marked.line, simulation.shape
    name = line.name
    if marked.step is not None and line.is_address:
        name = conventions.name_of(marked.step.result, shape)
    sentences = tuple(
        mistake_sentence(_, shape, marked.step, mistake)
        for mistake in marked.mistakes
        if marked.step is not None
    )
    if not sentences:
        is_unread = marked.verdict == UNREAD
        sentences = (unread_sentence(_, marked.reason) if is_unread else _(SAID[marked.verdict]),)
    place = ""
    if line.line:
        place = place_in_text(line.line, line.column, _)
    return LineVerdict(name, line.answer, marked.verdict, sentences, place)


def checked(
    simulation: Simulation,
    marked: MarkedWorking,
    pasted: int,
    digits: Digits,
    _: Translate,
) -> Checked:
    """What came of a working, of whose lines the first `pasted` were pasted as text."""
    first, conventions = None, marked.conventions
    if marked.first_wrong is not None:
        wrong = marked.lines[marked.first_wrong]
        assert wrong.step is not None
        assert wrong.right is not None
        own = "" if wrong.own in (None, wrong.right) else digits.short(wrong.own or 0.0)
        right = digits.short(wrong.right)
        first = FirstWrong(
            verdict_of(simulation, wrong, conventions, _),
            solved_line(simulation, wrong.step, digits),
            right,
            exact(wrong.right),
            own if own != right else "",
            wrong.step.result,
        )
    lines = marked.lines[:pasted]
    return Checked(
        counted(marked),
        first,
        tuple(verdict_of(simulation, each, conventions, _) for each in lines),
    )


def answer_lines(
    simulation: Simulation, typed: Mapping[str, str]
) -> tuple[tuple[AnswerLine, ...], tuple[str, ...]]:
    """The lines that were typed into fields, in the order of the steps, and the field of each."""
    lines, fields = [], []
    for _key, group in groupby(simulation.steps, lambda step: (step.kind, step.layer)):
        block = tuple(group)
        together = layer_field(block[0])
        numbers = split_numbers(typed.get(together, "")) if len(block) > 1 else ()
        for index, step in enumerate(block):
            text = typed.get(step.result, "").strip()
            if text:
                lines.append(typed_answer(step.result, text))
                fields.append(step.result)
            elif index < len(numbers):
                lines.append(typed_answer(step.result, numbers[index]))
                fields.append(together)
        for text in numbers[len(block) :]:  # too many
            lines.append(AnswerLine(text, text))
            fields.append(together)
    return tuple(lines), tuple(fields)


def split_numbers(text: str) -> tuple[str, ...]:
    """The numbers of a row, between blanks, semicolons, or commas with a blank after them."""
    for separator in (";", "[", "]", "(", ")", "\n", "\t"):
        text = text.replace(separator, " ")
    pieces = text.split(" ")
    return tuple(piece.rstrip(",") for piece in pieces if piece.strip(","))
