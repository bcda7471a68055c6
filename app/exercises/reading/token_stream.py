"""The tokens of a text with what they mean: names in parts, and phrases of the vocabulary."""

from app.exercises.lexing.brackets import match_brackets
from app.exercises.lexing.sheet_names import SheetName, name_of
from app.exercises.lexing.sources import Source
from app.exercises.lexing.tokens import (
    CLOSE,
    COLON,
    COMMA,
    IS,
    LINE,
    MARK,
    MIXED,
    NAME,
    NUMBER,
    OPEN,
    SEMICOLON,
    SIGN,
    Token,
    tokenize,
)
from app.exercises.lexing.vocabulary import FILLER, LONGEST, TERMS, SheetTerm, word_forms
from app.exercises.reading.array_reader import ArrayReader

# The last words before a learning rate and the like, which is one number.
_RATES = frozenset("rate lr size momentum decay lernrate schrittweite 학습률 학습률은".split())
_NOTHING = Token("", "", 0, 0)


class TokenStream:
    """Tokens by their index. Beyond the last one, every token is empty."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.brackets = match_brackets(self.tokens)
        self.arrays = ArrayReader(source, self.tokens, self.brackets)
        self._names: dict[int, SheetName] = {}
        self._phrases: dict[int, tuple[SheetTerm, int] | None] = {}
        self._words = [_words_of(token) for token in self.tokens]
        self._note_decimal_commas()

    def __len__(self) -> int:
        return len(self.tokens)

    def token(self, at: int) -> Token:
        return self.tokens[at] if 0 <= at < len(self.tokens) else _NOTHING

    def kind(self, at: int) -> str:
        return self.token(at).kind

    def text(self, at: int) -> str:
        return self.token(at).text

    def name(self, at: int) -> SheetName:
        if at not in self._names:
            self._names[at] = name_of(self.token(at))
        return self._names[at]

    def whole(self, at: int) -> int | None:
        """The whole number without a sign that a token is; None for any other, and a very long one."""
        text = self.text(at)
        return (
            int(text) if self.kind(at) == NUMBER and text.isdecimal() and len(text) < 10 else None
        )

    def start(self, at: int) -> int:
        """The offset of a token; of the end of the text, that after its last token."""
        if at < len(self.tokens):
            return self.tokens[at].start
        return self.tokens[-1].end if self.tokens else 0

    def ends_clause(self, at: int) -> bool:
        """Whether a statement ends before a token."""
        kind = self.kind(at)
        return kind in ("", LINE, COMMA, SEMICOLON, CLOSE) or (
            kind == MARK and self.text(at) == "."
        )

    def phrase(self, at: int) -> tuple[SheetTerm, int] | None:
        """Return the longest phrase that begins here, and the index of the next token."""
        if at not in self._phrases:
            self._phrases[at] = self._find_phrase(at)
        return self._phrases[at]

    def _find_phrase(self, at: int) -> tuple[SheetTerm, int] | None:
        first = self._words[at][:1] if 0 <= at < len(self._words) else ()
        if not first:
            return None
        longest = max(LONGEST.get(form, 0) for form in word_forms(first[0]))
        words: list[str] = []
        ends: list[int] = []
        place = at
        while len(words) < longest and place < len(self.tokens):
            token = self.tokens[place]
            if words and (self._is_hyphen(place) or token.text == "\n"):
                place += 1
                continue
            if not self._words[place]:
                break
            words += self._words[place]
            ends += [-1] * (len(self._words[place]) - 1) + [place + 1]
            place += 1
        for count in range(min(len(words), longest), 0, -1):
            if ends[count - 1] < 0:
                continue
            for last in word_forms(words[count - 1]):
                if term := TERMS.get((*words[: count - 1], last)):
                    return term, ends[count - 1]
        return None

    def term(self, at: int, *kinds: str) -> tuple[str, int] | None:
        """Return the value of a phrase of one of these kinds, and the index of the next token."""
        found = self.phrase(at)
        if found is None or found[0].kind not in kinds:
            return None
        return found[0].value, found[1]

    def after_fillers(self, at: int, *, marks: bool = False) -> int:
        """Return the index of the first token that says something; `marks`: pass over : and = too.

        Words may go on in the next line.
        """
        start = at
        while True:
            if found := self.term(at, FILLER):
                at = found[1]
                continue
            is_mark = marks and self.kind(at) in (IS, COLON)
            if not (is_mark or (self.text(at) == "\n" and self._goes_on(at + 1, at > start))):
                return at
            at += 1

    def _goes_on(self, at: int, has_fillers: bool) -> bool:
        """Whether a line begins with a word that says nothing, or the number that words announced."""
        is_number = has_fillers and self.kind(at) in (NUMBER, OPEN, SIGN)
        return is_number or self.term(at, FILLER) is not None

    def _note_decimal_commas(self) -> None:
        """Note the first comma that can only be decimal: the value of w1 or η, as in w1=0,1"""
        for at in range(1, len(self.tokens) - 3):
            is_rate = self.text(at).lower() in _RATES
            if is_rate or (self.kind(at) == IS and self._is_of_one_number(at - 1)):
                place = at + 1 + (self.kind(at + 1) in (SIGN, IS, COLON))
                if self.kind(place) == NUMBER and self.kind(place + 1) == COMMA:
                    self.arrays.note_decimal(place)
                    if self.arrays.commas.decimal:
                        return

    def _is_of_one_number(self, at: int) -> bool:
        name = self.name(at) if self.kind(at) == NAME else None
        return name is not None and (name.number is not None or name.base in ("η", "α", "lr"))

    def _is_hyphen(self, at: int) -> bool:
        """Whether a minus joins two words."""
        before, token, after = self.token(at - 1), self.tokens[at], self.token(at + 1)
        return (
            token.kind == SIGN
            and before.kind == NAME == after.kind
            and before.end == token.start
            and token.end == after.start
        )


def _words_of(token: Token) -> tuple[str, ...]:
    if token.kind == MIXED:
        return (token.text.lower(),)
    if token.kind == NUMBER:
        return (token.text,) if token.text in ("1", "2") else ()  # beta 1
    if token.kind != NAME:
        return ()
    text = token.text
    if "." in text:
        text = text.rpartition(".")[2]
    words = tuple(part for part in text.lower().split("_") if part)
    return words if all(word.isalnum() for word in words) else ()
