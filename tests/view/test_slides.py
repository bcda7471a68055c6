"""The slide walkthrough."""

import re

import pytest

from app.examples.published import CLASS_NOTES, DECK, MAZUR
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.view.rendering.languages import languages, translations
from app.view.rendering.step_view import StepView
from app.view.slides.deck import deck, sections_of
from app.view.slides.sections import Section
from tests.support.markup import Element, region_of
from tests.support.networks import FEW, simulation_of
from tests.view.test_labels import OTHERS

NETWORKS = {
    "deck": DECK.simulation,
    "mazur": MAZUR.simulation,
    "class-notes": CLASS_NOTES.simulation,
    "five layers": random_simulation((2, 3, 1, 4, 2), 3),
    "one hidden": random_simulation((2, 1, 2), 3),
    "two layers": random_simulation((3, 2), 3),
    **{f"shape {name}": simulation_of(shape) for name, shape in FEW.items()},
}
EVERY_NETWORK = pytest.mark.parametrize("simulation", NETWORKS.values(), ids=NETWORKS)

# Name, slide, cursor, and the kind of the step that has just been taken then.
WALK = [
    ("model-2", "0", 0, None),
    ("weight-0", "1", 2, "net"),
    ("net-1", "1", 4, "net"),
    ("out-1", "1", 8, "out"),
    ("net-2", "1", 10, "net"),
    ("out-2", "1", 12, "out"),
    ("error-2", "1", 15, "error"),
    ("chain-2", "2", 19, "activation_slope"),
    ("delta-2", "2", 21, "delta"),
    ("into-2-0", "2", 25, "weight_gradient"),
    ("into-2-1", "2", 29, "weight_gradient"),
    ("matrix-2", "2", 30, "bias_gradient"),
    ("paths-1", "3", 34, "error_slope"),
    ("delta-1", "3", 42, "delta"),
    ("matrix-1", "3", 55, "bias_gradient"),
    ("update", "2–3", 76, "weight_update"),
    ("matrices", "4", 77, "bias_update"),
]


def sections(
    simulation: Simulation, language: str = "en", cursor: int | None = None
) -> tuple[Section, ...]:
    """The sections, at the end of the iteration if nothing else is said."""
    cursor = len(simulation.steps) if cursor is None else cursor
    step_view = StepView(simulation.shape, cursor, "unit")
    return sections_of(step_view, translations(language).gettext)


def panel(simulation: Simulation, language: str = "en") -> Element:
    """The walk, as the page has it."""
    return region_of(simulation, panel="deck", language=language).id("deck")


def opened(walk: Element) -> list[str]:
    return [article["id"].removeprefix("deck-") for article in walk.all("article")]


def test_the_walk_is_the_decks() -> None:
    """The sections follow the slides, each right after its step."""
    found = sections(DECK.simulation)
    assert [(s.name, s.slide, s.cursor) for s in found] == [row[:3] for row in WALK]
    for section, (name, *_, kind) in zip(found, WALK, strict=True):
        step = DECK.simulation.seek(section.cursor).last_step
        assert (step.kind if step else None) == kind
        if step and re.search(r"-\d", name) and name != "weight-0":
            assert step.layer == int(name.split("-")[1])


@EVERY_NETWORK
def test_sections_come_in_the_order_of_steps(simulation: Simulation) -> None:
    """Sections are in the order of steps, and have different names."""
    found = sections(simulation)
    cursors = [section.cursor for section in found]
    assert cursors == sorted(cursors)
    assert (cursors[0], cursors[-1]) == (0, len(simulation.steps))
    assert len({section.name for section in found}) == len(found)
    assert [s.slide[0] for s in found if s.name != "update"] == sorted(
        s.slide[0] for s in found if s.name != "update"
    )


@EVERY_NETWORK
@pytest.mark.parametrize("language", languages())
def test_every_section_has_words_and_formulas(simulation: Simulation, language: str) -> None:
    """Every section has a title, sentences and lines."""
    for section in sections(simulation, language):
        page = section.page()
        assert page.lines
        assert page.text
        for text in (section.title, *page.text, *(slip.text for slip in page.errata)):
            assert text == text.strip() != ""
            assert "%" not in text
            assert "\ue000" not in text
        for text in (*page.text, *(slip.text for slip in page.errata)):
            assert text.endswith(".")


@pytest.mark.parametrize("language", OTHERS)
@EVERY_NETWORK
def test_nothing_is_left_in_english(simulation: Simulation, language: str) -> None:
    """Every section is translated."""
    pairs = zip(sections(simulation, language), sections(simulation), strict=True)
    for ours, source in pairs:
        assert ours.title != source.title
        page, english_page = ours.page(), source.page()
        for text, other in zip(page.text, english_page.text, strict=True):
            assert text != other
        for slip, other_slip in zip(page.errata, english_page.errata, strict=True):
            assert slip.text != other_slip.text
            assert slip.printed == other_slip.printed


def test_what_a_network_has_not_is_left_out() -> None:
    """Sections that do not apply are left out."""
    names = {key: [s.name for s in sections(each)] for key, each in NETWORKS.items()}
    assert not [name for name in names["two layers"] if name.startswith("paths")]
    assert "into-2-1" not in names["class-notes"]
    assert [name for name in names["five layers"] if name.startswith("paths")] == [
        "paths-3",
        "paths-2",
        "paths-1",
    ]


@EVERY_NETWORK
def test_a_step_turns_the_pages(simulation: Simulation) -> None:
    """At every cursor the latest sections are open."""
    found = sections(simulation)
    for cursor in range(len(simulation.steps) + 1):
        step_view = StepView(simulation.shape, cursor, "layer")
        walk = deck(step_view, str)
        reached = cursor if cursor > 1 else 0
        moment = min(section.cursor for section in found if section.cursor >= reached)
        # Later iterations have no moment 0: their first one shows what is said there, too.
        opening = [0, 1] if moment == 1 else [moment]
        assert [each.name for each in walk.open] == [s.name for s in found if s.cursor in opening]
        assert [each in walk.open for each in walk.sections] == [s.cursor in opening for s in found]
        assert (walk.before is None) == (moment < 2)
        assert (walk.after is None) == (moment == found[-1].cursor)


def test_next_and_previous_walk_all_of_it() -> None:
    """Next and Previous walk through all sections."""
    simulation = DECK.simulation.train(2).step("unit", 1)
    names = [row[0] for row in WALK]

    def turn(label: str, at: Simulation) -> Simulation:
        form = next(form for form in panel(at).all("form") if "turn" in form.classes)
        assert form["action"].startswith("/seek")
        [button] = [b for b in form.all("button") if label in b.text]
        return at.seek(int(button["value"]))

    met = [opened(panel(simulation))]
    for _ in names[1:]:
        simulation = turn("Next", simulation)
        met.append(opened(panel(simulation)))
    assert met == [[name] for name in names]
    for name in reversed(names[:-1]):
        simulation = turn("Previous", simulation)
        assert opened(panel(simulation)) == [name]


def test_it_says_when_the_network_is_another() -> None:
    """Another network links to the deck's."""
    links = [a["href"] for a in panel(MAZUR.simulation).all("a")]
    assert "/?preset=deck" in links
    assert "/?preset=deck" not in [a["href"] for a in panel(DECK.simulation).all("a")]
