"""The statements of a text: assignments, arrows between units, examples, modules of a program."""

from dataclasses import replace

from app.backprop.errors import N_
from app.exercises.lexing.sheet_names import SheetName
from app.exercises.lexing.sources import Remark, Source, Span, quote
from app.exercises.lexing.tokens import (
    ARROW,
    CLOSE,
    COLON,
    COMMA,
    IS,
    LATEX,
    LINE,
    MARK,
    MIXED,
    NAME,
    NUMBER,
    OPEN,
    SEMICOLON,
    SHAPE,
    SIGN,
)
from app.exercises.lexing.vocabulary import (
    ACTIVATION,
    ERROR,
    FILLER,
    MISSING,
    OPTIMISER,
    ORDINAL,
    QUANTITY,
    ROLE,
    TERMS,
)
from app.exercises.reading import sheet as facts
from app.exercises.reading.formula_statements import FormulaReader
from app.exercises.reading.number_arrays import Array, scalar
from app.exercises.reading.phrases import SETTINGS, PhraseReader
from app.exercises.reading.program_text import ProgramReader
from app.exercises.reading.sheet import Datum, Given, Said, SaidNumber, Sheet
from app.exercises.reading.token_stream import TokenStream

MOST_NAMES = 64  # of one value, with commas between them
MOST_EQUAL = 8  # with equals signs

# What the letters of a name stand for.
_ROLES = {
    **dict.fromkeys(("x", "X", "in", "inp", "input", "inputs"), "input"),
    **dict.fromkeys(("t", "T", "y", "Y", "d", "D", "target", "targets", "tgt", "yd", "yt", "td", "ytrue"), "target"),
    **dict.fromkeys(("w", "W", "v", "V", "u", "U", "Θ", "weight", "weights", "wih", "who", "coefs", "kernel"), "weight"),
    **dict.fromkeys(("b", "B", "bias", "biases", "bh", "bo", "intercepts"), "bias"),
    **dict.fromkeys(("θ", "ϑ", "th", "threshold"), "threshold"),
    **dict.fromkeys(("i", "I"), "input of an index"),
    **dict.fromkeys(("o", "O", "out"), "output"),
    **dict.fromkeys(("η", "eta", "lr"), "learning_rate"),
    **dict.fromkeys(("μ", "mu"), "momentum"),
    **dict.fromkeys(("α", "alpha", "ε", "λ", "ρ", "γ", "β", "l"), "letter"),
    **dict.fromkeys(("E", "L", "J", "C", "MSE", "SSE", "Loss", "Error"), "error"),
}  # fmt: skip
_FUNCTIONS = ("f", "g", "σ", "φ", "h", "a", "o", "out", "S", "sigmoid", "sig", "act")


def read_sheet(source: Source) -> Sheet:
    """Return what a text says. Raises Unreadable."""
    return _StatementReader(source).read()


class _StatementReader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._stream = TokenStream(source)
        self._arrays = self._stream.arrays
        self._sheet = Sheet()
        self._phrases = PhraseReader(self._stream, self._sheet)
        self._formulas = FormulaReader(self._stream, self._sheet)
        self._program = ProgramReader(self._stream, self._sheet)
        self._read = [0] * len(
            self._stream
        )  # 1 of what was understood, 2 of words that say nothing
        self._clause: list[Datum] = []  # what may belong to one example
        self._after_arrow = False
        self._names = (0, 0)  # the tokens of the names that were looked at last
        self._numbers_end = 0  # of those that were looked at last
        self._biases_before = 0  # how many there were when the clause began

    def read(self) -> Sheet:
        at = 0
        while at < len(self._stream):
            end = self._statement(at)
            if end is not None and end > at:
                found = self._stream.phrase(at)
                is_filler = found is not None and found[0].kind == FILLER and found[1] == end
                self._read[at:end] = [2 if is_filler else 1] * (end - at)
                at = end
            else:
                at += 1
        self._end_example()
        self._phrases.end_sentence()
        commas = self._arrays.commas
        if commas.decimal and commas.point:
            message = N_('Both "," and "." appear. Use one decimal separator.')
            raise self._source.problem(commas.decimal.start, message)
        self._sheet.has_decimal_commas = commas.are_decimal
        self._sheet.unread = self._unread()
        return self._sheet

    def _unread(self) -> list[Span]:
        """Return the parts that were not understood: words and numbers between what was."""
        spans, begin, end = [], -1, -1
        for at, token in enumerate((*self._stream.tokens, None)):
            is_content = token is not None and token.kind in (NAME, NUMBER, MIXED, SHAPE, LATEX)
            if token is None or token.kind == LINE or self._read[at] == 1:
                if begin >= 0:
                    tokens = self._stream.tokens
                    spans.append(self._source.span(tokens[begin].start, tokens[end].end))
                begin = -1
            elif is_content and not self._read[at]:
                begin, end = (at, at) if begin < 0 else (begin, at)
        return spans

    def _statement(self, at: int) -> int | None:
        """Read what begins at a token; return the index of the next one, None if it says nothing."""
        match self._stream.kind(at):
            case "line" | "semicolon":
                if self._stream.text(at) != "\\\\":
                    self._end_example()
                    self._phrases.end_sentence()
                return at + 1
            case "comma":
                self._phrases.layers.end_clause()
                return at + 1
            case "mark":
                if self._stream.text(at) == ".":
                    self._end_example()
                    self._phrases.end_sentence()
                return at + 1
            case "arrow":
                return self._arrow(at)
            case "name":
                return self._named(at)
            case "number":
                return self._numbered(at)
            case "mixed":
                return self._phrases.read(at)
            case "shape":
                return self._shape(at)
            case "open":
                return self._example(at)
            case "close" | "colon" | "slash" | "sign" | "is":
                return at + 1
        return None

    # Names.

    def _named(self, at: int) -> int | None:
        stream = self._stream
        if (end := self._program.parameter(at)) is not None:
            return end
        if (end := self._program.module(at)) is not None:
            return end
        if (end := self._table(at)) is not None:
            return end
        if (end := self._edge(at)) is not None:
            return end
        found = stream.phrase(at)
        is_quantity = found is not None and found[0].kind in (
            QUANTITY,
            ROLE,
            ERROR,
            ACTIVATION,
            OPTIMISER,
        )
        if not is_quantity and (end := self._equation(at)) is not None:
            return end
        if found and found[0].kind == ERROR and stream.kind(found[1]) == IS:
            end = self._formulas.error(found[1] + 1, found[1] + 1)
            if end is not None:
                return end
        if (
            found
            and found[0].kind == ACTIVATION
            and (end := self._formulas.function(at, _FUNCTIONS)) is not None
        ):
            return end
        end = self._phrases.read(at)
        if end is None and (end := self._formulas.function(at, _FUNCTIONS)) is not None:
            return end
        return end

    def _equation(self, at: int) -> int | None:
        """Read w1 = 0.15; w_ca, w_cb = 0.1; w1 = w2 = 0.1; W1: and a table below it."""
        stream = self._stream
        end = self._names_end(at)
        if end == at + 1 and stream.kind(end) == OPEN and (found := self._edge_note(end)):
            return self._weight_with_arrow(at, *found)
        if stream.kind(end) not in (IS, COLON):
            return None
        named = [
            place
            for place in range(at, end)
            if stream.kind(place) == NAME and not self._joins(place)
        ]
        if not 0 < len(named) <= MOST_NAMES:
            return None
        names, place = [stream.name(each) for each in named], end
        while (
            len(names) <= MOST_EQUAL
            and stream.kind(place) == IS
            and stream.kind(place + 1) == NAME
            and stream.kind(place + 2) == IS
        ):
            if self._role(stream.name(place + 1)) == "":
                break
            names.append(stream.name(place + 1))
            place += 2
        role = self._role(names[0])
        if stream.kind(place) == COLON and (len(names) > 1 or role in ("", "error", "letter")):
            return None
        if len(names) > 1 and not all(map(self._role, names)):
            return None
        return self._value_of(names, role, at, place + 1)

    def _weight_with_arrow(self, at: int, edge: tuple[str, str], end: int) -> int | None:
        """Read w1 (x1->h1) = 0.2"""
        if self._stream.kind(end) not in (IS, COLON):
            return None
        read = self._arrays.number(end + 1)
        if read is None:
            return None
        start, group = self._stream.start(at), self._phrases.group
        given = Given(self._stream.name(at), scalar(read[0]), start, edge, group)
        self._sheet.weights.append(given)
        return read[1]

    def _joins(self, at: int) -> bool:
        return self._stream.text(at) in ("and", "und")

    def _names_end(self, at: int) -> int:
        """Return where names end that begin here, with commas between them."""
        stream = self._stream
        if not at < self._names[1]:
            place = at + 1
            while stream.kind(place) == NAME or (
                stream.kind(place) == COMMA and stream.kind(place + 1) == NAME
            ):
                place += 1
            self._names = at, place
        return self._names[1]

    def _role(self, name: SheetName) -> str:
        """Return what a name stands for; "unit" for a letter without a meaning of its own."""
        role = _ROLES.get(
            name.base, _ROLES.get(name.base.lower(), "") if len(name.base) > 2 else ""
        )
        if role == "input of an index":
            return "input" if name.index else "unit"
        if role == "output":
            return "target" if self._phrases.heading == facts.TARGET else "output"
        if role == "letter" and name.base == "l" and name.index:
            return "unit"
        if not role and len(name.base) == 1:
            return "unit"
        return role

    def _value_of(self, names: list[SheetName], role: str, at: int, place: int) -> int | None:
        """Read the value of names. Raises Unreadable if a known one has no number."""
        name = names[0]
        if role in ("unit", "output", ""):
            heading = self._phrases.heading
            role = heading if heading and role != "" else role
        has_colon = self._stream.kind(place - 1) == COLON
        if role == "error" or (role in ("unit", "") and name.base in _FUNCTIONS and not has_colon):
            end = (
                self._formulas.error(place, at)
                if role == "error"
                else self._formulas.activation(place)
            )
            if end is not None or role != "unit":
                return end
        is_matrix = role == "weight" and (
            name.base.isupper() or not name.index or len(name.base) > 1
        )
        is_list = role in ("input", "target", "weight", "bias", "threshold", "unit", "output") and (
            is_matrix or not name.index or role in ("bias", "threshold") or len(names) > 1
        )
        is_data = role in ("input", "target", "unit", "output")
        read = self._arrays.array(place, is_list=is_list, has_rows=is_matrix, is_data=is_data)
        if read is None:
            return self._without_number(names, role, at, place)
        array, end = read
        if role in ("input", "target", "unit", "output"):
            for each, part in self._shares(names, array, at):
                self._datum(role, each, part, self._stream.start(at))
            return end
        if role in ("weight", "bias", "threshold"):
            return self._parameter(names, role, array, at, end)
        if role in (*SETTINGS, "letter") and array.depth == 0:
            setting = SaidNumber(array.numbers[0].value, self._stream.start(at), name.text)
            if role == "letter":
                self._letter(name, setting)
            else:
                self._phrases.note_setting(role, setting)
            return end
        return None

    def _letter(self, name: SheetName, setting: SaidNumber) -> None:
        key = name.base + (name.index if name.base == "β" else "")
        known = self._sheet.letters.setdefault(key, setting)
        if known.value != setting.value:
            remark = Remark.of(name.text)
            raise self._source.second_value(remark, setting.start, known.start)

    def _shares(
        self, names: list[SheetName], array: Array, at: int
    ) -> list[tuple[SheetName, Array]]:
        """Return what each name gets: the same number, or one of a list."""
        if len(names) == 1 or array.depth == 0:
            return [(name, array) for name in names]
        if array.depth > 1:
            return [(names[-1], array)]
        if array.depth == 1 and len(array.numbers) == len(names):
            return [
                (name, scalar(number)) for name, number in zip(names, array.numbers, strict=True)
            ]
        message = N_("%(expected)s numbers expected, %(given)s given.")
        given = len(array.numbers)
        raise self._source.problem(array.start, message, expected=len(names), given=given)

    def _without_number(self, names: list[SheetName], role: str, at: int, place: int) -> int | None:
        """Return where a statement ends that has no number. Raises Unreadable if it needs one."""
        stream = self._stream
        if role == "target" and (end := self._phrases.class_value(at, place)):
            return end
        if role in ("bias", "threshold") and (found := stream.term(place, MISSING)):
            self._sheet.no_bias = Said(role, stream.start(at))
            return found[1]
        known = role in ("input", "target", "weight", "bias", "threshold", *SETTINGS)
        if not known or stream.kind(place - 1) == COLON:
            return None
        if stream.ends_clause(place):
            offset = stream.token(place - 1).end
            message = N_("%(name)s: A number is missing.")
            raise self._source.problem(offset, message, name=names[-1].text)
        alone = stream.kind(place) == NAME and (
            stream.ends_clause(place + 1)
            or (stream.kind(place + 1) == NAME and stream.kind(place + 2) == IS)
        )
        if (
            alone
            and not stream.term(place, ORDINAL, ACTIVATION, FILLER)
            and stream.name(place).base not in _ROLES
        ):
            message = N_("“%(cell)s” is not a number.")
            raise self._source.problem(stream.start(place), message, cell=quote(stream.text(place)))
        return None

    def _parameter(self, names: list[SheetName], role: str, array: Array, at: int, end: int) -> int:
        is_threshold = role == "threshold"
        for name, part in self._shares(names, array, at):
            group = self._phrases.group
            given = Given(name, part, self._stream.start(at), None, group, False, is_threshold)
            is_of_bias = (
                name.labels[1:] and "0" in name.labels and name.index[:1] not in "123456789"
            )
            if role == "weight" and is_of_bias and part.depth == 0:
                self._sheet.biases.append(given)  # w_c0, w_04
            elif role == "weight" and name.index == "0" and part.depth == 0:
                self._sheet.biases.append(given)  # w0
            elif role == "weight":
                if len(names) == 1 and part.depth == 0 and (edge := self._edge_note(end)):
                    given, end = replace(given, edge=edge[0]), edge[1]
                self._sheet.weights.append(given)
            else:
                self._sheet.biases.append(given)
        return end

    # Arrows.

    def _label(self, at: int) -> str:
        """Return the unit that a token names: x1, c or 4."""
        stream = self._stream
        if stream.whole(at) is not None:
            return stream.text(at)
        if stream.kind(at) == NAME and len(stream.name(at).base) <= 3:
            return stream.name(at).key
        return ""

    def _edge_between(self, at: int) -> tuple[tuple[str, str], int] | None:
        """Read x1->h1, x1 to h1."""
        stream = self._stream
        source, target = self._label(at), self._label(at + 2)
        is_joined = stream.kind(at + 1) == ARROW or stream.text(at + 1) in ("to", "nach")
        is_joined |= stream.kind(at + 1) == SIGN and stream.kind(at) == NAME
        if not (source and target and is_joined):
            return None
        return (source, target), at + 3

    def _edge_note(self, at: int) -> tuple[tuple[str, str], int] | None:
        """Read (x1->h1) or “from x1 to h1” behind a weight."""
        stream = self._stream
        is_bracketed = stream.kind(at) == OPEN
        place = at + is_bracketed
        if stream.text(place) in ("from", "von"):
            place += 1
        elif not is_bracketed and stream.kind(place + 1) != ARROW:
            return None
        found = self._edge_between(place)
        if found is None or (is_bracketed and stream.kind(found[1]) != CLOSE):
            return None
        if not is_bracketed and stream.kind(found[1]) in (IS, COLON):
            return None  # the next weight: x1 -> h1 = 0.2
        return found[0], found[1] + is_bracketed

    def _edge(self, at: int) -> int | None:
        """Read x1 -> h1: 0.2"""
        stream = self._stream
        found = self._edge_between(at)
        if (
            found is None
            or stream.kind(found[1]) not in (IS, COLON)
            or stream.kind(at + 1) != ARROW
        ):
            return None
        read = self._arrays.number(found[1] + 1)
        if read is None:
            return None
        number, end = read
        text = self._source.text[stream.start(at) : stream.token(at + 2).end]
        array = scalar(number)
        given = Given(SheetName(text, "w"), array, stream.start(at), found[0], self._phrases.group)
        self._sheet.weights.append(given)
        return end

    # Examples.

    def _datum(self, role: str, name: SheetName | None, array: Array, start: int) -> None:
        kind = facts.TARGET if self._after_arrow else role
        if role == "target" and self._after_arrow:
            kind = facts.TARGET
        self._clause.append(Datum(kind, start, name, array))

    def _arrow(self, at: int) -> int | None:
        """a=1 b=0 -> d=1: what stands before the arrow are inputs, and behind it targets."""
        stream = self._stream
        taken = self._taken_back()
        if not (self._clause or taken):
            return None
        given = sorted((*taken, *self._clause), key=lambda datum: datum.start)
        self._clause = [replace(each, kind=facts.INPUT) for each in given]
        self._after_arrow = True
        read = None
        if stream.kind(at + 1) in (NUMBER, SIGN, OPEN):
            read = self._arrays.array(at + 1, is_list=True, is_data=True)
        if read is None:
            return at + 1
        self._datum("target", None, read[0], stream.start(at + 1))
        return read[1]

    def _taken_back(self) -> list[Datum]:
        """Take back what was read as a bias b and is the value of a unit, as an arrow shows."""
        since = self._sheet.biases[self._biases_before :]
        taken = [
            Datum(facts.INPUT, each.start, each.name, each.array)
            for each in since
            if each.name.key in ("b", "B") and each.array.depth == 0
        ]
        kept = [each for each in since if each.name.key not in ("b", "B") or each.array.depth]
        self._sheet.biases[self._biases_before :] = kept
        return taken

    def _end_example(self) -> None:
        if self._clause:
            order = sorted(self._clause, key=lambda datum: datum.start)
            self._sheet.data += order
            self._sheet.data.append(Datum(facts.GAP, self._clause[-1].start))
        self._clause, self._after_arrow = [], False
        self._biases_before = len(self._sheet.biases)

    def _numbered(self, at: int) -> int | None:
        """Read 2 inputs; 1->4: 0.2; 0 1 -> 1"""
        stream = self._stream
        if (end := self._edge(at)) is not None:
            return end
        if (number := stream.whole(at)) is not None:
            end = self._phrases.layers.count(at, number, at + 1)
            if end is not None:
                return end
        return self._example(at)

    def _example(self, at: int) -> int | None:
        """Read (0, 1) -> 1 or 0 1 -> 1, at its inputs."""
        stream = self._stream
        if stream.kind(at) == OPEN:
            if at not in stream.brackets.ends or stream.kind(stream.brackets.ends[at] + 1) != ARROW:
                return at + 1  # what is inside is read by itself
        else:
            if not at < self._numbers_end:
                self._numbers_end = at
                while stream.kind(self._numbers_end) in (NUMBER, COMMA, SIGN):
                    self._numbers_end += 1
            if stream.kind(self._numbers_end) != ARROW:
                return None
        read = self._arrays.array(at, is_list=True, is_data=True)
        if read is None or stream.kind(read[1]) != ARROW:
            return None
        target = self._arrays.array(read[1] + 1, is_list=True, is_data=True)
        if target is None:
            self._datum("input", None, read[0], stream.start(at))
            return read[1]
        self._datum("input", None, read[0], stream.start(at))
        self._after_arrow = True
        self._datum("target", None, target[0], target[0].start)
        self._end_example()
        return target[1]

    def _table(self, at: int) -> int | None:
        """Read a table of examples, at the first name of its head."""
        stream = self._stream
        line = self._source.line_of(stream.start(at))
        start, end = self._source.line_start(line), self._source.line_end(line)
        if at and stream.start(at - 1) >= start and stream.text(at - 1) != "|":
            return None
        heads, place = [], at
        while place < len(stream) and stream.start(place) < end:
            kind, text = stream.kind(place), stream.text(place)
            if kind == NAME:
                heads.append(place)
            elif not (kind in (COMMA, SEMICOLON) or (kind == MARK and text in "|│┃")):
                return None
            place += 1
        roles = [self._column(head) for head in heads]
        if "input" not in roles or "target" not in roles:
            return None
        found = self._arrays.regions.with_head(at, len(heads))
        if found is None:
            return None
        rows, after = found
        for row in rows:
            if len(row) != len(heads):
                message = N_("%(expected)s numbers expected, %(given)s given.")
                values = {"expected": len(heads), "given": len(row)}
                raise self._source.problem(row[-1].start, message, **values)
            for head, role, number in zip(heads, roles, row, strict=True):
                if role:
                    array = scalar(number)
                    self._datum(role, stream.name(head), array, number.start)
            self._end_example()
        return after

    def _column(self, at: int) -> str:
        """Return what a column of a table has: input, target, or nothing known."""
        found = self._stream.term(at, QUANTITY)
        if found:
            return {"inputs": "input", "targets": "target"}.get(found[0], "")
        if self._stream.term(at, ROLE):
            return "target"
        role = self._role(self._stream.name(at))
        if role in ("unit", "output"):
            return "input" if role == "unit" else "target"
        return role if role in ("input", "target") else ""

    def _shape(self, at: int) -> int | None:
        """Read the layers 2-2-1. Two numbers are layers only beside a word for a network."""
        stream = self._stream
        text = stream.text(at)
        numbers = sum(not each.isdigit() for each in text.replace(" ", "")) + 1
        if "x" in text or "×" in text:
            return None
        near = (stream.phrase(at + 1), stream.phrase(at - 1))
        is_network = any(found and found[0] == TERMS[("network",)] for found in near)
        is_network |= stream.text(at + 1).lower() in (
            "mlp",
            "net",
            "perceptron",
            "feedforward",
            "neural",
        )
        if numbers < 3 and not is_network:
            return None
        return self._phrases.shape(at)
