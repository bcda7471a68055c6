"""Quantities in the deck's notation, as LaTeX: net_H1, w'_11, ∂E/∂b_1."""

from collections.abc import Callable

from app.backprop.addresses import layer_letter, parse, unit_name
from app.backprop.functions import HYPERPARAMETERS, UPDATE_RULES
from app.backprop.steps import Step

STACKED = r"\dfrac{%s}{%s}"
INLINE = "%s / %s"


def symbol(text: str, depth: int, fraction: str = STACKED) -> str:
    """An address as LaTeX, in a network of `depth` layers, the inputs included.

    Derivatives are written as a `fraction`, stacked or in one line.
    """
    kind, indices = parse(text)
    if kind in _DERIVATIVES:
        of, by = _DERIVATIVES[kind](depth, *indices)
        return fraction % (rf"\partial {of}", rf"\partial {by}")
    return _symbol(_SYMBOLS, kind, depth, *indices)


def new_symbol(text: str, depth: int, fraction: str = STACKED) -> str:
    """A weight or bias after its update: w_11^(new)."""
    return new(symbol(text, depth, fraction))


def result_symbol(step: Step, depth: int, fraction: str = STACKED) -> str:
    """The quantity that a step computes."""
    write = new_symbol if step.kind.endswith("_update") else symbol
    return write(step.result, depth, fraction)


def layer_symbol(text: str, depth: int) -> str:
    """A quantity of a whole layer as LaTeX: `delta/2` is δ_O, `weight/0` is W_IH (slide 4)."""
    kind, indices = parse(text)
    return _symbol(_LAYER_SYMBOLS, kind, depth, *indices)


def derivative(of: str, by: str) -> str:
    """∂of/∂by"""
    return STACKED % (rf"\partial {of}", rf"\partial {by}")


def new(latex: str) -> str:
    """Marks a parameter as the deck marks it after its update."""
    return rf"{latex}^{{\mathrm{{new}}}}"


def transpose(latex: str) -> str:
    return rf"{latex}^{{\mathsf{{T}}}}"


# The velocity and the accumulated gradient of a parameter. The old ones are those from before the
# step; the new ones have no mark, since the update uses them.
_LETTERS = {
    "sum": r"\Sigma",
    "decayed": "g",
    **{rule.name: rule.latex for rule in UPDATE_RULES.values()},
}
_STATES = {
    **_LETTERS,
    **{f"{name}_before": rf"{{{letter}^{{\mathrm{{old}}}}}}" for name, letter in _LETTERS.items()},
}


def _symbol(symbols: dict[str, Callable[..., str]], kind: str, depth: int, *indices: int) -> str:
    parameter, _, state = kind.partition("_")
    if state in _STATES and kind not in symbols:
        return f"{_STATES[state]}_{{{symbols[parameter](depth, *indices)}}}"
    return symbols[kind](depth, *indices)


def _subscript(layer: int, unit: int, depth: int) -> str:
    """The letter upright: the letter O, which slide 2 prints as a zero."""
    return rf"\mathrm{{{unit_name(layer, unit, depth)}}}"


def _out(depth: int, layer: int, unit: int) -> str:
    if layer == 0:
        return f"x_{unit + 1}"
    return rf"\mathrm{{out}}_{{{_subscript(layer, unit, depth)}}}"


def _net(depth: int, layer: int, unit: int) -> str:
    return rf"\mathrm{{net}}_{{{_subscript(layer, unit, depth)}}}"


def _weight(depth: int, layer: int, source: int, target: int) -> str:
    primes = r"\prime " * layer  # in the base: as an exponent a prime would rise above the index
    return rf"{{w{primes}}}_{{{source + 1}{target + 1}}}"


def _bias(depth: int, layer: int, unit: int | None = None) -> str:
    if unit is None:
        return f"b_{layer + 1}"
    return rf"b_{{{_subscript(layer + 1, unit, depth)}}}"


def _constant(latex: str) -> Callable[..., str]:
    return lambda depth: latex


_CONSTANTS: dict[str, Callable[..., str]] = {
    "error": lambda depth: r"E_{\mathrm{total}}",
    "learning_rate": lambda depth: r"\mathrm{lr}",
    "example_count": lambda depth: "n",
    "update_count": lambda depth: "t",
    "update_count_before": lambda depth: r"{t^{\mathrm{old}}}",
    **{name: _constant(rule.latex) for name, rule in HYPERPARAMETERS.items()},
}
_SYMBOLS: dict[str, Callable[..., str]] = {
    **_CONSTANTS,
    "net": _net,
    "out": _out,
    "target": lambda depth, unit: rf"\mathrm{{target}}_{unit + 1}",
    "weight": _weight,
    "bias": _bias,
    "output_error": lambda depth, unit: f"E_{unit + 1}",
    "delta": lambda depth, layer, unit: rf"\delta_{{{_subscript(layer, unit, depth)}}}",
}
_DERIVATIVES: dict[str, Callable[..., tuple[str, str]]] = {  # of what, by what
    "error_slope": lambda depth, *unit: ("E", _out(depth, *unit)),
    "activation_slope": lambda depth, *unit: (_out(depth, *unit), _net(depth, *unit)),
    "weight_gradient": lambda depth, *indices: ("E", _weight(depth, *indices)),
    "bias_gradient": lambda depth, *indices: ("E", _bias(depth, *indices)),
}


def _letter(layer: int, depth: int) -> str:
    return rf"\mathrm{{{layer_letter(layer, depth)}}}"


def _outs(depth: int, layer: int) -> str:
    return rf"\mathrm{{out}}_{_letter(layer, depth)}" if layer else "x"


def _nets(depth: int, layer: int) -> str:
    return rf"\mathrm{{net}}_{_letter(layer, depth)}"


def _weights(depth: int, layer: int) -> str:
    letters = layer_letter(layer, depth) + layer_letter(layer + 1, depth)
    return rf"W_{{\mathrm{{{letters}}}}}"


_LAYER_SYMBOLS: dict[str, Callable[..., str]] = {
    **_CONSTANTS,
    "net": _nets,
    "out": _outs,
    "target": lambda depth: r"\mathrm{target}",
    "weight": _weights,
    "bias": _bias,
    "output_error": lambda depth: "E_k",
    "error_slope": lambda depth, layer: rf"\partial E / \partial \, {_outs(depth, layer)}",
    "activation_slope": lambda depth, layer: (
        rf"\partial \, {_outs(depth, layer)} / \partial \, {_nets(depth, layer)}"
    ),
    "delta": lambda depth, layer: rf"\delta_{_letter(layer, depth)}",
    "weight_gradient": lambda depth, layer: rf"\partial E / \partial {_weights(depth, layer)}",
    "bias_gradient": lambda depth, layer: rf"\partial E / \partial {_bias(depth, layer)}",
}
