"""What a step is about: the unit in focus, and how what it reads and makes is marked.

A step of a layer computes many numbers. One of them is in focus: the chosen one, else the first.
What it reads and makes is marked strongly, and what the others read and make is marked in a paler
tone.
"""

from dataclasses import dataclass

from app.backprop.addresses import parse
from app.backprop.steps import Step
from app.view.rendering.step_view import StepView

_OF_LAYER = -1  # the unit of a number that belongs to a whole layer, such as a shared bias


@dataclass(frozen=True, slots=True)
class Focus:
    """The unit in focus and, of a step about weights, where its weight comes from."""

    layer: int
    unit: int
    source: int | None = None


class Marks:
    """The classes of what a step shows."""

    def __init__(self, step_view: StepView, chosen_path: tuple[str, ...]) -> None:
        self.step_view = step_view
        self.focus = focus_of(step_view, chosen_path)
        focused = [step for step in step_view.block if self._is_focused(step)]
        self._read = {text for step in focused for text in step.operands}
        self._made = {step.result for step in focused}

    def _is_focused(self, step: Step) -> bool:
        return self.focus is None or _focus(step) == self.focus

    def unit(self, layer: int, unit: int) -> bool:
        """Whether a unit is in focus."""
        return self.focus is not None and (self.focus.layer, self.focus.unit) == (layer, unit)

    def read(self, *addresses: str) -> str:
        """The classes of a number that shows one of these, if the step reads it."""
        if self.step_view.operands.isdisjoint(addresses):
            return ""
        return "mark read" if self._read.isdisjoint(addresses) else "mark read strong"

    def made(self, *addresses: str) -> str:
        """The classes of a number that shows one of these, if the step makes it."""
        if self.step_view.results.isdisjoint(addresses):
            return ""
        return "mark made" if self._made.isdisjoint(addresses) else "mark made strong"

    def of(self, *addresses: str) -> str:
        """Either of them; what a step makes is never only read."""
        return self.made(*addresses) or self.read(*addresses)


def focus_of(step_view: StepView, chosen_path: tuple[str, ...]) -> Focus | None:
    """The focus of a step; None before the first, and after a whole phase."""
    step = None if step_view.by == "phase" else step_view.focused(chosen_path)
    return None if step is None else _focus(step)


def _focus(step: Step) -> Focus:
    """The focus of a single step."""
    kind, indices = parse(step.result)
    unit = _OF_LAYER if step.unit is None else step.unit
    source = indices[1] if kind.startswith("weight") else None
    return Focus(step.layer, unit, source)
