"""One sentence for a single step: the value of a quantity, and how it is computed.

Every text passes through the translator; English is the source language. No word next to a
placeholder may depend on what fills it: Korean particles would.
"""

from collections.abc import Sequence

from markupsafe import Markup

from app.backprop.addresses import parse, unit_name
from app.backprop.steps import Step
from app.view.notation.labels import Translate, cancels, fill, layer_words
from app.view.rendering.step_view import Quantity, StepView

MOST_TERMS = 4  # of a sum; a longer one is shortened in the middle
Message = tuple[str, dict[str, object]]  # a text, and the values of its placeholders


def sentence(step_view: StepView, step: Step, _: Translate) -> Markup:
    """The sentence of a step, with placeholders for its numbers."""
    message: Message = getattr(StepSentences(step_view, step, _), step.kind)()
    text, values = message
    return fill(text, value=step_view.result(step).short, **values)


class StepSentences:
    """The sentence of one step: the method named after its kind returns it."""

    def __init__(self, step_view: StepView, step: Step, _: Translate) -> None:
        self.step_view, self.step, self._ = step_view, step, _
        self.shape = step_view.shape
        self.indices = parse(step.result)[1]

    def operand(self, index: int) -> Quantity:
        return self.step_view.operand(self.step.operands[index])

    def numbers(self, **indices: int) -> dict[str, object]:
        """Operands, by the names of their placeholders."""
        return {name: self.operand(index).short for name, index in indices.items()}

    def products(self, begin: int) -> Markup:
        """The sum of products of two operands each, from index `begin` on."""
        return _sum(
            [
                fill(
                    "%(left)s × %(right)s",
                    left=self.operand(i).factor if i else self.operand(i).short,
                    right=self.operand(i + 1).factor,
                )
                for i in range(begin, len(self.step.operands), 2)
            ]
        )

    def sum(self) -> Markup:
        """The sum of all operands."""
        first, *others = (self.operand(i) for i in range(len(self.step.operands)))
        return _sum([Markup(first.short), *(Markup(other.factor) for other in others)])

    def mean(self, number: object) -> object:
        """A number, divided by the number of examples if that is an operand."""
        if len(self.step.operands) < 4:
            return number
        return fill("%(number)s / %(count)s", number=number, count=self.operand(3).plain)

    @property
    def unit(self) -> dict[str, object]:
        """The unit that the step belongs to."""
        assert self.step.unit is not None
        return {"unit": unit_name(self.step.layer, self.step.unit, self.shape.depth)}

    @property
    def ends(self) -> dict[str, object]:
        """The two units that a weight connects."""
        layer, source, target = self.indices
        depth = self.shape.depth
        return {
            "source": unit_name(layer, source, depth),
            "target": unit_name(layer + 1, target, depth),
        }

    @property
    def where(self) -> dict[str, object]:
        """The unit or the layer that a bias belongs to."""
        if self.step.unit is None:
            return {"where": layer_words(self._, self.shape, self.step.layer)}
        return {"where": self.unit["unit"]}

    def net(self) -> Message:
        _ = self._
        if self.shape.bias == "none":
            text = _("net of %(unit)s is %(value)s: %(sum)s.")
            return text, {**self.unit, "sum": self.products(0)}
        text = _("net of %(unit)s is %(value)s: the bias %(bias)s + %(sum)s.")
        return text, {**self.unit, **self.numbers(bias=0), "sum": self.products(1)}

    def out(self) -> Message:
        _ = self._
        activation = self.shape.activations[self.step.layer - 1]
        text = {
            "sigmoid": _("out of %(unit)s is %(value)s: the sigmoid of its net, %(net)s."),
            "tanh": _("out of %(unit)s is %(value)s: tanh of its net, %(net)s."),
            "relu": _("out of %(unit)s is %(value)s: the larger of 0 and its net, %(net)s."),
            "identity": _("out of %(unit)s is %(value)s: its net, %(net)s, as it is."),
            "softmax": _(
                "out of %(unit)s is %(value)s: e to the power of its net, %(net)s, "
                "divided by the sum of these powers for all outputs."
            ),
        }[activation]
        own = self.step.unit if activation == "softmax" else 0
        return text, {**self.unit, **self.numbers(net=own or 0)}

    def error(self) -> Message:
        _ = self._
        if self.step.unit is None:
            text = _("The error E is %(value)s: the errors of all outputs together, %(sum)s.")
            return text, {"sum": self.sum()}
        text = {
            "half_squared": _(
                "The error of output %(unit)s is %(value)s: half the square of "
                "the target, %(target)s, minus out, %(out)s."
            ),
            "mean_squared": _(
                "The error of output %(unit)s is %(value)s: the square of the target, %(target)s, "
                "minus out, %(out)s, divided by the number of outputs, %(outputs)s."
            ),
            "binary_cross_entropy": _(
                "The error of output %(unit)s is %(value)s: −(target × ln out + (1 − target) × "
                "ln(1 − out)), with the target %(target)s and out from its net, %(out)s."
            ),
            "cross_entropy": _(
                "The error of output %(unit)s is %(value)s: −target × ln out, with the target "
                "%(target)s and out from all nets, its own being %(out)s."
            ),
        }[self.shape.error]
        own = 1 + (self.step.unit if self.shape.error == "cross_entropy" else 0)
        numbers = self.numbers(target=0, out=own)
        return text, {**self.unit, **numbers, "outputs": self.shape.layers[-1]}

    def error_slope(self) -> Message:
        _ = self._
        if self.step.layer == self.shape.depth - 1:
            text = {
                "half_squared": _(
                    "The error slope at %(unit)s is %(value)s: "
                    "its out, %(out)s, minus the target, %(target)s."
                ),
                "mean_squared": _(
                    "The error slope at %(unit)s is %(value)s: twice the difference of its out, "
                    "%(out)s, and the target, %(target)s, divided by the number of outputs."
                ),
            }[self.shape.error]
            return text, {**self.unit, **self.numbers(out=0, target=1)}
        text = _(
            "The error slope at %(unit)s is %(value)s: "
            "from each unit that it feeds, δ × the old weight, %(sum)s."
        )
        return text, {**self.unit, "sum": self.products(0)}

    def activation_slope(self) -> Message:
        _ = self._
        text = {
            "sigmoid": _(
                "The activation slope of %(unit)s is %(value)s: out × (1 − out), with out %(x)s."
            ),
            "tanh": _(
                "The activation slope of %(unit)s is %(value)s: 1 − out × out, with out %(x)s."
            ),
            "relu": _(
                "The activation slope of %(unit)s is %(value)s: that of relu where net is %(x)s."
            ),
            "identity": _(
                "The activation slope of %(unit)s is %(value)s: "
                "the identity is equally steep everywhere."
            ),
        }[self.shape.activations[self.step.layer - 1]]
        numbers = self.numbers(x=0) if self.step.operands else {}
        return text, {**self.unit, **numbers}

    def delta(self) -> Message:
        if cancels(self.shape, self.step):
            text = self._(
                "δ of %(unit)s is %(value)s: its out, %(out)s, minus the target, %(target)s. "
                "All else in the two slopes cancels."
            )
            return text, {**self.unit, **self.numbers(out=0, target=1)}
        text = self._(
            "δ of %(unit)s is %(value)s: its error slope %(error)s × "
            "its activation slope %(activation)s."
        )
        return text, {**self.unit, **self.numbers(error=0, activation=1)}

    def weight_gradient(self) -> Message:
        text = self._(
            "The gradient of the weight from %(source)s to %(target)s is %(value)s: "
            "the δ of %(target)s, %(delta)s, × what comes from %(source)s, %(out)s."
        )
        return text, {**self.ends, **self.numbers(delta=0, out=1)}

    def bias_gradient(self) -> Message:
        _ = self._
        if self.step.unit is None:
            text = _(
                "The gradient of the bias of %(where)s is %(value)s: "
                "the δ of all its units together, %(sum)s."
            )
            return text, {**self.where, "sum": self.sum()}
        text = _("The gradient of the bias of %(where)s is %(value)s: the δ of that unit.")
        return text, self.where

    def weight_sum(self) -> Message:
        text = self._(
            "The gathered gradient of the weight from %(source)s to %(target)s becomes %(value)s: "
            "%(old)s from the examples before + its gradient %(gradient)s."
        )
        return text, {**self.ends, **self.added}

    def bias_sum(self) -> Message:
        text = self._(
            "The gathered gradient of the bias of %(where)s becomes %(value)s: "
            "%(old)s from the examples before + its gradient %(gradient)s."
        )
        return text, {**self.where, **self.added}

    @property
    def added(self) -> dict[str, object]:
        return {**self.numbers(old=0), "gradient": self.operand(1).factor}

    def weight_velocity(self) -> Message:
        text = self._(
            "The velocity of the weight from %(source)s to %(target)s becomes %(value)s: "
            "the momentum %(momentum)s × the old velocity %(old)s + the gradient %(gradient)s."
        )
        return text, {**self.ends, **self.velocity_terms}

    def bias_velocity(self) -> Message:
        text = self._(
            "The velocity of the bias of %(where)s becomes %(value)s: "
            "the momentum %(momentum)s × the old velocity %(old)s + the gradient %(gradient)s."
        )
        return text, {**self.where, **self.velocity_terms}

    @property
    def velocity_terms(self) -> dict[str, object]:
        old, gradient = self.operand(1).factor, self.operand(2).factor
        return {**self.numbers(momentum=0), "old": old, "gradient": self.mean(gradient)}

    def weight_update(self) -> Message:
        _ = self._
        text = {
            "gradient": _(
                "The weight from %(source)s to %(target)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gradient %(gradient)s."
            ),
            "sum": _(
                "The weight from %(source)s to %(target)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gathered gradient %(gradient)s."
            ),
            "velocity": _(
                "The weight from %(source)s to %(target)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its velocity %(gradient)s."
            ),
        }[self.update_term]
        return text, {**self.ends, **self.update_terms}

    def bias_update(self) -> Message:
        _ = self._
        text = {
            "gradient": _(
                "The bias of %(where)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gradient %(gradient)s."
            ),
            "sum": _(
                "The bias of %(where)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gathered gradient %(gradient)s."
            ),
            "velocity": _(
                "The bias of %(where)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its velocity %(gradient)s."
            ),
        }[self.update_term]
        return text, {**self.where, **self.update_terms}

    @property
    def update_term(self) -> str:
        """What the learning rate is multiplied by."""
        if self.shape.velocity_count:
            return "velocity"
        return "sum" if self.shape.accumulates else "gradient"

    @property
    def update_terms(self) -> dict[str, object]:
        return {**self.numbers(old=0, rate=1), "gradient": self.mean(self.operand(2).short)}


def _sum(terms: Sequence[Markup]) -> Markup:
    if len(terms) > MOST_TERMS:
        terms = [*terms[:2], Markup("…"), terms[-1]]
    return Markup(" + ").join(terms)
