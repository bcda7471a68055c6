"""Practise: what is asked, its numbers as blanks, hints, and what was missed so far.

No number is written here that is not known yet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from app.analysis.diagnosis import (
    CUT,
    ROUNDED,
    DiagnosedNumber,
    GivenNumber,
    diagnose,
    parse_answer,
)
from app.backprop.addresses import COUNTS
from app.backprop.errors import N_, Invalid
from app.backprop.network import Shape
from app.backprop.quantity_names import bias_letter
from app.backprop.steps import Step, steps_of
from app.exercises.answers import typed_answer
from app.exercises.asked_steps import LAYER, ONE, UNIT, AskedSteps, Coming, kinds_of
from app.exercises.marking import AMBIGUOUS, NO_NUMBER, RIGHT, UNREAD, WRONG
from app.exercises.variants import Structure, variant
from app.simulation.simulation import Simulation
from app.view.exercises.working_view import (
    COARSE,
    SAID,
    LineVerdict,
    WorkingBlank,
    layer_field,
)
from app.view.notation.explanations import why
from app.view.notation.formulas import mathml, terms_of
from app.view.notation.labels import Translate, kind_title, title
from app.view.notation.latex import INLINE, result_symbol, symbol
from app.view.notation.mistake_sentences import mistake_sentence, unread_sentence
from app.view.rendering.digits import Digits
from app.view.rendering.numbers import exact, whole

PRACTICE = "practise"  # ends the path of the page
GRAINS = {
    LAYER: N_("all numbers of a layer at a time"),
    ONE: N_("one number of each layer"),
    UNIT: N_("all numbers, one at a time"),
}
ENOUGH_DECIMALS, ENOUGH_UNITS = 4, 100  # of an answer: decimals, or units of its last digit
AS_GIVEN = 1e-9  # how close an answer with fewer is, if no digit was left off
MOST_MISSED = 3  # kinds that are offered as the only ones
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
class Hint:
    """What a quantity is computed from: the names, then the formula."""

    symbol: Markup
    operands: Markup
    formula: Markup  # empty until it is asked for


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """What steps of one kind and layer have computed."""

    title: str
    numbers: tuple[tuple[Markup, str, str], ...]  # the name, the number, and all its digits


@dataclass(frozen=True, slots=True)
class AskedChoice:
    """What can be asked of a network, and what is."""

    summary: str
    grains: tuple[tuple[str, str, bool], ...]  # its value, the words, and whether it is chosen
    kinds: tuple[tuple[str, str, bool], ...]
    is_all: bool  # whether all kinds are asked


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
            verdict = diagnose(step_ahead.after, step.result, answer)
            is_coarse = verdict.is_right and not _has_enough_digits(answer, verdict.value)
            found[step.result] = COARSE if is_coarse else verdict
    return found


def _has_enough_digits(answer: GivenNumber, value: float) -> bool:
    """Whether a right answer says enough: 0 agrees with 0.4378 in all digits that it has."""
    is_whole = abs(float(answer.value) - value) <= AS_GIVEN * max(1.0, abs(value))
    return is_whole or answer.decimals >= ENOUGH_DECIMALS or answer.units >= ENOUGH_UNITS


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
        if result == COARSE:
            text = _("Too few digits to tell. Give four decimals, or three significant digits.")
            said = COARSE, (text,)
        elif isinstance(result, str):
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


def blank_to_fill(blanks: Iterable[WorkingBlank]) -> str:
    """The first field to go on with: one that is not right, or else is empty."""
    left = (each for each in blanks if each.verdict != RIGHT and (each.verdict or not each.typed))
    return next((each.field for each in left), "")


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


def known_numbers(step_ahead: Coming, digits: Digits, _: Translate) -> tuple[KnownNumbers, ...]:
    """The numbers that were asked last, and those computed after them, which were not asked."""
    before, shape = step_ahead.before, step_ahead.before.shape
    trace, position = before.trace(), before.compiled.position

    def numbers(steps: Iterable[Step]) -> Iterator[tuple[Markup, str, str]]:
        for step in steps:
            value = trace[position[step.result]]
            name = mathml(result_symbol(step, shape, INLINE))
            text = whole(value) if step.kind in COUNTS else digits.short(value)
            yield name, text, exact(value)

    found = []
    for _key, group in groupby(step_ahead.shown, lambda step: (step.kind, step.layer)):
        steps = tuple(group)
        name = title(_, shape, steps[0], whole_layer=len(steps) > 1)
        found.append(KnownNumbers(name, tuple(numbers(steps))))
    return tuple(found)


def asked_choice(simulation: Simulation, asked: AskedSteps, _: Translate) -> AskedChoice:
    """What can be asked of a network, and what is."""
    shape = simulation.network.shape
    own, chosen = kinds_of(shape), asked.kinds_in(shape)
    is_all = chosen == own
    words = {kind: kind_words(shape, kind, _) for kind in own}
    summary = _("all kinds") if is_all else ", ".join(words[kind] for kind in chosen)
    return AskedChoice(
        f"{summary}; {_(GRAINS[asked.by])}",
        tuple((value, _(text), value == asked.by) for value, text in GRAINS.items()),
        tuple((kind, words[kind], kind in chosen) for kind in own),
        is_all,
    )


def kind_words(shape: Shape, kind: str, _: Translate) -> str:
    """A kind of step in words; with W or b where both weights and biases have it."""
    parameter = {"weight": "W", "bias": bias_letter(shape)}.get(kind.partition("_")[0], "")
    words = kind_title(_, shape, kind)
    has_letter = kind.endswith(("_gradient", "_update")) or not parameter
    return words if has_letter else f"{words} ({parameter})"


def missed_most(
    simulation: Simulation, asked: AskedSteps, steps: Iterable[tuple[str, int, int]], _: Translate
) -> tuple[tuple[str, str], ...]:
    """The kinds that were missed most, which a student may want to be asked alone."""
    shape = simulation.network.shape
    own, missed = kinds_of(shape), Counter[str]()
    for name, _asked, failed in steps:
        missed[name.partition("/")[0]] += failed
    kinds = [kind for kind, count in missed.most_common() if count and kind in own]
    offered = [kind for kind in kinds[:MOST_MISSED] if asked.kinds != (kind,)]
    return tuple((kind, kind_words(shape, kind, _)) for kind in offered)


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
