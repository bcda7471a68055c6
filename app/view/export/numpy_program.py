"""Training as a NumPy program: from here on, it prints what Backstep computes.

It runs the lines of slide 4 in a loop. The other programs of training share its parts.
"""

from collections.abc import Callable, Iterable, Iterator

from app.analysis.rounding import RoundedIteration
from app.backprop.compiler import Numbers, compile_iteration
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import (
    comment,
    finite,
    np_array,
    parameter_names,
    print_lines,
    settle_lines,
    start_lines,
    step_blocks,
)
from app.view.notation.labels import Translate

ITERATIONS = 100  # by default
# Reads the number of iterations from the command line.
COUNT_LINE = f"count = int(sys.argv[1]) if len(sys.argv) > 1 else {ITERATIONS}"
WriteArray = Callable[[Numbers], str]
WriteBlocks = Callable[[tuple[Step, ...]], Iterator[tuple[str, list[str]]]]


def numpy_program(
    simulation: Simulation, _: Translate, board: RoundedIteration | None = None
) -> str:
    """The program, from the start of the current iteration on.

    It prints `k E` for each iteration, then every weight matrix and bias as `name = numbers`. Its
    argument is the number of iterations. While the page shows a board, it says that it has none.
    """
    return training_program(
        *(simulation, _, "run.py", rounding_notes(_, board)),
        imports=["", *import_lines(simulation)],
        array=np_array,
        start=start_lines(simulation),
        body=["", COUNT_LINE, *loop(simulation, _)],
        prints=print_lines(parameter_names(simulation.shape)),
    )


def training_program(
    simulation: Simulation,
    _: Translate,
    name: str,
    notes: Iterable[str],
    *,
    imports: Iterable[str],
    array: WriteArray,
    start: Iterable[str],
    body: Iterable[str],
    prints: Iterable[str],
) -> str:
    """A program of training from its parts.

    Args:
        notes: how its numbers compare with Backstep's.
        array: writes the inputs or the targets of an example.
        start: what the iteration begins with.
        body: reads the number of iterations, and trains.
        prints: print what it has learned.
    """
    shape = {"shape": simulation.shape.text}
    lines = [
        comment(_("Backstep: training of a %(shape)s network") % shape),
        comment(
            _("python %(name)s 100 trains 100 iterations and prints E of each") % {"name": name}
        ),
        *map(comment, notes),
        "import sys",
        *order_imports(simulation),
        *imports,
        "",
        comment(_("The examples, x and target: each iteration takes the next")),
        *example_lines(simulation, array),
        "",
        comment(
            _("Values at the start of iteration %(iteration)s")
            % {"iteration": simulation.iteration}
        ),
        *start,
        f"iteration = {simulation.iteration}",
        *order_lines(simulation, _),
        *body,
        "",
        comment(_("What it has learned, with all digits")),
        *prints,
    ]
    return "\n".join(lines) + "\n"


def rounding_notes(_: Translate, board: RoundedIteration | None) -> tuple[str, ...]:
    """How the numbers of a program with matrices compare with Backstep's."""
    note = _(
        "After one iteration the numbers agree to 1e-12; over many iterations rounding may grow. "
        "steps.py prints every digit of Backstep"
    )
    return (*not_rounded(_, board), note)


def not_rounded(_: Translate, board: RoundedIteration | None) -> tuple[str, ...]:
    """What a program says that does not round, while the page shows a board."""
    if board is None:
        return ()
    return (
        _(
            "The page rounds each result on the way, and this program does not round: its numbers "
            "differ from those on the page"
        ),
    )


def import_lines(simulation: Simulation) -> Iterator[str]:
    yield "import numpy as np"
    if not finite(simulation):
        yield "from numpy import inf, nan"
    yield ""
    yield 'np.seterr(all="ignore")  # a number too large becomes inf or nan, as in Backstep'
    yield from settle_lines(simulation.shape)


def example_lines(simulation: Simulation, array: WriteArray) -> Iterator[str]:
    """The list of all examples, each a pair of inputs and targets."""
    yield "examples = ["
    for example in simulation.examples:
        yield f"    ({array(example.inputs)}, {array(example.targets)}),"
    yield "]"


def order_imports(simulation: Simulation) -> list[str]:
    return [] if simulation.start.shuffle is None else ["from random import Random"]


def order_lines(simulation: Simulation, _: Translate) -> Iterator[str]:
    """A function for the order of the examples, if each pass shuffles them."""
    seed = simulation.start.shuffle
    if seed is not None:
        yield from ("", "", "def order(number):")
        yield "    " + comment(_("The order of a pass: drawn lots, the lowest first"))
        yield f'    draw = Random(f"{seed}/{{number}}")'
        yield "    return sorted(range(len(examples)), key=lambda _: draw.random())"
        yield ""


def example_at(simulation: Simulation, iteration: str) -> str:
    """The index of an iteration's example, as a Python expression."""
    offset = simulation.start.pass_start
    position = f"({iteration} - {offset})" if offset else iteration
    if simulation.start.shuffle is None:
        return f"{position} % len(examples)"
    return f"order({position} // len(examples))[{position} % len(examples)]"


def last_of_pass_line(simulation: Simulation, _: Translate) -> str:
    """The beginning of what only the last iteration of a pass does, in the loop."""
    offset = simulation.start.pass_start
    end = f"k + 1 - {offset}" if offset else "k + 1"
    condition = f"    if ({end}) % len(examples) == 0:  "
    return condition + comment(_("the last example of a pass"))


def loop(simulation: Simulation, _: Translate) -> Iterator[str]:
    """The loop over the iterations."""
    shape = simulation.network.shape
    resets = [f"s{name} = np.zeros_like(s{name})" for name in parameter_names(shape)]
    return loop_of(simulation, _, "x, target", lambda steps: step_blocks(shape, steps, _), resets)


def loop_of(
    simulation: Simulation, _: Translate, example: str, blocks: WriteBlocks, resets: list[str]
) -> Iterator[str]:
    """The loop over the iterations; with batch updates, only the last of a pass updates.

    Args:
        example: the variables of an example.
        blocks: writes steps in blocks, each with its heading.
        resets: set the accumulated gradients to 0.
    """
    shape = simulation.network.shape
    steps = compile_iteration(shape).steps
    every_time = tuple(s for s in steps if not (shape.accumulates and s.only_in_update_iteration))
    yield "for k in range(iteration, iteration + count):"
    yield f"    {example} = examples[{example_at(simulation, 'k')}]"
    for title, lines in blocks(every_time):
        yield from ("", f"    # {title}", *(f"    {line}" for line in lines))
    if shape.accumulates:
        yield from ("", last_of_pass_line(simulation, _))
        for title, lines in blocks(steps[len(every_time) :]):
            yield from (f"        # {title}", *(f"        {line}" for line in lines))
        yield "        " + comment(_("The next pass starts again at 0"))
        yield from (f"        {line}" for line in resets)
    yield "    print(k, E)"
