"""Edits of numbers, typed into fields of the page."""

from collections.abc import Mapping
from dataclasses import replace
from math import fsum

from app.analysis.error_profile import error_profile
from app.backprop.addresses import parse as parse_address
from app.backprop.errors import N_, Invalid
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import LARGEST, Example, Network, check_hyperparameter
from app.simulation.edits import Changes
from app.simulation.simulation import MOST_ITERATIONS, Simulation
from app.text.typed_numbers import NotANumber, read_number
from app.view.notation.labels import Translate
from app.view.panels.error_profile_figure import curve_points, nearest
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import MINUS, digits

GRAPH, DERIVATION = PLACES = ("graph", "derivation")


def edit_fields(
    simulation: Simulation, form: Mapping[str, str], _: Translate, shown: Digits = FOUR
) -> Simulation:
    """Change the numbers of some fields, as one edit.

    A field shows `shown` digits: submitting it unchanged must not round the number.

    Raises:
        Invalid: with a translated message, if a text is not a number or a field is unknown.
    """
    changed: dict[str, float] = {}
    for field, text in form.items():
        value = _current(simulation, field)
        if text.strip() not in (shown.entered(value), shown.short(value), shown.plain(value)):
            changed[field] = _checked(simulation, field, text, _)
    if not changed:
        return simulation
    names = {field_place(simulation, field)[1]: field for field in changed}
    try:
        return simulation.edit(
            **_changes(simulation, {name: changed[names[name]] for name in names})
        )
    except Invalid as error:  # of the targets of an example, taken together
        row = error.field.removeprefix("examples.").partition(".")[0]
        targets = [names[name] for name in names if name.startswith(f"example/{row}/targets/")]
        raise (error.of(targets[0]) if targets else error) from None


def field_place(simulation: Simulation, field: str) -> tuple[str, str]:
    """Return the place of a field, empty for a panel, and its name in the panels.

    Fields in the graph and in a derivation are addresses with the place as a prefix, so that an
    error is shown there: `graph/out/0/1` is an input of the current example.
    """
    place, _slash, text = field.partition("/")
    if place not in PLACES:
        return "", field
    row = simulation.example
    for prefix, part in (("out/0/", "inputs"), ("target/", "targets")):
        if text.startswith(prefix):
            return place, f"example/{row}/{part}/{text.removeprefix(prefix)}"
    return place, "" if text.startswith("example") else text  # not an address


def iterations(text: str, _: Translate) -> int:
    """Parse a number of iterations. Raises Invalid with a translated message."""
    count = digits(text.strip(), 8)
    if not count or count > MOST_ITERATIONS:
        message = _("Enter a whole number from 1 to %(most)s.")
        raise Invalid("iterations", message, most=f"{MOST_ITERATIONS:,}")
    return count


def error_bound(text: str, _: Translate) -> float:
    """Parse the bound that E should fall below. Raises Invalid with a translated message."""
    value = typed_value("below", text, _, 0.0, LARGEST)
    if value == 0:
        raise Invalid("below", _("Enter a number greater than 0: E cannot fall below 0."))
    return value


def _checked(simulation: Simulation, field: str, text: str, _: Translate) -> float:
    name = field_place(simulation, field)[1]
    probability = simulation.shape.fused_delta and "/targets/" in name
    low = 0.0 if probability or name == "learning_rate" else -LARGEST
    number = typed_value(field, text, _, low, 1.0 if probability else LARGEST)
    if name in HYPERPARAMETERS:
        try:
            check_hyperparameter(name, number)
        except Invalid as error:
            raise Invalid(field, error.sentence(_)) from None
    return number


def typed_value(field: str, text: str, _: Translate, low: float, high: float) -> float:
    """Parse a number within limits. Raises Invalid with a translated message."""
    try:
        value = read_number(text)
    except NotANumber as error:
        raise error.of(field) from None
    if not low <= value <= high:
        message = _("Enter a number from %(low)s to %(high)s.")
        low_text = f"{low:,.0f}".replace("-", MINUS)
        raise Invalid(field, message, low=low_text, high=f"{high:,.0f}")
    return value


def _current(simulation: Simulation, field: str) -> float:
    """Return the number in a field. Raises Invalid."""
    _place, name = field_place(simulation, field)
    try:
        kind, *rest = name.split("/")
        if kind == "example":
            row, which, place = rest
            return _numbers(simulation, _index(row), which)[_index(place)]
        kind, indices = parse_address(name)
        if kind == "learning_rate" and not indices:
            return simulation.learning_rate
        values = simulation.start.hyperparameter_values
        if kind in values and not indices:
            return values[kind]
        if kind not in ("weight", "bias"):
            raise KeyError(kind)
        return simulation.reading()[name]
    except (ValueError, IndexError, KeyError):
        raise Invalid("field", f"There is no field {field!r}.") from None


def _index(text: str) -> int:
    """Parse an index; " 1" and "01" are errors, so that each field has one name only."""
    index = int(text)
    if str(index) != text or index < 0:
        raise ValueError(text)
    return index


def _numbers(simulation: Simulation, row: int, which: str) -> list[float]:
    """Return the inputs or the targets of an example."""
    if which not in ("inputs", "targets"):
        raise KeyError(which)
    return list(getattr(simulation.examples[row], which))


def _changes(simulation: Simulation, values: Mapping[str, float]) -> Changes:
    """Return the changes of one edit, from new numbers by the names of their fields."""
    changes: Changes = {}
    parameters = dict(simulation.compiled.parameters)
    old = simulation.network.parameters
    if new := values.keys() & parameters:
        numbers = list(old)
        for name in new:
            numbers[parameters[name]] = values[name]
        network = Network(simulation.network.shape, tuple(numbers))
        changes |= {"weights": network.weights, "biases": network.biases}
    if "learning_rate" in values:
        changes["learning_rate"] = values["learning_rate"]
    if hyperparameters := {name: values[name] for name in values.keys() & HYPERPARAMETERS}:
        changes["hyperparameters"] = hyperparameters
    if any(name.startswith("example/") for name in values):
        changes["examples"] = _changed_examples(simulation, values)
    return changes


def _changed_examples(simulation: Simulation, values: Mapping[str, float]) -> list[Example]:
    parts: dict[tuple[int, str], dict[int, float]] = {}
    for name, value in values.items():
        if name.startswith("example/"):
            _example, at, which, place = name.split("/")
            parts.setdefault((int(at), which), {})[int(place)] = value
    examples = list(simulation.examples)
    for (row, which), typed in parts.items():
        numbers = _numbers(simulation, row, which)
        if which == "targets" and simulation.shape.error == "cross_entropy":
            numbers = _rescaled(numbers, typed)
        new = tuple(typed.get(unit, number) for unit, number in enumerate(numbers))
        examples[row] = replace(examples[row], **{which: new})
    return examples


def whole_number(field: str, text: str, most: int = 8) -> int:
    """Parse the value of a button. Raises Invalid."""
    value = digits(text, most)
    if value is None:
        raise Invalid(field, N_("must be an integer"))
    return value


def _rescaled(numbers: list[float], typed: Mapping[int, float]) -> list[float]:
    """Scale those that were not typed in proportion, so that all sum to 1 with those typed."""
    others = fsum(number for place, number in enumerate(numbers) if place not in typed)
    remainder, count = 1.0 - fsum(typed.values()), len(numbers) - len(typed)
    return [remainder * n / others if others > 0 else remainder / max(count, 1) for n in numbers]


SLIDER_PREFIX = "along/"


def slider_edit(simulation: Simulation, field: str, text: str) -> Simulation:
    """Set the parameter of a field such as `along/weight/0/1/2` to a point of its error profile.

    Raises:
        Invalid: if there is no such point or parameter.
    """
    address = field.removeprefix(SLIDER_PREFIX)
    try:
        step = error_profile(simulation, address)
    except KeyError:
        raise Invalid("field", f"There is no field {field!r}.") from None
    points = curve_points(simulation, step, step.wide)
    if text not in map(str, range(len(points))):
        raise Invalid(field, N_("must be an integer"))
    index = int(text)
    if index == nearest(step, points):
        return simulation
    return simulation.edit_parameter(address, points[index][0])
