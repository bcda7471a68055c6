"""The matrix strip: the equation of slide 4 for the step, with what the focus is made from."""

import pytest

from app.backprop.network import Shape
from app.backprop.steps import steps_of
from app.view.notation.numpy_lines import numpy_line
from app.view.rendering.step_view import StepView
from app.view.screen.matrix_strip import (
    MOST_IN_ROW,
    MOST_ROWS,
    MatrixStrip,
    StripCell,
    matrix_strip,
)
from tests.support.networks import SHAPES

DECK = SHAPES["3-4-2"]


def strip_after(shape: Shape, cursor: int, *path: str, by: str = "layer") -> MatrixStrip:
    return matrix_strip(StepView(shape, cursor, by), path, str)


def cells(strip: MatrixStrip) -> list[StripCell]:
    return [
        cell
        for line in strip.lines
        for term in line
        if term.grid
        for row in term.grid.rows
        for cell in row
    ]


def focused(strip: MatrixStrip) -> set[str]:
    return {each.cell.address for each in cells(strip) if each.cell and "focused" in each.classes}


@pytest.mark.parametrize("by", ["unit", "layer"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_strip_is_that_of_the_step(shape: Shape, by: str) -> None:
    """After every step stand its code, its result and, of the element in focus, all operands."""
    for cursor in range(1, len(steps_of(shape)) + 1):
        step_view = StepView(shape, cursor, by)
        strip = matrix_strip(step_view, (), str)
        step = step_view.focused()
        assert step is not None
        code = "\n".join("".join(piece.text for piece in line.pieces) for line in strip.code)
        assert code == numpy_line(shape, step.kind, step.layer)
        assert any(
            each.cell and each.cell.address == step.result and "result focused" in each.classes
            for each in cells(strip)
        )
        assert not strip.is_next


def test_row_and_column_of_the_focus() -> None:
    """What the element in focus is made from is marked, whichever unit is chosen."""
    chosen = strip_after(DECK, 4, "net/1/2")
    assert focused(chosen) == {
        *("out/0/0", "out/0/1", "out/0/2", "bias/0", "net/1/2"),
        *("weight/0/0/2", "weight/0/1/2", "weight/0/2/2"),
    }
    end = next(n for n, step in enumerate(steps_of(DECK)) if step.kind == "weight_gradient") + 8
    gradient = strip_after(DECK, end, "weight/1/3/1", "weight_gradient/1/3/1")
    assert focused(gradient) == {"out/1/3", "delta/2/1", "weight_gradient/1/3/1"}


def test_before_the_first_step() -> None:
    """The equation of the step to come, without its result and without a focus."""
    strip = strip_after(DECK, 0)
    assert strip.is_next
    assert not focused(strip)
    results = [each.cell for each in cells(strip) if each.cell and each.cell.address[:3] == "net"]
    assert [cell.value for cell in results] == [None] * 4


@pytest.mark.parametrize("layers", [(8, 8, 8, 4), (8, 1), (1, 8), (5, 5)])
def test_large_matrices_fit(layers: tuple[int, ...]) -> None:
    """In numbers are at most four rows and five columns; the others are heat maps or shortened."""
    shape = Shape(layers, ("sigmoid",) * (len(layers) - 1))
    for cursor in range(1, len(steps_of(shape)) + 1):
        strip = strip_after(shape, cursor)
        shown = focused(strip)
        for line in strip.lines:
            for term in line:
                if term.grid is None or term.grid.is_map:
                    continue
                assert len(term.grid.rows) <= max(MOST_ROWS, 5)
                assert all(len(row) <= MOST_IN_ROW for row in term.grid.rows)
        assert shown
