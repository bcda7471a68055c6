"""Activations against mpmath, and at the limits of doubles."""

from math import inf, isnan, nan
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.backprop.compiler import python
from app.backprop.expressions import DEFINITIONS, Expression, Function, Operand, evaluate
from app.backprop.functions import ACTIVATIONS, CALLS, PYTHON

TRUTH: dict[str, Any] = {
    "sigmoid": lambda net: 1 / (1 + mpmath.exp(-net)),
    "tanh": mpmath.tanh,
    "relu": lambda net: net if net > 0 else mpmath.mpf(0),
    "leaky_relu": lambda net: net if net > 0 else mpmath.mpf(0.01) * net,
    "identity": lambda net: net,
}
ULP = 2.0**-52


def run(formula: Expression | None, **names: float) -> float:
    """What the compiled expression comes to."""
    assert formula is not None
    return float(eval(python(formula), dict(CALLS), names))


def value(name: str, net: float) -> float:
    return run(ACTIVATIONS[name].value, net=net)


def slope(name: str, net: float) -> float:
    return run(ACTIVATIONS[name].slope, net=net, out=value(name, net))


def test_all_are_tested() -> None:
    """Every activation of single units is in the table."""
    assert set(ACTIVATIONS) == {*TRUTH, "softmax"}


@pytest.mark.parametrize("name", TRUTH)
@given(net=st.floats(-700, 700))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_values_are_right_to_the_last_bits(name: str, net: float) -> None:
    """The output is within 4 units in the last place."""
    with mpmath.workdps(50):
        truth = TRUTH[name](mpmath.mpf(net))
        assert abs(value(name, net) - truth) <= 4 * ULP * abs(truth) + 5e-324


@pytest.mark.parametrize("name", TRUTH)
@given(net=st.floats(-30, 30).filter(lambda net: abs(net) > 1e-6))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_slopes_are_derivatives(name: str, net: float) -> None:
    """The derivative is the central difference with 50 digits."""
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -20
        x = mpmath.mpf(net)
        truth = (TRUTH[name](x + h) - TRUTH[name](x - h)) / (2 * h)
        assert abs(slope(name, net) - truth) <= 4 * ULP


@pytest.mark.parametrize(
    ("net", "expected"), [(0.0, 0.5), (710.0, 1.0), (inf, 1.0), (-inf, 0.0), (-746.0, 0.0)]
)
def test_sigmoid_saturates(net: float, expected: float) -> None:
    """Far from 0 the sigmoid is exactly 0 or 1."""
    assert value("sigmoid", net) == expected
    assert slope("sigmoid", net) == expected * (1 - expected)


@pytest.mark.parametrize(
    "net", [-708.9999999, -709.0, -709.0000001, -709.9, -710.0, -730.0, -744.0]
)
def test_sigmoid_underflows_gradually(net: float) -> None:
    """Near −709 the sigmoid passes smoothly into subnormal numbers."""
    with mpmath.workdps(50):
        truth = TRUTH["sigmoid"](mpmath.mpf(net))
        assert value("sigmoid", net) > 0
        assert abs(value("sigmoid", net) - truth) <= 4 * ULP * truth + 5e-324


@pytest.mark.parametrize("name", TRUTH)
def test_nan_stays_nan(name: str) -> None:
    """NaN gives NaN, unless the derivative is constant."""
    assert isnan(value(name, nan))
    assert isnan(slope(name, nan)) == (name != "identity")


@pytest.mark.parametrize(
    ("name", "net", "out", "rise"),
    [
        ("tanh", inf, 1.0, 0.0),
        ("tanh", -1e308, -1.0, 0.0),
        ("relu", inf, inf, 1.0),
        ("relu", -inf, 0.0, 0.0),
        ("relu", 0.0, 0.0, 0.0),
        ("relu", 5e-324, 5e-324, 1.0),
        ("leaky_relu", -inf, -inf, 0.01),
        ("leaky_relu", 0.0, 0.0, 0.0),
        ("leaky_relu", -5e-324, 0.0, 0.01),
        ("identity", -inf, -inf, 1.0),
    ],
)
def test_at_the_ends(name: str, net: float, out: float, rise: float) -> None:
    """Infinities and the kink of relu have their conventional values."""
    assert value(name, net) == out
    assert slope(name, net) == rise


@pytest.mark.parametrize("name", sorted(DEFINITIONS.keys() & PYTHON.keys()))
@given(numbers=st.lists(st.floats(-30, 30), min_size=2, max_size=5))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_safe_forms_are_their_definitions(name: str, numbers: list[float]) -> None:
    """What is computed with care for its digits is what its definition says, with 60 digits."""
    assume(name != "log1p" or numbers[0] > -1)
    arguments = [*numbers, numbers[-1]] if "softmax" in name else numbers[:1]
    operands = [Operand(f"x{index}") for index in range(len(arguments))]
    if "softmax" in name:
        operands[-1] = operands[-2]  # the unit's own net is one of all
    values = {operand.address: x for operand, x in zip(operands, arguments, strict=True)}
    function = Function(tuple(operands), name)
    with mpmath.workdps(60):
        truth = evaluate(
            function,
            {address: mpmath.mpf(x) for address, x in values.items()},
            {"exp": mpmath.exp, "ln": mpmath.log},
            mpmath.mpf,
        )
        assert abs(run(function, **values) - truth) <= 1e-14 * max(1, abs(truth))
