"""HTML as a tree, for tests that ask what is on a page and not how it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from app.simulation.simulation import Simulation
from app.view.rendering.page_state import PRESS, PageState, Preferences
from app.view.screen.page import simulator_region

# What names a press on a page, the change and the state that it shows: they differ where all else is equal.
PRESSES = re.compile(
    rf'<input type="hidden" name="{PRESS}" value="[^"]*">|\sdata-(?:change|shown|version)="[^"]*"'
)
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass(eq=False)
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
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

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


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.at = self.root = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, dict(attrs), self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.at.tag, f"</{tag}> ends a <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def tree(html: str) -> Element:
    """What is in a text of HTML. An element that is not ended, or ended twice, is a failure: a
    browser would mend it, and a morph then compares something else than was written."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is not ended"
    return reader.root


def region_of(simulation: Simulation, *path: str, **preferences: str) -> Element:
    """The region of the page that shows a simulation, with this derivation or a panel open."""
    state = PageState(simulation, derivation_path=path)
    if preferences.get("panel"):  # a derivation would take its place
        state = PageState(simulation, focus=path[0] if path else "")
    return tree(simulator_region(state, Preferences(**preferences)).decode())
