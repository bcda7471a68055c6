"""The steps of an iteration: what is computed, from which operands, in which order.

This is the only place that defines the algorithm: each step has its formula as an expression, made
of the rules of `functions`. The steps depend on the network's shape alone; the compiler, the formulas,
the explanations and the highlights are all derived from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.backprop.addresses import address, symbol
from app.backprop.expressions import (
    Constant,
    Expression,
    Operand,
    Product,
    Sum,
    operands,
    substitute,
)
from app.backprop.functions import ACTIVATIONS, ERRORS, FUSED_DELTA, OPTIMISERS, UPDATE_RULES
from app.backprop.network import Shape

PHASES = ("forward", "backward", "update")
_FORWARD = ("net", "out", "error")
_BACKWARD = ("error_slope", "activation_slope", "delta", "weight_gradient", "bias_gradient")
_RULES = tuple(f"{kind}_{name}" for name in UPDATE_RULES for kind in ("weight", "bias"))
_UPDATE = (
    *("weight_sum", "bias_sum", "update_count", "weight_decayed"),
    *(*_RULES, "weight_update", "bias_update"),
)
KINDS = (*_FORWARD, *_BACKWARD, *_UPDATE)
PHASE_OF = {
    kind: phase
    for phase, kinds in zip(PHASES, (_FORWARD, _BACKWARD, _UPDATE), strict=True)
    for kind in kinds
}

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
    expression: Expression  # its formula, whose operands are addresses
    operands: tuple[str, ...]  # the addresses of the operands, in the order of the formula
    # Whether a result that is 0 by hand counts as 0: a net of a unit whose activation has a kink
    # there. Doubles do not decide on which side of the kink it lies; the decimals on paper do.
    settles: bool = False

    @property
    def only_in_update_iteration(self) -> bool:
        """Whether batch updates take this step only in the last iteration of a pass."""
        return self.phase == "update" and not self.kind.endswith("_sum")


# A net counts as 0 up to this share of |b| + Σ |x·w|. That is far more than its own rounding (a few
# times 2⁻⁵³), since in later layers the rounding of the earlier ones adds to it.
SETTLED = 2.0**-40


@lru_cache(maxsize=256)
def steps_of(shape: Shape) -> tuple[Step, ...]:
    """Return the steps of one iteration in the deck's order: layer by layer, kind by kind.

    3-4-2 has 15 forward, 40 backward and 22 update steps.
    """
    last = shape.depth - 1
    backward = range(last, 0, -1)
    updated = backward if shape.is_update_iteration else ()
    return tuple(
        step
        for layers, generators in (
            (range(1, last + 1), (_net, _out)),
            ((last,), (_error,)),
            (backward, (_error_slope, _activation_slope, _delta, _gradient)),
            (backward, (_sum,)),
            (updated[:1], (_update_count,)),
            (updated, (_decay, _update_rules, _update)),
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
    formula: Expression,
    *,
    settles: bool = False,
) -> Step:
    phase, name = PHASE_OF[kind], symbol(result, shape.depth)
    return Step(phase, kind, layer, unit, name, result, formula, operands(formula), settles)


def _at(kind: str, *indices: int) -> Operand:
    return Operand(address(kind, *indices))


def _net(shape: Shape, layer: int) -> Iterator[Step]:
    """net_Hj = b1 + Σ_i x_i w_ij (slide 1)."""
    for unit in range(shape.layers[layer]):
        products = [
            _at("out", layer - 1, source) * _at("weight", layer - 1, source, unit)
            for source in range(shape.layers[layer - 1])
        ]
        formula = _total([*_bias(shape, layer, unit), *products])
        settles = ACTIVATIONS[shape.activation(layer, unit)].kinked
        result = address("net", layer, unit)
        yield _step(shape, "net", layer, unit, result, formula, settles=settles)


def _out(shape: Shape, layer: int) -> Iterator[Step]:
    """out = f(net) (slide 1); softmax depends on all nets of the layer."""
    for unit in range(shape.layers[layer]):
        rule = ACTIVATIONS[shape.activation(layer, unit)].value
        formula = substitute(rule, _unit_operands(shape, layer, unit))
        yield _step(shape, "out", layer, unit, address("out", layer, unit), formula)


def _error(shape: Shape, layer: int) -> Iterator[Step]:
    """E_k of every output, then their sum E (slide 1)."""
    output_errors = [address("output_error", unit) for unit in range(shape.layers[layer])]
    for unit, result in enumerate(output_errors):
        formula = substitute(ERRORS[shape.error].value, _unit_operands(shape, layer, unit))
        yield _step(shape, "error", layer, unit, result, formula)
    yield _step(shape, "error", layer, None, "error", _total(list(map(Operand, output_errors))))


def _error_slope(shape: Shape, layer: int) -> Iterator[Step]:
    """∂E/∂out: (1) of slide 2 for outputs, (1) of slide 3 for hidden units, summed over paths."""
    if _has_fused_delta(shape, layer):
        return
    for unit in range(shape.layers[layer]):
        if layer == shape.depth - 1:
            rule = ERRORS[shape.error].slope
            assert rule is not None  # else it has a fused delta
            formula = substitute(rule, _unit_operands(shape, layer, unit))
        else:
            formula = _total(
                [
                    _at("delta", layer + 1, after) * _at("weight", layer, unit, after)
                    for after in range(shape.layers[layer + 1])
                ]
            )
        result = address("error_slope", layer, unit)
        yield _step(shape, "error_slope", layer, unit, result, formula)


def _activation_slope(shape: Shape, layer: int) -> Iterator[Step]:
    """∂out/∂net: (2) of slides 2 and 3."""
    if _has_fused_delta(shape, layer):
        return
    for unit in range(shape.layers[layer]):
        rule = ACTIVATIONS[shape.activation(layer, unit)].slope
        assert rule is not None  # else the error function has a fused delta
        formula = substitute(rule, _unit_operands(shape, layer, unit))
        result = address("activation_slope", layer, unit)
        yield _step(shape, "activation_slope", layer, unit, result, formula)


def _delta(shape: Shape, layer: int) -> Iterator[Step]:
    """δ = (1)·(2) (slides 2 and 3). A fused delta is out − target, to which the product reduces."""
    for unit in range(shape.layers[layer]):
        formula: Expression = _at("error_slope", layer, unit) * _at("activation_slope", layer, unit)
        if _has_fused_delta(shape, layer):
            formula = substitute(FUSED_DELTA, _unit_operands(shape, layer, unit))
        yield _step(shape, "delta", layer, unit, address("delta", layer, unit), formula)


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
            formula: Expression = _at("delta", layer, indices[2]) * _at(
                "out", layer - 1, indices[1]
            )
        else:
            units = range(shape.layers[layer]) if unit is None else (unit,)
            formula = _total([_at("delta", layer, each) for each in units])
        result = address(f"{kind}_gradient", *indices)
        yield _step(shape, f"{kind}_gradient", layer, unit, result, formula)


def _sum(shape: Shape, layer: int) -> Iterator[Step]:
    """Σ ∂E/∂w and Σ ∂E/∂b over the pass so far, with batch updates."""
    for kind, unit, indices in _parameters(shape, layer) if shape.accumulates else ():
        formula = _at(f"{kind}_sum_before", *indices) + _at(f"{kind}_gradient", *indices)
        result = address(f"{kind}_sum", *indices)
        yield _step(shape, f"{kind}_sum", layer, unit, result, formula)


def _update_count(shape: Shape, layer: int) -> Iterator[Step]:
    """t, the number of updates, for an optimiser that depends on it."""
    if OPTIMISERS[shape.optimiser].counts_updates:
        formula = Operand("update_count_before") + 1
        yield _step(shape, "update_count", layer, None, "update_count", formula)


def _decay(shape: Shape, layer: int) -> Iterator[Step]:
    """The gradient with λ·w added to it, for the weights of a network with weight decay."""
    for kind, unit, indices in _parameters(shape, layer) if shape.weight_decay else ():
        if kind == "weight":
            gradient = _update_gradient(shape, kind, indices)
            formula = gradient + Operand("weight_decay") * _at("weight", *indices)
            result = address("weight_decayed", *indices)
            yield _step(shape, "weight_decayed", layer, unit, result, formula)


def _update_rules(shape: Shape, layer: int) -> Iterator[Step]:
    """What the optimiser computes between the gradients and the update, such as velocities."""
    for rule in OPTIMISERS[shape.optimiser].rules:
        for kind, unit, indices in _parameters(shape, layer):
            formula = substitute(rule.value, _update_operands(shape, kind, indices, rule.name))
            result = address(f"{kind}_{rule.name}", *indices)
            yield _step(shape, f"{kind}_{rule.name}", layer, unit, result, formula)


def _update(shape: Shape, layer: int) -> Iterator[Step]:
    """w_new = w − lr·∂E/∂w (slides 2 and 3), or what the optimiser has in place of ∂E/∂w."""
    change = OPTIMISERS[shape.optimiser].change
    for kind, unit, indices in _parameters(shape, layer):
        change_here = substitute(change, _update_operands(shape, kind, indices))
        formula = _at(kind, *indices) - Operand("learning_rate") * change_here
        yield _step(shape, f"{kind}_update", layer, unit, address(kind, *indices), formula)


def _update_operands(
    shape: Shape, kind: str, indices: tuple[int, ...], name: str = ""
) -> dict[str, Expression | tuple[Expression, ...]]:
    """What the operands of an optimiser's rules are for one parameter; `name` is the rule's own."""
    gradient = _update_gradient(shape, kind, indices)
    if shape.weight_decay and kind == "weight":
        gradient = _at("weight_decayed", *indices)
    return {
        "gradient": gradient,
        "before": _at(f"{kind}_{name}_before", *indices),
        **{
            rule.name: _at(f"{kind}_{rule.name}", *indices)
            for rule in OPTIMISERS[shape.optimiser].rules
        },
    }


def _update_gradient(shape: Shape, kind: str, indices: tuple[int, ...]) -> Expression:
    """The gradient that an update uses: of one example, or the sum or the mean over a pass."""
    if not shape.accumulates:
        return _at(f"{kind}_gradient", *indices)
    total = _at(f"{kind}_sum", *indices)
    return total / Operand("example_count") if shape.update == "mean" else total


def _unit_operands(
    shape: Shape, layer: int, unit: int
) -> dict[str, Expression | tuple[Expression, ...]]:
    """What the operands of the rules of `functions` are for one unit."""
    return {
        "net": _at("net", layer, unit),
        "nets": tuple(_at("net", layer, each) for each in range(shape.layers[layer])),
        "out": _at("out", layer, unit),
        "target": _at("target", unit),
        "outputs": Constant(float(shape.layers[-1])),
    }


def _total(parts: list[Product] | list[Operand] | list[Expression]) -> Expression:
    return Sum(tuple(parts)) if len(parts) > 1 else parts[0]


def _has_fused_delta(shape: Shape, layer: int) -> bool:
    """Whether this is the output layer and its δ is computed in one step."""
    return shape.fused_delta and layer == shape.depth - 1


def _bias(shape: Shape, layer: int, unit: int) -> list[Expression]:
    if shape.bias == "none":
        return []
    own = (unit,) if shape.bias == "per_unit" else ()
    return [_at("bias", layer - 1, *own)]
