"""The steps of an iteration: what is computed, from which operands, in which order.

This is the only place that defines the algorithm. The steps depend on the network's shape alone;
the compiler, the formulas, the explanations and the highlights are all derived from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.backprop.addresses import address, symbol
from app.backprop.functions import ACTIVATIONS, ERRORS
from app.backprop.network import Shape

PHASES = ("forward", "backward", "update")
KINDS = (
    *("net", "out", "error"),
    *("error_slope", "activation_slope", "delta", "weight_gradient", "bias_gradient"),
    *("weight_sum", "bias_sum", "weight_velocity", "bias_velocity"),
    *("weight_update", "bias_update"),
)
PHASE_OF = dict(zip(KINDS, ("forward",) * 3 + ("backward",) * 5 + ("update",) * 6, strict=True))

# "weight" or "bias", the unit that it belongs to (None if shared), and the indices of its address
Parameter = tuple[str, int | None, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """One calculation of an iteration: the smallest unit of stepping."""

    phase: str  # one of `PHASES`
    kind: str  # one of `KINDS`
    layer: int  # the layer of the result, counted from 0 at the inputs
    # The unit of the result (for a weight, the one it leads to); None if the result belongs to
    # the whole layer.
    unit: int | None
    symbol: str  # the result in the deck's notation
    result: str  # the address of the result
    operands: tuple[str, ...]  # the addresses of the operands, in the order of the formula

    @property
    def only_in_update_iteration(self) -> bool:
        """Whether batch updates take this step only in the last iteration of a pass."""
        return self.kind.endswith(("_velocity", "_update"))


@lru_cache(maxsize=256)
def steps_of(shape: Shape) -> tuple[Step, ...]:
    """Return the steps of one iteration in the deck's order: layer by layer, kind by kind.

    3-4-2 has 15 forward, 40 backward and 22 update steps.
    """
    last = shape.depth - 1
    backward = range(last, 0, -1)
    return tuple(
        step
        for layers, generators in (
            (range(1, last + 1), (_net, _out)),
            ((last,), (_error,)),
            (backward, (_error_slope, _activation_slope, _delta, _gradient)),
            (backward, (_sum,)),
            (backward if shape.is_update_iteration else (), (_velocity, _update)),
        )
        for layer in layers
        for steps in generators
        for step in steps(shape, layer)
    )


def _step(
    shape: Shape,
    kind: str,
    layer: int,
    unit: int | None,
    result: str,
    operands: tuple[str, ...],
) -> Step:
    return Step(PHASE_OF[kind], kind, layer, unit, symbol(result, shape.depth), result, operands)


def _net(shape: Shape, layer: int) -> Iterator[Step]:
    """net_Hj = b1 + Σ_i x_i w_ij (slide 1)."""
    for unit in range(shape.layers[layer]):
        terms = [
            operand
            for source in range(shape.layers[layer - 1])
            for operand in (
                address("out", layer - 1, source),
                address("weight", layer - 1, source, unit),
            )
        ]
        operands = (*_bias_address(shape, layer, unit), *terms)
        yield _step(shape, "net", layer, unit, address("net", layer, unit), operands)


def _out(shape: Shape, layer: int) -> Iterator[Step]:
    """out = f(net) (slide 1); softmax depends on all nets of the layer."""
    per_layer = ACTIVATIONS[shape.activations[layer - 1]].per_layer
    for unit in range(shape.layers[layer]):
        nets = _net_addresses(shape, layer) if per_layer else (address("net", layer, unit),)
        yield _step(shape, "out", layer, unit, address("out", layer, unit), nets)


def _error(shape: Shape, layer: int) -> Iterator[Step]:
    """E_k of every output, then their sum E (slide 1)."""
    value_input = ERRORS[shape.error].value_input
    output_errors = [address("output_error", unit) for unit in range(shape.layers[layer])]
    for unit, result in enumerate(output_errors):
        inputs = (
            _net_addresses(shape, layer)
            if value_input == "nets"
            else (address(value_input, layer, unit),)
        )
        yield _step(shape, "error", layer, unit, result, (address("target", unit), *inputs))
    yield _step(shape, "error", layer, None, "error", tuple(output_errors))


def _net_addresses(shape: Shape, layer: int) -> tuple[str, ...]:
    return tuple(address("net", layer, unit) for unit in range(shape.layers[layer]))


def _error_slope(shape: Shape, layer: int) -> Iterator[Step]:
    """∂E/∂out: (1) of slide 2 for outputs, (1) of slide 3 for hidden units, summed over paths."""
    if _has_fused_delta(shape, layer):
        return
    for unit in range(shape.layers[layer]):
        if layer == shape.depth - 1:
            operands = [address("out", layer, unit), address("target", unit)]
        else:
            operands = [
                operand
                for after in range(shape.layers[layer + 1])
                for operand in (
                    address("delta", layer + 1, after),
                    address("weight", layer, unit, after),
                )
            ]
        result = address("error_slope", layer, unit)
        yield _step(shape, "error_slope", layer, unit, result, tuple(operands))


def _activation_slope(shape: Shape, layer: int) -> Iterator[Step]:
    """∂out/∂net: (2) of slides 2 and 3."""
    if _has_fused_delta(shape, layer):
        return
    slope_input = ACTIVATIONS[shape.activations[layer - 1]].slope_input
    for unit in range(shape.layers[layer]):
        operands = (address(slope_input, layer, unit),) if slope_input else ()
        result = address("activation_slope", layer, unit)
        yield _step(shape, "activation_slope", layer, unit, result, operands)


def _delta(shape: Shape, layer: int) -> Iterator[Step]:
    """δ = (1)·(2) (slides 2 and 3). A fused delta is out − target, to which the product reduces."""
    for unit in range(shape.layers[layer]):
        if _has_fused_delta(shape, layer):
            operands = (address("out", layer, unit), address("target", unit))
        else:
            operands = (
                address("error_slope", layer, unit),
                address("activation_slope", layer, unit),
            )
        yield _step(shape, "delta", layer, unit, address("delta", layer, unit), operands)


def _parameters(shape: Shape, layer: int) -> Iterator[Parameter]:
    """The weights into a layer, unit by unit (slide 2 has w'21 after w'11), then its biases."""
    units = range(shape.layers[layer])
    for unit in units:
        for source in range(shape.layers[layer - 1]):
            yield "weight", unit, (layer - 1, source, unit)
    if shape.bias == "shared":
        yield "bias", None, (layer - 1,)
    elif shape.bias == "per_unit":
        for unit in units:
            yield "bias", unit, (layer - 1, unit)


def _gradient(shape: Shape, layer: int) -> Iterator[Step]:
    """∂E/∂w = δ·out, and ∂E/∂b = δ, summed over the units that share the bias (slides 2 and 3)."""
    for kind, unit, indices in _parameters(shape, layer):
        if kind == "weight":
            operands = [address("delta", layer, indices[2]), address("out", layer - 1, indices[1])]
        else:
            units = range(shape.layers[layer]) if unit is None else (unit,)
            operands = [address("delta", layer, each) for each in units]
        result = address(f"{kind}_gradient", *indices)
        yield _step(shape, f"{kind}_gradient", layer, unit, result, tuple(operands))


def _sum(shape: Shape, layer: int) -> Iterator[Step]:
    """Σ ∂E/∂w and Σ ∂E/∂b over the pass so far, with batch updates."""
    for kind, unit, indices in _parameters(shape, layer) if shape.accumulates else ():
        result, gradient = (address(f"{kind}_{name}", *indices) for name in ("sum", "gradient"))
        operands = (address(f"{kind}_sum_before", *indices), gradient)
        yield _step(shape, f"{kind}_sum", layer, unit, result, operands)


def _velocity(shape: Shape, layer: int) -> Iterator[Step]:
    """v_new = μ·v + ∂E/∂w, with momentum; batch updates use the mean or sum of ∂E/∂w."""
    for kind, unit, indices in _parameters(shape, layer) if shape.velocity_count else ():
        before = address(f"{kind}_velocity_before", *indices)
        operands = ("momentum", before, *_gradient_operands(shape, kind, indices))
        result = address(f"{kind}_velocity", *indices)
        yield _step(shape, f"{kind}_velocity", layer, unit, result, operands)


def _update(shape: Shape, layer: int) -> Iterator[Step]:
    """w_new = w − lr·∂E/∂w (slides 2 and 3); with momentum w − lr·v_new."""
    for kind, unit, indices in _parameters(shape, layer):
        result = address(kind, *indices)
        change = (
            (address(f"{kind}_velocity", *indices),)
            if shape.velocity_count
            else _gradient_operands(shape, kind, indices)
        )
        operands = (result, "learning_rate", *change)
        yield _step(shape, f"{kind}_update", layer, unit, result, operands)


def _gradient_operands(shape: Shape, kind: str, indices: tuple[int, ...]) -> tuple[str, ...]:
    """The operands of what an update subtracts: a gradient, or a sum and, for a mean, its count."""
    if not shape.accumulates:
        return (address(f"{kind}_gradient", *indices),)
    count = ("example_count",) if shape.update == "mean" else ()
    return (address(f"{kind}_sum", *indices), *count)


def _has_fused_delta(shape: Shape, layer: int) -> bool:
    """Whether this is the output layer and its δ is computed in one step."""
    return shape.fused_delta and layer == shape.depth - 1


def _bias_address(shape: Shape, layer: int, unit: int) -> tuple[str, ...]:
    if shape.bias == "none":
        return ()
    own = (unit,) if shape.bias == "per_unit" else ()
    return (address("bias", layer - 1, *own),)
