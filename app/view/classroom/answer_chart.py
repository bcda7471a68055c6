"""The answers to a question as bars: the right ones, each recognised mistake, and the others."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from app.analysis.diagnosis import diagnose, parse_answer
from app.simulation.simulation import Simulation
from app.view.classroom.question_view import choice_text, question_view
from app.view.notation.labels import Translate
from app.view.notation.mistake_sentences import mistake_sentence
from app.view.rendering.digits import Digits
from app.view.rendering.numbers import exact

RIGHT, UNEXPLAINED = "right", "unexplained"


@dataclass(frozen=True, slots=True)
class AnswerBar:
    """Answers that are alike."""

    label: str  # what was done, in a sentence; or the choice
    example: str  # one with this mistake, as it was typed; else empty
    count: int
    share: float  # of all answers, from 0 to 1
    is_right: bool


@dataclass(frozen=True, slots=True)
class AnswerChart:
    """A question that was revealed, and its answers."""

    number: int
    text: Markup
    plain: str
    right: str  # the right answer
    right_exact: str  # with all digits, if it is a number
    answers: int
    bars: tuple[AnswerBar, ...]


def answer_chart(
    _: Translate,
    digits: Digits,
    simulation: Simulation,
    number: int,
    kind: str,
    addresses: tuple[str, ...],
    right: float | str,
    counts: Iterable[tuple[str, int, str]],
) -> AnswerChart:
    """The chart of a question.

    Args:
        simulation: at the iteration that computes the quantities.
        right: the right number, or the right choice.
        counts: of each bar its kind, how many there are, and one of the answers.
    """
    shape = simulation.shape
    view = question_view(_, shape, number, kind, addresses)
    counts = list(counts)
    if all(outcome != RIGHT for outcome, _count, _example in counts):
        counts.insert(0, (RIGHT, 0, right if isinstance(right, str) else ""))
    total = sum(count for _kind, count, _example in counts)

    def label(outcome: str, example: str) -> str:
        if isinstance(right, str):
            return choice_text(_, shape, example)
        if outcome == RIGHT:
            return digits.short(right)
        if outcome == UNEXPLAINED:
            return _("other numbers")
        found = diagnose(simulation, addresses[0], parse_answer(example))
        mistake = next(each for each in found.mistakes if each.name == outcome)
        return mistake_sentence(_, shape, found.step, mistake)

    return AnswerChart(
        number,
        view.text,
        view.plain,
        choice_text(_, shape, right) if isinstance(right, str) else digits.short(right),
        "" if isinstance(right, str) else exact(right),
        total,
        tuple(
            AnswerBar(
                label(outcome, example),
                ""
                if isinstance(right, str) or outcome in (RIGHT, UNEXPLAINED)
                else example.replace("-", "−"),
                count,
                count / total if total else 0.0,
                outcome == RIGHT,
            )
            for outcome, count, example in counts
        ),
    )
