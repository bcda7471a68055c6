"""A simulation as the API's JSON.

Written by hand into dicts and encoded at once: checking an answer against its own schema would
cost more than making it. The tests hold the answers against the schemas instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

import msgspec

from app.backprop.addresses import address, symbol
from app.backprop.network import Example, Network, Shape
from app.backprop.steps import Step
from app.examples.published import Preset
from app.sessions.service import Session
from app.simulation.simulation import Simulation

Known = float | None
Row = tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class IterationValues:
    """Every value of an iteration, None in place where it has not been computed yet.

    Attributes:
        net, out, delta: per layer that computes (the inputs are left out), one a unit.
        output_errors: E_k, one per output.
        error: E, their sum.
        weight_gradients, bias_gradients: nested as `Network.weights` and `Network.biases`.
    """

    net: tuple[Row, ...]
    out: tuple[Row, ...]
    output_errors: Row
    error: Known
    delta: tuple[Row, ...]
    weight_gradients: tuple[tuple[Row, ...], ...]
    bias_gradients: tuple[Row, ...]


def values_of(simulation: Simulation) -> IterationValues:
    """The values at the moment a simulation is in."""
    shape = simulation.shape
    results = zip(simulation.steps, simulation.trace()[: simulation.cursor], strict=False)
    known = {step.result: value for step, value in results}

    def per_unit(kind: str) -> tuple[Row, ...]:
        return tuple(
            tuple(known.get(address(kind, layer, unit)) for unit in range(units))
            for layer, units in enumerate(shape.layers)
            if layer
        )

    return IterationValues(
        net=per_unit("net"),
        out=per_unit("out"),
        output_errors=tuple(
            known.get(address("output_error", unit)) for unit in range(shape.layers[-1])
        ),
        error=known.get("error"),
        delta=per_unit("delta"),
        weight_gradients=tuple(
            tuple(
                tuple(
                    known.get(address("weight_gradient", layer, source, target))
                    for target in range(targets)
                )
                for source in range(sources)
            )
            for layer, (sources, targets) in enumerate(pairwise(shape.layers))
        ),
        bias_gradients=_bias_gradients(shape, known),
    )


def velocities_of(simulation: Simulation) -> Network:
    """The velocities as they are now, laid out as the network is; only with momentum."""
    return _now(simulation, "velocity", simulation.start.velocities)


def accumulated_of(simulation: Simulation) -> Network:
    """The sums of gradients likewise; only where the update comes after all examples."""
    return _now(simulation, "sum", simulation.start.accumulated)


def _now(simulation: Simulation, what: str, before: tuple[float, ...]) -> Network:
    """What an iteration begins with, or has made of it by now."""
    program, trace = simulation.compiled, simulation.trace()
    shape, cursor = simulation.shape, simulation.cursor
    places = (
        program.position.get(text.replace("/", f"_{what}/", 1), cursor)
        for text in program.inputs[: shape.parameter_count]
    )
    moved = (
        trace[place] if place < cursor else old for place, old in zip(places, before, strict=True)
    )
    return Network(shape, tuple(moved))


def _bias_gradients(shape: Shape, known: dict[str, float]) -> tuple[Row, ...]:
    if shape.bias == "none":
        return ()
    if shape.bias == "shared":
        return tuple((known.get(address("bias_gradient", i)),) for i in range(shape.depth - 1))
    return tuple(
        tuple(known.get(address("bias_gradient", layer, unit)) for unit in range(count))
        for layer, count in enumerate(shape.bias_counts)
    )


Json = dict[str, Any]
_encode = msgspec.json.Encoder().encode


def encoded(content: Any) -> bytes:
    """JSON, with what JSON has no numbers for as the strings "NaN", "Infinity", "-Infinity"."""
    return _encode(_strict(content))


def encoded_state(session: Session) -> bytes:
    """`state`, encoded. A network that has not diverged is spared the search for what has."""
    content = state(session)
    return _encode(content) if _finite(session.simulation) else encoded(content)


def state(session: Session) -> Json:
    """Where a session stands: the whole of it but its history."""
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
        "values": {
            "net": values.net,
            "out": values.out,
            "output_errors": values.output_errors,
            "error": values.error,
            "delta": values.delta,
            "weight_gradients": values.weight_gradients,
            "bias_gradients": values.bias_gradients,
        },
        "step": _last_step(simulation),
        "previous_error": simulation.previous_error,
        **(_inertia(simulation) if simulation.start.velocities else {}),
        **(_gathered(simulation) if simulation.start.accumulated else {}),
        **({} if simulation.start.shuffle is None else {"shuffle": simulation.start.shuffle}),
    }


def _inertia(simulation: Simulation) -> Json:
    """What there is with momentum only. Velocities have the nesting of weights and biases."""
    moved = velocities_of(simulation)
    return {
        "momentum": simulation.start.momentum,
        "velocities": {"weights": moved.weights, "biases": moved.biases},
    }


def _gathered(simulation: Simulation) -> Json:
    """Likewise where the update comes after all examples."""
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


def named(step: Step) -> Json:
    """Which step it is."""
    return {
        "phase": step.phase,
        "kind": step.kind,
        "layer": step.layer,
        "unit": step.unit,
        "symbol": step.symbol,
    }


def steps(simulation: Simulation) -> list[Json]:
    """The steps of the iteration in order, with the numbers that are known so far."""
    known = _known(simulation)
    depth = simulation.shape.depth
    taken = simulation.cursor
    results = simulation.trace()[:taken]
    return [
        {
            "index": index,
            **named(step),
            "at": step.result,
            "operands": [
                {"symbol": symbol(at, depth), "at": at, "value": known.get(at)}
                for at in step.operands
            ],
            "value": results[index] if index < taken else None,
        }
        for index, step in enumerate(simulation.steps)
    ]


def _last_step(simulation: Simulation) -> Json | None:
    step: Step | None = simulation.last_step
    if step is None:
        return None
    known = _known(simulation)
    depth = simulation.shape.depth
    return {
        **named(step),
        "value": simulation.trace()[simulation.cursor - 1],
        "operands": [
            {"symbol": symbol(at, depth), "value": known[at], "at": at} for at in step.operands
        ],
        "at": step.result,
    }


def _known(simulation: Simulation) -> dict[str, float]:
    """Every number that the iteration's steps could read by now: weights and biases are the old
    ones, since both gradients and the update are taken at them."""
    results = zip(simulation.steps, simulation.trace()[: simulation.cursor], strict=False)
    return {step.result: value for step, value in results} | simulation.reading()


def _finite(simulation: Simulation) -> bool:
    """Whether all numbers of a state are certainly finite: then so is their sum, mostly."""
    numbers = sum(simulation.trace()) + sum(simulation.start.state)
    return isfinite(numbers + (simulation.previous_error or 0.0))


def _strict(content: Any) -> Any:
    match content:
        case float():
            return content if isfinite(content) else _NAMES.get(content, "NaN")
        case dict():
            return {name: _strict(part) for name, part in content.items()}
        case list() | tuple():
            return [_strict(part) for part in content]
    return content


_NAMES = {float("inf"): "Infinity", float("-inf"): "-Infinity"}
