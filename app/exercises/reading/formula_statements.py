"""Statements that are formulas: E = ½ Σ (t − o)², f(z) = 1/(1 + e^(−z))."""

from app.exercises.lexing.tokens import CLOSE, COLON, COMMA, IS, MARK, NAME, OPEN, SEMICOLON
from app.exercises.lexing.vocabulary import ACTIVATION
from app.exercises.reading.sheet import ActivationSaid, Said, Sheet
from app.exercises.reading.sheet_formulas import WORDS, activation_of_formula, error_of_formula
from app.exercises.reading.token_stream import TokenStream

MOST_TOKENS = 200  # of a formula


class FormulaReader:
    """Reads them into a sheet. Each method returns the index of the next token, None for no formula."""

    def __init__(self, stream: TokenStream, sheet: Sheet) -> None:
        self._stream, self._sheet = stream, sheet

    def _end(self, at: int) -> int:
        """Return where a formula ends."""
        stream, place, depth = self._stream, at, 0
        while place < min(len(stream), at + MOST_TOKENS):
            kind = stream.kind(place)
            if kind == OPEN:
                depth += 1
            elif kind == CLOSE:
                depth -= 1
                if depth < 0:
                    break
            elif (
                stream.text(place) == "\n"
                or (depth == 0 and kind in (COMMA, SEMICOLON, COLON, IS))
                or (kind == MARK and stream.text(place) == "." and depth == 0)
                or (kind == NAME and not self._is_of_formula(place))
            ):
                break
            place += 1
        return place

    def _is_of_formula(self, at: int) -> bool:
        name = self._stream.name(at)
        word = self._stream.text(at).lower().rpartition(".")[2].removeprefix("\\")
        if len(name.base) <= 2 or word in WORDS:
            return not (self._stream.phrase(at) and word not in WORDS and len(word) > 2)
        return False

    def error(self, at: int, start: int) -> int | None:
        """Read the formula of an error: E = ½ Σ (t − o)²"""
        end = self._end(at)
        if end == at:
            return None
        text = self._stream.source.text[self._stream.start(at) : self._stream.token(end - 1).end]
        text += self._stream.source.text[self._stream.token(end - 1).end :][:1].strip(
            ",;"
        )  # a last ²
        name = error_of_formula(text)
        if not name:
            return None
        self._sheet.errors.append(Said(name, self._stream.start(start)))
        return end

    def activation(self, at: int) -> int | None:
        end = self._end(at)
        if end == at:
            return None
        text = self._stream.source.text[self._stream.start(at) : self._stream.token(end - 1).end]
        name = activation_of_formula(text)
        if not name:
            return None
        said = ActivationSaid(name, (), self._stream.start(at))
        self._sheet.activations.append(said)
        return end

    def function(self, at: int, names: tuple[str, ...]) -> int | None:
        """Read f(z) = 1/(1 + e^(−z))"""
        stream = self._stream
        kinds = [stream.kind(place) for place in (at + 1, at + 3, at + 4)]
        is_known = stream.name(at).base in names or stream.term(at, ACTIVATION) is not None
        return self.activation(at + 5) if kinds == [OPEN, CLOSE, IS] and is_known else None
