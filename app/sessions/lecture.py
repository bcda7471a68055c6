"""What is kept beside the simulation of a network that is shown to a class.

A lecture is shared under a code, by which followers find it. Its script is a list of pins: moments
that the lecturer has prepared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from re import compile
from secrets import choice

from app.backprop.errors import N_, Invalid, check_choice

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 and O, 1 and I and L
CODE_LENGTH = 6
CODE = compile(f"[{LETTERS}]{{{CODE_LENGTH}}}")
NUMBER, SIGN, LARGER = "number", "sign", "larger"
KINDS = (NUMBER, SIGN, LARGER)  # of questions
MOST_PINS = 60
LONGEST_TITLE, LONGEST_NOTE = 120, 600  # characters


@dataclass(frozen=True, slots=True)
class Question:
    """What a class is asked about quantities that the next steps compute.

    `kind` is `number`, `sign`, or `larger`: which of two is larger.
    """

    kind: str
    addresses: tuple[str, ...]  # of the quantities: two for `larger`, else one

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)
        if len(set(self.addresses)) != (2 if self.kind == LARGER else 1):
            raise Invalid("address", N_("Name one quantity, or two different ones to compare."))


@dataclass(frozen=True, slots=True)
class Pin:
    """A moment of a lecture that was prepared: what the clicker goes to."""

    title: str
    iteration: int
    cursor: int
    note: str = ""  # for the lecturer alone
    question: Question | None = None  # to ask there

    def __post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            raise Invalid("title", N_("must have 1 to %(most)s characters"), most=LONGEST_TITLE)
        if len(self.note) > LONGEST_NOTE:
            raise Invalid("note", N_("must have at most %(most)s characters"), most=LONGEST_NOTE)
        if self.iteration < 0 or self.cursor < 0:
            raise Invalid("moment", N_("An iteration and a step are whole numbers from 0."))


Script = tuple[Pin, ...]


def check_script(pins: Sequence[Pin]) -> None:
    """Raise Invalid if there are too many."""
    if len(pins) > MOST_PINS:
        raise Invalid("script", N_("must have at most %(most)s moments"), most=MOST_PINS)


def new_code() -> str:
    """A code that nobody can guess: there are 887 million."""
    return "".join(choice(LETTERS) for _ in range(CODE_LENGTH))


def read_code(text: str) -> str | None:
    """The code that somebody typed, whatever its case and its spaces; None if it is none."""
    code = "".join(text.upper().replace("-", "").split())
    return code if CODE.fullmatch(code) else None
