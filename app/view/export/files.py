"""The files that a visitor can download, by name. A new file is an entry here."""

from collections.abc import Callable
from dataclasses import dataclass

from app.analysis.rounding import RoundedIteration
from app.backprop.errors import N_
from app.simulation.simulation import Simulation
from app.view.export.csv_files import FIELD, history_csv, parameters_csv, steps_csv
from app.view.export.graph_svg import graph_svg
from app.view.export.notebook import notebook
from app.view.export.numpy_program import numpy_program
from app.view.export.pytorch_program import pytorch_program
from app.view.export.session_file import session_json
from app.view.export.steps_program import steps_program
from app.view.notation.labels import Translate, rounding_note
from app.view.rendering.panel import SHARE, Panel


@dataclass(frozen=True, slots=True)
class File:
    """One file: its name, media type and description, and the function that writes it."""

    name: str
    media: str
    title: str
    summary: str
    # With what is on the board, while the page rounds each result.
    write: Callable[[Simulation, Translate, RoundedIteration | None], str]


def _title(simulation: Simulation, _: Translate) -> str:
    values = {"shape": simulation.shape.text, "iteration": simulation.iteration}
    return _("Backstep: a %(shape)s network in iteration %(iteration)s") % values


FILES = {
    file.name: file
    for file in (
        File(
            "session.json",
            "application/json",
            N_("The whole simulation"),
            N_("network, examples, settings and current step, exactly; can be opened again"),
            lambda simulation, _, board: session_json(simulation, board),
        ),
        File(
            "parameters.csv",
            "text/csv",
            N_("Weights and biases"),
            N_("a table by address; can be opened again"),
            lambda simulation, _, board: parameters_csv(simulation, board),
        ),
        File(
            "steps.csv",
            "text/csv",
            N_("The steps of this iteration"),
            N_("each with its operands and its value"),
            lambda simulation, _, board: steps_csv(simulation, board),
        ),
        File(
            "history.csv",
            "text/csv",
            N_("The error curve"),
            N_("E by iteration"),
            lambda simulation, _, board: history_csv(simulation, board),
        ),
        File(
            "run.py",
            "text/x-python",
            N_("A NumPy program"),
            N_("continues training from here and prints the same numbers"),
            numpy_program,
        ),
        File(
            "steps.py",
            "text/x-python",
            N_("A step-by-step program"),
            N_("one line per step, without NumPy; prints the same digits"),
            steps_program,
        ),
        File(
            "notebook.ipynb",
            "application/x-ipynb+json",
            N_("A Jupyter notebook"),
            N_("the NumPy program in cells, explained"),
            notebook,
        ),
        File(
            "run_pytorch.py",
            "text/x-python",
            N_("A PyTorch program"),
            N_("the same with autograd"),
            pytorch_program,
        ),
        File(
            "graph.svg",
            "image/svg+xml",
            N_("The drawing"),
            N_("for a slide or a report"),
            lambda simulation, _, board: graph_svg(
                simulation,
                _title(simulation, _),
                board=board,
                note=rounding_note(_, board.rounding.name) if board else "",
            ),
        ),
    )
}


PANEL = Panel(
    "home",
    "export",
    N_("Share and export"),
    SHARE,
    lambda context: {"files": FILES.values()},
    fields=(FIELD,),
    shows_link=True,
)
