"""Questions as GIFT, the text format of Moodle and other learning platforms.

The right number has no weight, since GIFT reads weights of two digits only; each wrong one has 0 %.
"""

import re
from collections.abc import Iterator

from app.view.exercises.class_sheets import SheetOrder
from app.view.exercises.question_bank import AcceptedNumber, NumericalQuestion, categories

_SPECIAL = re.compile(r"([~=#{}:\\])")


def gift(order: SheetOrder) -> str:
    """The sheets as a GIFT file. Raises Invalid if it would be too large."""
    return "".join(_lines(order))


def _lines(order: SheetOrder) -> Iterator[str]:
    for category in categories(order):
        names = (name.replace("/", "//") for name in category.path)
        yield f"$CATEGORY: {'/'.join(('$course$', 'top', *names))}\n\n"
        for question in category.questions:
            yield _question(question)


def _question(question: NumericalQuestion) -> str:
    wrong = "".join(f"\t=%0%{_answer(each)}\n" for each in question.wrong)
    return (
        f"::{_escaped(question.name)}::[html]{_escaped(question.text)} {{#\n"
        f"\t={_answer(question.right)}\n{wrong}"
        f"\t####{_escaped(question.solution)}\n}}\n\n"
    )


def _answer(accepted: AcceptedNumber) -> str:
    return f"{accepted.number}:{accepted.tolerance}#{_escaped(accepted.feedback)}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", str(text).replace("\n", " "))
