"""Permalinks: a moment of a simulation, without its history, as text that fits into a URL."""

import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

from app.backprop.compiler import flat
from app.backprop.errors import N_, Invalid
from app.backprop.network import (
    LARGEST,
    MOST_EXAMPLES,
    UNITS,
    Example,
    Network,
    Shape,
    check_examples,
    check_momentum,
)
from app.simulation.error_curve import pack_numbers, unpack_numbers
from app.simulation.history import History
from app.simulation.iteration import LARGEST_SEED, IterationState
from app.simulation.simulation import Simulation

FORMAT = 1
HEAD = 9  # the fields of the header that are always there
LONGEST = 16_384  # characters
LATEST = 10**12  # the last iteration
DECODING_ERRORS = (ValueError, TypeError, KeyError, IndexError, RecursionError, struct.error)


def encode_permalink(simulation: Simulation) -> str:
    """Encode the moment, bit for bit; 3-4-2 takes 470 characters."""
    start, shape = simulation.start, simulation.network.shape
    head = [
        FORMAT,
        *(shape.layers, shape.activations, shape.error, shape.bias),
        *(len(start.examples), start.iteration, simulation.cursor),
        start.previous_error is not None,
        *_optional_fields(start),
    ]
    numbers = [*start.network.parameters, *(n for each in start.examples for n in flat(each))]
    before = start.previous_error
    numbers += [
        start.learning_rate,
        0.0 if before is None else before,
        *start.momentum_inputs,
        *start.accumulated,
    ]
    content = json.dumps(head, separators=(",", ":")).encode() + b"\n" + pack_numbers(numbers)
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _optional_fields(start: IterationState) -> tuple[object, ...]:
    """The header fields that are left out at their defaults, as in links older than the fields."""
    shape = start.network.shape
    if shape.accumulates or start.shuffle is not None:
        return shape.optimiser, shape.update, start.pass_start, start.shuffle
    return (shape.optimiser,) if start.velocities else ()


def decode_permalink(text: str) -> Simulation:
    """Decode a permalink into a simulation with an empty history.

    Raises Invalid if the text is damaged, or has values that a visitor could not enter.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        content = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        head, _, packed = content.partition(b"\n")
        simulation = _simulation(json.loads(head), unpack_numbers(packed))
    except DECODING_ERRORS as error:
        text = N_("This link is damaged.")
        raise Invalid("moment", text) from error
    _check_entered_values(simulation.start)
    return simulation


def _simulation(head: list[object], numbers: tuple[float, ...]) -> Simulation:
    head, optional = head[:HEAD], head[HEAD:]
    optional += ["gradient_descent", "each", 0, None][len(optional) :]
    optimiser, update, pass_start, shuffle = optional
    version, layers, activations, error, bias, count, iteration, cursor, had_error = head
    if version != FORMAT or not isinstance(layers, list) or not isinstance(activations, list):
        raise ValueError("unknown format")
    # Compiled code is cached by shape, and True == 1.0 == 1: only real integers may pass.
    sizes = tuple(_integer(units, UNITS[0], UNITS[-1]) for units in layers)
    shape = Shape(sizes, tuple(activations), str(error), str(bias), str(optimiser), str(update))
    count, iteration = _integer(count, 1, MOST_EXAMPLES), _integer(iteration, 0, LATEST)
    pass_start = _integer(pass_start, 0, iteration if shape.accumulates else 0)
    shuffle = None if shuffle is None else _integer(shuffle, 0, LARGEST_SEED)
    inputs, targets = shape.layers[0], shape.layers[-1]
    parameters, rest = numbers[: shape.parameter_count], numbers[shape.parameter_count :]
    rows = [rest[i * (inputs + targets) : (i + 1) * (inputs + targets)] for i in range(count)]
    examples = tuple(Example(row[:inputs], row[inputs:]) for row in rows)
    check_examples(shape, examples)
    learning_rate, previous_error, *others = rest[count * (inputs + targets) :]
    if len(parameters) != shape.parameter_count:
        raise ValueError("wrong number of parameters")
    network = Network(shape, parameters)
    momentum_count = shape.velocity_count + 1 if shape.velocity_count else 0
    momentum_inputs, accumulated = others[:momentum_count], tuple(others[momentum_count:])
    if len(momentum_inputs) != momentum_count or len(accumulated) != shape.accumulated_count:
        raise ValueError("wrong number of velocities or sums")
    before = previous_error if had_error else None
    start = IterationState(network, examples, learning_rate, iteration, before)
    start = replace(start, accumulated=accumulated, pass_start=pass_start, shuffle=shuffle)
    if momentum_inputs:
        *velocities, momentum = momentum_inputs
        start = replace(start, velocities=tuple(velocities), momentum=momentum)
    if any(accumulated) and not start.place(iteration):
        raise ValueError("sums at the start of a pass")
    cursor = _integer(cursor, 0, start.steps_in(iteration))
    return Simulation(start, cursor, History.starting_at(start))


def _check_entered_values(start: IterationState) -> None:
    """Raises Invalid for a value that a visitor cannot have entered.

    After iteration 0, training may have taken weights and biases anywhere.
    """
    _within("learning_rate", (start.learning_rate,), 0.0)
    if start.velocities:
        check_momentum(start.network.shape, start.momentum)
    for index, example in enumerate(start.examples):
        _within(f"examples.{index}.inputs", example.inputs)
        _within(f"examples.{index}.targets", example.targets)
    if not start.iteration:
        count = start.network.shape.weight_count
        _within("network.weights", start.network.parameters[:count])
        _within("network.biases", start.network.parameters[count:])


def _within(field: str, numbers: tuple[float, ...], low: float = -LARGEST) -> None:
    if not all(low <= number <= LARGEST for number in numbers):  # nan fails, too
        text = N_("must be a number from %(low)s to %(high)s")
        raise Invalid(field, text, low=f"{low:,.0f}", high=f"{LARGEST:,.0f}")


def _integer(value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError("not an integer in the range")
    return value
