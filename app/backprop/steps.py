"""One iteration as a tuple of steps: what is computed, from what, in which order.

This is the one place that knows the algorithm. The sequence depends on the network's shape alone.
Words, formulas, highlights and the code that runs (see `program`) are all drawn from it.
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


@dataclass(frozen=True, slots=True)
class Step:
    """One calculation of an iteration, the smallest that can be shown.

    Attributes:
        phase: forward, backward or update.
        kind: one of `KINDS`.
        layer: the layer that it computes for, counted from 0 at the inputs.
        unit: the unit of that layer that it computes for (for a weight, the one it leads to), or
            None where it belongs to the layer as a whole.
        symbol: what it computes, in the deck's notation.
        result: the address of what it computes.
        operands: the addresses of what it reads, in the order of the formula.
    """

    phase: str
    kind: str
    layer: int
    unit: int | None
    symbol: str
    result: str
    operands: tuple[str, ...]

    @property
    def only_in_update_iteration(self) -> bool:
        """Whether in passes only the last iteration takes it."""
        return self.kind.endswith(("_velocity", "_update"))


@lru_cache(maxsize=256)
def steps_of(shape: Shape) -> tuple[Step, ...]:
    """The steps of one iteration, in the deck's order: kind by kind, layer by layer.

    For 3-4-2 these are 15 forward, 40 backward and 22 update steps.
    """
    last = shape.depth - 1
    return tuple(
        step
        for layers, makers in (
            (range(1, last + 1), (_net, _out)),
            ((last,), (_error,)),
            (
                range(last, 0, -1),
                (_error_slope, _activation_slope, _delta, _weight_gradient, _bias_gradient),
            ),
            (range(last, 0, -1), (_weight_sum, _bias_sum)),
            (
                range(last, 0, -1) if shape.is_update_iteration else (),
                (_weight_velocity, _bias_velocity, _weight_update, _bias_update),
            ),
        )
        for layer in layers
        for make in makers
        for step in make(shape, layer)
    )


def _step(
    shape: Shape,
    kind: str,
    layer: int,
    unit: int | None,
    result: str,
    operands: tuple[str, ...],
    written: str | None = None,
) -> Step:
    text = symbol(written or result, shape.depth)
    return Step(PHASE_OF[kind], kind, layer, unit, text, result, operands)


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
        operands = (*_bias_of(shape, layer, unit), *terms)
        yield _step(shape, "net", layer, unit, address("net", layer, unit), operands)


def _out(shape: Shape, layer: int) -> Iterator[Step]:
    """out = f(net) (slide 1), or of softmax, f of all nets of the layer."""
    whole = ACTIVATIONS[shape.activations[layer - 1]].per_layer
    for unit in range(shape.layers[layer]):
        nets = _nets(shape, layer) if whole else (address("net", layer, unit),)
        yield _step(shape, "out", layer, unit, address("out", layer, unit), nets)


def _error(shape: Shape, layer: int) -> Iterator[Step]:
    """E_k of every output, then E, their sum (slide 1)."""
    shares = [address("output_error", unit) for unit in range(shape.layers[layer])]
    for unit, share in enumerate(shares):
        operands = (address("target", unit), *_answer(shape, layer, unit))
        yield _step(shape, "error", layer, unit, share, operands)
    yield _step(shape, "error", layer, None, "error", tuple(shares))


def _answer(shape: Shape, layer: int, unit: int) -> tuple[str, ...]:
    """What an output's error reads beside the target."""
    reads = ERRORS[shape.error].value_input
    if reads == "nets":
        return _nets(shape, layer)
    return (address(reads, layer, unit),)


def _nets(shape: Shape, layer: int) -> tuple[str, ...]:
    return tuple(address("net", layer, unit) for unit in range(shape.layers[layer]))


def _error_slope(shape: Shape, layer: int) -> Iterator[Step]:
    """∂E/∂out: (1) of slide 2 for outputs, of slide 3 for hidden units, where it sums the paths."""
    if _joined(shape, layer):
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
    if _joined(shape, layer):
        return
    reads = ACTIVATIONS[shape.activations[layer - 1]].slope_input
    for unit in range(shape.layers[layer]):
        operands = (address(reads, layer, unit),) if reads else ()
        result = address("activation_slope", layer, unit)
        yield _step(shape, "activation_slope", layer, unit, result, operands)


def _delta(shape: Shape, layer: int) -> Iterator[Step]:
    """δ = (1)·(2) (slides 2 and 3); of joint outputs out − target, which is what that comes to."""
    for unit in range(shape.layers[layer]):
        if _joined(shape, layer):
            operands = (address("out", layer, unit), address("target", unit))
        else:
            operands = (
                address("error_slope", layer, unit),
                address("activation_slope", layer, unit),
            )
        yield _step(shape, "delta", layer, unit, address("delta", layer, unit), operands)


Place = tuple[int | None, tuple[int, ...]]  # a unit, and the indices of a weight or bias of it


def _weights(shape: Shape, layer: int) -> Iterator[Place]:
    """The weights into a layer: unit after unit, as slide 2 goes on from w'11 to w'21."""
    for unit in range(shape.layers[layer]):
        for source in range(shape.layers[layer - 1]):
            yield unit, (layer - 1, source, unit)


def _biases(shape: Shape, layer: int) -> Iterator[Place]:
    """The biases of a layer: one without a unit where they share it."""
    if shape.bias == "shared":
        yield None, (layer - 1,)
    elif shape.bias == "per_unit":
        for unit in range(shape.layers[layer]):
            yield unit, (layer - 1, unit)


def _weight_gradient(shape: Shape, layer: int) -> Iterator[Step]:
    """∂E/∂w = δ·out (slides 2 and 3)."""
    for unit, indices in _weights(shape, layer):
        result = address("weight_gradient", *indices)
        operands = (address("delta", layer, indices[2]), address("out", layer - 1, indices[1]))
        yield _step(shape, "weight_gradient", layer, unit, result, operands)


def _bias_gradient(shape: Shape, layer: int) -> Iterator[Step]:
    """∂E/∂b = Σδ where the layer shares it (slides 2 and 3), δ where each unit has its own."""
    for unit, indices in _biases(shape, layer):
        units = range(shape.layers[layer]) if unit is None else (unit,)
        deltas = tuple(address("delta", layer, each) for each in units)
        result = address("bias_gradient", *indices)
        yield _step(shape, "bias_gradient", layer, unit, result, deltas)


def _weight_sum(shape: Shape, layer: int) -> Iterator[Step]:
    """Σ ∂E/∂w of the pass so far, where the update comes after all examples."""
    return _sums(shape, "weight", layer, _weights(shape, layer))


def _bias_sum(shape: Shape, layer: int) -> Iterator[Step]:
    """Σ ∂E/∂b of the pass so far."""
    return _sums(shape, "bias", layer, _biases(shape, layer))


def _sums(shape: Shape, what: str, layer: int, places: Iterator[Place]) -> Iterator[Step]:
    for unit, indices in places if shape.accumulates else ():
        kinds = (f"{what}_sum_before", f"{what}_gradient")
        operands = tuple(address(kind, *indices) for kind in kinds)
        yield _step(shape, f"{what}_sum", layer, unit, address(f"{what}_sum", *indices), operands)


def _slope_of(shape: Shape, what: str, indices: tuple[int, ...]) -> tuple[str, ...]:
    """What a parameter moves against: its gradient, or the sum or the mean of all of a pass."""
    if not shape.accumulates:
        return (address(f"{what}_gradient", *indices),)
    count = ("example_count",) if shape.update == "mean" else ()
    return (address(f"{what}_sum", *indices), *count)


def _weight_velocity(shape: Shape, layer: int) -> Iterator[Step]:
    """v_new = μ·v + ∂E/∂w, with momentum; after all examples of their mean or sum."""
    return _velocities(shape, "weight", layer, _weights(shape, layer))


def _bias_velocity(shape: Shape, layer: int) -> Iterator[Step]:
    """v_new = μ·v + ∂E/∂b, with momentum."""
    return _velocities(shape, "bias", layer, _biases(shape, layer))


def _velocities(shape: Shape, what: str, layer: int, places: Iterator[Place]) -> Iterator[Step]:
    for unit, indices in places if shape.velocity_count else ():
        before = address(f"{what}_velocity_before", *indices)
        operands = ("momentum", before, *_slope_of(shape, what, indices))
        result = address(f"{what}_velocity", *indices)
        yield _step(shape, f"{what}_velocity", layer, unit, result, operands)


def _weight_update(shape: Shape, layer: int) -> Iterator[Step]:
    """w_new = w − lr·∂E/∂w (slides 2 and 3); with momentum w − lr·v_new."""
    return _updates(shape, "weight", layer, _weights(shape, layer))


def _bias_update(shape: Shape, layer: int) -> Iterator[Step]:
    """b_new = b − lr·∂E/∂b (slides 2 and 3)."""
    return _updates(shape, "bias", layer, _biases(shape, layer))


def _updates(shape: Shape, what: str, layer: int, places: Iterator[Place]) -> Iterator[Step]:
    for unit, indices in places:
        result = address(what, *indices)
        velocity = (address(f"{what}_velocity", *indices),)
        by = velocity if shape.velocity_count else _slope_of(shape, what, indices)
        yield _step(shape, f"{what}_update", layer, unit, result, (result, "learning_rate", *by))


def _joined(shape: Shape, layer: int) -> bool:
    """Whether this is the layer whose δ needs no slopes."""
    return shape.fused_delta and layer == shape.depth - 1


def _bias_of(shape: Shape, layer: int, unit: int) -> tuple[str, ...]:
    if shape.bias == "none":
        return ()
    own = (unit,) if shape.bias == "per_unit" else ()
    return (address("bias", layer - 1, *own),)
