"""The panel *Network*: forms that change the network at hand and build a new one."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from app.backprop.conventions import CONSECUTIVE, DECK, NUMBERED, NUMBERINGS
from app.backprop.errors import N_
from app.backprop.functions import ACTIVATIONS, ERRORS, HYPERPARAMETERS, OPTIMISERS
from app.backprop.network import BIASES, Example, Shape, users_of
from app.examples.random_network import INITS, init_of
from app.simulation.simulation import Simulation
from app.view.notation.labels import (
    Translate,
    activation_name,
    error_name,
    hyperparameter_name,
    optimiser_name,
)
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import as_fraction, data
from app.view.rendering.panel import CHANGE, Panel

HIDDEN = 3  # hidden layers at most
LONGEST = 512  # letters of examples that a URL carries
SEED = 7  # proposed by the form; the random presets have it too
UNITS_MARK = "/"  # between the activations of the units of a layer, if they differ
# Hyperparameters that a network has only if they are not 0, such as a weight decay.
OPTIONAL = [name for name in HYPERPARAMETERS if not users_of(name)]

INIT_WORDS = {
    "uniform": N_("random, −1 to 1"),
    "xavier": N_("random by Xavier (Glorot)"),
    "equal": N_("all weights 0.5"),
    "zeros": N_("all 0"),
}
# How names and signs are chosen: the fields, and what they may be.
NUMBERING, SIGNS = "numbering", ("minus_delta", "thresholds")
NO_OR_YES = ("0", "1")
NUMBERING_WORDS = {
    DECK: N_("w11, H1 (the deck)"),
    NUMBERED: N_("w1 to wn"),
    CONSECUTIVE: N_("w46, unit 6"),
}
SIGN_WORDS = {
    "minus_delta": (N_("δ = ∂E/∂net (the deck)"), "Err = −δ"),
    "thresholds": (N_("bias b, added (the deck)"), N_("threshold θ, subtracted")),
}
BIAS_WORDS = {
    "shared": N_("one for each layer (the deck)"),
    "per_unit": N_("one for each unit"),
    "none": N_("none"),
}


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer in the form; `units` is empty if the network does not have it."""

    title: str
    units: str
    activations: dict[str, str]  # the choices and their names
    activation: str
    required: bool


def joined(names: str | Sequence[str]) -> str:
    """The activations of a layer as the form has them."""
    return names if isinstance(names, str) else UNITS_MARK.join(names)


def number_text(number: float) -> str:
    """A number as somebody may have typed it."""
    return as_fraction(number) or data(number)


def cache_key(simulation: Simulation) -> Hashable:
    """What the forms are filled in from."""
    start, origin = simulation.start, simulation.history.origin.network
    settings = start.learning_rate, start.hyperparameters
    return start.network.shape, settings, start.examples, origin


def network_panel(
    simulation: Simulation,
    at: tuple[str, ...],
    _: Translate,
    scale: str = "",
    digits: Digits = FOUR,
) -> dict[str, object]:
    shape = simulation.shape
    hidden = shape.layers[1:-1]
    rows = [LayerRow(_("inputs"), str(shape.layers[0]), {}, "", True)]
    for index in range(HIDDEN):
        there = index < len(hidden)
        title = _("hidden %(number)s") % {"number": index + 1}
        units = str(hidden[index]) if there else ""
        rows.append(_row(_, shape, title, units, index if there else None))
    rows.append(_row(_, shape, _("outputs"), str(shape.layers[-1]), len(hidden)))
    examples, values = examples_text(simulation.examples), simulation.start.hyperparameter_values
    return {
        "layers": rows,
        "errors": {name: error_name(_, name) for name in ERRORS},
        "error": shape.error,
        "optimisers": {name: optimiser_name(_, name) for name in OPTIMISERS},
        "optimiser": shape.optimiser,
        "biases": {name: _(BIAS_WORDS[name]) for name in BIASES},
        "inits": {name: _(INIT_WORDS[name]) for name in INITS},
        "bias": shape.bias,
        "numberings": {name: _(NUMBERING_WORDS[name]) for name in NUMBERINGS},
        "numbering": shape.named.numbering,
        "signs": {
            name: (
                dict(zip(NO_OR_YES, map(_, SIGN_WORDS[name]), strict=True)),
                NO_OR_YES[getattr(shape.named, name)],
            )
            for name in SIGNS[: 1 if shape.bias == "none" else 2]
        },
        "init": init_of(simulation.history.origin.network, SEED) or INITS[0],
        "seed": str(SEED),
        "rate": number_text(simulation.learning_rate),
        "optional": {
            name: (hyperparameter_name(_, name), number_text(values.get(name, 0.0)))
            for name in OPTIONAL
        },
        "examples": examples if len(examples) <= LONGEST else "",
        "count": len(simulation.examples),
    }


def _row(_: Translate, shape: Shape, title: str, units: str, layer: int | None) -> LayerRow:
    """A layer that computes, by its index in the activations; None for one that is not there."""
    outputs = layer == len(shape.activations) - 1
    chosen = "sigmoid" if layer is None else shape.activations[layer]
    names = [chosen] if isinstance(chosen, str) else chosen
    choices = {
        name: activation_name(_, name)
        for name, row in ACTIVATIONS.items()
        if outputs or not row.per_layer
    }
    value = joined(names)
    mixed = {value: ", ".join(choices[name] for name in names)}
    return LayerRow(title, units, choices | mixed, value, outputs)


def examples_text(examples: Sequence[Example]) -> str:
    """Return examples as a URL has them: `0,1,1_1,1,0`."""
    rows = [example.inputs + example.targets for example in examples]
    return "_".join(",".join(data(number).removesuffix(".0") for number in row) for row in rows)


PANEL = Panel(
    "network",
    "network_builder",
    N_("Network"),
    CHANGE,
    dynamic=network_panel,
    cache_key=cache_key,
)
