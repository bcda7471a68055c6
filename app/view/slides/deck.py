"""A guided walk through the deck, slides 0 to 4, beside the simulation.

The walk has no state of its own: each section speaks of a moment of the iteration, and the one that
is open is the last whose moment has come. So a step turns the pages, too, and opening a section is
a seek. Sections of one moment, as small networks have them, are open together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.errors import N_
from app.view.notation.labels import Translate
from app.view.rendering.panel import Panel
from app.view.rendering.precompiled import TextPlaceholder
from app.view.rendering.step_view import StepView
from app.view.slides import backward_sections as backward
from app.view.slides import forward_sections as forward
from app.view.slides import update_sections as end
from app.view.slides.forward_sections import Section, SectionPage, SectionWriter

DECK = (3, 4, 2)


@dataclass(frozen=True, slots=True)
class Entry:
    """A section in the list of all: its form's value, and whether it is open."""

    number: int
    slide: str
    title: Markup
    cursor: int | TextPlaceholder
    is_open: bool


@dataclass(frozen=True, slots=True)
class Open:
    """An open section, to read. `name` tells it apart from others on the page."""

    entry: Entry
    name: str
    page: SectionPage


@dataclass(frozen=True, slots=True)
class Deck:
    """The walk as it stands.

    Attributes:
        own: whether the network is the deck's own.
        entries: all sections, in order; `open` are those to read.
        before, after: the sections to go to from here, None at either end.
    """

    own: bool
    entries: tuple[Entry, ...]
    open: tuple[Open, ...]
    before: Entry | None
    after: Entry | None


def deck(step_view: StepView, _: Translate) -> Deck:
    """The walk at the cursor of a scene."""
    sections = sections_of(step_view, _)
    moment = max(section.cursor for section in sections if section.cursor <= step_view.cursor)
    # Only the first iteration can stand at 0; later ones, where the walk begins at 1, begin it
    # together with what one step has brought already.
    opening = (0, 1) if moment == 1 else (moment,)
    entries = tuple(
        Entry(
            number,
            section.slide,
            section.title,
            section.cursor or TextPlaceholder("beginning"),
            section.cursor in opening,
        )
        for number, section in enumerate(sections, 1)
    )
    pairs = tuple(zip(sections, entries, strict=True))
    return Deck(
        own=step_view.shape.layers == DECK,
        entries=entries,
        open=tuple(Open(e, s.name, s.page()) for s, e in pairs if e.is_open),
        before=next((e for s, e in reversed(pairs) if s.cursor < opening[0]), None),
        after=next((e for s, e in pairs if s.cursor > moment), None),
    )


def sections_of(step_view: StepView, _: Translate) -> tuple[Section, ...]:
    """The sections of a network, in the deck's order; what it has no unit for is left out."""
    return tuple(_sections(SectionWriter(step_view, _)))


def _sections(a: SectionWriter) -> Iterator[Section]:
    yield forward.model(a)
    yield forward.first_weights(a)
    for layer in range(1, a.last + 1):
        yield forward.net(a, layer)
        yield forward.out(a, layer)
    yield forward.error(a)
    yield backward.chain_rule(a)
    yield backward.output_delta(a)
    yield backward.into_first(a)
    if a.shape.layers[-1] > 1:
        yield backward.into_second(a)
    yield backward.gradients(a, a.last)
    for layer in range(a.last - 1, 0, -1):
        yield backward.paths(a, layer)
        yield backward.hidden_delta(a, layer)
        yield backward.gradients(a, layer)
    yield end.update(a)
    yield end.matrices(a)


PANEL = Panel(
    "deck",
    "slides",
    N_("The deck"),
    lambda context: {"deck": deck(context.step_view, context.translate)},
)
