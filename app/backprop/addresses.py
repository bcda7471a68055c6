"""Addresses name the quantities of a network; symbols are how the deck writes them.

An address is a kind and zero-based indices, such as `delta/1/0` or `weight/0/2/3`. The first index
is the layer, counted from the inputs. A weight or bias has the index of the layer it leads *from*;
every other quantity has the index of its own layer. The deck counts from 1: `weight/0/2/3` is w34.
"""

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
    if text.startswith("out/0/"):
        return _name(kind, depth, *indices)
    return _SYMBOLS[kind] % _name(kind, depth, *indices) if indices else _SYMBOLS[kind]


def _name(kind: str, depth: int, layer: int, *others: int) -> str:
    """What an address is about: a parameter, a unit, or the number of an output."""
    match kind.split("_")[0], others:
        case "weight", (source, target):
            return f"w{PRIME * layer}{source + 1}{target + 1}"
        case "bias", ():
            return f"b{layer + 1}"
        case "bias", (unit,):
            return f"b_{unit_name(layer + 1, unit, depth)}"
        case _, (unit,):
            return unit_name(layer, unit, depth)
    return str(layer + 1)


# What an update keeps or computes for each parameter.
_STATE_SYMBOLS = {
    f"{name}{when}": symbol + mark
    for name, symbol in (
        ("sum", "Σ"),
        *((rule.name, rule.symbol) for rule in UPDATE_RULES.values()),
    )
    for when, mark in (("", ""), ("_before", "_old"))
    if not when or name not in UPDATE_RULES or UPDATE_RULES[name].is_kept
}
STATES = {
    "weight": ("weight_decayed", *(f"weight_{name}" for name in _STATE_SYMBOLS)),
    "bias": tuple(f"bias_{name}" for name in _STATE_SYMBOLS),
}
_SYMBOLS = {"sum": "Σ", **{rule.name: rule.symbol for rule in UPDATE_RULES.values()}}
_SYMBOLS = {
    "net": "net_%s",
    "out": "out_%s",
    "target": "target_%s",
    "learning_rate": "lr",
    "weight": "%s",
    "bias": "%s",
    "output_error": "E_%s",
    "error": "E",
    "error_slope": "∂E/∂out_%s",
    "activation_slope": "∂out/∂net_%s",
    "delta": "δ_%s",
    "weight_gradient": "∂E/∂%s",
    "bias_gradient": "∂E/∂%s",
    "example_count": "n",
    "update_count": "t",
    "update_count_before": "t_old",
    "weight_decayed": "g(%s)",
    **{name: rule.symbol for name, rule in HYPERPARAMETERS.items()},
    **{f"weight_{name}": f"{symbol}(%s)" for name, symbol in _STATE_SYMBOLS.items()},
    **{f"bias_{name}": f"{symbol}(%s)" for name, symbol in _STATE_SYMBOLS.items()},
}
COUNTS = ("example_count", "update_count", "update_count_before")  # whole numbers
KINDS = frozenset(_SYMBOLS)
