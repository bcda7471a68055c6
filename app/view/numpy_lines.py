"""Slide 4 in code: the NumPy line of every kind of step.

The names follow the deck's letters: `W_ih`, `net_h`, `out_h`, `d_o` for δ_O. Arrays are rows.
"""

from app.backprop.addresses import layer_letter
from app.backprop.network import Shape

_VALUES = {
    "sigmoid": "1 / (1 + np.exp(-{net}))",
    "tanh": "np.tanh({net})",
    "relu": "np.maximum(0, {net})",
    "identity": "{net}",
}
_SLOPES = {
    "sigmoid": "{out} * (1 - {out})",
    "tanh": "1 - {out} ** 2",
    "relu": "({net} > 0) * 1.0",
    "identity": "np.ones_like({net})",
}


def numpy_line(shape: Shape, kind: str, layer: int) -> str:
    """The line that computes one kind of step for a whole layer."""
    last = shape.depth - 1
    before, here = (layer_letter(index, shape.depth).lower() for index in (layer - 1, layer))
    inputs = "x" if layer == 1 else f"out_{before}"
    net, out, weights, bias = f"net_{here}", f"out_{here}", f"W_{before}{here}", f"b{layer}"
    activation = shape.activations[layer - 1]
    match kind:
        case "net":
            return f"{net} = {inputs} @ {weights}" + ("" if shape.bias == "none" else f" + {bias}")
        case "out":
            return f"{out} = {_VALUES[activation].format(net=net)}"
        case "error":
            return f"E = np.sum((target - {out}) ** 2) / 2"
        case "error_slope" if layer == last:
            return f"slope_{here} = {out} - target"
        case "error_slope":
            after = layer_letter(layer + 1, shape.depth).lower()
            return f"slope_{here} = d_{after} @ W_{here}{after}.T"
        case "activation_slope":
            return f"act_{here} = {_SLOPES[activation].format(net=net, out=out)}"
        case "delta":
            return f"d_{here} = slope_{here} * act_{here}"
        case "weight_gradient":
            return f"d{weights} = {inputs}.T @ d_{here}"
        case "bias_gradient":
            return f"d{bias} = d_{here}" + (".sum()" if shape.bias == "shared" else "")
        case "weight_update":
            return f"{weights} = {weights} - lr * d{weights}"
        case "bias_update":
            return f"{bias} = {bias} - lr * d{bias}"
    raise ValueError(f"no line for {kind!r}")
