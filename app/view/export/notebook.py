"""Training as a Jupyter notebook: the NumPy program in cells, explained in the page's language."""

import json
from collections.abc import Iterator

from app.analysis.rounding import RoundedIteration
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import (
    np_array,
    parameter_names,
    print_lines,
    start_lines,
    step_blocks,
)
from app.view.export.numpy_program import (
    ITERATIONS,
    example_at,
    example_lines,
    import_lines,
    loop,
    order_imports,
    order_lines,
    rounding_notes,
)
from app.view.notation.explanations import phase_why
from app.view.notation.labels import Translate, phase_title

Cell = tuple[str, list[str]]  # markdown or code, and its lines


def notebook(simulation: Simulation, _: Translate, board: RoundedIteration | None = None) -> str:
    """The notebook as JSON (nbformat 4.5). Run from top to bottom, it prints what run.py prints."""
    content = {
        "cells": [
            _cell_json(index, *cell)
            for index, cell in enumerate(_contents(simulation, _, board), 1)
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cell_json(index: int, kind: str, lines: list[str]) -> dict[str, object]:
    source = [f"{line}\n" for line in lines[:-1]] + lines[-1:]
    cell: dict[str, object] = {"cell_type": kind, "id": f"cell-{index}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": source}


def _contents(
    simulation: Simulation, _: Translate, board: RoundedIteration | None
) -> Iterator[Cell]:
    shape = simulation.shape.text
    values = {"iteration": simulation.iteration, "example": simulation.example + 1}
    title = _("Backstep: training of a %(shape)s network") % {"shape": shape}
    yield _markdown(
        f"# {title}",
        _(
            "The cells compute with NumPy what Backstep computes, from the same numbers: run them "
            "from top to bottom. Arrays are rows, and a weight matrix has a row for each unit that "
            "it leads from."
        ),
        *(f"{note}." for note in rounding_notes(_, board)),
    )
    yield "code", [*order_imports(simulation), *import_lines(simulation)]
    yield _markdown("## " + _("Values at the start of iteration %(iteration)s") % values)
    given = [*example_lines(simulation, np_array), "", *start_lines(simulation)]
    yield "code", [*given, *order_lines(simulation, _)]
    yield _markdown(
        f"## {phase_title(_, 'forward')}",
        phase_why(_, "forward"),
        _("Iteration %(iteration)s uses example %(example)s.") % values,
    )
    given = [
        f"iteration = {simulation.iteration}",
        f"x, target = examples[{example_at(simulation, 'iteration')}]",
    ]
    yield "code", [*given, *_phase(simulation, "forward", _), "", "E"]
    yield _markdown(f"## {phase_title(_, 'backward')}", phase_why(_, "backward"))
    first = f"d{parameter_names(simulation.shape)[0]}"
    yield "code", [*_phase(simulation, "backward", _)[1:], "", first]
    yield _markdown(
        "## " + _("Training"),
        phase_why(_, "update", simulation.network.shape),
        _(
            "Forward pass, backward pass and update, again and again: E of each iteration is "
            "printed. Change lr or count, and run the cells again from the top."
        ),
    )
    yield "code", [f"count = {ITERATIONS}", *loop(simulation, _)]
    yield _markdown("## " + _("What it has learned, with all digits"))
    yield "code", [*print_lines(parameter_names(simulation.shape))]


def _markdown(*paragraphs: str) -> Cell:
    return "markdown", "\n\n".join(paragraphs).split("\n")


def _phase(simulation: Simulation, phase: str, _: Translate) -> list[str]:
    """The lines of one phase, each block under its heading."""
    steps = tuple(step for step in simulation.steps if step.phase == phase)
    blocks = step_blocks(simulation.network.shape, steps, _)
    return [line for title, lines in blocks for line in ("", f"# {title}", *lines)]
