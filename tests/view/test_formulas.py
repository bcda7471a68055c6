"""Formulas, evaluated from their MathML."""

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.network import Shape
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.notation.formulas import Formula, formula, mathml
from app.view.notation.latex import INLINE, STACKED, new_symbol, symbol
from app.view.rendering.numbers import MINUS
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.precompiled import precompile
from app.view.rendering.step_view import StepView
from tests.support.formula_evaluator import evaluate_mathml
from tests.support.networks import SHAPES, simulation_of
from tests.support.oracle_cases import ACTIVATIONS, BIASES
from tests.view.test_substitutions import comes_to

HOLE = re.compile(
    "\ue000(mathml|mathml_factor|mathml_given|mathml_given_factor|mathml_count):(\\d+)\ue001"
)
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
often = settings(deadline=None, derandomize=True, max_examples=60)


def filled(markup: str, numbers: Sequence[float]) -> str:
    """A formula with all digits of its numbers, which a page would round."""

    def number(match: re.Match[str]) -> str:
        value = numbers[int(match[2])] or 0.0  # −0 is written as 0 is
        written = f"<mn>{value!r}</mn>".replace("-", MINUS)
        if match[1].endswith("_factor") and value < 0:
            return f"<mrow><mo>(</mo>{written}<mo>)</mo></mrow>"
        return written

    return HOLE.sub(number, markup)


def in_numbers(written: Formula) -> str:
    """The right-hand side of a formula in numbers, as one element."""
    return f"<math>{''.join(inner(term.numbers) for term in written.terms)}</math>"


def formulas_of(simulation: Simulation) -> list[Formula]:
    step_view = StepView(simulation.shape, len(simulation.steps), "unit")
    return [formula(step_view, step) for step in simulation.steps]


def agrees(simulation: Simulation) -> None:
    """Every step’s formula in numbers comes to the step’s value."""
    numbers, values = numbers_of(simulation), simulation.trace()
    for step, written, value in zip(simulation.steps, formulas_of(simulation), values, strict=True):
        got = evaluate_mathml(filled(in_numbers(written), numbers))
        assert comes_to(got, step, value), step


def apart(markup: str) -> str:
    """A symbol that is squared, as a symbol and a square: MathML has one element for both."""
    markup = markup.replace("<msubsup>", "<msup><msub>")
    return markup.replace("<mn>2</mn></msubsup>", "</msub><mn>2</mn></msup>")


def inner(markup: str) -> str:
    """What is inside of a <math>."""
    assert markup.startswith("<math>")
    assert markup.endswith("</math>")
    return markup.removeprefix("<math>").removesuffix("</math>")


@EVERY_SHAPE
def test_the_numbers_come_to_the_value(shape: Shape) -> None:
    """A formula in numbers evaluates to the value of its step."""
    agrees(simulation_of(shape))


@often
@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
    st.sampled_from(BIASES),
    st.integers(0, 10**6),
    st.data(),
)
def test_any_network(layers: list[int], bias: str, seed: int, data: st.DataObject) -> None:
    """The same for random networks that have been trained."""
    names = tuple(data.draw(st.sampled_from(ACTIVATIONS)) for _ in layers[1:])
    simulation = simulation_of(Shape(tuple(layers), names, bias=bias), seed)
    agrees(simulation.edit(learning_rate=0.05).train(data.draw(st.integers(0, 3))))


@EVERY_SHAPE
def test_the_symbols_say_the_same(shape: Shape) -> None:
    """A formula in symbols evaluates to the same value."""
    simulation = simulation_of(shape)
    finished = simulation.update()
    for step, written in zip(simulation.steps, formulas_of(simulation), strict=True):
        terms = apart("".join(inner(term.symbols) for term in written.terms))
        for operand in sorted(step.operands, key=len, reverse=True):
            names = [inner(mathml(symbol(operand, shape, f))) for f in (STACKED, INLINE)]
            assert any(name in terms for name in names), (step, operand)
            number = str(finished.operand(operand)).replace("-", MINUS)
            for name in names:
                terms = terms.replace(name, f"<mrow><mo>(</mo><mn>{number}</mn><mo>)</mo></mrow>")
        value = finished.value(step.result)
        assert evaluate_mathml(f"<math>{terms}</math>") == pytest.approx(
            value, rel=1e-12, abs=1e-12
        ), step


@EVERY_SHAPE
@pytest.mark.parametrize("write", [symbol, new_symbol])
@pytest.mark.parametrize("fraction", [STACKED, INLINE])
def test_every_quantity_has_a_name_of_its_own(
    shape: Shape, write: Callable[[str, Shape, str], str], fraction: str
) -> None:
    """No two quantities have the same symbol."""
    simulation = simulation_of(shape)
    addresses = {step.result for step in simulation.steps} | simulation.reading().keys()
    names = {mathml(write(address, shape, fraction)) for address in addresses}
    assert len(names) == len(addresses)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0.1+1⋅0.2+0.5⋅(−0.5)+(−1)⋅0.3"),
        (8, "−0.2+0.4378⋅0.7"),
        (11, "1+e−(−0.1762)"),
        (12, "12(1−0.5832)2"),
    ],
)
def test_as_a_person_reads_it(number: int, shown: str) -> None:
    """The formulas of the deck read as on the slides."""
    simulation = DECK.simulation
    markup = in_numbers(formulas_of(simulation)[number])
    text = precompile(markup).render(numbers_of(simulation), {}).decode()
    assert shown in re.sub(r"<[^>]*>", "", text)
