"""An exercise as a text gives it: a network with its examples, and what the text leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.backprop.errors import N_, Invalid
from app.backprop.network import Example, Network
from app.exercises.assembly.bias_layers import Biases, biases_of
from app.exercises.assembly.choices import OpenQuestions, ReadingChoice
from app.exercises.assembly.layouts import KnownSizes, Layout
from app.exercises.assembly.training_examples import (
    RawExamples,
    Side,
    gather_examples,
    missing_data,
)
from app.exercises.assembly.training_rules import TrainingRules, rules_of
from app.exercises.assembly.weight_layers import layout_of
from app.exercises.lexing.sources import (
    FIELD,
    MOST_CHARACTERS,
    Remark,
    Source,
    Span,
    Unreadable,
)
from app.exercises.reading.sheet import Sheet
from app.exercises.reading.statements import read_sheet
from app.simulation.description import Fields, describe_example, describe_network
from app.simulation.iteration import IterationState

NOTHING_CHOSEN: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SheetConventions:
    """How the sheet names and signs its quantities.

    Attributes:
        names: what it calls weights and biases, by address: weight/0/0/1 may be w3.
        units: what it calls its units, by layer.
        numbering: by_target or by_source, if its weights are numbered through; else empty.
        thresholds: added or subtracted, if it calls biases thresholds; else empty.
        err_is_minus_delta: whether it has Err, which is −δ.
    """

    names: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, ...], ...]
    numbering: str = ""
    thresholds: str = ""
    err_is_minus_delta: bool = False


@dataclass(frozen=True, slots=True)
class Exercise:
    """What was read from a text.

    Attributes:
        start: the network, its examples and all settings at the start of iteration 0.
        assumed: what the text does not say, and what is taken for it.
        unread: the parts of the text that were not understood.
        choices: where several readings fit, with the one that is taken.
        conventions: names and signs of the sheet.
    """

    start: IterationState
    assumed: tuple[Remark, ...]
    unread: tuple[Span, ...]
    choices: tuple[ReadingChoice, ...]
    conventions: SheetConventions

    @property
    def network(self) -> Network:
        return self.start.network

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.start.examples

    @property
    def learning_rate(self) -> float:
        return self.start.learning_rate

    @property
    def hyperparameters(self) -> dict[str, float]:
        return self.start.hyperparameter_values

    @property
    def fields(self) -> Fields:
        """The exercise as the fields that a new session takes."""
        return {
            "network": describe_network(self.network),
            "examples": [describe_example(example) for example in self.examples],
            "learning_rate": self.learning_rate,
            **self.hyperparameters,
        }


def read_exercise(text: str, choose: Mapping[str, str] = NOTHING_CHOSEN) -> Exercise:
    """Return the exercise that a text describes.

    Args:
        choose: by the name of a choice, the name of the option that is wanted. Names of choices that
            the text does not leave open are ignored.

    Raises:
        Unreadable: with the line and the column of what is wrong or missing.
        Invalid: if the text is too long, or an option is unknown.
    """
    if len(text) > MOST_CHARACTERS:
        most = f"{MOST_CHARACTERS:,}"
        raise Invalid(FIELD, N_("must have at most %(most)s characters"), most=most)
    source = Source(text)
    sheet = read_sheet(source)
    open_ = OpenQuestions(choose)
    inputs, outputs = _labels(sheet)
    raw = gather_examples(sheet, source, inputs, outputs)
    layout = layout_of(sheet, source, _known_sizes(sheet, raw), open_)
    biases = biases_of(sheet, source, layout, raw.bias_input, open_)
    rules = rules_of(sheet, source, layout.sizes, len(raw.examples), open_)
    examples = tuple(
        Example.of(
            _numbers(each.inputs, layout.sizes[0], sheet, source, is_input=True),
            _targets(each.targets, layout.sizes[-1], sheet, source, open_),
        )
        for each in raw.examples
    )
    if not examples:
        raise source.problem(len(source.text), N_("The inputs are missing."))
    start = _checked(layout, biases, rules, examples, raw, source)
    unread = tuple(sorted(set(sheet.unread), key=lambda span: (span.line, span.column)))
    conventions = _conventions(sheet, layout, biases)
    return Exercise(start, tuple(open_.assumed), unread, tuple(open_.choices), conventions)


def _labels(sheet: Sheet) -> tuple[set[str], set[str]]:
    """Return the labels of units that are inputs or outputs, as weights and words say."""
    sources: set[str] = set(sheet.units.get("input", ()))
    targets: set[str] = set(sheet.units.get("output", ()))
    edges = [each.edge for each in sheet.weights if each.edge]
    pairs = [each.name.labels for each in sheet.weights if len(each.name.labels) == 2]
    ends = {b for _a, b in edges}
    begins = {a for a, _b in edges}
    sources |= begins - ends
    targets |= ends - begins
    hidden = set(sheet.units.get("hidden", ()))
    if targets or hidden:
        for pair in pairs:
            for label in pair:
                if label not in hidden | targets | {"0"} and label.isalpha():
                    sources.add(label)
    return sources, targets


def _known_sizes(sheet: Sheet, raw: RawExamples) -> KnownSizes:
    """Return what is known about the layers besides their weights."""
    counts = {
        role: tuple(int(each.value) for each in found) for role, found in sheet.counts.items()
    }
    if len(counts.get("hidden", ())) > 3:
        del counts["hidden"]
    sizes = sheet.sizes[0] if sheet.sizes else ()
    linear = [module.sizes for module in sheet.modules if module.sizes]
    if linear and not sizes:
        sizes = (linear[0][0], *(each[1] for each in linear))
    hidden = counts.get("hidden")
    if hidden is None and len(sheet.intos) > 1:
        units = [into.units or 1 for into in sheet.intos[:-1]]
        hidden = tuple(units)
    lists = [each.array for each in sheet.biases]
    biases: tuple[int, ...] = ()
    if lists and all(each.depth == 1 and not each.question for each in lists):
        biases = tuple(len(each.numbers) for each in lists)
    elif len(lists) == 1 and lists[0].depth == 3:
        biases = tuple(len(part.numbers) for part in lists[0].parts)
    return KnownSizes(
        raw.input_count or next(iter(counts.get("input", ())), None),
        raw.target_count or next(iter(counts.get("output", ())), None),
        sizes,
        hidden,
        biases,
        raw.input_labels,
        raw.open_lengths("inputs"),
        raw.open_lengths("targets"),
    )


def _numbers(
    side: Side, count: int, sheet: Sheet, source: Source, *, is_input: bool
) -> tuple[float, ...]:
    """Return the inputs or targets of an example. Raises Unreadable if there are not so many."""
    if side.is_empty:
        text = N_("The inputs are missing.") if is_input else N_("The targets are missing.")
        raise source.problem(len(source.text), text)
    if side.array is not None:
        numbers = side.array.of_length(count, sheet.has_decimal_commas).numbers
    else:
        order = sorted(side.named, key=lambda label: side.names[label].number or 0)
        numbers = tuple(side.named[label] for label in order)
        missing = _missing(side, count)
        if missing:
            raise missing_data(source, side.start, missing, is_input=is_input)
    if len(numbers) != count:
        text = N_("%(expected)s inputs expected, %(given)s given.")
        if not is_input:
            text = N_("%(expected)s targets expected, %(given)s given.")
        raise source.problem(side.start, text, expected=count, given=len(numbers))
    return tuple(number.value for number in numbers)


def _missing(side: Side, count: int) -> list[str]:
    """Return the numbered names that are missing among those of an example."""
    names = list(side.names.values())
    numbers = {name.number for name in names}
    bases = {name.base for name in names}
    if len(names) >= count or None in numbers or len(bases) != 1:
        return []
    first = 0 if 0 in numbers else 1
    base = bases.pop()
    return [f"{base}{k}" for k in range(first, first + count) if k not in numbers]


def _targets(
    side: Side, count: int, sheet: Sheet, source: Source, open_: OpenQuestions
) -> tuple[float, ...]:
    """Return the targets of an example; a class becomes 1 at its unit and 0 at the others."""
    if side.of_class is None or count == 1:
        if side.of_class is not None:
            return (float(side.of_class.number),)
        return _numbers(side, count, sheet, source, is_input=False)
    datum = side.of_class
    number = datum.number - 1
    if not datum.is_ordinal:
        if datum.number in (0, count):
            number = datum.number - (datum.number == count)
        elif not any(choice.name == "classes" for choice in open_.choices):
            chosen = open_.choose(
                "classes",
                N_("The classes are numbered. From which number on?"),
                from_1=N_("From 1"),
                from_0=N_("From 0"),
            )
            number = datum.number - (chosen == "from_1")
        else:
            chosen = next(each.chosen for each in open_.choices if each.name == "classes")
            number = datum.number - (chosen == "from_1")
    if not 0 <= number < count:
        text = N_("There is no such class: the network has %(count)s outputs.")
        raise source.problem(datum.start, text, count=count)
    return tuple(float(unit == number) for unit in range(count))


def _checked(
    layout: Layout,
    biases: Biases,
    rules: TrainingRules,
    examples: tuple[Example, ...],
    raw: RawExamples,
    source: Source,
) -> IterationState:
    """Return the state. Raises Unreadable, with the place of what a network cannot have."""
    weights = [[[cell.value for cell in row] for row in matrix] for matrix in layout.weights]
    try:
        network = Network.of(
            layout.sizes,
            weights,
            biases.rows,
            activations=rules.activations,
            bias=biases.kind,
            error=rules.error,
            optimiser=rules.optimiser,
            update=rules.update,
            weight_decay=rules.hyperparameters.get("weight_decay", 0) > 0,
        )
        return IterationState.first(network, examples, rules.learning_rate, rules.hyperparameters)
    except Unreadable:
        raise
    except Invalid as error:
        start = _place_of(error.field, layout, rules, raw)
        raise source.problem_of(start, error.sentence) from None


def _place_of(field: str, layout: Layout, rules: TrainingRules, raw: RawExamples) -> int:
    """Return where the text says what a field of the network is about."""
    parts = field.split(".")
    if parts[0] == "examples" and len(parts) > 1 and raw.examples:
        example = raw.examples[min(int(parts[1]), len(raw.examples) - 1)]
        side = example.inputs if parts[2:3] == ["inputs"] else example.targets
        return 0 if side.is_empty else side.start
    for name, start in rules.places.items():
        if field.startswith(name):
            return start
    for matrix in layout.weights:
        return matrix[0][0].start
    return 0


def _conventions(sheet: Sheet, layout: Layout, biases: Biases) -> SheetConventions:
    names = [(f"weight/{a}/{i}/{j}", name) for (a, i, j), name in sorted(layout.names.items())]
    for (layer, unit), name in sorted(biases.names.items()):
        address = f"bias/{layer}" if biases.kind == "shared" else f"bias/{layer}/{unit}"
        names.append((address, name))
    has_err = any(each.value == "err" for each in sheet.conventions)
    return SheetConventions(
        tuple(names), layout.labels, layout.numbering, biases.thresholds, has_err
    )
