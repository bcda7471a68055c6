"""What a speaker sees of a step: what it computes, and the values."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.explanations import phase_why, why
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, phase_title, title
from app.view.notation.latex import INLINE, result_symbol
from app.view.rendering.digits import Digits
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import StepView

MOST_VALUES = 12


@dataclass(frozen=True, slots=True)
class Value:
    """A result of a step: its address, its symbol, its name where no markup is possible, its value."""

    address: str
    symbol: Markup
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SpeakerStep:
    """A step in words, and what it computes."""

    title: str
    why: str
    values: tuple[Value, ...]
    has_more: bool  # whether there are more results than shown
    askable: tuple[Value, ...]  # all of its last kind and layer


def moment_now(simulation: Simulation, by: str, _: Translate, digits: Digits) -> SpeakerStep | None:
    """The last step; None before the first."""
    view = StepView(simulation.shape, simulation.cursor, by)
    return _step(view, numbers_of(simulation), _, digits) if view.block else None


def moment_next(simulation: Simulation, by: str, _: Translate, digits: Digits) -> SpeakerStep:
    """The next step, with the values that it will compute."""
    after = simulation.step(by)
    view = StepView(after.shape, after.cursor, by)
    return _step(view, numbers_of(after), _, digits)


def _step(view: StepView, numbers: Sequence[float], _: Translate, digits: Digits) -> SpeakerStep:
    block, last = view.block, view.block[-1]
    alike = [step for step in block if (step.kind, step.layer) == (last.kind, last.layer)]

    def value(step: Step) -> Value:
        number = numbers[view.compiled.position[step.result]]
        symbol = mathml(result_symbol(step, view.shape, INLINE))
        return Value(step.result, symbol, step.symbol.replace("_", " "), digits.short(number))

    if view.by == "phase":
        words = phase_title(_, last.phase, view.shape), phase_why(_, last.phase, view.shape)
    else:
        whole = view.by == "layer"
        words = (
            title(_, view.shape, last, whole_layer=whole),
            why(_, view.shape, last, whole_layer=whole),
        )
    shown = alike[:MOST_VALUES]
    values = tuple(map(value, shown))
    return SpeakerStep(*words, values, len(alike) > len(shown), tuple(map(value, alike)))
