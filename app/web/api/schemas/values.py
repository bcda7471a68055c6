"""What an iteration has computed so far, laid out as the network is."""

from dataclasses import dataclass
from itertools import pairwise

from app.backprop.addresses import address
from app.backprop.network import Network, Shape
from app.simulation.simulation import Simulation

Known = float | None
Row = tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Values:
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


def values_of(simulation: Simulation) -> Values:
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

    return Values(
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


def gathered_of(simulation: Simulation) -> Network:
    """The sums of gradients likewise; only where the update comes after all examples."""
    return _now(simulation, "sum", simulation.start.gathered)


def _now(simulation: Simulation, what: str, before: tuple[float, ...]) -> Network:
    """What an iteration begins with, or has made of it by now."""
    program, trace = simulation.program, simulation.trace()
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
