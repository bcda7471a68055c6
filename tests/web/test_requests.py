"""What the schemas repeat of the mathematics is the same there."""

from typing import get_args

from app.backprop.compiler import GRANULARITIES
from app.backprop.functions import ACTIVATIONS, ERRORS
from app.backprop.network import BIASES, OPTIMISERS
from app.web.api.schemas import requests as schemas


def test_names() -> None:
    """Activations, errors, biases, optimisers and granularities are those that there are."""
    assert get_args(get_args(schemas.Activation)[0]) == tuple(ACTIVATIONS)
    assert get_args(get_args(schemas.ErrorFunction)[0]) == tuple(ERRORS)
    assert get_args(get_args(schemas.Optimiser)[0]) == tuple(OPTIMISERS)
    assert get_args(get_args(schemas.Bias)[0]) == tuple(BIASES)
    assert get_args(schemas.Move.model_fields["by"].annotation) == tuple(GRANULARITIES)
