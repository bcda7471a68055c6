"""What a misconception did and what to do instead, in a sentence; and why a line is not marked.

Every text passes through the translator. No word next to a placeholder may depend on what fills it.
"""

from app.analysis.diagnosis import CUT, ROUNDED, Mistake
from app.backprop.addresses import parse
from app.backprop.errors import N_
from app.backprop.expressions import operands
from app.backprop.network import Shape
from app.backprop.steps import Step, steps_of_kind
from app.exercises.marking import AMBIGUOUS, IS_GIVEN, NO_NUMBER, UNKNOWN
from app.view.notation.function_words import quantity_words
from app.view.notation.labels import Translate, unit_words

_SENTENCES = {
    "wrong_sign": N_("target − out was used: use out − target, the derivative of E."),
    "slope_left_out": N_("The derivative ∂out/∂net was left out: multiply ∂E/∂out by it."),
    "added": N_("The change was added: subtract it, so that E falls."),
    "updated_weights": N_(
        "The updated weights were used: take the weights from before the update, "
        "those of the forward pass."
    ),
    "learning_rate_forgotten": N_(
        "The learning rate was left out: multiply the gradient by lr before you subtract it."
    ),
    "one_path": N_(
        "Only the path through %(unit)s was counted: add up the paths through all units "
        "of the next layer."
    ),
    "bias_forgotten": N_("The bias was left out: add it to the weighted sum."),
    "threshold_added": N_("The threshold was added: subtract it from the weighted sum."),
    "slope_at_net": N_(
        "The derivative of the activation function was computed from net: this formula needs out."
    ),
    "net_for_out": N_("net was used in place of out: apply the activation function first."),
    "doubled": N_(
        "The result is twice as large as it should be: a ½ was forgotten, or a 2 is too many."
    ),
    "halved": N_(
        "The result is half as large as it should be: a 2 was forgotten, or a ½ is too many."
    ),
    "outputs_forgotten": N_(
        "The mean was forgotten: divide by the number of outputs, %(outputs)s."
    ),
    "sum_for_mean": N_(
        "The sum of the gradients was used: divide it by the number of examples to get the mean."
    ),
    "old_value_forgotten": N_(
        "The old %(name)s was left out: add its share to that of the gradient."
    ),
    "bias_gradient_of_one": N_(
        "Only δ of %(unit)s was counted: the units of the layer share the bias, "
        "so add up all their δ."
    ),
    "bias_kept": N_("The bias was not updated: update it like the weights."),
    "bias_per_input": N_("The bias was added once for every input: add it once."),
    "learning_rate_early": N_(
        "The learning rate was multiplied in too early: it belongs in the update only."
    ),
    "transposed": N_(
        "The indices were exchanged: the first is where a weight starts, the second where it ends."
    ),
    "of_another": N_("This is %(symbol)s: the indices belong to another unit or weight."),
    CUT: N_("The remaining digits were cut off: round instead."),
    ROUNDED: N_(
        "Intermediate results were rounded to %(decimals)s decimals: keep more digits on the way."
    ),
}
# The same of a network whose errors are propagated as Err = −δ, or which has thresholds.
_OF_ERR = {
    "wrong_sign": N_("The sign is wrong: Err is (target − out) times the slope."),
    "bias_gradient_of_one": N_(
        "Only Err of %(unit)s was counted: the units of the layer share the bias, "
        "so add up all their Err."
    ),
}
_OF_THRESHOLDS = {
    "bias_forgotten": N_("The threshold was left out: subtract it from the weighted sum."),
    "bias_kept": N_("The threshold was not updated: update it like the weights."),
    "bias_per_input": N_("The threshold was subtracted once for every input: subtract it once."),
    "bias_gradient_of_one": N_(
        "Only one unit, %(unit)s, was counted: the units of the layer share the threshold, "
        "so add up what all of them give."
    ),
}
_UNREAD = {
    UNKNOWN: N_("No step of this iteration computes this quantity."),
    NO_NUMBER: N_("Enter a number, such as −0.25."),
    AMBIGUOUS: N_("The comma may be a decimal comma or separate thousands. Write a point."),
    IS_GIVEN: N_("This is given, so it is not marked."),
}
_CUT_ON_THE_WAY = N_(
    "Intermediate results were cut off after %(decimals)s decimals: round them, "
    "and keep more digits on the way."
)


def mistake_sentence(_: Translate, shape: Shape, asked: Step, mistake: Mistake) -> str:
    """What was done wrong in an answer for the result of the step `asked`, and what to do instead."""
    text = _(_text_of(shape, mistake))
    sentence = text % _names(_, shape, mistake)
    if mistake.step == asked:
        return sentence
    carried = _("The mistake is in %(where)s; what follows was computed correctly. %(sentence)s")
    return carried % {"where": mistake.step.symbol.replace("_", " "), "sentence": sentence}


def _text_of(shape: Shape, mistake: Mistake) -> str:
    name, named = mistake.name, shape.named
    if name == CUT and mistake.decimals:
        return _CUT_ON_THE_WAY
    if named.thresholds and name in _OF_THRESHOLDS:
        return _OF_THRESHOLDS[name]
    if named.minus_delta and name in _OF_ERR and mistake.step.kind != "error_slope":
        return _OF_ERR[name]
    return _SENTENCES[name]


def unread_sentence(_: Translate, reason: str) -> str:
    """Why a line of a working is not marked."""
    return _(_UNREAD[reason])


def _names(_: Translate, shape: Shape, mistake: Mistake) -> dict[str, object]:
    step, formula = mistake.step, mistake.formula
    names: dict[str, object] = {"outputs": shape.layers[-1], "decimals": mistake.decimals}
    if formula is None:
        return names
    for text in operands(formula):
        kind, indices = parse(text)
        if kind == "delta":
            layer, unit = indices
            names["unit"] = unit_words(_, shape, layer, unit)
    for other in steps_of_kind(shape, step.kind, step.layer):
        if other.expression == formula:
            names["symbol"] = other.symbol.replace("_", " ")
    if step.phase == "update" and not step.kind.endswith("_update"):
        names["name"] = _(quantity_words(step.kind).name)
    return names
