"""The comparison of two runs of one iteration: the correct one, and one with a common mistake."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.analysis.misconceptions import UPDATED_WEIGHTS, key, results
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, phase_word, title

ComputedStep = tuple[Step, float]


@dataclass(frozen=True, slots=True)
class ComparedNumber:
    """A result; `differs` says whether the other run has another value."""

    symbol: str
    value: float
    differs: bool


@dataclass(frozen=True, slots=True)
class ComparisonBlock:
    """The steps of one kind for a whole layer; `numbers` is empty until they have been taken."""

    title: str
    phase: str
    phase_word: str
    numbers: tuple[ComparedNumber, ...]
    now: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both runs after `step` of their `steps` blocks, and a sentence about their differences."""

    right: tuple[ComparisonBlock, ...]
    wrong: tuple[ComparisonBlock, ...]
    step: int
    steps: int
    said: str


def compare(simulation: Simulation, step: int, _: Translate) -> Comparison:
    """The comparison of a simulation's current iteration with the mistake of updating too early."""
    right = list(zip(simulation.steps, simulation.trace(), strict=True))
    values = results(simulation, UPDATED_WEIGHTS)
    wrong = [(each, values[key(each)]) for each in _updating_at_once(simulation)]
    steps = len(_blocks(right))
    step = min(step, steps)
    right_blocks, wrong_blocks = (
        tuple(_comparison_blocks(simulation, _blocks(run), step, other, _))
        for run, other in ((right, wrong), (wrong, right))
    )
    differences = sum(number.differs for block in wrong_blocks for number in block.numbers)
    summary = _summary(simulation, step, differences, _)
    return Comparison(right_blocks, wrong_blocks, step, steps, summary)


def _updating_at_once(simulation: Simulation) -> list[Step]:
    """The steps in the order of the mistake: a layer is updated as soon as its gradients are known,
    so that the δ of the layer before come from the new weights."""

    def place(step: Step) -> int:  # the order within a place stays
        return 0 if step.phase == "forward" else simulation.shape.depth - step.layer

    return sorted(simulation.steps, key=place)


def _blocks(run: Iterable[ComputedStep]) -> list[list[ComputedStep]]:
    return [list(block) for _key, block in groupby(run, lambda it: (it[0].kind, it[0].layer))]


def _comparison_blocks(
    simulation: Simulation,
    blocks: Sequence[Sequence[ComputedStep]],
    step: int,
    other: Iterable[ComputedStep],
    _: Translate,
) -> Iterable[ComparisonBlock]:
    values = {step_taken.result: number for step_taken, number in other}
    for index, block in enumerate(blocks):
        first = block[0][0]
        numbers = tuple(
            ComparedNumber(
                step_taken.symbol.replace("_", " "), value, value != values[step_taken.result]
            )
            for step_taken, value in block
            if index < step
        )
        yield ComparisonBlock(
            title=title(_, simulation.shape, first, whole_layer=True),
            phase=first.phase,
            phase_word=phase_word(_, first.phase, simulation.shape),
            numbers=numbers,
            now=index == step - 1,
            differs=any(number.differs for number in numbers),
        )


def _summary(simulation: Simulation, step: int, differences: int, _: Translate) -> str:
    """The difference between the runs, in a sentence."""
    if differences:
        return _("%(count)s numbers differ so far.") % {"count": differences}
    if simulation.shape.depth == 2:
        return _("Without a hidden layer there is no δ to go wrong: both do the same.")
    if not step:
        return _("Both start with the same weights and the same example.")
    return _("So far both have the same numbers.")
