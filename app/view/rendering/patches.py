"""Patches: what turns the region that a page shows into another one.

Two precompiled templates are compared once, and what differs is kept (`compare`). At each answer only
its numbers are filled in (`Patch.render`). A placeholder that both templates have at the same place
needs no record if all numbers are the same, as they are within an iteration; else its number is written
anew. Texts are compared.

A patch is a list of records, which `static/screen/patches.js` applies. A record begins with what is
done, and where: the indices of child nodes from the region down, negative from the last one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import unescape
from typing import NamedTuple

from app.view.rendering.precompiled import (
    CLOSE,
    MARK,
    OPEN,
    Placeholder,
    PrecompiledTemplate,
    join,
    precompile,
)

VOID = frozenset(("br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))
TEXT, ANY = "#text", "#any"  # the tags of a text, and of a placeholder for any number of nodes
MATHML = "mathml"  # begins the formats that write an element

_TAG = re.compile(r'<(/?)([a-zA-Z][\w-]*)((?:[^">]++|"[^"]*")*+)>')
_ATTRIBUTE = re.compile(rf'{OPEN}([^{CLOSE}]*){CLOSE}|([^\s=">/{OPEN}]+)(?:="([^"]*)")?')

FIELD, RECORD = "\x1f", "\x1e"  # end a field and a record; they appear in no text of ours
UNESCAPED = "unescaped "  # before the name of a text that an attribute or a text node takes
# The content of these elements is replaced as a whole: a browser drops its first line break.
WHOLE = ("pre", "textarea")
BOOLEAN = ("disabled", "hidden", "selected")  # attributes that are there or not

MOST_JOINED = 4  # sets of records, for each patch; one for nearly all steps of the deck's network

DERIVED = ":-"  # in the key of a placeholder for a derived number

_DERIVED = re.compile(f"{DERIVED}([0-9]+){CLOSE}")
_IDENTITY = re.compile(r'\b(?:id|data-of)="[^"]*"')
# What a shape of the drawing is: a name, a value, a mark. A value stays where a mark and a name come
# before it, and is not turned into the name.
_ROLE = re.compile(r'\bclass="[\w-]+')
SHAPES = frozenset(("circle", "path", "rect", "text"))

Texts = Mapping[str, str]
Path = tuple[int, ...]
Meaning = tuple[object, ...]
Range = tuple[int, int]  # of children: the first, and the one after the last
Predicate = Callable[[str], bool]


# The tree of a rendered text, as a browser builds it from our templates: every element is closed, every
# value of an attribute is in double quotes, and the rows of a table are in `tbody` or `thead`.


@dataclass(slots=True)
class Node:
    """An element, a text, or a placeholder for nodes, as a slice of the text."""

    tag: str
    start: int
    attributes: str = ""
    inner: int = 0  # where its content begins
    end: int = 0
    inner_end: int = 0
    children: list["Node"] = field(default_factory=list)


class Attribute(NamedTuple):
    """An attribute with its value, escaped; of one that a placeholder writes, the placeholder."""

    name: str
    value: str
    is_placeholder: bool = False

    @property
    def is_filled(self) -> bool:
        """Whether placeholders are part of it."""
        return self.is_placeholder or OPEN in self.value


def parse(text: str, any_nodes: Predicate) -> Node:
    """Return the first element of a text, with all that is in it.

    `any_nodes` tells by its name whether a placeholder is for any number of nodes. Raises ValueError
    if an element is not closed.
    """
    path: list[Node] = []
    node, last = Node("", 0), 0
    for tag in _TAG.finditer(text):
        start, end = tag.span()
        if last == start:
            pass
        elif text.find(OPEN, last, start) < 0:
            node.children.append(Node(TEXT, last, end=start))
        else:
            node.children += _texts(text, last, start, any_nodes)
        closing, name, attributes = tag.groups()
        last = end
        if closing:
            if node.tag != name:
                raise ValueError(f"<{node.tag}> is closed by </{name}>")
            node.inner_end, node.end = start, end
            node = path.pop()
            if not path:
                return node.children[0]
            continue
        child = Node(name, start, attributes, end, end, end)
        node.children.append(child)
        if name not in VOID and attributes[-1:] != "/":
            path.append(node)
            node = child
    raise ValueError(f"<{node.tag}> is not closed")


def attributes_of(node: Node) -> Iterator[Attribute]:
    """Return the attributes of an element in their order."""
    for placeholder, name, value in _ATTRIBUTE.findall(node.attributes):
        yield Attribute(placeholder, "", True) if placeholder else Attribute(name, value)


def _texts(text: str, start: int, end: int, any_nodes: Predicate) -> Iterator[Node]:
    """The nodes between two tags: texts, which contain placeholders, and placeholders for nodes.

    A text that is nothing but placeholders may be empty, and then no node.
    """
    begin = start
    for mark in MARK.finditer(text, start, end):
        key = mark[1]
        if not key.startswith(MATHML) and not any_nodes(key):
            continue
        if begin < mark.start():
            yield _text(text, begin, mark.start())
        begin = mark.end()
        yield Node(ANY if any_nodes(key) else MATHML, mark.start(), end=begin)
    if begin < end:
        yield _text(text, begin, end)


def _text(text: str, start: int, end: int) -> Node:
    source = text[start:end]
    is_text = OPEN not in source or MARK.sub("", source) or ":" in source
    return Node(TEXT if is_text else ANY, start, end=end)


def _is_any(node: Node) -> bool:
    """Whether all that is in an element may be any number of nodes."""
    return [child.tag for child in node.children] == [ANY]


class CannotPatch(Exception):
    """The place of a change is not known in advance: only the whole region can show it."""


@dataclass(frozen=True, slots=True)
class Patch:
    """What differs between two templates, with placeholders for the numbers of the second."""

    changes: PrecompiledTemplate
    # For each text of the second template, the records that depend on it outside of `changes`; then
    # those of them that can differ between two moments of one iteration.
    places: Mapping[str, tuple[int, ...]]
    of_moment: Mapping[str, tuple[int, ...]]
    records: tuple[PrecompiledTemplate, ...]
    unknown: frozenset[str]  # texts whose change cannot be patched
    # Adds the derived numbers to the others, if a record has any.
    complete: Callable[[Sequence[float]], Sequence[float]]
    # The changes with some of the records, by the indices of these.
    joined: dict[Path, PrecompiledTemplate] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes it takes; joined templates share the texts, and have 24 bytes a part."""
        joined = 24 * MOST_JOINED * len(self.changes.parts)
        return self.changes.size + joined + sum(record.size for record in self.records)

    def render(
        self, numbers: Sequence[float], before: Texts, after: Texts, within_iteration: bool = False
    ) -> bytes | None:
        """Return the records; None if a text has changed that may be any number of nodes.

        The numbers must be those of both regions.
        """
        names = self.of_moment if within_iteration else self.places
        template = self._template_for(_changed(names, before, after))
        return None if template is None else template.render(self.complete(numbers), after)

    def filled(
        self,
        numbers: tuple[float, ...],
        before: Texts,
        after: Texts,
        within_iteration: bool,
        is_common: Predicate,
    ) -> "FilledPatch":
        """Return the same for other pages with these numbers, and with the same texts where
        `is_common` says so by their names."""
        names = self.of_moment if within_iteration else self.places
        common = [name for name in names if is_common(name)]
        own = tuple(name for name in names if not is_common(name))
        return FilledPatch(self, numbers, _changed(common, before, after), own, is_common)

    def _template_for(self, changed: Sequence[str]) -> PrecompiledTemplate | None:
        """The changes with the records that depend on these texts; None if one cannot be patched."""
        if not self.unknown.isdisjoint(changed):
            return None
        return self._with_records(tuple(index for name in changed for index in self.places[name]))

    def _with_records(self, indices: Path) -> PrecompiledTemplate:
        """Return the changes with some of the records in their order. Rendered as one, they take 8 µs
        less."""
        if (found := self.joined.get(indices)) is not None:
            return found
        if len(self.joined) >= MOST_JOINED:
            self.joined.clear()
        records = [self.records[index] for index in sorted({*indices})]
        joined = self.joined[indices] = join([self.changes, *records])
        return joined


@dataclass(frozen=True, slots=True)
class FilledPatch:
    """A patch between two simulations that several visitors come to.

    All that is the same for them is filled in once; their own texts are still placeholders.
    """

    patch: Patch
    numbers: tuple[float, ...]
    changed: tuple[str, ...]  # the common texts that differ
    own: tuple[str, ...]  # the others, which may differ
    is_common: Predicate
    # By which of their own texts differ; None where that cannot be patched.
    templates: dict[tuple[str, ...], PrecompiledTemplate | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes it will take, beside the patch."""
        return self.patch.changes.size

    def render(self, before: Texts, after: Texts) -> bytes | None:
        """Return the records; None if a text has changed that may be any number of nodes."""
        own = _changed(self.own, before, after)
        if own not in self.templates:
            template = self.patch._template_for((*self.changed, *own))
            numbers = self.patch.complete(self.numbers)
            filled = template and template.filled(numbers, after, self.is_common)
            self.templates[own] = filled
        found = self.templates[own]
        return None if found is None else found.render((), after)


def _changed(names: Iterable[str], before: Texts, after: Texts) -> tuple[str, ...]:
    """Those of some texts that differ."""
    return tuple(name for name in names if before[name] != after[name])


def compare(
    before: PrecompiledTemplate,
    after: PrecompiledTemplate,
    any_nodes: Predicate,
    is_of_moment: Predicate,
    *,
    same_numbers: bool = True,
) -> Patch:
    """Return what turns the first element of a text into that of another one.

    `any_nodes` tells by its name whether a placeholder is for any number of nodes, `is_of_moment`
    whether a text can differ between two moments of one iteration. Without `same_numbers` the two are
    filled with different numbers, so that each one is written anew. Raises CannotPatch, also where the
    numbers have other digits.
    """
    if before.digits is not after.digits:
        raise CannotPatch
    old, new = _with_indices_of(before, after), after.text
    comparison = _Comparison(old, new, any_nodes, same_numbers)
    comparison.compare(parse(old, any_nodes), parse(new, any_nodes), _Place((), ()))
    places: dict[str, list[int]] = {}
    for index, record in enumerate(comparison.records):
        for name in _names(record):
            places.setdefault(name.removeprefix(UNESCAPED), []).append(index)
    changes = "".join(comparison.changes + comparison.numbered)
    is_derived = DERIVED in changes or any(DERIVED in record for record in comparison.records)
    for name in comparison.unknown:
        places.setdefault(name, [])
    return Patch(
        precompile(changes, digits=after.digits),
        {name: tuple(indices) for name, indices in places.items()},
        {name: tuple(indices) for name, indices in places.items() if is_of_moment(name)},
        tuple(precompile(record, digits=after.digits) for record in comparison.records),
        frozenset(comparison.unknown),
        after.complete if is_derived else tuple,
    )


def _with_indices_of(before: PrecompiledTemplate, after: PrecompiledTemplate) -> str:
    """The text of a template, in which derived numbers have the indices of the same in another one.

    Those that the other one lacks get an index that none has.
    """
    meant = {meaning: f"-{index}" for index, meaning in enumerate(_meanings(after), 1)}
    indices = [meant.get(meaning, "none") for meaning in _meanings(before)]
    return _DERIVED.sub(lambda key: f":{indices[int(key[1]) - 1]}{CLOSE}", before.text)


def _meanings(template: PrecompiledTemplate) -> list[Meaning]:
    """What each derived number is, in terms of the numbers alone."""
    found: list[Meaning] = []
    for operation, slots in template.derived:
        found.append((operation, *(slot if slot >= 0 else found[-1 - slot] for slot in slots)))
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node is, while the nodes after it are still the old ones, and in the end."""

    now: Path
    final: Path


class _Comparison:
    """Compares two trees in the order of the text, so that all before a change is new already."""

    def __init__(self, before: str, after: str, any_nodes: Predicate, same_numbers: bool) -> None:
        self.before, self.after, self.any_nodes = before, after, any_nodes
        self.same_numbers = same_numbers
        self.changes: list[str] = []
        # At places that do not differ: of texts, and of numbers that are other ones.
        self.records: list[str] = []
        self.numbered: list[str] = []
        self.unknown: set[str] = set()

    def compare(self, old: Node, new: Node, place: _Place) -> None:
        """Compare two nodes of the same kind."""
        source = self.after[new.start : new.end]
        if self.before[old.start : old.end] == source:
            if OPEN in source:
                self._note(new, place.final)
        elif new.tag == TEXT:
            self.changes.append(_record("t", place.now, _as_value(source)))
        elif new.tag in (ANY, MATHML):
            raise CannotPatch
        else:
            self._compare_attributes(old, new, place)
            self._compare_content(old, new, place)

    def _compare_attributes(self, old: Node, new: Node, place: _Place) -> None:
        if old.attributes == new.attributes and OPEN not in new.attributes:
            return
        was, now = set(attributes_of(old)), list(attributes_of(new))
        gone = {_name(each) for each in was} - {_name(each) for each in now}
        self.changes += [_record("r", place.now, name) for name in sorted(gone)]
        for each in now:
            if each not in was:
                self.changes.append(_attribute(each, place.now))
            elif each.is_filled:
                self._keep(_attribute(each, place.final))

    def _compare_content(self, old: Node, new: Node, place: _Place) -> None:
        content = self.after[new.inner : new.inner_end]
        if self.before[old.inner : old.inner_end] == content:
            if OPEN in content:
                self._note_children(new, place.final)
        elif new.tag in WHOLE or _is_any(new) or _is_any(old):
            self.changes.append(_record("h", place.now, content.removeprefix("\n")))
        else:
            for olds, news in self._pairs(old.children, new.children):
                if olds[1] - olds[0] == news[1] - news[0] == 1:
                    child = self._child(old, new, place, olds[0], news[0])
                    self.compare(old.children[olds[0]], new.children[news[0]], child)
                else:
                    self._splice(old, new, place, olds, news)

    def _child(self, old: Node, new: Node, place: _Place, was: int, index: int) -> _Place:
        return _Place(
            (*place.now, _index(new.children, index, old.children, was)),
            (*place.final, _index(new.children, index, new.children, index)),
        )

    def _splice(
        self,
        old: Node,
        new: Node,
        place: _Place,
        olds: Range,
        news: Range,
    ) -> None:
        """Replace children by others; both are given by their first index and the one after them."""
        if any(child.tag == ANY for child in old.children[slice(*olds)]):
            raise CannotPatch
        if any(child.tag == ANY for child in new.children[: news[0]]):
            raise CannotPatch
        inserted = new.children[slice(*news)]
        source = self.after[inserted[0].start : inserted[-1].end] if inserted else ""
        where = _record("s", place.now, str(news[0]), str(olds[1] - olds[0]), source)
        self.changes.append(where)

    def _pairs(self, olds: list[Node], news: list[Node]) -> Iterator[tuple[Range, Range]]:
        """Pair nodes of the same kind; what is between the pairs is to be replaced."""
        first = [self._kind(self.before, node) for node in olds]
        second = [self._kind(self.after, node) for node in news]
        if first == second:
            yield from (((i, i + 1), (i, i + 1)) for i in range(len(news)))
            return
        for kind, i1, i2, j1, j2 in SequenceMatcher(None, first, second, False).get_opcodes():
            if kind == "equal":
                yield from (((i1 + i, i1 + i + 1), (j1 + i, j1 + i + 1)) for i in range(i2 - i1))
            else:
                yield from self._replaced(olds, news, (i1, i2), (j1, j2))

    def _replaced(
        self, olds: list[Node], news: list[Node], old: Range, new: Range
    ) -> Iterator[tuple[Range, Range]]:
        """Pair nodes of other kinds that have the same tag in their order; the rest is replaced."""
        (i, i2), (j, j2) = old, new
        while i < i2 and j < j2 and olds[i].tag == news[j].tag not in (ANY, MATHML):
            yield (i, i + 1), (j, j + 1)
            i, j = i + 1, j + 1
        if i < i2:
            yield (i, i2), (j, j)
        if j < j2:
            yield (i2, i2), (j, j2)

    def _kind(self, text: str, node: Node) -> str:
        """What tells a node among its siblings."""
        if node.tag in (ANY, MATHML):
            return text[node.start : node.end]
        role = _ROLE.search(node.attributes) if node.tag in SHAPES else None
        return "".join((node.tag, role[0] if role else "", *_IDENTITY.findall(node.attributes)))

    def _keep(self, record: str) -> None:
        """Keep a record of a place that does not differ, if it is filled with anything."""
        if not self.same_numbers and _has_numbers(record):
            self.numbered.append(record)
        elif _has_names(record):
            self.records.append(record)

    def _note(self, node: Node, path: Path) -> None:
        """Note the placeholders in a node that does not differ."""
        source = self.after[node.start : node.end]
        if node.tag == TEXT:
            self._keep(_record("t", path, _as_value(source)))
        elif node.tag == MATHML:
            self._keep(_record("n", path, source))
        elif node.tag == ANY:
            self.unknown.update(_names(source))
        else:
            for each in attributes_of(node):
                if each.is_filled:
                    self._keep(_attribute(each, path))
            self._note_children(node, path)

    def _note_children(self, node: Node, path: Path) -> None:
        if node.tag in WHOLE or _is_any(node):
            source = self.after[node.inner : node.inner_end]
            self._keep(_record("h", path, source.removeprefix("\n")))
            return
        for index, child in enumerate(node.children):
            if OPEN in self.after[child.start : child.end]:
                self._note(child, (*path, _index(node.children, index, node.children, index)))


def _index(news: list[Node], new: int, olds: list[Node], old: int) -> int:
    """The index of a child; from the end where it comes after any number of nodes."""
    if not any(child.tag == ANY for child in news[:new]):
        return new
    if any(child.tag == ANY for child in olds[old + 1 :]):
        raise CannotPatch
    return old - len(olds)


def _record(kind: str, path: Path, *fields: str) -> str:
    return FIELD.join((kind, ".".join(map(str, path)), *fields)) + RECORD


def _attribute(attribute: Attribute, path: Path) -> str:
    if not attribute.is_placeholder:
        return _record("a", path, attribute.name, _as_value(attribute.value))
    return _record("b", path, _name(attribute), str(Placeholder(attribute.name)))


def _name(attribute: Attribute) -> str:
    """The name of an attribute; a placeholder says it in its own."""
    if not attribute.is_placeholder:
        return attribute.name
    return next(name for name in BOOLEAN if name in attribute.name)


def _as_value(source: str) -> str:
    """The text that HTML stands for, with placeholders for texts that are not escaped, either."""
    return MARK.sub(
        lambda mark: mark[0] if ":" in mark[1] else str(Placeholder(UNESCAPED + mark[1])),
        unescape(source) if "&" in source else source,
    )


def _names(text: str) -> Iterator[str]:
    """The names of the text placeholders."""
    return (key for key in MARK.findall(text) if ":" not in key)


def _has_names(text: str) -> bool:
    return any(True for _ in _names(text))


def _has_numbers(text: str) -> bool:
    return any(":" in key for key in MARK.findall(text))
