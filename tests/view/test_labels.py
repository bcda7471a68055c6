"""Titles, explanations, cards and the timeline."""

from collections.abc import Iterator
from itertools import pairwise, product

import pytest

from app.backprop import functions
from app.backprop.compiler import GRANULARITIES
from app.backprop.conventions import CONSECUTIVE, NUMBERED, Conventions
from app.backprop.expressions import Constant
from app.backprop.functions import ERRORS, HYPERPARAMETERS, OPTIMISERS, UPDATE_RULES
from app.backprop.network import BIASES, UPDATES, Shape, default_activations
from app.backprop.steps import PHASES, Step, steps_of
from app.view.notation.explanations import phase_why, why
from app.view.notation.function_words import (
    ACTIVATION_WORDS,
    ERROR_WORDS,
    HYPERPARAMETER_NAMES,
    OPTIMISER_NAMES,
    QUANTITY_WORDS,
    UPDATE_WORDS,
)
from app.view.notation.labels import (
    Translate,
    bias_row_name,
    phase_title,
    phase_word,
    slide,
    theme_title,
    tick,
    title,
)
from app.view.rendering.languages import SOURCE, languages, translations
from app.view.rendering.step_view import StepView
from app.view.screen.step_card import StepCard, step_card
from app.view.screen.timeline import timeline
from tests.support.networks import FEW, SHAPES

OTHERS = sorted(languages().keys() - {SOURCE})


def every_step() -> Iterator[tuple[Shape, Step]]:
    """Each kind of step, for hidden layers and outputs, every activation and every bias."""
    shapes = [
        Shape(layers, (activation,) * (len(layers) - 1), bias=bias)
        for activation, bias in product(UNIT_ACTIVATIONS, BIASES)
        for layers in ((2, 2, 2), (1, 1), (2, 1, 2, 1))
    ]
    shapes += [Shape((2, 2), default_activations((2, 2), error), error=error) for error in ERRORS]
    shapes += [Shape((2, 2, 2), (pair, pair[::-1])) for pair in pairwise(UNIT_ACTIVATIONS)]
    decays = (False, True) if "weight_decay" in HYPERPARAMETERS else (False,)
    for optimiser, update, bias, decay in product(OPTIMISERS, UPDATES, BIASES, decays):
        shape = Shape(
            *((2, 2, 2), ("tanh", "tanh"), "half_squared", bias, optimiser, update),
            weight_decay=decay,
        )
        shapes += [shape, shape.accumulating] if shape.accumulates else [shape]
    for shape in shapes:
        for step in steps_of(shape):
            yield shape, step


UNIT_ACTIVATIONS = [name for name, rule in functions.ACTIVATIONS.items() if not rule.per_layer]
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
            why(_, shape, step, whole_layer=True),
            tick(step),
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
    for shape in {shape for shape, step in STEPS}:
        assert phase_why(_, "update", shape) != phase_why(str, "update", shape)
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


def test_titles_name_the_parameter() -> None:
    """The title of a quantity of the update says whose it is: a weight’s, a bias’s or a layer’s."""
    shape = Shape((1, 1), ("tanh",), bias="per_unit", optimiser="momentum")
    weight, bias = (step for step in steps_of(shape) if step.kind.endswith("_velocity"))
    assert [
        title(str, shape, step, whole_layer=whole_layer)
        for step in (weight, bias)
        for whole_layer in (False, True)
    ] == [
        "Velocity of the weight from x1 to O1",
        "Velocity of the weights of the output layer",
        "Velocity of the bias of O1",
        "Velocity of the bias of the output layer",
    ]


def test_why_depends_on_what_is_computed() -> None:
    """The explanation depends on the activation and the bias."""
    said = {
        (step.kind, shape.activation(step.layer, step.unit or 0)): why(str, shape, step)
        for shape, step in STEPS
    }
    for kind in ("out", "activation_slope"):
        texts = {said[kind, activation] for activation in UNIT_ACTIVATIONS}
        assert len(texts) == len(UNIT_ACTIVATIONS)
    by_bias = {(s.kind, shape.bias): why(str, shape, s) for shape, s in STEPS}
    assert "bias" not in by_bias["net", "none"]
    assert "whole layer" in by_bias["bias_gradient", "shared"]
    assert "whole layer" not in by_bias["bias_gradient", "per_unit"]


def test_a_layer_of_several_activations_has_a_text_of_its_own() -> None:
    """Where the units of a layer differ, the text for the layer is about all of them."""
    shape = Shape((1, 2, 2), (("relu", "sigmoid"), "tanh"))
    for step in steps_of(shape):
        for_unit = why(str, shape, step)
        for_layer = why(str, shape, step, whole_layer=True)
        mixed = step.layer == 1 and step.kind in ("out", "activation_slope")
        assert (for_unit != for_layer) == mixed
        assert not mixed or "each unit" in for_layer.lower()


def test_every_rule_has_words() -> None:
    """Every row of the rules has an entry of words, and every entry a row."""
    assert ACTIVATION_WORDS.keys() == functions.ACTIVATIONS.keys()
    assert ERROR_WORDS.keys() == ERRORS.keys()
    assert OPTIMISER_NAMES.keys() == OPTIMISERS.keys()
    assert HYPERPARAMETER_NAMES.keys() == HYPERPARAMETERS.keys()
    assert UPDATE_RULES.keys() <= QUANTITY_WORDS.keys()
    assert set(UPDATES) <= UPDATE_WORDS.keys()
    for name, activation in functions.ACTIVATIONS.items():
        assert bool(ACTIVATION_WORDS[name].slope) == (activation.slope is not None)
    for name, error in ERRORS.items():
        assert bool(ERROR_WORDS[name].slope) == (error.slope is not None)
        assert bool(ERROR_WORDS[name].delta_why) == (error.slope is None)
    for name, optimiser in OPTIMISERS.items():
        assert (name in UPDATE_WORDS) == bool(optimiser.rules)


def test_no_sentence_for_what_is_no_step() -> None:
    """An unknown kind is refused."""
    step = Step("forward", "nothing", 1, 0, "x", "nothing/1/0", Constant(0.0), ())
    with pytest.raises(KeyError):
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
        values = [chip.value for chip in made.chips.cells if chip.value]
        results = [step_view.result(step) for step in step_view.block]
        focused = [chip for chip in made.chips.cells if chip.focused]
        if by == "phase":
            assert set(map(repr, values)) <= set(map(repr, results))
            assert made.formula is None
            assert not focused
        else:
            assert values[-len(results) :] == results
            assert made.formula
            assert [(chip.of, chip.value) for chip in focused] == [(made.of, made.value)]


@pytest.mark.parametrize("by", GRANULARITIES)
@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_the_timeline_is_the_iteration(shape: Shape, by: str) -> None:
    """Ticks lead to the ends of steps, and one at most is current."""
    for cursor in range(len(steps_of(shape)) + 1):
        step_view = StepView(shape, cursor, by)
        line = timeline(step_view, str)
        assert [stretch.phase for stretch in line.stretches] == list(PHASES)
        ticks = [tick for stretch in line.stretches for tick in stretch.ticks]
        assert [tick.cursor for tick in ticks] == list(step_view.compiled.ends["layer"])
        for row in (ticks, line.units):
            order = [("done", "now", "ahead").index(tick.state) for tick in row]
            assert order == sorted(order)
            assert order.count(1) <= 1 or by == "phase"
            assert all((tick.state == "done") == (tick.cursor < cursor) for tick in row if tick.state != "now")  # fmt: skip
        assert bool(line.units) == (by == "unit")
        if by == "unit" and cursor:
            assert cursor in [tick.cursor for tick in line.units if tick.state == "now"]
            assert len({tick.text for tick in line.units}) == len(line.units)
        assert line.next


@pytest.mark.parametrize(
    ("bias", "conventions", "name"),
    [
        ("shared", Conventions(), "b1"),
        ("per_unit", Conventions(), "b1"),
        ("per_unit", Conventions(CONSECUTIVE, thresholds=True), "θH"),
        ("shared", Conventions(NUMBERED, thresholds=True), "θ1"),
    ],
)
def test_the_row_of_biases(bias: str, conventions: Conventions, name: str) -> None:
    """Where θ1 is that of a unit, the row is called after its layer."""
    shape = Shape((2, 2, 1), ("sigmoid",) * 2, bias=bias, conventions=conventions)
    assert bias_row_name(shape, 0) == name
