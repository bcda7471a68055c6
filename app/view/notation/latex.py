"""Quantities in the deck's notation, as LaTeX: net_H1, w'_11, ∂E/∂b_1."""

from collections.abc import Callable

from app.backprop.addresses import layer_letter, parse, unit_name

STACKED = r"\dfrac{%s}{%s}"
INLINE = "%s / %s"
# A velocity that an iteration began with. Its own has no mark, since the update reads that.
OLD = r"{v^{\mathrm{old}}}"
OLD_SUM = r"{\Sigma^{\mathrm{old}}}"  # of the gradients that a pass has gathered before


def symbol(text: str, depth: int, fraction: str = STACKED) -> str:
    """An address as LaTeX, in a network of `depth` layers, the inputs included.

    Slopes are written as a `fraction`, stacked or in one line.
    """
    kind, indices = parse(text)
    if kind in _SLOPES:
        of, by = _SLOPES[kind](depth, *indices)
        return fraction % (rf"\partial {of}", rf"\partial {by}")
    return _SYMBOLS[kind](depth, *indices)


def updated(text: str, depth: int, fraction: str = STACKED) -> str:
    """A weight or bias after its update, as the deck marks it: w_11^(new)."""
    return rf"{symbol(text, depth, fraction)}^{{\mathrm{{new}}}}"


def whole(text: str, depth: int) -> str:
    """A whole layer of a quantity as LaTeX: `delta/2` is δ_O, `weight/0` is W_IH (slide 4)."""
    kind, indices = parse(text)
    return _WHOLES[kind](depth, *indices)


def _subscript(layer: int, unit: int, depth: int) -> str:
    """The letter upright and the number beside it: the letter O, not a zero (a slip of slide 2)."""
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


_SYMBOLS: dict[str, Callable[..., str]] = {
    "net": _net,
    "out": _out,
    "target": lambda depth, unit: rf"\mathrm{{target}}_{unit + 1}",
    "learning_rate": lambda depth: r"\mathrm{lr}",
    "weight": _weight,
    "bias": _bias,
    "output_error": lambda depth, unit: f"E_{unit + 1}",
    "error": lambda depth: r"E_{\mathrm{total}}",
    "delta": lambda depth, layer, unit: rf"\delta_{{{_subscript(layer, unit, depth)}}}",
    "momentum": lambda depth: r"\mu",
    "weight_velocity": lambda depth, *indices: f"v_{{{_weight(depth, *indices)}}}",
    "bias_velocity": lambda depth, *indices: f"v_{{{_bias(depth, *indices)}}}",
    "weight_sum": lambda depth, *indices: rf"\Sigma_{{{_weight(depth, *indices)}}}",
    "bias_sum": lambda depth, *indices: rf"\Sigma_{{{_bias(depth, *indices)}}}",
    "weight_sum_before": lambda depth, *indices: f"{OLD_SUM}_{{{_weight(depth, *indices)}}}",
    "bias_sum_before": lambda depth, *indices: f"{OLD_SUM}_{{{_bias(depth, *indices)}}}",
    "example_count": lambda depth: "n",
    "weight_velocity_before": lambda depth, *indices: f"{OLD}_{{{_weight(depth, *indices)}}}",
    "bias_velocity_before": lambda depth, *indices: f"{OLD}_{{{_bias(depth, *indices)}}}",
}

# Of what, by what.
_SLOPES: dict[str, Callable[..., tuple[str, str]]] = {
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


_WHOLES: dict[str, Callable[..., str]] = {
    "net": _nets,
    "out": _outs,
    "target": lambda depth: r"\mathrm{target}",
    "learning_rate": lambda depth: r"\mathrm{lr}",
    "weight": _weights,
    "bias": lambda depth, layer: f"b_{layer + 1}",
    "output_error": lambda depth: "E_k",
    "error": lambda depth: r"E_{\mathrm{total}}",
    "error_slope": lambda depth, layer: rf"\partial E / \partial \, {_outs(depth, layer)}",
    "activation_slope": lambda depth, layer: (
        rf"\partial \, {_outs(depth, layer)} / \partial \, {_nets(depth, layer)}"
    ),
    "delta": lambda depth, layer: rf"\delta_{_letter(layer, depth)}",
    "momentum": lambda depth: r"\mu",
    "weight_velocity": lambda depth, layer: f"v_{{{_weights(depth, layer)}}}",
    "bias_velocity": lambda depth, layer: f"v_{{b_{layer + 1}}}",
    "weight_sum": lambda depth, layer: rf"\Sigma_{{{_weights(depth, layer)}}}",
    "bias_sum": lambda depth, layer: rf"\Sigma_{{b_{layer + 1}}}",
    "weight_sum_before": lambda depth, layer: f"{OLD_SUM}_{{{_weights(depth, layer)}}}",
    "bias_sum_before": lambda depth, layer: f"{OLD_SUM}_{{b_{layer + 1}}}",
    "example_count": lambda depth: "n",
    "weight_velocity_before": lambda depth, layer: f"{OLD}_{{{_weights(depth, layer)}}}",
    "bias_velocity_before": lambda depth, layer: f"{OLD}_{{b_{layer + 1}}}",
    "weight_gradient": lambda depth, layer: rf"\partial E / \partial {_weights(depth, layer)}",
    "bias_gradient": lambda depth, layer: rf"\partial E / \partial b_{layer + 1}",
}


def derivative(of: str, by: str) -> str:
    """∂of/∂by"""
    return rf"\dfrac{{\partial {of}}}{{\partial {by}}}"
