"""Training as a Jupyter notebook: the program in cells, told in the page's language."""

import json
from collections.abc import Iterator

from app.simulation.simulation import Simulation
from app.view.export.matrix_program import settings_given
from app.view.export.numpy_program import (
    ITERATIONS,
    blocks,
    example_at,
    examples_given,
    imports,
    loop,
    order_given,
    order_imports,
    parameter_names,
    printing,
)
from app.view.notation.explanations import phase_why
from app.view.notation.labels import Translate, phase_title

Cell = tuple[str, list[str]]  # markdown or code, and its lines


def notebook(simulation: Simulation, _: Translate) -> str:
    """The notebook as JSON (nbformat 4.5). Run from top to bottom it prints what run.py prints."""
    content = {
        "cells": [_cell(index, *cell) for index, cell in enumerate(_cells(simulation, _), 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cell(index: int, kind: str, lines: list[str]) -> dict[str, object]:
    source = [f"{line}\n" for line in lines[:-1]] + lines[-1:]
    cell: dict[str, object] = {"cell_type": kind, "id": f"cell-{index}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": source}


def _cells(simulation: Simulation, _: Translate) -> Iterator[Cell]:
    shape = simulation.shape.text
    which = {"iteration": simulation.iteration, "example": simulation.example + 1}
    title = _("Backstep: training of a %(shape)s network") % {"shape": shape}
    yield _told(
        f"# {title}",
        _(
            "The cells compute with NumPy what Backstep computes, from the same numbers: run them "
            "from top to bottom. Arrays are rows, and a weight matrix has a row for each unit that "
            "it leads from."
        ),
    )
    yield "code", [*order_imports(simulation), *imports(simulation)]
    yield _told("## " + _("What iteration %(iteration)s begins with") % which)
    given = [*examples_given(simulation, "np.array"), "", *settings_given(simulation)]
    yield "code", [*given, *order_given(simulation, _)]
    yield _told(
        f"## {phase_title(_, 'forward')}",
        phase_why(_, "forward"),
        _("Iteration %(iteration)s takes example %(example)s.") % which,
    )
    given = [
        f"iteration = {simulation.iteration}",
        f"x, target = examples[{example_at(simulation, 'iteration')}]",
    ]
    yield "code", [*given, *_phase(simulation, "forward", _), "", "E"]
    yield _told(f"## {phase_title(_, 'backward')}", phase_why(_, "backward"))
    first = f"d{parameter_names(simulation)[0]}"
    yield "code", [*_phase(simulation, "backward", _)[1:], "", first]
    yield _told(
        "## " + _("Training"),
        phase_why(_, "update", simulation.network.shape),
        _(
            "Forward pass, backward pass and update, again and again: E of each iteration is "
            "printed. Change lr or count, and run the cells again from the top."
        ),
    )
    yield "code", [f"count = {ITERATIONS}", *loop(simulation, _)]
    yield _told("## " + _("What it has learned, with all digits"))
    yield "code", [*printing(simulation)]


def _told(*paragraphs: str) -> Cell:
    return "markdown", "\n\n".join(paragraphs).split("\n")


def _phase(simulation: Simulation, phase: str, _: Translate) -> list[str]:
    """The lines of one pass, each block under its heading."""
    steps = tuple(step for step in simulation.steps if step.phase == phase)
    return [
        line for title, lines in blocks(simulation, steps, _) for line in ("", f"# {title}", *lines)
    ]
