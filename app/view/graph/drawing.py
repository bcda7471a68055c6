"""The drawing of the network as data: its units with what stands beside them, and its weights."""

from dataclasses import dataclass
from itertools import pairwise

from app.backprop.addresses import layer_letter
from app.view.graph import gaps
from app.view.graph.docks import Docks
from app.view.graph.geometry import geometry_of
from app.view.graph.heat_maps import HeatMaps
from app.view.graph.marks import Marks
from app.view.graph.scene import Group
from app.view.graph.small_units import SmallUnits
from app.view.graph.units import Units
from app.view.notation.labels import Translate
from app.view.rendering.precompiled import Derived
from app.view.rendering.step_view import StepView


@dataclass(frozen=True, slots=True)
class GapTab:
    """The layers before and after a gap; a phone shows one gap at a time."""

    before: str
    after: str
    is_shown: bool  # whether the step is about this gap


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing."""

    groups: tuple[Group, ...]
    derived: tuple[Derived, ...]  # numbers that only the drawing has
    depth: int
    compact: bool
    gap: int  # the gap that the step is about, which a phone shows
    quiet: bool  # whether the step is about a part of the network
    flow: str  # the phase of the last step

    @property
    def gap_tabs(self) -> tuple[GapTab, ...]:
        """A tab for each gap, none if there is only one."""
        letters = ["x", *(layer_letter(layer, self.depth) for layer in range(1, self.depth))]
        tabs = tuple(
            GapTab(before, after, gap == self.gap)
            for gap, (before, after) in enumerate(pairwise(letters))
        )
        return tabs if len(tabs) > 1 else ()


def draw(
    step_view: StepView,
    chosen_path: tuple[str, ...] = (),
    _: Translate = str,
    *,
    is_board: bool = False,
) -> Drawing:
    """The drawing of a step view, with the first address of `chosen_path` in focus if it can be.

    `is_board`: whether its numbers are those on a blackboard.
    """
    geometry = geometry_of(step_view.shape)
    marks = Marks(step_view, chosen_path)
    docks = (HeatMaps if geometry.compact else Docks)(step_view, geometry, marks, is_board=is_board)
    units = (SmallUnits if geometry.compact else Units)(
        step_view, geometry, marks, docks.contents, _
    )
    cells = tuple(
        Group(
            id="",
            classes="cell" + (" focus" if marks.unit(layer, unit) else ""),
            shapes=(),
            parts=(*docks.of_unit(layer, unit), *units.of(layer, unit)),
        )
        for layer, count in enumerate(step_view.shape.layers)
        for unit in range(count)
    )
    return Drawing(
        groups=(*docks.shared_biases(), *cells, *units.error()),
        derived=docks.derived.numbers,
        depth=step_view.shape.depth,
        compact=geometry.compact,
        gap=_shown_gap(step_view, docks.contents),
        quiet=bool(step_view.block) and step_view.by != "phase",
        flow=step_view.block[-1].phase if step_view.block else "",
    )


def _shown_gap(step_view: StepView, contents: tuple[str, ...]) -> int:
    """The gap that the step is about: the first at the start, the last in a step about E."""
    about = [gap for gap, content in enumerate(contents) if content != gaps.LINES]
    return about[0] if about else len(contents) - 1
