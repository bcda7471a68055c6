"""Precompiled templates: a page is rendered in two stages, so that a step costs microseconds.

The elements, the highlights and the words depend on the shape, the cursor and the language alone.
They are rendered once, with placeholders for the numbers (`precompile`); each step only fills these
(`PrecompiledTemplate.render`). A template prints a placeholder as it would print a number.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from operator import itemgetter, mul, sub
from sys import intern
from typing import Any

from app.view.rendering.digits import DIGITS, FOUR, Digits
from app.view.rendering.numbers import Writer

Picker = Callable[[Sequence[Any]], tuple[Any, ...]]
Derived = tuple[
    str, tuple[int, ...]
]  # an operation of `OPERATIONS`, and the indices of its numbers

DIGITS_OF = "~"  # in a key, before the name of the digits that a number has in any case
OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters: they appear in no text of ours
MARK = re.compile(f"{OPEN}(.*?){CLOSE}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder: for a number, its format and its index among the numbers (`short:3`, or with
    other digits than the visitor's `short~6:3`); for a text, which is escaped already, its name.
    """

    key: str

    def __html__(self) -> str:
        return f"{OPEN}{self.key}{CLOSE}"

    __str__ = __html__


def _largest(*those: float) -> float:
    return max((abs(each) for each in those if isfinite(each)), default=0.0)


def _share(number: float, largest: float) -> float:
    return number / largest if largest and isfinite(number) else 0.0


# The first derived number has the index −1, the second −2: they stand behind all others.
OPERATIONS: dict[str, Callable[..., float]] = {
    "product": mul,
    "negative": lambda number: 0.0 - number,
    "difference": sub,
    "largest": _largest,
    "share": _share,
}


@dataclass(frozen=True, slots=True)
class PrecompiledTemplate:
    """A rendered text with placeholders, in UTF-8."""

    parts: tuple[bytes, ...]  # the text, with an empty entry for each placeholder
    numbers: tuple[tuple[Writer, Picker], ...]  # for each format, which numbers it writes
    names: tuple[str, ...]  # of the text placeholders
    keys: tuple[str, ...]  # of all placeholders, in the order of the text
    order: Picker  # of the written numbers, then the texts: which one each placeholder takes
    derived: tuple[Derived, ...] = ()  # numbers that are computed from the others
    digits: Digits = FOUR

    @property
    def size(self) -> int:
        """About how many bytes it takes: the text, and a pointer and an object for each part."""
        return sum(len(part) for part in self.parts) + 48 * len(self.parts)

    @property
    def text(self) -> str:
        """The text with its placeholders, as it was given to `precompile`."""
        between = [part.decode() for part in self.parts[::2]]
        marks = [str(Placeholder(key)) for key in self.keys] + [""]
        return "".join(text + mark for text, mark in zip(between, marks, strict=True))

    def render(self, numbers: Sequence[float], texts: Mapping[str, str]) -> bytes:
        numbers = self.complete(numbers)
        strings: list[bytes] = []
        for write, pick in self.numbers:
            strings += write(pick(numbers))
        strings += [texts[name].encode() for name in self.names]
        parts = list(self.parts)
        parts[1::2] = self.order(strings)
        return b"".join(parts)

    def filled(
        self, numbers: Sequence[float], texts: Mapping[str, str], is_common: Callable[[str], bool]
    ) -> "PrecompiledTemplate":
        """Return the template with all numbers filled in, and the texts that `is_common` names."""
        known = {
            each: texts[each] if is_common(each) else str(Placeholder(each)) for each in self.names
        }
        return precompile(self.render(numbers, known).decode())

    def complete(self, numbers: Sequence[float]) -> Sequence[float]:
        """The numbers and those that are derived from them."""
        return _derivation(self.derived)(numbers) if self.derived else numbers


@lru_cache(maxsize=2048)
def _derivation(derived: tuple[Derived, ...]) -> Callable[[Sequence[float]], Sequence[float]]:
    """A function that adds these numbers to others: compiled, it takes a tenth of the time."""
    names: list[str] = []
    for operation, slots in derived:
        those = ", ".join(f"n[{slot}]" if slot >= 0 else f"d{-1 - slot}" for slot in slots)
        names.append(f"d{len(names)} = {operation}({those})")
    added = ", ".join(f"d{index}" for index in reversed(range(len(names))))
    source = "\n    ".join(("def complete(n):", *names, f"return (*n, {added})"))
    code: dict[str, Any] = dict(OPERATIONS)
    exec(source, code)
    complete: Callable[[Sequence[float]], Sequence[float]] = code["complete"]
    return complete


def precompile(
    rendered: str, derived: Sequence[Derived] = (), digits: Digits = FOUR
) -> PrecompiledTemplate:
    """Compiles a rendered text that contains placeholders."""
    split = MARK.split(rendered)
    return _template([part.encode() for part in split[::2]], split[1::2], digits, derived)


def join(templates: Sequence[PrecompiledTemplate]) -> PrecompiledTemplate:
    """One template of several with the same digits, which writes the numbers of each format at once."""
    texts, keys = [b""], list[str]()
    for template in templates:
        first, *others = template.parts[::2]
        texts[-1] += first
        texts += others
        keys += template.keys
    return _template(texts, keys, templates[0].digits)


def _template(
    texts: Sequence[bytes],
    keys: Sequence[str],
    digits: Digits,
    derived: Sequence[Derived] = (),
) -> PrecompiledTemplate:
    """The template of some texts, and of the placeholders between them by their keys."""
    slots: dict[str, list[int]] = {}
    for key in sorted({key for key in keys if ":" in key}):
        name, slot = key.split(":")
        slots.setdefault(name, []).append(int(slot))
    names = sorted({key for key in keys if ":" not in key})
    strings = [f"{name}:{slot}" for name in slots for slot in slots[name]] + names
    positions = {key: index for index, key in enumerate(strings)}
    parts = [b""] * (2 * len(texts) - 1)
    parts[::2] = texts
    return PrecompiledTemplate(
        parts=tuple(parts),
        numbers=tuple((_writer(name, digits), _picker(those)) for name, those in slots.items()),
        names=tuple(names),
        keys=tuple(map(intern, keys)),  # many templates have the same ones
        order=_picker([positions[key] for key in keys]),
        derived=tuple(derived),
        digits=digits,
    )


def _writer(name: str, digits: Digits) -> Writer:
    format, _, own = name.partition(DIGITS_OF)
    return (DIGITS[own] if own else digits).formats[format]


def _picker(indices: Sequence[int]) -> Picker:
    """A function that returns these items of a sequence as a tuple; in C for two or more."""
    if len(indices) > 1:
        return itemgetter(*indices)
    if indices:
        (only,) = indices
        return lambda items: (items[only],)
    return lambda items: ()
