"""The current iteration as a program: the lines of slide 4, which print every value with NumPy
alone.

Its numbers are written with all their digits, so it computes what the iteration computes.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from math import isfinite

from app.backprop.network import Network, Shape
from app.backprop.steps import Step, steps_of
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, layer_words, phase_title, slide
from app.view.notation.numpy_lines import NUMBER_NAMES, SETTLE, names_of, numpy_line


def program_text(simulation: Simulation, _: Translate) -> str:
    """The program of the whole current iteration, at whatever step the cursor is.

    It prints every value as `name = list`, or `name = number`. A weight or bias has the same name
    before and after the update, so its new value is printed.
    """
    shape = simulation.shape
    lines = [
        *(f"# {line}" for line in _heading_lines(simulation, _)),
        "import numpy as np",
        *_non_finite_lines(simulation),
        *settle_lines(shape),
        "",
        comment(_("What the iteration begins with")),
        *_input_lines(simulation),
    ]
    made: list[str] = []
    for heading, block in step_blocks(shape, simulation.steps, _):
        lines += ["", f"# {heading}", *block]
        made += (line.partition(" = ")[0] for line in block)
    lines += ["", comment(_("Every value by its name"))]
    lines += (f'print("{name} =", np.asarray({name}).tolist())' for name in made)
    return "\n".join(lines) + "\n"


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
        if not all(map(isfinite, simulation.start.inputs)):
            yield "from numpy import inf, nan"
        yield 'np.seterr(all="ignore")'


def _input_lines(simulation: Simulation) -> Iterator[str]:
    """x, target, lr and the old weights and biases, under the names that the lines use."""
    example = simulation.examples[simulation.example]
    yield f"x = np.array({rows_literal((example.inputs,))})"
    yield f"target = np.array({rows_literal((example.targets,))})"
    yield from start_lines(simulation)


def array_lines(network: Network, what: str) -> Iterator[str]:
    """The assignments of the weight matrices and biases, or of what belongs to them."""
    names = parameter_names(network.shape, what)
    for name, literal in zip(names, parameter_literals(network), strict=True):
        yield f"{name} = " + (f"np.array({literal})" if literal.startswith("[") else literal)


def start_lines(
    simulation: Simulation,
    count: str = "",
    lines: Callable[[Network, str], Iterator[str]] = array_lines,
) -> Iterator[str]:
    """lr and the other hyperparameters, what the optimiser keeps, with batch updates the number of
    examples and the accumulated gradients, and the old weights and biases.

    Args:
        count: an expression for the number of examples; empty to write the number.
        lines: writes the assignments of parameters, or of what belongs to them, such as `_sum`.
    """
    start, network = simulation.start, simulation.network
    yield f"lr = {simulation.learning_rate!r}"
    for name, value in start.hyperparameter_values.items():
        yield f"{NUMBER_NAMES[name]} = {value!r}"
    for name, kept in start.kept.items():
        yield from lines(kept, f"_{name}")
    if network.shape.counts_updates:
        yield f"t = {start.optimiser_state[-1]!r}"
    if start.accumulated:
        yield f"n = {count or len(simulation.examples)}"
        yield from lines(Network(network.shape, start.accumulated), "_sum")
    yield from lines(network, "")


def parameter_names(shape: Shape, what: str = "") -> list[str]:
    """W_ih, W_ho, b1, b2: the variables in the order of `parameter_literals`.

    Args:
        what: for the variables of what belongs to them, such as `_sum`.
    """
    name_of = {of: name for name, of in names_of(shape).items()}
    kinds = ("weight",) if shape.bias == "none" else ("weight", "bias")
    return [name_of[f"{kind}{what}/{layer}"] for kind in kinds for layer in range(shape.depth - 1)]


def parameter_literals(network: Network) -> Iterator[str]:
    """Every weight matrix and bias as Python; a shared bias is a number."""
    shared = network.shape.bias == "shared"
    yield from (rows_literal(matrix) for matrix in network.weights)
    yield from (repr(row[0]) if shared else rows_literal((row,)) for row in network.biases)


def rows_literal(rows: tuple[tuple[float, ...], ...]) -> str:
    """Rows of numbers as Python writes them, with all their digits."""
    return repr([list(row) for row in rows])


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
