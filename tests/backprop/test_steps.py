"""The steps of an iteration: their number, order and operands."""

from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given, settings

from app.backprop.compiler import compile_iteration
from app.backprop.functions import UPDATE_RULES
from app.backprop.network import Shape
from app.backprop.steps import KINDS, Step, steps_of
from tests.support.strategies import Setting, settings_of

DECK = Shape((3, 4, 2), ("sigmoid", "sigmoid"))
STEPS = steps_of(DECK)

# The layer steps of 3-4-2 in the deck's order, each with how many numbers it computes.
ORDER = [
    ("forward", "net", 1, 4),
    ("forward", "out", 1, 4),
    ("forward", "net", 2, 2),
    ("forward", "out", 2, 2),
    ("forward", "error", 2, 3),
    ("backward", "error_slope", 2, 2),
    ("backward", "activation_slope", 2, 2),
    ("backward", "delta", 2, 2),
    ("backward", "weight_gradient", 2, 8),
    ("backward", "bias_gradient", 2, 1),
    ("backward", "error_slope", 1, 4),
    ("backward", "activation_slope", 1, 4),
    ("backward", "delta", 1, 4),
    ("backward", "weight_gradient", 1, 12),
    ("backward", "bias_gradient", 1, 1),
    ("update", "weight_update", 2, 8),
    ("update", "bias_update", 2, 1),
    ("update", "weight_update", 1, 12),
    ("update", "bias_update", 1, 1),
]

# Kind, result, symbol, unit and operands, from the slides.
BY_HAND: list[tuple[str, str, str, int | None, str]] = [
    ("net", "net/1/1", "net_H2", 1, "bias/0 out/0/0 weight/0/0/1 out/0/1 weight/0/1/1 out/0/2 weight/0/2/1"),
    ("net", "net/2/0", "net_O1", 0, "bias/1 out/1/0 weight/1/0/0 out/1/1 weight/1/1/0 out/1/2 weight/1/2/0 out/1/3 weight/1/3/0"),
    ("out", "out/1/3", "out_H4", 3, "net/1/3"),
    ("error", "output_error/1", "E_2", 1, "target/1 out/2/1"),
    ("error", "error", "E", None, "output_error/0 output_error/1"),
    ("error_slope", "error_slope/2/0", "∂E/∂out_O1", 0, "out/2/0 target/0"),
    ("error_slope", "error_slope/1/0", "∂E/∂out_H1", 0, "delta/2/0 weight/1/0/0 delta/2/1 weight/1/0/1"),
    ("activation_slope", "activation_slope/1/2", "∂out/∂net_H3", 2, "out/1/2"),
    ("delta", "delta/1/0", "δ_H1", 0, "error_slope/1/0 activation_slope/1/0"),
    ("weight_gradient", "weight_gradient/1/1/0", "∂E/∂w'21", 0, "delta/2/0 out/1/1"),
    ("weight_gradient", "weight_gradient/0/2/3", "∂E/∂w34", 3, "delta/1/3 out/0/2"),
    ("bias_gradient", "bias_gradient/1", "∂E/∂b2", None, "delta/2/0 delta/2/1"),
    ("bias_gradient", "bias_gradient/0", "∂E/∂b1", None, "delta/1/0 delta/1/1 delta/1/2 delta/1/3"),
    ("weight_update", "weight/1/0/1", "w'12", 1, "weight/1/0/1 learning_rate weight_gradient/1/0/1"),
    ("weight_update", "weight/0/2/3", "w34", 3, "weight/0/2/3 learning_rate weight_gradient/0/2/3"),
    ("bias_update", "bias/0", "b1", None, "bias/0 learning_rate bias_gradient/0"),
]  # fmt: skip


def find(steps: tuple[Step, ...], result: str) -> Step:
    (step,) = (step for step in steps if step.result == result)
    return step


def test_counts_of_3_4_2() -> None:
    """An iteration of 3-4-2 has 77 unit steps, 19 layer steps and 3 phase steps."""
    ends = compile_iteration(DECK).ends
    assert {by: len(ends[by]) for by in ends} == {"unit": 77, "layer": 19, "phase": 3}
    assert Counter(step.phase for step in STEPS) == {"forward": 15, "backward": 40, "update": 22}
    assert ends["phase"] == (15, 55, 77)
    assert Counter(STEPS[end - 1].phase for end in ends["layer"]) == {
        "forward": 5,
        "backward": 10,
        "update": 4,
    }


def test_order_by_kind_and_layer() -> None:
    """The blocks of 3-4-2 come in the order of the slides."""
    runs = groupby(STEPS, lambda step: (step.phase, step.kind, step.layer))
    blocks = [(*key, len(list(run))) for key, run in runs]
    assert blocks == ORDER
    counts = [count for *_, count in ORDER]
    assert compile_iteration(DECK).ends["layer"] == tuple(sum(counts[: i + 1]) for i in range(19))


@pytest.mark.parametrize(("kind", "result", "symbol", "unit", "operands"), BY_HAND)
def test_operands_by_hand(
    kind: str, result: str, symbol: str, unit: int | None, operands: str
) -> None:
    """A step has the operands of its formula on the slides, in that order."""
    step = find(STEPS, result)
    assert (step.kind, step.symbol, step.unit) == (kind, symbol, unit)
    assert step.operands == tuple(operands.split())


def test_every_kind_is_written_by_hand() -> None:
    """Every kind of step without momentum or batch updates is in the table above."""
    rules = {"sum", *UPDATE_RULES}
    others = {f"{parameter}_{rule}" for parameter in ("weight", "bias") for rule in rules}
    others |= {"weight_decayed", "update_count"}
    assert {kind for kind, *_ in BY_HAND} == set(KINDS) - others


@pytest.mark.parametrize(
    ("activation", "operands"),
    [("sigmoid", ("out/1/0",)), ("tanh", ("out/1/0",)), ("relu", ("net/1/0",)), ("identity", ())],
)
def test_what_a_slope_reads(activation: str, operands: tuple[str, ...]) -> None:
    """The derivative of an activation is taken from its output where possible."""
    steps = steps_of(Shape((1, 1), (activation,)))
    assert find(steps, "activation_slope/1/0").operands == operands


@given(setting=settings_of(largest=8, deepest=5))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_steps_of_any_shape(setting: Setting) -> None:
    """The steps are those of nested loops, each result is new, and each operand is known."""
    shape = setting.simulation().shape
    program = compile_iteration(shape)
    steps = steps_of(shape)
    assert len({step.result for step in steps}) == len(steps)
    known = set(program.inputs)
    for step in steps:
        assert set(step.operands) <= known, step
        known.add(step.result)
    expected = setting.naive().now.iteration.calculations
    assert [step.result for step in steps] == [c.address for c in expected]
    assert [step.phase for step in steps] == [c.phase for c in expected]
    blocks = [step.kind if step.kind == "error" else f"{step.kind} {step.layer}" for step in steps]
    assert blocks == [c.block for c in expected]
    read = {operand for step in steps for operand in step.operands}
    for text in program.inputs:
        if shape.is_update_iteration or text not in ("learning_rate", "momentum", "example_count"):
            assert text in read or (not shape.is_update_iteration and "velocity" in text), text


def test_steps_are_made_once_for_a_shape() -> None:
    """Equal shapes share their steps and their compiled iteration."""
    again = Shape((3, 4, 2), ("sigmoid", "sigmoid"))
    assert steps_of(again) is steps_of(DECK)
    assert compile_iteration(again) is compile_iteration(DECK)
