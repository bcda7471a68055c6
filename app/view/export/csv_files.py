"""A simulation as CSV files with all digits; the file of parameters can be imported again."""

import csv
from collections.abc import Iterable
from io import StringIO

from app.analysis.rounding import RoundedIteration
from app.backprop.errors import N_, Invalid
from app.backprop.network import Network
from app.backprop.quantity_names import symbol
from app.simulation.description import NOT_FINITE
from app.simulation.iteration import check_state
from app.simulation.simulation import Simulation
from app.text.typed_numbers import NotANumber, read_number
from app.view.rendering.numbers import data

MAX_POINTS = 10_000  # more than a history keeps
COLUMNS = ["address", "value"]
FIELD = "import"


def history_csv(simulation: Simulation, board: RoundedIteration | None = None) -> str:
    """E by iteration, as the history has kept it, the first and the last iteration included.

    It is not rounded, which the file says while the page shows a board.
    """
    head, more = (["rounding"], ["none"]) if board else ([], [])
    errors = simulation.errors(MAX_POINTS)
    rows = ((iteration, data(error), *more) for iteration, error in errors)
    return _csv(["iteration", "E", *head], rows)


def steps_csv(simulation: Simulation, board: RoundedIteration | None = None) -> str:
    """The steps of this iteration in order; a step that has not been taken has no value.

    With a board, its numbers as they are written there.
    """
    head = ["index", "phase", "kind", "layer", "unit", "symbol", "address", "operands"]
    taken, trace = simulation.cursor, simulation.trace()
    results = [str(number) for number in board.results] if board else list(map(data, trace))
    known = dict(zip((step.result for step in simulation.steps), results[:taken], strict=False))
    # Steps use the weights and biases from before the update.
    known |= {text: data(value) for text, value in simulation.reading().items()}
    if board:
        values = board.values
        known |= {text: str(values[text]) for text in simulation.compiled.inputs}
    rows = (
        (
            *(index, step.phase, step.kind, step.layer),
            "" if step.unit is None else step.unit,
            *(step.symbol, step.result, " ".join(step.operands)),
            " ".join(known.get(text, "?") for text in step.operands),
            results[index] if index < taken else "",
            *_beside(board, data(trace[index]) if index < taken else ""),
        )
        for index, step in enumerate(simulation.steps)
    )
    return _csv([*head, "operand_values", "value", *_head_beside(board)], rows)


def parameters_csv(simulation: Simulation, board: RoundedIteration | None = None) -> str:
    """The current weights and biases by address; with a board, as they are written there."""
    network, position = simulation.current_network, simulation.compiled.position
    # The addresses of the inputs begin with those of the parameters.
    pairs = zip(simulation.compiled.inputs, network.parameters, strict=False)
    shape, before = network.shape, board.values if board else {}

    def written(address: str, value: float) -> str:
        if board is None:
            return data(value)
        index = position.get(address, simulation.cursor)
        return str(board.results[index] if index < simulation.cursor else before[address])

    rows = (
        (address, written(address, value), symbol(address, shape), *_beside(board, data(value)))
        for address, value in pairs
    )
    return _csv([*COLUMNS, "symbol", *_head_beside(board)], rows)


def _head_beside(board: RoundedIteration | None) -> list[str]:
    return ["rounding", "unrounded"] if board else []


def _beside(board: RoundedIteration | None, unrounded: str) -> list[str]:
    """What stands beside a number on the board: how it was rounded, and what it is otherwise."""
    return [board.rounding.name, unrounded] if board else []


def with_parameters(simulation: Simulation, text: str) -> Simulation:
    """The simulation with the weights and biases of a parameters.csv, as one edit.

    At the end of an iteration, where the new values are shown, they start the next one.

    Raises:
        Invalid: If the text is not such a table, or is not of this network.
    """
    values = _parse_parameters(text)
    expected = simulation.compiled.parameters
    for address in expected:
        if address not in values:
            raise Invalid(FIELD, N_("%(what)s is missing."), what=address)
    for address in values:
        if address not in expected:
            raise Invalid(FIELD, N_("The network has no %(what)s."), what=repr(address))
    if simulation.finished:
        simulation = simulation.step("unit")
    numbers = tuple(values[address] for address in expected)
    network = Network(simulation.network.shape, numbers)
    edited = simulation.edit(weights=network.weights, biases=network.biases)
    try:
        check_state(edited.start, entered=True)
    except Invalid as error:
        raise error.of(f"{FIELD}.{error.field}") from error
    return edited


def _parse_parameters(text: str) -> dict[str, float]:
    """The value of each address. Rows and columns may be in any order; other columns are
    ignored."""
    first = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    values: dict[str, float] = {}
    try:
        rows = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise KeyError("not these columns")
        for row in rows:
            address, value = row["address"].strip(), row["value"].strip()
            if address in values:
                raise Invalid(FIELD, N_("%(what)s appears twice."), what=repr(address))
            values[address] = _number(address, value)
    except (csv.Error, KeyError, AttributeError, TypeError) as error:
        text = N_("Choose a table with the columns address and value, or a session.json file.")
        raise Invalid(FIELD, text) from error
    return values


def _number(address: str, text: str) -> float:
    if text in NOT_FINITE:
        return NOT_FINITE[text]
    try:
        return read_number(text)
    except NotANumber as error:
        what = f"{address!r}: {text[:40]!r}"
        raise Invalid(FIELD, N_("%(what)s is not a number."), what=what) from error


def _csv(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return file.getvalue()
