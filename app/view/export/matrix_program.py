"""The current iteration as a program: the lines of slide 4, which print every value with NumPy
alone.

Its numbers are written with all their digits, so it computes what the iteration computes.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from math import isfinite

from app.backprop.compiler import Numbers
from app.backprop.network import Network, Shape
from app.backprop.steps import Step, steps_of
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, layer_words, phase_title, slide
from app.view.notation.numpy_lines import NUMBER_NAMES, SETTLE, numpy_line, variables


def program_text(simulation: Simulation, _: Translate, notes: Iterable[str] = ()) -> str:
    """The program of the whole current iteration, at whatever step the cursor is.

    `notes` say how its numbers compare with those on the page.

    It prints every value as `name = list`, or `name = number`. A weight or bias has the same name
    before and after the update, so its new value is printed.
    """
    shape = simulation.shape
    lines = [
        *map(comment, (*_heading_lines(simulation, _), *notes)),
        "import numpy as np",
        *_non_finite_lines(simulation),
        *settle_lines(shape),
        "",
        comment(_("Values at the start of the iteration")),
        *_input_lines(simulation),
    ]
    made: list[str] = []
    for heading, block in step_blocks(shape, simulation.steps, _):
        lines += ["", f"# {heading}", *block]
        made += (line.partition(" = ")[0] for line in block)
    lines += ["", comment(_("Every value by its name"))]
    return "\n".join([*lines, *print_lines(made)]) + "\n"


def print_lines(names: Iterable[str]) -> Iterator[str]:
    """Print arrays or numbers with all their digits."""
    return (f'print("{name} =", np.asarray({name}).tolist())' for name in names)


def settle_lines(shape: Shape) -> Iterator[str]:
    """The function that the lines of a network with a kink call."""
    if any(step.settles for step in steps_of(shape)):
        yield from ("", "", *SETTLE, "")


def _heading_lines(simulation: Simulation, _: Translate) -> Iterator[str]:
    shape = {"shape": simulation.shape.text}
    yield _("Backstep: one iteration of a %(shape)s network, in matrices (slide 4)") % shape
    values = {"iteration": simulation.iteration, "example": simulation.example + 1}
    yield _("Iteration %(iteration)s, example %(example)s") % values
    yield _("Arrays are rows: x is 1 × %(inputs)s") % {"inputs": simulation.shape.layers[0]}


def _non_finite_lines(simulation: Simulation) -> Iterator[str]:
    """What a program needs if its numbers overflow; the page shows ∞ then, too."""
    numbers = simulation.start.inputs + simulation.trace()
    if not all(abs(number) < 700 for number in numbers):  # e^710 overflows
        if not finite(simulation):
            yield "from numpy import inf, nan"
        yield 'np.seterr(all="ignore")'


def finite(simulation: Simulation) -> bool:
    """Whether all inputs are finite: Python has no literals for inf and nan."""
    return all(map(isfinite, simulation.start.inputs))


def _input_lines(simulation: Simulation) -> Iterator[str]:
    """x, target, lr and the old weights and biases, under the names that the lines use."""
    example = simulation.examples[simulation.example]
    yield f"x = {np_array(example.inputs)}"
    yield f"target = {np_array(example.targets)}"
    yield from start_lines(simulation)


def array_lines(network: Network, what: str) -> Iterator[str]:
    """The assignments of the weight matrices and biases, or of what belongs to them."""
    for name, literal in parameter_literals(network, what).items():
        yield f"{name} = " + (f"np.array({literal})" if literal.startswith("[") else literal)


def start_lines(
    simulation: Simulation,
    count: str = "",
    lines: Callable[[Network, str], Iterator[str]] = array_lines,
    number: Callable[[float], str] = repr,
) -> Iterator[str]:
    """lr and the other hyperparameters, what the optimiser keeps, with batch updates the number of
    examples and the accumulated gradients, and the old weights and biases.

    Args:
        count: an expression for the number of examples; empty to write the number.
        lines: writes the assignments of parameters, or of what belongs to them, such as `_sum`.
        number: writes a number.
    """
    start, network = simulation.start, simulation.network
    yield f"lr = {number(simulation.learning_rate)}"
    for name, value in start.hyperparameter_values.items():
        yield f"{NUMBER_NAMES[name]} = {number(value)}"
    for name, kept in start.kept.items():
        yield from lines(kept, f"_{name}")
    if network.shape.counts_updates:
        yield f"t = {number(start.optimiser_state[-1])}"
    if start.accumulated:
        yield f"n = {count or len(simulation.examples)}"
        yield from lines(Network(network.shape, start.accumulated), "_sum")
    yield from lines(network, "")


def parameter_names(shape: Shape, what: str = "") -> list[str]:
    """W_ih, W_ho, b1, b2; or the variables of what belongs to them, such as `_sum`."""
    name_of = variables(shape)
    kinds = ("weight",) if shape.bias == "none" else ("weight", "bias")
    return [name_of[f"{kind}{what}/{layer}"] for kind in kinds for layer in range(shape.depth - 1)]


def parameter_literals(network: Network, what: str = "") -> dict[str, str]:
    """The numbers of each of these variables as Python; a shared bias is a number."""
    shared = network.shape.bias == "shared"
    literals = [rows_literal(matrix) for matrix in network.weights]
    literals += (repr(row[0]) if shared else rows_literal((row,)) for row in network.biases)
    return dict(zip(parameter_names(network.shape, what), literals, strict=True))


def rows_literal(rows: tuple[tuple[float, ...], ...]) -> str:
    """Rows of numbers as Python writes them, with all their digits."""
    return repr([list(row) for row in rows])


def np_array(numbers: Numbers) -> str:
    """A NumPy array of one row."""
    return f"np.array({rows_literal((numbers,))})"


def comment(text: str) -> str:
    """A comment line. Callers need no f-strings around texts, in which Babel would not find them."""
    return f"# {text}"


def step_blocks(
    shape: Shape, steps: tuple[Step, ...], _: Translate
) -> Iterator[tuple[str, list[str]]]:
    """The NumPy lines of steps, each block with its heading."""
    for title, block in groupby(steps, lambda step: step_heading(_, shape, step)):
        kinds = dict.fromkeys((step.kind, step.layer) for step in block)
        yield title, "\n".join(numpy_line(shape, *kind) for kind in kinds).split("\n")


def step_heading(_: Translate, shape: Shape, step: Step) -> str:
    """The heading of a step's block: the phase, the layer (except forward), and the slide."""
    what = phase_title(_, step.phase)
    if step.phase != "forward":
        what += f": {layer_words(_, shape, step.layer)}"
    return f"{what} ({_('slide %(slide)s') % {'slide': slide(shape, step)}})"
