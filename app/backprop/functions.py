"""Activations and errors: the value, its slope and how both are written in Python, a rule a line.

The rules are source text, since an iteration is compiled into straight-line code (see `steps`).
They are written so that floats never raise: where a value overflows or is undefined, it becomes
inf or nan, as IEEE 754 says, and the screen shows that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log1p, tanh


@dataclass(frozen=True, slots=True)
class Activation:
    """out = f(net) and its slope ∂out/∂net.

    Attributes:
        value: Python source of f in `{net}`, or in that and `{nets}`, those of the whole layer.
        slope: Python source of f' in `{net}` or `{out}`.
        slope_input: what the slope reads, `net` or `out`, or None for a constant.
        per_layer: whether f reads all nets of its layer. Then each out answers to each net, and there
            is no one slope: such outputs go with an error that needs none.
    """

    value: str
    slope: str
    slope_input: str | None
    per_layer: bool = False


# e^−net overflows below −709, where 1 + e^net is 1 to the last bit: there out is e^net itself.
_SIGMOID = "1.0 / (1.0 + exp(-{net})) if {net} > -709.0 else exp({net})"

ACTIVATIONS = {
    "sigmoid": Activation(_SIGMOID, "{out} * (1.0 - {out})", slope_input="out"),  # slides 1 and 2
    "tanh": Activation("tanh({net})", "1.0 - {out} * {out}", slope_input="out"),
    # Written by what it is not, so that nan stays nan. The slope at the kink itself is taken as 0.
    "relu": Activation(
        "0.0 if {net} <= 0.0 else {net}",
        "0.0 if {net} <= 0.0 else 1.0 if {net} > 0.0 else {net}",
        slope_input="net",
    ),
    "identity": Activation("{net}", "1.0", slope_input=None),
    "softmax": Activation("softmax({net}, {nets})", "", slope_input=None, per_layer=True),
}


@dataclass(frozen=True, slots=True)
class Error:
    """One output's share of E and its slope ∂E/∂out.

    Attributes:
        value: Python source of E_k in `{target}` and what it reads; `{outputs}` is how many there
            are. Of `nets`, `{gaps}` are how far the others of the layer lie above its own.
        slope: Python source of ∂E/∂out in `{target}`, `{out}` and `{outputs}`. Empty where it is
            joined with that of the activation: most of both cancels, and δ is out − target.
        value_input: `out`, `net` or `nets`, the nets of all outputs.
        activation: what the outputs must be, where the error is made for that alone.
    """

    value: str
    slope: str = ""
    value_input: str = "out"
    activation: str | None = None

    @property
    def fused_delta(self) -> bool:
        """Whether δ of the outputs is computed in one step."""
        return not self.slope


ERRORS = {
    # E = ½ Σ (target − out)²: slide 1; its slope is (1) of slide 2.
    "half_squared": Error("0.5 * ({target} - {out}) * ({target} - {out})", "{out} - {target}"),
    # E = 1/n Σ (target − out)²
    "mean_squared": Error(
        "({target} - {out}) * ({target} - {out}) / {outputs}",
        "2.0 * ({out} - {target}) / {outputs}",
    ),
    # E_k = −[t ln out + (1 − t) ln(1 − out)], from net: where out is nearly 0 or 1, the logarithm
    # of what is left of it has few digits. No term is negative, so that nothing cancels.
    "binary_cross_entropy": Error(
        "{target} * max(0.0, -{net}) + (1.0 - {target}) * max(0.0, {net}) + log1p(exp(-abs({net})))",
        value_input="net",
        activation="sigmoid",
    ),
    # E_k = −t ln out, from the nets for the same reason: −ln out_k = ln Σ e^(net_j − net_k).
    "cross_entropy": Error(
        "{target} * log_sum_exp(0.0, {gaps})", value_input="nets", activation="softmax"
    ),
}


def softmax(net: float, *nets: float) -> float:
    """e^net / Σ e^net_j. The largest net is subtracted from each, which cancels, so that no power
    overflows."""
    largest = max(nets)
    return exp(net - largest) / sum(_power(each, largest) for each in nets)


def log_sum_exp(*powers: float) -> float:
    """ln Σ e^power, to the last digits also where it is next to nothing."""
    largest = max(powers)
    others = list(powers)
    others.remove(largest)
    return largest + log1p(sum(_power(each, largest) for each in others))


def _power(power: float, largest: float) -> float:
    """e^(power − largest), also where both are infinite."""
    return 1.0 if power == largest else exp(power - largest)


# What the source of a rule may call.
CALLS: dict[str, Callable[..., float]] = {
    "exp": exp,
    "tanh": tanh,
    "log1p": log1p,
    "softmax": softmax,
    "log_sum_exp": log_sum_exp,
}
