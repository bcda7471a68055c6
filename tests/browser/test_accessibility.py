"""What axe-core finds (nothing), and the way through the page by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import findings
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

FOCUSED = "document.activeElement"
# How a stop looks: its outline; in the drawing, whose shapes would be framed badly, their strokes.
MARKED = """(at) => {
  const shapes = at.closest("svg") ? at.querySelectorAll("circle, rect, line") : [];
  const strokes = () => [...shapes].map((shape) => {
    const { stroke, strokeWidth } = getComputedStyle(shape);
    return parseFloat(strokeWidth) >= 2 ? stroke + strokeWidth : "";
  });
  const { outlineStyle, outlineWidth } = getComputedStyle(at), focused = strokes();
  if (outlineStyle !== "none") return parseFloat(outlineWidth) >= 2;
  at.blur();
  const without = strokes();
  at.focus();
  return focused.some((stroke, index) => stroke && stroke !== without[index]);
}"""


def refuse(visitor: Visitor) -> None:
    with visitor.changes():
        visitor.page.locator('[name="weight/0/1/1"]').fill("x")
        visitor.page.locator('[name="weight/0/1/1"]').press("Enter")


def panel(name: str) -> Callable[[Visitor], None]:
    return lambda visitor: visitor.choose("panel", name)


def units(visitor: Visitor) -> None:
    visitor.key("1")
    visitor.step()


def page(address: str) -> Callable[[Visitor], object]:
    return lambda visitor: visitor.open(address)


def keys(*keys: str) -> Callable[[Visitor], None]:
    def press(visitor: Visitor) -> None:
        visitor.page.evaluate("document.activeElement.blur()")
        visitor.key(*keys)

    return press


# What is done on the way, one after the other; the page is looked at after each.
MOMENTS: dict[str, Callable[[Visitor], object]] = {
    "start": page("/"),
    "mid backward": keys("f", "ArrowRight", "ArrowRight"),
    "refused": refuse,
    "finished": keys("u"),
    "by unit": units,
    "data": panel("data"),
    "trained": keys("2", "u", "u"),
    "error": panel("error"),
    "keys": lambda visitor: visitor.page.keyboard.press("?"),
    "class notes": page("/?preset=class-notes"),
    "menu": lambda visitor: visitor.page.locator("#presets summary").click(),
    "problem": page("/nowhere"),
    "docs": page("/docs"),
    "sheet": page("/sheet?preset=deck"),
    "sheet with answers": page("/sheet?preset=class-notes&answers=1"),
}


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ko")])
def test_axe_finds_nothing(
    new_visitor: NewVisitor, watch: Watch, theme: str, language: str
) -> None:
    """At every kind of moment, in each theme and each language."""
    watch.expect("status of 422", "status of 404")
    visitor = new_visitor(color_scheme=theme, locale=language)
    found = {}
    for moment, do in MOMENTS.items():
        do(visitor)
        found[moment] = findings(visitor)
    assert not {moment: words for moment, words in found.items() if words}


def test_axe_finds_nothing_on_a_phone(new_visitor: NewVisitor) -> None:
    """Where things are small, they can still be hit."""
    visitor = new_visitor(viewport={"width": 390, "height": 844}).open()
    visitor.key("b")
    assert not findings(visitor)
    units(visitor)
    assert not findings(visitor)
    panel("check")(visitor)
    assert not findings(visitor)


def test_the_way_by_tab(visitor: Visitor) -> None:
    """Tab leads through the page in its order; each stop is in sight and shows that it is there."""
    visitor.open()
    visitor.key("f")
    visitor.page.evaluate("document.activeElement.blur()")
    regions: list[str] = []
    for stop in range(200):
        visitor.page.keyboard.press("Tab")
        at = visitor.page.evaluate(
            f"""() => {{
              const at = {FOCUSED}, box = at.getBoundingClientRect();
              if (at === document.body) return null;
              const middle = [box.left + box.width / 2, box.top + box.height / 2];
              return {{
                region: at.closest("#lab > *, #stage > *, .skip")?.id || at.className,
                name: at.textContent.trim() || at.name,
                marked: ({MARKED})(at),
                seen: at.contains(document.elementFromPoint(...middle)),
              }};
            }}"""
        )
        if at is None:
            break
        assert at["marked"], at
        assert at["seen"], at
        if at["region"] not in regions[-1:]:
            regions.append(at["region"])
        if stop == 0:
            assert at["region"] == "skip"
    assert regions == ["skip", "status", "graph", "card", "controls", "panel"]


def test_no_stop_is_hidden_on_a_phone(new_visitor: NewVisitor) -> None:
    """The controls stay at the bottom of a phone; what has the focus is not behind them."""
    visitor = new_visitor(viewport={"width": 390, "height": 844}).open()
    visitor.key("b")
    visitor.page.evaluate("document.activeElement.blur()")
    for _ in range(90):
        visitor.page.keyboard.press("Tab")
        hidden = visitor.page.evaluate(
            f"""() => {{
              const at = {FOCUSED}, box = at.getBoundingClientRect();
              const points = [0.1, 0.5, 0.9].map((part) =>
                [box.left + box.width * 0.5, box.top + box.height * part]);
              const seen = points.some((point) => at.contains(document.elementFromPoint(...point)));
              return seen ? "" : at.outerHTML;
            }}"""
        )
        assert not hidden


def test_skip_to_the_controls(visitor: Visitor) -> None:
    """The first stop leads past what is above the controls."""
    visitor.open()
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator(".skip")).to_be_in_viewport()
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Tab")
    expect(visitor.move("Step")).to_be_focused()


@pytest.mark.parametrize(
    "selector",
    [
        "#moves button.main",
        '#moves button[formaction^="/back"]:not([formaction^="/backward"])',
        '#moves button[formaction^="/update"]',
        '#by button[value="layer"]',
        '#timeline button[value="29"]',
        '.tabs button[value="data"]',
    ],
)
def test_the_focus_stays_after_a_change(visitor: Visitor, selector: str) -> None:
    """After Enter on a control the focus is on it still, and Enter works again."""
    visitor.open()
    visitor.key("f")
    visitor.page.locator(selector).focus()
    for _ in range(2):
        with visitor.changes():
            visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator(selector)).to_be_focused()


@pytest.mark.parametrize("name", ["Back", "Reset"])
def test_the_focus_is_not_lost_with_its_button(visitor: Visitor, name: str) -> None:
    """Back at the beginning the button has nothing more to do, but Tab goes on from there."""
    visitor.open().step()
    visitor.move(name).focus()
    with visitor.changes():
        visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate(f"{FOCUSED}.closest('#controls') !== null")


@pytest.mark.parametrize("by", ["layer", "unit"])
def test_every_step_is_announced(visitor: Visitor, by: str) -> None:
    """The live region is the same element before and after, with another text in it."""
    visitor.open()
    visitor.choose("by", by)
    live = visitor.page.locator("#lab #narration[aria-live=polite]")
    visitor.page.evaluate("window.before = document.querySelector('#narration')")
    heard = live.inner_text()
    for _ in range(6):
        visitor.step()
        assert visitor.page.evaluate("before === document.querySelector('#narration')")
        assert live.inner_text() != heard
        heard = live.inner_text()


def test_a_phone_stays_where_it_is_read(new_visitor: NewVisitor) -> None:
    """A press on the controls scrolls nothing, and the title of what was computed is in sight."""
    visitor = new_visitor(viewport={"width": 390, "height": 844}).open()
    for press in ("Step", "Backward", "Back", "Reset", "Step"):
        visitor.click(press)
        assert visitor.page.evaluate("scrollY") == 0, press
        title = visitor.page.locator("#card h1").bounding_box()
        controls = visitor.page.locator("#controls").bounding_box()
        assert title is not None
        assert controls is not None
        assert title["y"] + title["height"] <= controls["y"], press
