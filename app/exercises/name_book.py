"""What an exercise sheet calls its quantities, and where its numbers differ from those of a network.

Sheets write `w5`, `w46` or `w'11` for the same weight, `Err` for δ or for −δ, and θ for a bias that
is added or for a threshold that is subtracted. `WorkingConventions` says which; `meaning` reads a name, and
`name_of` writes one. Names are read whatever their case, blanks and underscores are.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, TypeVar

from app.backprop.addresses import address, layer_letter, parse
from app.backprop.conventions import CONSECUTIVE, DECK, NUMBERED, NUMBERINGS, Conventions
from app.backprop.functions import UPDATE_RULES
from app.backprop.network import Shape
from app.backprop.quantity_names import PRIME, parameter_name, symbol, unit_name
from app.backprop.steps import steps_of

VALUE, CHANGE, GIVEN = "value", "change", "given"  # what a name is of: see `Meaning.of`

LONGEST_NAME = 100  # letters
HALF = 0.5
_HALVED = frozenset(
    "output_error error error_slope delta weight_gradient bias_gradient weight_sum bias_sum".split()
)


class Meaning(NamedTuple):
    """What a name means: the sheet's number is `scale` times the result at an address."""

    address: str  # of the result of a step; of a weight or bias, its new value is meant
    # `value`; `change` (Δw: the new value less the old one); or `given`: no result, but something
    # that the iteration starts from, such as x1 or the old w5.
    of: str = VALUE
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class WorkingConventions(Conventions):
    """The conventions of a working, which may differ from those of its network.

    With another numbering, names that only that one explains are read by it.
    """

    # The mean of the squares is E = 1/2n Σ and its derivative 1/n, not 1/n and 2/n. Only for
    # `mean_squared`; the learning rate of the network is then half of the sheet's.
    halved_mean: bool = False

    @classmethod
    def of(cls, own: Conventions, *, halved_mean: bool = False) -> "WorkingConventions":
        """Those of a network, say."""
        signs = own.minus_delta, own.thresholds
        return cls(own.numbering, *signs, own.names, halved_mean=halved_mean)

    def meaning(self, name: str, shape: Shape) -> Meaning | None:
        """What a name means in a network; None if nothing of it is called like this."""
        plain = plain_name(name) if len(name) <= LONGEST_NAME else ""
        found = _book(shape, self).meaning(plain)
        return found and self._scaled(found, shape)

    def name_of(self, text: str, shape: Shape) -> str:
        """What the sheet calls the quantity at an address: w5, w46, θ4, Err6, net_h1."""
        return symbol(text, _book(shape, self).named_shape)

    def at(self, text: str, shape: Shape) -> Meaning:
        """What the sheet's number for the result at an address is."""
        if self.is_of(shape.named) and not self.halved_mean:
            return Meaning(text)
        found = self.meaning(self.name_of(text, shape), shape)
        return Meaning(text, scale=found.scale) if found else Meaning(text)

    def is_of(self, own: Conventions) -> bool:
        """Whether these are the conventions of a network."""
        return self == WorkingConventions.of(own, halved_mean=self.halved_mean)

    def _scaled(self, found: Meaning, shape: Shape) -> Meaning:
        kind = found.address.partition("/")[0]
        if self.halved_mean and shape.error == "mean_squared" and kind in _HALVED:
            return found._replace(scale=found.scale * HALF)
        return found


def guessed(
    names: Iterable[str], shape: Shape, conventions: WorkingConventions
) -> WorkingConventions:
    """The conventions with the numbering that names suggest: those of a sheet with a w5, or with a
    unit 6 where no layer has as many."""
    book = _book(shape, conventions)
    plain = (plain_name(name) for name in names if len(name) <= LONGEST_NAME)
    found = {book.numbering_of(name) for name in plain}
    for numbering in (CONSECUTIVE, NUMBERED):
        if numbering in found:
            return replace(conventions, numbering=numbering)
    return conventions


# Names, whatever way they are typed.

_SPELLED = {
    **dict.fromkeys("Δ∆", "chg"),
    **dict.fromkeys("∂𝜕𝛛", "d"),
    **dict.fromkeys("′’`´ʹ‘ʼ", PRIME),
    **{"″": PRIME * 2, "‴": PRIME * 3, "ŷ": "yhat", "Ŷ": "yhat", "\u0302": "hat"},
    **{"δ": "delta", "θ": "theta", "Θ": "theta", "σ": "sigma", "∇": "grad", "Σ": "sum", "η": "eta"},
    **{"α": "alpha", "²": "^2", "³": "^3", "¹": "^1", "⁴": "^4", "→": "", "➔": "", "⟶": ""},
}
_SPELLING = str.maketrans(_SPELLED)
_SUPERSCRIPT = re.compile(r"(?:_\{?(\w+?)\}?)?\^[(\[{]*(\d)[)\]}]*(?:_?\{?(\d*)\}?)")
_ROUTE = re.compile(r"\s*\([^()]*(?:->|→)[^()]*\)")  # the second name of w1 (x1→h1)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{(.+)\}\s*\{(.+)\}")
_HAT = re.compile(r"\\hat\s*\{?(\w)\}?")
_COMMAND = re.compile(r"\\([A-Za-z]+|,)")
_COMMANDS = {
    **dict.fromkeys(("mathrm", "text", "mathit", "mathbf", "operatorname", ","), ""),
    **{"partial": "∂", "Delta": "Δ", "Sigma": "Σ", "prime": PRIME, "to": "", "rightarrow": ""},
}
_NEGLECTED = re.compile(r"->|=>|[\s_{}()\[\]\\$|,·*^-]+")


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name without what may be typed in one way or another: `∂E/∂w_{5}` is `de/dw5`.

    A layer above the line goes before the unit below it: `w^(1)_{11}` is `w111`.
    """
    text = _without_latex(name) if "\\" in name else name
    text = _ROUTE.sub("", text)
    text = unicodedata.normalize("NFC", text).translate(_SPELLING)
    text = _SUPERSCRIPT.sub(lambda m: f"{m[2]}{m[1] or m[3] or ''}", text)
    text = unicodedata.normalize("NFKC", text).lower()
    text = _NEGLECTED.sub("", text)
    return text.replace("delta", "d") if "/" in text else text


def _without_latex(name: str) -> str:
    name = _FRACTION.sub(r"\1/\2", name)
    name = _HAT.sub(r"\1hat", name)
    return _COMMAND.sub(lambda m: _COMMANDS.get(m[1], m[1]), name)


_ERRORS = "e etotal totale error totalerror loss l cost c j mse 오차 총오차 전체오차 손실".split()
_OUTPUT_ERRORS = "e error etotal loss 오차".split()  # before the name of an output
_NETS = "net z in netinput s sum 가중합 순입력".split()
_OUTS = "out o a output act activation".split()
_DELTAS = ("delta", "d", "chg", "델타", "오차신호")
_SLOPES = ("f'", "sigma'", "g'", "phi'", "sigmoid'", "slope")
_FUNCTIONS = ("f", "sigma", "g", "phi", "sigmoid", "tanh", "relu")
_NEW_BEFORE = ("new", "updated", "next", "새로운", "갱신된", "갱신", "새")
_NEW_AFTER = ("new", "neu", "updated", "next", "t+1", "+", PRIME, "새", "갱신")
_OLD = ("old", "alt", "이전", "기존")
_SQUARES = tuple(rule.name for rule in UPDATE_RULES.values() if rule.is_square)  # or end in them
_GIVEN = ("lr", "eta", "alpha", "learningrate", "학습률")

Unit = tuple[int, int]  # layer and unit
T = TypeVar("T")


@lru_cache(maxsize=64)
def _results(shape: Shape) -> frozenset[str]:
    return frozenset(step.result for step in steps_of(shape))


@lru_cache(maxsize=64)
def _book(shape: Shape, conventions: WorkingConventions) -> "_NameBook":
    return _NameBook(shape, conventions)


class _NameBook:
    """The names of the units and parameters of a network, and how other names are made of them."""

    def __init__(self, shape: Shape, conventions: WorkingConventions) -> None:
        self.conventions = conventions
        self.shape = replace(shape, conventions=None)
        own = shape.named
        # Signs of what the network has in place of δ and b, and of Err and θ as the sheet means them.
        self.delta_sign = -1.0 if own.minus_delta else 1.0
        self.err_sign = -1.0 if own.minus_delta != conventions.minus_delta else 1.0
        self.bias_sign = -1.0 if own.thresholds else 1.0
        self.threshold_sign = -1.0 if own.thresholds != conventions.thresholds else 1.0
        self.last = shape.depth - 1
        self.results = _results(shape)
        sheet = Conventions(
            conventions.numbering,
            conventions.minus_delta,
            conventions.thresholds,
            conventions.names,
        )
        self.named_shape = replace(shape, conventions=sheet)
        # As the deck writes them: among them what the optimiser keeps, such as v(w11).
        self.symbols = {plain_name(symbol(text, self.shape)): text for text in self.results}
        names = {plain_name(name): text for name, text in conventions.names}
        self.own_units = {
            name: _unit(text) for name, text in names.items() if text.startswith("out/")
        }
        self.own_parameters = {
            name: text for name, text in names.items() if not text.startswith("out/")
        }
        others = [each for each in NUMBERINGS if each != conventions.numbering]
        order = (conventions.numbering, *others)
        self.units = _by_rank([self.own_units, *(dict(self._units(each)) for each in order)])
        self.numbered_units = dict(self._units(CONSECUTIVE))
        self.weights = [(each, dict(self._weights(each))) for each in order]
        self.biases = [(each, dict(self._biases(each))) for each in order]
        self.parameters = _by_rank(
            [
                self.own_parameters,
                *(names for _, names in self.weights),
                *(names for _, names in self.biases),
            ]
        )
        self.thresholds = {
            name.replace("b", "theta", 1): text
            for name, text in _by_rank([names for _, names in self.biases]).items()
        }

    # The names of units.

    def _units(self, numbering: str) -> Iterator[tuple[str, Unit]]:
        """The names of units after the inputs, after a kind: `h1` in net_h1, `4` in net_4."""
        numbers = dict(self._numbers())
        inputs = self.shape.layers[0]
        if numbering == DECK:
            for at in numbers:
                layer, unit = at
                yield unit_name(layer, unit, self.shape).lower(), at
                if layer == self.last:
                    yield f"y{unit + 1}", at
                    yield f"yhat{unit + 1}", at
                    yield f"출력{unit + 1}", at
                elif self.last == 2:
                    yield f"hidden{unit + 1}", at
                    yield f"은닉{unit + 1}", at
                yield f"{layer}{unit + 1}", at
                if self.shape.layers[layer] == 1:
                    letter = layer_letter(layer, self.shape.depth).lower()
                    yield letter, at
                    if layer == self.last:
                        yield from ((name, at) for name in ("y", "yhat", "out", "output", "출력"))
        elif numbering == CONSECUTIVE:
            yield from ((f"{number}", at) for at, number in numbers.items())
        else:
            yield from ((f"{number - inputs}", at) for at, number in numbers.items())

    def _numbers(self) -> Iterator[tuple[Unit, int]]:
        """Every unit after the inputs with its number, if all units are numbered from 1."""
        number = self.shape.layers[0]
        for layer in range(1, self.last + 1):
            for unit in range(self.shape.layers[layer]):
                number += 1
                yield (layer, unit), number

    def _usual(self, numbering: str, kind: str, *indices: int) -> str:
        """The name of a weight or bias that a numbering gives it."""
        named = replace(self.shape, conventions=Conventions(numbering))
        return plain_name(parameter_name(kind, indices, named).text)

    # The names of parameters.

    def _weights(self, numbering: str) -> Iterator[tuple[str, str]]:
        shape = self.shape
        for layer, source, target in shape.weight_indices():
            text = address("weight", layer, source, target)
            if numbering != DECK:
                yield self._usual(numbering, "weight", layer, source, target), text
            else:
                pair = f"{source + 1}{target + 1}"
                yield f"w{PRIME * layer}{pair}", text
                yield f"w{layer + 1}{pair}", text
                if layer == 1 == self.last - 1:
                    yield f"v{pair}", text
                to = unit_name(layer + 1, target, shape).lower()
                for of in _sources(layer, source, shape):
                    yield f"w{of}{to}", text

    def _biases(self, numbering: str) -> Iterator[tuple[str, str]]:
        shape = self.shape
        for indices in shape.bias_indices():
            text = address("bias", *indices)
            layer, *units = indices
            if not units:
                if numbering == DECK:
                    yield f"b{layer + 1}", text
                    yield f"b{layer_letter(layer + 1, shape.depth)}".lower(), text
                continue
            [unit] = units
            if numbering != DECK:
                usual = self._usual(numbering, "bias", layer, unit)
                yield usual, text
                if numbering == CONSECUTIVE:
                    yield usual.replace("b", "w0", 1), text
            else:
                yield f"b{unit_name(layer + 1, unit, shape)}".lower(), text
                yield f"b{layer + 1}{unit + 1}", text
                yield f"b{PRIME * layer}{unit + 1}", text
                yield f"w{PRIME * layer}0{unit + 1}", text
                if shape.layers[layer + 1] == 1:
                    yield f"b{layer_letter(layer + 1, shape.depth)}".lower(), text
        if numbering == DECK and sum(shape.bias_counts) == 1:
            yield "b", text

    # Reading.

    def meaning(self, name: str) -> Meaning | None:
        """What a plain name means."""
        readers = (
            *(self._parameter, self._derivative, self._error, self._of_unit),
            *(self._state, self._symbol, self._given, self._net_input),
        )
        return next((found for read in readers if (found := read(name))), None)

    def numbering_of(self, name: str) -> str | None:
        """The numbering that a plain name belongs to, if it is no other one's: that of w5 or w46."""
        core = self._core(name)
        for tables in (self.weights, self.biases):
            known = [numbering for numbering, names in tables if core in names]
            if known and known[0] != self.conventions.numbering:
                return known[0]
        units = [each for each in NUMBERINGS if self._number_in(each, name)]
        return CONSECUTIVE if units == [CONSECUTIVE] else None

    def _core(self, name: str) -> str:
        """A weight or bias without what is said of it: of `newb1`, `de/dtheta1` or `b1'`, `b1`."""
        if "/d" in name:
            name = name.partition("/d")[2]
        name = name.replace("theta", "b").removeprefix("chg").removeprefix("grad")
        for before in _NEW_BEFORE:
            name = name.removeprefix(before)
        return next(
            (name.removesuffix(each) for each in (*_NEW_AFTER, *_OLD) if name.endswith(each)), name
        )

    def _number_in(self, numbering: str, name: str) -> bool:
        """Whether a name ends in a number, and by that of a unit."""
        found = re.fullmatch(r"[^\d/]+?(\d+)", name)
        kinds = (*_NETS, *_OUTS, *_DELTAS, "err")
        if not found or name.removesuffix(found[1]) not in kinds:
            return False
        return found[1] in dict(self._units(numbering))

    def _symbol(self, name: str) -> Meaning | None:
        """As the deck writes it."""
        text = self.symbols.get(name)
        return Meaning(text, scale=self._state_scale(text, self.bias_sign)) if text else None

    def _parameter(self, name: str) -> Meaning | None:
        """w5, w5_new, new w5, 새 w5, w5', Δw5 and w5_old; θ4."""
        text, scale = self._parameter_at(name)
        if text:
            return Meaning(text, scale=scale)
        for mark in _NEW_BEFORE:
            text, scale = self._parameter_at(name.removeprefix(mark))
            if text and name.startswith(mark):
                return Meaning(text, scale=scale)
        for mark in _NEW_AFTER:
            text, scale = self._parameter_at(name.removesuffix(mark))
            if text and name.endswith(mark):
                return Meaning(text, scale=scale)
        for mark in _OLD:
            text, scale = self._parameter_at(name.removesuffix(mark).removeprefix(mark))
            if text and mark in name:
                return Meaning(text, GIVEN, scale)
        for mark in ("chg", "delta"):
            text, scale = self._parameter_at(name.removeprefix(mark))
            if text and name.startswith(mark):
                return Meaning(text, CHANGE, scale)
        return None

    def _parameter_at(self, name: str) -> tuple[str, float]:
        text = self.parameters.get(name) or self.thresholds.get(name, "")
        if not text.startswith("bias"):
            return text, 1.0
        return text, self.threshold_sign if name.startswith("theta") else self.bias_sign

    def _derivative(self, name: str) -> Meaning | None:
        """∂E/∂w5, ∂E/∂out_o1, ∂E/∂net_h1, ∂out/∂net; also dw5 and the gradient of w5."""
        above, over, below = name.partition("/")
        if not over:
            for mark in ("gradient", "grad", "그래디언트", "d"):
                text, scale = self._parameter_at(name.removeprefix(mark))
                if text and name.startswith(mark):
                    return self._gradient(text, scale)
            return self._slope(name)
        if not (above.startswith("d") and below.startswith("d")):
            return None
        above, below = above[1:], below[1:]
        own_error = self._output_error(above)
        if above in _ERRORS or own_error:
            text, scale = self._parameter_at(below)
            if text and (above in _ERRORS or self.shape.layers[-1] == 1):
                return self._gradient(text, scale)
            unit = self._unit_of(below, _NETS)
            kind = "delta" if unit else "error_slope"
            unit = unit or self._unit_of(below, ("", *_OUTS))
            if own_error and unit != (self.last, own_error[0]):
                return None
            return self._result(kind, unit)
        unit = self._unit_of(below, _NETS)
        matches = above in _OUTS or (unit and self._unit_of(above, ("", *_OUTS)) == unit)
        return self._result("activation_slope", unit) if matches else None

    def _gradient(self, text: str, scale: float) -> Meaning | None:
        kind, _, indices = text.partition("/")
        result = f"{kind}_gradient/{indices}"
        return Meaning(result, scale=scale) if result in self.results else None

    def _slope(self, name: str) -> Meaning | None:
        """f'(net_h1)"""
        for mark in _SLOPES:
            if name.startswith(mark):
                at = self._unit_of(name.removeprefix(mark), ("", *_NETS, *_OUTS))
                return self._result("activation_slope", at)
        return None

    def _error(self, name: str) -> Meaning | None:
        """E, and E_o1"""
        if name in _ERRORS:
            return Meaning("error")
        own = self._output_error(name)
        return Meaning(address("output_error", *own)) if own else None

    def _output_error(self, name: str) -> tuple[int] | None:
        for mark in _OUTPUT_ERRORS:
            if not name.startswith(mark):
                continue
            rest = name.removeprefix(mark)
            if rest.isdecimal() and 1 <= int(rest) <= self.shape.layers[-1]:
                return (int(rest) - 1,)
            at = self.units.get(rest)
            if at and at[0] == self.last and not rest.isdecimal():
                return (at[1],)
        return None

    def _of_unit(self, name: str) -> Meaning | None:
        """net_h1, z1, out_o1, a1, h1, f(net_h1), δ_o1, Err_6"""
        if name.startswith("err"):
            found = self._result("delta", self.units.get(name[3:]))
            return found and found._replace(scale=self.err_sign)
        if (at := self.units.get(name)) and not self._is_numbered(name):
            return self._result("out", at) if not name.isdecimal() else None
        for kind, marks in (("net", _NETS), ("delta", _DELTAS), ("out", _OUTS)):
            if at := self._unit_of(name, marks):
                return self._result(kind, at)
        for mark in _FUNCTIONS:
            if name.startswith(mark) and (at := self._unit_of(name.removeprefix(mark), _NETS)):
                return self._result("out", at)
        return None

    def _is_numbered(self, name: str) -> bool:
        """Whether o3 is the out of unit 3, and not output 3."""
        return (
            self.conventions.numbering == CONSECUTIVE
            and name[:1] == "o"
            and (name[1:] in self.numbered_units)
        )

    def _unit_of(self, name: str, marks: Sequence[str]) -> Unit | None:
        """The unit of a name after one of these marks, the longest first; `in1` is an input."""
        if "" in marks and name in self.units and not self._is_numbered(name):
            return None if name.isdecimal() else self.units[name]
        for mark in sorted(filter(None, marks), key=len, reverse=True):
            rest = name.removeprefix(mark)
            is_input = mark == "in" and rest.isdecimal()
            if name.startswith(mark) and not is_input and (at := self.units.get(rest)):
                return at
        return None

    def _result(self, kind: str, at: Unit | None) -> Meaning | None:
        text = address(kind, *at) if at else ""
        scale = self.delta_sign if kind == "delta" else 1.0
        return Meaning(text, scale=scale) if text in self.results else None

    def _state(self, name: str) -> Meaning | None:
        """v(w11) with the sheet's name of the weight, such as v(w5)."""
        for parameter, text in (*self.parameters.items(), *self.thresholds.items()):
            if name.endswith(parameter) and len(name) > len(parameter):
                usual = plain_name(symbol(text, self.shape))
                found = self.symbols.get(name.removesuffix(parameter) + usual)
                if found:
                    _, sign = self._parameter_at(parameter)
                    return Meaning(found, scale=self._state_scale(found, sign))
        return None

    def _state_scale(self, text: str, sign: float) -> float:
        """The sign of what is kept of a parameter with a sign: a mean of squares has none."""
        kind = text.partition("/")[0]
        has_sign = kind.startswith("bias_") and not kind.endswith(_SQUARES)
        return sign if has_sign else 1.0

    def _given(self, name: str) -> Meaning | None:
        """x1, t1 and the learning rate: no results."""
        if name in _GIVEN:
            return Meaning("learning_rate", GIVEN)
        for marks, kind, count in (
            (("x", "i", "in", "outx", "input", "입력"), "out/0", self.shape.layers[0]),
            (("t", "target", "목표값"), "target", self.shape.layers[-1]),
        ):
            for mark in marks:
                rest = name.removeprefix(mark) or "1"
                if name.startswith(mark) and rest.isdecimal() and 1 <= int(rest) <= count:
                    return Meaning(f"{kind}/{int(rest) - 1}", GIVEN)
        return None

    def _net_input(self, name: str) -> Meaning | None:
        """I_4, the net of unit 4."""
        rest = name.removeprefix("i")
        return self._result("net", self.numbered_units.get(rest)) if rest != name else None


def _sources(layer: int, unit: int, shape: Shape) -> Iterator[str]:
    yield unit_name(layer, unit, shape).lower()
    if layer == 0:
        yield f"i{unit + 1}"


def _unit(text: str) -> Unit:
    _, (layer, unit) = parse(text)
    return layer, unit


def _by_rank(tables: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """One table of several, where a name has its first meaning."""
    found: dict[str, T] = {}
    for table in tables:
        found = {**table, **found}
    return found
