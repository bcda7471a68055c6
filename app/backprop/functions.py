"""Activations and errors: the value, its slope and how both are written in Python, a rule a line.

The rules are source text, since an iteration is compiled into straight-line code (see `steps`).
They are written so that floats never raise: where a value overflows or is undefined, it becomes
inf or nan, as IEEE 754 says, and the screen shows that.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Activation:
    """out = f(net) and its slope ∂out/∂net.

    Attributes:
        value: Python source of f in `{net}`.
        slope: Python source of f' in `{net}` or `{out}`.
        reads: what the slope reads, `net` or `out`, or None for a constant.
    """

    value: str
    slope: str
    reads: str | None


# e^−net overflows below −709, where 1 + e^net is 1 to the last bit: there out is e^net itself.
_SIGMOID = "1.0 / (1.0 + exp(-{net})) if {net} > -709.0 else exp({net})"

ACTIVATIONS = {
    "sigmoid": Activation(_SIGMOID, "{out} * (1.0 - {out})", reads="out"),  # slides 1 and 2
    "tanh": Activation("tanh({net})", "1.0 - {out} * {out}", reads="out"),
    # Written by what it is not, so that nan stays nan. The slope at the kink itself is taken as 0.
    "relu": Activation(
        "0.0 if {net} <= 0.0 else {net}",
        "0.0 if {net} <= 0.0 else 1.0 if {net} > 0.0 else {net}",
        reads="net",
    ),
    "identity": Activation("{net}", "1.0", reads=None),
}


@dataclass(frozen=True, slots=True)
class Error:
    """One output's share of E and its slope ∂E/∂out, in `{target}` and `{out}`."""

    value: str
    slope: str


ERRORS = {
    # E = ½ Σ (target − out)²: slide 1; its slope is (1) of slide 2.
    "half_squared": Error("0.5 * ({target} - {out}) * ({target} - {out})", "{out} - {target}"),
}
