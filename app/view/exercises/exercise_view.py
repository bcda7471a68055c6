"""An exercise that was entered: its drawing, what is assumed and what was not read; and the form beside
the text."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.errors import N_, Invalid
from app.exercises.assembly.exercise import Exercise, read_exercise
from app.exercises.kept_names import conventions_of
from app.exercises.lexing.sources import Unreadable
from app.simulation.history import History
from app.simulation.simulation import Simulation
from app.view.exercises.working_view import place_in_text
from app.view.export.graph_svg import graph_svg
from app.view.notation.labels import Translate

MOST_OPTIONS = 3  # of a choice that are drawn
# The fields of the form, in the order in which they become lines of the text: name, what the line
# begins with, and the label. A matrix may be typed in any notation, the rows being where weights start.
MATRICES = ("W1", "W2", "W3", "W4")
BIASES = ("b1", "b2", "b3", "b4")
FORM_FIELDS = ("layers", "x", "t", *MATRICES, *BIASES, "functions", "rate")
_BEGINNINGS = {"layers": "Layers ", "functions": "", "rate": "learning rate = "}


@dataclass(frozen=True, slots=True)
class ShownOption:
    """One reading of what the text leaves open, with the network that it gives."""

    name: str
    label: str
    is_chosen: bool
    graph: Markup


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """What the text leaves open."""

    name: str
    question: str
    options: tuple[ShownOption, ...]


@dataclass(frozen=True, slots=True)
class ReadExercise:
    """What was read."""

    simulation: Simulation
    shape: str
    graph: Markup
    assumed: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]  # the place and the text
    choices: tuple[ShownChoice, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """Why nothing was read, and the line of the text that says so."""

    message: str
    before: str  # of the line, up to the place
    after: str
    field: str  # of the form, if the line is one of its


def simulation_of(exercise: Exercise) -> Simulation:
    """The network with the names and signs of the sheet."""
    start = exercise.start.with_conventions(conventions_of(exercise))
    return Simulation(start, 0, History.starting_at(start))


def shown_exercise(text: str, chosen: Mapping[str, str], _: Translate) -> ReadExercise:
    """What a text says. Raises Invalid."""
    exercise = read_exercise(text, chosen)
    simulation = simulation_of(exercise)
    return ReadExercise(
        simulation,
        simulation.shape.text,
        _drawn(simulation, _),
        tuple(remark.translated(_) for remark in exercise.assumed),
        tuple((place_in_text(span.line, span.column, _), span.text) for span in exercise.unread),
        tuple(
            ShownChoice(
                choice.name,
                choice.question.translated(_),
                tuple(
                    ShownOption(
                        option.name,
                        option.label.translated(_),
                        option.name == choice.chosen,
                        _option_drawn(text, {**chosen, choice.name: option.name}, _)
                        if len(choice.options) <= MOST_OPTIONS
                        else Markup(""),
                    )
                    for option in choice.options
                ),
            )
            for choice in exercise.choices
        ),
    )


def _drawn(simulation: Simulation, _: Translate) -> Markup:
    return Markup(graph_svg(simulation, _("The network")))  # contains no visitor's text


def _option_drawn(text: str, chosen: Mapping[str, str], _: Translate) -> Markup:
    try:
        return _drawn(simulation_of(read_exercise(text, chosen)), _)
    except Invalid:  # this reading fits nothing else that is chosen
        return Markup("")


def unread(text: str, error: Invalid, filled: Mapping[str, int], _: Translate) -> Unread:
    """Why a text was not read. `filled` are the fields of the form by their lines in the text."""
    if not isinstance(error, Unreadable):
        return Unread(error.sentence(_), "", "", "")
    lines = text.replace("\r\n", "\n").split("\n")
    line = lines[error.line - 1] if error.line <= len(lines) else ""
    # What is missing has its place after the text, and belongs to no field.
    here = [name for name, number in filled.items() if number == error.line]
    field = here[0] if here and error.column <= len(line) else ""
    return Unread(error.sentence(_), line[: error.column - 1], line[error.column - 1 :], field)


def text_of_form(form: Mapping[str, str]) -> tuple[str, dict[str, int]]:
    """The text of an exercise that was entered in the form, and the line of each field."""
    lines: list[str] = []
    filled: dict[str, int] = {}
    for name in FORM_FIELDS:
        typed = " ".join(form.get(name, "").split())
        if not typed:
            continue
        if name in _BEGINNINGS:
            lines.append(_BEGINNINGS[name] + typed)
        else:
            is_bare = name in MATRICES and not typed.startswith(("[", "(", "{", "\\", "np."))
            lines.append(f"{name} = [{typed}]" if is_bare else f"{name} = {typed}")
        filled[name] = len(lines)
    return "\n".join(lines), filled


FUNCTIONS = (  # offered in the form: what stands in the text, and what is read
    ("sigmoid, E = 1/2 sum (t - o)^2", N_("sigmoid, squared error")),
    ("tanh, E = 1/2 sum (t - o)^2", N_("tanh, squared error")),
    ("hidden ReLU, output sigmoid, E = 1/2 sum (t - o)^2", N_("ReLU, then sigmoid; squared error")),
    ("hidden ReLU, output softmax, cross-entropy", N_("ReLU, then softmax; cross-entropy")),
    ("hidden sigmoid, output softmax, cross-entropy", N_("sigmoid, then softmax; cross-entropy")),
    ("sigmoid everywhere, binary cross-entropy", N_("sigmoid, binary cross-entropy")),
)
