"""Tables in a pasted text, apart from what they are for."""

import pytest

from app.backprop.errors import Invalid
from app.text.pasted_table import CellReader, read_table


def test_a_column_with_decimal_commas() -> None:
    """A line without a comma shows that the others have decimal commas."""
    table = read_table("0\n-0,3\n0,25", lambda rows, columns: columns == 1)
    reader = CellReader(table)
    assert [[reader.number(cell) for cell in row] for row in table.rows] == [[0], [-0.3], [0.25]]


def test_errors_keep_their_cell() -> None:
    """An error knows its cell, and is translated when it is shown."""
    with pytest.raises(
        Invalid, match=r"Line 1, column 1: Is this 0\.3, or the numbers 0; 3\?"
    ) as caught:
        read_table("0,3\n0,4", lambda rows, columns: True)
    said = {"Line %(line)s, column %(column)s": "%(line)s번째 줄 %(column)s열"}
    assert caught.value.translated(lambda text: said.get(text, text)).startswith("1번째 줄 1열: ")
