"""The NumPy line of every kind of step (slide 4 in code).

Names follow the deck's letters: `W_ih`, `net_h`, `out_h`, `d_o` for δ_O. Layers are arrays of one
row.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from app.backprop.addresses import address, layer_letter, parse
from app.backprop.network import Shape
from app.backprop.steps import Step

_NAME = re.compile(r"(?<![.\w])[A-Za-z]\w*")  # not an attribute, as in np.exp
_OUTS = {
    "sigmoid": "1 / (1 + np.exp(-{net}))",
    "tanh": "np.tanh({net})",
    "relu": "np.maximum(0, {net})",
    "identity": "{net}",
    "softmax": "np.exp({net} - {net}.max()) / np.exp({net} - {net}.max()).sum()",
}
_SLOPES = {
    "sigmoid": "{out} * (1 - {out})",
    "tanh": "1 - {out} ** 2",
    "relu": "np.heaviside({net}, 0)",  # unlike a comparison, it keeps nan
    "identity": "np.ones_like({net})",
}
_OUTPUT_ERRORS = {
    "half_squared": "(target - {out}) ** 2 / 2",
    "mean_squared": "(target - {out}) ** 2 / {outputs}",
    "binary_cross_entropy": (
        "target * np.maximum(0, -{net}) + (1 - target) * np.maximum(0, {net})"
        " + np.log1p(np.exp(-np.abs({net})))"
    ),
    # A column minus a row is the matrix of all differences; logaddexp reduces it by ln Σ e^….
    "cross_entropy": "target * np.logaddexp.reduce({net}.T - {net})",
}
_LAYER_NAMES = {
    "net": "net",
    "out": "out",
    "slope": "error_slope",
    "act": "activation_slope",
    "d": "delta",
}
_ERROR_SLOPES = {
    "half_squared": "{out} - target",
    "mean_squared": "2 * ({out} - target) / {outputs}",
}


def numpy_line(shape: Shape, kind: str, layer: int) -> str:
    """The line that computes a kind of step for a whole layer; of the error, two lines.

    Raises:
        ValueError: If there is no such kind.
    """
    last = shape.depth - 1
    before, here = (layer_letter(index, shape.depth).lower() for index in (layer - 1, layer))
    inputs = "x" if layer == 1 else f"out_{before}"
    net, out, weights, bias = f"net_{here}", f"out_{here}", f"W_{before}{here}", f"b{layer}"
    activation = shape.activations[layer - 1]
    values = {"net": net, "out": out, "outputs": shape.layers[-1]}
    match kind:
        case "net":
            return f"{net} = {inputs} @ {weights}" + ("" if shape.bias == "none" else f" + {bias}")
        case "out":
            return f"{out} = {_OUTS[activation].format(net=net)}"
        case "error":
            return f"E_k = {_OUTPUT_ERRORS[shape.error].format(**values)}\nE = E_k.sum()"
        case "error_slope" if layer == last:
            return f"slope_{here} = {_ERROR_SLOPES[shape.error].format(**values)}"
        case "error_slope":
            after = layer_letter(layer + 1, shape.depth).lower()
            return f"slope_{here} = d_{after} @ W_{here}{after}.T"
        case "activation_slope":
            return f"act_{here} = {_SLOPES[activation].format(net=net, out=out)}"
        case "delta" if layer == last and shape.fused_delta:
            return f"d_{here} = {out} - target"
        case "delta":
            return f"d_{here} = slope_{here} * act_{here}"
        case "weight_gradient":
            return f"d{weights} = {inputs}.T @ d_{here}"
        case "bias_gradient":
            return f"d{bias} = d_{here}" + (".sum()" if shape.bias == "shared" else "")
        case "weight_sum":
            return f"s{weights} = s{weights} + d{weights}"
        case "bias_sum":
            return f"s{bias} = s{bias} + d{bias}"
        case "weight_velocity":
            return f"v{weights} = mu * v{weights} + {_gradient_term(shape, weights)}"
        case "bias_velocity":
            return f"v{bias} = mu * v{bias} + {_gradient_term(shape, bias)}"
        case "weight_update":
            return f"{weights} = {weights} - lr * {_update_term(shape, weights)}"
        case "bias_update":
            return f"{bias} = {bias} - lr * {_update_term(shape, bias)}"
    raise ValueError(f"no line for {kind!r}")


def _gradient_term(shape: Shape, name: str) -> str:
    """What a parameter moves against without momentum: its gradient, or the sum or mean of all."""
    return {"each": f"d{name}", "sum": f"s{name}", "mean": f"s{name} / n"}[shape.update]


def _update_term(shape: Shape, name: str) -> str:
    """The factor of the learning rate: that term, or the velocity."""
    if shape.velocity_count:
        return f"v{name}"
    return f"(s{name} / n)" if shape.update == "mean" else _gradient_term(shape, name)


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
    """The layer's quantity that a step computes a part of: `delta/2`, `weight/0`; `error` for every
    E_k."""
    kind, indices = parse(step.result)
    return "error" if step.kind == "error" else address(kind, indices[0])


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
    names = {"x": "out/0", "target": "target", "lr": "learning_rate"}
    for layer in range(1, shape.depth):
        before, here = (layer_letter(index, shape.depth).lower() for index in (layer - 1, layer))
        for name, kind in _LAYER_NAMES.items():
            names[f"{name}_{here}"] = address(kind, layer)
        velocities = [("v", "_velocity")] if shape.velocity_count else []
        sums = [("s", "_sum")] if shape.accumulates else []
        for name, kind in (("", ""), ("d", "_gradient"), *velocities, *sums):
            names[f"{name}W_{before}{here}"] = address(f"weight{kind}", layer - 1)
            names[f"{name}b{layer}"] = address(f"bias{kind}", layer - 1)
    if shape.velocity_count:
        names["mu"] = "momentum"
    if shape.update == "mean":
        names["n"] = "example_count"
    return {**names, "E_k": "output_error", "E": "error"}
