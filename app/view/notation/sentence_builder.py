"""What sentences about a step are made of: its numbers, the names of units, and how texts are filled."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from app.backprop.addresses import parse, unit_name
from app.backprop.steps import Step
from app.view.notation.labels import Translate, layer_words
from app.view.rendering.step_view import Quantity, StepView

MOST_TERMS = 4  # of a sum; a longer one is cut in the middle
Message = tuple[str, dict[str, object]]  # a text, and what fills its places


def fill(text: str, **values: object) -> Markup:
    """A text with its places filled, holes as they are and all else escaped."""
    return escape(text) % values


def _sum(terms: Sequence[Markup]) -> Markup:
    if len(terms) > MOST_TERMS:
        terms = [*terms[:2], Markup("…"), terms[-1]]
    return Markup(" + ").join(terms)


class SentenceBuilder:
    """What the sentences are made of: the numbers of one step, and the names of units."""

    def __init__(self, step_view: StepView, step: Step, _: Translate) -> None:
        self.step_view, self.step, self._ = step_view, step, _
        self.kind, self.indices = parse(step.result)
        self.is_output = step.layer == step_view.shape.depth - 1
        self.activation = step_view.shape.activations[step.layer - 1]

    def operand(self, index: int) -> Quantity:
        return self.step_view.operand(self.step.operands[index])

    def unit(self, layer: int, unit: int) -> str:
        return unit_name(layer, unit, self.step_view.shape.depth)

    @property
    def here(self) -> dict[str, object]:
        assert self.step.unit is not None
        return {"unit": self.unit(self.step.layer, self.step.unit)}

    def products(self, begin: int) -> Markup:
        """The operands from `begin` on, two by two."""
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

    def each(self) -> Markup:
        """All operands added up."""
        first, *others = (self.operand(i) for i in range(len(self.step.operands)))
        return _sum([Markup(first.short), *(Markup(other.factor) for other in others)])

    @property
    def ends(self) -> dict[str, object]:
        """The two units that a weight joins."""
        layer, source, target = self.indices
        return {"source": self.unit(layer, source), "target": self.unit(layer + 1, target)}

    @property
    def where(self) -> str:
        """Whose bias it is: a unit's, or a layer's."""
        if self.step.unit is None:
            return layer_words(self._, self.step_view.shape, self.step.layer)
        return self.unit(self.step.layer, self.step.unit)
