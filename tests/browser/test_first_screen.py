"""The first screen keeps still: no step moves a control, whatever it shows."""

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import STEP, Visitor

# The places of everything that can be pressed in header, transport and above the drawing, and of the
# units; what scrolls by itself is placed within what it scrolls in. Of the drawing, a phone shows the gap
# of layers that a step is about: there a unit is placed within the drawing.
PLACES = """() => {
  const found = {};
  const place = (element, name, left = 0) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const box = element.closest(".steps"), moved = box?.scrollLeft ?? 0;
    if (width) found[name] = [x - left + moved, y + scrollY, width, height].map((size) => Math.round(size * 2) / 2).join();
  };
  const controls = "#controls :is(button, input), #status :is(button, input, a, summary), .gaps label";
  document.querySelectorAll(controls).forEach((each, index) =>
    place(each, `${index} ${each.title || each.name || each.textContent.trim()}`.split(":")[0]));
  for (const band of ["status", "graph", "strip", "controls"]) place(document.getElementById(band), band);
  const { left } = document.querySelector(".network").getBoundingClientRect();
  for (const unit of document.querySelectorAll("#graph .unit .body")) place(unit, unit.closest("[id]").id, left);
  return found;
}"""
# Presses what lies under a point that stays where it is, as a hand does that only watches the drawing.
CLICK_AT = """([x, y]) => new Promise((resolve) => {
  const target = document.elementFromPoint(x, y)?.closest("button");
  if (!target?.matches("#moves .main")) return resolve(false);
  document.addEventListener("htmx:finally:request", () => resolve(true), { once: true });
  target.click();
})"""
WALKS = [
    ("laptop", "en", "light", "unit", 77),
    ("laptop", "ko", "dark", "layer", 19),
    ("small laptop", "en", "dark", "phase", 3),
    ("tablet", "ko", "light", "layer", 19),
    ("phone", "en", "dark", "layer", 19),
]
WINDOWS: dict[str, ViewportSize] = {
    "laptop": {"width": 1280, "height": 720},
    "small laptop": {"width": 1200, "height": 750},
    "tablet": {"width": 820, "height": 1180},
    "phone": {"width": 390, "height": 844},
}


def places(visitor: Visitor) -> dict[str, str]:
    """Where everything is, by names that no step changes."""
    found: dict[str, str] = visitor.page.evaluate(PLACES)
    return {name.partition(" ")[0]: place for name, place in found.items()}


@pytest.mark.parametrize(("window", "language", "theme", "by", "steps"), WALKS)
def test_nothing_moves(
    new_visitor: NewVisitor, window: str, language: str, theme: str, by: str, steps: int
) -> None:
    """Over two iterations every control and every unit stays where it is."""
    colors = "dark" if theme == "dark" else "light"
    visitor = new_visitor(viewport=WINDOWS[window], locale=language, color_scheme=colors).open()
    visitor.key({"unit": "1", "layer": "2", "phase": "3"}[by])
    visitor.settle()
    first = places(visitor)
    assert len(first) > 20
    moved: dict[int, dict[str, tuple[str, str | None]]] = {}
    for step in range(2 * steps):
        visitor.step()
        now = places(visitor)
        changed = {
            name: (first[name], now.get(name)) for name in first if now.get(name) != first[name]
        }
        if changed:
            moved[step] = changed
    assert not moved


@pytest.mark.parametrize("window", ["laptop", "phone"])
def test_a_still_pointer_steps(new_visitor: NewVisitor, window: str) -> None:
    """60 of 60 clicks at one point are steps."""
    visitor = new_visitor(viewport=WINDOWS[window]).open()
    box = visitor.page.locator(STEP).bounding_box()
    assert box
    point = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert all(visitor.page.evaluate(CLICK_AT, point) for _ in range(60))
    # Three iterations of 19 steps, and three more.
    expect(visitor.page.locator("#jump input")).to_have_value("4")
    expect(visitor.page.locator("#card .where")).to_contain_text("step 3 of 19")


def test_step_is_near_by_keyboard(visitor: Visitor) -> None:
    """Step is among the first five stops."""
    page = visitor.open().page
    visitor.click("Step")
    page.reload()
    stops = []
    for _ in range(5):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.className"))
    assert "move main" in stops


def test_every_result_has_room(new_visitor: NewVisitor) -> None:
    """All results of every step are in sight at once, and nothing in the card is cut off."""
    visitor = new_visitor(viewport=WINDOWS["laptop"])
    cut = """() => {
      const card = document.getElementById("card"), box = card.getBoundingClientRect();
      const parts = [...card.querySelectorAll(".chip, .working > *, h1, .where > span")];
      return parts.filter((part) => {
        const { left, right, bottom } = part.getBoundingClientRect();
        return right > left && (left < box.left || right > box.right + 1 || bottom > box.bottom + 1);
      }).map((part) => part.textContent);
    }"""
    found: dict[str, list[str]] = {}
    for address, steps in (("/?preset=deck", 19), ("/?layers=8-8-2&seed=7", 19)):
        visitor.open(address)
        for step in range(steps):
            visitor.step()
            found[f"{address} {step}"] = visitor.page.evaluate(cut)
    assert not {moment: words for moment, words in found.items() if words}


def test_a_chip_moves_the_formula(new_visitor: NewVisitor) -> None:
    """A chip puts its unit in focus: in the formula and the matrices. The page stays where it is."""
    visitor = new_visitor().open()
    visitor.click("Step")
    with visitor.changes():
        visitor.page.locator(".chip").nth(2).click()
    expect(visitor.page.locator("#card output")).to_have_text("0.7500")
    expect(visitor.page.locator("#strip .result.focused")).to_have_text("0.7500")
    assert visitor.page.evaluate("scrollY") == 0
    visitor.click("Step")  # the unit stays in focus
    expect(visitor.page.locator("#card output")).to_have_text("0.6792")


def test_phase_names_run_to_their_ends(new_visitor: NewVisitor) -> None:
    """The name of a phase in the timeline runs to its end."""
    visitor = new_visitor().open()
    for name, cursor in (("Forward", 15), ("Backward", 55), ("Update", 77)):
        visitor.click(name)
        assert visitor.position == (0, cursor)


def test_the_rest_of_the_controls_on_a_phone(new_visitor: NewVisitor) -> None:
    """Behind ⋯ are undo, language and colours, and the phases and steps."""
    visitor = new_visitor(viewport=WINDOWS["phone"]).open()
    page = visitor.page
    page.locator("#controls .menu-button").click()
    visitor.click("Backward")
    assert visitor.position == (0, 55)
    page.keyboard.press("Escape")
    page.locator("#status .menu-button").click()
    visitor.click("Undo")
    assert visitor.position == (0, 0)


IN_SIGHT = """(id) => {
  const { left, right } = document.querySelector(`#${id} .body`).getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
}"""


def shown_units(visitor: Visitor) -> list[str]:
    """The first units of the layers that a phone shows as a whole."""
    return [
        unit
        for unit in ("unit-0-0", "unit-1-0", "unit-2-0")
        if visitor.page.evaluate(IN_SIGHT, unit)
    ]


def test_a_phone_shows_one_gap_of_layers(either: NewVisitor) -> None:
    """Tabs choose it, and a step goes back to the gap that it is about."""
    visitor = either(viewport=WINDOWS["phone"]).open()
    tabs = visitor.page.locator(".gaps label")
    assert shown_units(visitor) == ["unit-0-0", "unit-1-0"]
    tabs.nth(1).click()
    assert shown_units(visitor) == ["unit-1-0", "unit-2-0"]
    visitor.click("Step")  # net of the hidden layer
    assert shown_units(visitor) == ["unit-0-0", "unit-1-0"]
    visitor.click("Step", "Step")  # net of the output layer
    assert shown_units(visitor) == ["unit-1-0", "unit-2-0"]
    expect(tabs.nth(1)).to_have_text("H → O")
    visitor.click(*["Step"] * 8)  # ∂E/∂out of the hidden layer
    expect(tabs.nth(1)).to_have_text("H ← O")
    tabs.nth(0).click()
    visitor.press(visitor.page.locator(".chip").nth(1))  # the same step
    assert visitor.page.locator(".gaps :checked").input_value() == ("0" if visitor.script else "1")


def swipe(visitor: Visitor, across: int, down: int = 0) -> None:
    """Move a finger over the drawing."""
    devices = visitor.page.context.new_cdp_session(visitor.page)
    x, y = 195, 250
    devices.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    for part in range(1, 6):
        point = {"x": x + across * part / 5, "y": y + down * part / 5}
        devices.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    devices.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_swipe_shows_the_next_gap(new_visitor: NewVisitor) -> None:
    """Across the drawing, and no further than the last; up and down it scrolls the page."""
    visitor = new_visitor(viewport=WINDOWS["phone"], has_touch=True).open("/?layers=2-3-3-2&seed=1")
    chosen = visitor.page.locator(".gaps :checked")
    for across, gap in ((-120, "1"), (-120, "2"), (-120, "2"), (20, "2"), (120, "1"), (120, "0")):
        swipe(visitor, across)
        expect(chosen).to_have_value(gap)
    assert visitor.page.evaluate("scrollY") == 0
    swipe(visitor, 0, -150)
    expect(chosen).to_have_value("0")
    visitor.page.wait_for_function("() => scrollY > 50")


def test_a_unit_with_the_focus_is_in_sight(new_visitor: NewVisitor) -> None:
    """On a phone the keyboard leads through all gaps of the drawing."""
    visitor = new_visitor(viewport=WINDOWS["phone"]).open()
    page = visitor.page
    page.locator(".gaps input").first.focus()
    page.keyboard.press("Tab")
    seen = set()
    while page.evaluate("Boolean(document.activeElement.closest('#graph'))"):
        if at := page.evaluate("document.activeElement.closest('.unit')?.id"):
            visitor.settle()
            assert page.evaluate(IN_SIGHT, at), at
            seen.add(at)
        page.keyboard.press("Tab")
    assert len(seen) == 9
