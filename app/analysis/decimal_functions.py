"""The functions of the formulas in decimals, with all digits of the context.

`rounding` computes with them, and the program of an iteration on a blackboard is printed with them.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from typing import Any

TINY = -12  # the power of ten below which three terms of a series have all digits


def exp(x: Decimal) -> Decimal:
    return x.exp()


def ln(x: Decimal) -> Decimal:
    return x.ln()


def sqrt(x: Decimal) -> Decimal:
    return x.sqrt()


def is_positive(net: Decimal) -> Decimal:
    return Decimal(net > 0)


def tanh(x: Decimal) -> Decimal:
    if x and x.adjusted() < TINY:
        return x - x * x * x / 3
    with localcontext() as context:
        context.prec += 2 - TINY  # digits that cancel where x is small
        power = (-2 * abs(x)).exp()
        size = (1 - power) / (1 + power)
    return +size.copy_sign(x)


def log1p(x: Decimal) -> Decimal:
    if x and x.adjusted() < TINY:
        return x - x * x / 2 + x * x * x / 3
    with localcontext() as context:
        context.prec += 2 - TINY
        logarithm = (1 + x).ln()
    return +logarithm


def softmax(*nets: Decimal) -> Decimal:
    *all_nets, own = nets
    largest = max(all_nets)
    return (own - largest).exp() / sum([(net - largest).exp() for net in all_nets], Decimal(0))


def minus_log_softmax(*nets: Decimal) -> Decimal:
    """ln Σ e^(net_j − net), of which one term is 1."""
    *others, own = nets
    others.remove(own)
    largest = max([net - own for net in others], default=Decimal(0))
    if largest <= 0:
        return log1p(sum([(net - own).exp() for net in others], Decimal(0)))
    return largest + sum([(net - own - largest).exp() for net in (*others, own)], Decimal(0)).ln()


# By their names in formulas.
DECIMAL_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": exp,
    "ln": ln,
    "log1p": log1p,
    "tanh": tanh,
    "sqrt": sqrt,
    "abs": abs,
    "max": max,
    "min": min,
    "step": is_positive,
    "softmax": softmax,
    "minus_log_softmax": minus_log_softmax,
}
