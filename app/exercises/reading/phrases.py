"""Statements in words: learning rate 0.5, two hidden ReLU units, no bias, rows are inputs."""

import re

from app.backprop.errors import N_
from app.exercises.lexing.sheet_names import SheetName
from app.exercises.lexing.sources import Remark
from app.exercises.lexing.tokens import (
    CLOSE,
    COMMA,
    IS,
    MIXED,
    NAME,
    NUMBER,
    OPEN,
    SHAPE,
)
from app.exercises.lexing.vocabulary import (
    ALL,
    CONVENTION,
    LAYERS,
    MISSING,
    NO,
    NUMERAL,
    ORDINAL,
    QUANTITY,
    ROLE,
    ROWS,
)
from app.exercises.reading import sheet as facts
from app.exercises.reading.layer_phrases import ARTICLES, LayerPhrases
from app.exercises.reading.number_arrays import Array, ReadNumber, scalar
from app.exercises.reading.sheet import Datum, Given, Said, SaidNumber, Sheet
from app.exercises.reading.token_stream import TokenStream

_OF_BIASES = re.compile(r"threshold|bias|fixed|constant|θ|schwell|임계|편향", re.IGNORECASE)
SETTINGS = ("learning_rate", "momentum", "weight_decay", "beta1", "beta2", "rho", "epsilon")
# The names of settings, for messages.
_SETTING_NAMES = {
    "learning_rate": N_("learning rate"),
    "momentum": N_("momentum"),
    "weight_decay": N_("weight decay"),
}
_DATA = {"inputs": facts.INPUT, "targets": facts.TARGET}


class PhraseReader:
    """Reads statements in words into a sheet. Each method returns the index of the next token."""

    def __init__(self, stream: TokenStream, sheet: Sheet) -> None:
        self._stream, self._sheet = stream, sheet
        self.layers = LayerPhrases(stream, sheet)
        self.heading = ""  # what the names of this line are: inputs or targets

    @property
    def group(self) -> int:
        return len(self._sheet.intos)

    def read(self, at: int) -> int | None:
        """Read a statement that begins with a phrase; None if none does."""
        found = self._stream.phrase(at)
        if found is None:
            return None
        term, end = found
        start = self._stream.start(at)
        said = Said(term.value, start)
        match term.kind:
            case "quantity":
                return self._quantity(term.value, at, end)
            case "activation":
                self.layers.activation(term.value, start)
            case "error":
                self._sheet.errors.append(said)
            case "optimiser":
                self._sheet.optimisers.append(said)
            case "update":
                self._sheet.updates.append(said)
            case "convention":
                self._sheet.conventions.append(said)
            case "role":
                if after := self._of_layer(term.value, at, end):
                    return after
                return self.layers.role(term.value, at, end)
            case "numeral":
                return self.layers.count(at, int(term.value), end) or self.layers.article(at, end)
            case "ordinal":
                return self._ordinal(term.value, at, end)
            case "all":
                return self._all(at, end)
            case "no":
                return self._no(at, end)
            case "into":
                return self.layers.into(at, end)
            case "rows":
                return self.layers.rows(term.value, at, end)
            case "filler":
                return end
            case _:
                return None
        return end

    # Quantities.

    def _quantity(self, quantity: str, at: int, end: int) -> int | None:
        if quantity in SETTINGS:
            return self._setting(quantity, at, end)
        if quantity == "layers":
            return self._layers(end)
        if quantity == "class":
            return self.class_value(at, end) or end
        if quantity in _DATA:
            return self._data(quantity, at, end)
        return self._parameters(quantity, at, end)

    def _setting(self, quantity: str, at: int, end: int) -> int | None:
        """learning rate η = 0.5, momentum of 0.9"""
        stream = self._stream
        place, symbol = end, ""
        if stream.kind(place) == OPEN and stream.kind(place + 2) == CLOSE:
            place, symbol = place + 3, stream.text(place + 1)
        elif stream.kind(place) == NAME and stream.kind(place + 1) == IS:
            place, symbol = place + 1, stream.text(place)
        place = stream.after_fillers(place, marks=True)
        if stream.kind(place) == NAME and stream.kind(place + 1) == IS and not symbol:
            place, symbol = place + 2, stream.text(place)
        read = stream.arrays.number(place)
        if read is None:
            if stream.kind(end) == IS and stream.ends_clause(place):
                raise stream.source.problem(stream.start(place), N_("A number is missing."))
            if quantity == "momentum":
                self._sheet.optimisers.append(Said("momentum", stream.start(at)))
            return end
        self.note_setting(quantity, SaidNumber(read[0].value, stream.start(at), symbol))
        return read[1]

    def note_setting(self, quantity: str, setting: SaidNumber) -> None:
        """Note a setting. Raises Unreadable if the text has said another value."""
        known = self._sheet.settings.setdefault(quantity, setting)
        if known.value != setting.value:
            name = _SETTING_NAMES.get(quantity, quantity)
            raise self._stream.source.second_value(Remark.of(name), setting.start, known.start)

    def _layers(self, end: int) -> int:
        """Layers 4-4-3-3, network: 2, 2, 1"""
        stream = self._stream
        place = stream.after_fillers(end, marks=True)
        if stream.kind(place) == SHAPE:
            return self.shape(place)
        if stream.kind(place) == NUMBER or stream.arrays.begins(place):
            read = stream.arrays.array(place, is_list=True, is_data=True)
            if (
                read
                and read[0].depth == 1
                and all(each.value.is_integer() for each in read[0].numbers)
            ):
                self._set_sizes(
                    tuple(int(each.value) for each in read[0].numbers), stream.start(place)
                )
                return read[1]
        return end

    def shape(self, at: int) -> int:
        """Read 2-2-1, at its token."""
        text = self._stream.text(at)
        digits = "".join(each if each.isdigit() else " " for each in text)
        self._set_sizes(tuple(map(int, digits.split())), self._stream.start(at))
        return at + 1

    def _set_sizes(self, sizes: tuple[int, ...], start: int) -> None:
        for size in sizes:
            self.layers.check_size(size, start)
        known = self._sheet.sizes
        if known and known[0] != sizes:
            raise self._stream.source.second_value(Remark.of(N_("layers")), start, known[1])
        self._sheet.sizes = sizes, start

    def class_value(self, at: int, end: int) -> int | None:
        """label: third class, class 2"""
        stream = self._stream
        place = stream.after_fillers(end, marks=True)
        if (found := stream.term(place, ORDINAL)) and found[0].isdecimal():
            number, place, ordinal = int(found[0]), found[1], True
        else:
            if word := stream.term(place, QUANTITY):
                place = word[1] if word[0] == "class" else place
            whole = stream.whole(place)
            if whole is None:
                return None
            number, place, ordinal = whole, place + 1, False
        if (word := stream.term(place, QUANTITY)) and word[0] == "class":
            place = word[1]
        self._sheet.data.append(Datum(facts.CLASS, stream.start(at), None, None, number, ordinal))
        return place

    def _ordinal(self, which: str, at: int, end: int) -> int | None:
        """third class, first hidden layer; the last column is the bias"""
        stream = self._stream
        if rows := stream.term(end, ROWS):
            place = stream.after_fillers(rows[1], marks=True)
            found = stream.term(place, QUANTITY)
            if found and found[0] in ("biases", "thresholds") and which in ("1", "last"):
                self._sheet.bias_rows = rows[0], which == "last"
                return found[1]
        if not which.isdecimal():
            return None
        number = int(which)
        if (word := stream.term(end, QUANTITY)) and word[0] == "class":
            self._sheet.data.append(Datum(facts.CLASS, stream.start(at), None, None, number, True))
            return word[1]
        if (role := stream.term(end, ROLE)) and role[0] == "hidden":
            return self.layers.role(f"hidden{number}", at, role[1])
        return None

    def _data(self, quantity: str, at: int, end: int) -> int:
        """Inputs: 0.05, 0.10; target 1; targets: o1 = 0.01, o2 = 0.99"""
        stream = self._stream
        kind = _DATA[quantity]
        place = stream.after_fillers(end, marks=True)
        if stream.kind(place) == NAME and stream.kind(place + 1) in (IS, COMMA, OPEN):
            self.heading = kind
            if kind == facts.TARGET and (read := self.class_value(at, place)):
                return read
            return end
        if stream.kind(place) in (SHAPE, LAYERS):
            return end
        if kind == facts.TARGET and stream.kind(place) in (NAME, MIXED):
            return self.class_value(at, place) or end
        if kind == facts.INPUT and (after := self.layers.counted_inputs(at, place)):
            return after
        read_array = stream.arrays.array(place, is_list=True, is_data=True)
        if read_array is None:
            self.heading = kind
            return end
        array, after = read_array
        if kind == facts.INPUT and array.depth == 0 and self._is_of_biases(at):
            self._sheet.bias_input = array.numbers[0].value
        else:
            self._sheet.data.append(Datum(kind, stream.start(at), None, array))
        return after

    def _is_of_biases(self, at: int) -> bool:
        """Whether the line has said before that this input is that of thresholds or biases."""
        source, start = self._stream.source, self._stream.start(at)
        line = source.text[max(source.line_start(source.line_of(start)), start - 80) : start]
        return bool(_OF_BIASES.search(line))

    def _of_layer(self, role: str, at: int, end: int) -> int | None:
        """hidden weights = [[…]], output bias: 0.1"""
        found = self._stream.term(end, QUANTITY)
        if found is None or found[0] not in ("weights", "biases", "thresholds"):
            return None
        after = self._parameters(found[0], at, found[1], role)
        return after if after != found[1] else None

    def _parameters(self, quantity: str, at: int, end: int, label: str = "") -> int | None:
        """bias 0.1, biases are 0, bias of h1 = 0.35, weights = [[…]], no value: bias b1 = …"""
        stream = self._stream
        place = stream.after_fillers(end, marks=True)
        if quantity != "weights" and (found := stream.term(place, MISSING, NO)):
            self._sheet.no_bias = Said(quantity, stream.start(at))
            return found[1]
        if quantity != "weights" and (found := stream.term(place, CONVENTION)):
            self._sheet.conventions.append(Said(found[0], stream.start(at)))
            return found[1]
        place = self._other_parameters(place, {quantity}) if quantity == "weights" else place
        if found := stream.term(place, ALL):
            place = stream.after_fillers(found[1], marks=True)
        if stream.kind(place) == NAME and stream.kind(place + 1) == IS and quantity != "weights":
            if stream.name(place).base.lower() in ("b", "bias", "θ", "w", "v", "u"):
                return end  # bias b1 = 0.35: the name says which
            label, place = stream.name(place).key, place + 2
        elif not label and (role := stream.term(place, ROLE)) and role[0] != "all":
            label, place = role[0], stream.after_fillers(role[1], marks=True)
        read = self._zero(place) or stream.arrays.array(place, is_list=quantity != "weights")
        if read is None:
            return end
        array, after = read
        name = SheetName(stream.text(at), "W" if quantity == "weights" else "b", label)
        is_threshold = quantity == "thresholds"
        given = Given(name, array, stream.start(at), None, self.group, False, is_threshold)
        if array.depth or (label and quantity != "weights"):
            (self._sheet.weights if quantity == "weights" else self._sheet.biases).append(given)
        else:
            self._set_all(quantity, SaidNumber(array.numbers[0].value, stream.start(at)))
        return after

    def _other_parameters(self, place: int, quantities: set[str]) -> int:
        """Read “and biases” after “weights” into a set; return the index of the next token."""
        stream = self._stream
        while True:
            after = stream.after_fillers(place, marks=True)
            found = stream.term(after, QUANTITY)
            is_other = found and found[0] in ("weights", "biases", "thresholds")
            if found is None or not is_other or found[0] in quantities:
                return after
            quantities.add(found[0])
            place = found[1]

    def _all(self, at: int, end: int) -> int | None:
        """All weights and biases 0.1; all weights w_ca, w_cb = 0.1"""
        stream = self._stream
        quantities: set[str] = set()
        place = self._other_parameters(end, quantities)
        if not quantities:
            return None
        if found := stream.term(place, ALL):
            place = stream.after_fillers(found[1], marks=True)
        read = self._zero(place) or stream.arrays.array(place)
        if read is None or read[0].depth:
            return place
        for quantity in sorted(quantities):
            self._set_all(quantity, SaidNumber(read[0].numbers[0].value, stream.start(at)))
        return read[1]

    def _zero(self, at: int) -> tuple[Array, int] | None:
        """Read a number that is a word: biases are zero"""
        found = self._stream.term(at, NUMERAL)
        if found is None or self._stream.text(at).lower() in ARTICLES:
            return None
        number = ReadNumber(float(found[0]), self._stream.start(at), "")
        return scalar(number), found[1]

    def _set_all(self, quantity: str, setting: SaidNumber) -> None:
        field_name = "all_weights" if quantity == "weights" else "all_biases"
        known = getattr(self._sheet, field_name)
        if known is not None and known.value != setting.value:
            if quantity != "weights":  # one for each layer
                for each in (known, setting):
                    self._note_bias(each)
                setattr(self._sheet, field_name, None)
                return
            raise self._stream.source.second_value(
                Remark.of(N_("weights")), setting.start, known.start
            )
        setattr(self._sheet, field_name, setting)

    def _note_bias(self, setting: SaidNumber) -> None:
        number = ReadNumber(setting.value, setting.start, "")
        array = scalar(number)
        self._sheet.biases.append(Given(SheetName("bias", "b"), array, setting.start))

    def _no(self, at: int, end: int) -> int | None:
        stream = self._stream
        place = stream.after_fillers(end)
        if found := stream.term(place, QUANTITY):
            if found[0] in ("biases", "thresholds"):
                self._sheet.no_bias = Said(found[0], stream.start(at))
                return found[1]
            if found[0] == "momentum":
                return found[1]
        if (role := stream.term(place, ROLE)) and role[0] == "hidden":
            self._sheet.counts["hidden"] = []
            return role[1]
        return None

    def end_sentence(self) -> None:
        """Note that a sentence or a line ends."""
        self.heading = ""
        self.layers.end_sentence()
