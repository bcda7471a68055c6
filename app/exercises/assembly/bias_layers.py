"""The biases of a network: of a layer, of its units, or none; thresholds with their sign."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.backprop.errors import N_
from app.exercises.assembly.choices import OpenQuestions
from app.exercises.assembly.layouts import Layout, second_value
from app.exercises.lexing.sources import Source
from app.exercises.reading.number_arrays import Array
from app.exercises.reading.sheet import Given, Sheet

ADDED, SUBTRACTED = "added", "subtracted"

# Where a text says that thresholds are weights from an input of −1, or are taken away from net.
_SUBTRACTED = re.compile(
    r"(?:input|unit|x_?0|eingang|eingabe|입력)[^.;\n]{0,24}[−–-]\s?1(?![\d.,]\d)"
    r"|[−–-]\s?1[^.;\n\d]{0,12}(?:input|as input|eingang|입력)"
    r"|[−–-]\s?(?:θ|\\theta|threshold)"
    r"|subtract|abgezogen|빼",
    re.IGNORECASE,
)
_HIDDEN = ("h", "hidden", "hid", "1h", "z")
_OUTPUT = ("o", "out", "output", "y", "k")


@dataclass(frozen=True, slots=True)
class Biases:
    """The biases as a network has them.

    Attributes:
        kind: shared, per_unit or none.
        rows: for each layer after the inputs its biases.
        names: what the text calls them, by layer and unit; a shared one has the unit 0.
        thresholds: ADDED or SUBTRACTED, if the text calls them thresholds.
    """

    kind: str
    rows: tuple[tuple[float, ...], ...] = ()
    names: dict[tuple[int, int], str] = field(default_factory=dict)
    thresholds: str = ""


def biases_of(
    sheet: Sheet, source: Source, layout: Layout, bias_input: float | None, open_: OpenQuestions
) -> Biases:
    """Return the biases of a text. Raises Unreadable if they do not fit the layers."""
    sizes = layout.sizes[1:]
    if not sheet.biases:
        return _without(sheet, sizes, open_)
    found = _Found(sheet, source, layout)
    for given in sheet.biases:
        found.take(given)
    found.take_numbered()
    thresholds = _thresholds(sheet, source, bias_input, open_)
    return found.result(open_, thresholds)


def _without(sheet: Sheet, sizes: Sequence[int], open_: OpenQuestions) -> Biases:
    """No bias has a name of its own: all are the same, or there are none."""
    if sheet.all_biases is not None:
        kind = "shared" if any(each.value == "shared" for each in sheet.conventions) else "per_unit"
        value = sheet.all_biases.value
        counts = [1 if kind == "shared" else size for size in sizes]
        return Biases(kind, tuple((value,) * count for count in counts))
    if sheet.no_bias is None:
        open_.assume(N_("no biases"))
    chosen = open_.choose(
        "bias",
        N_("The text gives no biases."),
        none=N_("There are none"),
        zero=N_("They are 0 at first, and are trained"),
    )
    if chosen == "none":
        return Biases("none")
    return Biases("per_unit", tuple((0.0,) * size for size in sizes))


def _thresholds(
    sheet: Sheet, source: Source, bias_input: float | None, open_: OpenQuestions
) -> str:
    """Return whether what the text calls thresholds is added or subtracted; "" if it has none."""
    if bias_input is not None and bias_input < 0:
        return SUBTRACTED
    if not any(given.is_threshold for given in sheet.biases):
        return ""
    if _SUBTRACTED.search(source.text):
        return SUBTRACTED
    return open_.choose(
        "thresholds",
        N_("The text does not say how thresholds enter net."),
        added=N_("They are added, as biases are"),
        subtracted=N_("They are subtracted, as weights from an input of −1"),
    )


@dataclass(slots=True)
class _Value:
    value: float
    given: Given


class _Found:
    """The biases that were found so far: of units, and of whole layers."""

    def __init__(self, sheet: Sheet, source: Source, layout: Layout) -> None:
        self._sheet, self._source, self._layout = sheet, source, layout
        self._sizes = layout.sizes[1:]
        self._units: dict[tuple[int, int], _Value] = {}
        self._layers: dict[int, _Value] = {}
        self._numbered: list[tuple[int, Given]] = []
        self._alone: list[Given] = []  # scalars without an index
        self._bases = list(dict.fromkeys(each.name.base for each in sheet.weights))
        self._programs = list(
            dict.fromkeys(each.name.attribute for each in sheet.weights if each.of_program)
        )

    def take(self, given: Given) -> None:
        array = given.array
        if array.depth == 3:
            self._take_rows(given, [part.numbers for part in array.parts])
        elif self._has_a_row_per_layer(given):
            self._take_rows(given, list(array.rows))
        elif array.depth:
            self._take_list(given, array)
        else:
            self._take_number(given)

    def _has_a_row_per_layer(self, given: Given) -> bool:
        rows = given.array.rows
        return (
            given.array.depth == 2
            and not given.array.question
            and not (given.name.index or given.name.layer)
            and len(rows) == len(self._sizes)
            and all(len(row) in (1, size) for row, size in zip(rows, self._sizes, strict=True))
        )

    def _take_rows(self, given: Given, rows: Sequence[Sequence[object]]) -> None:
        if len(rows) != len(self._sizes):
            text = N_("%(expected)s layers expected, %(given)s given")
            values = {"expected": len(self._sizes), "given": len(rows)}
            raise self._source.problem(given.array.start, text, **values)
        for layer, row in enumerate(rows):
            part = Array((tuple(row),), 1, given.array.start)  # type: ignore[arg-type]
            self._put_list(layer, given, part)

    def _take_list(self, given: Given, array: Array) -> None:
        layer = self._layer_of(given, array)
        self._put_list(
            layer, given, array.of_length(self._sizes[layer], self._sheet.has_decimal_commas)
        )

    def _put_list(self, layer: int, given: Given, array: Array) -> None:
        numbers, size = array.numbers, self._sizes[layer]
        if len(numbers) == 1 and size > 1:
            self._put_layer(layer, numbers[0].value, given)
            return
        if len(numbers) != size:
            text = N_("%(name)s: %(expected)s numbers expected, %(given)s given.")
            values = {"name": given.name.text, "expected": size, "given": len(numbers)}
            raise self._source.problem(array.start, text, **values)
        for unit, number in enumerate(numbers):
            self._put_unit(layer, unit, number.value, given)

    def _layer_of(self, given: Given, array: Array) -> int:
        """Return the layer that a list of biases is for, from 0 after the inputs."""
        name, last = given.name, len(self._sizes) - 1
        if self._sheet.intos and given.group <= last:
            return given.group
        if given.of_program and name.attribute in self._programs:
            return min(self._programs.index(name.attribute), last)
        tag = (name.layer or name.index).lower()
        if tag.isdecimal() and int(tag) <= last + 1:
            return max(int(tag) - 1, 0)
        if tag in _HIDDEN:
            return 0
        if tag in _OUTPUT or tag == "ho":
            return last
        free = [layer for layer in range(last + 1) if not self._has(layer)]
        fitting = [layer for layer in free if self._sizes[layer] == len(array.numbers)]
        return (fitting or free or [last])[0]

    def _has(self, layer: int) -> bool:
        return layer in self._layers or (layer, 0) in self._units

    def _take_number(self, given: Given) -> None:
        name, value = given.name, given.array.numbers[0].value
        if self._sheet.intos and given.group < len(self._sizes):
            self._put_layer(given.group, value, given)
            return
        if self._take_tagged(given):
            return
        labels = [label for label in name.labels if label != "0"]
        label = labels[0] if len(labels) == 1 and not name.index[:1].isdecimal() else name.index
        if name.base.lower() in ("bh", "bo") and label:
            label = name.base[1].lower() + label
        elif name.base.lower() in ("bh", "bo"):
            label = name.base[1].lower()
        if name.layer.isdecimal() and not label:
            self._put_checked(int(name.layer) - 1, None, value, given)
            return
        unit = self._unit_of(label, name.layer)
        if unit is not None:
            self._put_unit(*unit, value, given)
        elif label.lower() in _HIDDEN:
            for layer in range(max(len(self._sizes) - 1, 1)):
                self._put_layer(layer, value, given)
        elif label.lower() in _OUTPUT:
            self._put_layer(len(self._sizes) - 1, value, given)
        elif label.isdecimal() and name.labels != ("0",) and label != "0":
            self._numbered.append((int(label), given))
        elif len(labels) == 2 and all(map(str.isdecimal, labels)):
            self._put_checked(int(labels[0]) - 1, int(labels[1]) - 1, value, given)
        elif not label or label == "0":
            self._alone.append(given)
        else:
            text = N_("%(name)s: There is no unit %(unit)s.")
            raise self._source.problem(given.start, text, name=name.text, unit=label)

    def _take_tagged(self, given: Given) -> bool:
        """Take a bias whose name says its layer: v01 and w0 beside v11 and w1, b2 beside a list b1."""
        name, value = given.name, given.array.numbers[0].value
        if name.base in self._bases and len(self._bases) > 1 and not name.layer:
            layer = self._bases.index(name.base)
            numbers = [label for label in name.labels if label != "0"]
            if name.index == "0" and layer < len(self._sizes):
                self._put_layer(layer, value, given)
                return True
            if len(numbers) == 1 and numbers[0].isdecimal():
                self._put_checked(layer, int(numbers[0]) - 1, value, given)
                return True
        has_lists = any(each.array.depth and each.name.number for each in self._sheet.biases)
        number = name.number
        if has_lists and number and name.base in ("b", "B", "θ") and number <= len(self._sizes):
            self._put_layer(number - 1, value, given)
            return True
        return False

    def _unit_of(self, label: str, layer: str) -> tuple[int, int] | None:
        """Return the layer and the unit with a label; None if it is no label of a unit."""
        if layer.isdecimal() and label.isdecimal():
            return self._checked(int(layer) - 1, int(label) - 1)
        in_first = label in self._layout.labels[0]
        for place, labels in enumerate(self._layout.labels[1:]):
            if label in labels and not (in_first and label.isdecimal()):
                return place, labels.index(label)
        letter, number = label[:1].lower(), label[1:]
        if not number.isdecimal():
            is_last_one = letter in _OUTPUT and label and self._sizes[-1] == 1 and len(label) == 1
            return (len(self._sizes) - 1, 0) if is_last_one else None
        if letter in ("h", "z") and len(self._sizes) == 2:
            return self._checked(0, int(number) - 1)
        if letter in _OUTPUT:
            return self._checked(len(self._sizes) - 1, int(number) - 1)
        return None

    def _checked(self, layer: int, unit: int) -> tuple[int, int] | None:
        is_there = 0 <= layer < len(self._sizes) and 0 <= unit < self._sizes[layer]
        return (layer, unit) if is_there else None

    def _put_checked(self, layer: int, unit: int | None, value: float, given: Given) -> None:
        """Note the bias of a unit, or that of a whole layer. Raises Unreadable if there is none such."""
        if self._checked(layer, unit or 0) is None:
            text = N_("%(name)s: There is no unit %(unit)s.")
            raise self._source.problem(
                given.start, text, name=given.name.text, unit=given.name.index
            )
        if unit is None:
            self._put_layer(layer, value, given)
        else:
            self._put_unit(layer, unit, value, given)

    def take_numbered(self) -> None:
        """Give b1, b2, … to layers or to units, as many as there are."""
        self._take_alone()
        if not self._numbered:
            return
        numbers = sorted({number for number, _given in self._numbered})
        units = [(layer, unit) for layer, size in enumerate(self._sizes) for unit in range(size)]
        first = numbers[0]
        if (
            first > 1 and first == self._layout.sizes[0] + 1
        ):  # units are numbered from the inputs on
            units = [(-1, 0)] * (first - 1) + units
        for number, given in self._numbered:
            value = given.array.numbers[0].value
            by_layer = max(numbers) <= len(self._sizes) and len(numbers) == len(self._sizes)
            if by_layer and (len(units) != len(numbers)):
                self._put_layer(number - 1, value, given)
            elif number <= len(units) and units[number - 1][0] >= 0:
                self._put_unit(*units[number - 1], value, given)
            else:
                text = N_("%(name)s: There is no unit %(unit)s.")
                values = {"name": given.name.text, "unit": number}
                raise self._source.problem(given.start, text, **values)

    def _take_alone(self) -> None:
        """Give biases without an index to layers, in the order of the text."""
        alone = self._alone
        if len(alone) > 1 and len(alone) != len(self._sizes):
            same = all(
                each.array.numbers[0].value == alone[0].array.numbers[0].value for each in alone
            )
            if not same:
                raise second_value(self._source, alone[1], alone[0])
            alone = alone[:1]
        if len(alone) > 1 and not (
            self._sheet.intos or len(self._bases) > 1 or alone[0].name.text == "bias"
        ):
            raise second_value(self._source, alone[1], alone[0])
        for layer in range(len(self._sizes)):
            if alone and not self._has(layer):
                given = alone[layer] if len(alone) > 1 else alone[0]
                self._put_layer(layer, given.array.numbers[0].value, given)

    def _put_unit(self, layer: int, unit: int, value: float, given: Given) -> None:
        known = self._units.setdefault((layer, unit), _Value(value, given))
        if known.value != value:
            raise second_value(self._source, given, known.given)

    def _put_layer(self, layer: int, value: float, given: Given) -> None:
        known = self._layers.setdefault(layer, _Value(value, given))
        if known.value != value:
            raise second_value(self._source, given, known.given)

    def result(self, open_: OpenQuestions, thresholds: str) -> Biases:
        """Return the biases, with 0 for those that the text leaves out."""

        def signed(each: _Value) -> float:
            is_negative = thresholds == SUBTRACTED and (
                each.given.is_threshold
                or not any(given.is_threshold for given in self._sheet.biases)
            )
            return 0.0 - each.value if is_negative else each.value

        is_said = {each.value for each in self._sheet.conventions}
        is_single = all(size == 1 for size in self._sizes)
        shared = (
            not self._units and (not is_single or "shared" in is_said) and "per_unit" not in is_said
        )
        rows, names, missing = [], {}, []
        for layer, size in enumerate(self._sizes):
            row = []
            for unit in range(1 if shared else size):
                each = self._units.get((layer, unit)) or self._layers.get(layer)
                if each is None:
                    missing.append(self._layout.labels[layer + 1][unit])
                    row.append(0.0)
                else:
                    names[layer, unit] = each.given.name.text
                    row.append(signed(each))
            rows.append(tuple(row))
        if missing:
            open_.assume(N_("bias of %(units)s: 0"), units=", ".join(missing))
        if shared:
            open_.assume(N_("one bias for all units of a layer"))
        elif self._layers and not is_single:
            open_.assume(N_("a bias for each unit"))
        return Biases("shared" if shared else "per_unit", tuple(rows), names, thresholds)
