"""A guided walk through the deck, slides 0 to 4, beside the simulation.

The walk has no state of its own. Each section belongs to a cursor, at which all of its numbers are
known. The open section is the one of the step just taken, the first whose cursor is not behind: a
step turns the pages, and opening a section is a seek. Sections of the same cursor, which small
networks have, are open together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.backprop.errors import N_
from app.view.notation.labels import Translate
from app.view.rendering.panel import EXPLAIN, Panel
from app.view.rendering.step_view import StepView
from app.view.slides import backward_sections as backward
from app.view.slides import forward_sections as forward
from app.view.slides import update_sections as update
from app.view.slides.sections import Section, SectionWriter

DECK_LAYERS = (3, 4, 2)


@dataclass(frozen=True, slots=True)
class Deck:
    """The walk at a cursor."""

    own: bool  # whether the network has the deck's layers
    has_signs: bool  # whether a sheet gives numbers other signs, so that there is no walk
    sections: tuple[Section, ...]  # all, in order
    open: tuple[Section, ...]  # those to read
    before: Section | None
    after: Section | None


def deck(step_view: StepView, _: Translate) -> Deck:
    """The walk at a step view's cursor."""
    has_signs = step_view.shape.named.has_signs
    if has_signs:
        return Deck(False, has_signs, (), (), None, None)
    sections = sections_of(step_view, _)
    # Only the first iteration has cursor 0. Later ones begin at 1, with the sections of both.
    cursor = step_view.cursor if step_view.cursor > 1 else 0
    reached = min(section.cursor for section in sections if section.cursor >= cursor)
    open_cursors = (0, 1) if reached == 1 else (reached,)
    return Deck(
        own=step_view.shape.layers == DECK_LAYERS,
        has_signs=has_signs,
        sections=sections,
        open=tuple(each for each in sections if each.cursor in open_cursors),
        before=next((each for each in reversed(sections) if each.cursor < open_cursors[0]), None),
        after=next((each for each in sections if each.cursor > reached), None),
    )


def sections_of(step_view: StepView, _: Translate) -> tuple[Section, ...]:
    """The sections of a network, in order; those about units that it does not have are left out."""
    return tuple(_sections(SectionWriter(step_view, _)))


def _sections(w: SectionWriter) -> Iterator[Section]:
    yield forward.model(w)
    yield forward.first_weights(w)
    for layer in range(1, w.last + 1):
        yield forward.net(w, layer)
        yield forward.out(w, layer)
    yield forward.error(w)
    yield backward.chain_rule(w)
    yield backward.output_delta(w)
    for unit in range(min(2, w.shape.layers[-1])):
        yield backward.output_gradients(w, unit)
    yield backward.gradients(w, w.last)
    for layer in range(w.last - 1, 0, -1):
        yield backward.paths(w, layer)
        yield backward.hidden_delta(w, layer)
        yield backward.gradients(w, layer)
    yield update.update(w)
    yield update.matrices(w)


PANEL = Panel(
    "deck",
    "slides",
    N_("The deck"),
    EXPLAIN,
    lambda context: {"deck": deck(context.step_view, context.translate)},
)
