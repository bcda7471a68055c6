"""Questions as Moodle XML, as Moodle documents it for the type numerical.

A response is compared with the answers in order, and the first within its tolerance counts. So the
right number comes first.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from app.view.exercises.class_sheets import SheetOrder
from app.view.exercises.question_bank import AcceptedNumber, NumericalQuestion, categories

NO_UNITS = {"unitgradingtype": "0", "unitpenalty": "0.1", "showunits": "3", "unitsleft": "0"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'


def moodle_xml(order: SheetOrder) -> str:
    """The sheets as a file for Moodle's question bank. Raises Invalid if it would be too large."""
    # Written as text: trees of so many elements take several times as long.
    return HEAD + "".join(_questions(order)) + "</quiz>\n"


def _questions(order: SheetOrder) -> Iterator[str]:
    for category in categories(order):
        names = (name.replace("/", "//") for name in category.path)
        path = _text("category", "/".join(("$course$", "top", *names)))
        yield _element("question", path, type="category")
        for question in category.questions:
            yield _question(question)


def _question(question: NumericalQuestion) -> str:
    settings = {"defaultgrade": "1", "penalty": "0.3333333", "hidden": "0"}
    return _element(
        "question",
        _text("name", question.name)
        + _text("questiontext", question.text, format="html")
        + _text("generalfeedback", question.solution, format="html")
        + "".join(_element(name, value) for name, value in settings.items())
        + _answer(question.right, "100")
        + "".join(_answer(wrong, "0") for wrong in question.wrong)
        + "".join(_element(name, value) for name, value in NO_UNITS.items()),
        type="numerical",
    )


def _answer(accepted: AcceptedNumber, fraction: str) -> str:
    return (
        f'<answer fraction="{fraction}" format="moodle_auto_format"><text>{accepted.number}</text>'
        f'<feedback format="html"><text>{escape(str(accepted.feedback))}</text></feedback>'
        f"<tolerance>{accepted.tolerance}</tolerance></answer>\n"
    )


def _text(name: str, text: str, **attributes: str) -> str:
    return _element(name, _element("text", escape(str(text))), **attributes)


def _element(name: str, content: str, **attributes: str) -> str:
    written = "".join(f" {each}={quoteattr(value)}" for each, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>\n"
