"""The sentence of every step."""

import re

import pytest

from app.backprop.compiler import GRANULARITIES
from app.backprop.network import Shape
from app.backprop.steps import KINDS
from app.examples.presets import preset
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.notation.formulas import formula
from app.view.notation.numpy_lines import numpy_line
from app.view.notation.sentences import MOST_TERMS, sentence
from app.view.rendering.digits import FOUR
from app.view.rendering.languages import languages, translations
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.precompiled import precompile
from app.view.rendering.step_view import StepView
from app.view.screen.narration import MOST_NUMBERS, extremes, narration
from tests.support.markup import region_of
from tests.support.networks import FEW, SHAPES, simulation_of
from tests.view.test_labels import OTHERS, STEPS

HOLE = re.compile("\ue000(\\w+):(\\d+)\ue001")
NUMBER = re.compile(r"−?\d+\.\d{4}|−?\d\.\de−\d+")


def slots(text: str) -> set[int]:
    """The places that a text takes its numbers from."""
    return {int(slot) for _, slot in HOLE.findall(text)}


def told(simulation: Simulation, by: str, language: str = "en") -> str:
    """What is said of a simulation, as it stands in the page's HTML."""
    step_view = StepView(simulation.shape, simulation.cursor, by)
    numbers = numbers_of(simulation)
    text = narration(step_view, translations(language).gettext)
    return precompile(text).render(numbers, extremes(simulation, by, numbers)).decode()


@pytest.mark.parametrize("language", languages())
def test_every_kind_has_a_sentence_a_formula_and_a_line(language: str) -> None:
    """The sentence of a step has exactly its numbers."""
    _ = translations(language).gettext
    kinds = set()
    for shape, step in STEPS:
        step_view = StepView(shape, 0, "unit")
        text = sentence(step_view, step, _)
        assert text.endswith(".")
        assert "%" not in text
        operands = {step_view.operand(operand).slot for operand in step.operands}
        if "net" in text and sum(operand.startswith("net/") for operand in step.operands) > 1:
            operands &= slots(text)  # of the nets of softmax, only that of the unit
        if step.kind == "bias_gradient" and step.unit is not None:
            operands = set()  # it is the δ of its unit: one number, said once
        assert slots(text) == operands | {step_view.result(step).slot}
        assert formula(step_view, step).terms
        assert numpy_line(shape, step.kind, step.layer)
        kinds.add(step.kind)
    assert kinds == set(KINDS)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("by", GRANULARITIES)
@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_nothing_is_told_in_english(shape: Shape, by: str, language: str) -> None:
    """Every sentence is translated."""
    simulation = simulation_of(shape)
    for cursor in range(len(simulation.steps) + 1):
        at = simulation.seek(cursor)
        assert told(at, by, language) != told(at, by)


@pytest.mark.parametrize(
    ("by", "cursor", "text"),
    [
        ("unit", 0, "Nothing has been computed yet. Press Step to compute net of H1."),
        ("unit", 1, "net of H1 is −0.2500: the bias 0.1000 + 1.0000 × 0.2000 + 0.5000 × (−0.5000) + (−1.0000) × 0.3000."),
        ("unit", 5, "out of H1 is 0.4378: the sigmoid of its net, −0.2500."),
        ("unit", 22, "The gradient of the weight from H1 to O1 is −0.0444: the δ of O1, −0.1013, × the value of H1, 0.4378."),
        ("unit", 56, "The new value of the weight from H1 to O1 is 0.7222: the old value − the learning rate × its gradient, 0.7000 − 0.5000 × (−0.0444)."),
        ("layer", 42, "δ of the hidden layer: H1 −0.0202, H2 0.0215, H3 0.0030, H4 −0.0356."),
        ("layer", 41, "δ of the hidden layer: H1 −0.0202, H2 0.0215, H3 0.0030."),
        ("layer", 54, "∂E/∂W of the hidden layer: 12 numbers from −0.0356 to 0.0356."),
        ("phase", 15, "Forward pass: out of the output layer is O1 0.5832, O2 0.4561, and the error E is 0.1908."),
        ("phase", 77, "Update: all 22 weights and biases have changed. They are now from −0.8214 to 0.7222."),
    ],
)  # fmt: skip
def test_as_it_is_heard(by: str, cursor: int, text: str) -> None:
    """The sentences of the deck, by unit, layer and phase."""
    assert told(DECK.simulation.seek(cursor), by) == text


@pytest.mark.parametrize("by", ["layer", "phase"])
@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_numbers_are_those_of_the_step(shape: Shape, by: str) -> None:
    """A sentence has only numbers that its steps made or read."""
    simulation = simulation_of(shape)
    for cursor in range(1, len(simulation.steps) + 1):
        at = simulation.seek(cursor)
        step_view, numbers = StepView(at.shape, cursor, by), numbers_of(at)
        made = {FOUR.short(numbers[step_view.result(step).slot]) for step in step_view.block}
        read = {
            FOUR.short(numbers[step_view.operand(text).slot])
            for step in step_view.block
            for text in step.operands
        }
        said = set(NUMBER.findall(told(at, by)))
        assert said or step_view.block[-1].kind == "update_count"  # a whole number
        assert said <= made | read


def test_long_sums_and_rows_are_kept_short() -> None:
    """Long sums are cut, and of many numbers two are named."""
    simulation = simulation_of(SHAPES["8-8"])
    step_view = StepView(simulation.shape, 1, "unit")
    text = sentence(step_view, step_view.steps[0], str)
    assert "…" in text
    assert text.count("×") == MOST_TERMS - 1
    end = simulation.compiled.ends["layer"][6]
    assert simulation.steps[end - 1].kind == "weight_gradient"
    said = told(simulation.seek(end), "layer")
    assert "64 numbers" in said
    assert len(NUMBER.findall(said)) == 2 <= MOST_NUMBERS


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("by", GRANULARITIES)
def test_card_announcement_and_drawing_say_the_same(by: str, language: str) -> None:
    """The live region and the drawing's label have the same sentence."""
    for cursor in (0, 1, 15, 42, 54, 77):
        page = region_of(DECK.simulation.seek(cursor), by=by, language=language)
        live = [element for element in page if element.get("aria-live") == "polite"]
        assert [element.get("id") for element in live if element.text] == ["narration"]
        drawing = next(svg for svg in page.all("svg") if "network" in svg.classes)
        said = live[-1].text.removeprefix("Iteration 1: ").removeprefix("반복 1: ")
        assert drawing["aria-label"].endswith(said)
        assert "3-4-2" in drawing["aria-label"]
        assert "\ue000" not in drawing["aria-label"]


@pytest.mark.parametrize("by", GRANULARITIES)
@pytest.mark.parametrize(
    ("language", "several", "single"),
    [
        ("en", "Iteration 7, example 3 of 4: ", "Iteration 7: "),
        ("ko", "반복 7, 예제 4개 중 3번째: ", "반복 7: "),
    ],
)
def test_a_new_iteration_is_announced(by: str, language: str, several: str, single: str) -> None:
    """The first step says which iteration it begins, and with several examples which example it uses;
    the steps after it say nothing of it, nor does the end of the iteration before."""
    for name, announced in (("xor", several), ("deck", single)):
        simulation = preset(name).simulation.train(6)
        here = simulation.step(by)
        words = region_of(here, by=by, language=language).id("narration").text
        assert words.startswith(announced)
        assert told(here, by, language) in words
        for other in (simulation, here.step(by), here.step(by).step(by)):
            words = region_of(other, by=by, language=language).id("narration").text
            assert not words.startswith(("Iteration", "반복"))
