"""The formulas of the slide walkthrough."""

import re

import pytest

from app.backprop.functions import OPTIMISERS
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.notation.formulas import mathml
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import StepView
from app.view.slides.sections import Section
from app.view.slides.slide_lines import SlideLine
from tests.support.formula_evaluator import evaluate_mathml
from tests.view.test_formulas import HOLE, filled
from tests.view.test_slides import EVERY_NETWORK, sections

SLIPS = {
    "out-2": ["small-o"],
    "error-2": ["target"],
    "chain-2": ["zero"],
    "into-2-1": ["second-output"],
    "paths-1": ["paths"],
    "delta-1": ["brace"],
    "matrix-1": ["first-bias"],
}


def at_its_moment(simulation: Simulation, section: Section) -> Section:
    """The same section as it is written when its moment has just come."""
    return next(
        each for each in sections(simulation, cursor=section.cursor) if each.name == section.name
    )


@EVERY_NETWORK
def test_the_formulas_come_to_the_values(simulation: Simulation) -> None:
    """Every formula evaluates to its value."""
    numbers, shape = numbers_of(simulation), simulation.shape
    position = simulation.compiled.position
    reckoned = set()
    for section in sections(simulation):
        for line in section.page().lines:
            if line.formula is None:
                continue
            assert line.value is not None
            assert line.value.slot == position[line.of]
            terms = "".join(str(term.numbers)[6:-7] for term in line.formula.terms)
            value = evaluate_mathml(filled(f"<math>{terms}</math>", numbers))
            assert value == pytest.approx(numbers[position[line.of]], rel=1e-12, abs=1e-12)
            reckoned.add(line.of.split("/")[0])
    assert reckoned >= {"net", "out", "error", "delta", "weight_gradient"}
    assert ("error_slope" in reckoned) == (shape.depth > 2 or not shape.fused_delta)
    assert ("bias_gradient" in reckoned) == (shape.bias != "none")


@EVERY_NETWORK
def test_chains_say_one_number(simulation: Simulation) -> None:
    """A chain of derivatives evaluates to its quantity."""
    numbers = numbers_of(simulation)
    step_view = StepView(simulation.shape, len(simulation.steps), "unit")
    checked = 0
    for section in sections(simulation):
        for line in section.page().lines:
            last = line.pieces[-1] if line.pieces else ""
            if not HOLE.search(last) or "<mtable" in last:
                continue
            quantity = (
                step_view.quantity(line.of)
                if section.name == "model"
                else step_view.operand(line.of)
            )
            assert quantity is not None
            value = evaluate_mathml(filled(re.sub("<mo[^>]*>=</mo>", "", last, count=1), numbers))
            assert value == pytest.approx(numbers[quantity.slot], rel=1e-12, abs=1e-12)
            checked += 1
    assert checked >= 3  # lr, (3) of the output, and (1)·(2)·(3)


@EVERY_NETWORK
def test_matrices_hold_their_cells(simulation: Simulation) -> None:
    """Each matrix is one of the network's, row by row."""
    shape = simulation.shape
    step_view = StepView(shape, len(simulation.steps), "unit")
    wholes: set[tuple[int, ...]] = set()
    for kind in ("out", "net", "delta", "error_slope", "activation_slope"):
        for layer in range(kind != "out", shape.depth):
            if shape.fused_delta and layer == shape.depth - 1 and kind.endswith("_slope"):
                continue
            units = range(shape.layers[layer])
            wholes.add(tuple(step_view.operand(f"{kind}/{layer}/{unit}").slot for unit in units))
    wholes.add(tuple(step_view.operand(f"target/{k}").slot for k in range(shape.layers[-1])))
    for layer in range(shape.depth - 1):
        cells = [
            f"{layer}/{i}/{j}"
            for i in range(shape.layers[layer])
            for j in range(shape.layers[layer + 1])
        ]
        wholes.add(tuple(step_view.operand(f"weight/{cell}").slot for cell in cells))
        wholes.add(tuple(step_view.operand(f"weight_gradient/{cell}").slot for cell in cells))
        if shape.is_update_iteration:
            wholes.add(tuple(step_view.compiled.position[f"weight/{cell}"] for cell in cells))
        if shape.accumulates:
            wholes.add(tuple(step_view.operand(f"weight_sum/{cell}").slot for cell in cells))
        if shape.is_update_iteration:
            rules = [f"weight_{rule.name}" for rule in OPTIMISERS[shape.optimiser].rules]
            rules += ["weight_decayed"] * shape.weight_decay
            for rule in rules:
                wholes.add(tuple(step_view.operand(f"{rule}/{cell}").slot for cell in cells))
    seen = set()
    for section in sections(simulation):
        for line in section.page().lines:
            for piece in line.pieces:
                for table in re.findall("<mtable.*?</mtable>", piece):
                    slots = tuple(int(slot) for _, slot in HOLE.findall(table))
                    if slots:
                        assert slots in wholes, (section.name, line.of)
                        seen.add(slots)
    assert len(seen) >= 4


def test_each_slip_has_its_footnote() -> None:
    """The deck's errata are in their sections, with the right formula."""
    found = {s.name: s.page() for s in sections(DECK.simulation)}
    assert {name: [slip.name for slip in page.errata] for name, page in found.items() if page.errata} == SLIPS  # fmt: skip
    assert all(slip.printed or slip.name == "target" for p in found.values() for slip in p.errata)

    def board(name: str) -> str:
        return "".join("".join(line.pieces) for line in found[name].lines)

    def inner(latex: str) -> str:
        return str(mathml(latex)).removeprefix("<math>").removesuffix("</math>")

    right, wrong = inner(r"{w\prime }_{12}"), inner(r"{w\prime }_{21}")
    assert right in board("into-2-1")
    assert wrong not in board("into-2-1")
    for error, unit in (("E_1", "O1"), ("E_2", "O2")):
        assert inner(rf"\dfrac{{\partial {error}}}{{\partial \mathrm{{net}}_{{\mathrm{{{unit}}}}}}}") in board("paths-1")  # fmt: skip
    brace = re.search("<munder>.*</munder>", board("delta-1"))
    assert brace
    factors = inner(r"\mathrm{out}_{\mathrm{H2}} \, (1 - \mathrm{out}_{\mathrm{H2}})")
    assert re.sub("</?mrow>", "", factors) in re.sub("</?mrow>", "", brace[0])
    assert inner("E_1") not in board("matrix-1")
    for unit in ("H1", "H2", "H3", "H4"):
        assert inner(rf"\dfrac{{\partial E}}{{\partial \mathrm{{out}}_{{\mathrm{{{unit}}}}}}}") in board("matrix-1")  # fmt: skip
    assert ">01<" not in "".join(map(board, found))


def test_what_is_not_known_yet_has_no_value() -> None:
    """A value appears only after its step."""
    section = next(s for s in sections(DECK.simulation) if s.name == "update")
    before = at_its_moment(DECK.simulation, section).page()
    lines: dict[str, SlideLine] = {line.of: line for line in before.lines}
    assert lines["bias/0"].value is None
    assert lines["bias/1"].value is not None
    after = {line.of: line for line in section.page().lines}
    assert after["bias/0"].value is not None
    assert len(before.text) == len(section.page().text) + 1
