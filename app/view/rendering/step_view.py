"""What a cursor shows: which quantities are known, and what the last step used and computed.

A step view depends on the shape, the cursor and the granularity, and on no number. The drawing, the
step card and the panels are built from it. It returns placeholders for numbers (`quantity`).
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache

from app.backprop.addresses import COUNTS, parse
from app.backprop.compiler import CompiledIteration, compile_iteration
from app.backprop.network import Shape
from app.backprop.steps import Step
from app.view.rendering.digits import Digits
from app.view.rendering.numbers import FORMATS
from app.view.rendering.precompiled import DIGITS_OF, Placeholder


@dataclass(frozen=True, slots=True)
class Quantity:
    """A placeholder for one number; each attribute is the placeholder in a format of `FORMATS`."""

    slot: int
    is_count: bool = False  # a whole number, which is shown without decimals
    digits: str = ""  # the name of those it has in any case, rather than the visitor's

    def __getattr__(self, name: str) -> Placeholder:
        written = _OF_COUNTS.get(name, name) if self.is_count else name
        chosen = f"{DIGITS_OF}{self.digits}" if self.digits and written not in FORMATS else ""
        return Placeholder(f"{written}{chosen}:{self.slot}")

    def within(self, digits: Digits, room: int) -> "Quantity":
        """The same with as many digits as fit so many characters."""
        fitting = digits.within(room)
        return self if fitting is digits else replace(self, digits=fitting.name)


_OF_COUNTS = {
    "short": "count",
    "factor": "count",
    "mathml": "mathml_count",
    "mathml_given": "mathml_count",
    "mathml_given_factor": "mathml_count",
    "mathml_factor": "mathml_count",
}


@lru_cache(maxsize=256)
def settling_steps(shape: Shape) -> dict[int, int]:
    """The indices of the steps whose results may count as 0, each with its place among them."""
    steps = compile_iteration(shape).steps
    settling = (index for index, step in enumerate(steps) if step.settles)
    return {index: place for place, index in enumerate(settling)}


def _is_result(step: Step, chosen: str) -> bool:
    return step.result == chosen


def _is_of_parameter(step: Step, chosen: str) -> bool:
    """Whether a step is about the weight or bias that the chosen quantity is of."""
    kind, indices = parse(chosen)
    mine = parse(step.result)
    return kind.split("_")[0] == mine[0].split("_")[0] in ("weight", "bias") and indices == mine[1]


def _is_of_unit(step: Step, chosen: str) -> bool:
    """Whether a step is about the unit of the chosen quantity; of a weight, the one it leads to."""
    kind, indices = parse(chosen)
    if kind in ("target", "output_error"):
        return step.unit == indices[0] and step.kind != "net"
    if len(indices) < 2:
        return False
    layer = indices[0] + kind.startswith(("weight", "bias"))
    return (step.layer, step.unit) == (layer, indices[-1])


class StepView:
    """A shape at a cursor, in a granularity (`unit`, `layer` or `phase`).

    Attributes:
        taken: how many steps of this granularity are complete.
        block: the single steps of the last one, as far as they have been taken.
        results, operands: the addresses that the block computed, and those that it used.
    """

    def __init__(self, shape: Shape, cursor: int, by: str) -> None:
        self.shape, self.cursor, self.by = shape, cursor, by
        self.compiled: CompiledIteration = compile_iteration(shape)
        self.steps = self.compiled.steps
        self._inputs = {text: index for index, text in enumerate(self.compiled.inputs)}
        self._given_count = len(self.steps) + len(self._inputs)
        ends = self.compiled.ends[by]
        self.taken = bisect_right(ends, cursor)
        last = bisect_left(ends, cursor)  # the block that the cursor is in
        begin = ends[last - 1] if last else 0
        self.block: tuple[Step, ...] = self.steps[begin:cursor]
        self.results = {step.result for step in self.block}
        # A result that a later step of the block uses (E_1 in E, say) counts as a result only.
        # A weight is both: its update uses the old value and computes the new one.
        self.operands = {
            operand
            for step in self.block
            for operand in step.operands
            if operand not in self.results or operand == step.result
        }

    @property
    def finished(self) -> bool:
        return self.cursor == len(self.steps)

    @property
    def ends(self) -> str:
        """`iteration` or `phase` if the cursor is at the end of one; otherwise empty."""
        if self.finished:
            return "iteration"
        return "phase" if self.cursor in self.compiled.ends["phase"] else ""

    @property
    def next_step(self) -> Step:
        """The next step; at the end of an iteration, the first of the next one."""
        return self.steps[self.cursor % len(self.steps)]

    def focused(self, path: tuple[str, ...] = ()) -> Step | None:
        """The step of the block that formula, drawing and matrices put in focus; None before the
        first step.

        It is that of the quantity which the visitor chose last, the first of a derivation path, or
        of the same unit; else the first one of the last layer.
        """
        if not self.block:
            return None
        last = self.block[-1]
        steps = [step for step in self.block if (step.kind, step.layer) == (last.kind, last.layer)]
        chosen = path[0] if path else ""
        return next(
            (
                step
                for alike in (_is_result, _is_of_parameter, _is_of_unit)
                for step in steps
                if chosen and alike(step, chosen)
            ),
            steps[0],
        )

    def number_of(self, cursor: int) -> tuple[int, int]:
        """The step of this granularity that a cursor is in, counted from 1, and how many there
        are."""
        ends = self.compiled.ends[self.by]
        return bisect_left(ends, cursor) + 1, len(ends)

    def is_input(self, text: str) -> bool:
        """Whether a quantity is given at the start of the iteration."""
        return text in self._inputs

    def known(self, text: str) -> bool:
        """Whether a quantity has a value at this cursor."""
        return self.quantity(text) is not None

    def quantity(self, text: str) -> Quantity | None:
        """The current value of a quantity; None if it is not known yet."""
        return self.computed(text) or (self.operand(text) if text in self._inputs else None)

    def computed(self, text: str) -> Quantity | None:
        """The result of the step that computes a quantity; None if it has not been taken."""
        index = self.compiled.position.get(text, self.cursor)
        return Quantity(index, text in COUNTS) if index < self.cursor else None

    def operand(self, text: str) -> Quantity:
        """A quantity as a step uses it: weights and biases from before the update."""
        if text in self._inputs:
            return Quantity(len(self.steps) + self._inputs[text], text in COUNTS)
        return Quantity(self.compiled.position[text], text in COUNTS)

    def before(self, text: str) -> Quantity | None:
        """A weight or bias from before its update; None if the update has not been taken."""
        return self.operand(text) if self.computed(text) else None

    def result(self, step: Step) -> Quantity:
        """The result of a step: of an update, the new weight."""
        return Quantity(self.compiled.position[step.result], step.result in COUNTS)

    def counted_as_zero(self, step: Step) -> Quantity | None:
        """What the terms of a net come to if it counts as 0; None for a step that never does."""
        place = settling_steps(self.shape).get(self.compiled.position[step.result])
        return None if place is None else Quantity(self._given_count + place)

    @property
    def number_count(self) -> int:
        """How many numbers `numbers_of` returns."""
        return self._given_count + len(settling_steps(self.shape))

    def marks(self, *addresses: str) -> str:
        """The classes of an element that shows these quantities: operand, result, both or
        neither."""
        sets = {"operand": self.operands, "result": self.results}
        return " ".join(name for name, those in sets.items() if not those.isdisjoint(addresses))

    def highlight(self, text: str) -> str:
        """The class of a single number: whether the last step computed or used it."""
        return "result" if text in self.results else "operand" if text in self.operands else ""
