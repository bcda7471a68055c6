"""Compiles the steps of an iteration into one straight-line Python function per shape.

Stepping, training, going back and replaying all run this code, so they agree bit for bit. For
networks this small it is ten times faster than NumPy, whose call overhead exceeds the arithmetic.
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
    """One iteration of a shape, ready to run."""

    steps: tuple[Step, ...]  # what it computes, in order
    # For each granularity, the cursors at which one of its steps ends.
    ends: dict[str, tuple[int, ...]]
    position: dict[str, int]  # maps the address of a result to the index of its step
    # The addresses of the inputs: parameters, network inputs, targets and the learning rate; with
    # momentum, the previous velocities and μ; with batch updates, the previous sums and, for
    # their mean, the number of examples.
    inputs: tuple[str, ...]
    # (state, example, learning rate, momentum=0, example count=1) -> the result of every step, in
    # order. `state` is the parameters followed by any velocities and sums; `example` is the
    # inputs followed by the targets.
    run: Callable[..., Numbers]
    # (state, examples, learning rate, iteration, count, momentum=0) -> the state after `count`
    # iterations, and the E of each. Iteration k uses example k modulo their number; with batch
    # updates, the last example of a pass updates the parameters.
    train: Callable[..., tuple[Numbers, list[float]]]

    def parameters_at(self, cursor: int, parameters: Numbers, trace: Numbers) -> Numbers:
        """Return the parameters at a cursor: each keeps its old value until its update step."""
        positions = (self.position[address] for address in self.inputs[: len(parameters)])
        return tuple(
            trace[position] if position < cursor else old
            for position, old in zip(positions, parameters, strict=True)
        )


@lru_cache(maxsize=256)
def compile_iteration(shape: Shape) -> CompiledIteration:
    """Return the compiled iteration of a shape."""
    return compile_steps(shape, steps_of(shape))


def compile_steps(shape: Shape, steps: tuple[Step, ...]) -> CompiledIteration:
    """Compile these steps, in this order."""
    parameters = [address("weight", *indices) for indices in shape.weight_indices()]
    parameters += [address("bias", *indices) for indices in shape.bias_indices()]
    example = [address("out", 0, unit) for unit in range(shape.layers[0])]
    example += [address("target", unit) for unit in range(shape.layers[-1])]
    code: dict[str, object] = dict(CALLS)
    velocities = _previous("velocity", shape) if shape.velocity_count else []
    sums = _previous("sum", shape) if shape.accumulates else []
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
        run=code["run"],  # type: ignore[arg-type]  # defined by the source
        train=code["train"],  # type: ignore[arg-type]
    )


def flat(example: Example) -> Numbers:
    """Return the inputs of an example followed by its targets, as `run` and `train` expect."""
    return example.inputs + example.targets


def _previous(quantity: str, shape: Shape) -> list[str]:
    """The addresses of the velocities or sums at the start of an iteration, in parameter order."""
    weights = [address(f"weight_{quantity}_before", *each) for each in shape.weight_indices()]
    return weights + [address(f"bias_{quantity}_before", *each) for each in shape.bias_indices()]


def _ends(steps: tuple[Step, ...]) -> dict[str, tuple[int, ...]]:
    def group_ends(key: Callable[[Step], object]) -> tuple[int, ...]:
        ends: list[int] = []
        for _, group in groupby(steps, key):
            ends.append((ends[-1] if ends else 0) + len(list(group)))
        return tuple(ends)

    return {
        "unit": tuple(range(1, len(steps) + 1)),
        "layer": group_ends(lambda step: (step.kind, step.layer)),
        "phase": group_ends(lambda step: step.phase),
    }


def _source(
    shape: Shape, steps: Sequence[Step], state: Sequence[list[str]], example: Sequence[str]
) -> str:
    """The source of `run` and `train`; `state` has the parameters, the velocities and the sums."""
    parameters, velocities, sums = state
    variables = [*parameters, *velocities, *sums]
    assignments = [f"{_variable(step.result)} = {_expression(shape, step)}" for step in steps]
    lines = [
        "def run(state, example, learning_rate, momentum=0.0, example_count=1.0):",
        f"    {_row(variables)} = state",
        f"    {_row(example)} = example",
        *(f"    {line}" for line in assignments),
        f"    return {_row([step.result for step in steps])}",
        "def train(state, examples, learning_rate, iteration, count, momentum=0.0):",
        f"    {_row(variables)} = state",
        "    errors = []",
        "    record, number = errors.append, len(examples)",
        *(["    example_count = float(number)"] if sums else []),
        "    for k in range(iteration, iteration + count):",
        f"        {_row(example)} = examples[k % number]",
        *(f"        {line}" for line in _loop_body(steps, assignments, velocities, sums)),
        "        record(error)",
        f"    return {_row(variables)}, errors",
    ]
    return "\n".join(lines)


def _loop_body(
    steps: Sequence[Step],
    assignments: Sequence[str],
    velocities: Sequence[str],
    sums: Sequence[str],
) -> Iterator[str]:
    """One training iteration: its steps, and the state that it hands to the next one.

    With batch updates, only the last iteration of a pass moves the parameters and clears the sums.
    """
    if not sums:
        yield from assignments
        yield from _carry_over(velocities)
        return
    pairs = list(zip(steps, assignments, strict=True))
    yield from (line for step, line in pairs if not step.only_in_update_iteration)
    yield "if (k + 1) % number:"
    yield from (f"    {line}" for line in _carry_over(sums))
    yield "else:"
    yield from (f"    {line}" for step, line in pairs if step.only_in_update_iteration)
    yield from (f"    {line}" for line in _carry_over(velocities))
    yield f"    {_row(sums)} = {'(' + '0.0, ' * len(sums) + ')'}"


def _carry_over(previous: Sequence[str]) -> Iterator[str]:
    """Assigns the new velocities or sums to the names of the previous ones."""
    if previous:
        yield f"{_row(previous)} = {_row([text.replace('_before', '') for text in previous])}"


def _variable(address: str) -> str:
    return address.replace("/", "_")


def _row(addresses: Sequence[str]) -> str:
    return f"({' '.join(f'{_variable(address)},' for address in addresses)})"


def _expression(shape: Shape, step: Step) -> str:
    """The right-hand side of a step: it uses every operand of the step, and nothing else."""
    names = [_variable(operand) for operand in step.operands]
    match step.kind:
        case "net":
            bias, pairs = (names[:1], names[1:]) if len(names) % 2 else ([], names)
            return " + ".join(bias + _products(pairs))
        case "out":
            activation = ACTIVATIONS[shape.activations[step.layer - 1]]
            own = step.unit if activation.per_layer and step.unit is not None else 0
            return activation.value.format(net=names[own], nets=", ".join(names))
        case "error" if step.unit is not None:
            return _output_error(shape, step, names)
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
            return f"{names[0]} * {names[1]} + {_update_term(names[2:])}"
        case "weight_update" | "bias_update":
            return f"{names[0]} - {names[1]} * {_update_term(names[2:])}"
    raise AssertionError(f"no rule for {step.kind}")


def _update_term(names: Sequence[str]) -> str:
    """What an update subtracts, before the learning rate: one number, or a sum over a count."""
    return f"({names[0]} / {names[1]})" if len(names) == 2 else names[0]


def _output_error(shape: Shape, step: Step, names: Sequence[str]) -> str:
    """The right-hand side of E_k, the error of one output."""
    rule, (target, *values) = ERRORS[shape.error], names
    assert step.unit is not None
    if rule.value_input == "nets":
        own = values.pop(step.unit)
        gaps = ", ".join(f"{net} - {own}" for net in values)
        return rule.value.format(target=target, gaps=gaps)
    return rule.value.format(
        **{"target": target, rule.value_input: values[0], "outputs": float(shape.layers[-1])}
    )


def _products(names: Sequence[str]) -> list[str]:
    return [f"{left} * {right}" for left, right in zip(names[::2], names[1::2], strict=True)]
