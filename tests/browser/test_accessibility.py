"""axe-core finds nothing on any screen, and the whole page can be used by keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from app.view.panels.registry import PANELS
from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.derivations import DEEP, WITH_PATHS, address_of
from tests.browser.measure import FOCUSED, size
from tests.browser.visitor import Visitor


def screens(visitor: Visitor) -> Iterator[str]:
    """Show every kind of screen, one after the other."""
    page = visitor.open().page
    yield "start"
    visitor.key("f", "ArrowRight", "ArrowRight")
    yield "mid backward"
    visitor.choose("panel", "matrices")
    visitor.enter("weight/0/1/1", "x")
    yield "refused"
    visitor.blur()
    visitor.key("u")
    yield "finished"
    visitor.key("1")
    visitor.step()
    yield "by unit"
    visitor.key("2", "u", "u")
    visitor.choose("panel", "error")
    yield "trained"
    page.keyboard.press("?")
    yield "keys"
    for address in (
        *("/?preset=class-notes", "/nowhere", "/beside?preset=deck&step=5"),
        *("/sheet?preset=deck", "/sheet?preset=class-notes&answers=1"),
    ):
        visitor.open(address)
        if address == "/?preset=class-notes":
            page.locator(".network-name").click()
        yield address


@pytest.mark.parametrize(
    ("where", "theme", "language"), [("laptop", "light", "en"), ("phone", "dark", "ko")]
)
def test_axe_finds_nothing(
    new_visitor: NewVisitor, errors: BrowserErrors, where: str, theme: str, language: str
) -> None:
    """Every kind of screen is accessible in both themes and languages."""
    errors.expect("status of 422", "status of 404")
    visitor = new_visitor(viewport=size(where), color_scheme=theme, locale=language)
    found = {screen: visitor.findings() for screen in screens(visitor)}
    assert not {screen: words for screen, words in found.items() if words}


@pytest.mark.parametrize(
    ("where", "theme", "language"), [("laptop", "light", "ko"), ("projector", "dark", "en")]
)
def test_axe_finds_nothing_in_panels(
    new_visitor: NewVisitor, where: str, theme: str, language: str
) -> None:
    """Every panel is accessible, and so is a derivation with path contributions or down to the inputs."""
    visitor = new_visitor(viewport=size(where), color_scheme=theme, locale=language).open()
    found = {}
    for path in (DEEP, WITH_PATHS):
        visitor.open(address_of(*path)).key("b")
        found["~".join(path)] = visitor.findings("#derivation")
    visitor.open()
    for name in PANELS:
        visitor.choose("panel", name)
        found[name] = visitor.findings("#panel")
    visitor.choose("panel", "slope")
    visitor.page.locator("#along-range").press("ArrowRight")
    found["slope, moved"] = visitor.findings("#panel")
    assert not {screen: words for screen, words in found.items() if words}


def test_the_way_by_tab(visitor: Visitor) -> None:
    """Tab visits the regions in their order, every stop is visible and marked; the first one skips ahead."""
    page = visitor.open().page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(visitor.move("Step")).to_be_focused()
    visitor.open().key("f")
    visitor.blur()
    regions: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        assert stop["marked"], stop
        assert stop["middle"], stop
        if stop["region"] not in regions[-1:]:
            regions.append(stop["region"])
    assert regions == ["skip", "controls", "status", "graph", "card", "strip"]


def test_no_stop_is_hidden_on_a_phone(new_visitor: NewVisitor) -> None:
    """The controls stay at the bottom of a phone; the focused element is never behind them."""
    visitor = new_visitor(viewport=size("phone")).open()
    visitor.key("b")
    visitor.blur()
    for _ in range(90):
        visitor.page.keyboard.press("Tab")
        stop = visitor.page.evaluate(FOCUSED)
        assert stop is None or stop["visible"], stop


def test_the_focus_stays_after_a_change(visitor: Visitor) -> None:
    """A control that is pressed keeps the focus; if it is then disabled, Tab continues near it."""
    page = visitor.open().page
    visitor.key("f")
    for control in (
        *(visitor.move("Step"), visitor.move("Back"), visitor.move("Update")),
        page.locator('#by button[value="layer"]'),
        page.locator('#timeline button[value="29"]'),
        page.locator(".groups button").first,
    ):
        control.focus()
        for _ in range(2):
            with visitor.changes():
                page.keyboard.press("Enter")
            expect(control).to_be_focused()
    for name in ("Reset", "Back"):
        if name == "Back":
            visitor.click("Step")
        visitor.move(name).focus()
        with visitor.changes():
            page.keyboard.press("Enter")
        expect(visitor.move(name)).to_be_disabled()
        page.keyboard.press("Tab")
        expect(page.locator("#controls :focus")).to_have_count(1)


def test_every_step_is_announced(visitor: Visitor) -> None:
    """The live region remains the same element and has another text after each step."""
    visitor.open()
    for by in ("layer", "unit"):
        visitor.choose("by", by)
        live = visitor.page.locator("#lab #narration[aria-live=polite]")
        visitor.page.evaluate("window.before = document.querySelector('#narration')")
        heard = live.inner_text()
        for _ in range(6):
            visitor.step()
            assert visitor.page.evaluate("before === document.querySelector('#narration')")
            assert live.inner_text() != heard
            heard = live.inner_text()
