"""The compiled iteration against a chain worked out by hand and against nested loops."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings

from app.backprop.compiler import NEVER_BELOW, compile_iteration, flat
from app.backprop.network import Example, Shape
from tests.support.strategies import Setting, bits, packed, settings_of

Activation = Callable[[Any], Any]
EXACT: dict[str, Activation] = {
    "relu": lambda net: net if net > 0 else 0 * net,
    "identity": lambda net: net,
}
PRECISE: dict[str, Activation] = {
    **EXACT,
    "sigmoid": lambda net: 1 / (1 + mpmath.exp(-net)),
    "tanh": mpmath.tanh,
}


def program_addresses(shape: Shape) -> list[str]:
    return [step.result for step in compile_iteration(shape).steps]


def test_a_chain_by_hand() -> None:
    """1-1-1 with easy numbers gives the values worked out on paper, exactly.

    x = 2, w = 3, b1 = 1, w' = −1, b2 = 2, target = −4, lr = 0.5, all identity: net_H = 7,
    out_O = −5, E = ½, δ_O = −1, δ_H = 1, and the new numbers are w = 2, b1 = ½, w' = 2½, b2 = 2½.
    """
    shape = Shape((1, 1, 1), ("identity", "identity"))
    program = compile_iteration(shape)
    example = Example((2.0,), (-4.0,))
    results = program.run((3.0, -1.0, 1.0, 2.0), flat(example), (0.5, 1.0))
    by_hand = {
        "net/1/0": 7.0,
        "out/1/0": 7.0,
        "net/2/0": -5.0,
        "out/2/0": -5.0,
        "output_error/0": 0.5,
        "error": 0.5,
        "error_slope/2/0": -1.0,
        "activation_slope/2/0": 1.0,
        "delta/2/0": -1.0,
        "weight_gradient/1/0/0": -7.0,
        "bias_gradient/1": -1.0,
        "error_slope/1/0": 1.0,
        "activation_slope/1/0": 1.0,
        "delta/1/0": 1.0,
        "weight_gradient/0/0/0": 2.0,
        "bias_gradient/0": 1.0,
        "weight/1/0/0": 2.5,
        "bias/1": 2.5,
        "weight/0/0/0": 2.0,
        "bias/0": 0.5,
    }
    assert dict(zip(program_addresses(shape), results, strict=True)) == by_hand
    assert program.train(
        (3.0, -1.0, 1.0, 2.0), [flat(example)], (0.5, 1.0), 0, 1, NEVER_BELOW, ()
    ) == (
        (2.0, 2.5, 0.5, 2.5),
        [0.5],
    )


@given(setting=settings_of(largest=8, deepest=5, wild=True))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_every_bit_of_an_iteration(setting: Setting) -> None:
    """The compiled code gives the bits of nested loops, overflow and NaN included."""
    calculations = setting.naive().now.iteration.calculations
    assert packed(setting.simulation().trace()) == packed([c.value for c in calculations])


def test_inputs_are_named_in_order() -> None:
    """The inputs are the parameters, the example and the learning rate, in this order."""
    assert compile_iteration(Shape((2, 1), ("tanh",))).inputs == (
        *("weight/0/0/0", "weight/0/1/0", "bias/0"),
        *("out/0/0", "out/0/1", "target/0", "learning_rate"),
    )


@pytest.mark.parametrize("activation", sorted(PRECISE))
@pytest.mark.parametrize(("weight", "x", "rate"), [(1e6, 1e6, 1e6), (-1e6, 1.0, 0.5)])
@pytest.mark.parametrize("bias", ["shared", "per_unit", "none"])
def test_saturation_and_divergence_never_raise(
    activation: str, weight: float, x: float, rate: float, bias: str
) -> None:
    """With extreme numbers no iteration raises, and all can be undone."""
    layers = (2, 3, 3, 2)
    setting = Setting(
        layers,
        (activation,) * 3,
        bias,
        tuple([[weight] * b for _ in range(a)] for a, b in pairwise(layers)),
        {"shared": [[weight]] * 3, "per_unit": [[weight] * n for n in layers[1:]], "none": []}[
            bias
        ],
        (([x, -x], [0.0, 1e6]),),
        rate,
    )
    start = setting.simulation()
    end = start.step("unit", 30 * len(start.steps))
    naive = setting.naive().now.iteration
    for _ in range(29):
        naive = naive.following()
    assert packed(end.trace()) == packed([c.value for c in naive.calculations])
    assert bits(end.back("unit", 30 * len(start.steps))) == bits(start)
