"""The steps of an iteration, compiled once per shape into straight-line Python.

An iteration is evaluated in one way only: this code, one assignment a step. Stepping, training,
going back and recomputing run it, so their bits agree by construction. A small network trains ten
times faster so than with arrays, whose calls cost more than their arithmetic.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from app.backprop.addresses import address, parse
from app.backprop.functions import ACTIVATIONS, CALLS, ERRORS
from app.backprop.network import Example, Shape
from app.backprop.steps import Step, steps_of

Numbers = tuple[float, ...]
GRANULARITIES = ("unit", "layer", "phase")


@dataclass(frozen=True, slots=True, eq=False)
class CompiledIteration:
    """One iteration of a shape, ready to run.

    Attributes:
        steps: what it computes, in order.
        ends: for each granularity, the cursors at which one of its steps ends.
        position: the index of the step that computes an address.
        inputs: the addresses of what goes in: parameters, then inputs, targets, learning rate; with
            momentum, the velocities before and the momentum; in passes, the sums before and, for
            their mean, the number of examples.
        run: (state, example, learning rate, momentum=0, example count=1) -> the result of every
            step, in order. `state` is the parameters, the velocities and the sums, as far as there
            are any, in a row; `example` the inputs and the targets.
        train: (state, examples, learning rate, iteration, count, momentum=0) -> the state after
            `count` iterations and the E of each. Iteration k uses example k mod their number; in
            passes, the last of them closes.
    """

    steps: tuple[Step, ...]
    ends: dict[str, tuple[int, ...]]
    position: dict[str, int]
    inputs: tuple[str, ...]
    run: Callable[..., Numbers]
    train: Callable[..., tuple[Numbers, list[float]]]

    def updated(self, parameters: Numbers, trace: Numbers, cursor: int) -> Numbers:
        """The parameters at a cursor: each is the old one until its update step is taken."""
        places = (self.position[address] for address in self.inputs[: len(parameters)])
        return tuple(
            trace[place] if place < cursor else old
            for place, old in zip(places, parameters, strict=True)
        )


@lru_cache(maxsize=256)
def compile_iteration(shape: Shape) -> CompiledIteration:
    """The program of a shape, compiled at the first call."""
    return compile_steps(shape, steps_of(shape))


def compile_steps(shape: Shape, steps: tuple[Step, ...]) -> CompiledIteration:
    """The program that takes these steps."""
    parameters = [address("weight", *indices) for indices in shape.weight_indices()]
    parameters += [address("bias", *indices) for indices in shape.bias_indices()]
    example = [address("out", 0, unit) for unit in range(shape.layers[0])]
    example += [address("target", unit) for unit in range(shape.layers[-1])]
    code: dict[str, object] = dict(CALLS)
    velocities = _before("velocity", shape) if shape.velocity_count else []
    sums = _before("sum", shape) if shape.accumulates else []
    source = _source(shape, steps, [parameters, velocities, sums], example)
    exec(compile(source, f"<{shape}>", "exec"), code)
    return CompiledIteration(
        steps=steps,
        ends=_ends(steps),
        position={step.result: index for index, step in enumerate(steps)},
        inputs=(
            *(*parameters, *example, "learning_rate"),
            *(*velocities, *(["momentum"] if velocities else ())),
            *(*sums, *(["example_count"] if shape.update == "mean" else ())),
        ),
        run=code["run"],  # type: ignore[arg-type]  # made by the source above
        train=code["train"],  # type: ignore[arg-type]
    )


def _before(what: str, shape: Shape) -> list[str]:
    """The addresses of the velocities, or sums, that an iteration begins with, in the parameters'
    order."""
    weights = [address(f"weight_{what}_before", *each) for each in shape.weight_indices()]
    return weights + [address(f"bias_{what}_before", *each) for each in shape.bias_indices()]


def flat(example: Example) -> Numbers:
    """An example as the programs take it: inputs, then targets."""
    return example.inputs + example.targets


def _ends(steps: tuple[Step, ...]) -> dict[str, tuple[int, ...]]:
    def runs(key: Callable[[Step], object]) -> tuple[int, ...]:
        ends: list[int] = []
        for _, run in groupby(steps, key):
            ends.append((ends[-1] if ends else 0) + len(list(run)))
        return tuple(ends)

    return {
        "unit": tuple(range(1, len(steps) + 1)),
        "layer": runs(lambda step: (step.kind, step.layer)),
        "phase": runs(lambda step: step.phase),
    }


def _source(
    shape: Shape, steps: Sequence[Step], state: Sequence[list[str]], example: Sequence[str]
) -> str:
    """`state`: the addresses of the parameters, of the velocities and of the sums."""
    parameters, velocities, sums = state
    whole = [*parameters, *velocities, *sums]
    assignments = [f"{_name(step.result)} = {_expression(shape, step)}" for step in steps]
    lines = [
        "def run(state, example, learning_rate, momentum=0.0, example_count=1.0):",
        f"    {_row(whole)} = state",
        f"    {_row(example)} = example",
        *(f"    {line}" for line in assignments),
        f"    return {_row([step.result for step in steps])}",
        "def train(state, examples, learning_rate, iteration, count, momentum=0.0):",
        f"    {_row(whole)} = state",
        "    errors = []",
        "    record, number = errors.append, len(examples)",
        *(["    example_count = float(number)"] if sums else []),
        "    for k in range(iteration, iteration + count):",
        f"        {_row(example)} = examples[k % number]",
        *(f"        {line}" for line in _trained(steps, assignments, velocities, sums)),
        "        record(error)",
        f"    return {_row(whole)}, errors",
    ]
    return "\n".join(lines)


def _trained(
    steps: Sequence[Step],
    assignments: Sequence[str],
    velocities: Sequence[str],
    sums: Sequence[str],
) -> Iterator[str]:
    """One iteration of training: its steps, those that only the last of a pass takes apart, and
    what is left to the next."""
    if not sums:
        yield from assignments
        yield from _carried(velocities)
        return
    taken = list(zip(steps, assignments, strict=True))
    yield from (line for step, line in taken if not step.only_in_update_iteration)
    yield "if (k + 1) % number:"
    yield from (f"    {line}" for line in _carried(sums))
    yield "else:"
    yield from (f"    {line}" for step, line in taken if step.only_in_update_iteration)
    yield from (f"    {line}" for line in _carried(velocities))
    yield f"    {_row(sums)} = {'(' + '0.0, ' * len(sums) + ')'}"


def _carried(before: Sequence[str]) -> Iterator[str]:
    if before:
        yield f"{_row(before)} = {_row([text.replace('_before', '') for text in before])}"


def _name(text: str) -> str:
    return text.replace("/", "_")


def _row(addresses: Sequence[str]) -> str:
    return f"({' '.join(f'{_name(text)},' for text in addresses)})"


def _expression(shape: Shape, step: Step) -> str:
    """The right-hand side of a step. Every operand appears in it, and nothing else does."""
    names = [_name(operand) for operand in step.operands]
    match step.kind:
        case "net":
            bias, pairs = (names[:1], names[1:]) if len(names) % 2 else ([], names)
            return " + ".join(bias + _products(pairs))
        case "out":
            activation = ACTIVATIONS[shape.activations[step.layer - 1]]
            own = names[_own(shape, step)]
            return activation.value.format(net=own, nets=", ".join(names))
        case "error" if step.unit is not None:
            return _share(shape, step, names)
        case "error_slope" if step.layer == shape.depth - 1:
            out, target = names
            rule = ERRORS[shape.error].slope
            return rule.format(out=out, target=target, outputs=float(shape.layers[-1]))
        case "error_slope":
            return " + ".join(_products(names))
        case "activation_slope":
            kind = parse(step.operands[0])[0] if names else ""
            rule = ACTIVATIONS[shape.activations[step.layer - 1]].slope
            return rule.format(**{kind: names[0]}) if names else rule
        case "delta" if shape.fused_delta and step.layer == shape.depth - 1:
            return " - ".join(names)
        case "delta" | "weight_gradient":
            return " * ".join(names)
        case "error" | "bias_gradient" | "weight_sum" | "bias_sum":
            return " + ".join(names)
        case "weight_velocity" | "bias_velocity":
            return f"{names[0]} * {names[1]} + {_slope(names[2:])}"
        case "weight_update" | "bias_update":
            return f"{names[0]} - {names[1]} * {_slope(names[2:])}"
    raise AssertionError(f"no rule for {step.kind}")


def _slope(names: Sequence[str]) -> str:
    """What a parameter moves against: one number, or a sum divided by how many were added."""
    return f"({names[0]} / {names[1]})" if len(names) == 2 else names[0]


def _own(shape: Shape, step: Step) -> int:
    """Where among its operands a unit's own net is."""
    whole = ACTIVATIONS[shape.activations[step.layer - 1]].per_layer
    return step.unit if whole and step.unit is not None else 0


def _share(shape: Shape, step: Step, names: Sequence[str]) -> str:
    """E_k of one output."""
    rule, (target, *answer) = ERRORS[shape.error], names
    assert step.unit is not None
    if rule.value_input == "nets":
        own = answer.pop(step.unit)
        gaps = ", ".join(f"{net} - {own}" for net in answer)
        return rule.value.format(target=target, gaps=gaps)
    given = {"target": target, rule.value_input: answer[0], "outputs": float(shape.layers[-1])}
    return rule.value.format(**given)


def _products(names: Sequence[str]) -> list[str]:
    return [f"{left} * {right}" for left, right in zip(names[::2], names[1::2], strict=True)]
