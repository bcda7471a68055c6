"""Training as a program of its own: with NumPy alone it prints what Backstep computes from here on.

The lines are those of slide 4, one iteration of them in a loop.
"""

from collections.abc import Iterator
from itertools import groupby
from math import isfinite

from app.backprop.compiler import compile_iteration
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import block_heading, comment, listed, settings_given
from app.view.notation.labels import Translate
from app.view.notation.numpy_lines import names_of, numpy_line

ITERATIONS = 100  # if nothing else is asked for


def numpy_program(simulation: Simulation, _: Translate) -> str:
    """The program from the start of the present iteration on, wherever in it the cursor stands.

    It prints `k E` for each iteration, then every weight matrix and bias as `name = numbers`. Its
    one argument is how many iterations to train.
    """
    lines = [
        *(f"# {line}" for line in head(simulation, _, "run.py")),
        "import sys",
        *order_imports(simulation),
        "",
        *imports(simulation),
        "",
        comment(_("The examples, x and target: each iteration takes the next")),
        *examples_given(simulation, "np.array"),
        "",
        comment(
            _("What iteration %(iteration)s begins with") % {"iteration": simulation.iteration}
        ),
        *settings_given(simulation),
        f"iteration = {simulation.iteration}",
        *order_given(simulation, _),
        "",
        f"count = int(sys.argv[1]) if len(sys.argv) > 1 else {ITERATIONS}",
        *loop(simulation, _),
        "",
        comment(_("What it has learned, with all digits")),
        *printing(simulation),
    ]
    return "\n".join(lines) + "\n"


def head(simulation: Simulation, _: Translate, name: str) -> Iterator[str]:
    """What the program is and how it is run."""
    shape = simulation.shape.text
    yield _("Backstep: training of a %(shape)s network") % {"shape": shape}
    yield _("python %(name)s 100 trains 100 iterations and prints E of each") % {"name": name}


def imports(simulation: Simulation) -> Iterator[str]:
    yield "import numpy as np"
    if not finite(simulation):
        yield "from numpy import inf, nan"
    yield ""
    yield 'np.seterr(all="ignore")  # a number too large becomes inf or nan, as in Backstep'


def finite(simulation: Simulation) -> bool:
    """Whether all numbers that are given can be written as such: Python has no literal for inf."""
    return all(map(isfinite, simulation.inputs()))


def examples_given(simulation: Simulation, array: str) -> Iterator[str]:
    """The list of all examples, as rows."""
    yield "examples = ["
    for example in simulation.examples:
        yield f"    ({array}({listed((example.inputs,))}), {array}({listed((example.targets,))})),"
    yield "]"


def order_imports(simulation: Simulation) -> list[str]:
    return [] if simulation.start.shuffle is None else ["from random import Random"]


def order_given(simulation: Simulation, _: Translate) -> Iterator[str]:
    """Which example is taken: a function of its own where each pass shuffles them."""
    seed = simulation.start.shuffle
    if seed is not None:
        yield from ("", "", "def order(number):")
        yield "    " + comment(_("The order of a pass: drawn lots, the lowest first"))
        yield f'    draw = Random(f"{seed}/{{number}}")'
        yield "    return sorted(range(len(examples)), key=lambda _: draw.random())"
        yield ""


def example_at(simulation: Simulation, iteration: str) -> str:
    """The index of the example that an iteration takes, as Python."""
    since = simulation.start.pass_start
    counted = f"({iteration} - {since})" if since else iteration
    if simulation.start.shuffle is None:
        return f"{counted} % len(examples)"
    return f"order({counted} // len(examples))[{counted} % len(examples)]"


def closes_at(simulation: Simulation, iteration: str) -> str:
    """Whether an iteration is the last of its pass, as Python."""
    since = simulation.start.pass_start
    return f"({iteration} + 1{f' - {since}' if since else ''}) % len(examples) == 0"


def loop(simulation: Simulation, _: Translate) -> Iterator[str]:
    """Training: one iteration after another, each with its example."""
    yield "for k in range(iteration, iteration + count):"
    yield f"    x, target = examples[{example_at(simulation, 'k')}]"
    steps, gathers = (
        compile_iteration(simulation.network.shape).steps,
        simulation.network.shape.accumulates,
    )
    always = tuple(step for step in steps if not (gathers and step.only_in_update_iteration))
    for title, lines in blocks(simulation, always, _):
        yield from ("", f"    # {title}", *(f"    {line}" for line in lines))
    if gathers:
        yield from _closing(simulation, steps[len(always) :], _)
    yield "    print(k, E)"


def _closing(simulation: Simulation, steps: tuple[Step, ...], _: Translate) -> Iterator[str]:
    """What only the last iteration of a pass does; the sums begin anew."""
    yield ""
    yield f"    if {closes_at(simulation, 'k')}:  " + comment(_("the last example of a pass"))
    for title, lines in blocks(simulation, steps, _):
        yield from (f"        # {title}", *(f"        {line}" for line in lines))
    yield "        " + comment(_("The next pass gathers anew"))
    for name in parameter_names(simulation):
        yield f"        s{name} = np.zeros_like(s{name})"


def blocks(
    simulation: Simulation, steps: tuple[Step, ...], _: Translate
) -> Iterator[tuple[str, list[str]]]:
    """The lines of steps, under what stands above them."""
    shape = simulation.network.shape
    for title, block in groupby(steps, lambda step: block_heading(_, shape, step)):
        kinds = dict.fromkeys((step.kind, step.layer) for step in block)
        yield title, "\n".join(numpy_line(shape, *kind) for kind in kinds).split("\n")


def printing(simulation: Simulation) -> Iterator[str]:
    """Every weight matrix and bias by its name."""
    for name in parameter_names(simulation):
        yield f'print("{name} =", np.asarray({name}).tolist())'


def parameter_names(simulation: Simulation) -> list[str]:
    """W_ih, W_ho, b1, b2: in the order of `Network.weights` and `Network.biases`."""
    network = simulation.network
    name_of = {of: name for name, of in names_of(network.shape).items()}
    names = [name_of[f"weight/{layer}"] for layer in range(len(network.weights))]
    return names + [name_of[f"bias/{layer}"] for layer in range(len(network.biases))]
