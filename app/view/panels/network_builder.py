"""The panel *Network*: a form that builds a network, filled in from the one shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.backprop.errors import N_
from app.backprop.functions import ACTIVATIONS, ERRORS
from app.backprop.network import BIASES, OPTIMISERS, Example
from app.examples.random_network import INITS, init_of
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, error_name, optimiser_name
from app.view.rendering.numbers import data
from app.view.rendering.panel import Panel

HIDDEN = 3  # hidden layers at most
LONGEST = 512  # letters of examples that a URL carries
SEED = 7  # proposed by the form; the random presets have it too

INIT_WORDS = {
    "uniform": N_("random, −1 to 1"),
    "xavier": N_("random by Xavier (Glorot)"),
    "equal": N_("all weights 0.5"),
    "zeros": N_("all 0"),
}
BIAS_WORDS = {
    "shared": N_("one for each layer (the deck)"),
    "per_unit": N_("one for each unit"),
    "none": N_("none"),
}
ACTIVATION_WORDS = {"sigmoid": N_("sigmoid"), "tanh": "tanh", "relu": "ReLU", "identity": N_("identity"), "softmax": "softmax"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayerColumn:
    """A layer in the form; `units` is empty if the network does not have it."""

    title: str
    units: str
    activation: str
    required: bool
    computes: bool


def network_panel(simulation: Simulation, at: tuple[str, ...], _: Translate) -> dict[str, object]:
    shape = simulation.shape
    hidden = shape.layers[1:-1]
    columns = [LayerColumn(_("inputs"), str(shape.layers[0]), "", True, False)]
    for index in range(HIDDEN):
        there = index < len(hidden)
        columns.append(
            LayerColumn(
                _("hidden %(number)s") % {"number": index + 1},
                str(hidden[index]) if there else "",
                shape.activations[index] if there else "sigmoid",
                False,
                True,
            )
        )
    columns.append(
        LayerColumn(_("outputs"), str(shape.layers[-1]), shape.activations[-1], True, True)
    )
    examples = examples_text(simulation.examples)
    return {
        "columns": columns,
        "activations": {name: _(ACTIVATION_WORDS.get(name, name)) for name in ACTIVATIONS},
        "errors": {name: error_name(_, name) for name in ERRORS},
        "error": shape.error,
        "optimisers": {name: optimiser_name(_, name) for name in OPTIMISERS},
        "optimiser": shape.optimiser,
        "biases": {name: _(BIAS_WORDS[name]) for name in BIASES},
        "inits": {name: _(INIT_WORDS[name]) for name in INITS},
        "bias": shape.bias,
        "init": init_of(simulation.history.origin.network, SEED) or INITS[0],
        "seed": str(SEED),
        "rate": data(simulation.learning_rate),
        "examples": examples if len(examples) <= LONGEST else "",
        "count": len(simulation.examples),
    }


def examples_text(examples: Sequence[Example]) -> str:
    """Return examples as a URL has them: `0,1,1_1,1,0`."""
    rows = [example.inputs + example.targets for example in examples]
    return "_".join(",".join(data(number).removesuffix(".0") for number in row) for row in rows)


PANEL = Panel("network", "network_builder", N_("Network"), dynamic=network_panel)
