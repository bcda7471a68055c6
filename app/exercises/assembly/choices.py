"""What a text leaves open: choices between readings, and what is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.backprop.errors import check_choice
from app.exercises.lexing.sources import Remark


@dataclass(frozen=True, slots=True)
class ReadingOption:
    """One of the readings of a choice."""

    name: str
    label: Remark


@dataclass(frozen=True, slots=True)
class ReadingChoice:
    """Several readings fit the text. Unless one is chosen by name, the first is taken."""

    name: str
    question: Remark
    options: tuple[ReadingOption, ...]
    chosen: str


@dataclass(slots=True)
class OpenQuestions:
    """The choices and assumptions of one reading.

    `wanted`: by the name of a choice, the name of the option that was chosen.
    """

    wanted: Mapping[str, str]
    choices: list[ReadingChoice] = field(default_factory=list)
    assumed: list[Remark] = field(default_factory=list)

    def choose(self, name: str, question: str, **options: str) -> str:
        """Note a choice, and return the name of the option that is taken. Raises Invalid."""
        wanted = self.wanted.get(name, next(iter(options)))
        check_choice(f"choose.{name}", wanted, options)
        labels = tuple(ReadingOption(each, Remark.of(label)) for each, label in options.items())
        self.choices.append(ReadingChoice(name, Remark.of(question), labels, wanted))
        return wanted

    def assume(self, text: str, /, **values: object) -> None:
        remark = Remark.of(text, **values)
        if remark not in self.assumed:
            self.assumed.append(remark)
