"""What the quantities of a network are called: as in the deck, or as an exercise sheet says.

The deck counts from 1: `weight/0/2/3` is w34. A network's `Conventions` may name it w12 or w37, and
its δ Err.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from app.backprop.addresses import address, layer_letter, parse
from app.backprop.conventions import CONSECUTIVE, DECK, NUMBERED, Conventions
from app.backprop.functions import HYPERPARAMETERS, UPDATE_RULES

PRIME = "'"
ERR = "Err"
LAST_DIGIT = 9  # from unit 10 on, w1,10 has a comma


class NamedShape(Hashable, Protocol):
    """What names depend on. A `Shape` has it all; this module needs no more of one."""

    @property
    def layers(self) -> tuple[int, ...]: ...
    @property
    def depth(self) -> int: ...
    @property
    def bias(self) -> str: ...
    @property
    def named(self) -> Conventions: ...
    def weight_indices(self) -> Iterator[tuple[int, int, int]]: ...
    def bias_indices(self) -> Iterator[tuple[int, ...]]: ...


@dataclass(frozen=True, slots=True)
class ParameterName:
    """The name of a weight or bias in parts: w'11, b1, θ4, b_H1."""

    letter: str
    index: str  # below the line
    primes: int = 0
    is_of_unit: bool = False  # whether the index is the name of a unit

    @property
    def text(self) -> str:
        """As plain text."""
        return f"{self.letter}{PRIME * self.primes}{'_' * self.is_of_unit}{self.index}"


def delta_letter(shape: NamedShape) -> str:
    """δ, or what a sheet has in its place."""
    return ERR if shape.named.minus_delta else "δ"


def bias_letter(shape: NamedShape) -> str:
    """b, or θ of a threshold."""
    return "θ" if shape.named.thresholds else "b"


def layer_bias_name(layer: int, shape: NamedShape) -> ParameterName:
    """The name of all biases that lead from a layer: b1 as in the deck, or b_H where b1 is one of them."""
    if shape.bias == "per_unit" and shape.named.numbering != DECK:
        letter = layer_letter(layer + 1, shape.depth)
        return ParameterName(bias_letter(shape), letter, is_of_unit=True)
    return ParameterName(bias_letter(shape), str(layer + 1))


def unit_name(layer: int, unit: int, shape: NamedShape) -> str:
    """The name of a unit: x1, H1, O1 in the deck (slide 0); or 4, if units are numbered."""
    own = _own_names(shape).get(address("out", layer, unit))
    if own:
        return own
    if layer == 0:
        return f"x{unit + 1}"
    if shape.named.numbering == CONSECUTIVE:
        return str(_number(shape, layer, unit))
    return f"{layer_letter(layer, shape.depth)}{unit + 1}"


def parameter_name(kind: str, indices: tuple[int, ...], shape: NamedShape) -> ParameterName:
    """The name of a weight or bias; `kind` is which of the two."""
    own = _own_names(shape).get(address(kind, *indices))
    if own:
        return ParameterName(own[0], own[1:].removeprefix("_"), is_of_unit="_" in own)
    numbering = shape.named.numbering
    letter = "w" if kind == "weight" else bias_letter(shape)
    if kind == "bias" and len(indices) == 1:
        return ParameterName(letter, str(indices[0] + 1))
    if numbering == NUMBERED:
        return ParameterName(letter, str(_numbers(shape)[kind, indices]))
    layer, *units = indices
    if numbering == CONSECUTIVE:
        ends = [_number(shape, layer + 1, units[-1])]
        if kind == "weight":
            ends.insert(0, _number(shape, layer, units[0]))
        comma = "," if sum(shape.layers) > LAST_DIGIT and kind == "weight" else ""
        return ParameterName(letter, comma.join(map(str, ends)))
    if kind == "bias":
        name = unit_name(layer + 1, units[0], shape)
        return ParameterName(letter, name, is_of_unit=True)
    source, target = units
    return ParameterName(letter, f"{source + 1}{target + 1}", layer)


def symbol(text: str, shape: NamedShape) -> str:
    """Write an address as plain text: net_H1, w'11, ∂E/∂b1 in the deck."""
    kind, indices = parse(text)
    if text.startswith("out/0/"):
        return unit_name(indices[0], indices[1], shape)
    template = f"{delta_letter(shape)}_%s" if kind == "delta" else _SYMBOLS[kind]
    return template % _name(kind, indices, shape) if indices else template


def _name(kind: str, indices: tuple[int, ...], shape: NamedShape) -> str:
    """What an address is about: a parameter, a unit, or the number of an output."""
    subject = kind.split("_")[0]
    if subject in ("weight", "bias"):
        return parameter_name(subject, indices, shape).text
    return unit_name(indices[0], indices[1], shape) if len(indices) > 1 else str(indices[0] + 1)


def _number(shape: NamedShape, layer: int, unit: int) -> int:
    """The number of a unit, if all are numbered from 1, the inputs first."""
    return sum(shape.layers[:layer]) + unit + 1


@lru_cache(maxsize=64)
def _numbers(shape: NamedShape) -> dict[tuple[str, tuple[int, ...]], int]:
    """The numbers of weights and of biases, each from 1: unit by unit, in the order of the layers."""
    weights = sorted(shape.weight_indices(), key=lambda at: (at[0], at[2], at[1]))
    numbers = {("weight", at): number for number, at in enumerate(weights, 1)}
    return numbers | {("bias", at): number for number, at in enumerate(shape.bias_indices(), 1)}


@lru_cache(maxsize=64)
def _own_names(shape: NamedShape) -> dict[str, str]:
    """The names that the sheet gives, by address."""
    return {at: name for name, at in shape.named.names}


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
KINDS = frozenset(_SYMBOLS)
