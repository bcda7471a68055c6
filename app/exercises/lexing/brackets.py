"""Which bracket closes which, and how deep brackets are nested."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.backprop.errors import N_
from app.exercises.lexing.sources import Source, Unreadable
from app.exercises.lexing.tokens import CLOSE, CLOSING, OPEN, Token


@dataclass(frozen=True, slots=True)
class Brackets:
    """For each opening bracket, by the index of its token, the index of the one that closes it.

    `heights`: how many brackets are nested in one, itself included.
    `wrong`: for each opening bracket without one, the bracket that stands in its place; −1 if none does.
    """

    ends: dict[int, int]
    heights: dict[int, int]
    wrong: dict[int, int]

    def problem(self, source: Source, tokens: Sequence[Token], at: int) -> Unreadable:
        """Return the error that an opening bracket is not closed."""
        found, sign = self.wrong.get(at, -1), CLOSING[tokens[at].text]
        if found < 0:
            text = N_("This bracket is not closed: a “%(sign)s” is missing.")
            return source.problem(tokens[at].start, text, sign=sign)
        text = N_("“%(sign)s” does not close “%(open)s”.")
        values = {"sign": tokens[found].text, "open": tokens[at].text}
        return source.problem(tokens[found].start, text, **values)


def match_brackets(tokens: Sequence[Token]) -> Brackets:
    """Return which brackets belong together. One that closes nothing is passed over."""
    found = Brackets({}, {}, {})
    open_: list[int] = []
    height: list[int] = []  # of what is inside each open bracket
    numbers: list[bool] = []  # whether each belongs to one number, as in np.float64(0.1)
    for index, token in enumerate(tokens):
        if token.kind == OPEN:
            open_.append(index)
            height.append(0)
            is_number = index and tokens[index - 1].text.endswith(("float64", "float32", "float"))
            numbers.append(bool(is_number) and tokens[index - 1].end == token.start)
        elif token.kind == CLOSE and open_:
            begun, inside, is_number = open_.pop(), height.pop(), numbers.pop()
            if CLOSING[tokens[begun].text] == token.text:
                found.ends[begun] = index
                found.heights[begun] = inside + 1
            else:
                found.wrong[begun] = index
            if height and not is_number:
                height[-1] = max(height[-1], inside + 1)
    for begun in open_:
        found.wrong[begun] = -1
    return found
