"""Permalinks: a moment of a simulation, without its history, as text that fits into a URL."""

import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from itertools import islice

from app.backprop.compiler import flat
from app.backprop.conventions import Conventions
from app.backprop.errors import N_, Invalid, checked_name
from app.backprop.network import MOST_EXAMPLES, UNITS, Example, Network, Shape, as_entered
from app.simulation.description import conventions_in, describe_conventions
from app.simulation.error_curve import pack_numbers, unpack_numbers
from app.simulation.history import History
from app.simulation.iteration import LARGEST_SEED, LATEST, IterationState, check_state
from app.simulation.simulation import Simulation

FORMAT = 1
HEAD = 9  # the fields of the header that are always there
# The fields after them, optimiser, update, start of the pass, seed, weight decay, name and
# conventions, are left out from the first on from which all have these values, as in links older than the fields.
OPTIONAL = ["gradient_descent", "each", 0, None, False, "", None]
LONGEST = 16_384  # characters
DECODING_ERRORS = (ValueError, TypeError, KeyError, IndexError, RecursionError, struct.error)


def encode_permalink(simulation: Simulation) -> str:
    """Encode the moment, bit for bit; 3-4-2 takes 470 characters."""
    start, shape = simulation.start, simulation.network.shape
    before = start.previous_error
    optional = [shape.optimiser, shape.update, start.pass_start, start.shuffle, shape.weight_decay]
    own = shape.conventions
    optional += [simulation.name, own and describe_conventions(own)]
    while optional and optional[-1] == OPTIONAL[len(optional) - 1]:
        optional.pop()
    head = [
        *(FORMAT, shape.layers, shape.activations, shape.error, shape.bias),
        *(len(start.examples), start.iteration, simulation.cursor, before is not None),
        *optional,
    ]
    numbers = [
        *start.network.parameters,
        *(number for example in start.examples for number in flat(example)),
        *(start.learning_rate, 0.0 if before is None else before),
        *(*start.optimiser_state, *start.hyperparameters, *start.accumulated),
    ]
    content = json.dumps(head, separators=(",", ":")).encode() + b"\n" + pack_numbers(numbers)
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@lru_cache(maxsize=32)  # a class that opens the same link shares its simulations
def decode_permalink(text: str) -> Simulation:
    """Decode a permalink into a simulation with an empty history.

    Raises Invalid if the text is damaged, or has values that a visitor could not enter.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        content = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        head, _, packed = content.partition(b"\n")
        start, cursor, name = _moment(json.loads(head), unpack_numbers(packed))
    except DECODING_ERRORS as error:
        text = N_("This link is damaged.")
        raise Invalid("moment", text) from error
    check_state(start, entered=True)
    return Simulation(start, cursor, History.starting_at(start), name=name)


def _moment(head: list[object], numbers: tuple[float, ...]) -> tuple[IterationState, int, str]:
    head, optional = head[:HEAD], head[HEAD:]
    optional = optional + OPTIONAL[len(optional) :]
    optimiser, update, pass_start, shuffle, decay, name, named = optional
    version, layers, activations, error, bias, count, iteration, cursor, had_error = head
    if version != FORMAT or not isinstance(layers, list) or not isinstance(activations, list):
        raise ValueError("unknown format")
    if not isinstance(decay, bool) or not isinstance(name, str) or checked_name(name) != name:
        raise ValueError("not a boolean, or no name")
    # Compiled code is cached by shape, and True == 1.0 == 1: only real integers may pass.
    sizes = tuple(_integer(units, UNITS[0], UNITS[-1]) for units in layers)
    words = *(str(error), str(bias)), *(str(optimiser), str(update))
    own = None if named is None else _conventions(named)
    shape = Shape(sizes, tuple(activations), *words, weight_decay=decay, conventions=own)
    count, iteration = _integer(count, 1, MOST_EXAMPLES), _integer(iteration, 0, LATEST)
    counts = [shape.parameter_count, *[shape.layers[0], shape.layers[-1]] * count, 2]
    counts += [shape.optimiser_count, len(shape.hyperparameters), shape.accumulated_count]
    if len(numbers) != sum(counts):
        raise ValueError("wrong number of numbers")
    rest = iter(numbers)
    parameters, *rows, settings, kept, hyperparameters, sums = (
        tuple(islice(rest, length)) for length in counts
    )
    start = IterationState(
        Network(shape, as_entered(parameters)),
        tuple(map(Example.of, rows[::2], rows[1::2])),
        settings[0] + 0.0,
        iteration,
        settings[1] if had_error else None,
        as_entered(hyperparameters),
        kept,
        sums,
        _integer(pass_start, 0, iteration),
        None if shuffle is None else _integer(shuffle, 0, LARGEST_SEED),
    )
    return start, _integer(cursor, 0, start.steps_in(iteration)), name


def _conventions(fields: object) -> Conventions:
    conventions = conventions_in(dict(fields))  # type: ignore[call-overload]
    if describe_conventions(conventions) != fields:  # 1 in place of true, say
        raise ValueError("no conventions")
    return conventions


def _integer(value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError("not an integer in the range")
    return value
