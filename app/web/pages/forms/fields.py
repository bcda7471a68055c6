"""Edits of a single number, typed into a field of the page."""

from collections.abc import Callable
from dataclasses import replace
from math import fsum

from app.analysis.error_profile import error_profile
from app.backprop.addresses import parse as parse_address
from app.backprop.errors import N_, Invalid
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import LARGEST, check_hyperparameter
from app.simulation.simulation import MOST_ITERATIONS, Simulation
from app.view.notation.labels import Translate
from app.view.panels.error_profile_figure import curve_points, nearest
from app.view.rendering.numbers import MINUS, digits, parse, plain, short

GRAPH, DERIVATION = PLACES = ("graph", "derivation")


def field_edit(simulation: Simulation, field: str, text: str, _: Translate) -> Simulation:
    """Change one number, unless it is the one that the field shows.

    A field shows four decimals: submitting it unchanged must not round the number.

    Raises:
        Invalid: with a translated message, if the text is not a number or the field is unknown.
    """
    value, change = _field(simulation, field)
    if text.strip() in (short(value), plain(value)):
        return simulation
    name = field_place(simulation, field)[1]
    probability = simulation.shape.fused_delta and "/targets/" in name
    low = 0.0 if probability or name == "learning_rate" else -LARGEST
    number = _number(field, text, _, low, 1.0 if probability else LARGEST)
    if name in HYPERPARAMETERS:
        try:
            check_hyperparameter(name, number)
        except Invalid as error:
            raise Invalid(field, error.sentence(_)) from None
    return change(number)


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
    value = _number("below", text, _, 0.0, LARGEST)
    if value == 0:
        raise Invalid("below", _("Enter a number greater than 0: E cannot fall below 0."))
    return value


def _number(field: str, text: str, _: Translate, low: float, high: float) -> float:
    try:
        value = parse(text)
    except ValueError:
        raise Invalid(field, _("Enter a number, such as −0.25.")) from None
    if not low <= value <= high:
        message = _("Enter a number from %(low)s to %(high)s.")
        low_text = f"{low:,.0f}".replace("-", MINUS)
        raise Invalid(field, message, low=low_text, high=f"{high:,.0f}")
    return value


def _field(simulation: Simulation, field: str) -> tuple[float, Callable[[float], Simulation]]:
    """Return the number in a field and the function that changes it."""
    _place, name = field_place(simulation, field)
    try:
        kind, *rest = name.split("/")
        if kind == "example":
            row, which, place = rest
            return _example_field(simulation, _index(row), which, _index(place))
        kind, indices = parse_address(name)
        if kind == "learning_rate" and not indices:
            return simulation.learning_rate, lambda value: simulation.edit(learning_rate=value)
        values = simulation.start.hyperparameter_values
        if kind in values and not indices:
            return values[kind], lambda value: simulation.edit(hyperparameters={kind: value})
        if kind not in ("weight", "bias"):
            raise KeyError(kind)
        old = simulation.reading()[name]
        return old, lambda value: simulation.edit_parameter(name, value)
    except (ValueError, IndexError, KeyError):
        raise Invalid("field", f"There is no field {field!r}.") from None


def _index(text: str) -> int:
    """Parse an index; " 1" and "01" are errors, so that each field has one name only."""
    index = int(text)
    if str(index) != text:
        raise ValueError(text)
    return index


def _example_field(
    simulation: Simulation, row: int, which: str, place: int
) -> tuple[float, Callable[[float], Simulation]]:
    if row < 0 or place < 0 or which not in ("inputs", "targets"):
        raise KeyError(which)
    old = simulation.examples[row]
    numbers = list(getattr(old, which))

    def change(value: float) -> Simulation:
        if which == "targets" and simulation.shape.error == "cross_entropy":
            numbers[:] = _rescaled(numbers, place, value)
        numbers[place] = value
        examples = list(simulation.examples)
        examples[row] = replace(old, **{which: tuple(numbers)})
        return simulation.edit(examples=examples)

    return numbers[place], change


def whole_number(field: str, text: str, most: int = 8) -> int:
    """Parse the value of a button. Raises Invalid."""
    value = digits(text, most)
    if value is None:
        raise Invalid(field, N_("must be an integer"))
    return value


def _rescaled(numbers: list[float], place: int, value: float) -> list[float]:
    """Scale the other numbers in proportion, so that all sum to 1 with `value` at `place`."""
    others = fsum(numbers) - numbers[place]
    remainder, count = 1.0 - value, len(numbers) - 1
    return [remainder * n / others if others > 0 else remainder / count for n in numbers]


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
