"""Expressions: what is written is what is computed, to the last bit."""

from collections.abc import Callable
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.compiler import python
from app.backprop.expressions import (
    Constant,
    Expression,
    Function,
    Mention,
    Operand,
    Product,
    Sum,
    evaluate,
    magnitude,
    operands,
    substitute,
    terms,
    tokens,
)
from app.backprop.functions import is_positive, larger, sigmoid_of, size, smaller
from app.view.notation.notations import LATEX, NUMPY, TEXT
from tests.support.formula_evaluator import evaluate_text

A, B, C = map(Operand, "abc")
FUNCTIONS: dict[str, Callable[..., float]] = {"abs": abs, "max": max, "min": min}
steady = settings(deadline=None, derandomize=True, max_examples=300)
numbers = st.floats(-100, 100).map(lambda x: x + 0.0)


def grown(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        several.map(Sum),
        several.map(Product),
        st.builds(lambda x, y: x - y, parts, parts),
        st.builds(lambda x: x**2, parts),
        st.builds(lambda x: -x, parts),
        st.builds(size, parts),
        st.builds(larger, parts, parts),
        st.builds(lambda x, y: x / (1 + size(y)), parts, parts),
    )


expressions = st.recursive(
    st.one_of(st.sampled_from([A, B, C]), st.sampled_from([Constant(0.5), Constant(3.0)])),
    grown,
    max_leaves=12,
)


@steady
@given(formula=expressions, values=st.tuples(numbers, numbers, numbers))
def test_python_and_text_come_to_the_same_bits(
    formula: Expression, values: tuple[float, float, float]
) -> None:
    """Evaluated as Python and as a person reads it, a formula gives the bits of its parts."""
    named = dict(zip("abc", values, strict=True))
    right = evaluate(formula, named, FUNCTIONS)
    assert eval(python(formula), {}, named) == right

    def number(token: str | Mention) -> str:
        if isinstance(token, str):
            return token
        text = repr(named[token.address]).replace("e-", "e−")
        bare = token.leading or not text.startswith("-")
        return text.replace("-", "−") if bare else f"({text.replace('-', '−')})"

    assert evaluate_text("".join(map(number, tokens(formula, TEXT)))) == right


@pytest.mark.parametrize(
    ("formula", "text", "latex", "numpy"),
    [
        (A - B * (C / 2), "a − b · (c / 2)", r"a - b \cdot (c / 2)", "a - b * (c / 2)"),
        (A - (B - C), "a − (b − c)", "a - (b - c)", "a - (b - c)"),
        (0.5 * (A - B) * (A - B), "½ · (a − b)²", r"\frac{1}{2}(a - b)^2", "0.5 * (a - b) ** 2"),
        (A * (1 - A), "a · (1 − a)", r"a \, (1 - a)", "a * (1 - a)"),
        (A / (1 - B), "a / (1 − b)", r"\dfrac{a}{1 - b}", "a / (1 - b)"),
        (
            sigmoid_of(A),
            "1 / (1 + exp(−a))",
            r"\dfrac{1}{1 + e^{-a}}",
            "1 / (1 + np.exp(-a))",
        ),
        (is_positive(A), "[a > 0]", r"[\,a > 0\,]", "np.heaviside(a, 0)"),
        (
            larger(-C, smaller(C, A - B)),
            "max(−c, min(c, a − b))",
            r"\max(-c, \min(c, a - b))",
            "np.maximum(-c, np.minimum(c, a - b))",
        ),
        (1 - A**B, "1 − a^b", "1 - a^{b}", "1 - a ** b"),
    ],
)
def test_notations(formula: Expression, text: str, latex: str, numpy: str) -> None:
    """A formula has only the parentheses that it needs, in each notation."""
    for notation, written in ((TEXT, text), (LATEX, latex), (NUMPY, numpy)):
        names = (t.address if isinstance(t, Mention) else t for t in tokens(formula, notation))
        assert "".join(names) == written


def test_operands_in_order() -> None:
    """Operands are listed once, in the order of the formula."""
    assert operands(B * A + C - B) == ("b", "a", "c")
    assert operands(Constant(1.0)) == ()


def test_substitution() -> None:
    """An operand gives way to an expression; as an argument, also to several."""
    assert substitute(A * B, {"a": B + C}) == Product((B + C, B))
    assert substitute(Function((A, B), "max"), {"a": (B, C)}) == Function((B, C, B), "max")


def test_terms_and_their_size() -> None:
    """A sum has terms, and its size is that of their absolute values."""
    assert terms(A + B - C) == (("", A), ("+", B), ("-", C))
    assert terms(A * B) == (("", A * B),)
    values = {"a": -2.0, "b": 3.0, "c": -5.0}
    assert evaluate(magnitude(A + B * C), values, FUNCTIONS) == 17.0


def test_what_has_no_value() -> None:
    """An operand without a value is an error, and nan is a value."""
    with pytest.raises(KeyError):
        evaluate(A + B, {"a": 1.0}, FUNCTIONS)
    assert evaluate(A + B, {"a": 1.0, "b": nan}, FUNCTIONS) != 0
