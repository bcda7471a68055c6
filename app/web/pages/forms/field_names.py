"""Error messages with the names of fields in plain words."""

import re

from app.backprop.errors import N_, Invalid
from app.view.notation.labels import Translate

# By the path of the field, with # for an index. The indices, counted from 1, are i, j and k; next is
# i + 1. An empty name: the message stands alone.
_NAMES = {
    "moment": "",
    "import": "",
    "body": "",
    "layers": N_("layers"),
    "layers.#": N_("layer %(i)s"),
    "activations": N_("activations"),
    "activations.#": N_("activation of layer %(next)s"),
    "weights": N_("weights"),
    "weights.#": N_("weights from layer %(i)s to %(next)s"),
    "weights.#.#": N_("weights from layer %(i)s to %(next)s, row %(j)s"),
    "weights.#.#.#": N_("weights from layer %(i)s to %(next)s, row %(j)s, column %(k)s"),
    "biases": N_("biases"),
    "biases.#": N_("biases of layer %(next)s"),
    "biases.#.#": N_("biases of layer %(next)s, number %(j)s"),
    "examples": N_("examples"),
    "examples.#.inputs": N_("inputs of example %(i)s"),
    "examples.#.inputs.#": N_("input %(j)s of example %(i)s"),
    "examples.#.targets": N_("targets of example %(i)s"),
    "examples.#.targets.#": N_("target %(j)s of example %(i)s"),
    "error": N_("error function"),
    "optimiser": N_("optimiser"),
    "init": N_("initial weights"),
    "learning_rate": N_("learning rate"),
    "momentum": N_("momentum"),
    "seed": N_("seed"),
    "shuffle": N_("seed"),
    "iteration": N_("iteration"),
    "cursor": N_("step"),
}


def describe_error(error: Invalid, _: Translate) -> str:
    """Return the translated message, after the name of the field."""
    path = error.field.removeprefix("import.").removeprefix("network.")
    numbers = [int(text) + 1 for text in re.findall(r"\d+", path)]
    values = dict(zip("ijk", numbers, strict=False)) | {"next": numbers[0] + 1 if numbers else 0}
    text = _NAMES.get(re.sub(r"\d+", "#", path))
    name = path if text is None else _(text) % values if text else ""
    return f"{name}: {error.translated(_)}" if name else error.translated(_)
