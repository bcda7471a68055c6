"""A simulation as JSON for the API.

Plain dicts, encoded directly: validating a response against its model would take longer than
producing it. The tests validate them instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from math import isfinite
from typing import Any

import msgspec

from app.backprop.addresses import address, symbol
from app.backprop.network import Example, Network
from app.backprop.steps import Step
from app.examples.published import Preset
from app.sessions.service import Session
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

    parameters = simulation.compiled.inputs[: shape.parameter_count]
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


def velocities_of(simulation: Simulation) -> Network:
    """Return the current velocities, nested like the parameters. Only with momentum."""
    return _current(simulation, "velocity", simulation.start.velocities)


def accumulated_of(simulation: Simulation) -> Network:
    """Return the accumulated gradients in the same way. Only with update mean or sum."""
    return _current(simulation, "sum", simulation.start.accumulated)


def _current(simulation: Simulation, kind: str, initial: tuple[float, ...]) -> Network:
    """Replace the initial values by those that the iteration has computed so far."""
    compiled, trace = simulation.compiled, simulation.trace()
    shape, cursor = simulation.shape, simulation.cursor
    places = (
        compiled.position.get(text.replace("/", f"_{kind}/", 1), cursor)
        for text in compiled.inputs[: shape.parameter_count]
    )
    values = (
        trace[place] if place < cursor else old for place, old in zip(places, initial, strict=True)
    )
    return Network(shape, tuple(values))


Json = dict[str, Any]
_encode = msgspec.json.Encoder().encode


def encode(content: Any) -> bytes:
    """Encode as JSON, with the strings "NaN", "Infinity" and "-Infinity" for these numbers."""
    return _encode(_to_json(content))


def encode_state(session: Session) -> bytes:
    """Encode `state`. If all numbers are finite, no search for others is necessary."""
    content = state(session)
    return _encode(content) if _finite(session.simulation) else encode(content)


def state(session: Session) -> Json:
    """Return the state of a session, which is all but its history."""
    simulation = session.simulation
    values = values_of(simulation)
    return {
        "id": session.id,
        "version": session.version,
        "network": network(simulation.current_network),
        "examples": examples(simulation.examples),
        "example": simulation.example,
        "learning_rate": simulation.learning_rate,
        "iteration": simulation.iteration,
        "cursor": simulation.cursor,
        "steps": len(simulation.steps),
        "phase": simulation.phase,
        "values": {name: getattr(values, name) for name in IterationValues.__slots__},
        "step": _last_step(simulation),
        "previous_error": simulation.previous_error,
        **(_momentum(simulation) if simulation.start.velocities else {}),
        **(_accumulated(simulation) if simulation.start.accumulated else {}),
        **({} if simulation.start.shuffle is None else {"shuffle": simulation.start.shuffle}),
    }


def _momentum(simulation: Simulation) -> Json:
    velocities = velocities_of(simulation)
    return {
        "momentum": simulation.start.momentum,
        "velocities": {"weights": velocities.weights, "biases": velocities.biases},
    }


def _accumulated(simulation: Simulation) -> Json:
    sums = accumulated_of(simulation)
    return {"gathered": {"weights": sums.weights, "biases": sums.biases}}


def network(network: Network) -> Json:
    shape = network.shape
    return {
        "layers": shape.layers,
        "activations": shape.activations,
        "error": shape.error,
        "bias": shape.bias,
        **({"optimiser": shape.optimiser} if shape.velocity_count else {}),
        **({"update": shape.update} if shape.accumulates else {}),
        "weights": network.weights,
        "biases": () if shape.bias == "none" else network.biases,
    }


def examples(examples: Iterable[Example]) -> list[Json]:
    return [{"inputs": example.inputs, "targets": example.targets} for example in examples]


def preset(preset: Preset) -> Json:
    return {
        "name": preset.name,
        "title": preset.title,
        "summary": preset.summary,
        "source": preset.source,
        "network": network(preset.simulation.network),
        "examples": examples(preset.simulation.examples),
        "learning_rate": preset.simulation.learning_rate,
    }


def step_fields(step: Step) -> Json:
    return {
        "phase": step.phase,
        "kind": step.kind,
        "layer": step.layer,
        "unit": step.unit,
        "symbol": step.symbol,
    }


def steps(simulation: Simulation) -> list[Json]:
    """Return the steps of the iteration, with the numbers known so far."""
    known, depth = _known(simulation), simulation.shape.depth
    taken = simulation.trace()[: simulation.cursor]
    pairs = zip_longest(simulation.steps, taken)
    return [{"index": i, **_step(*pair, known, depth)} for i, pair in enumerate(pairs)]


def _last_step(simulation: Simulation) -> Json | None:
    step = simulation.last_step
    if step is None:
        return None
    value = simulation.trace()[simulation.cursor - 1]
    return _step(step, value, _known(simulation), simulation.shape.depth)


def _step(step: Step, value: Known, known: dict[str, float], depth: int) -> Json:
    return {
        **step_fields(step),
        "value": value,
        "operands": [
            {"symbol": symbol(at, depth), "value": known.get(at), "at": at} for at in step.operands
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


def _to_json(content: Any) -> Any:
    match content:
        case float():
            return content if isfinite(content) else _NAMES.get(content, "NaN")
        case dict():
            return {name: _to_json(part) for name, part in content.items()}
        case list() | tuple():
            return [_to_json(part) for part in content]
    return content


_NAMES = {float("inf"): "Infinity", float("-inf"): "-Infinity"}
