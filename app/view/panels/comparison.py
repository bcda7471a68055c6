"""Two runs of one iteration beside each other: as it should be, and with a mistake in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.analysis.misconceptions import updated_too_early
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, phase_word, title
from app.view.rendering.numbers import exact, short

Taken = tuple[Step, float]


@dataclass(frozen=True, slots=True)
class ComparedNumber:
    """A result; `differs` where the other run has another."""

    symbol: str
    short: str
    exact: str
    differs: bool


@dataclass(frozen=True, slots=True)
class ComparisonBlock:
    """One kind for a whole layer; its numbers are there once it has been computed."""

    number: int
    title: str
    phase: str
    phase_word: str
    numbers: tuple[ComparedNumber, ...]
    now: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both runs after as many blocks. `step` is how many of the `steps` have been taken."""

    right: tuple[ComparisonBlock, ...]
    wrong: tuple[ComparisonBlock, ...]
    step: int
    steps: int
    apart: int
    said: str


def compare(simulation: Simulation, step: int, _: Translate) -> Comparison:
    """Both runs of the iteration that a simulation is in."""
    right = list(zip(simulation.steps, simulation.trace(), strict=True))
    wrong = updated_too_early(simulation)
    blocks = (_blocks(right), _blocks(wrong))
    step = min(step, len(blocks[0]))
    other = (
        {taken.result: number for taken, number in wrong},
        {taken.result: number for taken, number in right},
    )
    drawn = [
        tuple(_drawn(simulation, blocks[run], step, other[run], _)) for run in range(len(blocks))
    ]
    apart = sum(number.differs for block in drawn[1] for number in block.numbers)
    return Comparison(
        drawn[0], drawn[1], step, len(blocks[0]), apart, _said(simulation, step, apart, _)
    )


def _blocks(run: Iterable[Taken]) -> list[list[Taken]]:
    return [list(block) for _key, block in groupby(run, lambda it: (it[0].kind, it[0].layer))]


def _drawn(
    simulation: Simulation,
    blocks: Sequence[Sequence[Taken]],
    step: int,
    other: dict[str, float],
    _: Translate,
) -> Iterable[ComparisonBlock]:
    for index, block in enumerate(blocks):
        first = block[0][0]
        numbers = tuple(
            ComparedNumber(
                taken.symbol.replace("_", " "),
                short(value),
                exact(value),
                value != other[taken.result],
            )
            for taken, value in block
            if index < step
        )
        yield ComparisonBlock(
            number=index + 1,
            title=title(_, simulation.shape, first, whole_layer=True),
            phase=first.phase,
            phase_word=phase_word(_, first.phase, simulation.shape),
            numbers=numbers,
            now=index == step - 1,
            differs=any(number.differs for number in numbers),
        )


def _said(simulation: Simulation, step: int, apart: int, _: Translate) -> str:
    """In a sentence, how they stand."""
    if apart:
        return _("%(count)s numbers differ so far.") % {"count": apart}
    if simulation.shape.depth == 2:
        return _("Without a hidden layer there is no δ to go wrong: both do the same.")
    if not step:
        return _("Both begin with the same weights and the same example.")
    return _("So far both have the same numbers.")
