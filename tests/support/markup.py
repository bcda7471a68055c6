"""HTML as a tree, for tests that ask what is on a page and not how it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

from app.simulation.simulation import Simulation
from app.view.rendering.page_state import PRESS, PageState, Preferences
from app.view.screen.page import simulator_region

# What names a press on a page, the change and the state that it shows: they differ where all else is equal.
PRESSES = re.compile(
    rf'<input type="hidden" name="{PRESS}" value="[^"]*">|\sdata-(?:change|shown|version)="[^"]*"'
)
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
RAW = frozenset({"script", "style"})
# One start or end tag with its attributes, a comment, or the document type. The pages are read thousands
# of times, so this is a pattern and no state machine.
TAG = re.compile(
    r"""<(?:!--.*?--|!doctype[^>]*|(/?)([a-z][^\s/>]*)((?:\s+[^\s"'>/=]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*(/?))>""",
    re.IGNORECASE | re.DOTALL,
)
ATTRIBUTE = re.compile(r"""(([^\s"'>/=]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?)""")


@dataclass(eq=False, slots=True)
class Element:
    """An element, its attributes (None where one has no value), and what is in it."""

    tag: str
    attributes: dict[str, str | None]
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        """An attribute; raises KeyError where it is absent, and where it has no value."""
        value = self.attributes[name]
        if value is None:
            raise KeyError(name)
        return value

    def get(self, name: str) -> str:
        """An attribute, empty where it is absent."""
        return self.attributes.get(name) or ""

    @property
    def root(self) -> "Element":
        return self.parent.root if self.parent else self

    @property
    def classes(self) -> set[str]:
        return set(self.get("class").split())

    @property
    def text(self) -> str:
        """All text in it, spaces as a browser lays them out."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def __iter__(self) -> Iterator["Element"]:
        """Every element in it, itself the first, in the order of the text."""
        ahead: list[Element | str] = [self]
        while ahead:
            element = ahead.pop()
            if isinstance(element, Element):
                yield element
                ahead.extend(reversed(element.children))

    def all(self, tag: str) -> list["Element"]:
        return [element for element in self if element.tag == tag]

    def ids(self) -> list[str]:
        return [element["id"] for element in self if "id" in element.attributes]

    def id(self, id: str) -> "Element":
        """The element of that id; raises KeyError where there is not exactly one."""
        found = [element for element in self if element.get("id") == id]
        if len(found) != 1:
            raise KeyError(f"{len(found)} elements of id {id!r}")
        return found[0]

    def field(self, name: str) -> "Element":
        """The input of that name; raises KeyError where there is not exactly one."""
        found = [element for element in self.all("input") if element.get("name") == name]
        if len(found) != 1:
            raise KeyError(f"{len(found)} inputs of name {name!r}")
        return found[0]


def without_presses(html: str) -> str:
    """A page without what names its presses."""
    return PRESSES.sub("", html)


@lru_cache(maxsize=1 << 16)
def _attributes(text: str) -> tuple[tuple[str, str | None], ...]:
    """The attributes of a start tag, as it has them."""
    return tuple(
        (name.lower(), unescape(double or single or bare) if "=" in whole else None)
        for whole, name, double, single, bare in ATTRIBUTE.findall(text)
    )


def tree(html: str) -> Element:
    """What is in a text of HTML, read strictly: what a browser would mend is a failure, since a morph
    then compares something else than was written."""
    root = at = Element("", {})
    end, before = len(html), 0
    while before < end:
        if at.tag in RAW:  # all text up to its end tag
            begin = html.lower().find(f"</{at.tag}", before)
        else:
            begin = html.find("<", before)
        assert begin >= 0 or at is root, f"<{at.tag}> is not ended"
        if begin != before:
            text = html[before:begin] if begin >= 0 else html[before:]
            at.children.append(text if at.tag in RAW else unescape(text))
        if begin < 0:
            break
        found = TAG.match(html, begin)
        assert found, f"no tag: {html[begin : begin + 80]}"
        before = found.end()
        closes, tag, written, closed = found.groups()
        if not tag:  # a comment, or the document type
            continue
        tag = tag.lower()
        if closes:
            assert tag == at.tag, f"</{tag}> ends a <{at.tag}>"
            assert at.parent is not None
            at = at.parent
            continue
        pairs = _attributes(written)
        attributes = dict(pairs)
        assert len(attributes) == len(pairs), f"<{tag}> has an attribute twice: {written}"
        element = Element(tag, attributes, at)
        at.children.append(element)
        if tag not in VOID and not closed:
            at = element
    assert at is root, f"<{at.tag}> is not ended"
    return root


def region_of(simulation: Simulation, *path: str, **preferences: str) -> Element:
    """The region of the page that shows a simulation, with this derivation or a panel open."""
    state = PageState(simulation, derivation_path=path)
    if preferences.get("panel"):  # a derivation would take its place
        state = PageState(simulation, focus=path[0] if path else "")
    return tree(simulator_region(state, Preferences(**preferences)).decode())
