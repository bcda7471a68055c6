"""One sentence for a single step: the value of a quantity, and how it is computed.

Every text passes through the translator; English is the source language. No word next to a
placeholder may depend on what fills it: Korean particles would.
"""

from dataclasses import replace

from markupsafe import Markup

from app.backprop.addresses import parse
from app.backprop.expressions import Expression, Mention, terms, tokens
from app.backprop.steps import Step
from app.view.notation.function_words import (
    ACTIVATION_WORDS,
    ERROR_WORDS,
    QuantityWords,
    UpdateWords,
    quantity_words,
    update_words,
)
from app.view.notation.labels import Translate, cancels, fill, parameter_words, place, unit_words
from app.view.notation.notations import TEXT
from app.view.rendering.numbers import MINUS
from app.view.rendering.step_view import StepView

MOST_TERMS = 4  # of a sum; a longer one is shortened in the middle
_SPOKEN = replace(TEXT, times=" × ")
_BETWEEN = {"+": " + ", "-": f" {MINUS} "}


def sentence(step_view: StepView, step: Step, _: Translate) -> Markup:
    """The sentence of a step, with placeholders for its numbers."""
    writer = _SentenceWriter(step_view, step, _)
    return fill(writer.text(), **writer.names(), **writer.numbers())


class _SentenceWriter:
    """The text of a step's sentence, and the values of its placeholders."""

    def __init__(self, step_view: StepView, step: Step, _: Translate) -> None:
        self.step_view, self.step, self._ = step_view, step, _
        self.shape = step_view.shape
        self.indices = parse(step.result)[1]

    def text(self) -> str:
        _, shape, step, named = self._, self.shape, self.step, self.shape.named
        activation = ACTIVATION_WORDS[shape.activation(step.layer, step.unit or 0)]
        match step.kind:
            case "net" if shape.bias == "none":
                return _("net of %(unit)s is %(value)s: %(sum)s.")
            case "net" if named.thresholds:
                return _("net of %(unit)s is %(value)s: %(sum)s, minus the threshold %(bias)s.")
            case "net":
                return _("net of %(unit)s is %(value)s: the bias %(bias)s + %(sum)s.")
            case "out":
                return _(activation.out)
            case "error" if step.unit is None:
                return _("The error E is %(value)s: the sum of the errors of all outputs, %(sum)s.")
            case "error":
                return _(ERROR_WORDS[shape.error].error)
            case "error_slope" if step.layer == shape.depth - 1:
                return _(ERROR_WORDS[shape.error].slope)
            case "error_slope" if named.minus_delta:
                return _(
                    "∂E/∂out of %(unit)s is %(value)s: the sum of −Err × the old weight over the "
                    "units that it feeds, %(sum)s."
                )
            case "error_slope":
                return _(
                    "∂E/∂out of %(unit)s is %(value)s: the sum of δ × the old weight over the "
                    "units that it feeds, %(sum)s."
                )
            case "activation_slope":
                return _(activation.slope)
            case "delta" if named.minus_delta and cancels(shape, step):
                return _(
                    "Err of %(unit)s is %(value)s: the target, %(target)s, minus out, %(out)s. "
                    "Everything else in −∂E/∂out × ∂out/∂net cancels."
                )
            case "delta" if named.minus_delta:
                return _(
                    "Err of %(unit)s is %(value)s: minus ∂E/∂out %(error_slope)s × ∂out/∂net "
                    "%(activation_slope)s."
                )
            case "delta" if cancels(shape, step):
                return _(
                    "δ of %(unit)s is %(value)s: out, %(out)s, minus the target, %(target)s. "
                    "Everything else in ∂E/∂out × ∂out/∂net cancels."
                )
            case "delta":
                return _(
                    "δ of %(unit)s is %(value)s: ∂E/∂out %(error_slope)s × ∂out/∂net "
                    "%(activation_slope)s."
                )
            case "weight_gradient" if named.minus_delta:
                return _(
                    "The gradient of the weight from %(source)s to %(target)s is %(value)s: minus "
                    "the Err of %(target)s, %(delta)s, × the value of %(source)s, %(out)s."
                )
            case "weight_gradient":
                return _(
                    "The gradient of the weight from %(source)s to %(target)s is %(value)s: the δ "
                    "of %(target)s, %(delta)s, × the value of %(source)s, %(out)s."
                )
            case "bias_gradient" if named.has_signs:
                return _("The gradient of %(parameter)s is %(value)s: %(sum)s.")
            case "bias_gradient" if step.unit is None:
                return _(
                    "The gradient of the bias of %(where)s is %(value)s: the sum of δ over its "
                    "units, %(sum)s."
                )
            case "bias_gradient":
                return _("The gradient of the bias of %(where)s is %(value)s: the δ of that unit.")
        return _(self.words().sentence)

    def words(self) -> QuantityWords | UpdateWords:
        """The words of a step of the update."""
        kind = self.step.kind
        return update_words(self.shape, kind) if kind.endswith("_update") else quantity_words(kind)

    def names(self) -> dict[str, object]:
        """The unit or layer of the result; of a weight, the two units that it connects; of a step
        of the update, what it is called and how it is computed."""
        _, shape, step = self._, self.shape, self.step
        where = place(_, shape, step)
        names: dict[str, object] = {"unit": where, "where": where}
        if step.kind.startswith("weight"):
            names["source"] = unit_words(_, shape, self.indices[0], self.indices[1])
            names["target"] = where
        if (self.indices and step.kind.startswith(("weight", "bias"))) or step.phase == "update":
            names["parameter"] = parameter_words(_, shape, step)
        if step.phase == "update":
            words = self.words()
            names["name"] = _(words.name)
            names["rule"] = _(words.rule) % {"name": _(words.name)}
        return names

    def numbers(self) -> dict[str, object]:
        """The result, the formula in numbers, and each operand under the kind of its address.

        Of the nets of a layer, `net` is the unit's own.
        """
        result, formula = self.step_view.result(self.step), self.step.expression
        values: dict[str, object] = {
            "value": result.short,
            "formula": self.written(formula, leading=True),
            "sum": self.sum(),
            "outputs": self.shape.layers[-1],
        }
        for text in self.step.operands:
            kind, indices = parse(text)
            if kind not in values or indices[-1:] == self.indices[-1:]:
                values[kind] = self.step_view.operand(text).short
        return values

    def sum(self) -> Markup:
        """The terms of the formula without the bias, written out."""
        parts = terms(self.step.expression)
        if self.step.kind == "net" and self.shape.bias != "none":
            parts = parts[1:]
        written = [
            (operator, self.written(part, leading=not index))
            for index, (operator, part) in enumerate(parts)
        ]
        if len(written) > MOST_TERMS:
            written = [*written[:2], ("+", Markup("…")), written[-1]]
        (_, text), *others = written
        for operator, term in others:
            text += Markup(_BETWEEN[operator]) + term
        return text

    def written(self, part: Expression, *, leading: bool) -> Markup:
        return Markup("").join(
            token if isinstance(token, str) else self.mentioned(token)
            for token in tokens(part, _SPOKEN, leading=leading)
        )

    def mentioned(self, mention: Mention) -> Markup:
        quantity = self.step_view.operand(mention.address)
        return Markup(quantity.short if mention.leading else quantity.factor)
