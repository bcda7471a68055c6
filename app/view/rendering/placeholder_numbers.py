"""The numbers that fill the placeholders of a step view."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from app.backprop.expressions import evaluate
from app.backprop.rounding_rule import Rounding
from app.backprop.steps import Step
from app.simulation.iteration import IterationState
from app.simulation.simulation import Simulation
from app.view.rendering.step_view import settling_steps


class Board(Protocol):
    """The numbers on a blackboard: the results of an iteration, its state, and how they are rounded."""

    @property
    def results(self) -> tuple[Decimal, ...]: ...

    @property
    def start(self) -> IterationState: ...

    @property
    def rounding(self) -> Rounding: ...


def numbers_of(simulation: Simulation, board: Board | None = None) -> tuple[float, ...]:
    """The numbers that fill a step view's placeholders: the results of all steps, then the inputs,
    then for each net that may count as 0 the sum that does; 0 if it does not.

    With a board, those on it.
    """
    if board is not None:
        nothing = (0.0,) * len(
            settling_steps(simulation.shape)
        )  # decimals add up to 0 by themselves
        return (*map(float, board.results), *board.start.inputs, *nothing)
    trace = simulation.trace()
    numbers = trace + simulation.start.inputs
    settling = settling_steps(simulation.shape)
    if not settling:
        return numbers
    if all(trace[index] for index in settling):
        return numbers + (0.0,) * len(settling)
    values = {step.result: value for step, value in zip(simulation.steps, trace, strict=True)}
    values |= simulation.reading()
    return numbers + tuple(
        sum_counted_as_zero(simulation.steps[index], values) for index in settling
    )


def sum_counted_as_zero(step: Step, values: Mapping[str, float]) -> float:
    """What the terms of a net come to that counts as 0; 0 for any other step."""
    if step.settles and values[step.result] == 0:
        total: float = evaluate(step.expression, values, {})
        return total
    return 0.0
