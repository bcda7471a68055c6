"""What there is to see at a cursor: what is known, what the step just taken read and made.

A scene depends on the shape, the cursor and the granularity, not on any number; the drawing, the
card and the tables are made from it. It hands out places for numbers (`quantity`), never numbers.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from app.backprop.compiler import CompiledIteration, compile_iteration
from app.backprop.network import Shape
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.rendering.precompiled import Placeholder


@dataclass(frozen=True, slots=True)
class Quantity:
    """A place for one number, in whatever format a template asks for."""

    slot: int

    def __getattr__(self, name: str) -> Placeholder:
        return Placeholder(name, self.slot)


def numbers_of(simulation: Simulation) -> tuple[float, ...]:
    """The numbers that fill a scene's holes: what every step gives, then what goes in."""
    return simulation.trace() + simulation.inputs()


class StepView:
    """A shape at a cursor, looked at in a granularity."""

    def __init__(self, shape: Shape, cursor: int, by: str) -> None:
        self.shape, self.cursor, self.by = shape, cursor, by
        self.program: CompiledIteration = compile_iteration(shape)
        self.steps = self.program.steps
        self._inputs = {text: index for index, text in enumerate(self.program.inputs)}
        ends = self.program.ends[by]
        self.taken = bisect_right(ends, cursor)
        last = bisect_left(ends, cursor)  # the step, of this granularity, that the cursor is in
        begin = ends[last - 1] if last else 0
        self.block: tuple[Step, ...] = self.steps[begin:cursor]
        self.results = {step.result for step in self.block}
        # What a run of steps makes and reads again (E_1 in E, say) is its result only. An update
        # reads the old weight and makes the new one: one element, and both.
        self.operands = {
            operand
            for step in self.block
            for operand in step.operands
            if operand not in self.results or operand == step.result
        }

    @property
    def finished(self) -> bool:
        """Whether the iteration's last step has been taken."""
        return self.cursor == len(self.steps)

    @property
    def next_step(self) -> Step:
        """The step to come, of the next iteration at the end of this one."""
        return self.steps[self.cursor % len(self.steps)]

    def known(self, text: str) -> bool:
        """Whether a quantity has a value at this cursor."""
        index = self.program.position.get(text)
        return text in self._inputs or (index is not None and index < self.cursor)

    def quantity(self, text: str) -> Quantity | None:
        """A quantity as it is now, None where it is not known yet."""
        index = self.program.position.get(text)
        if index is not None and index < self.cursor:
            return Quantity(index)
        return self.operand(text) if text in self._inputs else None

    def operand(self, text: str) -> Quantity:
        """A quantity as a step reads it: weights and biases are those before the update."""
        if text in self._inputs:
            return Quantity(len(self.steps) + self._inputs[text])
        return Quantity(self.program.position[text])

    def before(self, text: str) -> Quantity | None:
        """A weight or bias as it was before its update, None where that has not been taken."""
        taken = self.program.position.get(text, self.cursor) < self.cursor
        return self.operand(text) if taken else None

    def result(self, step: Step) -> Quantity:
        """What a step makes: for an update, the new weight."""
        return Quantity(self.program.position[step.result])

    def marks(self, *addresses: str) -> str:
        """The classes of an element that shows these quantities: operand, result or both."""
        names = []
        if any(text in self.operands for text in addresses):
            names.append("operand")
        if any(text in self.results for text in addresses):
            names.append("result")
        return " ".join(names)

    def highlight(self, text: str) -> str:
        """The class of a single number: whether the step just taken made it, or read it."""
        return "makes" if text in self.results else "reads" if text in self.operands else ""
