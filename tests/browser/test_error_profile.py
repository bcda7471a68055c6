"""A weight moved along its error profile: by its point, by the slider, and with the arrow keys."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.derivations import address_of
from tests.browser.visitor import Visitor
from tests.support.derivation_markup import way_of

ADDRESS = "weight/1/2/1"
# The axis and the curve, which must not move while the point does.
AXIS = """() => [...document.querySelectorAll("#slope figure:first-of-type .grid text, #slope .curve-line")]
  .map((element) => element.textContent + element.getAttribute("d") + element.getAttribute("x"))"""
NOW = """() => {
  const form = document.getElementById("along"), range = document.getElementById("along-range");
  const index = Number(range.value);
  const pick = (name) => form.dataset[name].split(" ")[index];
  const moved = document.querySelector("#slope .moved");
  return {
    index, set: Number(range.defaultValue), value: Number(pick("values")), place: pick("places"),
    at: ["cx", "cy"].map((name) => Number(moved.getAttribute(name))).join(),
    shown: [document.getElementById("along-value").textContent, document.getElementById("along-error").textContent],
    expected: [pick("shown"), pick("errors")], text: range.getAttribute("aria-valuetext"),
  };
}"""


def at_profile(visitor: Visitor) -> Page:
    """The error profile of one weight, after an iteration and a half."""
    page = visitor.open().page
    visitor.click("Update", "Forward")
    visitor.choose("panel", "slope")
    page.goto(address_of(ADDRESS, "weight_gradient/1/2/1"))
    page.locator("#along").scroll_into_view_if_needed()
    return page


def now(page: Page) -> dict[str, Any]:
    """Where the slider is; the point and the numbers must agree with it."""
    found: dict[str, Any] = page.evaluate(NOW)
    assert found["shown"] == found["expected"]
    assert found["at"] == found["place"]
    assert found["text"].endswith(f"= {found['shown'][0]}, E = {found['shown'][1]}")
    return found


def weight(visitor: Visitor) -> float:
    value: float = visitor.state()["network"]["weights"][1][2][1]
    return value


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, selector: str, *distances: int) -> float:
    """Drag a thing to the right by these distances, and return where it was."""
    x, y = middle(page, selector)
    page.mouse.move(x, y)
    page.mouse.down()
    for distance in distances:
        page.mouse.move(x + distance, y)
    return x


def test_by_the_point_and_the_slider(new_visitor: NewVisitor) -> None:
    """The point follows the pointer and nothing is sent until it is released; Back undoes the edit."""
    visitor = new_visitor(fresh=True)
    visitor.page.clock.install()
    page = at_profile(visitor)
    before, axis = visitor.state(), page.evaluate(AXIS)
    x, y = middle(page, "#slope .grip")
    start = now(page)
    with visitor.stays():
        page.mouse.move(x, y)
        page.mouse.down()
        for far in (12, 60, -35):
            page.mouse.move(x + far, y - 9)
            moved = now(page)
            assert (moved["index"] > start["index"]) == (far > 0)
            assert abs(middle(page, "#slope .grip")[0] - x - far) < 3, "under the pointer"
            assert page.evaluate(AXIS) == axis
    top, asked = page.locator("#along").bounding_box(), page.evaluate("asked")
    with visitor.changes():
        page.mouse.up()
    after = visitor.state()
    assert weight(visitor) == moved["value"] != start["value"]
    after["network"]["weights"][1][2][1] = start["value"]
    assert after["network"]["weights"] == before["network"]["weights"]
    assert page.evaluate("asked") == asked + 1
    assert page.locator("#along").bounding_box() == top
    assert now(page)["index"] == now(page)["set"]
    assert way_of(page.url)[0] == ADDRESS
    expect(page.locator("#along-range")).to_be_focused()
    visitor.click("Back")
    assert weight(visitor) == start["value"]
    page.locator("#along").scroll_into_view_if_needed()
    with visitor.stays():  # released where it was
        drag(page, "#slope .grip", 40, 0)
        page.mouse.up()
        page.clock.run_for(700)
    assert abs(middle(page, "#slope .grip")[0] - middle(page, "#along-range")[0]) < 2
    x = drag(page, "#along-range", 25, 50)
    moved = now(page)
    assert abs(middle(page, "#slope .grip")[0] - x - 50) < 4
    with visitor.changes():
        page.mouse.up()
    assert weight(visitor) == moved["value"]


def test_with_the_arrow_keys(visitor: Visitor) -> None:
    """Each key moves it by a point, and several in a row are one edit."""
    page = at_profile(visitor)
    axis, asked = page.evaluate(AXIS), page.evaluate("asked")
    slider = page.locator("#along-range")
    slider.focus()
    start = now(page)
    with visitor.changes():
        for count in range(1, 6):
            page.keyboard.press("ArrowRight")
            moved = now(page)
            assert moved["index"] == start["index"] + count
        assert page.evaluate(AXIS) == axis
    assert weight(visitor) == moved["value"]
    assert page.evaluate("asked") == asked + 1
    expect(slider).to_be_focused()
    with visitor.changes():
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Tab")
    assert weight(visitor) < moved["value"]
    assert page.evaluate("asked") == asked + 2


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """The slider and its button set the weight to the chosen point."""
    visitor = new_visitor(java_script_enabled=False, locale="ko-KR").open(address_of(ADDRESS))
    visitor.choose("panel", "slope")
    page = visitor.page
    expect(page.locator("#slope .mover")).to_be_hidden()
    values = (page.locator("#along").get_attribute("data-values") or "").split()
    page.locator("#along-range").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    visitor.press(page.locator("#along button"))
    assert weight(visitor) == float(values[63])
    assert way_of(page.url)[0] == ADDRESS
