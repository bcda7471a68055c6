"""The form that changes the network at hand.

What its choices force elsewhere is shown first. The form names the consequences that were shown, and
is applied if they are the ones that it has.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from app.analysis.alteration import Alteration, plan_alteration
from app.backprop.conventions import Conventions
from app.backprop.errors import N_, Invalid, check_choice
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import LARGEST, UNITS, Shape, check_hyperparameter
from app.examples.random_network import INITS, parameters_of
from app.simulation.edits import Changes
from app.simulation.simulation import Simulation
from app.view.notation.alteration_sentences import token_of
from app.view.notation.labels import Translate
from app.view.panels.network_builder import (
    HIDDEN,
    NO_OR_YES,
    NUMBERING,
    OPTIONAL,
    SEED,
    SIGNS,
    UNITS_MARK,
    joined,
    number_text,
)
from app.view.rendering.numbers import digits
from app.web.pages.forms.fields import typed_value

UNIT_FIELD, ACTIVATION_FIELD = "units", "activation"  # and the index of the row
CONFIRMED = "confirmed"
MOST_DIGITS = 9  # of a seed

Form = Mapping[str, str]


class Unconfirmed(Exception):
    """The form has consequences that were not shown; nothing was changed."""

    def __init__(self, alteration: Alteration) -> None:
        super().__init__()
        self.alteration = alteration


class InvalidChoice(Exception):
    """A field of the form, by its name, and what is wrong with it."""

    def __init__(self, field: str, error: Invalid) -> None:
        super().__init__(field)
        self.field, self.error = field, error


def alter(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Apply the form. Raises Unconfirmed and InvalidChoice."""
    alteration = read_alteration(simulation, form, _)
    if token_of(alteration) != form.get(CONFIRMED, ""):
        raise Unconfirmed(alteration)
    return simulation.edit(**alteration.changes) if alteration.changes else simulation


def read_alteration(simulation: Simulation, form: Form, _: Translate) -> Alteration:
    """Return what the choices of a form come to. Raises InvalidChoice."""
    rows = _rows(simulation.network.shape, form)
    try:
        return plan_alteration(simulation.start, _choices(simulation, rows, form, _))
    except Invalid as error:
        raise InvalidChoice(_field(error.field.removeprefix("network."), rows), error) from None


def _rows(before: Shape, form: Form) -> dict[int, int]:
    """The units of each layer, by the index of its row. Raises InvalidChoice."""
    shown, rows = _shown_rows(before), dict[int, int]()
    for row in range(HIDDEN + 2):
        units = str(before.layers[shown[row]]) if row in shown else ""
        text = form.get(f"{UNIT_FIELD}/{row}", units).strip()
        if not text and 0 < row <= HIDDEN:
            continue
        count = digits(text, 2)
        if count not in UNITS:
            error = Invalid(f"layers.{len(rows)}", N_("A layer has 1 to 8 units."))
            raise InvalidChoice(f"{UNIT_FIELD}/{row}", error)
        rows[row] = int(text)
    return rows


def _shown_rows(shape: Shape) -> dict[int, int]:
    """The layers of the network by the index of their rows."""
    return {0: 0, **{row: row for row in range(1, shape.depth - 1)}, HIDDEN + 1: shape.depth - 1}


def _choices(simulation: Simulation, rows: Mapping[int, int], form: Form, _: Translate) -> Changes:
    before = simulation.network.shape
    shown = _shown_rows(before)
    seed = digits(form.get("seed", str(SEED)).strip(), MOST_DIGITS)
    if seed is None:
        text = N_("must be a whole number of at most %(most)s digits")
        raise Invalid("seed", text, most=MOST_DIGITS)
    init = form.get("init", INITS[0])
    check_choice("init", init, INITS)
    choices: dict[str, Any] = {
        "layers": tuple(rows.values()),
        "kept_layers": tuple(shown.get(row) for row in rows),
        "activations": tuple(
            _activation(before, shown.get(row), units, form.get(f"{ACTIVATION_FIELD}/{row}"))
            for row, units in rows.items()
            if row
        ),
        **{name: form.get(name) for name in ("error", "bias", "optimiser")},
        "draw": partial(parameters_of, init=init, seed=seed),
        "conventions": _conventions(before, tuple(rows.values()), form),
    }
    rate = form.get("learning_rate", "").strip()
    if rate and rate != number_text(simulation.learning_rate):
        choices["learning_rate"] = typed_value("learning_rate", rate, _, 0.0, LARGEST)
    return cast(Changes, choices | _hyperparameters(simulation, form, _))


def _conventions(shape: Shape, layers: tuple[int, ...], form: Form) -> Conventions | None:
    """The names and signs that were chosen, None for those at hand. Names of a sheet belong to its
    numbering and its layers. Raises Invalid."""
    before = shape.named
    numbering = form.get(NUMBERING, before.numbering)
    signs = {name: form.get(name, str(int(getattr(before, name)))) for name in SIGNS}
    for name, sign in signs.items():
        check_choice(name, sign, NO_OR_YES)
    minus_delta, thresholds = (sign == NO_OR_YES[1] for sign in signs.values())
    chosen = Conventions(numbering, minus_delta, thresholds, before.names)
    if chosen == before:
        return None
    is_same_sheet = (numbering, layers) == (before.numbering, shape.layers)
    return chosen if is_same_sheet else replace(chosen, names=())


def _activation(
    before: Shape, layer: int | None, units: int, text: str | None
) -> str | tuple[str, ...]:
    """The activation of a row. Where units differ, those that are added have that of the last one."""
    if text is None:
        text = "sigmoid" if layer is None else joined(before.activations[layer - 1])
    names = text.split(UNITS_MARK)
    return names[0] if len(names) == 1 else (*names, *[names[-1]] * units)[:units]


def _hyperparameters(simulation: Simulation, form: Form, _: Translate) -> dict[str, Any]:
    """Those that a network has only if they are not 0."""
    known, choices = simulation.start.hyperparameter_values, dict[str, Any]()
    for name in OPTIONAL:
        text = form.get(name, "").strip()
        if not text or text == number_text(known.get(name, 0.0)):
            continue
        row = HYPERPARAMETERS[name]
        value = typed_value(name, text, _, row.low, row.high)
        check_hyperparameter(name, value)
        choices[name] = bool(value)
        if value:
            choices["hyperparameters"] = choices.get("hyperparameters", {}) | {name: value}
    return choices


def _field(field: str, rows: Mapping[int, int]) -> str:
    """The field of the form for a field of the network."""
    kind, _dot, rest = field.partition(".")
    index = int(rest.partition(".")[0] or 0)
    order = list(rows)
    if kind == "layers":
        return f"{UNIT_FIELD}/{order[index]}"
    if kind == "activations":
        return f"{ACTIVATION_FIELD}/{order[index + 1]}"
    return field
