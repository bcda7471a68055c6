"""Practise: the numbers of the next step as blanks, hints, and what was missed so far.

No number is written here that is not known yet.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.analysis.diagnosis import CUT, ROUNDED, DiagnosedNumber, diagnose, parse_answer
from app.backprop.errors import N_, Invalid
from app.backprop.steps import Step, steps_of
from app.exercises.answers import typed_answer
from app.exercises.marking import AMBIGUOUS, NO_NUMBER, RIGHT, UNREAD, WRONG
from app.exercises.variants import Structure, variant
from app.simulation.simulation import Simulation
from app.view.exercises.working_view import (
    SAID,
    LineVerdict,
    WorkingBlank,
    layer_field,
)
from app.view.notation.explanations import why
from app.view.notation.formulas import mathml, terms_of
from app.view.notation.labels import Translate, title
from app.view.notation.latex import INLINE, result_symbol, symbol
from app.view.notation.mistake_sentences import mistake_sentence, unread_sentence

PRACTICE = "practise"  # ends the path of the page
MISTAKES = {
    "wrong_sign": N_("target − out instead of out − target"),
    "slope_left_out": N_("∂out/∂net left out"),
    "added": N_("change added instead of subtracted"),
    "updated_weights": N_("updated weights used"),
    "learning_rate_forgotten": N_("learning rate left out"),
    "one_path": N_("only one path counted"),
    "bias_forgotten": N_("bias left out"),
    "threshold_added": N_("threshold added"),
    "slope_at_net": N_("derivative computed from net"),
    "net_for_out": N_("net in place of out"),
    "doubled": N_("twice as large"),
    "halved": N_("half as large"),
    "outputs_forgotten": N_("mean forgotten"),
    "sum_for_mean": N_("sum in place of the mean"),
    "old_value_forgotten": N_("old value left out"),
    "bias_gradient_of_one": N_("only one δ counted"),
    "bias_kept": N_("bias not updated"),
    "bias_per_input": N_("bias added for every input"),
    "learning_rate_early": N_("learning rate too early"),
    "transposed": N_("indices exchanged"),
    "of_another": N_("number of another unit or weight"),
    CUT: N_("digits cut off"),
    ROUNDED: N_("rounded on the way"),
}


@dataclass(frozen=True, slots=True)
class Coming:
    """The next step: the steps in it, and the simulation after it, whose values nobody may see yet."""

    moment: str  # names it, so that a page can say which one it is about
    by: str  # unit or layer
    number: int  # of the step among those of its iteration, from 1
    steps: tuple[Step, ...]
    after: Simulation

    @property
    def name(self) -> str:
        return layer_field(self.steps[0])


@dataclass(frozen=True, slots=True)
class Hint:
    """What a quantity is computed from: the names, then the formula."""

    symbol: Markup
    operands: Markup
    formula: Markup  # empty until it is asked for


def coming(simulation: Simulation, by: str) -> Coming:
    """The next step: of a single number, or else of a layer."""
    by = "unit" if by == "unit" else "layer"
    after = simulation.step(by)
    first = simulation.cursor if after.iteration == simulation.iteration else 0
    moment = f"{after.iteration}.{first}.{by}"
    number = bisect_left(after.compiled.ends[by], after.cursor) + 1
    return Coming(moment, by, number, after.steps[first : after.cursor], after)


def renewed(simulation: Simulation, seed: int) -> Simulation:
    """The same network with other numbers, which are pleasant by hand, as an edit."""
    other = variant(Structure.of(simulation), seed)
    network = other.network
    return simulation.edit(weights=network.weights, biases=network.biases, examples=other.examples)


def diagnosed(step_ahead: Coming, typed: Mapping[str, str]) -> dict[str, DiagnosedNumber | str]:
    """The diagnosis of each number that was typed, or why it is none, by address."""
    found: dict[str, DiagnosedNumber | str] = {}
    for step in step_ahead.steps:
        text = typed.get(step.result, "").strip()
        if not text:
            continue
        line = typed_answer(step.result, text)
        if line.is_ambiguous:
            found[step.result] = AMBIGUOUS
            continue
        try:
            answer = parse_answer(line.answer)
        except Invalid:
            found[step.result] = NO_NUMBER
        else:
            found[step.result] = diagnose(step_ahead.after, step.result, answer)
    return found


def practice_blanks(
    step_ahead: Coming,
    typed: Mapping[str, str],
    found: Mapping[str, DiagnosedNumber | str],
    _: Translate,
) -> tuple[WorkingBlank, ...]:
    """A field for each number of the next step, with what is to be said of it."""
    shape = step_ahead.after.shape

    def verdict(step: Step) -> Iterator[LineVerdict]:
        result = found.get(step.result)
        if result is None:
            return
        said: tuple[str, tuple[str, ...]]
        if isinstance(result, str):
            said = UNREAD, (unread_sentence(_, result),)
        elif result.is_right:
            said = RIGHT, (_(SAID[RIGHT]),)
        else:
            mistakes = tuple(
                mistake_sentence(_, shape, step, mistake) for mistake in result.mistakes
            )
            said = WRONG, mistakes or (_(SAID[WRONG]),)
        yield LineVerdict("", typed[step.result], *said)

    return tuple(
        WorkingBlank(
            step.result,
            mathml(result_symbol(step, shape, INLINE)),
            step.symbol,
            typed.get(step.result, ""),
            tuple(verdict(step)),
        )
        for step in step_ahead.steps
    )


def hints(step_ahead: Coming, level: int) -> tuple[Hint, ...]:
    """What the quantities of the next step are computed from; the formula from level 2 on."""
    shape = step_ahead.after.shape

    def formula_of(step: Step) -> Markup:
        terms = terms_of(step.expression, shape, lambda mention: "")
        return Markup(" ").join(term.symbols for term in terms)

    return tuple(
        Hint(
            mathml(result_symbol(step, shape, INLINE)),
            Markup(", ").join(mathml(symbol(each, shape, INLINE)) for each in step.operands),
            formula_of(step) if level > 1 else Markup(""),
        )
        for step in (step_ahead.steps if level else ())
    )


def next_title(step_ahead: Coming, _: Translate) -> str:
    whole = len(step_ahead.steps) > 1
    return title(_, step_ahead.after.shape, step_ahead.steps[0], whole_layer=whole)


def next_why(step_ahead: Coming, _: Translate) -> str:
    return why(_, step_ahead.after.shape, step_ahead.steps[0])


def step_titles(simulation: Simulation, _: Translate) -> dict[str, str]:
    """What the steps of a network compute, by kind and layer."""
    shape = simulation.network.shape
    return {layer_field(step): title(_, shape, step, whole_layer=True) for step in steps_of(shape)}


def mistake_words(name: str, _: Translate) -> str:
    """A mistake in a few words."""
    return _(MISTAKES.get(name, name))
