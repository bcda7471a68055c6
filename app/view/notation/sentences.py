"""One sentence for a single step: which quantity has which value, and out of what it came.

Every text passes through the translator that is handed in: English is the source language. Texts
are put so that no word next to a hole depends on what fills it: Korean particles would.
"""

from collections.abc import Callable

from markupsafe import Markup

from app.backprop.steps import Step
from app.view.notation.labels import Translate, cancels
from app.view.notation.sentence_builder import Message, SentenceBuilder, fill
from app.view.rendering.step_view import StepView


class UpdateTeller(SentenceBuilder):
    """A sentence for each kind of step of the update."""

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
        return text, {"where": self.where, **self.added}

    @property
    def added(self) -> dict[str, object]:
        return {"old": self.operand(0).short, "gradient": self.operand(1).factor}

    def weight_velocity(self) -> Message:
        text = self._(
            "The velocity of the weight from %(source)s to %(target)s becomes %(value)s: "
            "the momentum %(momentum)s × the old velocity %(old)s + the gradient %(gradient)s."
        )
        return text, {**self.ends, **self.pushed}

    def bias_velocity(self) -> Message:
        text = self._(
            "The velocity of the bias of %(where)s becomes %(value)s: "
            "the momentum %(momentum)s × the old velocity %(old)s + the gradient %(gradient)s."
        )
        return text, {"where": self.where, **self.pushed}

    @property
    def pushed(self) -> dict[str, object]:
        momentum, old, gradient = (self.operand(index) for index in range(3))
        given = {"momentum": momentum.short, "old": old.factor}
        return {**given, "gradient": self.shared(gradient.factor)}

    def shared(self, number: object) -> Markup:
        """A gathered gradient, divided by the number of examples where their mean is taken."""
        if len(self.step.operands) < 4:
            return fill("%(number)s", number=number)
        return fill("%(number)s / %(count)s", number=number, count=self.operand(3).plain)

    def weight_update(self) -> Message:
        _ = self._
        text = _(
            "The weight from %(source)s to %(target)s becomes %(value)s: "
            "%(old)s − the learning rate %(rate)s × its gradient %(gradient)s."
        )
        if self.step_view.shape.accumulates:
            text = _(
                "The weight from %(source)s to %(target)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gathered gradient %(gradient)s."
            )
        if self.step_view.shape.velocity_count:
            text = _(
                "The weight from %(source)s to %(target)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its velocity %(gradient)s."
            )
        return text, {**self.ends, **self.moved}

    def bias_update(self) -> Message:
        _ = self._
        text = _(
            "The bias of %(where)s becomes %(value)s: "
            "%(old)s − the learning rate %(rate)s × its gradient %(gradient)s."
        )
        if self.step_view.shape.accumulates:
            text = _(
                "The bias of %(where)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gathered gradient %(gradient)s."
            )
        if self.step_view.shape.velocity_count:
            text = _(
                "The bias of %(where)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its velocity %(gradient)s."
            )
        return text, {"where": self.where, **self.moved}

    @property
    def moved(self) -> dict[str, object]:
        old, rate, gradient = (self.operand(index) for index in range(3))
        given = {"old": old.short, "rate": rate.short}
        return {**given, "gradient": self.shared(gradient.short)}


def sentence(step_view: StepView, step: Step, _: Translate) -> Markup:
    """The sentence of a step, with holes for its numbers."""
    text, values = _SENTENCES[step.kind](_Teller(step_view, step, _))
    return fill(text, value=step_view.result(step).short, **values)


class _Teller(UpdateTeller):
    """A sentence for each kind of step."""

    def net(self) -> Message:
        _ = self._
        if self.step_view.shape.bias == "none":
            text = _("net of %(unit)s is %(value)s: %(sum)s.")
            return text, {**self.here, "sum": self.products(0)}
        return _("net of %(unit)s is %(value)s: the bias %(bias)s + %(sum)s."), {
            **self.here,
            "bias": self.operand(0).short,
            "sum": self.products(1),
        }

    def out(self) -> Message:
        _ = self._
        text = {
            "sigmoid": _("out of %(unit)s is %(value)s: the sigmoid of its net, %(net)s."),
            "tanh": _("out of %(unit)s is %(value)s: tanh of its net, %(net)s."),
            "relu": _("out of %(unit)s is %(value)s: the larger of 0 and its net, %(net)s."),
            "identity": _("out of %(unit)s is %(value)s: its net, %(net)s, as it is."),
            "softmax": _(
                "out of %(unit)s is %(value)s: e to the power of its net, %(net)s, "
                "divided by the sum of these powers for all outputs."
            ),
        }[self.activation]
        own = self.step.unit if self.activation == "softmax" else 0
        return text, {**self.here, "net": self.operand(own or 0).short}

    def error(self) -> Message:
        _ = self._
        if self.step.unit is None:
            text = _("The error E is %(value)s: the errors of all outputs together, %(sum)s.")
            return text, {"sum": self.each()}
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
        }[self.step_view.shape.error]
        reads_all = self.step_view.shape.error == "cross_entropy"
        own = 1 + (self.step.unit if reads_all else 0)
        values = {"target": self.operand(0).short, "out": self.operand(own).short}
        return text, {**self.here, **values, "outputs": self.step_view.shape.layers[-1]}

    def error_slope(self) -> Message:
        _ = self._
        if self.is_output:
            text = {
                "half_squared": _(
                    "The error slope at %(unit)s is %(value)s: "
                    "its out, %(out)s, minus the target, %(target)s."
                ),
                "mean_squared": _(
                    "The error slope at %(unit)s is %(value)s: twice the difference of its out, "
                    "%(out)s, and the target, %(target)s, divided by the number of outputs."
                ),
            }[self.step_view.shape.error]
            out, target = self.operand(0).short, self.operand(1).short
            return text, {**self.here, "out": out, "target": target}
        text = _(
            "The error slope at %(unit)s is %(value)s: "
            "from each unit that it feeds, δ × the old weight, %(sum)s."
        )
        return text, {**self.here, "sum": self.products(0)}

    def activation_slope(self) -> Message:
        _ = self._
        begin = {
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
        }[self.activation]
        given: dict[str, object] = {"x": self.operand(0).short} if self.step.operands else {}
        return begin, {**self.here, **given}

    def delta(self) -> Message:
        if cancels(self.step_view.shape, self.step):
            text = self._(
                "δ of %(unit)s is %(value)s: its out, %(out)s, minus the target, %(target)s. "
                "All else in the two slopes cancels."
            )
            out, target = self.operand(0).short, self.operand(1).short
            return text, {**self.here, "out": out, "target": target}
        text = self._(
            "δ of %(unit)s is %(value)s: its error slope %(error)s × "
            "its activation slope %(activation)s."
        )
        error, activation = self.operand(0).short, self.operand(1).short
        return text, {**self.here, "error": error, "activation": activation}

    def weight_gradient(self) -> Message:
        text = self._(
            "The gradient of the weight from %(source)s to %(target)s is %(value)s: "
            "the δ of %(target)s, %(delta)s, × what comes from %(source)s, %(out)s."
        )
        delta, out = self.operand(0).short, self.operand(1).short
        return text, {**self.ends, "delta": delta, "out": out}

    def bias_gradient(self) -> Message:
        _ = self._
        if self.step.unit is None:
            text = _(
                "The gradient of the bias of %(where)s is %(value)s: "
                "the δ of all its units together, %(sum)s."
            )
            return text, {"where": self.where, "sum": self.each()}
        text = _("The gradient of the bias of %(where)s is %(value)s: the δ of that unit.")
        return text, {"where": self.where}


_SENTENCES: dict[str, Callable[[_Teller], Message]] = {
    "net": _Teller.net,
    "out": _Teller.out,
    "error": _Teller.error,
    "error_slope": _Teller.error_slope,
    "activation_slope": _Teller.activation_slope,
    "delta": _Teller.delta,
    "weight_gradient": _Teller.weight_gradient,
    "bias_gradient": _Teller.bias_gradient,
    "weight_sum": _Teller.weight_sum,
    "bias_sum": _Teller.bias_sum,
    "weight_velocity": _Teller.weight_velocity,
    "bias_velocity": _Teller.bias_velocity,
    "weight_update": _Teller.weight_update,
    "bias_update": _Teller.bias_update,
}
