"""Check my number: a visitor's own value for a quantity, and which mistake gives it.

The formula as it was applied stands beside the right one, with the parts that differ marked. Numbers
that are not known yet at this step are left open, so that the check gives nothing away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from markupsafe import Markup

from app.analysis.diagnosis import GivenNumber, Mistake, diagnose, parse_answer
from app.analysis.misconceptions import UPDATES, key, values_of
from app.analysis.rounding import can_round, rounded_iteration
from app.backprop.errors import Invalid
from app.backprop.expressions import Token, tokens
from app.backprop.rounding_rule import Rounding
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.text.typed_numbers import NotANumber, read_number
from app.view.notation.formulas import NO_MARKUP, mathml
from app.view.notation.labels import Translate
from app.view.notation.latex import new_symbol, result_symbol, symbol
from app.view.notation.mistake_sentences import mistake_sentence
from app.view.notation.notations import TEXT
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import exact

Values = Mapping[str, float]  # by key (see `values_of`)
RIGHT, MISTAKEN, UNRECOGNISED, INVALID = "right", "mistaken", "unrecognised", "invalid"


@dataclass(frozen=True, slots=True)
class CheckPiece:
    """A text of a formula or an operand with its number; `differs` from the other formula."""

    differs: bool
    text: str = ""
    symbol: Markup = NO_MARKUP
    number: str = ""
    exact: str = ""


@dataclass(frozen=True, slots=True)
class RecognisedMistake:
    """What was done, and the two formulas; none if the mistake is one of rounding."""

    sentence: str
    result: Markup  # the symbol of what was computed wrongly
    applied: tuple[CheckPiece, ...] = ()
    right: tuple[CheckPiece, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """The verdict on what was typed."""

    typed: str
    verdict: str
    message: str
    mistakes: tuple[RecognisedMistake, ...] = ()


def check_number(
    simulation: Simulation,
    asked: Step,
    typed: str,
    _: Translate,
    digits: Digits = FOUR,
    rounding: Rounding | None = None,
) -> NumberCheck:
    """Check a number for the result of a step, whether it has been taken or not.

    With a rounding, the one on the blackboard is right, too.
    """
    try:
        answer = _parse(typed)
    except Invalid as error:
        return NumberCheck(typed, INVALID, error.translated(_))
    diagnosis = diagnose(simulation, asked.result, answer)
    if diagnosis.is_right or _is_on_board(simulation, asked, answer, rounding):
        return NumberCheck(typed, RIGHT, _("Right, to the last digit you gave."))
    if not diagnosis.mistakes:
        text = _("Not right, and no known mistake gives this number. Check your inputs one by one.")
        return NumberCheck(typed, UNRECOGNISED, text)
    values = values_of(simulation)
    mistakes = tuple(
        _recognised(simulation, values, asked, each, _, digits) for each in diagnosis.mistakes
    )
    text = _("Not right. This gives your number:")
    if len(mistakes) > 1:
        text = _("Not right. Each of these gives your number:")
    return NumberCheck(typed, MISTAKEN, text, mistakes)


def _is_on_board(
    simulation: Simulation, asked: Step, answer: GivenNumber, rounding: Rounding | None
) -> bool:
    if rounding is None or not can_round(simulation):
        return False
    written = rounded_iteration(simulation, rounding).values[key(asked)]
    return answer.matches(float(written), 0.0)


def _parse(typed: str) -> GivenNumber:
    """Return a number with its digits. Raises Invalid, also for 1,000, which is asked about."""
    try:
        read_number(typed)
    except NotANumber as error:
        if error.is_explained:
            raise
    return parse_answer(typed)


def _recognised(
    simulation: Simulation,
    values: Values,
    asked: Step,
    mistake: Mistake,
    _: Translate,
    digits: Digits,
) -> RecognisedMistake:
    shape = simulation.shape
    sentence = mistake_sentence(_, shape, asked, mistake)
    result = mathml(result_symbol(mistake.step, shape))
    if mistake.formula is None:
        return RecognisedMistake(sentence, result)
    applied, right = tokens(mistake.formula, TEXT), tokens(mistake.step.expression, TEXT)
    same_in_applied, same_in_right = _same_places(_keys(applied), _keys(right))
    return RecognisedMistake(
        sentence,
        result,
        _pieces(simulation, values, applied, same_in_applied, digits),
        _pieces(simulation, values, right, same_in_right, digits),
    )


def _same_places(one: list[str], other: list[str]) -> tuple[set[int], set[int]]:
    """The places of two formulas at which they agree: place by place, or where one is longer, by
    their longest common parts."""
    if len(one) == len(other):
        same = {
            place for place, pair in enumerate(zip(one, other, strict=True)) if len({*pair}) == 1
        }
        return same, same
    blocks = SequenceMatcher(None, one, other, False).get_matching_blocks()
    return (
        {place for a, _b, size in blocks for place in range(a, a + size)},
        {place for _a, b, size in blocks for place in range(b, b + size)},
    )


def _keys(formula: tuple[Token, ...]) -> list[str]:
    """What is compared: of an operand its address, whether it is in parentheses or not."""
    return [token if isinstance(token, str) else token.address for token in formula]


def _pieces(
    simulation: Simulation,
    values: Values,
    formula: tuple[Token, ...],
    same: set[int],
    digits: Digits,
) -> tuple[CheckPiece, ...]:
    shape, compiled = simulation.shape, simulation.compiled

    def piece(token: Token, differs: bool) -> CheckPiece:
        if isinstance(token, str):
            return CheckPiece(differs, text=token)
        kind, _, indices = token.address.partition("/")
        is_new = kind in UPDATES  # the weight after its update, which only a mistake uses
        result = f"{kind.removesuffix('_update')}/{indices}" if is_new else token.address
        write = new_symbol if is_new else symbol
        given = token.address in compiled.inputs
        known = given or compiled.position[result] < simulation.cursor
        value = values[token.address]
        number = digits.short(value)
        if value < 0 and not token.leading:
            number = f"({number})"
        return CheckPiece(
            differs,
            symbol=mathml(write(result, shape)),
            number=number if known else "?",
            exact=exact(value) if known else "",
        )

    return tuple(piece(token, index not in same) for index, token in enumerate(formula))
