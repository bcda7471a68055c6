"""The evaluator of displayed formulas, which the tests of the notation rely on."""

from math import inf

import pytest

from tests.support.formula_evaluator import (
    Unreadable,
    evaluate_latex,
    evaluate_mathml,
    evaluate_text,
)


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
def test_text(line: str, value: float) -> None:
    """Products come before sums, and squares before the sign."""
    assert evaluate_text(line) == value


@pytest.mark.parametrize("line", ["1 + −2", "2²²", "(1", "1)", "", "·", "max(1)", "[1]", "1 & 2"])
def test_refusals(line: str) -> None:
    """Two signs in a row, unbalanced brackets and the like are refused."""
    with pytest.raises(Unreadable):
        evaluate_text(line)


def test_latex() -> None:
    """Fractions and powers of ten and of e are read; a power of a power is refused."""
    assert evaluate_latex(r"\dfrac{1}{1 + e^{-(-0.0)}} \cdot 4 \, (1 - 3)") == -4
    assert evaluate_latex(r"-1.5 \times 10^{-7} + \frac{1}{2}(1 - 3)^2") == 2 - 1.5e-7
    assert evaluate_latex(r"(1.5 \times 10^{-7})^2") == 1.5e-7 * 1.5e-7
    for line in (r"1.5 \times 10^{-7}^2", r"\sin 0"):
        with pytest.raises(Unreadable):
            evaluate_latex(line)


def test_mathml() -> None:
    """Elements side by side are multiplied, and two signs in a row are refused."""
    assert evaluate_mathml("<math><mn>2</mn><mo>(</mo><mn>3</mn><mo>)</mo></math>") == 6
    assert evaluate_mathml("<math><mn>−3</mn><mo>⋅</mo><mn>2</mn></math>") == -6
    assert evaluate_mathml("<math><msup><mn>−3</mn><mn>2</mn></msup></math>") == -9
    assert (
        evaluate_mathml("<math><mo>[</mo><mn>3</mn><mo>&gt;</mo><mn>0</mn><mo>]</mo></math>") == 1
    )
    with pytest.raises(Unreadable):
        evaluate_mathml("<math><mn>1</mn><mo>+</mo><mn>−3</mn></math>")
