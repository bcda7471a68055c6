"""Slide 4 in matrices, computed again from the page."""

import numpy as np
import pytest

from app.backprop.addresses import parse
from app.backprop.network import Shape
from app.backprop.quantity_names import KINDS
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.panels.matrix_form import EquationBlock, EquationPhase, matrix_form
from app.view.rendering.step_view import StepView
from tests.support.markup import Element, region_of
from tests.support.matrix_markup import blocks, cells, computed, of_class, sides, value
from tests.support.networks import SHAPES, simulation_of
from tests.support.oracle_cases import ACTIVATIONS, BIASES

EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
ALL = [
    Shape((3, 2, 4, 2), (activation,) * 3, bias=bias)
    for activation in ACTIVATIONS
    for bias in BIASES
]


def view(simulation: Simulation, *at: str, by: str = "layer") -> Element:
    """The panel of a simulation, as a browser gets it."""
    return region_of(simulation, *at, by=by, panel="slide4").id("slide4")


def holds(simulation: Simulation) -> None:
    """Every equation of a finished iteration, computed from the numbers that it shows."""
    for block in blocks(view(simulation.update())):
        for equation in of_class(block, "equation"):
            *before, result = sides(equation)
            [made] = result
            assert made.numbers is not None
            for side in before:
                if side[0].before.startswith("f"):  # each unit has an activation of its own
                    continue
                got = np.broadcast_to(computed(side), made.numbers.shape)
                assert got == pytest.approx(made.numbers, rel=1e-12, abs=1e-12), block.text


@EVERY_SHAPE
def test_the_equations_hold(shape: Shape) -> None:
    """Each equation holds for the numbers that it shows."""
    holds(simulation_of(shape))


@pytest.mark.parametrize("shape", ALL, ids=str)
def test_every_activation_with_every_bias(shape: Shape) -> None:
    """The equations hold for every activation and bias."""
    holds(simulation_of(shape, 2))


@pytest.mark.parametrize("seed", range(1, 4))
def test_each_unit_has_its_activation(seed: int) -> None:
    """So they do if the units of a layer have different activations."""
    shape = Shape((2, 3, 2), (("relu", "sigmoid", "tanh"), "tanh"), bias="per_unit")
    holds(simulation_of(shape, seed))


def test_the_update_by_the_mean() -> None:
    """The sum is divided before it is multiplied by lr, as it is computed."""
    [block] = blocks(view(simulation_of(SHAPES["3-4-2 mean of all"]).update()))[-2:-1]
    left, _ = sides(of_class(block, "equation")[0])
    assert [(term.before, term.after) for term in left] == [
        *(("", ""), ("−", ""), ("∗(", ""), ("/", ")"))
    ]


def expected(simulation: Simulation, address: str, *, new: bool) -> float:
    """What a cell is to show: nan where that is not known yet."""
    if parse(address)[0] in ("weight", "bias"):
        position = simulation.compiled.position[address]
        if not new:
            return simulation.reading()[address]
        return simulation.trace()[position] if position < simulation.cursor else float("nan")
    known = simulation.value(address)
    return float("nan") if known is None else known


@pytest.mark.parametrize("name", ["3-4-2", "3-2-1 per unit", "2-3-2 none", "2-3-1-4-2"])
def test_cells_show_the_values(name: str) -> None:
    """Each cell shows its value, or nothing while it is unknown."""
    simulation = simulation_of(SHAPES[name])
    for cursor in range(0, len(simulation.steps) + 1, 7):
        moment = simulation.seek(cursor)
        panel = view(moment)
        for table in panel.all("table"):
            new = "gives" in table.classes
            for address, cell in cells(table):
                right = expected(moment, address, new=new)
                assert value(cell) == pytest.approx(right, rel=0, abs=0, nan_ok=True), address
                assert cell.all("a")[0]["href"].startswith("/?at=" + address)


def test_every_quantity_has_a_cell() -> None:
    """Every quantity of an iteration has a cell."""
    for shape in SHAPES.values():
        simulation = simulation_of(shape)
        there = {address for address, _ in cells(view(simulation))}
        read = {operand for step in simulation.steps for operand in step.operands}
        assert there == {step.result for step in simulation.steps} | read
        assert {parse(address)[0] for address in there} <= KINDS


@pytest.mark.parametrize("by", ["unit", "layer", "phase"])
def test_the_step_just_taken_is_marked(by: str) -> None:
    """The blocks and cells of the last step are marked."""
    assert not of_class(view(DECK.simulation, by=by), "now")
    for count in range(1, len(DECK.simulation.compiled.ends[by]) + 1, 4 if by == "unit" else 1):
        simulation = DECK.simulation.step(by, count)
        step_view = StepView(simulation.shape, simulation.cursor, by)
        panel = view(simulation, by=by)
        now = of_class(panel, "now")
        assert len(now) == len({(step.kind, step.layer) for step in step_view.block})
        assert panel.id("slide4-now") is now[0]
        made = {a for block in now for a, cell in cells(block) if "result" in cell.classes}
        read = {a for block in now for a, cell in cells(block) if "operand" in cell.classes}
        assert made == step_view.results
        assert read == step_view.operands


@pytest.mark.parametrize("shape", [SHAPES["3-4-2"], *ALL[::4]], ids=str)
def test_what_is_explained_is_selected(shape: Shape) -> None:
    """The explained quantity and its operands are selected."""
    step_view = StepView(shape, len(StepView(shape, 0, "layer").steps), "layer")
    for step in step_view.steps:
        marked = marks(matrix_form(step_view, (step.result,), str))
        assert marked["selected"] == {step.result}
        assert marked.get("selected-from", set()) == set(step.operands) - {step.result}


def marks(phases: tuple[EquationPhase, ...]) -> dict[str, set[str]]:
    """Which quantities have which class."""
    found: dict[str, set[str]] = {}
    for phase in phases:
        for line in (line for block in phase.blocks for line in block.lines):
            for cell in (
                cell for term in line if term.grid for row in term.grid.rows for cell in row
            ):
                for name in cell.marks.split():
                    found.setdefault(name, set()).add(cell.address)
    return found


def of(simulation: Simulation) -> list[EquationBlock]:
    step_view = StepView(simulation.shape, 0, "layer")
    return [block for phase in matrix_form(step_view, (), str) for block in phase.blocks]


def test_shapes_of_the_deck() -> None:
    """The shapes are those of slide 4."""
    written = [block.shapes for block in of(DECK.simulation)]
    assert len(written) == 19
    assert written[0] == "1×3 · 3×4 + 1 → 1×4"
    assert written[2] == "1×4 · 4×2 + 1 → 1×2"
    assert written[4] == "1×2 − 1×2 → 1×2, Σ 1×2 → 1"
    assert written[7] == "1×2 ⊙ 1×2 → 1×2"
    assert written[8] == "4×1 ∘ 1×2 → 4×2"
    assert written[10] == "1×2 ∘ (4×2)ᵀ = 1×2 ∘ 2×4 → 1×4"
    assert written[13] == "3×1 ∘ 1×4 → 3×4"
    assert written[15] == "4×2 − 1 ∗ 4×2 → 4×2"


@EVERY_SHAPE
def test_code_says_what_it_is_about(shape: Shape) -> None:
    """The names in the NumPy lines stand for the matrices of their equation."""
    for block in of(simulation_of(shape)):
        wholes = {term.grid.of for line in block.lines for term in line if term.grid}
        for code, line in zip(block.code, block.lines, strict=True):
            named = {piece.of for piece in code.pieces if piece.of}
            assert named <= wholes | {f"net/{of[4:]}" for of in wholes if of.startswith("out/")} | {
                of.replace("activation_slope", "net") for of in wholes
            }
            result = line[-1].grid
            assert result is not None
            assert code.pieces[0].of == code.of == result.of
