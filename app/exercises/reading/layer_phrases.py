"""What a text says of layers in words: two hidden ReLU units, output linear, rows are inputs."""

from dataclasses import dataclass, field

from app.backprop.errors import N_
from app.backprop.network import UNITS as UNITS_OF_A_LAYER
from app.exercises.lexing.tokens import COLON, COMMA, IS, NAME
from app.exercises.lexing.vocabulary import (
    ACTIVATION,
    FILLER,
    LAYERS,
    NUMERAL,
    QUANTITY,
    ROLE,
    UNITS,
)
from app.exercises.reading.sheet import ActivationSaid, Into, RowsSaid, SaidNumber, Sheet
from app.exercises.reading.token_stream import TokenStream

MOST_LAYERS = 3  # of hidden units
ARTICLES = ("a", "an", "single", "ein", "eine", "einem", "einen", "einer", "한")


@dataclass(slots=True)
class _Clause:
    """What a clause says about activations: roles (R) and names (A) in their order."""

    items: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        return {kind for kind, _value, _start in self.items}


class LayerPhrases:
    """Reads them into a sheet. Each method returns the index of the next token."""

    def __init__(self, stream: TokenStream, sheet: Sheet) -> None:
        self._stream, self._sheet = stream, sheet
        self._clauses = [_Clause()]

    def check_size(self, size: int, start: int) -> None:
        """Raise Unreadable if a layer cannot have so many units."""
        if size not in UNITS_OF_A_LAYER:
            raise self._stream.source.problem(start, N_("A layer has 1 to 8 units."))

    def _count(self, role: str, number: float, start: int) -> None:
        self.check_size(int(number), start)
        self._sheet.counts.setdefault(role, []).append(SaidNumber(number, start))

    def activation(self, name: str, start: int) -> None:
        self._clauses[-1].items.append(("A", name, start))

    def count(self, at: int, number: int, end: int) -> int | None:
        """2 inputs; one hidden unit c; two hidden ReLU units; 4 neurons in the hidden layer"""
        stream = self._stream
        place, activation = end, ""
        place += stream.text(place).startswith("개")
        if found := stream.term(place, ACTIVATION):
            activation, place = found
        role = self._counted_role(place)
        if role is None:
            return None
        name, place, is_layer = role
        if found := stream.term(place, ACTIVATION):
            activation, place = found
            if after := self._counted_role(place):
                place = after[1]
            elif word := stream.term(place, UNITS):
                place = word[1]
        start = stream.start(at)
        if activation:
            said = ActivationSaid(activation, (name,), start)
            self._sheet.activations.append(said)
        if not is_layer:
            self._count(name, float(number), start)
            place = self._unit_names(name, place)
        elif name == "hidden":
            place = self._units_of_layers(number, place)
        return place

    def counted_inputs(self, at: int, place: int) -> int | None:
        """input 2, hidden 3, output 1: the numbers of units"""
        stream = self._stream
        number = stream.whole(place)
        if number is not None and stream.text(place + 1).startswith("개"):
            self._count("input", float(number), stream.start(at))
            return place + 2
        if number is None or stream.kind(place + 1) != COMMA:
            return None
        later = stream.term(place + 2, ROLE)
        if later is None or stream.whole(later[1]) is None or not stream.ends_clause(later[1] + 1):
            return None
        self._count("input", float(number), stream.start(at))
        return place + 1

    def article(self, at: int, end: int) -> int | None:
        """A number word that counts nothing: a network, a single neuron"""
        if word := self._stream.term(end, UNITS):
            return word[1]
        return end if self._stream.text(at).lower() in ARTICLES else None

    def _counted_role(self, at: int) -> tuple[str, int, bool] | None:
        """Return a role, the next token, and whether layers are counted and not units."""
        stream = self._stream
        if (found := stream.term(at, QUANTITY)) and found[0] == "inputs":
            name, place = "input", found[1]
        elif role := stream.term(at, ROLE):
            name, place = role
        elif word := stream.term(at, UNITS):
            place = stream.after_fillers(word[1])
            later = stream.term(place, ROLE)
            if later is None or later[0] == "all":
                return None
            return later[0], later[1], False  # 4 units in the hidden layer
        else:
            return None
        if name == "all":
            return None
        words = stream.source.text[stream.start(at) : stream.token(place - 1).end].lower()
        is_layer = any(part in words for part in ("layer", "schicht", "층")) and not any(
            part in words for part in ("노드", "뉴런", "유닛")
        )
        if word := stream.term(place, UNITS):
            return name, word[1], False
        return name, place, is_layer

    def _units_of_layers(self, layers: int, at: int) -> int:
        """two hidden layers with 4 and 3 units"""
        stream = self._stream
        place = stream.after_fillers(at)
        numbers: list[float] = []
        while len(numbers) < layers:
            if found := stream.term(place, NUMERAL):
                numbers.append(float(found[0]))
                place = found[1]
            elif (number := stream.whole(place)) is not None:
                numbers.append(float(number))
                place += 1
            else:
                break
            place = stream.after_fillers(place + (stream.kind(place) == COMMA))
        word = stream.term(place, UNITS)
        if not numbers or word is None or layers > MOST_LAYERS:
            return at
        if len(numbers) == 1:
            numbers *= layers
        for units in numbers:
            self._count("hidden", units, stream.start(at))
        return word[1]

    def _unit_names(self, role: str, at: int) -> int:
        """one hidden unit c; 2 inputs a and b"""
        stream = self._stream
        place, names = at, []
        while stream.kind(place) == NAME and stream.kind(place + 1) != IS:
            name = stream.name(place)
            if len(name.base) > 1 or stream.phrase(place):
                break
            names.append(name.key)
            place += 1
            joined = place + (stream.kind(place) == COMMA)
            joined = joined + (stream.text(joined) in ("and", "und", "와", "과"))
            if stream.kind(joined) == NAME and joined > place:
                nexts = stream.name(joined)
                if (
                    len(nexts.base) == 1
                    and not stream.phrase(joined)
                    and stream.kind(joined + 1) != IS
                ):
                    place = joined
        if names:
            self._sheet.units.setdefault(role, []).extend(names)
        return place

    def role(self, role: str, at: int, end: int) -> int:
        """hidden layer: 4 units; otherwise a part of what is said about activations"""
        stream = self._stream
        place = stream.after_fillers(end, marks=True)
        number, after = stream.whole(place), place + 1
        if number is None and (found := stream.term(place, NUMERAL)):
            number, after = int(found[0]), found[1]
        if number is not None:
            word = stream.term(after, UNITS)
            counted = stream.text(after).startswith("개") and not stream.text(end - 1).endswith(
                "층"
            )
            is_listed = "input" in self._sheet.counts and place == end and stream.ends_clause(after)
            has_colon = is_listed or any(
                stream.kind(each) in (IS, COLON) for each in range(end, place)
            )
            if word or counted or (has_colon and stream.ends_clause(after)):
                name = role.rstrip("0123456789") if role != "all" else "hidden"
                self._count(name, float(number), stream.start(at))
                self._clauses[-1].items.append(("R", role, stream.start(at)))
                return word[1] if word else after + counted
            if role == "hidden" and place == end:
                role, end = f"hidden{number}", after
        self._clauses[-1].items.append(("R", role, stream.start(at)))
        return end

    def into(self, at: int, end: int) -> int:
        """into two ReLU units, into a linear output"""
        stream = self._stream
        units: int | None = None
        activation: str | None = None
        place = end
        while not stream.ends_clause(place):
            found = stream.phrase(place)
            if (number := stream.whole(place)) is not None:
                units, place = number, place + 1
                continue
            if found is None:
                break
            term, place = found
            if term.kind == NUMERAL and units is None:
                units = int(term.value)
            elif term.kind == ACTIVATION:
                activation = term.value
            elif term.kind not in (ROLE, UNITS, LAYERS, FILLER, QUANTITY):
                break
        if units is not None:
            self.check_size(units, stream.start(at))
        self._sheet.intos.append(Into(units, activation, stream.start(at)))
        return place

    def rows(self, of: str, at: int, end: int) -> int | None:
        """rows: inputs; rows are hidden units; a column per input"""
        stream = self._stream
        place = stream.after_fillers(end, marks=True)
        if stream.text(place).lower() in ARTICLES:
            place = stream.after_fillers(place + 1)
        role = ""
        if (found := stream.term(place, QUANTITY)) and found[0] in ("inputs", "targets"):
            role, place = {"inputs": "input", "targets": "target"}[found[0]], found[1]
        elif (word := stream.term(place, ROLE)) and word[0] != "all":
            role, place = word
        elif stream.text(place).lower() in ("source", "sources", "sending", "previous"):
            role, place = "source", place + 1
        elif stream.text(place).lower() in ("destination", "receiving", "next", "target"):
            role, place = "target", place + 1
        elif units := stream.term(place, UNITS):
            role, place = "target", units[1]
        if not role:
            return None
        while units := stream.term(place, UNITS, LAYERS):
            place = units[1]
        matrix = len(self._sheet.weights) - 1
        self._sheet.rows.append(RowsSaid(of, role, matrix, stream.start(at)))
        return place

    def end_clause(self) -> None:
        """Note that a comma ends a clause."""
        if self._clauses[-1].items:
            self._clauses.append(_Clause())

    def end_sentence(self) -> None:
        """Note which activations the clauses of a sentence give to which layers."""
        clauses = [clause for clause in self._clauses if clause.items]
        self._clauses = [_Clause()]
        joined: list[_Clause] = []
        for clause in clauses:
            if joined and joined[-1].kinds == {"R"} and clause.kinds == {"A"}:
                joined[-1].items += clause.items
            else:
                joined.append(clause)
        for clause in joined:
            self._bind(clause)

    def _bind(self, clause: _Clause) -> None:
        items = clause.items
        names = [place for place, item in enumerate(items) if item[0] == "A"]
        roles = tuple(value for kind, value, _start in items if kind == "R")
        for order, place in enumerate(names):
            if len(names) == 1:
                own = roles
            elif names[0] == 0:
                stop = names[order + 1] if order + 1 < len(names) else len(items)
                own = tuple(items[each][1] for each in range(place + 1, stop))
            else:
                begin = names[order - 1] + 1 if order else 0
                own = tuple(items[each][1] for each in range(begin, place))
            said = ActivationSaid(items[place][1], own, items[place][2])
            self._sheet.activations.append(said)
