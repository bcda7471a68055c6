"""The formats in which sheets for a class are written. A new format is an entry here."""

from collections.abc import Callable
from dataclasses import dataclass

from app.view.exercises.answer_key import answer_key
from app.view.exercises.class_sheets import SheetOrder, sheets_html
from app.view.exercises.gift import gift
from app.view.exercises.moodle_xml import moodle_xml

Asset = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SheetFormat:
    """A format: its media type, and the name of the file to download; empty for a page."""

    media: str
    file: str


PRINTED = "html"
FORMATS = {
    PRINTED: SheetFormat("text/html", ""),
    "csv": SheetFormat("text/csv", "backstep-answer-key.csv"),
    "moodle": SheetFormat("text/xml", "backstep-moodle.xml"),
    "gift": SheetFormat("text/plain", "backstep-gift.txt"),
}
_WRITERS = {"csv": answer_key, "moodle": moodle_xml, "gift": gift}


def write_sheets(
    order: SheetOrder, format: str, *, answers: bool, asset: Asset, fonts: bool
) -> str:
    """The sheets in a format; `answers`, `asset` and `fonts` are for the printed ones.

    Raises Invalid if a file would have too many questions.
    """
    if format == PRINTED:
        return sheets_html(order, asset, answers=answers, fonts=fonts)
    return _WRITERS[format](order)
