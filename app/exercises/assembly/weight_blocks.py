"""Weights by what belongs together: those of a layer, or single ones of the whole network."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from app.backprop.errors import N_
from app.backprop.network import LAYERS
from app.exercises.assembly.layouts import (
    SOURCE,
    TARGET,
    Matrix,
    missing_weights,
    second_value,
    unclear_weight,
)
from app.exercises.lexing.sources import Source
from app.exercises.reading.number_arrays import Array
from app.exercises.reading.sheet import Given, Sheet

# What sheets call the weights of the first and of the last layer.
_EARLY = ("i", "ih", "xh", "in", "hidden", "h", "1", "input", "x")
_LATE = ("o", "ho", "hy", "out", "output", "y", "2")


@dataclass(slots=True)
class WeightBlock:
    """Weights whose names have the same letters and the same layer."""

    key: tuple[str, str]
    given: list[Given]
    orientation: str = ""  # if it is known

    @property
    def is_network(self) -> bool:
        """Whether these are single weights that may join any units."""
        if any(each.array.depth for each in self.given):
            return False
        if any(each.edge for each in self.given):
            return True
        if self.key[1] or len(self.given) == 1:
            return False
        if all(each.name.number is not None and not self._are_pairs for each in self.given):
            return True
        return self._are_pairs and not self._is_local

    @property
    def _are_pairs(self) -> bool:
        return all(len(each.name.labels) == 2 for each in self.given)

    @property
    def _is_local(self) -> bool:
        """Whether units are numbered in each layer: then there is a w11."""
        return any(each.name.labels == ("1", "1") for each in self.given)

    @property
    def name(self) -> str:
        return self.given[0].name.text

    @property
    def start(self) -> int:
        return self.given[0].start

    def resolved(self, source: Source, commas: bool | None) -> "LayerWeights":
        """Return the block as one array. Raises Unreadable if a weight is missing or there twice."""
        if len(self.given) == 1:
            array = self.given[0].array
            return LayerWeights(self.name, self.start, _readings(array, commas), self.orientation)
        if all(each.array.depth == 1 for each in self.given):
            columns = [each.array.numbers for each in self.given]
            if len(set(map(len, columns))) == 1:
                rows = tuple(zip(*columns, strict=True))
                array = Array(rows, 2, self.start)
                return LayerWeights(self.name, self.start, [array], SOURCE)
        if any(each.array.depth for each in self.given):
            raise second_value(source, self.given[1], self.given[0])
        if self._are_pairs:
            return self._matrix(source)
        return self._vector(source)

    def _matrix(self, source: Source) -> "LayerWeights":
        places: dict[tuple[int, int], Given] = {}
        for each in self.given:
            labels = each.name.labels
            if not all(label.isdecimal() and 0 < int(label) <= 99 for label in labels):
                raise unclear_weight(source, each)
            place = int(labels[0]) - 1, int(labels[1]) - 1
            if (
                place in places
                and places[place].array.numbers[0].value != each.array.numbers[0].value
            ):
                raise second_value(source, each, places[place])
            places[place] = each
        rows, columns = (max(place[axis] for place in places) + 1 for axis in (0, 1))
        base = self.given[0].name
        missing = [
            f"{base.base}{i + 1}{j + 1}"
            for i, j in product(range(min(rows, 9)), range(min(columns, 9)))
            if (i, j) not in places
        ]
        if missing or rows > 9 or columns > 9:
            raise missing_weights(source, self.given[-1].start, missing)
        array = Array(
            tuple(
                tuple(places[i, j].array.numbers[0] for j in range(columns)) for i in range(rows)
            ),
            2,
            self.start,
        )
        names = {place: each.name.text for place, each in places.items()}
        return LayerWeights(self.name, self.start, [array], self.orientation, names)

    def _vector(self, source: Source) -> "LayerWeights":
        found: dict[int, Given] = {}
        for each in self.given:
            number = each.name.number
            if number is None:
                raise unclear_weight(source, each)
            if (
                number in found
                and found[number].array.numbers[0].value != each.array.numbers[0].value
            ):
                raise second_value(source, each, found[number])
            found[number] = each
        last = max(found)
        missing = [
            f"{self.given[0].name.base}{k}" for k in range(1, min(last, 99)) if k not in found
        ]
        if missing or last > 99:
            raise missing_weights(source, self.given[-1].start, missing)
        numbers = tuple(found[number].array.numbers[0] for number in sorted(found))
        names = {(place, 0): found[number].name.text for place, number in enumerate(sorted(found))}
        array = Array((numbers,), 1, self.start)
        return LayerWeights(self.name, self.start, [array], self.orientation, names)


@dataclass(slots=True)
class LayerWeights:
    """The weights between two layers: an array in each of its possible readings."""

    name: str
    start: int
    readings: list[Array]
    orientation: str = ""
    names: dict[tuple[int, int], str] = field(default_factory=dict)

    def matrices(self, orientation: str) -> Iterable[tuple[int, Matrix]]:
        """Yield each matrix that it may be, with the index of its reading."""
        orientation = self.orientation or orientation
        for index, array in enumerate(self.readings):
            if array.depth == 2 and array.rows and len(set(map(len, array.rows))) == 1:
                transposed = tuple(zip(*array.rows, strict=True))
                yield index, array.rows if orientation == SOURCE else transposed
            elif array.depth < 2:
                column = tuple((number,) for number in array.numbers)
                yield index, column
                if len(column) > 1:
                    yield index, (array.numbers,)


def _readings(array: Array, has_decimal_commas: bool | None) -> list[Array]:
    """Return the arrays that may be meant; with decimal commas, (0,5; 0,8) can be only one."""
    if array.question is None:
        return [array]
    decimal = Array(array.other, 1 if len(array.other) == 1 else 2, array.start)
    if decimal.depth == 1 and len(decimal.numbers) == 1:
        decimal = Array(array.other, 0, array.start)
    if has_decimal_commas and array.depth > 1:
        return [decimal]
    return [Array(array.rows, array.depth, array.start), decimal]


def blocks_of(sheet: Sheet, source: Source) -> list[WeightBlock]:
    """Return the weights of a sheet by their layers, in order. Raises Unreadable if there are too many."""
    matrices = {each.name.base for each in sheet.weights if each.array.depth}
    blocks: dict[tuple[str, str], WeightBlock] = {}
    for given in sheet.weights:
        for number, part in enumerate(given.array.parts or (given.array,)):
            each = Given(given.name, part, given.start, given.edge, given.group, given.of_program)
            key = _key(sheet, each, matrices) if not given.array.parts else ("", str(number))
            block = blocks.setdefault(key, WeightBlock(key, []))
            block.given.append(each)
            if given.of_program:
                block.orientation = TARGET
            elif given.name.base.lower() == "coefs":
                block.orientation = SOURCE
    found = list(blocks.values())
    if any(each.edge for each in sheet.weights):
        merged = WeightBlock(("", ""), [each for block in found for each in block.given])
        if not any(each.array.depth for each in merged.given):
            return [merged]
    if len(found) > 1 and _are_global_pairs(sheet.weights):
        return [WeightBlock(("", ""), list(sheet.weights))]
    if len(found) >= LAYERS.stop:
        text = N_("A network has 2 to 5 layers, including the input layer.")
        raise source.problem(found[LAYERS.stop - 1].start, text)
    return sorted(found, key=lambda block: _order(block, found))


def _are_global_pairs(weights: Sequence[Given]) -> bool:
    """Whether all weights join two units by labels that are used once in the network."""
    pairs = [each.name.labels for each in weights]
    return (
        all(len(pair) == 2 for pair in pairs)
        and not any(each.array.depth or each.name.layer for each in weights)
        and ("1", "1") not in pairs
    )


def _key(sheet: Sheet, given: Given, matrices: Collection[str]) -> tuple[str, str]:
    name = given.name
    if sheet.intos and not name.attribute:
        return "", str(given.group)
    if name.attribute:
        return "", name.attribute
    if given.array.depth or (name.base.isupper() and name.index and name.base in matrices):
        return name.base, name.layer or name.index
    return name.base, name.layer


def _order(block: WeightBlock, blocks: Sequence[WeightBlock]) -> tuple[int, int]:
    """Return what to sort blocks by: numbers of layers, words for them, else their order in the text."""
    tags = [each.key[1] for each in blocks]
    place = next(index for index, each in enumerate(blocks) if each is block)
    tag = block.key[1]
    if all(each.isdecimal() for each in tags) and len(set(tags)) == len(tags):
        return int(tag), place
    if len({each.key[0] for each in blocks}) == 1:
        # w and w'
        number = int(tag) if tag.isdecimal() else 1 if not tag else None
        if number is not None and all(each.isdecimal() or not each for each in tags):
            return number, place
        if tag.lower() in _EARLY:
            return -1, place
        if tag.lower() in _LATE:
            return len(blocks) + 1, place
    return (0 if len({each.key[0] for each in blocks}) > 1 else place), place
