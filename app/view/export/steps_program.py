"""Training as a straight-line program: every step in a line, with Backstep's own digits.

It needs the standard library alone. Its lines are printed from the same expressions as the compiled
iteration, so the operations and their order are the same. While the page rounds each result, so does
the program.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from itertools import groupby

from app.analysis.rounding import RoundedIteration, on_board
from app.backprop.addresses import address, parse
from app.backprop.compiler import Numbers, compile_iteration
from app.backprop.conventions import DECK
from app.backprop.expressions import tokens
from app.backprop.network import Network, Shape
from app.backprop.quantity_names import PRIME, symbol, unit_name
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.export.arithmetics import Arithmetic, decimals, doubles
from app.view.export.matrix_program import comment, parameter_names, start_lines, step_heading
from app.view.export.numpy_program import COUNT_LINE, loop_of, training_program
from app.view.notation.labels import Translate, rounding_note
from app.view.notation.notations import TEXT
from app.view.notation.numpy_lines import (
    NUMBER_NAMES,
    PARAMETER_PREFIXES,
    UNIT_NAMES,
    unit_variable,
)


def steps_program(
    simulation: Simulation, _: Translate, board: RoundedIteration | None = None
) -> str:
    """The program, from the start of the current iteration on. It prints what run.py prints.

    With a board it continues that one: it rounds each result in the same way.
    """
    notes: tuple[str, ...]
    if board:
        simulation, arithmetic = on_board(simulation, board), decimals(board.rounding)
        notes = (
            rounding_note(_, board.rounding.name),
            _("It rounds as the page does: every digit agrees with the blackboard"),
        )
    else:
        arithmetic = doubles()
        notes = (
            _(
                "It does the same operations in the same order as Backstep: on the same system, every "
                "digit agrees"
            ),
        )
    start = list(
        start_lines(
            *(simulation, "len(examples)", partial(_assignments, arithmetic), arithmetic.number)
        )
    )
    loop = list(_loop(simulation, arithmetic, _))
    prints = list(_printing(simulation.network.shape, arithmetic))
    array = partial(_numbers, arithmetic)
    given = [
        array(numbers) for each in simulation.examples for numbers in (each.inputs, each.targets)
    ]
    return training_program(
        *(simulation, _, "steps.py", notes),
        imports=arithmetic.definitions("\n".join([*given, *start, *loop, *prints])),
        array=array,
        start=start,
        body=["", COUNT_LINE, *loop],
        prints=prints,
    )


def _numbers(arithmetic: Arithmetic, numbers: Numbers) -> str:
    return _tuple(list(map(arithmetic.number, numbers)))


def variable(text: str, shape: Shape) -> str:
    """The name of a quantity, or of its value before the step: net_H1, w11, wp11 for w'11."""
    return _variable(text, _named(shape))


@lru_cache(maxsize=64)
def _named(shape: Shape) -> Shape:
    """The shape with the names of its sheet, unless two variables would have the same."""
    compiled = compile_iteration(shape)
    texts = {*compiled.inputs, *compiled.position}
    known = {text.replace("_before", "") for text in texts}
    if len({_variable(text, shape) for text in known}) == len(known):
        return shape
    return replace(shape, conventions=replace(shape.named, numbering=DECK, names=()))


def _variable(text: str, shape: Shape) -> str:
    kind, indices = parse(text.replace("_before", ""))
    parameter, _, state = kind.partition("_")
    if kind in NUMBER_NAMES:
        return NUMBER_NAMES[kind]
    if parameter in ("weight", "bias"):
        name = symbol(address(parameter, *indices), shape)
        name = name.replace(PRIME, "p").replace(",", "_").replace("θ", "theta")
        return PARAMETER_PREFIXES[state and f"_{state}"] + name
    if kind in UNIT_NAMES and indices[0]:
        layer, unit = indices
        return f"{unit_variable(shape, kind)}_{unit_name(layer, unit, shape)}"
    return symbol(text, shape)


def _assignments(arithmetic: Arithmetic, network: Network, what: str) -> Iterator[str]:
    values = map(arithmetic.number, network.parameters)
    for names in _rows(network.shape, what):
        yield f"{', '.join(names)} = {', '.join(next(values) for _ in names)}"


def _rows(shape: Shape, what: str = "") -> Iterator[list[str]]:
    """The variables of the parameters in their order: the rows of each matrix, then the biases of
    each layer. With `what`, of what belongs to them, such as `_sum`."""
    indices = [("weight", each, each[:2]) for each in shape.weight_indices()]
    biases = [("bias", each, each[:1]) for each in shape.bias_indices()]
    for _, row in groupby([*indices, *biases], lambda each: each[2]):
        yield [variable(address(kind + what, *each), shape) for kind, each, _ in row]


def _loop(simulation: Simulation, arithmetic: Arithmetic, _: Translate) -> Iterator[str]:
    shape = simulation.network.shape
    inputs = [variable(address("out", 0, unit), shape) for unit in range(shape.layers[0])]
    targets = [variable(address("target", unit), shape) for unit in range(shape.layers[-1])]
    example = f"{_tuple(inputs)}, {_tuple(targets)}"
    resets = [f"{' = '.join(names)} = {arithmetic.zero}" for names in _rows(shape, "_sum")]
    blocks = partial(_blocks, shape, arithmetic, _)
    return loop_of(simulation, _, example, blocks, resets)


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _blocks(
    shape: Shape, arithmetic: Arithmetic, _: Translate, steps: Iterable[Step]
) -> Iterator[tuple[str, list[str]]]:
    """The steps in Python, each with its formula, in blocks with a heading."""

    def line(step: Step) -> str:
        formula = "".join(
            token if isinstance(token, str) else symbol(token.address, shape)
            for token in tokens(step.expression, TEXT)
        )
        code = arithmetic.step(step, lambda text: variable(text, shape))
        result = variable(step.result, shape)
        return f"{result} = {code}  {comment(f'{step.symbol} = {formula}')}"

    for heading, block in groupby(steps, lambda step: step_heading(_, shape, step)):
        yield heading, [line(step) for step in block]


def _printing(shape: Shape, arithmetic: Arithmetic) -> Iterator[str]:
    rows = _rows(shape)

    def several(count: int) -> str:
        return arithmetic.several.format(
            ", ".join(f"row({', '.join(next(rows))})" for _ in range(count))
        )

    for name, count in zip(parameter_names(shape), shape.layers[:-1], strict=False):
        yield f'print("{name} =", {several(count)})'
    for name in parameter_names(shape)[shape.depth - 1 :]:
        is_shared = shape.bias == "shared"
        number = arithmetic.single.format(*next(rows)) if is_shared else several(1)
        yield f'print("{name} =", {number})'
