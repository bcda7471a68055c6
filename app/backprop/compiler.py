"""Compiles the steps of an iteration into one straight-line Python function per shape.

Stepping, training, going back and replaying all run this code, so they agree bit for bit. For
networks this small it is ten times faster than NumPy, whose call overhead exceeds the arithmetic.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, cycle, groupby, islice
from math import inf, nan
from typing import Any

from app.backprop.addresses import COUNTS, address
from app.backprop.expressions import (
    ALL,
    ATOM,
    Expression,
    Mention,
    Notation,
    Pattern,
    magnitude,
    operands,
    prepare,
    substitute,
    tokens,
)
from app.backprop.functions import CALLS, PYTHON
from app.backprop.network import Example, Shape
from app.backprop.steps import PHASES, SETTLED, Step, steps_of

Numbers = tuple[float, ...]
# The steps of a granularity are the runs of calculations that have the same key.
_GROUPS: dict[str, Callable[[Step], object]] = {
    "unit": lambda step: step.result,
    "layer": lambda step: (step.kind, step.layer),
    "phase": lambda step: step.phase,
}
GRANULARITIES = tuple(_GROUPS)
NEVER_BELOW = -1.0  # E is never below it

NOTATION = Notation(constant=repr, functions=PYTHON, argument_rank=ATOM)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledIteration:
    """One iteration of a shape, ready to run."""

    steps: tuple[Step, ...]  # what it computes, in order
    # For each granularity, the cursors at which one of its steps ends.
    ends: dict[str, tuple[int, ...]]
    position: dict[str, int]  # maps the address of a result to the index of its step
    parameters: dict[str, int]  # maps the address of a parameter to its index
    # The addresses of the inputs: parameters, network inputs, targets, the learning rate and other
    # hyperparameters; then what the optimiser keeps, and with batch updates the previous sums and,
    # for their mean, the number of examples.
    inputs: tuple[str, ...]
    # (state, example, settings) -> the result of every step, in order. `state` is the parameters,
    # what the optimiser keeps and the sums; `example` is the inputs and the targets; `settings` is
    # the learning rate, the other hyperparameters and the number of examples.
    run: Callable[[Numbers, Numbers, Numbers], Numbers]
    # (state, examples, settings, iteration, count, below, begun) -> the state after `count`
    # iterations, and the E of each. Iteration k uses example k modulo their number; with batch
    # updates, the last example of a pass updates the parameters. Unless `below` is None, it stops
    # earlier after an iteration whose E is not finite, and after a pass whose mean E is less than
    # `below`. `begun` has the E of the iterations before that belong to the first pass.
    train: Callable[..., tuple[Numbers, list[float]]]


@lru_cache(maxsize=256)
def compile_iteration(shape: Shape) -> CompiledIteration:
    """Return the compiled iteration of a shape."""
    return compile_steps(shape, steps_of(shape))


def compile_steps(shape: Shape, steps: tuple[Step, ...]) -> CompiledIteration:
    """Compile these steps, in this order."""
    source = _Source(shape, steps)
    code: dict[str, object] = {**CALLS, "cycle": cycle, "inf": inf, "islice": islice}
    exec(compile(source.run() + source.train(), f"<{shape}>", "exec"), code)
    return CompiledIteration(
        steps=steps,
        ends={
            by: tuple(accumulate(len(list(group)) for _, group in groupby(steps, key)))
            for by, key in _GROUPS.items()
        },
        position={step.result: index for index, step in enumerate(steps)},
        parameters={text: index for index, text in enumerate(source.parameters)},
        inputs=(
            *(*source.parameters, *source.example, *source.settings[:-1]),
            *(*source.kept, *source.sums),
            *(source.settings[-1:] if shape.update == "mean" else ()),
        ),
        run=code["run"],  # type: ignore[arg-type]  # defined by the source
        train=code["train"],  # type: ignore[arg-type]
    )


def flat(example: Example) -> Numbers:
    """Return the inputs of an example followed by its targets, as `run` and `train` expect."""
    return example.inputs + example.targets


def _variable(address: str) -> str:
    return address.replace("/", "_")


def python(
    formula: Expression, notation: Notation = NOTATION, name: Callable[[str], str] = _variable
) -> str:
    """An expression in Python; `name` gives the variable for an address."""
    written = tokens(formula, notation)
    return "".join(name(t.address) if isinstance(t, Mention) else t for t in written)


def settled(step: Step, notation: Notation, name: Callable[[str], str] = _variable) -> str:
    """What a step computes, in Python; of a net that may count as 0, a call of `settle`."""
    value = python(step.expression, notation, name)
    if not step.settles:
        return value
    return f"settle({value}, {python(magnitude(step.expression), notation, name)})"


def prepare_step(step: Step, formula: Expression) -> Callable[[Mapping[str, float]], float]:
    """A function that computes what a step does, or would do with another formula.

    It gives the same as the compiled code, to the last bit, and nan where the result is undefined.
    Unlike that code it needs no compilation.
    """
    compute = prepare(formula, _FUNCTIONS)
    size = prepare(magnitude(formula), _FUNCTIONS) if step.settles else None

    def result(values: Mapping[str, float]) -> float:
        try:
            value = compute(values) + 0.0
            if size is not None and abs(value) <= SETTLED * size(values) < inf:
                return 0.0
        except (OverflowError, ZeroDivisionError):
            return nan
        return float(value)

    return result


def _function(name: str, pattern: Pattern) -> Callable[..., float]:
    if ALL in pattern:
        return CALLS[name]  # type: ignore[return-value]  # a function of all nets of a layer
    arguments = [f"a{piece}" for piece in dict.fromkeys(pattern) if isinstance(piece, int)]
    code = "".join(f"a{piece}" if isinstance(piece, int) else piece for piece in pattern)
    return eval(f"lambda {', '.join(sorted(arguments))}: {code}", dict(CALLS))  # type: ignore[no-any-return]


_FUNCTIONS = {name: _function(name, pattern) for name, pattern in PYTHON.items()}


def compile_in(
    shape: Shape,
    functions: Sequence[str],
    number: Callable[[float], Any],
    phases: Sequence[str] = PHASES,
    *,
    is_written: bool = False,
) -> Callable[..., tuple[Any, ...]]:
    """Compile these phases of an iteration for another arithmetic, such as decimals or arrays.

    Args:
        functions: the names of its functions; others are computed by their definitions.
        number: turns a constant into a number.
        is_written: whether each result is written down, as on paper. There a net that is 0 by hand
            is 0, so none has to settle. Counts are written down as they are.

    Returns a function like `CompiledIteration.run`, whose further arguments are the functions, then
    `settle(net, size)`: it returns 0 for a net that counts as 0, and other nets as they are. Instead, if
    results are written down, `write(result)` returns what is written.
    """
    notation = replace(
        NOTATION,
        functions={name: (f"{name}(", ALL, ")") for name in functions},
        constant=lambda value: f"number({value!r})",
    )
    steps = [step for step in steps_of(shape) if step.phase in phases]
    lines = [f"{_variable(step.result)} = {settled(step, notation)}" for step in steps]
    if is_written:
        lines = [
            f"{_variable(step.result)} = {value if step.result in COUNTS else f'write({value})'}"
            for step in steps
            for value in (python(step.expression, notation),)
        ]
    last = "write" if is_written else "settle"
    code: dict[str, Any] = {"number": lru_cache(number)}
    exec(_Source(shape, steps).function(lines, "", *functions, last), code)
    return code["run"]  # type: ignore[no-any-return]


class _Source:
    """The source of `run` and `train`."""

    def __init__(self, shape: Shape, steps: Sequence[Step]) -> None:
        self.shape, self.steps = shape, steps
        self.parameters = [address("weight", *indices) for indices in shape.weight_indices()]
        self.parameters += [address("bias", *indices) for indices in shape.bias_indices()]
        self.example = [address("out", 0, unit) for unit in range(shape.layers[0])]
        self.example += [address("target", unit) for unit in range(shape.layers[-1])]
        self.settings = ["learning_rate", *shape.hyperparameters, "example_count"]

        def before(name: str) -> list[str]:
            return [text.replace("/", f"_{name}_before/", 1) for text in self.parameters]

        self.kept = [text for rule in shape.kept_rules for text in before(rule.name)]
        self.kept += ["update_count_before"] if shape.counts_updates else []
        self.sums = before("sum") if shape.accumulates else []
        self.state = [*self.parameters, *self.kept, *self.sums]

    def run(self) -> str:
        """Adding 0.0 changes −0.0 to 0.0, and no other number."""
        return self.function(_assignments(self.steps), " + 0.0")

    def function(self, lines: Iterable[str], after: str, *more: str) -> str:
        """A function `run` of these lines. It returns all results, with `after` after each."""
        return f"""
def run({", ".join(("state", "example", "settings", *more))}):
    {_row(self.state)} = state
    {_row(self.example)} = example
    {_row(self.settings)} = settings
    {_indented(lines, 4)}
    return {_row([step.result for step in self.steps], after)}
"""

    def train(self) -> str:
        """One training iteration is its steps, and the state that it hands to the next one. With
        batch updates, only the last iteration of a pass moves the parameters and clears the sums.

        No E is negative, so a pass with a mean below the bound ends with an E of at most `least`.
        """
        needed = {name.replace("_before", "") for name in self.state} | {"error"}
        steps = _inlined(self.steps, needed)
        examples = "islice(cycle(examples), iteration % number, iteration % number + count)"
        loop = f"for {_row(self.example)} in {examples}:"
        if not self.sums:
            body = [*_assignments(steps), *_carry_over(self.kept)]
        else:
            loop = f"for k, {_row(self.example)} in enumerate({examples}, iteration + 1):"
            updates = [step for step in steps if step.only_in_update_iteration]
            at_last = [*_assignments(updates), *_carry_over(self.kept)]
            at_last.append(f"{_row(self.sums)} = ({'0.0,' * len(self.sums)})")
            body = [
                *_assignments(step for step in steps if not step.only_in_update_iteration),
                *("if k % number:", *(f"    {line}" for line in _carry_over(self.sums))),
                *("else:", *(f"    {line}" for line in at_last)),
            ]
        return f"""
def train(state, examples, settings, iteration, count, below, begun):
    {_row(self.state)} = state
    {_row(self.settings)} = settings
    errors = list(begun)
    record, number = errors.append, len(examples)
    least = -1.0 if below is None else below * number
    {loop}
        {_indented(body, 8)}
        record(error)
        if not least < error < inf:
            if below is None: continue
            if not error < inf: break
            if not len(errors) % number and sum(errors[-number:]) / number < below:
                break
    return {_row(self.state, " + 0.0")}, errors[len(begun):]
"""


def _inlined(steps: Sequence[Step], needed: set[str]) -> list[Step]:
    """The steps for training, where only the `needed` results matter: a result that is used once is
    computed where it is used, which saves a variable. The numbers stay the same to the last bit."""
    users: dict[str, list[int]] = {}
    for index, step in enumerate(steps):
        for token in tokens(step.expression, NOTATION):
            if isinstance(token, Mention):
                users.setdefault(token.address, []).append(index)
    inlined: dict[str, Expression] = {}
    kept: list[Step] = []
    for index, step in enumerate(steps):
        formula = substitute(step.expression, inlined)
        used = users.get(step.result, [])
        if step.result not in needed and len(used) == 1 and not step.settles:
            [user] = used
            changed = {other.result for other in steps[index + 1 : user]}
            if not steps[user].settles and not changed & set(operands(formula)):
                inlined[step.result] = formula
                continue
        kept.append(replace(step, expression=formula))
    return kept


def _assignments(steps: Iterable[Step]) -> Iterator[str]:
    """The lines of Python that compute some steps."""
    for step in steps:
        name = _variable(step.result)
        yield f"{name} = {python(step.expression)}"
        if step.settles:
            bound = f"{SETTLED!r} * ({python(magnitude(step.expression))})"
            yield f"if abs({name}) <= {bound} < inf: {name} = 0.0"


def _carry_over(previous: Sequence[str]) -> Iterator[str]:
    """Assigns the new values of what is kept to the names of the previous ones."""
    if previous:
        yield f"{_row(previous)} = {_row([text.replace('_before', '') for text in previous])}"


def _row(addresses: Sequence[str], after: str = "") -> str:
    return f"({' '.join(f'{_variable(address)}{after},' for address in addresses)})"


def _indented(lines: Iterable[str], by: int) -> str:
    return f"\n{' ' * by}".join(lines)
