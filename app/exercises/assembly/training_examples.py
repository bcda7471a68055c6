"""The examples of a text: which inputs and targets belong together."""

from collections.abc import Collection
from dataclasses import dataclass, field

from app.backprop.errors import N_
from app.exercises.lexing.sheet_names import SheetName
from app.exercises.lexing.sources import Remark, Source, Unreadable
from app.exercises.reading.number_arrays import Array, ReadNumber
from app.exercises.reading.sheet import CLASS, GAP, INPUT, TARGET, Datum, Sheet

MOST_LISTED = 6  # names in a message
_OUTPUT, _UNIT = "output", "unit"  # of o1 = 0.01 and a = 1, which may be either


@dataclass(slots=True)
class Side:
    """The inputs or the targets of an example: by their labels, as a list, or as a class."""

    named: dict[str, ReadNumber] = field(default_factory=dict)
    names: dict[str, SheetName] = field(default_factory=dict)
    array: Array | None = None
    of_class: Datum | None = None

    @property
    def is_empty(self) -> bool:
        return not self.named and self.array is None and self.of_class is None

    @property
    def start(self) -> int:
        if self.array is not None:
            return self.array.start
        if self.of_class is not None:
            return self.of_class.start
        return min(number.start for number in self.named.values())

    def lengths(self, has_decimal_commas: bool | None) -> tuple[int, ...]:
        """How many numbers it may have: two answers if its commas leave it open, none for a class."""
        array = self.array
        if array is None:
            return () if self.of_class else (len(self.named),) if self.named else ()
        listed, decimal = len(array.numbers), sum(map(len, array.other))
        if not array.question or has_decimal_commas is False:
            return (listed,)
        if array.depth > 1:  # (0,5; 0,8)
            return (decimal,)
        return (listed, decimal) if has_decimal_commas else (listed,)


@dataclass(slots=True)
class RawExample:
    """An example as the text gives it."""

    inputs: Side = field(default_factory=Side)
    targets: Side = field(default_factory=Side)


@dataclass(frozen=True, slots=True)
class RawExamples:
    """All examples of a text, and what it says about the input of the biases."""

    examples: tuple[RawExample, ...]
    has_decimal_commas: bool | None = None
    bias_input: float | None = None  # x0, if the text has one

    @property
    def input_count(self) -> int | None:
        return self._common([example.inputs for example in self.examples])

    @property
    def target_count(self) -> int | None:
        return self._common([example.targets for example in self.examples])

    def _common(self, sides: list[Side]) -> int | None:
        """The length of the first side whose length is known."""
        for side in sides:
            lengths = side.lengths(self.has_decimal_commas)
            if len(lengths) == 1:
                return lengths[0]
        return None

    def open_lengths(self, side_name: str) -> tuple[int, ...]:
        """The lengths that inputs or targets may have, where their commas leave it open."""
        for example in self.examples:
            side: Side = getattr(example, side_name)
            if lengths := side.lengths(self.has_decimal_commas):
                return lengths
        return ()

    @property
    def input_labels(self) -> tuple[str, ...]:
        return tuple(self.examples[0].inputs.named) if self.examples else ()


def gather_examples(
    sheet: Sheet, source: Source, inputs: Collection[str], outputs: Collection[str]
) -> RawExamples:
    """Return the examples of a text. Raises Unreadable if something has two values.

    Args:
        inputs, outputs: the labels of units that are known to be inputs or outputs.
    """
    has_targets = any(datum.kind in (TARGET, CLASS) for datum in sheet.data)
    if not any(datum.kind == INPUT for datum in sheet.data):
        inputs = {*inputs, *_numbered_units(sheet)}
    examples = [RawExample()]
    bias_input = sheet.bias_input
    for datum in sheet.data:
        if datum.kind == GAP:
            continue
        side_name = _side(datum, inputs, outputs, has_targets)
        if side_name is None:
            _note_unread(sheet, source, datum)
            continue
        if _is_bias_input(datum, side_name):
            assert datum.array is not None
            bias_input = datum.array.numbers[0].value
            continue
        current = examples[-1]
        side = getattr(current, side_name)
        known = _known(side, datum)
        if known is not None:
            if _same(known, datum) and not _is_complete(current):
                continue
            if not _is_complete(current):
                raise source.second_value(_name_of(datum), datum.start, known)
            current = RawExample()
            examples.append(current)
            side = getattr(current, side_name)
        _add(side, datum)
    split = [part for example in examples for part in _split(example, source)]
    kept = _without_rest(split, source)
    for example in kept:
        for side in (example.inputs, example.targets):
            _check_gaps(side, source, is_input=side is example.inputs)
    return RawExamples(tuple(kept), sheet.has_decimal_commas, bias_input)


def _check_gaps(side: Side, source: Source, *, is_input: bool) -> None:
    """Raise Unreadable if x1 is there and x3, and x2 is not."""
    numbers = [name.number for name in side.names.values()]
    known = {number for number in numbers if number is not None}
    if (
        len(known) < len(numbers)
        or not known
        or len({name.base for name in side.names.values()}) > 1
    ):
        return
    first = min(known) if not is_input or 0 in known else 1
    base = next(iter(side.names.values())).base
    missing = [
        f"{base}{number}" for number in range(first, min(max(known), 99)) if number not in known
    ]
    if missing:
        raise missing_data(source, side.start, missing, is_input=is_input)


def missing_data(source: Source, start: int, names: list[str], *, is_input: bool) -> Unreadable:
    text = N_("These inputs are missing: %(names)s.")
    if not is_input:
        text = N_("These targets are missing: %(names)s.")
    return source.problem(start, text, names=", ".join(names[:MOST_LISTED]))


def _numbered_units(sheet: Sheet) -> set[str]:
    """Return the labels of units such as a1 and a2, whose values can only be inputs."""
    names = [datum.name for datum in sheet.data if datum.kind == _UNIT and datum.name]
    return {name.key for name in names if name.number is not None}


def _side(
    datum: Datum, inputs: Collection[str], outputs: Collection[str], has_targets: bool
) -> str | None:
    label = datum.name.key if datum.name else ""
    if datum.kind == INPUT:
        return "inputs"
    if datum.kind in (TARGET, CLASS):
        return "targets"
    if label in inputs:
        return "inputs"
    if datum.kind == _OUTPUT or label in outputs:
        return None if has_targets else "targets"
    return None


def _note_unread(sheet: Sheet, source: Source, datum: Datum) -> None:
    end = datum.array.numbers[-1] if datum.array and datum.array.numbers else None
    stop = end.start + len(end.text) if end else datum.start + 1
    sheet.unread.append(source.span(datum.start, stop))


def _is_bias_input(datum: Datum, side: str) -> bool:
    """Whether this is x0 = 1 or x0 = −1."""
    if side != "inputs" or datum.name is None or datum.array is None or datum.array.depth:
        return False
    name, value = datum.name, datum.array.numbers[0].value
    return name.index == "0" and not name.is_called and abs(value) == 1


def _known(side: Side, datum: Datum) -> int | None:
    """Return where a side has what a datum gives; None if it does not."""
    label = datum.name.key if datum.name else ""
    if datum.array is not None and datum.array.depth == 0 and label:
        if label in side.named:
            return side.named[label].start
        return side.start if side.array is not None else None
    return None if side.is_empty else side.start


def _same(known: int, datum: Datum) -> bool:
    return known == datum.start


def _is_complete(example: RawExample) -> bool:
    return not example.inputs.is_empty and not example.targets.is_empty


def _add(side: Side, datum: Datum) -> None:
    label = datum.name.key if datum.name else ""
    if datum.kind == CLASS:
        side.of_class = datum
    elif datum.array is not None and datum.array.depth == 0 and label:
        side.named[label] = datum.array.numbers[0]
        if datum.name:
            side.names[label] = datum.name
    else:
        side.array = datum.array


def _name_of(datum: Datum) -> str | Remark:
    if datum.name:
        return datum.name.text
    return Remark.of(N_("the inputs") if datum.kind == INPUT else N_("the targets"))


def _split(example: RawExample, source: Source) -> list[RawExample]:
    """Return the examples of a matrix of inputs, one row each."""
    array, targets = example.inputs.array, example.targets.array
    if array is None or array.depth < 2 or array.question:
        return [example]
    rows = array.rows if array.depth == 2 else tuple(part.numbers for part in array.parts)
    if len(rows) == 1 or any(len(row) == 1 for row in rows):
        flat = tuple(number for row in rows for number in row)
        example.inputs.array = Array((flat,), 1, array.start)
        return [example]
    wanted: list[Side] = []
    if targets is not None:
        target_rows = (
            targets.rows if targets.depth != 3 else tuple(p.numbers for p in targets.parts)
        )
        if len(target_rows) == 1 and len(target_rows[0]) == len(rows):
            target_rows = tuple((number,) for number in target_rows[0])
        if len(target_rows) != len(rows):
            message = N_("%(expected)s rows expected, %(given)s given.")
            values = {"expected": len(rows), "given": len(target_rows)}
            raise source.problem(targets.start, message, **values)
        wanted = [Side(array=Array((row,), 1, row[0].start)) for row in target_rows if row]
    else:
        wanted = [example.targets] * len(rows)
    return [
        RawExample(Side(array=Array((row,), 1, row[0].start)), side)
        for row, side in zip(rows, wanted, strict=True)
        if row
    ]


def _without_rest(examples: list[RawExample], source: Source) -> list[RawExample]:
    """Check that each example has inputs and targets, where several are given."""
    kept = [each for each in examples if not (each.inputs.is_empty and each.targets.is_empty)]
    for example in kept[1:]:
        if example.inputs.is_empty or example.targets.is_empty:
            side = example.targets if example.inputs.is_empty else example.inputs
            text = N_("This example has no inputs.")
            if example.targets.is_empty:
                text = N_("This example has no target.")
            raise source.problem(side.start, text)
    return kept
