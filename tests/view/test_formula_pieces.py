"""The rows of a derivation, reckoned with by somebody who only reads them."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.network import Shape
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.formula_pieces import row
from app.view.rendering.numbers import exact
from tests.support.formula_evaluator import Unreadable, reckon, reckon_latex
from tests.support.strategies import ERRORS, Setting, settings_of

often = settings(deadline=None, derandomize=True, max_examples=50)


def line_of(shape: Shape, step: Step, numbers: dict[str, float]) -> str:
    """The right-hand side of a step with all digits, in parentheses where a number is negative."""
    parts = []
    for place, part in enumerate(row(shape, step)):
        if isinstance(part, str):
            parts.append(part)
            continue
        value = numbers[step.operands[part]] or 0.0  # −0 is written as 0 is
        parts.append(exact(value) if place == 0 or not value < 0 else f"({exact(value)})")
    return "".join(parts)


def agrees(simulation: Simulation) -> None:
    """Every row comes to the value of its step."""
    values = simulation.trace()
    results = {step.result: value for step, value in zip(simulation.steps, values, strict=True)}
    numbers = results | simulation.reading()
    for step, value in zip(simulation.steps, values, strict=True):
        line = line_of(simulation.shape, step, numbers)
        assert reckon(line) == pytest.approx(value, rel=1e-12, abs=1e-12, nan_ok=True), (step, line)


@often
@given(
    st.one_of(
        settings_of(wild=True, errors=ERRORS[:-1]),
        settings_of(errors=ERRORS[-1:]),  # of softmax, e^net as it stands there must not be 0
    ),
    st.integers(0, 2),
)
def test_any_network(setting: Setting, iterations: int) -> None:
    """Random networks, numbers that overflow among them, at first and once they are trained."""
    agrees(setting.simulation().train(iterations))


def test_what_is_no_step_has_no_row() -> None:
    """A kind that nobody knows is refused, not written as something else."""
    step = Step("forward", "guess", 1, 0, "guess", "guess/1/0", ())
    with pytest.raises(ValueError, match="guess"):
        row(Shape((1, 1), ("tanh",)), step)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("−3² + 2 · (−4)", -17),
        ("1 / (1 + exp(−0))", 0.5),
        ("½ · (3 − 1)²", 2),
        ("max(0, (−2)) + [3 > 0] + [(−3) > 0]", 1),
        ("1.5e−7 · ∞", inf),
    ],
)
def test_the_reckoning_itself(line: str, value: float) -> None:
    """It multiplies before it adds, and squares before it takes the sign."""
    assert reckon(line) == value


@pytest.mark.parametrize("line", ["1 + −2", "2²²", "(1", "1)", "", "·", "max(1)", "[1]", "1 & 2"])
def test_the_reckoning_refuses(line: str) -> None:
    """What nobody would write has no value."""
    with pytest.raises(Unreadable):
        reckon(line)


def test_the_reckoning_of_latex() -> None:
    """Fractions, powers of ten and of e; but no power of a power of ten."""
    assert reckon_latex(r"\dfrac{1}{1 + e^{-(-0.0)}} \cdot 4 \, (1 - 3)") == -4
    assert reckon_latex(r"-1.5 \times 10^{-7} + \frac{1}{2}(1 - 3)^2") == 2 - 1.5e-7
    assert reckon_latex(r"(1.5 \times 10^{-7})^2") == 1.5e-7 * 1.5e-7
    for line in (r"1.5 \times 10^{-7}^2", r"\sin 0"):
        with pytest.raises(Unreadable):
            reckon_latex(line)
