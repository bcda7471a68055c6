"""A learning platform that reads question files and grades answers, by Moodle's documentation.

It is written from the documented formats and shares no code with the app: numerical questions have
answers, each with a tolerance, a fraction and a feedback; a response gets those of the first answer, in
the order of the file, from which it differs by at most the tolerance.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True)
class Answer:
    """An answer of a question; the fraction is 1 for a right one."""

    number: float
    tolerance: float
    fraction: float
    feedback: str


@dataclass(frozen=True)
class Question:
    """A numerical question in the question bank."""

    category: str
    name: str
    text: str
    answers: tuple[Answer, ...]
    general_feedback: str

    def grade(self, response: str) -> Answer | None:
        """The answer that a response is graded by; None if none matches."""
        number = float(response)
        for answer in self.answers:
            if abs(number - answer.number) <= answer.tolerance:
                return answer
        return None


def read_xml(text: str) -> list[Question]:
    """The questions of a Moodle XML file."""
    root = ElementTree.fromstring(text)
    assert root.tag == "quiz"
    category, found = "", []
    for question in root:
        assert question.tag == "question"
        if question.get("type") == "category":
            category = _text(question, "category/text")
            continue
        assert question.get("type") == "numerical"
        for formatted in ("questiontext", "generalfeedback", "answer/feedback"):
            assert {each.get("format") for each in question.iterfind(formatted)} <= {"html"}
        answers = tuple(
            Answer(
                float(_text(answer, "text")),
                float(_text(answer, "tolerance")),
                float(answer.get("fraction", "")) / 100,
                _text(answer, "feedback/text"),
            )
            for answer in question.iterfind("answer")
        )
        found.append(
            Question(
                category,
                _text(question, "name/text"),
                _text(question, "questiontext/text"),
                answers,
                _text(question, "generalfeedback/text"),
            )
        )
    return found


def _text(element: ElementTree.Element, path: str) -> str:
    found = element.find(path)
    assert found is not None, path
    return found.text or ""


def read_gift(text: str) -> list[Question]:
    """The numerical questions of a GIFT file. Blank lines are between questions."""
    category, found = "", []
    for block in re.split(r"\n\s*\n", text.strip()):
        if block.startswith("$CATEGORY:"):
            category = block.partition(":")[2].strip()
            continue
        # Special characters after a backslash mean nothing special.
        hidden = re.sub(r"\\([~=#{}:\\])", lambda match: chr(0xE000 + ord(match[1])), block)
        match = re.fullmatch(r"::(.*?)::(\[html\])(.*?)\{#(.*)\}", hidden, re.DOTALL)
        assert match is not None, block
        name, _format, question, listed = match.groups()
        listed, _, general = listed.partition("####")
        assert "~" not in listed
        answers = []
        for each in listed.split("=")[1:]:
            weight = re.match(r"%(-?[0-9]{1,2}\.?[0-9]*)%", each)  # as Moodle's reader has it
            number, _, feedback = each[weight.end() if weight else 0 :].partition("#")
            value, tolerance = map(float, number.split(":"))
            fraction = float(weight[1]) / 100 if weight else 1.0
            answers.append(Answer(value, tolerance, fraction, _shown(feedback)))
        found.append(
            Question(category, _shown(name), _shown(question), tuple(answers), _shown(general))
        )
    return found


def _shown(text: str) -> str:
    return re.sub(r"[\ue000-\ue0ff]", lambda match: chr(ord(match[0]) - 0xE000), text).strip()
