"""The functions of the formulas for arrays: many networks are computed at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.backprop.steps import SETTLED

Array = NDArray[np.float64]


def settled(net: Array, size: Array) -> Array:
    """A net, or 0 where it counts as 0 (see `Step.settles`); `size` is |b| + Σ |x·w|."""
    return np.where((np.abs(net) <= SETTLED * size) & np.isfinite(size), 0.0, net)


def _minus_log_softmax(*nets: Array) -> Array:
    gaps = np.stack([net - nets[-1] for net in np.broadcast_arrays(*nets[:-1])])
    return np.asarray(np.logaddexp.reduce(gaps, axis=0))


FUNCTIONS: dict[str, Callable[..., Array]] = {
    "exp": np.exp,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "max": np.maximum,
    "min": np.minimum,
    "step": lambda net: np.heaviside(net, 0.0),
    "softmax": lambda *nets: np.exp(-_minus_log_softmax(*nets)),
    "minus_log_softmax": _minus_log_softmax,
}
