"""Titles, explanations, cards and the timeline."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from app.backprop.compiler import GRANULARITIES
from app.backprop.network import Shape
from app.backprop.steps import PHASES, Step, steps_of
from app.view.notation.explanations import phase_why, why
from app.view.notation.labels import (
    TICKS,
    Translate,
    phase_title,
    phase_word,
    slide,
    theme_title,
    title,
)
from app.view.rendering.languages import SOURCE, languages, translations
from app.view.rendering.step_view import StepView
from app.view.screen.step_card import StepCard, step_card
from app.view.screen.timeline import timeline
from tests.support.networks import FEW, SHAPES
from tests.support.oracle_cases import ACTIVATIONS, BIASES

OTHERS = sorted(languages().keys() - {SOURCE})


def every_step() -> Iterator[tuple[Shape, Step]]:
    """Each kind of step, for hidden layers and outputs, every activation and every bias."""
    for activation, bias in product(ACTIVATIONS, BIASES):
        for layers in ((2, 2, 2), (1, 1), (2, 1, 2, 1)):
            shape = Shape(layers, (activation,) * (len(layers) - 1), bias=bias)
            for step in steps_of(shape):
                yield shape, step
    moving = Shape((2, 2, 2), ("tanh", "tanh"), bias="per_unit", optimiser="momentum")
    summed = Shape((2, 2, 2), ("tanh", "tanh"), bias="per_unit", update="sum")
    passing = (summed, replace(summed, update="mean"), replace(moving, update="mean"))
    for shape in (moving, replace(moving, bias="shared"), *passing, summed.accumulating):
        for step in steps_of(shape):
            yield shape, step


STEPS = list(every_step())


@pytest.mark.parametrize("language", languages())
def test_every_step_has_words(language: str) -> None:
    """Every step has a title, a sentence, a tick and a slide."""
    _ = translations(language).gettext
    for shape, step in STEPS:
        for text in (
            title(_, shape, step, whole_layer=False),
            title(_, shape, step, whole_layer=True),
            why(_, shape, step),
            TICKS[step.kind],
        ):
            assert text == text.strip() != ""
            assert "%" not in text
        assert why(_, shape, step).endswith(".")
        assert slide(shape, step) in (1, 2, 3)


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_left_in_english(language: str) -> None:
    """Every text about a step is translated."""
    _ = translations(language).gettext
    for shape, step in STEPS:
        assert why(_, shape, step) != why(str, shape, step)
        assert title(_, shape, step, whole_layer=True) != title(str, shape, step, whole_layer=True)
    for words in (phase_title, phase_word, phase_why):
        for phase in PHASES:
            assert words(_, phase) != words(str, phase)
    for theme in ("auto", "dark", "light"):
        assert theme_title(_, theme) != theme_title(str, theme)


@pytest.mark.parametrize("language", languages())
def test_titles_tell_steps_apart(language: str) -> None:
    """Different steps have different titles."""
    _ = translations(language).gettext
    shape = Shape((2, 2, 2, 2), ("sigmoid",) * 3, bias="per_unit")
    layers = {(s.kind, s.layer): title(_, shape, s, whole_layer=True) for s in steps_of(shape)}
    assert len(set(layers.values())) == len(layers)
    units = {(s.kind, s.layer, s.unit): title(_, shape, s, whole_layer=False) for s in steps_of(shape)}  # fmt: skip
    assert len(set(units.values())) == len(units)


def test_why_depends_on_what_is_computed() -> None:
    """The explanation depends on the activation and the bias."""
    said = {(s.kind, shape.activations[0]): why(str, shape, s) for shape, s in STEPS}
    for kind in ("out", "activation_slope"):
        assert len({said[kind, activation] for activation in ACTIVATIONS}) == len(ACTIVATIONS)
    by_bias = {(s.kind, shape.bias): why(str, shape, s) for shape, s in STEPS}
    assert "bias" not in by_bias["net", "none"]
    assert "whole layer" in by_bias["bias_gradient", "shared"]
    assert "whole layer" not in by_bias["bias_gradient", "per_unit"]


def test_no_sentence_for_what_is_no_step() -> None:
    """An unknown kind is refused."""
    step = Step("forward", "nothing", 1, 0, "x", "nothing/1/0", ())
    with pytest.raises(ValueError, match="no sentence"):
        why(str, SHAPES["3-4-2"], step)


def cards(shape: Shape, by: str, _: Translate = str) -> Iterator[tuple[StepView, StepCard]]:
    """The card at every cursor."""
    for cursor in range(1, len(steps_of(shape)) + 1):
        step_view = StepView(shape, cursor, by)
        made = step_card(step_view, _)
        assert made is not None
        yield step_view, made


@pytest.mark.parametrize("by", GRANULARITIES)
@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_the_card_is_that_of_the_step(shape: Shape, by: str) -> None:
    """The card shows the last step and its numbers."""
    ends = StepView(shape, 0, by).compiled.ends[by]
    for step_view, made in cards(shape, by):
        assert made.phase == step_view.block[-1].phase
        assert (made.number, made.steps) == (
            step_view.taken + (step_view.cursor not in ends),
            len(ends),
        )
        assert made.title
        assert made.why
        assert made.code
        values = [row.value for row in made.rows]
        results = [step_view.result(step) for step in step_view.block]
        if by != "phase":
            assert values == results
            assert made.formula == made.rows[0].formula
        else:
            assert set(map(repr, values)) <= set(map(repr, results))


@pytest.mark.parametrize("by", GRANULARITIES)
@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_the_timeline_is_the_iteration(shape: Shape, by: str) -> None:
    """Ticks lead to the ends of steps, and one at most is current."""
    for cursor in range(len(steps_of(shape)) + 1):
        step_view = StepView(shape, cursor, by)
        line = timeline(step_view, str)
        assert [stretch.phase for stretch in line.stretches] == list(PHASES)
        ticks = [tick for stretch in line.stretches for tick in stretch.ticks]
        coarse = "phase" if by == "phase" else "layer"
        assert [tick.cursor for tick in ticks] == list(step_view.compiled.ends[coarse])
        for row in (ticks, line.units):
            order = [("done", "now", "ahead").index(tick.state) for tick in row]
            assert order == sorted(order)
            assert order.count(1) <= 1
            assert all((tick.state == "done") == (tick.cursor < cursor) for tick in row if tick.state != "now")  # fmt: skip
        assert bool(line.units) == (by == "unit")
        if by == "unit" and cursor:
            assert cursor in [tick.cursor for tick in line.units if tick.state == "now"]
            assert len({tick.text for tick in line.units}) == len(line.units)
        assert line.next
