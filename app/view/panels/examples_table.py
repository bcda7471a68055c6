"""The table of examples: a row for each, the inputs first."""

from dataclasses import dataclass
from itertools import count

from app.backprop.addresses import address
from app.backprop.errors import N_
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import MOST_EXAMPLES, Shape
from app.backprop.quantity_names import symbol
from app.simulation.simulation import Simulation
from app.view.rendering.digits import Digits
from app.view.rendering.panel import CHANGE, Panel
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class ExampleCell:
    """One input or target: its form field, its name, and its value."""

    field: str
    name: str
    value: Quantity


@dataclass(frozen=True, slots=True)
class ExamplesTable:
    """All examples. `head` is a line of the column names, to copy with the numbers."""

    inputs: list[str]
    targets: list[str]
    rows: list[list[ExampleCell]]
    current: int | None  # the row that this iteration uses, if there are several
    head: str
    full: bool
    most: int


def columns_of(shape: Shape) -> list[str]:
    """The names of the columns: x1, x2, target 1."""
    addresses = [address("out", 0, unit) for unit in range(shape.layers[0])]
    addresses += [address("target", unit) for unit in range(shape.layers[-1])]
    return [symbol(place, shape).replace("_", " ") for place in addresses]


def examples_table(step_view: StepView, examples: int, current: int) -> ExamplesTable:
    """The table of examples. Their numbers follow those of the step view, row by row."""
    inputs, targets = step_view.shape.layers[0], step_view.shape.layers[-1]
    names = columns_of(step_view.shape)
    fields = [f"inputs/{unit}" for unit in range(inputs)]
    fields += [f"targets/{unit}" for unit in range(targets)]
    columns = list(zip(fields, names, strict=True))
    slots = count(step_view.number_count)
    return ExamplesTable(
        inputs=names[:inputs],
        targets=names[inputs:],
        rows=[
            [
                ExampleCell(f"example/{row}/{field}", name, Quantity(next(slots)))
                for field, name in columns
            ]
            for row in range(examples)
        ],
        current=current if examples > 1 else None,
        head="\t".join(names),
        full=examples >= MOST_EXAMPLES,
        most=MOST_EXAMPLES,
    )


def _cells(simulation: Simulation, digits: Digits) -> dict[str, str]:
    numbers = {
        f"example/{row}/{which}/{unit}": number
        for row, example in enumerate(simulation.examples)
        for which, part in (("inputs", example.inputs), ("targets", example.targets))
        for unit, number in enumerate(part)
    }
    numbers |= {"learning_rate": simulation.learning_rate, **simulation.start.hyperparameter_values}
    return {field: digits.plain(number) for field, number in numbers.items()}


PANEL = Panel(
    "data",
    "examples_table",
    N_("Data"),
    CHANGE,
    lambda context: {"data": examples_table(context.step_view, context.examples, context.example)},
    fields=("example", "examples", "learning_rate", *HYPERPARAMETERS, "shuffle"),
    cells=_cells,
    shows_examples=True,
)
