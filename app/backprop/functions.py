"""Activation and error functions, with their derivatives, as Python source.

They are source text because the compiler turns an iteration into straight-line code. They never
raise: a value that overflows or is undefined becomes inf or nan, as in IEEE 754, and is shown so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log1p, tanh


@dataclass(frozen=True, slots=True)
class Activation:
    """out = f(net) and its derivative ∂out/∂net."""

    value: str  # Python source of f, in terms of `{net}` and, if `per_layer`, `{nets}`
    slope: str  # Python source of f′, in terms of `{net}` or `{out}`
    slope_input: str | None  # the operand of the derivative, `net` or `out`; None for a constant
    # Whether f depends on all nets of its layer. Each out then has a derivative by each net, so
    # such an activation needs an error function with a fused delta.
    per_layer: bool = False


# e^−net overflows below −709. There 1 + e^net rounds to 1, so out is e^net.
_SIGMOID = "1.0 / (1.0 + exp(-{net})) if {net} > -709.0 else exp({net})"

ACTIVATIONS = {
    "sigmoid": Activation(_SIGMOID, "{out} * (1.0 - {out})", slope_input="out"),  # slides 1 and 2
    "tanh": Activation("tanh({net})", "1.0 - {out} * {out}", slope_input="out"),
    # The conditions are negated so that nan stays nan. The derivative at the kink is taken as 0.
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
    """E_k, the error of one output, and its derivative ∂E/∂out."""

    # Python source of E_k, in terms of `{target}`, the number of `{outputs}`, and `{out}` or
    # `{net}`; or, for `nets`, of `{gaps}`, the other outputs' nets minus its own.
    value: str
    # Python source of ∂E/∂out, in terms of `{target}`, `{out}` and `{outputs}`. Empty if it is
    # fused with the derivative of the activation: δ is then out − target.
    slope: str = ""
    value_input: str = "out"  # `out`, `net` or `nets`, the nets of all outputs
    # The only activation of the outputs that this error works with; None for any.
    activation: str | None = None

    @property
    def fused_delta(self) -> bool:
        """Whether δ of the outputs is computed in one step."""
        return not self.slope


ERRORS = {
    # E = ½ Σ (target − out)² (slide 1); its derivative is (1) of slide 2.
    "half_squared": Error("0.5 * ({target} - {out}) * ({target} - {out})", "{out} - {target}"),
    # E = 1/n Σ (target − out)²
    "mean_squared": Error(
        "({target} - {out}) * ({target} - {out}) / {outputs}",
        "2.0 * ({out} - {target}) / {outputs}",
    ),
    # E_k = −[t ln out + (1 − t) ln(1 − out)], computed from net: where out is close to 0 or 1,
    # the logarithms lose digits. No term is negative, so nothing cancels.
    "binary_cross_entropy": Error(
        "{target} * max(0.0, -{net}) + (1.0 - {target}) * max(0.0, {net}) + log1p(exp(-abs({net})))",
        value_input="net",
        activation="sigmoid",
    ),
    # E_k = −t ln out, computed from the nets for the same reason: −ln out_k = ln Σ e^(net_j − net_k).
    "cross_entropy": Error(
        "{target} * log_sum_exp(0.0, {gaps})", value_input="nets", activation="softmax"
    ),
}


def softmax(net: float, *nets: float) -> float:
    """e^net / Σ e^net_j, with the largest net subtracted from each so that no power overflows."""
    largest = max(nets)
    return exp(net - largest) / sum(_power(each, largest) for each in nets)


def log_sum_exp(*powers: float) -> float:
    """ln Σ e^power, to full precision even if it is close to 0."""
    largest = max(powers)
    others = list(powers)
    others.remove(largest)
    return largest + log1p(sum(_power(each, largest) for each in others))


def _power(power: float, largest: float) -> float:
    """e^(power − largest), even if both are infinite."""
    return 1.0 if power == largest else exp(power - largest)


# The functions that the source above may call.
CALLS: dict[str, Callable[..., float]] = {
    "exp": exp,
    "tanh": tanh,
    "log1p": log1p,
    "softmax": softmax,
    "log_sum_exp": log_sum_exp,
}
