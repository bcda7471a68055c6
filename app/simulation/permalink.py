"""A moment of a simulation as a text that fits into an address: all but how it came there."""

import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import replace

from app.backprop.compiler import flat
from app.backprop.errors import N_, Invalid
from app.backprop.network import (
    LARGEST,
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
HEAD = 9  # what it says before the numbers, but for another optimiser, update or order
LONGEST = 16_384  # letters
MOST_EXAMPLES = 64
LATEST = 10**12
MISTAKES = (ValueError, TypeError, KeyError, IndexError, RecursionError)


def encode_permalink(simulation: Simulation) -> str:
    """The network, its examples and where the cursor stands, bit for bit; 3-4-2 takes 470 letters."""
    start, shape = simulation.start, simulation.network.shape
    head = [
        FORMAT,
        *(shape.layers, shape.activations, shape.error, shape.bias),
        *(len(start.examples), start.iteration, simulation.cursor),
        start.previous_error is not None,
        *_beyond(start),
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


def _beyond(start: IterationState) -> tuple[object, ...]:
    """What is said only where it is not as in the deck, so that such moments read as they did
    before there was any of it."""
    shape = start.network.shape
    if shape.accumulates or start.shuffle is not None:
        return shape.optimiser, shape.update, start.pass_start, start.shuffle
    return (shape.optimiser,) if start.velocities else ()


def decode_permalink(text: str) -> Simulation:
    """The simulation of a moment, at the beginning of its history.

    Raises:
        Invalid: where the text is no moment, whoever wrote it, or none that an edit can have made.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        content = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        head, _, packed = content.partition(b"\n")
        simulation = _simulation(json.loads(head), unpack_numbers(packed))
    except (*MISTAKES, NoBase64, struct.error) as error:
        text = N_("This link is damaged.")
        raise Invalid("moment", text) from error
    _check_chosen(simulation.start)
    return simulation


def _simulation(head: list[object], numbers: tuple[float, ...]) -> Simulation:
    head, beyond = head[:HEAD], head[HEAD:]
    beyond += ["gradient_descent", "each", 0, None][len(beyond) :]
    optimiser, update, pass_from, shuffle = beyond
    version, layers, activations, error, bias, count, iteration, cursor, had_error = head
    if version != FORMAT or not isinstance(layers, list) or not isinstance(activations, list):
        raise ValueError("of another format")
    # Shapes that compare equal share what is kept of them: no True or 1.0 may pass for 1.
    sizes = tuple(_whole(units, UNITS[0], UNITS[-1]) for units in layers)
    shape = Shape(sizes, tuple(activations), str(error), str(bias), str(optimiser), str(update))
    count, iteration = _whole(count, 1, MOST_EXAMPLES), _whole(iteration, 0, LATEST)
    pass_from = _whole(pass_from, 0, iteration if shape.accumulates else 0)
    shuffle = None if shuffle is None else _whole(shuffle, 0, LARGEST_SEED)
    inputs, targets = shape.layers[0], shape.layers[-1]
    parameters, rest = numbers[: shape.parameter_count], numbers[shape.parameter_count :]
    rows = [rest[i * (inputs + targets) : (i + 1) * (inputs + targets)] for i in range(count)]
    examples = tuple(Example(row[:inputs], row[inputs:]) for row in rows)
    check_examples(shape, examples)
    rate, previous, *others = rest[count * (inputs + targets) :]
    if len(parameters) != shape.parameter_count:
        raise ValueError("another number of parameters")
    network = Network(shape, parameters)
    moving = shape.velocity_count + 1 if shape.velocity_count else 0
    inertia, gathered = others[:moving], tuple(others[moving:])
    if len(inertia) != moving or len(gathered) != shape.accumulated_count:
        raise ValueError("another number of velocities or sums")
    start = IterationState(network, examples, rate, iteration, previous if had_error else None)
    start = replace(start, accumulated=gathered, pass_start=pass_from, shuffle=shuffle)
    if inertia:
        *velocities, momentum = inertia
        start = replace(start, velocities=tuple(velocities), momentum=momentum)
    if any(gathered) and not start.place(iteration):
        raise ValueError("a pass begins with sums")
    cursor = _whole(cursor, 0, start.steps_in(iteration))
    return Simulation(start, cursor, History.starting_at(start))


def _check_chosen(start: IterationState) -> None:
    """Raises Invalid where a visitor cannot have chosen a number; training may take a weight
    anywhere, but starts from chosen ones."""
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
    if not all(low <= number <= LARGEST for number in numbers):  # nor is nan
        text = N_("must be a number from %(low)s to %(high)s")
        raise Invalid(field, text, low=f"{low:,.0f}", high=f"{LARGEST:,.0f}")


def _whole(value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError("not such a number")
    return value
