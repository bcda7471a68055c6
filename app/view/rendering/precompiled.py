"""Drawing a page in two stages, so that a step costs microseconds.

Which elements there are, which are lit and what the words say depends on the shape, the cursor and
the language alone: that is rendered once, with holes where numbers go (`precompile`). At each step only
the holes are filled (`PrecompiledTemplate.fill`). A template does not notice: it prints a hole as it would print
a number.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from app.view.rendering.numbers import FORMATS, Writer

Pick = Callable[[Sequence[Any]], tuple[Any, ...]]

_OPEN, _CLOSE = "\ue000", "\ue001"  # private-use characters: they appear in no text of ours
_MARK = re.compile(f"{_OPEN}(.*?){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A place for a number: the format it is written in, and its place among the numbers."""

    format: str
    slot: int

    def __html__(self) -> str:
        return f"{_OPEN}{self.format}:{self.slot}{_CLOSE}"

    __str__ = __html__


@dataclass(frozen=True, slots=True)
class TextPlaceholder:
    """A place for a text, by name; what fills it must be escaped already."""

    name: str

    def __html__(self) -> str:
        return f"{_OPEN}{self.name}{_CLOSE}"

    __str__ = __html__


@dataclass(frozen=True, slots=True)
class PrecompiledTemplate:
    """A rendered text with holes, in UTF-8: no text is joined first and encoded then.

    Attributes:
        parts: the text between the holes, with an empty place for each hole.
        numbers: for each format, what writes numbers in it, and which numbers are to be written.
        names: the text holes.
        order: which of the strings so made, and then of the texts, each hole takes.
    """

    parts: tuple[bytes, ...]
    numbers: tuple[tuple[Writer, Pick], ...]
    names: tuple[str, ...]
    order: Pick

    @property
    def size(self) -> int:
        """About how many bytes it takes: its text, and a pointer and an object for each part."""
        return sum(len(part) for part in self.parts) + 48 * len(self.parts)

    def render(self, numbers: Sequence[float], texts: Mapping[str, str]) -> bytes:
        """The finished text."""
        strings: list[bytes] = []
        for write, pick in self.numbers:
            strings += write(pick(numbers))
        strings += [texts[name].encode() for name in self.names]
        parts = list(self.parts)
        parts[1::2] = self.order(strings)
        return b"".join(parts)


def precompile(rendered: str) -> PrecompiledTemplate:
    """A text with holes in it, ready to be filled."""
    parts = _MARK.split(rendered)
    keys = parts[1::2]
    slots: dict[str, list[int]] = {}
    for key in sorted({key for key in keys if ":" in key}):
        written, slot = key.split(":")
        slots.setdefault(written, []).append(int(slot))
    names = sorted({key for key in keys if ":" not in key})
    strings = [f"{written}:{slot}" for written in slots for slot in slots[written]] + names
    place = {key: index for index, key in enumerate(strings)}
    return PrecompiledTemplate(
        parts=tuple(b"" if index % 2 else part.encode() for index, part in enumerate(parts)),
        numbers=tuple((FORMATS[written], _pick(those)) for written, those in slots.items()),
        names=tuple(names),
        order=_pick([place[key] for key in keys]),
    )


def _pick(indices: Sequence[int]) -> Pick:
    """What takes these items of a sequence, as a tuple, in C; of one item, too."""
    if len(indices) > 1:
        return itemgetter(*indices)
    return lambda items: tuple(items[index] for index in indices)
