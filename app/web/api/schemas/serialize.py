"""A simulation as JSON for the API.

Plain dicts, encoded directly: validating a response against its model would take longer than
producing it. The tests validate them instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import isfinite
from typing import Any

import msgspec

from app.analysis.diagnosis import Mistake
from app.analysis.rounding import RoundedIteration, on_board
from app.backprop.addresses import address
from app.backprop.network import Network, Shape
from app.backprop.quantity_names import symbol
from app.backprop.steps import Step
from app.examples.published import Preset
from app.sessions.service import Session
from app.simulation.description import as_json, describe, describe_example, describe_network
from app.simulation.iteration import IterationState
from app.simulation.simulation import Simulation

Known = float | None
Row = tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class IterationValues:
    """The values of an iteration, None where not computed yet."""

    # `net`, `out`, `delta`: one row per layer after the input layer.
    net: tuple[Row, ...]
    out: tuple[Row, ...]
    output_errors: Row  # E_k, one per output
    error: Known  # E, their sum
    delta: tuple[Row, ...]
    # `weight_gradients`, `bias_gradients`: nested like `Network.weights` and `Network.biases`.
    weight_gradients: tuple[tuple[Row, ...], ...]
    bias_gradients: tuple[Row, ...]


def values_of(simulation: Simulation) -> IterationValues:
    shape = simulation.shape
    results = zip(simulation.steps, simulation.trace()[: simulation.cursor], strict=False)
    known = {step.result: value for step, value in results}

    def per_unit(kind: str) -> tuple[Row, ...]:
        return tuple(
            tuple(known.get(address(kind, layer, unit)) for unit in range(units))
            for layer, units in enumerate(shape.layers)
            if layer
        )

    parameters = simulation.compiled.parameters
    # A network nests any values, even None.
    flat: Any = tuple(known.get(text.replace("/", "_gradient/", 1)) for text in parameters)
    gradients = Network(shape, flat)
    return IterationValues(
        net=per_unit("net"),
        out=per_unit("out"),
        output_errors=tuple(known.get(f"output_error/{k}") for k in range(shape.layers[-1])),
        error=known.get("error"),
        delta=per_unit("delta"),
        weight_gradients=gradients.weights,
        bias_gradients=gradients.biases,
    )


def current_state(simulation: Simulation) -> IterationState:
    """Return the state of the iteration with what it has computed so far of its changes."""
    start, shape, kept = simulation.start, simulation.network.shape, simulation.start.kept
    state = [
        number
        for rule in shape.kept_rules
        for number in _current(simulation, rule.name, kept[rule.name].parameters)
    ]
    if shape.counts_updates:
        counted = "update_count" in simulation.compiled.position
        count = simulation.value("update_count") if counted else None
        state.append(start.optimiser_state[-1] if count is None else count)
    return replace(
        start,
        network=simulation.current_network,
        optimiser_state=tuple(state),
        accumulated=tuple(_current(simulation, "sum", start.accumulated)),
        previous_error=simulation.previous_error,
    )


def _current(simulation: Simulation, kind: str, initial: tuple[float, ...]) -> Iterator[float]:
    """Replace the initial values of a kind by those that the iteration has computed so far."""
    compiled, cursor = simulation.compiled, simulation.cursor
    trace = simulation.trace() if initial else ()
    for text, old in zip(compiled.inputs, initial, strict=False):
        place = compiled.position.get(text.replace("/", f"_{kind}/", 1), cursor)
        yield trace[place] if place < cursor else old


Json = dict[str, Any]
_encode = msgspec.json.Encoder().encode


def encode(content: Any) -> bytes:
    """Encode as JSON, with the strings "NaN", "Infinity" and "-Infinity" for these numbers."""
    return _encode(as_json(content))


def encode_state(session: Session, board: RoundedIteration | None = None) -> bytes:
    """Encode `state`. If all numbers are finite, no search for others is necessary."""
    content = state(session, board)
    if board:
        return encode(content)
    return _encode(content) if _finite(session.simulation) else encode(content)


def state(session: Session, board: RoundedIteration | None = None) -> Json:
    """Return the state of a session, which is all but its history; with a board, with its numbers."""
    simulation = on_board(session.simulation, board) if board else session.simulation
    fields, values = describe(current_state(simulation)), values_of(simulation)
    fields.pop("pass_from", None)
    return {
        "id": session.id,
        "version": session.version,
        "network": fields.pop("network"),
        "examples": fields.pop("examples"),
        "example": simulation.example,
        "learning_rate": fields.pop("learning_rate"),
        "iteration": fields.pop("iteration"),
        "cursor": simulation.cursor,
        "steps": len(simulation.steps),
        "phase": simulation.phase,
        "values": {name: getattr(values, name) for name in IterationValues.__slots__},
        "step": _last_step(simulation, session.simulation if board else None),
        "previous_error": fields.pop("previous_error"),
        "name": simulation.name,
        **fields,
        **_rounding_of(board),
    }


def preset(preset: Preset) -> Json:
    return {
        **{name: getattr(preset, name) for name in ("name", "title", "summary", "source")},
        "network": describe_network(preset.simulation.network),
        "examples": [describe_example(example) for example in preset.simulation.examples],
        "learning_rate": preset.simulation.learning_rate,
    }


def mistake(mistake: Mistake, sentence: str) -> Json:
    """Return a mistake; `sentence` says what was done and what to do instead."""
    return {"kind": mistake.name, "sentence": sentence, "address": mistake.step.result}


def step_fields(step: Step) -> Json:
    return {name: getattr(step, name) for name in ("phase", "kind", "layer", "unit", "symbol")}


def steps(simulation: Simulation, board: RoundedIteration | None = None) -> Json:
    """Return the steps of the iteration, with the numbers known so far; with a board, with those on
    it, and beside each result the one that is not rounded."""
    shown = on_board(simulation, board) if board else simulation
    known, shape = _known(shown), shown.shape
    taken, exact = shown.trace()[: shown.cursor], simulation.trace()[: shown.cursor]
    rows = zip_longest(shown.steps, taken, exact)
    content = [
        {"index": i, **_step(step, value, known, shape), **({"unrounded": other} if board else {})}
        for i, (step, value, other) in enumerate(rows)
    ]
    return {"steps": content, **_rounding_of(board)}


def _rounding_of(board: RoundedIteration | None) -> Json:
    return {"rounding": board.rounding.name} if board else {}


def _last_step(simulation: Simulation, exact: Simulation | None) -> Json | None:
    """Return the last step; of a board, with the result that is not rounded."""
    step, last = simulation.last_step, simulation.cursor - 1
    if step is None:
        return None
    value = simulation.trace()[last]
    content = _step(step, value, _known(simulation), simulation.shape)
    return content | ({"unrounded": exact.trace()[last]} if exact else {})


def _step(step: Step, value: Known, known: dict[str, float], shape: Shape) -> Json:
    return {
        **step_fields(step),
        "value": value,
        "operands": [
            {"symbol": symbol(at, shape), "value": known.get(at), "at": at} for at in step.operands
        ],
        "at": step.result,
    }


def _known(simulation: Simulation) -> dict[str, float]:
    """Return every operand known so far. Weights and biases are the old ones, which the gradients
    and the update use."""
    results = zip(simulation.steps, simulation.trace()[: simulation.cursor], strict=False)
    return {step.result: value for step, value in results} | simulation.reading()


def _finite(simulation: Simulation) -> bool:
    """Whether all numbers of a state are certainly finite: their sum is. It may also overflow."""
    numbers = sum(simulation.trace()) + sum(simulation.start.state)
    return isfinite(numbers + (simulation.previous_error or 0.0))
