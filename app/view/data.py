"""The examples as a table: a row each, the inputs first."""

from dataclasses import dataclass

from app.backprop.addresses import address, symbol
from app.backprop.network import MOST_EXAMPLES
from app.view.scene import Quantity, Scene


@dataclass(frozen=True, slots=True)
class DataCell:
    """One input or target: the name of its field, and what it is called."""

    field: str
    name: str
    value: Quantity


@dataclass(frozen=True, slots=True)
class DataRow:
    """One example; `current` if this iteration uses it. `index` is its number from 0."""

    index: int
    current: bool
    cells: tuple[DataCell, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """All examples under the names of their columns. `head` is the names, to copy with the numbers;
    `full` where there are as many as there may be."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    rows: tuple[DataRow, ...]
    head: str
    full: bool
    most: int


def data(scene: Scene, examples: int, current: int) -> Data:
    """The table of so many examples; their numbers come after the scene's own, row after row."""
    depth = scene.shape.depth
    inputs = [address("out", 0, unit) for unit in range(scene.shape.layers[0])]
    targets = [address("target", unit) for unit in range(scene.shape.layers[-1])]
    names = [symbol(text, depth).replace("_", " ") for text in inputs + targets]
    fields = [f"inputs/{unit}" for unit in range(len(inputs))]
    fields += [f"targets/{unit}" for unit in range(len(targets))]
    first = len(scene.steps) + len(scene.program.inputs)
    return Data(
        inputs=tuple(names[: len(inputs)]),
        targets=tuple(names[len(inputs) :]),
        rows=tuple(
            DataRow(
                row,
                row == current and examples > 1,
                tuple(
                    DataCell(f"example/{row}/{place}", name, Quantity(first + row * len(names) + i))
                    for i, (place, name) in enumerate(zip(fields, names, strict=True))
                ),
            )
            for row in range(examples)
        ),
        head="\t".join(names),
        full=examples >= MOST_EXAMPLES,
        most=MOST_EXAMPLES,
    )
