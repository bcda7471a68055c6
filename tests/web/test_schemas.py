"""What the schemas repeat of the mathematics is the same there."""

from typing import get_args

from app.backprop.compiler import GRANULARITIES
from app.backprop.functions import ACTIVATIONS, ERRORS
from app.backprop.network import BIASES, OPTIMISERS
from app.web.api.schemas import requests


def test_names() -> None:
    """Activations, errors, biases, optimisers and granularities are those that there are."""
    assert get_args(get_args(requests.Activation)[0]) == tuple(ACTIVATIONS)
    assert get_args(get_args(requests.ErrorFunction)[0]) == tuple(ERRORS)
    assert get_args(get_args(requests.Optimiser)[0]) == tuple(OPTIMISERS)
    assert get_args(get_args(requests.Bias)[0]) == tuple(BIASES)
    assert get_args(requests.Move.model_fields["by"].annotation) == tuple(GRANULARITIES)
