"""The sentences of the update: sums of a pass, velocities, and the new weights and biases."""

from markupsafe import Markup

from app.view.notation.sentence_builder import Teller, Told, fill


class UpdateTeller(Teller):
    """A sentence for each kind of step of the update."""

    def weight_sum(self) -> Told:
        text = self._(
            "The gathered gradient of the weight from %(source)s to %(target)s becomes %(value)s: "
            "%(old)s from the examples before + its gradient %(gradient)s."
        )
        return text, {**self.ends, **self.added}

    def bias_sum(self) -> Told:
        text = self._(
            "The gathered gradient of the bias of %(where)s becomes %(value)s: "
            "%(old)s from the examples before + its gradient %(gradient)s."
        )
        return text, {"where": self.where, **self.added}

    @property
    def added(self) -> dict[str, object]:
        return {"old": self.operand(0).short, "gradient": self.operand(1).factor}

    def weight_velocity(self) -> Told:
        text = self._(
            "The velocity of the weight from %(source)s to %(target)s becomes %(value)s: "
            "the momentum %(momentum)s × the old velocity %(old)s + the gradient %(gradient)s."
        )
        return text, {**self.ends, **self.pushed}

    def bias_velocity(self) -> Told:
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

    def weight_update(self) -> Told:
        _ = self._
        text = _(
            "The weight from %(source)s to %(target)s becomes %(value)s: "
            "%(old)s − the learning rate %(rate)s × its gradient %(gradient)s."
        )
        if self.scene.shape.gathers:
            text = _(
                "The weight from %(source)s to %(target)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gathered gradient %(gradient)s."
            )
        if self.scene.shape.velocity_count:
            text = _(
                "The weight from %(source)s to %(target)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its velocity %(gradient)s."
            )
        return text, {**self.ends, **self.moved}

    def bias_update(self) -> Told:
        _ = self._
        text = _(
            "The bias of %(where)s becomes %(value)s: "
            "%(old)s − the learning rate %(rate)s × its gradient %(gradient)s."
        )
        if self.scene.shape.gathers:
            text = _(
                "The bias of %(where)s becomes %(value)s: "
                "%(old)s − the learning rate %(rate)s × its gathered gradient %(gradient)s."
            )
        if self.scene.shape.velocity_count:
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
