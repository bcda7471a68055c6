"""The steps of an iteration: what is computed, from which operands, in which order.

This is the only place that defines the algorithm: each step has its formula as an expression, made
of the rules of `functions`. The steps depend on the network's shape alone; the compiler, the formulas,
the explanations and the highlights are all derived from them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from app.backprop.addresses import address
from app.backprop.expressions import (
    Constant,
    Expression,
    Operand,
    minus_total,
    negated,
    operands,
    substitute,
    total,
)
from app.backprop.functions import ACTIVATIONS, ERRORS, FUSED_DELTA, OPTIMISERS, UPDATE_RULES
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol

_RULES = tuple(f"{kind}_{name}" for name in UPDATE_RULES for kind in ("weight", "bias"))
_KINDS_OF = {
    "forward": ("net", "out", "error"),
    "backward": ("error_slope", "activation_slope", "delta", "weight_gradient", "bias_gradient"),
    "update": (
        *("weight_sum", "bias_sum", "update_count", "weight_decayed"),
        *(*_RULES, "weight_update", "bias_update"),
    ),
}
PHASES = tuple(_KINDS_OF)
PHASE_OF = {kind: phase for phase, kinds in _KINDS_OF.items() for kind in kinds}
KINDS = tuple(PHASE_OF)

Parameter = tuple[str, tuple[int, ...]]  # "weight" or "bias", and the indices of its address


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
    return tuple(_steps(shape))


@lru_cache(maxsize=4096)
def steps_of_kind(shape: Shape, kind: str, layer: int) -> tuple[Step, ...]:
    """The steps of one kind for a whole layer."""
    return tuple(step for step in steps_of(shape) if (step.kind, step.layer) == (kind, layer))


def _steps(shape: Shape) -> Iterator[Step]:
    last = shape.depth - 1
    backward = range(last, 0, -1)
    for layer in range(1, last + 1):
        yield from _of_units(shape, layer, "net", _net)
        yield from _of_units(shape, layer, "out", _out)
    yield from _error(shape, last)
    for layer in backward:
        if not shape.has_fused_delta(layer):
            yield from _of_units(shape, layer, "error_slope", _error_slope)
            yield from _of_units(shape, layer, "activation_slope", _activation_slope)
        yield from _of_units(shape, layer, "delta", _delta)
        yield from _of_parameters(shape, _parameters(shape, layer), "gradient", _gradient)
    if shape.accumulates:
        for layer in backward:
            yield from _of_parameters(shape, _parameters(shape, layer), "sum", _sum)
    if not shape.is_update_iteration:
        return
    if shape.counts_updates:
        count = Operand("update_count_before") + 1
        yield _step(shape, "update_count", last, None, "update_count", count)
    for layer in backward:
        parameters = list(_parameters(shape, layer))
        if shape.weight_decay:
            weights = [each for each in parameters if each[0] == "weight"]
            yield from _of_parameters(shape, weights, "decayed", _decayed)
        for rule in OPTIMISERS[shape.optimiser].rules:
            value = partial(_by_rule, rule.value, rule.name)
            yield from _of_parameters(shape, parameters, rule.name, value)
        yield from _of_parameters(shape, parameters, "update", _update)


def _of_units(
    shape: Shape, layer: int, kind: str, formula: Callable[[Shape, int, int], Expression]
) -> Iterator[Step]:
    for unit in range(shape.layers[layer]):
        result = address(kind, layer, unit)
        yield _step(shape, kind, layer, unit, result, formula(shape, layer, unit))


def _of_parameters(
    shape: Shape,
    parameters: Iterable[Parameter],
    name: str,
    formula: Callable[[Shape, str, tuple[int, ...]], Expression],
) -> Iterator[Step]:
    for parameter, indices in parameters:
        kind = f"{parameter}_{name}"
        result = address(parameter if name == "update" else kind, *indices)
        layer, unit = indices[0] + 1, indices[-1] if indices[1:] else None
        yield _step(shape, kind, layer, unit, result, formula(shape, parameter, indices))


def _step(
    shape: Shape, kind: str, layer: int, unit: int | None, result: str, formula: Expression
) -> Step:
    phase, name = PHASE_OF[kind], symbol(result, shape)
    settles = kind == "net" and ACTIVATIONS[shape.activation(layer, unit or 0)].kinked
    return Step(phase, kind, layer, unit, name, result, formula, operands(formula), settles)


def _at(kind: str, *indices: int) -> Operand:
    return Operand(address(kind, *indices))


def _net(shape: Shape, layer: int, unit: int) -> Expression:
    """net_Hj = b1 + Σ_i x_i w_ij (slide 1); −θ1 + Σ_i x_i w_ij with thresholds."""
    before = layer - 1
    own = (unit,) if shape.bias == "per_unit" else ()
    bias: list[Expression] = [] if shape.bias == "none" else [_at("bias", before, *own)]
    if shape.named.thresholds:
        bias = [-each for each in bias]
    products = [
        _at("out", before, source) * _at("weight", before, source, unit)
        for source in range(shape.layers[before])
    ]
    return total([*bias, *products])


def _out(shape: Shape, layer: int, unit: int) -> Expression:
    """out = f(net) (slide 1); softmax depends on all nets of the layer."""
    return _of_unit(ACTIVATIONS[shape.activation(layer, unit)].value, shape, layer, unit)


def _error(shape: Shape, layer: int) -> Iterator[Step]:
    """E_k of every output, then their sum E (slide 1)."""
    output_errors = [address("output_error", unit) for unit in range(shape.layers[layer])]
    for unit, result in enumerate(output_errors):
        formula = _of_unit(ERRORS[shape.error].value, shape, layer, unit)
        yield _step(shape, "error", layer, unit, result, formula)
    yield _step(shape, "error", layer, None, "error", total(list(map(Operand, output_errors))))


def _error_slope(shape: Shape, layer: int, unit: int) -> Expression:
    """∂E/∂out: (1) of slide 2 for outputs, (1) of slide 3 for hidden units, summed over paths."""
    if layer == shape.depth - 1:
        return _of_unit(ERRORS[shape.error].slope, shape, layer, unit)
    paths = [
        _at("delta", layer + 1, k) * _at("weight", layer, unit, k)
        for k in range(shape.layers[layer + 1])
    ]
    return minus_total(paths) if shape.named.minus_delta else total(paths)


def _activation_slope(shape: Shape, layer: int, unit: int) -> Expression:
    """∂out/∂net: (2) of slides 2 and 3."""
    return _of_unit(ACTIVATIONS[shape.activation(layer, unit)].slope, shape, layer, unit)


def _delta(shape: Shape, layer: int, unit: int) -> Expression:
    """δ = (1)·(2) (slides 2 and 3), or Err = −(1)·(2). A fused delta is out − target, to which the
    product reduces."""
    if shape.has_fused_delta(layer):
        delta = _of_unit(FUSED_DELTA, shape, layer, unit)
    else:
        delta = _at("error_slope", layer, unit) * _at("activation_slope", layer, unit)
    return negated(delta) if shape.named.minus_delta else delta


def _parameters(shape: Shape, layer: int) -> Iterator[Parameter]:
    """The weights into a layer, unit by unit (slide 2 has w'21 after w'11), then its biases."""
    for unit in range(shape.layers[layer]):
        for source in range(shape.layers[layer - 1]):
            yield "weight", (layer - 1, source, unit)
    yield from (("bias", indices) for indices in shape.bias_indices_from(layer - 1))


def _gradient(shape: Shape, kind: str, indices: tuple[int, ...]) -> Expression:
    """∂E/∂w = δ·out, and ∂E/∂b = δ, summed over the units that share the bias (slides 2 and 3).

    A threshold has the other sign, and so has Err in place of δ.
    """
    before, *others = indices
    named = shape.named
    if kind == "weight":
        source, target = others
        gradient = _at("delta", before + 1, target) * _at("out", before, source)
        return -gradient if named.minus_delta else gradient
    deltas = [_at("delta", before + 1, unit) for unit in others or range(shape.layers[before + 1])]
    return minus_total(deltas) if named.turns_bias_gradient else total(deltas)


def _sum(shape: Shape, kind: str, indices: tuple[int, ...]) -> Expression:
    """Σ ∂E/∂w and Σ ∂E/∂b over the pass so far, with batch updates."""
    return _at(f"{kind}_sum_before", *indices) + _at(f"{kind}_gradient", *indices)


def _decayed(shape: Shape, kind: str, indices: tuple[int, ...]) -> Expression:
    """The gradient with λ·w added to it, for the weights of a network with weight decay."""
    decay = Operand("weight_decay") * _at("weight", *indices)
    return _update_gradient(shape, kind, indices) + decay


def _update(shape: Shape, kind: str, indices: tuple[int, ...]) -> Expression:
    """w_new = w − lr·∂E/∂w (slides 2 and 3), or what the optimiser has in place of ∂E/∂w."""
    change = _by_rule(OPTIMISERS[shape.optimiser].change, "", shape, kind, indices)
    return _at(kind, *indices) - Operand("learning_rate") * change


def _by_rule(
    rule: Expression, name: str, shape: Shape, kind: str, indices: tuple[int, ...]
) -> Expression:
    """A rule of the optimiser, or its change, for one parameter; `name` is the rule's own."""
    if shape.weight_decay and kind == "weight":
        gradient: Expression = _at("weight_decayed", *indices)
    else:
        gradient = _update_gradient(shape, kind, indices)
    rules = OPTIMISERS[shape.optimiser].rules
    by = {"gradient": gradient, "before": _at(f"{kind}_{name}_before", *indices)}
    return substitute(rule, by | {r.name: _at(f"{kind}_{r.name}", *indices) for r in rules})


def _update_gradient(shape: Shape, kind: str, indices: tuple[int, ...]) -> Expression:
    """The gradient that an update uses: of one example, or the sum or the mean over a pass."""
    if not shape.accumulates:
        return _at(f"{kind}_gradient", *indices)
    gathered = _at(f"{kind}_sum", *indices)
    return gathered / Operand("example_count") if shape.update == "mean" else gathered


def _of_unit(rule: Expression | None, shape: Shape, layer: int, unit: int) -> Expression:
    """A rule of `functions` for one unit."""
    assert rule is not None  # a slope is missing only if it is part of a fused delta
    nets = tuple(_at("net", layer, each) for each in range(shape.layers[layer]))
    return substitute(
        rule,
        {
            "net": nets[unit],
            "nets": nets,
            "out": _at("out", layer, unit),
            "target": _at("target", unit),
            "outputs": Constant(float(shape.layers[-1])),
        },
    )
