"""Numbers typed into the page: one field, one change."""

from collections.abc import Callable, Mapping
from math import fsum, nextafter

from app.analysis.error_profile import error_profile
from app.backprop.addresses import parse as parse_address
from app.backprop.errors import N_, Invalid
from app.backprop.network import LARGEST, Example
from app.simulation.simulation import MOST_ITERATIONS, Simulation
from app.view.notation.labels import Translate
from app.view.panels.error_profile_slider import curve_points, nearest
from app.view.rendering.numbers import digits, parse, plain, short

GRAPH, DERIVATION = PLACES = ("drawn", "given")  # in the drawing, and in a derivation


def field_edit(simulation: Simulation, field: str, text: str, _: Translate) -> Simulation:
    """The simulation with one number changed; the same one if it is still the number shown.

    A field shows four decimals: sending it back untouched must not cut off the others.

    Raises:
        Invalid: where the text is no number, or there is no such field. The message is translated.
    """
    shown, change = _field(simulation, field)
    if text.strip() in (short(shown), plain(shown)):
        return simulation
    return change(_number(field, text, _, *_limits(simulation, field)))


def field_place(simulation: Simulation, field: str) -> tuple[str, str]:
    """Where a field stands, empty for a panel, and what it is called there.

    The drawing and a derivation call a number by its address, with the place before it, so that
    a refusal is said there: `drawn/out/0/1` is an input of the example in use.
    """
    place, _slash, text = field.partition("/")
    if place not in PLACES:
        return "", field
    row = simulation.example
    for start, part in (("out/0/", "inputs"), ("target/", "targets")):
        if text.startswith(start):
            return place, f"example/{row}/{part}/{text.removeprefix(start)}"
    return place, "" if text.startswith("example") else text  # which is no address


def _limits(simulation: Simulation, field: str) -> tuple[float, float]:
    """The least and the most that a field takes."""
    name = field_place(simulation, field)[1]
    if simulation.shape.fused_delta and "/targets/" in name:
        return 0.0, 1.0
    if name == "momentum":
        return 0.0, nextafter(1.0, 0.0)
    return (0.0 if name == "learning_rate" else -LARGEST), LARGEST


def iterations(text: str, _: Translate) -> int:
    """How many iterations to train; raises Invalid, translated."""
    count = digits(text.strip(), 8)
    if not count or count > MOST_ITERATIONS:
        message = _("A whole number from 1 to %(most)s, please.")
        raise Invalid("iterations", message % {"most": MOST_ITERATIONS})
    return count


def error_bound(text: str, _: Translate) -> float:
    """How small E is to become; raises Invalid, translated."""
    value = _number("below", text, _, 0.0, LARGEST)
    if value == 0:
        raise Invalid("below", _("A number above 0, please: E comes no lower."))
    return value


def _number(field: str, text: str, _: Translate, low: float, high: float) -> float:
    try:
        value = parse(text)
    except ValueError:
        raise Invalid(field, _("A number, please, like −0.25.")) from None
    if not low <= value <= high:
        message = _("A number from %(low)s to %(high)s, please.")
        if field == "momentum":
            message = _("A number from 0 to less than 1, please.")
        raise Invalid(field, message % {"low": f"{low:g}", "high": f"{high:g}"})
    return value


def _field(simulation: Simulation, field: str) -> tuple[float, Callable[[float], Simulation]]:
    """The number that a field shows, and what a new one makes of the simulation."""
    _place, name = field_place(simulation, field)
    try:
        kind, *rest = name.split("/")
        if kind == "example":
            row, which, place = rest
            return _example_field(simulation, _index(row), which, _index(place))
        kind, indices = parse_address(name)
        if kind == "learning_rate" and not indices:
            return simulation.learning_rate, lambda value: simulation.edit(learning_rate=value)
        if kind == "momentum" and not indices and simulation.start.velocities:
            return simulation.start.momentum, lambda value: simulation.edit(momentum=value)
        if kind not in ("weight", "bias"):
            raise KeyError(kind)
        old = simulation.reading()[name]
        return old, lambda value: simulation.edit_parameter(name, value)
    except (ValueError, IndexError, KeyError):
        raise Invalid("field", f"there is no field {field!r}") from None


def _index(text: str) -> int:
    """An index as fields write it: a place has one name."""
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
        shared = which == "targets" and simulation.shape.error == "cross_entropy"
        numbers[:] = _share(numbers, place, value) if shared else numbers
        numbers[place] = value
        parts = {"inputs": old.inputs, "targets": old.targets, which: tuple(numbers)}
        examples = list(simulation.examples)
        examples[row] = Example(**parts)
        return simulation.edit(examples=examples)

    return numbers[place], change


def seek_target(form: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The iteration and the cursor to go to, where they are given: as buttons and fields of the
    timeline send them."""
    iteration, cursor = form.get("iteration"), form.get("cursor")
    return (
        None if iteration is None else whole_number("iteration", iteration.strip(), most=15),
        None if cursor is None and iteration is not None else whole_number("cursor", cursor or ""),
    )


def whole_number(field: str, text: str, most: int = 8) -> int:
    """A whole number, as a button sends it; raises Invalid."""
    value = digits(text, most)
    if value is None:
        raise Invalid(field, N_("a whole number"))
    return value


def _share(numbers: list[float], place: int, value: float) -> list[float]:
    """The numbers that add up to 1 with one of them changed: the others keep their proportions."""
    rest = fsum(numbers) - numbers[place]
    left, others = 1.0 - value, len(numbers) - 1
    return [left * number / rest if rest > 0 else left / others for number in numbers]


SLIDER_PREFIX = "along/"


def slider_edit(simulation: Simulation, field: str, text: str) -> Simulation:
    """The simulation with the weight of `along/weight/0/1/2` at that point of the whole curve.

    Raises:
        Invalid: where there is no such point, or no such weight.
    """
    address = field.removeprefix(SLIDER_PREFIX)
    try:
        step = error_profile(simulation, address)
    except KeyError:
        raise Invalid("field", f"there is no field {field!r}") from None
    points = curve_points(simulation, step, step.wide)
    if text not in map(str, range(len(points))):
        raise Invalid(field, N_("a whole number"))
    index = int(text)
    if index == nearest(step, points):
        return simulation
    return simulation.edit_parameter(address, points[index][0])
