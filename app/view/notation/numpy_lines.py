"""The NumPy line of every kind of step (slide 4 in code).

Names follow the deck's letters: `W_ih`, `net_h`, `out_h`, `d_o` for δ_O. Layers are arrays of one
row.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2

from app.backprop.addresses import address, layer_letter, parse
from app.backprop.expressions import Constant, Mention, Token, tokens
from app.backprop.functions import HYPERPARAMETERS, OPTIMISERS, UPDATE_RULES
from app.backprop.network import Shape
from app.backprop.steps import SETTLED, Step, steps_of
from app.view.notation.notations import NUMPY

_NAME = re.compile(r"(?<![.\w])[A-Za-z]\w*")  # not an attribute, as in np.exp
# How programs name quantities: those of a unit or a layer, those of a parameter (before its own
# name), and numbers.
UNIT_NAMES = {
    "net": "net",
    "out": "out",
    "error_slope": "slope",
    "activation_slope": "act",
    "delta": "d",
}
PARAMETER_PREFIXES = {
    "": "",
    "_gradient": "d",
    "_sum": "s",
    "_decayed": "g",
    **{f"_{rule.name}": rule.code for rule in UPDATE_RULES.values()},
}
NUMBER_NAMES = {
    "learning_rate": "lr",
    "example_count": "n",
    "update_count": "t",
    "error": "E",
    **{name: rule.code for name, rule in HYPERPARAMETERS.items()},
}
SHARE = f"2.0**{log2(SETTLED):.0f}"
# A function that the lines of a network with a kink use.
SETTLE = (
    "def settle(net, size, kinked=True):",
    f"    zero = (np.abs(net) <= {SHARE} * size) & np.isfinite(size) & kinked",
    "    return np.where(zero, 0.0, net)",
)


def unit_variable(shape: Shape, kind: str) -> str:
    """How programs name a quantity of a unit or layer: `d` for δ, and `err` for Err."""
    return "err" if kind == "delta" and shape.named.minus_delta else UNIT_NAMES[kind]


def bias_variable(shape: Shape, layer: int) -> str:
    """How programs name the biases of a layer: b1; or theta1, if they are thresholds."""
    return f"{'theta' if shape.named.thresholds else 'b'}{layer}"


def numpy_line(shape: Shape, kind: str, layer: int) -> str:
    """The line that computes a kind of step for a whole layer; of the error, two lines.

    It is printed from the step's expression, except where a layer is a matrix product.

    Raises:
        ValueError: If there is no such kind.
    """
    steps = [s for s in steps_of(shape) if s.kind == kind and s.layer == layer]
    if not steps:
        raise ValueError(f"no line for {kind!r}")
    before, here = (layer_letter(index, shape.depth).lower() for index in (layer - 1, layer))
    inputs = "x" if layer == 1 else f"out_{before}"
    weights, bias = f"W_{before}{here}", bias_variable(shape, layer)
    delta = unit_variable(shape, "delta")
    named = shape.named
    minus = "-" if named.minus_delta else ""
    match kind:
        case "net":
            return f"net_{here} = {_net(shape, steps, inputs, weights, bias)}"
        case "error":
            return f"E_k = {_elementwise(shape, steps[0])}\nE = E_k.sum()"
        case "error_slope" if layer < shape.depth - 1:
            after = layer_letter(layer + 1, shape.depth).lower()
            return f"slope_{here} = {minus}{delta}_{after} @ W_{here}{after}.T"
        case "weight_gradient":
            return f"d{weights} = {minus}{inputs}.T @ {delta}_{here}"
        case "bias_gradient":
            minus = "-" if named.turns_bias_gradient else ""
            return f"d{bias} = {minus}{delta}_{here}" + (".sum()" if shape.bias == "shared" else "")
        case "out" | "activation_slope" if not isinstance(shape.activations[layer - 1], str):
            columns = ", ".join(_elementwise(shape, step, column=True) for step in steps)
            return f"{_name(shape, steps[0].result)} = np.column_stack([{columns}])"
    return f"{_name(shape, steps[0].result)} = {_elementwise(shape, steps[0])}"


def _net(shape: Shape, steps: Sequence[Step], inputs: str, weights: str, bias: str) -> str:
    """The matrix product; where the activation has a kink, a net that is 0 by hand is settled."""
    biased = shape.bias != "none"
    sign = "-" if shape.named.thresholds else "+"
    line = f"{inputs} @ {weights}" + (f" {sign} {bias}" if biased else "")
    kinked = [step.settles for step in steps]
    if not any(kinked):
        return line
    size = f"np.abs({inputs}) @ np.abs({weights})" + (f" + np.abs({bias})" if biased else "")
    return f"settle({line}, {size}{'' if all(kinked) else f', {kinked}'})"


def _elementwise(shape: Shape, step: Step, *, column: bool = False) -> str:
    """The right-hand side of a step for its whole layer, or for the column of its unit."""

    def name(token: Token) -> str:
        if isinstance(token, str):
            return token
        text, (_, indices) = _name(shape, token.address), parse(token.address)
        return f"{text}[:, {indices[-1]}]" if column and indices else text

    if step.operands:
        return "".join(map(name, tokens(step.expression, NUMPY)))
    assert isinstance(step.expression, Constant)  # the slope of a straight line
    net = name(Mention(address("net", step.layer, step.unit or 0), leading=True))
    return f"np.full_like({net}, {step.expression.value:g})"


def _name(shape: Shape, text: str) -> str:
    """The variable for the quantity of a whole layer that an address belongs to."""
    return variables(shape)[layer_of(text).replace("_before", "")]


@lru_cache(maxsize=256)
def variables(shape: Shape) -> dict[str, str]:
    """The name of each quantity of a layer: the inverse of `names_of`."""
    return {of: name for name, of in names_of(shape).items()}


@dataclass(frozen=True, slots=True)
class CodePiece:
    """A part of a line; `of` is the address of the layer's quantity that a name stands for, or
    empty."""

    text: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A line of NumPy; `of` is the address of the layer's quantity that it computes."""

    of: str
    pieces: tuple[CodePiece, ...]


def code(shape: Shape, step: Step) -> tuple[Code, ...]:
    """The lines that compute a step for its whole layer."""
    lines = numpy_line(shape, step.kind, step.layer).split("\n")
    layers = ["output_error", "error"] if step.kind == "error" else [layer_address(step)]
    return tuple(Code(of, pieces(shape, line)) for of, line in zip(layers, lines, strict=True))


def layer_address(step: Step) -> str:
    """The layer's quantity that a step computes a part of; `error` for every E_k."""
    return "error" if step.kind == "error" else layer_of(step.result)


def layer_of(text: str) -> str:
    """The layer's quantity that an address is a part of: `delta/2`, `weight/0`, `target`."""
    kind, indices = parse(text)
    return kind if kind in ("target", "output_error") else address(kind, *indices[:1])


def pieces(shape: Shape, line: str) -> tuple[CodePiece, ...]:
    """A line, split at the names that stand for quantities."""
    known = names_of(shape)
    cut: list[CodePiece] = []
    end = 0
    for match in _NAME.finditer(line):
        if match[0] in known:
            cut += [CodePiece(line[end : match.start()]), CodePiece(match[0], known[match[0]])]
            end = match.end()
    cut.append(CodePiece(line[end:]))
    return tuple(piece for piece in cut if piece.text)


@lru_cache(maxsize=256)
def names_of(shape: Shape) -> dict[str, str]:
    """The quantity that each name stands for: `W_ho` is `weight/1`, `d_o` is `delta/2`."""
    names = {"x": "out/0", "target": "target", "E_k": "output_error"}
    names |= {name: kind for kind, name in NUMBER_NAMES.items() if kind in _numbers(shape)}
    for layer in range(1, shape.depth):
        before, here = (layer_letter(index, shape.depth).lower() for index in (layer - 1, layer))
        names |= {
            f"{unit_variable(shape, kind)}_{here}": address(kind, layer) for kind in UNIT_NAMES
        }
        for kind in ("", "_gradient", *_states(shape)):
            prefix = PARAMETER_PREFIXES[kind]
            names[f"{prefix}W_{before}{here}"] = address(f"weight{kind}", layer - 1)
            names[prefix + bias_variable(shape, layer)] = address(f"bias{kind}", layer - 1)
    return names


def _numbers(shape: Shape) -> Iterator[str]:
    """The numbers that belong to no layer."""
    yield from ("learning_rate", *shape.hyperparameters, "error")
    if shape.counts_updates:
        yield "update_count"
    if shape.update == "mean":
        yield "example_count"


def _states(shape: Shape) -> Iterator[str]:
    """What is computed for each parameter between its gradient and its update."""
    if shape.accumulates:
        yield "_sum"
    if shape.weight_decay:
        yield "_decayed"
    yield from (f"_{rule.name}" for rule in OPTIMISERS[shape.optimiser].rules)
