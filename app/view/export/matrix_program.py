"""The lines of slide 4 as a program of its own: with NumPy alone it prints the iteration's values.

It begins with the very numbers that the iteration begins with, written with all their digits.
"""

from collections.abc import Iterator
from itertools import groupby
from math import isfinite

from app.backprop.network import Network, Shape
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, layer_words, phase_title, slide
from app.view.notation.numpy_lines import names_of, numpy_line


def program_text(simulation: Simulation, _: Translate) -> str:
    """The program of the current iteration, whole, wherever in it the cursor stands.

    It prints every value as a line `name = list`, of what is one number `name = number`. Weights
    and biases have one name before and after the update, so they are printed as the new ones.
    """
    shape = simulation.shape
    lines = [
        *(f"# {line}" for line in _head(simulation, _)),
        "import numpy as np",
        *_beyond(simulation),
        "",
        comment(_("What the iteration begins with")),
        *_given(simulation),
    ]
    made: list[str] = []
    for heading, block in groupby(simulation.steps, lambda step: block_heading(_, shape, step)):
        lines += ["", f"# {heading}"]
        for kind, layer in dict.fromkeys((step.kind, step.layer) for step in block):
            line = numpy_line(shape, kind, layer)
            lines.append(line)
            made += (each.partition(" = ")[0] for each in line.split("\n"))
    lines += ["", comment(_("Every value by its name"))]
    lines += (f'print("{name} =", {name}.tolist())' for name in made)
    return "\n".join(lines) + "\n"


def _head(simulation: Simulation, _: Translate) -> Iterator[str]:
    shape = simulation.shape.text
    yield _("Backstep: one iteration of a %(shape)s network, in matrices (slide 4)") % {
        "shape": shape
    }
    which = {"iteration": simulation.iteration, "example": simulation.example + 1}
    yield _("Iteration %(iteration)s, example %(example)s") % which
    yield _("Arrays are rows: x is 1 × %(inputs)s") % {"inputs": simulation.shape.layers[0]}


def _beyond(simulation: Simulation) -> Iterator[str]:
    """What a program needs whose numbers leave the range of floats: the page shows ∞ there, too."""
    numbers = simulation.inputs() + simulation.trace()
    if not all(abs(number) < 700 for number in numbers):  # e^709 is the last that is finite
        if not all(map(isfinite, simulation.inputs())):
            yield "from numpy import inf, nan"
        yield 'np.seterr(all="ignore")'


def _given(simulation: Simulation) -> Iterator[str]:
    """x, target, lr and the old weights and biases, by the names that the lines use."""
    example = simulation.examples[simulation.example]
    yield f"x = np.array({listed((example.inputs,))})"
    yield f"target = np.array({listed((example.targets,))})"
    yield from settings_given(simulation)


def settings_given(simulation: Simulation) -> Iterator[str]:
    """lr and the old weights and biases."""
    network = simulation.network
    yield f"lr = {simulation.learning_rate!r}"
    if simulation.start.velocities:
        yield f"mu = {simulation.start.momentum!r}"
        yield from _parameters(Network(network.shape, simulation.start.velocities), "_velocity")
    if simulation.start.accumulated:
        yield f"n = {len(simulation.examples)}"
        yield from _parameters(Network(network.shape, simulation.start.accumulated), "_sum")
    yield from _parameters(network)


def _parameters(network: Network, what: str = "") -> Iterator[str]:
    """The weights and biases by their names, or what is laid out like them: velocities, sums."""
    name_of = {of: name for name, of in names_of(network.shape).items()}
    for layer, matrix in enumerate(network.weights):
        yield f"{name_of[f'weight{what}/{layer}']} = np.array({listed(matrix)})"
    for layer, row in enumerate(network.biases):
        text = repr(row[0]) if network.shape.bias == "shared" else f"np.array({listed((row,))})"
        yield f"{name_of[f'bias{what}/{layer}']} = {text}"


def listed(rows: tuple[tuple[float, ...], ...]) -> str:
    """Rows of numbers as Python writes them, with all their digits."""
    return repr([list(row) for row in rows])


def comment(text: str) -> str:
    """A line that says something. The texts themselves stand outside of f-strings, where babel does
    not find them."""
    return f"# {text}"


def block_heading(_: Translate, shape: Shape, step: Step) -> str:
    """What stands above a step's line: the pass, its layer but forward, and the deck's slide."""
    what = phase_title(_, step.phase)
    if step.phase != "forward":
        what += f": {layer_words(_, shape, step.layer)}"
    return f"{what} ({_('slide %(slide)s') % {'slide': slide(shape, step)}})"
