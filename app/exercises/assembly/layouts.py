"""The layers of a network as a text has them, and errors about their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.backprop.errors import N_
from app.exercises.lexing.sources import Source, Unreadable
from app.exercises.reading.number_arrays import ReadNumber
from app.exercises.reading.sheet import Given

Matrix = tuple[tuple[ReadNumber, ...], ...]  # rows are the units that weights lead from

SOURCE, TARGET = "source_rows", "target_rows"
BY_TARGET, BY_SOURCE = "by_target", "by_source"
MOST_LISTED = 6  # names in a message


@dataclass(frozen=True, slots=True)
class Layout:
    """The layers of a network with their weights.

    Attributes:
        sizes: units per layer.
        weights: for each layer but the last a matrix, with a row for each of its units.
        labels: what the text calls the units of each layer.
        names: what it calls single weights, by layer, source and target.
    """

    sizes: tuple[int, ...]
    weights: tuple[Matrix, ...]
    labels: tuple[tuple[str, ...], ...]
    names: Mapping[tuple[int, int, int], str] = field(default_factory=dict)
    numbering: str = ""  # BY_TARGET or BY_SOURCE, if the weights are numbered through


@dataclass(frozen=True, slots=True)
class KnownSizes:
    """What is known about the layers before the weights are looked at."""

    inputs: int | None
    outputs: int | None
    all: tuple[int, ...] = ()  # of all layers, if the text says so
    hidden: tuple[int, ...] | None = None
    biases: tuple[int, ...] = ()  # the lengths of lists of biases, one for each layer
    input_labels: tuple[str, ...] = ()
    # The sizes that the inputs and the outputs may have, where commas leave that open.
    open_inputs: tuple[int, ...] = ()
    open_outputs: tuple[int, ...] = ()

    def allows(self, inputs: int, outputs: int) -> bool:
        """Whether the first and the last layer may have these sizes."""
        return inputs in (self.open_inputs or (inputs,)) and outputs in (
            self.open_outputs or (outputs,)
        )

    def fixed(self, depth: int, *, with_biases: bool = True) -> dict[int, int]:
        """The sizes of the layers of a network with so many layers."""
        fixed: dict[int, int] = {}
        if with_biases and len(self.biases) == depth - 1:
            fixed |= dict(enumerate(self.biases, 1))
        if self.hidden is not None and len(self.hidden) == depth - 2:
            fixed |= dict(enumerate(self.hidden, 1))
        if self.outputs is not None:
            fixed[depth - 1] = self.outputs
        if self.inputs is not None:
            fixed[0] = self.inputs
        if len(self.all) == depth:
            fixed |= dict(enumerate(self.all))
        return fixed

    @property
    def sizes(self) -> tuple[int, ...] | None:
        """The sizes of all layers, if they are known without the weights."""
        if self.all:
            return self.all
        if self.hidden is not None and self.inputs and self.outputs:
            return (self.inputs, *self.hidden, self.outputs)
        return None


def labels_of(sizes: Sequence[int], inputs: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """What sheets call the units of a network: x1, h1, o1."""
    labels = []
    for layer, size in enumerate(sizes):
        letter = "x" if layer == 0 else "o" if layer == len(sizes) - 1 else "h"
        labels.append(tuple(f"{letter}{unit}" for unit in range(1, size + 1)))
    if len(inputs) == sizes[0]:
        labels[0] = tuple(inputs)
    return tuple(labels)


# Errors.


def second_value(source: Source, given: Given, first: Given) -> Unreadable:
    return source.second_value(given.name.text, given.start, first.start)


def missing_weights(source: Source, start: int, names: Sequence[str]) -> Unreadable:
    listed = ", ".join(names[:MOST_LISTED]) + (", …" if len(names) > MOST_LISTED else "")
    return source.problem(start, N_("These weights are missing: %(names)s."), names=listed)


def missing_end(source: Source, known: KnownSizes) -> Unreadable:
    text = N_("The inputs are missing.") if known.inputs is None else N_("The targets are missing.")
    return source.problem(len(source.text), text)


def unclear_weight(source: Source, given: Given) -> Unreadable:
    text = N_("%(name)s: Which units does this weight join? Write it like w1 = 0.15 (x1->h1).")
    return source.problem(given.start, text, name=given.name.text)


def other_layers(
    source: Source, start: int, said: Sequence[int], found: Sequence[int]
) -> Unreadable:
    text = N_("The text says %(said)s, and its weights are those of %(found)s.")
    values = {"said": "-".join(map(str, said)), "found": "-".join(map(str, found))}
    return source.problem(start, text, **values)
