"""Addresses name the quantities of a network; symbols are how the deck writes them.

An address is a kind and zero-based indices, such as `delta/1/0` or `weight/0/2/3`. The first index
is the layer, counted from the inputs. A weight or bias has the index of the layer it leads *from*;
every other quantity has the index of its own layer. The deck counts from 1: `weight/0/2/3` is w34.
"""

from collections.abc import Callable

from app.backprop.functions import HYPERPARAMETERS, UPDATE_RULES

HIDDEN_LETTERS = "HKL"  # the deck has one hidden layer, H; deeper networks add K and L
PRIME = "'"


def address(kind: str, *indices: int) -> str:
    """Return the address of a quantity: `address("delta", 1, 0) == "delta/1/0"`."""
    return "/".join((kind, *map(str, indices)))


def parse(text: str) -> tuple[str, tuple[int, ...]]:
    """Split an address into kind and indices; raises ValueError for an invalid index."""
    kind, *rest = text.split("/")
    if not all(part.isascii() and part.isdigit() for part in rest):
        raise ValueError(f"not an address: {text!r}")
    return kind, tuple(int(part) for part in rest)


def layer_letter(layer: int, depth: int) -> str:
    """The deck's letter for a layer (slide 1): I, H (then K and L in deeper networks), O."""
    if layer == 0:
        return "I"
    return "O" if layer == depth - 1 else HIDDEN_LETTERS[layer - 1]


def unit_name(layer: int, unit: int, depth: int) -> str:
    """The deck's name of a unit: x1, H1, O1 (slide 0)."""
    letter = "x" if layer == 0 else layer_letter(layer, depth)
    return f"{letter}{unit + 1}"


def symbol(text: str, depth: int) -> str:
    """Write an address in the deck's notation, as plain text: net_H1, w'11, ∂E/∂b1.

    `depth` is the number of layers, including the inputs.
    """
    kind, indices = parse(text)
    return _SYMBOLS[kind](depth, *indices)


def _out(depth: int, layer: int, unit: int) -> str:
    name = unit_name(layer, unit, depth)
    return name if layer == 0 else f"out_{name}"


def _weight(depth: int, layer: int, source: int, target: int) -> str:
    return f"w{PRIME * layer}{source + 1}{target + 1}"


def _bias(depth: int, layer: int, unit: int | None = None) -> str:
    if unit is None:
        return f"b{layer + 1}"
    return f"b_{unit_name(layer + 1, unit, depth)}"


def _constant(symbol: str) -> Callable[..., str]:
    return lambda depth: symbol


def _of_parameter(symbol: str, mark: str, write: Callable[..., str]) -> Callable[..., str]:
    """A quantity that each parameter has, such as its velocity: v(w11), v_old(w11)."""
    return lambda depth, *indices: f"{symbol}{mark}({write(depth, *indices)})"


_STATE_SYMBOLS = {"sum": "Σ", **{rule.name: rule.symbol for rule in UPDATE_RULES.values()}}
_SYMBOLS: dict[str, Callable[..., str]] = {
    "net": lambda depth, layer, unit: f"net_{unit_name(layer, unit, depth)}",
    "out": _out,
    "target": lambda depth, unit: f"target_{unit + 1}",
    "learning_rate": lambda depth: "lr",
    "weight": _weight,
    "bias": _bias,
    "output_error": lambda depth, unit: f"E_{unit + 1}",
    "error": lambda depth: "E",
    "error_slope": lambda depth, layer, unit: f"∂E/∂out_{unit_name(layer, unit, depth)}",
    "activation_slope": lambda depth, layer, unit: f"∂out/∂net_{unit_name(layer, unit, depth)}",
    "delta": lambda depth, layer, unit: f"δ_{unit_name(layer, unit, depth)}",
    "weight_gradient": lambda depth, *indices: f"∂E/∂{_weight(depth, *indices)}",
    "bias_gradient": lambda depth, *indices: f"∂E/∂{_bias(depth, *indices)}",
    "example_count": lambda depth: "n",
    "update_count": lambda depth: "t",
    "update_count_before": lambda depth: "t_old",
    "weight_decayed": lambda depth, *indices: f"g({_weight(depth, *indices)})",
    **{name: _constant(rule.symbol) for name, rule in HYPERPARAMETERS.items()},
    **{
        f"{parameter}_{name}{when}": _of_parameter(symbol, mark, write)
        for parameter, write in (("weight", _weight), ("bias", _bias))
        for name, symbol in _STATE_SYMBOLS.items()
        for when, mark in (("", ""), ("_before", "_old"))
        if not when or name not in UPDATE_RULES or UPDATE_RULES[name].is_kept
    },
}
COUNTS = ("example_count", "update_count", "update_count_before")  # whole numbers
# The kinds of what an update keeps or computes for each parameter.
STATES = {
    parameter: tuple(
        kind
        for kind in _SYMBOLS
        if kind.startswith(f"{parameter}_")
        and kind not in HYPERPARAMETERS
        and not kind.endswith("_gradient")
    )
    for parameter in ("weight", "bias")
}

KINDS = frozenset(_SYMBOLS)
