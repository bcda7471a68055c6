"""Training as a straight-line program: every step in a line, with Backstep's own digits.

It needs the standard library alone. Its lines are printed from the same expressions as the compiled
iteration, so the operations and their order are the same.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from inspect import getsource, isfunction
from itertools import groupby

from app.backprop import functions
from app.backprop.addresses import address, parse
from app.backprop.compiler import NOTATION, compile_iteration, settled
from app.backprop.conventions import DECK
from app.backprop.expressions import ALL, Pattern, tokens
from app.backprop.functions import PYTHON
from app.backprop.network import Network, Shape
from app.backprop.quantity_names import PRIME, symbol, unit_name
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import comment, parameter_names, start_lines, step_heading
from app.view.export.numpy_program import COUNT_LINE, loop_of, training_program
from app.view.notation.labels import Translate
from app.view.notation.notations import TEXT
from app.view.notation.numpy_lines import (
    NUMBER_NAMES,
    PARAMETER_PREFIXES,
    SHARE,
    UNIT_NAMES,
    unit_variable,
)

# Functions whose names have another meaning in Python.
_NAMES = {"max": "larger", "min": "smaller", "step": "is_positive", "sqrt": "root"}
_CALLS = replace(
    NOTATION,
    functions={name: (f"{_NAMES.get(name, name)}(", ALL, ")") for name in PYTHON},
    argument_rank=0,
)
_CALL = re.compile(r"\b(\w+)\(")
_SETTLE = f"""\
def settle(net, size):
    return 0.0 if abs(net) <= {SHARE} * size < inf else net
"""
_ROW = """\
def row(*numbers):
    return [number + 0.0 for number in numbers]  # -0.0 + 0.0 is 0.0
"""


def steps_program(simulation: Simulation, _: Translate) -> str:
    """The program, from the start of the current iteration on. It prints what run.py prints."""
    shape = simulation.network.shape
    start = list(start_lines(simulation, "len(examples)", _assignments))
    loop, prints = list(_loop(simulation, _)), list(_printing(shape))
    note = _(
        "It does the same operations in the same order as Backstep: on the same system, every digit "
        "agrees"
    )
    return training_program(
        *(simulation, _, "steps.py", note),
        imports=_definitions("\n".join([*start, *loop, *prints])),
        array=repr,
        start=start,
        body=["", COUNT_LINE, *loop],
        prints=prints,
    )


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


def _definitions(body: str) -> list[str]:
    """The imports and the functions that the program calls."""
    called: dict[str, str] = {}
    code = re.sub("#.*", "", body)
    found = _CALL.findall(code)
    while found:
        name = found.pop()
        if name in _sources() and name not in called:
            called[name] = _sources()[name]
            code += called[name]
            found += _CALL.findall(called[name])
    imported = [
        name
        for name in dir(math)
        if re.search(rf"\b{name}\b" if name in ("inf", "nan") else rf"\b{name}\(", code)
    ]
    lines = [f"from math import {', '.join(imported)}"] if imported else []
    for source in called.values():
        lines += ["", "", *source.rstrip().split("\n")]
    return [*lines, ""]


@cache
def _sources() -> dict[str, str]:
    """The definition of every function that a program may call, by its name."""
    found = {"settle": _SETTLE, "row": _ROW}
    for name, function in vars(functions).items():
        if isfunction(function) and function.__name__ == name:
            found[name] = getsource(function)
    for name, pattern in PYTHON.items():
        if str(pattern[0]).startswith("("):  # else it is a call
            called = _NAMES.get(name, name)
            found[called] = _definition(called, pattern)
    return found


def _definition(name: str, pattern: Pattern) -> str:
    """A function with the formula of the compiled code."""
    parameters = "ab" if 1 in pattern else "x"
    formula = "".join(part if isinstance(part, str) else parameters[part] for part in pattern)
    return f"def {name}({', '.join(parameters)}):\n    return {formula[1:-1]}\n"


def _assignments(network: Network, what: str) -> Iterator[str]:
    values = map(repr, network.parameters)
    for names in _rows(network.shape, what):
        yield f"{', '.join(names)} = {', '.join(next(values) for _ in names)}"


def _rows(shape: Shape, what: str = "") -> Iterator[list[str]]:
    """The variables of the parameters in their order: the rows of each matrix, then the biases of
    each layer. With `what`, of what belongs to them, such as `_sum`."""
    indices = [("weight", each, each[:2]) for each in shape.weight_indices()]
    biases = [("bias", each, each[:1]) for each in shape.bias_indices()]
    for _, row in groupby([*indices, *biases], lambda each: each[2]):
        yield [variable(address(kind + what, *each), shape) for kind, each, _ in row]


def _loop(simulation: Simulation, _: Translate) -> Iterator[str]:
    shape = simulation.network.shape
    inputs = [variable(address("out", 0, unit), shape) for unit in range(shape.layers[0])]
    targets = [variable(address("target", unit), shape) for unit in range(shape.layers[-1])]
    example = f"{_tuple(inputs)}, {_tuple(targets)}"
    resets = [f"{' = '.join(names)} = 0.0" for names in _rows(shape, "_sum")]
    return loop_of(simulation, _, example, lambda steps: _blocks(shape, steps, _), resets)


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _blocks(shape: Shape, steps: Iterable[Step], _: Translate) -> Iterator[tuple[str, list[str]]]:
    """The steps in Python, each with its formula, in blocks with a heading."""

    def line(step: Step) -> str:
        formula = "".join(
            token if isinstance(token, str) else symbol(token.address, shape)
            for token in tokens(step.expression, TEXT)
        )
        code = settled(step, _CALLS, lambda text: variable(text, shape))
        result = variable(step.result, shape)
        return f"{result} = {code}  {comment(f'{step.symbol} = {formula}')}"

    for heading, block in groupby(steps, lambda step: step_heading(_, shape, step)):
        yield heading, [line(step) for step in block]


def _printing(shape: Shape) -> Iterator[str]:
    rows = _rows(shape)
    for name, count in zip(parameter_names(shape), shape.layers[:-1], strict=False):
        written = ", ".join(f"row({', '.join(next(rows))})" for _ in range(count))
        yield f'print("{name} =", [{written}])'
    for name, names in zip(parameter_names(shape)[shape.depth - 1 :], rows, strict=True):
        shared = shape.bias == "shared"
        yield f'print("{name} =", ' + (
            f"{names[0]} + 0.0)" if shared else f"[row({', '.join(names)})])"
        )
