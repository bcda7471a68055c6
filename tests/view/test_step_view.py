"""The step view against the simulation."""

from itertools import groupby

import pytest

from app.backprop.compiler import GRANULARITIES, compile_iteration
from app.simulation.simulation import Simulation
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import StepView
from tests.support.networks import FEW, SHAPES, simulation_of

NAMES = pytest.mark.parametrize("name", FEW)


def every_address(simulation: Simulation) -> set[str]:
    program = compile_iteration(simulation.shape)
    return {step.result for step in program.steps} | set(program.inputs)


@NAMES
def test_each_number_is_at_its_place(name: str) -> None:
    """A quantity is known when the simulation knows it, with its value."""
    begun = simulation_of(SHAPES[name])
    for cursor in range(0, len(begun.steps) + 1, 1 if len(begun.steps) < 90 else 7):
        simulation = begun.step("unit", cursor)
        step_view, numbers = StepView(SHAPES[name], cursor, "unit"), numbers_of(simulation)
        for text in every_address(simulation):
            value, quantity = simulation.value(text), step_view.quantity(text)
            assert step_view.known(text) == (value is not None)
            assert (None if quantity is None else numbers[quantity.slot]) == value
            if value is not None:
                assert numbers[step_view.operand(text).slot] == simulation.operand(text)


@NAMES
@pytest.mark.parametrize("by", GRANULARITIES)
def test_a_block_is_a_run_of_steps(name: str, by: str) -> None:
    """A coarse step has the operands and results of its unit steps."""
    steps = compile_iteration(SHAPES[name]).steps
    kind = {
        "unit": lambda step: step.result,
        "layer": lambda step: (step.kind, step.layer),
        "phase": lambda step: step.phase,
    }[by]
    begin = 0
    for number, (_, run) in enumerate(groupby(steps, kind), 1):
        whole = tuple(run)
        for taken in range(1, len(whole) + 1):
            step_view = StepView(SHAPES[name], begin + taken, by)
            block = whole[:taken]
            made = {step.result for step in block}
            read = {operand for step in block for operand in step.operands}
            own = {step.result for step in block if step.result in step.operands}
            assert step_view.block == block
            assert step_view.next_step == steps[(begin + taken) % len(steps)]
            assert step_view.results == made
            assert step_view.operands == read - made | own
            assert step_view.taken == number - (taken < len(whole))
        begin += len(whole)


@NAMES
def test_each_net_that_may_count_as_0_has_a_number_more(name: str) -> None:
    """It is 0 where the net is not; other steps have none."""
    simulation = simulation_of(SHAPES[name])
    step_view, numbers = StepView(SHAPES[name], 0, "unit"), numbers_of(simulation)
    assert step_view.number_count == len(numbers)
    for step in simulation.steps:
        quantity = step_view.counted_as_zero(step)
        assert (quantity is not None) == step.settles
        assert quantity is None or numbers[quantity.slot] == 0


@pytest.mark.parametrize(
    ("cursor", "path", "result"),
    [
        (4, (), "net/1/0"),
        (4, ("net/1/2",), "net/1/2"),
        (8, ("net/1/2",), "out/1/2"),  # the unit stays
        (10, ("net/1/2",), "net/2/0"),  # in another layer it is the first
        (29, ("weight/1/2/1", "weight_gradient/1/2/1"), "weight_gradient/1/2/1"),
        (29, ("delta/2/1",), "weight_gradient/1/0/1"),
        (17, ("target/1",), "error_slope/2/1"),
        (4, ("learning_rate",), "net/1/0"),
    ],
)
def test_the_step_in_focus(cursor: int, path: tuple[str, ...], result: str) -> None:
    """The unit that was chosen last is in focus, else the first one."""
    step = StepView(SHAPES["3-4-2"], cursor, "layer").focused(path)
    assert step
    assert step.result == result


def test_nothing_is_in_focus_before_the_first_step() -> None:
    """Without a step there is nothing to explain."""
    assert StepView(SHAPES["3-4-2"], 0, "layer").focused(("net/1/0",)) is None
