"""What activations, error functions, optimisers and hyperparameters are called and said to be.

`app.backprop.functions` has a row for each; here are its words. All texts are English and marked for
translation; whoever shows one translates it. A sentence has a placeholder for each number, named
after the operand: `net`, `out`, `target`, `c`. That of an update has `parameter`, which is a weight or
a bias in words, the `name` and `rule` of the same entry, and the rule in numbers, `formula`. No word
next to a placeholder may depend on what fills it: Korean particles would.
"""

from dataclasses import dataclass, replace

from app.backprop.errors import N_
from app.backprop.functions import OPTIMISERS
from app.backprop.network import Shape


@dataclass(frozen=True, slots=True)
class ActivationWords:
    """The words of an activation."""

    name: str
    why: str  # it is used
    out: str  # the sentence of out
    # Of its derivative; empty if no step computes it.
    slope_why: str = ""
    slope: str = ""
    walk: str = N_("The deck uses the sigmoid; here the function is %(name)s.")


ACTIVATION_WORDS = {
    "sigmoid": ActivationWords(
        name=N_("sigmoid"),
        why=N_("The sigmoid squeezes any net into a number between 0 and 1."),
        out=N_("out of %(unit)s is %(value)s: the sigmoid of its net, %(net)s."),
        slope_why=N_(
            "The slope of the sigmoid at this net: at most 0.25 (out = 0.5), almost 0 if out is "
            "near 0 or 1."
        ),
        slope=N_("∂out/∂net of %(unit)s is %(value)s: out × (1 − out), with out %(out)s."),
        walk=N_("The deck uses the sigmoid, whose values are always between 0 and 1."),
    ),
    "tanh": ActivationWords(
        name="tanh",
        why=N_("tanh squeezes any net into a number between −1 and 1."),
        out=N_("out of %(unit)s is %(value)s: tanh of its net, %(net)s."),
        slope_why=N_(
            "The slope of tanh at this net: 1 if out is 0, almost 0 if out is near −1 or 1."
        ),
        slope=N_("∂out/∂net of %(unit)s is %(value)s: 1 − out × out, with out %(out)s."),
    ),
    "relu": ActivationWords(
        name="ReLU",
        why=N_("ReLU passes a positive net through and turns a negative one into 0."),
        out=N_("out of %(unit)s is %(value)s: the larger of 0 and its net, %(net)s."),
        slope_why=N_("ReLU has slope 1 where net is positive, and 0 elsewhere."),
        slope=N_("∂out/∂net of %(unit)s is %(value)s: the slope of ReLU at net %(net)s."),
    ),
    "identity": ActivationWords(
        name=N_("identity"),
        why=N_("The identity passes net on as it is."),
        out=N_("out of %(unit)s is %(value)s: its net, %(net)s, as it is."),
        slope_why=N_("The identity has slope 1 everywhere."),
        slope=N_("∂out/∂net of %(unit)s is %(value)s: the slope of the identity, 1 everywhere."),
    ),
    "softmax": ActivationWords(
        name="softmax",
        why=N_(
            "softmax turns the nets into probabilities: every out is positive, and they sum to 1. "
            "The code first subtracts the largest net from every net: the probabilities stay the "
            "same, and no power overflows."
        ),
        out=N_(
            "out of %(unit)s is %(value)s: e to the power of its net, %(net)s, "
            "divided by the sum of these powers for all outputs."
        ),
    ),
    "leaky_relu": ActivationWords(
        name="leaky ReLU",
        why=N_(
            "leaky ReLU passes a positive net through and multiplies a negative one by 0.01, so "
            "the unit keeps learning."
        ),
        out=N_(
            "out of %(unit)s is %(value)s: its net, %(net)s, or 0.01 times that if it is negative."
        ),
        slope_why=N_(
            "leaky ReLU has slope 1 where net is positive, and 0.01 where it is negative. "
            "At 0, where it has a kink, the slope counts as 0."
        ),
        slope=N_("∂out/∂net of %(unit)s is %(value)s: the slope of leaky ReLU at net %(net)s."),
    ),
}


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """The words of an error function."""

    name: str
    why: str  # it is computed
    error: str  # the sentence of the error of one output
    walk: str
    # Of (1), its derivative; empty if δ is computed without it.
    slope_why: str = ""
    slope: str = ""
    delta_why: str = ""  # why δ is out − target, if it is computed at once


ERROR_WORDS = {
    "half_squared": ErrorWords(
        name=N_("½ Σ (target − out)² (deck)"),
        why=N_("How wrong the outputs are. Training reduces it."),
        error=N_(
            "The error of output %(unit)s is %(value)s: half the square of "
            "the target, %(target)s, minus out, %(out)s."
        ),
        walk=N_(
            "How far is the answer from the target? The error of each output is half the squared "
            "difference, and %(total)s is their sum. The ½ cancels the 2 in the derivative of the "
            "square."
        ),
        slope_why=N_("E changes (out − target) times as much as this output."),
        slope=N_("∂E/∂out of %(unit)s is %(value)s: out, %(out)s, minus the target, %(target)s."),
    ),
    "mean_squared": ErrorWords(
        name=N_("mean squared error"),
        why=N_("How wrong the outputs are on average. Training reduces it."),
        error=N_(
            "The error of output %(unit)s is %(value)s: the square of the target, %(target)s, "
            "minus out, %(out)s, divided by the number of outputs, %(outputs)s."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half of each squared "
            "difference. Here the error is the mean: each square is divided by the number of "
            "outputs, and %(total)s is their sum."
        ),
        slope_why=N_(
            "E changes 2 (out − target) / (number of outputs) times as much as this output."
        ),
        slope=N_(
            "∂E/∂out of %(unit)s is %(value)s: twice the difference of out, %(out)s, and the "
            "target, %(target)s, divided by the number of outputs."
        ),
    ),
    "half_mean_squared": ErrorWords(
        name=N_("half the mean squared error"),
        why=N_("Half the mean squared error of the outputs. Training reduces it."),
        error=N_(
            "The error of output %(unit)s is %(value)s: half the square of the target, %(target)s, "
            "minus out, %(out)s, divided by the number of outputs, %(outputs)s."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half of each squared "
            "difference. Here this is divided by the number of outputs, and %(total)s is the sum. "
            "The ½ cancels the 2 in the derivative of the square."
        ),
        slope_why=N_(
            "E changes (out − target) / (number of outputs) times as much as this output."
        ),
        slope=N_(
            "∂E/∂out of %(unit)s is %(value)s: the difference of out, %(out)s, and the target, "
            "%(target)s, divided by the number of outputs."
        ),
    ),
    "binary_cross_entropy": ErrorWords(
        name=N_("binary cross-entropy"),
        why=N_(
            "How improbable the targets are if each out is a probability: the sum of −(target · ln "
            "out + (1 − target) · ln(1 − out)). Written with net, it keeps its digits where out is "
            "nearly 0 or 1. The code uses log1p, which keeps the digits of ln(1 + x) for small x."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: −(target × ln out + (1 − target) × "
            "ln(1 − out)), with the target %(target)s and out from its net, %(net)s."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half of each squared "
            "difference. Here every out is the probability of a 1, and the error is minus the "
            "logarithm of the probability of the target; %(total)s is the sum over all outputs. It "
            "is written with net, because the logarithm of an out near 0 or 1 loses digits."
        ),
        delta_why=N_(
            "Here (1) is (out − target) / (out · (1 − out)) and (2) is out · (1 − out). In their "
            "product everything cancels except out − target."
        ),
    ),
    "cross_entropy": ErrorWords(
        name=N_("softmax cross-entropy"),
        why=N_(
            "How improbable the target is if the outs are probabilities: the sum of −target · ln "
            "out. Written with the nets, it keeps its digits where out is nearly 0. The code takes "
            "the largest power out of the logarithm, so that none overflows."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: −target × ln out, with the target "
            "%(target)s and out from all nets, its own being %(net)s."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half of each squared "
            "difference. Here the outs are probabilities, and the error is minus the logarithm of "
            "the probability of the target; %(total)s is the sum over all outputs. It is written "
            "with the nets, because the logarithm of an out near 0 loses digits."
        ),
        delta_why=N_(
            "Every out depends on every net, so here (1) · (2) is a sum over all outputs: out · Σ "
            "target − target. The targets sum to 1, so this is out − target."
        ),
    ),
    "huber": ErrorWords(
        name=N_("Huber (squared up to c, then linear)"),
        why=N_(
            "How wrong the outputs are, in one number. Beyond the threshold c it grows along a "
            "straight line, so one target far off does not outweigh all others."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: of the target, %(target)s, minus out, "
            "%(out)s, half the square up to the threshold %(c)s, "
            "and a straight line from there on."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half of each squared "
            "difference. Here this applies up to the threshold c; beyond it, the error grows along "
            "a straight line, c times as fast as the difference. %(total)s is the sum over all "
            "outputs."
        ),
        slope_why=N_(
            "E changes (out − target) times as much as this output, but at most c times as much."
        ),
        slope=N_(
            "∂E/∂out of %(unit)s is %(value)s: out, %(out)s, minus the target, %(target)s, but no "
            "further from 0 than the threshold, %(c)s."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class QuantityWords:
    """The words of what is computed between the gradients and the update, such as velocities."""

    name: str
    rule: str  # how it is computed: part of its sentence
    why: str
    walk: str = ""  # what it is for, in the walk through the deck
    deck: str = ""  # how the update then differs from the deck's rule
    # Where the value from before the iteration comes from.
    given: str = N_("The %(name)s from the previous iteration; 0 at first.")
    sentence: str = N_("The %(name)s of %(parameter)s becomes %(value)s: %(rule)s, %(formula)s.")


QUANTITY_WORDS = {
    "sum": QuantityWords(
        name=N_("accumulated gradient"),
        rule=N_("the sum of the earlier examples + its gradient"),
        why=N_(
            "The gradients of all examples are added up first. After the last example every weight "
            "and bias changes once."
        ),
        deck=N_(
            "This is the deck’s rule, which updates after each example. Here the gradients of all "
            "examples are accumulated first."
        ),
        given=N_("Accumulated earlier in this pass; 0 at its first example."),
    ),
    "velocity": QuantityWords(
        name=N_("velocity"),
        rule=N_("the momentum × the old velocity + the gradient"),
        why=N_(
            "With momentum, the velocity remembers the direction of earlier steps: it is μ times "
            "the old velocity plus the gradient."
        ),
        walk=N_(
            "Here each has a velocity: μ times the old velocity plus the gradient. It moves "
            "against its velocity, by lr times as much."
        ),
        deck=N_("This is the deck’s rule. Here the velocity is subtracted, v = μ·v + gradient."),
    ),
    "decayed": QuantityWords(
        name=N_("gradient with decay"),
        rule=N_("the gradient + the weight decay × the old weight"),
        why=N_(
            "Weight decay adds λ times the weight to its gradient, so that every update also "
            "shrinks the weight a little. E does not include it."
        ),
        walk=N_("Here λ times each weight is added to its gradient first."),
        deck=N_(
            "This is the deck’s rule. Here λ times each weight is added to its gradient first."
        ),
    ),
    "mean_square": QuantityWords(
        name=N_("mean square"),
        rule=N_("ρ × the old mean square + (1 − ρ) × the square of the gradient"),
        why=N_(
            "RMSProp remembers how large the gradients were: the mean square is ρ times the old "
            "one plus (1 − ρ) times the squared gradient."
        ),
        walk=N_(
            "Here each has a mean square of its gradients, s. It moves against its gradient, "
            "divided by √s + ε, by lr times as much."
        ),
        deck=N_(
            "This is the deck’s rule. Here each gradient is divided by √s + ε before it is "
            "subtracted, with s = ρ·s + (1 − ρ)·gradient²."
        ),
    ),
    "update_count": QuantityWords(
        name=N_("number of updates"),
        rule=N_("one more than before"),
        why=N_("Adam corrects both moments by how many updates there have been."),
    ),
    "first_moment": QuantityWords(
        name=N_("first moment"),
        rule=N_("β₁ × the old first moment + (1 − β₁) × the gradient"),
        why=N_(
            "The first moment is a running mean of the gradients: β₁ times the old one plus (1 − "
            "β₁) times the gradient."
        ),
        walk=N_(
            "Here each has two moments, running means of its gradients and of their squares. "
            "Corrected for their start at 0, they are m̂ and v̂, and it moves against "
            "m̂ / (√v̂ + ε), by lr times as much."
        ),
        deck=N_(
            "This is the deck’s rule. Here m̂ / (√v̂ + ε) is subtracted instead of the gradient."
        ),
    ),
    "second_moment": QuantityWords(
        name=N_("second moment"),
        rule=N_("β₂ × the old second moment + (1 − β₂) × the square of the gradient"),
        why=N_(
            "The second moment is a running mean of the squared gradients: β₂ times the old one "
            "plus (1 − β₂) times the square."
        ),
    ),
    "corrected_first_moment": QuantityWords(
        name=N_("corrected first moment"),
        rule=N_("the first moment / (1 − β₁ to the power of t)"),
        why=N_(
            "The first moment starts at 0, so it is too small at first. Divided by 1 − β₁ᵗ, it is "
            "a mean of the gradients so far."
        ),
    ),
    "corrected_second_moment": QuantityWords(
        name=N_("corrected second moment"),
        rule=N_("the second moment / (1 − β₂ to the power of t)"),
        why=N_(
            "The second moment starts at 0, so it is too small at first. Divided by 1 − β₂ᵗ, it is "
            "a mean of the squared gradients so far."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class UpdateWords:
    """The words of the update itself."""

    name: str  # of what is subtracted
    why: str = N_(
        "Every weight and bias moves by −lr · %(name)s. All gradients used the old weights."
    )
    uphill: str = ""  # why E may rise by it; empty if it cannot
    rule: str = N_("the old value − the learning rate × its %(name)s")
    sentence: str = N_("The new value of %(parameter)s is %(value)s: %(rule)s, %(formula)s.")


_SUM = UpdateWords(
    N_("accumulated gradient"),
    why=N_(
        "All examples have been used: every weight and bias moves by −lr · %(name)s. All gradients "
        "used the old weights."
    ),
    uphill=N_(
        "For this example E rises: the step follows the gradients of all examples. Predicted "
        "change %(predicted)s, actual %(actual)s."
    ),
)
_UPHILL_BY_DECAY = N_(
    "E rises: the decay shrinks the weight by more than its gradient moves it. Predicted change "
    "%(predicted)s, actual %(actual)s."
)
# By what is subtracted: the gradient of each example, the mean or the sum of those of all examples,
# or what the optimiser has in its place. The gradient of a weight with weight decay is a quantity
# of its own: `decayed`.
UPDATE_WORDS = {
    "each": UpdateWords(N_("gradient")),
    "mean": replace(_SUM, name=N_("mean gradient")),
    "sum": _SUM,
    "momentum": UpdateWords(
        N_("velocity"),
        uphill=N_(
            "E rises: the velocity still carries the weight in the direction of earlier steps. "
            "Predicted change %(predicted)s, actual %(actual)s."
        ),
    ),
    "decayed": UpdateWords(
        N_("gradient with decay"),
        why=N_(
            "Every weight moves by −lr · %(name)s, every bias by −lr · gradient. All gradients "
            "used the old weights."
        ),
        uphill=_UPHILL_BY_DECAY,
    ),
    "rmsprop": UpdateWords(
        N_("gradient / (√s + ε)"),
        why=N_(
            "Every weight and bias moves against its gradient, divided by the typical size of that "
            "gradient. So small gradients move it about as far as large ones."
        ),
        uphill=_UPHILL_BY_DECAY,
    ),
    "adam": UpdateWords(
        "m̂ / (√v̂ + ε)",
        why=N_(
            "Every weight and bias moves against the mean of its gradients so far, divided by "
            "their typical size. Steady gradients move it by about lr, changing ones by less."
        ),
        uphill=N_(
            "E rises: the first moment still follows earlier gradients. Predicted change "
            "%(predicted)s, actual %(actual)s."
        ),
    ),
}
OPTIMISER_NAMES = {
    "gradient_descent": N_("gradient descent (the deck)"),
    "momentum": N_("momentum"),
    "rmsprop": "RMSProp",
    "adam": "Adam",
}
HYPERPARAMETER_NAMES = {
    "momentum": N_("momentum μ"),
    "c": N_("c (threshold of the error function)"),
    "weight_decay": N_("weight decay λ"),
    "rho": N_("ρ (share of the old mean square)"),
    "epsilon": N_("ε (keeps the denominator from 0)"),
    "beta1": N_("β₁ (share of the old first moment)"),
    "beta2": N_("β₂ (share of the old second moment)"),
}


def quantity_words(kind: str) -> QuantityWords:
    """The words for the kind of a step or an address, such as `weight_velocity_before`.

    Raises KeyError if it is not such a quantity."""
    name = kind.removesuffix("_before")
    return QUANTITY_WORDS[name if name in QUANTITY_WORDS else name.partition("_")[2]]


def quantities_of(shape: Shape) -> tuple[QuantityWords, ...]:
    """The words of all that is computed between the gradients and the update."""
    names = (
        *("sum",) * shape.accumulates,
        *("update_count",) * shape.counts_updates,
        *("decayed",) * shape.weight_decay,
        *(rule.name for rule in OPTIMISERS[shape.optimiser].rules),
    )
    return tuple(QUANTITY_WORDS[name] for name in names)


def update_words(shape: Shape, parameter: str) -> UpdateWords:
    """The words of the update of a `weight` or a `bias`; its address or the kind of a step will do."""
    decayed = shape.weight_decay and parameter.startswith("weight")
    own = UPDATE_WORDS.get(shape.optimiser)
    return own or UPDATE_WORDS["decayed" if decayed else shape.update]
