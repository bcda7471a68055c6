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
    walk: str = N_("The deck takes the sigmoid; here it is this function: %(name)s.")


ACTIVATION_WORDS = {
    "sigmoid": ActivationWords(
        name=N_("sigmoid"),
        why=N_("The sigmoid squeezes net, whatever its size, into a number from 0 to 1."),
        out=N_("out of %(unit)s is %(value)s: the sigmoid of its net, %(net)s."),
        slope_why=N_(
            "How steep the sigmoid is at this net: 0.25 at most, where out is 0.5, "
            "and next to nothing near 0 and 1."
        ),
        slope=N_(
            "The activation slope of %(unit)s is %(value)s: out × (1 − out), with out %(out)s."
        ),
        walk=N_("The deck takes the sigmoid, whose values lie between 0 and 1 throughout."),
    ),
    "tanh": ActivationWords(
        name="tanh",
        why=N_("tanh squeezes net, whatever its size, into a number from −1 to 1."),
        out=N_("out of %(unit)s is %(value)s: tanh of its net, %(net)s."),
        slope_why=N_(
            "How steep tanh is at this net: 1 where out is 0, and nearly flat near −1 and 1."
        ),
        slope=N_("The activation slope of %(unit)s is %(value)s: 1 − out × out, with out %(out)s."),
    ),
    "relu": ActivationWords(
        name="ReLU",
        why=N_("relu lets a positive net through and turns a negative one into 0."),
        out=N_("out of %(unit)s is %(value)s: the larger of 0 and its net, %(net)s."),
        slope_why=N_("relu has slope 1 where net is positive, and 0 elsewhere."),
        slope=N_(
            "The activation slope of %(unit)s is %(value)s: that of relu where net is %(net)s."
        ),
    ),
    "identity": ActivationWords(
        name=N_("identity"),
        why=N_("The identity passes net on as it is."),
        out=N_("out of %(unit)s is %(value)s: its net, %(net)s, as it is."),
        slope_why=N_("The identity has slope 1 everywhere."),
        slope=N_(
            "The activation slope of %(unit)s is %(value)s: "
            "the identity is equally steep everywhere."
        ),
    ),
    "softmax": ActivationWords(
        name="softmax",
        why=N_(
            "softmax makes shares of the nets, like probabilities: every out is positive, and "
            "together they are 1. The code subtracts the largest net from every net first: "
            "the shares stay the same, and no power overflows."
        ),
        out=N_(
            "out of %(unit)s is %(value)s: e to the power of its net, %(net)s, "
            "divided by the sum of these powers for all outputs."
        ),
    ),
    "leaky_relu": ActivationWords(
        name="leaky ReLU",
        why=N_(
            "leaky ReLU lets a positive net through and leaves a hundredth of a negative one, "
            "so that its unit keeps learning."
        ),
        out=N_(
            "out of %(unit)s is %(value)s: its net, %(net)s, or 0.01 times that if it is negative."
        ),
        slope_why=N_(
            "leaky ReLU has slope 1 where net is positive, and 0.01 where it is negative. "
            "At 0, where it has a kink, the slope counts as 0."
        ),
        slope=N_(
            "The activation slope of %(unit)s is %(value)s: "
            "that of leaky ReLU where net is %(net)s."
        ),
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
        name=N_("half the squares (the deck)"),
        why=N_(
            "How wrong the outputs are, in one number: half the squared distance "
            "to each target, added up. Training makes it smaller."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: half the square of "
            "the target, %(target)s, minus out, %(out)s."
        ),
        walk=N_(
            "How far is the answer from the target? For each output it is half the square of "
            "the distance, and %(total)s adds them up. The half is there for what follows: it "
            "cancels the 2 that the derivative of a square brings along."
        ),
        slope_why=N_("If this output grew a little, E would change by its distance to the target."),
        slope=N_(
            "The error slope at %(unit)s is %(value)s: "
            "its out, %(out)s, minus the target, %(target)s."
        ),
    ),
    "mean_squared": ErrorWords(
        name=N_("mean of the squares"),
        why=N_(
            "How wrong the outputs are, in one number: the mean of the squared distances "
            "to the targets. Training makes it smaller."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: the square of the target, %(target)s, "
            "minus out, %(out)s, divided by the number of outputs, %(outputs)s."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half the square of each "
            "distance. Here it is their mean: each square is divided by the number of outputs, "
            "and %(total)s adds them up."
        ),
        slope_why=N_(
            "If this output grew a little, E would change by twice its distance to the "
            "target, divided by the number of outputs."
        ),
        slope=N_(
            "The error slope at %(unit)s is %(value)s: twice the difference of its out, "
            "%(out)s, and the target, %(target)s, divided by the number of outputs."
        ),
    ),
    "binary_cross_entropy": ErrorWords(
        name=N_("binary cross-entropy"),
        why=N_(
            "How improbable the targets are if each out is a probability: "
            "−(target · ln out + (1 − target) · ln(1 − out)), added up. Written with net, "
            "it keeps its digits where out is nearly 0 or 1. "
            "The code uses log1p, which keeps those of ln(1 + x) for a small x."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: −(target × ln out + (1 − target) × "
            "ln(1 − out)), with the target %(target)s and out from its net, %(net)s."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half the square of each "
            "distance. Here every out counts as the probability of a yes, and the error is the "
            "logarithm of how improbable that makes the target, with a minus; %(total)s adds them "
            "up. It is written with net, because the logarithm of an out near 0 or 1 has few "
            "digits."
        ),
        delta_why=N_(
            "(1) is (out − target) / (out · (1 − out)) here, and (2) is out · (1 − out). "
            "Multiplied, all cancels but out − target."
        ),
    ),
    "cross_entropy": ErrorWords(
        name=N_("cross-entropy of softmax"),
        why=N_(
            "How improbable the target is if the outs are probabilities: −target · ln out, "
            "added up. Written with the nets, it keeps its digits where out is nearly 0. "
            "The code takes the largest power out of the logarithm, so that none overflows."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: −target × ln out, with the target "
            "%(target)s and out from all nets, its own being %(net)s."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half the square of each "
            "distance. Here the outs are the probabilities of the outputs, and the error is the "
            "logarithm of that of the target, with a minus; %(total)s adds them up. It is written "
            "with the nets, because the logarithm of an out near 0 has few digits."
        ),
        delta_why=N_(
            "Every out depends on every net: (1) · (2) is a sum over all outputs here, "
            "out · Σ target − target. The targets add up to 1, so what is left is out − target."
        ),
    ),
    "huber": ErrorWords(
        name=N_("Huber (squared up to c, then linear)"),
        why=N_(
            "How wrong the outputs are, in one number: half the squared distance to each target up "
            "to the threshold c, and from there on along a straight line, so that one target far "
            "off does not outweigh all others."
        ),
        error=N_(
            "The error of output %(unit)s is %(value)s: of the target, %(target)s, minus out, "
            "%(out)s, half the square up to the threshold %(c)s, "
            "and a straight line from there on."
        ),
        walk=N_(
            "How far is the answer from the target? The deck takes half the square of each "
            "distance. Here it does so up to the threshold c; beyond it, the error grows along a "
            "straight line, c times as fast as the distance, and %(total)s adds them up."
        ),
        slope_why=N_(
            "If this output grew a little, E would change by its distance to the target, "
            "but by no more than the threshold c."
        ),
        slope=N_(
            "The error slope at %(unit)s is %(value)s: its out, %(out)s, minus the target, "
            "%(target)s, but no further from 0 than the threshold, %(c)s."
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
    given: str = N_("The %(name)s that the iteration before left; at first 0.")
    sentence: str = N_("The %(name)s of %(parameter)s becomes %(value)s: %(rule)s, %(formula)s.")


QUANTITY_WORDS = {
    "sum": QuantityWords(
        name=N_("gathered gradient"),
        rule=N_("what the examples before gave + its gradient"),
        why=N_(
            "The gradients of all examples are added up first. "
            "After the last of them every weight and bias moves once."
        ),
        deck=N_(
            "That is the deck’s rule, after each example: here the gradients of all "
            "examples are gathered before anything moves."
        ),
        given=N_("What this pass has gathered before; 0 at its first example."),
    ),
    "velocity": QuantityWords(
        name=N_("velocity"),
        rule=N_("the momentum × the old velocity + the gradient"),
        why=N_(
            "With momentum a velocity remembers where the steps before went: "
            "of the old one μ is left, and the gradient is added."
        ),
        walk=N_(
            "Here each has a velocity: μ times the old one and the gradient, "
            "and it moves against that, by lr times as much."
        ),
        deck=N_("That is the deck’s rule: here the velocity is subtracted, v = μ·v + gradient."),
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
            "That is the deck’s rule: here λ times each weight is added to its gradient first."
        ),
    ),
    "mean_square": QuantityWords(
        name=N_("mean square"),
        rule=N_("ρ × the old mean square + (1 − ρ) × the square of the gradient"),
        why=N_(
            "RMSProp remembers how large the gradients were: of the old mean square "
            "ρ is left, and 1 − ρ of the new square is added."
        ),
        walk=N_(
            "Here each has a mean square of its gradients, s. It moves against its gradient, "
            "divided by √s + ε, by lr times as much."
        ),
        deck=N_(
            "That is the deck’s rule: here each gradient is divided by √s + ε before it is "
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
            "The first moment is a running mean of the gradients: of the old one β₁ is left, "
            "and 1 − β₁ of the gradient is added."
        ),
        walk=N_(
            "Here each has two moments, running means of its gradients and of their squares. "
            "Corrected for their start at 0, they are m̂ and v̂, and it moves against "
            "m̂ / (√v̂ + ε), by lr times as much."
        ),
        deck=N_(
            "That is the deck’s rule: here m̂ / (√v̂ + ε) is subtracted in place of the gradient."
        ),
    ),
    "second_moment": QuantityWords(
        name=N_("second moment"),
        rule=N_("β₂ × the old second moment + (1 − β₂) × the square of the gradient"),
        why=N_(
            "The second moment is a running mean of the squared gradients: of the old one β₂ is "
            "left, and 1 − β₂ of the square is added."
        ),
    ),
    "corrected_first_moment": QuantityWords(
        name=N_("corrected first moment"),
        rule=N_("the first moment / (1 − β₁ to the power of t)"),
        why=N_(
            "The first moment began at 0 and is too small at first. "
            "Divided by 1 − β₁ᵗ, it is a mean of the gradients so far."
        ),
    ),
    "corrected_second_moment": QuantityWords(
        name=N_("corrected second moment"),
        rule=N_("the second moment / (1 − β₂ to the power of t)"),
        why=N_(
            "The second moment began at 0 and is too small at first. "
            "Divided by 1 − β₂ᵗ, it is a mean of the squared gradients so far."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class UpdateWords:
    """The words of the update itself."""

    name: str  # of what is subtracted
    why: str = N_(
        "Every weight and bias moves against its %(name)s, by a step as large as lr allows. "
        "The gradients were all taken at the old weights."
    )
    uphill: str = ""  # why E may rise by it; empty if it cannot
    rule: str = N_("the old value − the learning rate × its %(name)s")
    sentence: str = N_("The new value of %(parameter)s is %(value)s: %(rule)s, %(formula)s.")


_SUM = UpdateWords(
    N_("gathered gradient"),
    why=N_(
        "All examples have had their turn: every weight and bias moves against its %(name)s, by a "
        "step as large as lr allows. The gradients were all taken at the old weights."
    ),
    uphill=N_(
        "For this example alone it goes uphill: the step follows the gradients of all of them. "
        "The tangent predicted %(predicted)s; E changes by %(actual)s."
    ),
)
_UPHILL_BY_DECAY = N_(
    "The decay shrinks the weight by more than its gradient moves it, so it goes uphill. "
    "The tangent predicted %(predicted)s; E changes by %(actual)s."
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
            "The velocity still carries it uphill, as steps before went that way. "
            "The tangent predicted %(predicted)s; E changes by %(actual)s."
        ),
    ),
    "decayed": UpdateWords(
        N_("gradient with decay"),
        why=N_(
            "Every weight moves against its %(name)s and every bias against its gradient, by a "
            "step as large as lr allows. The gradients were all taken at the old weights."
        ),
        uphill=_UPHILL_BY_DECAY,
    ),
    "rmsprop": UpdateWords(
        N_("gradient / (√s + ε)"),
        why=N_(
            "Every weight and bias moves against its gradient, divided by the usual size of that "
            "gradient: those with small gradients move about as far as those with large ones."
        ),
        uphill=_UPHILL_BY_DECAY,
    ),
    "adam": UpdateWords(
        "m̂ / (√v̂ + ε)",
        why=N_(
            "Every weight and bias moves against the mean of its gradients so far, divided by "
            "their usual size: steady gradients move it by about lr, changing ones by less."
        ),
        uphill=N_(
            "The first moment still carries it uphill, as gradients before pointed that way. "
            "The tangent predicted %(predicted)s; E changes by %(actual)s."
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
