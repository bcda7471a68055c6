"""What the last step did, in one sentence with its numbers.

The step card shows it, a screen reader announces it, and it is the drawing's text alternative. So
it is plain text: units have names, and every number has a true minus sign.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from markupsafe import Markup

from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, fill, title
from app.view.notation.sentences import sentence
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.precompiled import Placeholder
from app.view.rendering.step_view import StepView
from app.view.screen.timeline import next_step_title, unit_text

MOST_NUMBERS = 8  # in a list; of more, the sentence gives the lowest and the highest
_EXTREMES = {name: Placeholder(name) for name in ("lowest", "highest")}


def narration(step_view: StepView, _: Translate) -> Markup:
    """The sentence of the last step in its granularity, with placeholders for its numbers."""
    block = step_view.block
    if not block:
        return fill(
            _("Nothing has been computed yet. Press Step to compute %(next)s."),
            next=next_step_title(step_view, _),
        )
    if len(block) == 1:
        return sentence(step_view, block[0], _)
    if step_view.by == "phase" and step_view.cursor in step_view.compiled.ends["phase"]:
        return _PHASES[block[-1].phase](step_view, _)
    last = block[-1]
    return _layer(step_view, [s for s in block if (s.kind, s.layer) == (last.kind, last.layer)], _)


def extremes(
    simulation: Simulation, by: str, numbers: Sequence[float], digits: Digits = FOUR
) -> dict[str, str]:
    """The texts for the lowest and the highest number that the sentence is about."""
    cursor, ends = simulation.cursor, simulation.compiled.ends
    if by == "unit" or not cursor:
        return {"lowest": "", "highest": ""}
    runs = ends["phase" if by == "phase" and cursor in ends["phase"] else "layer"]
    last = bisect_left(runs, cursor)
    results = numbers[runs[last - 1] if last else 0 : cursor]
    if by == "phase" and cursor == len(simulation.steps) and simulation.shape.is_update_iteration:
        pairs = zip(simulation.steps[-len(results) :], results, strict=True)
        results = [number for step, number in pairs if step.kind.endswith("_update")]
    if any(number != number for number in results):
        return {"lowest": "NaN", "highest": "NaN"}
    return {"lowest": digits.short(min(results)), "highest": digits.short(max(results))}


def _values(step_view: StepView, steps: Iterable[Step]) -> Markup:
    """H1 −0.0202, H2 0.0215"""
    return Markup(", ").join(
        fill(
            "%(name)s %(value)s",
            name=unit_text(step_view, step),
            value=step_view.result(step).short,
        )
        for step in steps
    )


def _layer(step_view: StepView, steps: Sequence[Step], _: Translate) -> Markup:
    """A whole layer, or the part of it that has been computed."""
    what = title(_, step_view.shape, steps[-1], whole_layer=True)
    if len(steps) > MOST_NUMBERS:
        text = _("%(what)s: %(count)s numbers from %(lowest)s to %(highest)s.")
        return fill(text, what=what, count=len(steps), **_EXTREMES)
    return fill("%(what)s: %(values)s.", what=what, values=_values(step_view, steps))


def _forward(step_view: StepView, _: Translate) -> Markup:
    outputs = [
        s for s in step_view.block if s.kind == "out" and s.layer == step_view.shape.depth - 1
    ]
    return fill(
        _("Forward pass: out of the output layer is %(values)s, and the error E is %(error)s."),
        values=_values(step_view, outputs),
        error=step_view.result(step_view.block[-1]).short,
    )


def _backward(step_view: StepView, _: Translate) -> Markup:
    """Every δ, layer by layer from the outputs, while the list is short enough to listen to."""
    parts: list[Markup] = []
    spoken = 0
    for _layer_number, run in groupby(
        (step for step in step_view.block if step.kind == "delta"), lambda step: step.layer
    ):
        steps = tuple(run)
        spoken += len(steps)
        if parts and spoken > MOST_NUMBERS:
            break
        what = title(_, step_view.shape, steps[0], whole_layer=True)
        parts.append(fill("%(what)s %(values)s", what=what, values=_values(step_view, steps)))
    return fill(
        _("Backward pass: every gradient is known. %(deltas)s."),
        deltas=Markup("; ").join(parts),
    )


def _update(step_view: StepView, _: Translate) -> Markup:
    count = sum(step.kind.endswith("_update") for step in step_view.block)
    if not step_view.shape.is_update_iteration:
        count = len(step_view.block)
        text = _(
            "No weight has changed: all %(count)s gradients are accumulated. Their sums are from "
            "%(lowest)s to %(highest)s so far."
        )
    elif step_view.shape.bias == "none":
        text = _(
            "Update: all %(count)s weights have changed. They are now from %(lowest)s to "
            "%(highest)s."
        )
    else:
        text = _(
            "Update: all %(count)s weights and biases have changed. They are now from %(lowest)s "
            "to %(highest)s."
        )
    return fill(text, count=count, **_EXTREMES)


_PHASES: dict[str, Callable[[StepView, Translate], Markup]] = {
    "forward": _forward,
    "backward": _backward,
    "update": _update,
}
