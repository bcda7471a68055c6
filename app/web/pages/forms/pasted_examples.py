"""Examples pasted as a table or read from a CSV file."""

from app.backprop.errors import N_, Invalid
from app.backprop.network import LARGEST, MOST_EXAMPLES, Example, Shape
from app.text.pasted_cells import is_blank, trimmed
from app.text.pasted_table import CellReader, read_table
from app.view.notation.labels import Translate
from app.view.panels.examples_table import columns_of
from app.view.rendering.numbers import MINUS

FIELD = "examples"  # of the form


def parse_examples(text: str, shape: Shape, _: Translate) -> tuple[Example, ...]:
    """Parse one example per line, the inputs before the targets.

    A first line without numbers is a header. A comma is a decimal comma if it is not the separator
    and there is no decimal point.

    Raises:
        Invalid: with a translated message that names the line and the column.
    """
    try:
        return _parse(text, shape)
    except Invalid as error:
        raise Invalid(FIELD, error.translated(_)) from None


def _parse(text: str, shape: Shape) -> tuple[Example, ...]:
    names, inputs = columns_of(shape), shape.layers[0]
    table = read_table(text, lambda rows, columns: columns == len(names), named=False)
    rows = [trimmed(row, len(names)) for row in table.rows if not is_blank(row)]
    if not rows:
        raise Invalid(FIELD, N_("No examples found. Enter one example per line."))
    if len(rows) > MOST_EXAMPLES:
        message = N_("At most %(most)s examples are allowed, but there are %(count)s.")
        raise Invalid(FIELD, message, most=MOST_EXAMPLES, count=len(rows))
    reader = CellReader(table)
    examples = []
    for row in rows:
        if len(row) != len(names):
            message = N_("%(expected)s numbers expected (%(names)s), %(given)s given.")
            raise reader.wrong_count(row, len(names), message, names=", ".join(names))
        numbers = []
        for cell, name in zip(row, names, strict=True):
            number = reader.number(cell, name)
            if abs(number) > LARGEST:
                limit = f"{LARGEST:,.0f}"
                message = N_("Enter a number from %(low)s to %(high)s.")
                raise cell.problem(message, name, low=f"{MINUS}{limit}", high=limit)
            numbers.append(number)
        examples.append(Example(tuple(numbers[:inputs]), tuple(numbers[inputs:])))
    return tuple(examples)
