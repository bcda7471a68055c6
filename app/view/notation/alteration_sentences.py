"""What an alteration of the network forces, in a sentence for each consequence."""

from zlib import crc32

from app.analysis.alteration import Alteration, Consequence
from app.backprop.errors import N_
from app.backprop.functions import HYPERPARAMETERS
from app.view.notation.labels import (
    Translate,
    activation_name,
    error_name,
    optimiser_name,
)
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.page_state import AlterationPreview

_SENTENCES = {
    "activation": N_(
        "The activation of the outputs becomes %(activation)s, to fit the error function."
    ),
    "error": N_("The error function becomes %(error)s, to fit the activation of the outputs."),
    "inputs_added": N_("Each example gets more inputs (%(count)s), which are 0."),
    "inputs_removed": N_("Each example loses its last inputs (%(count)s)."),
    "outputs_added": N_("Each example gets more targets (%(count)s), which are 0."),
    "outputs_removed": N_("Each example loses its last targets (%(count)s)."),
    "targets_range": N_(
        "With this error function, targets are probabilities. Those of some examples (%(count)s of "
        "%(of)s) are limited to 0 to 1."
    ),
    "targets_sum": N_(
        "With this error function, targets are probabilities that sum to 1. Those of some examples "
        "(%(count)s of %(of)s) are limited to 0 to 1 and scaled in proportion."
    ),
    "joined": N_("The weights from %(source)s to %(target)s are new."),
    "separated": N_("The weights from %(source)s straight to %(target)s are removed."),
    "bias_of_first_unit": N_(
        "The units of a layer have different biases: %(name)s becomes that of the first unit, "
        "%(value)s."
    ),
    "optimiser": N_("The optimiser starts afresh: %(optimiser)s."),
    "pass": N_("The pass through the examples restarts."),
}


def preview_of(_: Translate, alteration: Alteration, digits: Digits = FOUR) -> AlterationPreview:
    """Return what a page shows of an alteration before it is applied."""
    counts = {"kept": alteration.kept, "new": alteration.new, "removed": alteration.removed}
    summary = _("Weights and biases: %(kept)s keep their values, %(new)s new, %(removed)s removed.")
    return AlterationPreview(
        summary % counts if alteration.changes else "",
        tuple(consequence_sentence(_, each, digits) for each in alteration.consequences),
        token_of(alteration),
    )


def token_of(alteration: Alteration) -> str:
    """A short text for the consequences, by which a form says which of them were shown."""
    if not alteration.consequences:
        return ""
    return f"{crc32(repr(alteration.consequences).encode()):08x}"


def consequence_sentence(_: Translate, consequence: Consequence, digits: Digits = FOUR) -> str:
    values = dict(consequence.values)
    match consequence.kind:
        case "activation" | "error":
            values["error"] = error_name(_, values["error"])
            if isinstance(values["activation"], str):
                values["activation"] = activation_name(_, values["activation"])
        case "joined" | "separated":
            values["source"] = _layer(_, values["from"], values["depth"])
            values["target"] = _layer(_, values["to"], values["depth"])
        case "bias_of_first_unit":
            values["value"] = digits.plain(values["value"])
        case "optimiser":
            numbers = [
                f"{HYPERPARAMETERS[name].symbol}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{digits.plain(value)}"
                for name, value in values["hyperparameters"]
            ]
            values["optimiser"] = ", ".join([optimiser_name(_, values["optimiser"]), *numbers])
    return _(_SENTENCES[consequence.kind]) % values


def _layer(_: Translate, layer: int, depth: int) -> str:
    """The name of a layer in the form."""
    if not layer:
        return _("inputs")
    return _("outputs") if layer == depth - 1 else _("hidden %(number)s") % {"number": layer}
