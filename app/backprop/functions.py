"""The rules that a network can choose from: a row each, as expressions of named operands.

A row is all that the mathematics, the compiled code, the formulas and the exports need to know of an
activation, an error function or an optimiser. PyTorch's name of it is a column of the row; the tests
hold it to the expression.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log1p, nan, sqrt, tanh

from app.backprop.errors import IN_RANGE, N_
from app.backprop.expressions import (
    ALL,
    Constant,
    Expression,
    Operand,
    Pattern,
    define,
    operands,
    subformulas,
    total,
)

# The operands of the rules. `NETS` are all nets of the layer; `NET` is the unit's own.
NET, NETS, OUT, TARGET = map(Operand, ("net", "nets", "out", "target"))
OUTPUTS = Operand("outputs")  # the number of outputs
# Of a parameter: its gradient (the gradient that the update uses), and a state of the optimiser
# from before the update. `UPDATES` is the number of updates, this one included.
GRADIENT, BEFORE, UPDATES = map(Operand, ("gradient", "before", "update_count"))


# Functions. Those with a definition stand for it in every formula that a person reads.

e_to = define("exp")
ln = define("ln")
ln_1_plus = define("log1p", lambda x: ln(1 + x))
hyperbolic_tangent = define("tanh")
size = define("abs")
root = define("sqrt")
larger = define("max")
smaller = define("min")
is_positive = define("step")  # an Iverson bracket: 1 if its argument is above 0, else 0
sigmoid_of = define("sigmoid", lambda x: 1 / (1 + e_to(-x)))
# e^net / Σ e^net_j. The last argument is the unit's own net again.
softmax_of = define(
    "softmax", lambda *nets: e_to(nets[-1]) / total([e_to(net) for net in nets[:-1]])
)
# −ln softmax = ln Σ e^(net_j − net), of the same arguments.
minus_ln_softmax = define(
    "minus_log_softmax",
    lambda *nets: ln(
        total([Constant(1.0), *(e_to(net - nets[-1]) for net in nets[:-1] if net != nets[-1])])
    ),
)


def softmax(*nets: float) -> float:
    """e^net / Σ e^net_j, with the largest net subtracted from each so that no power overflows."""
    *all_nets, own = nets
    largest = max(all_nets)
    return exp(own - largest) / _sum_of_powers(largest, *all_nets)


def minus_log_softmax(*nets: float) -> float:
    """ln Σ e^(net_j − net), to full precision even if it is close to 0."""
    *others, own = nets
    others.remove(own)
    gaps = [0.0, *(net - own for net in others)]
    largest = max(gaps)
    gaps.remove(largest)
    return largest + log1p(_sum_of_powers(largest, *gaps))


def _sum_of_powers(largest: float, *powers: float) -> float:
    """Σ e^(power − largest), even if both are infinite.

    From left to right, as in every Python version: `sum` rounds differently from 3.12 on.
    """
    total = 0.0
    for power in powers:
        total += 1.0 if power == largest else exp(power - largest)
    return total


# The functions in Python. None of them raises: a value that overflows or is undefined becomes inf or
# nan, as in IEEE 754. The conditions are such that nan stays nan.
PYTHON: dict[str, Pattern] = {
    "exp": ("exp(", 0, ")"),
    "log1p": ("log1p(", 0, ")"),
    "tanh": ("tanh(", 0, ")"),
    "sqrt": ("(sqrt(", 0, ") if ", 0, " >= 0.0 else nan)"),
    "abs": ("abs(", 0, ")"),
    "max": ("(", 0, " if ", 1, " <= ", 0, " else ", 1, ")"),
    "min": ("(", 0, " if ", 0, " <= ", 1, " else ", 1, ")"),
    "step": ("(0.0 if ", 0, " <= 0.0 else 1.0 if ", 0, " > 0.0 else ", 0, ")"),
    # e^−net overflows below −709. There 1 + e^net rounds to 1, so out is e^net.
    "sigmoid": ("(1.0 / (1.0 + exp(-", 0, ")) if ", 0, " > -709.0 else exp(", 0, "))"),
    "softmax": ("softmax(", ALL, ")"),
    "minus_log_softmax": ("minus_log_softmax(", ALL, ")"),
}
# The names in the Python above, besides `abs`.
CALLS: dict[str, Callable[..., float] | float] = {
    "nan": nan,
    **{call.__name__: call for call in (exp, log1p, tanh, sqrt, softmax, minus_log_softmax)},
}


# Activations.


@dataclass(frozen=True, slots=True)
class Activation:
    """out = f(net) and its derivative ∂out/∂net."""

    value: Expression  # of NET or, if it depends on the whole layer, NETS and NET
    slope: Expression | None  # of NET or OUT; None if the error function's δ includes it
    pytorch: str
    # Whether f has a kink at 0, where its derivative is taken as 0 (see `Step.settles`).
    kinked: bool = False

    @property
    def per_layer(self) -> bool:
        """Whether f depends on all nets of its layer. Each out then has a derivative by each net,
        so such an activation needs an error function with a fused delta."""
        return NETS.address in operands(self.value)


ACTIVATIONS = {
    # Slides 1 and 2.
    "sigmoid": Activation(sigmoid_of(NET), OUT * (1 - OUT), "torch.sigmoid({net})"),
    "tanh": Activation(hyperbolic_tangent(NET), 1 - OUT**2, "torch.tanh({net})"),
    "relu": Activation(larger(0, NET), is_positive(NET), "torch.relu({net})", kinked=True),
    "leaky_relu": Activation(
        larger(0.01 * NET, NET),
        is_positive(NET) + 0.01 * is_positive(-NET),
        "torch.nn.functional.leaky_relu({net})",
        kinked=True,
    ),
    "identity": Activation(NET, Constant(1.0), "{net}"),
    "softmax": Activation(softmax_of(NETS, NET), None, "torch.softmax({net}, dim=1)"),
}


# Error functions.


@dataclass(frozen=True, slots=True)
class Error:
    """E_k, the error of one output, and its derivative ∂E/∂out."""

    value: Expression  # of TARGET, OUTPUTS and OUT, NET or NETS
    # Of OUT, TARGET and OUTPUTS. None if it is fused with the derivative of the activation: δ is
    # then out − target.
    slope: Expression | None
    pytorch: str  # E of all outputs
    # The only activation of the outputs that this error works with; None for any.
    activation: str | None = None


FUSED_DELTA = OUT - TARGET
THRESHOLD = Operand("c")
NEAR = smaller(size(TARGET - OUT), THRESHOLD)

ERRORS = {
    # E = ½ Σ (target − out)² (slide 1); its derivative is (1) of slide 2.
    "half_squared": Error(
        0.5 * (TARGET - OUT) * (TARGET - OUT), OUT - TARGET, "((target - {out}) ** 2 / 2).sum()"
    ),
    # E = 1/n Σ (target − out)²
    "mean_squared": Error(
        (TARGET - OUT) ** 2 / OUTPUTS,
        2 * (OUT - TARGET) / OUTPUTS,
        "((target - {out}) ** 2).mean()",
    ),
    # E = 1/2n Σ (target − out)², whose derivative has no factor 2.
    "half_mean_squared": Error(
        0.5 * (TARGET - OUT) * (TARGET - OUT) / OUTPUTS,
        (OUT - TARGET) / OUTPUTS,
        "((target - {out}) ** 2 / 2).mean()",
    ),
    # E_k = ½ d² for a distance d up to c, and c·(d − ½ c) beyond it.
    "huber": Error(
        0.5 * NEAR * NEAR + THRESHOLD * larger(0, size(TARGET - OUT) - THRESHOLD),
        larger(-THRESHOLD, smaller(THRESHOLD, OUT - TARGET)),
        "torch.nn.functional.huber_loss({out}, target, reduction='sum', delta=c)",
    ),
    # E_k = −[t ln out + (1 − t) ln(1 − out)], computed from net: where out is close to 0 or 1,
    # the logarithms lose digits. No term is negative, so nothing cancels.
    "binary_cross_entropy": Error(
        TARGET * larger(0, -NET) + (1 - TARGET) * larger(0, NET) + ln_1_plus(e_to(-size(NET))),
        None,
        "torch.nn.functional.binary_cross_entropy_with_logits({net}, target, reduction='sum')",
        activation="sigmoid",
    ),
    # E_k = −t ln out, computed from the nets for the same reason.
    "cross_entropy": Error(
        TARGET * minus_ln_softmax(NETS, NET),
        None,
        "-(target * torch.log_softmax({net}, dim=1)).sum()",
        activation="softmax",
    ),
}


# Optimisers.


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """A number that a rule needs and a person may choose, under the name of its operand."""

    symbol: str
    latex: str
    code: str  # its name in programs
    default: float
    low: float = 0.0
    high: float = 1.0
    low_included: bool = True
    high_included: bool = False

    def accepts(self, value: float) -> bool:
        """Whether a value is in its range."""
        above = value >= self.low if self.low_included else value > self.low
        return above and (value <= self.high if self.high_included else value < self.high)

    @property
    def range_text(self) -> str:
        """The range in words, with placeholders for its limits."""
        if self.low_included:
            return IN_RANGE if self.high_included else _FROM_AND_BELOW
        return _ABOVE_AND_UP_TO


_FROM_AND_BELOW = N_("must be at least %(low)s and less than %(high)s")
_ABOVE_AND_UP_TO = N_("must be greater than %(low)s and at most %(high)s")


HYPERPARAMETERS = {
    "c": Hyperparameter("c", "c", "c", 1.0, high=1e6, low_included=False, high_included=True),
    "weight_decay": Hyperparameter(
        "λ", r"\lambda", "weight_decay", 0.01, high=1e6, high_included=True
    ),
    "momentum": Hyperparameter("μ", r"\mu", "mu", 0.9),
    "rho": Hyperparameter("ρ", r"\rho", "rho", 0.9),
    "beta1": Hyperparameter("β₁", r"\beta_1", "beta1", 0.9),
    "beta2": Hyperparameter("β₂", r"\beta_2", "beta2", 0.999),
    "epsilon": Hyperparameter(
        "ε", r"\varepsilon", "eps", 1e-8, low_included=False, high_included=True
    ),
}


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """A step between the gradient of a parameter and its update, such as its velocity."""

    name: str  # the kind of the step is `weight_` or `bias_` and this
    symbol: str
    latex: str
    code: str  # its name in programs, before that of the parameter
    value: Expression  # of GRADIENT, BEFORE, UPDATES, hyperparameters and the rules before it
    title: str = ""  # in JSON, if it is kept: the plural of its name

    @property
    def is_square(self) -> bool:
        """Whether it has no sign: it is made of squares."""
        return GRADIENT**2 in subformulas(self.value)

    @property
    def is_kept(self) -> bool:
        """Whether the next update needs its value."""
        return BEFORE.address in operands(self.value)


@dataclass(frozen=True, slots=True)
class Optimiser:
    """How a parameter moves: w_new = w − lr · `change`."""

    change: Expression  # of GRADIENT, the rules and hyperparameters
    rules: tuple[UpdateRule, ...] = ()

    @property
    def kept(self) -> tuple[UpdateRule, ...]:
        return tuple(rule for rule in self.rules if rule.is_kept)

    @property
    def counts_updates(self) -> bool:
        return any(UPDATES.address in operands(rule.value) for rule in self.rules)


MOMENTUM, RHO, EPSILON = map(Operand, ("momentum", "rho", "epsilon"))
BETA1, BETA2 = map(Operand, ("beta1", "beta2"))

# v_new = μ·v + ∂E/∂w
VELOCITY = UpdateRule("velocity", "v", "v", "v", MOMENTUM * BEFORE + GRADIENT, "velocities")
# s_new = ρ·s + (1 − ρ)·(∂E/∂w)²
MEAN_SQUARE = UpdateRule(
    "mean_square", "s", "s", "r", RHO * BEFORE + (1 - RHO) * GRADIENT**2, "mean_squares"
)
FIRST_MOMENT = UpdateRule(
    "first_moment", "m", "m", "m", BETA1 * BEFORE + (1 - BETA1) * GRADIENT, "first_moments"
)
SECOND_MOMENT = UpdateRule(
    "second_moment", "v", "v", "v", BETA2 * BEFORE + (1 - BETA2) * GRADIENT**2, "second_moments"
)
CORRECTED_FIRST_MOMENT = UpdateRule(
    "corrected_first_moment", "m̂", r"\hat{m}", "mc", Operand("first_moment") / (1 - BETA1**UPDATES)
)
CORRECTED_SECOND_MOMENT = UpdateRule(
    *("corrected_second_moment", "v̂", r"\hat{v}", "vc"),
    Operand("second_moment") / (1 - BETA2**UPDATES),
)

OPTIMISERS = {
    "gradient_descent": Optimiser(GRADIENT),
    "momentum": Optimiser(Operand("velocity"), (VELOCITY,)),
    # As in PyTorch, ε is outside of the root.
    "rmsprop": Optimiser(GRADIENT / (root(Operand("mean_square")) + EPSILON), (MEAN_SQUARE,)),
    # Algorithm 1 of Kingma and Ba (2015).
    "adam": Optimiser(
        Operand("corrected_first_moment") / (root(Operand("corrected_second_moment")) + EPSILON),
        (FIRST_MOMENT, SECOND_MOMENT, CORRECTED_FIRST_MOMENT, CORRECTED_SECOND_MOMENT),
    ),
}
UPDATE_RULES = {rule.name: rule for each in OPTIMISERS.values() for rule in each.rules}
