"""The answers of all sheets as a CSV file: a row for each sheet, a column for each calculation."""

import csv
from collections.abc import Iterator
from io import StringIO

from app.view.exercises.class_sheets import SheetOrder
from app.view.rendering.numbers import MINUS

# Spreadsheets read UTF-8 only if a file begins with it.
BYTE_ORDER_MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@")  # begins a cell that a spreadsheet computes


def answer_key(order: SheetOrder) -> str:
    """The answers, as rounded as they are asked for."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows(_rows(order))
    return BYTE_ORDER_MARK + file.getvalue()


def _rows(order: SheetOrder) -> Iterator[tuple[str, ...]]:
    for number, sheet in enumerate(order.sheets):
        steps, values = sheet.simulation.steps, sheet.simulation.trace()
        if not number:
            heads = (f"{s.symbol}_new" if s.kind.endswith("_update") else s.symbol for s in steps)
            yield ("name", "seed", "link", *heads)
        answers = (order.digits.short(value).replace(MINUS, "-") for value in values)
        yield (as_text(sheet.name), str(sheet.seed), sheet.link, *answers)


def as_text(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(FORMULA) else name
