"""A simulation as tables for a spreadsheet, with all digits; the parameters can be read back."""

import csv
from collections.abc import Iterable
from io import StringIO
from math import isfinite, nan

from app.backprop.addresses import symbol
from app.backprop.errors import N_, Invalid
from app.backprop.network import LARGEST, Network
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import data

POINTS = 10_000  # more than a history keeps of its errors
PARAMETERS = ["address", "value"]
BEYOND = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}
FIELD = "import"


def history_csv(simulation: Simulation) -> str:
    """E by iteration, as the history has kept it: the first and the last are always there."""
    rows = ((iteration, data(error)) for iteration, error in simulation.errors(POINTS))
    return _written(["iteration", "E"], rows)


def steps_csv(simulation: Simulation) -> str:
    """The steps of this iteration in order; those not yet taken have no value."""
    head = ["index", "phase", "kind", "layer", "unit", "symbol", "address", "operands"]
    taken, trace = simulation.cursor, simulation.trace()
    known = dict(zip((step.result for step in simulation.steps), trace[:taken], strict=False))
    known |= simulation.reading()  # weights and biases as the steps read them: the old ones
    rows = (
        (
            *(index, step.phase, step.kind, step.layer),
            "" if step.unit is None else step.unit,
            *(step.symbol, step.result, " ".join(step.operands)),
            " ".join(data(known[at]) if at in known else "?" for at in step.operands),
            data(trace[index]) if index < taken else "",
        )
        for index, step in enumerate(simulation.steps)
    )
    return _written([*head, "operand_values", "value"], rows)


def parameters_csv(simulation: Simulation) -> str:
    """Every weight and bias as it is now, by its address."""
    shown = simulation.current_network
    addresses = simulation.compiled.inputs[: len(shown.parameters)]
    depth = shown.shape.depth
    rows = (
        (address, data(value), symbol(address, depth))
        for address, value in zip(addresses, shown.parameters, strict=True)
    )
    return _written([*PARAMETERS, "symbol"], rows)


def with_parameters(simulation: Simulation, text: str) -> Simulation:
    """The simulation with the weights and biases of a parameters.csv, as one edit.

    At the end of an iteration they begin the next one, as those shown there do.

    Raises:
        Invalid: where the table is none, or not of this network.
    """
    found = _read(text)
    shape = simulation.shape
    expected = simulation.compiled.inputs[: shape.parameter_count]
    for address in expected:
        if address not in found:
            raise Invalid(FIELD, N_("%(what)s is missing."), what=address)
    for address in found:
        if address not in expected:
            raise Invalid(FIELD, N_("The network has no %(what)s."), what=repr(address))
    if simulation.finished:
        simulation = simulation.step("unit")
    numbers = tuple(found[address] for address in expected)
    if not simulation.iteration and not all(abs(number) <= LARGEST for number in numbers):
        text = N_("Initial weights and biases must be from %(low)s to %(high)s.")
        raise Invalid(FIELD, text, low=f"{-LARGEST:,.0f}", high=f"{LARGEST:,.0f}")
    network = Network(shape, numbers)
    return simulation.edit(weights=network.weights, biases=network.biases)


def _read(text: str) -> dict[str, float]:
    """The value of each address. Any order of rows and columns; further columns do not matter."""
    first = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    found: dict[str, float] = {}
    try:
        rows = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        if not set(PARAMETERS) <= set(rows.fieldnames or ()):
            raise KeyError("not these columns")
        for row in rows:
            address, value = row["address"].strip(), row["value"].strip()
            if address in found:
                raise Invalid(FIELD, N_("%(what)s appears twice."), what=repr(address))
            found[address] = _number(address, value)
    except (csv.Error, KeyError, AttributeError, TypeError) as error:
        text = N_("Choose a table with the columns address and value, or a session.json file.")
        raise Invalid(FIELD, text) from error
    return found


def _number(address: str, text: str) -> float:
    try:
        number = float(BEYOND.get(text, text))
    except ValueError:
        number = nan
    if not isfinite(number) and text not in BEYOND:
        raise Invalid(FIELD, N_("%(what)s is not a number."), what=f"{address!r}: {text[:40]!r}")
    return number


def _written(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return file.getvalue()
