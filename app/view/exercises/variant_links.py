"""Links that open a variant: its structure and its seed, in the words of a built network's address.

`/variant?layers=3-4-2&seed=4711` is short enough to be typed from paper, and for a QR code that any
phone can read. What has its usual value is left out.
"""

from collections.abc import Mapping

from app.backprop.conventions import DECK, Conventions
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import Shape, default_activations
from app.exercises.variants import USUAL_DECIMALS, Structure
from app.simulation.description import describe_conventions
from app.view.panels.network_builder import NO_OR_YES, NUMBERING, SIGNS, joined, number_text
from app.view.rendering.urls import url

PATH = "/variant"
DECIMALS = "decimals"  # the field for those of the given numbers
USUAL_RATE = 0.5


def conventions_of_link(query: Mapping[str, str]) -> Conventions:
    """The names and signs that a query chooses. Raises Invalid."""
    minus_delta, thresholds = (query.get(name) == NO_OR_YES[1] for name in SIGNS)
    return Conventions(query.get(NUMBERING, DECK), minus_delta, thresholds)


def variant_link(structure: Structure, seed: int) -> str:
    """The path that opens a variant on this server."""
    return url(PATH, variant_fields(structure, seed))


def variant_fields(structure: Structure, seed: int) -> dict[str, str]:
    """The fields of the query that describe a variant."""
    shape = structure.shape
    fields = {"layers": "-".join(map(str, shape.layers)), "seed": str(seed)}
    usual = Shape(shape.layers, default_activations(shape.layers, shape.error), shape.error)
    if shape.activations != usual.activations:
        fields["activations"] = ",".join(map(joined, shape.activations))
    for name in ("error", "bias", "optimiser"):
        value = getattr(shape, name)
        if value != Shape.__dataclass_fields__[name].default:
            fields[name] = value
    fields |= {
        name: str(int(value)) if isinstance(value, bool) else value
        for name, value in describe_conventions(shape.named).items()
    }
    if structure.learning_rate != USUAL_RATE:
        fields["learning_rate"] = number_text(structure.learning_rate)
    for name, number in structure.hyperparameters.items():
        if number != HYPERPARAMETERS[name].default or name == "weight_decay":
            fields[name] = number_text(number)
    if structure.decimals != USUAL_DECIMALS:
        fields[DECIMALS] = str(structure.decimals)
    return fields
