"""A weight dragged along its slope: by its point, by the slider, and with the arrow keys."""

from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.axe import findings
from tests.browser.conftest import NewVisitor
from tests.browser.drawing import drawn
from tests.browser.explaining import address_of, opened
from tests.browser.visitor import Visitor

ADDRESS = "weight/1/2/1"
# The axis as it is drawn: what must stand still under the pointer.
AXIS = """() => [...document.querySelectorAll("#slope figure:first-of-type .grid text, #slope .curve-line")]
  .map((element) => element.textContent + element.getAttribute("d") + element.getAttribute("x"))"""
NOW = """() => {
  const form = document.getElementById("along");
  const range = document.getElementById("along-range");
  const index = Number(range.value);
  const pick = (name) => form.dataset[name].split(" ")[index];
  const { cx, cy } = Object.fromEntries([...document.querySelector("#slope .moved").attributes].map(({ name, value }) => [name, value]));
  return { index, now: Number(range.defaultValue), value: Number(pick("values")), place: pick("places"), at: `${Number(cx)},${Number(cy)}`,
    told: [document.getElementById("along-value").textContent, document.getElementById("along-error").textContent],
    expected: [pick("shown"), pick("errors")], text: range.getAttribute("aria-valuetext") };
}"""


def at_slope(visitor: Visitor) -> Page:
    """Along one weight, after an iteration and a half."""
    page = visitor.open().page
    for name in ("Update", "Forward"):
        visitor.click(name)
    visitor.choose("panel", "slope")
    page.goto(address_of(ADDRESS, "weight_gradient/1/2/1"))
    page.locator("#along").scroll_into_view_if_needed()
    return page


def now(page: Page) -> dict[str, Any]:
    """Where the slider is, with what is told of the point; the point is where the slider is."""
    found: dict[str, Any] = page.evaluate(NOW)
    assert found["told"] == found["expected"]
    assert found["at"] == found["place"]
    assert found["text"].endswith(f"= {found['told'][0]}, E = {found['told'][1]}")
    return found


def weight(visitor: Visitor) -> float:
    value: float = visitor.state()["network"]["weights"][1][2][1]
    return value


def asked(page: Page) -> list[Request]:
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    return requests


def test_by_the_point(visitor: Visitor) -> None:
    """The point follows the pointer on the curve, the axis stands still, and nothing is asked; let
    go, the weight is what was told, and the page has not moved."""
    page = at_slope(visitor)
    before, axis, requests = visitor.state(), page.evaluate(AXIS), asked(page)
    box = page.locator("#slope .grip").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    start = now(page)
    for far in (12, 60, -35):
        page.mouse.move(x + far, y - 9)
        moved = now(page)
        assert (moved["index"] > start["index"]) == (far > 0)
        grip = page.locator("#slope .grip").bounding_box()
        assert grip
        assert abs(grip["x"] + grip["width"] / 2 - x - far) < 3, "under the pointer"
        assert page.evaluate(AXIS) == axis
    assert requests == []
    top = page.locator("#along").bounding_box()
    with visitor.changes():
        page.mouse.up()
    assert weight(visitor) == moved["value"] != start["value"]
    after = visitor.state()
    after["network"]["weights"][1][2][1] = start["value"]
    assert after["network"]["weights"] == before["network"]["weights"]
    assert len(requests) == 1
    assert page.locator("#along").bounding_box() == top
    assert now(page)["index"] == now(page)["now"]
    assert opened(page)[0] == ADDRESS
    expect(page.locator("#along-range")).to_be_focused()
    assert visitor.look().drawing == drawn(visitor.state())
    visitor.click("Back")
    assert weight(visitor) == start["value"]


def test_with_the_arrow_keys(visitor: Visitor) -> None:
    """Each key moves it by a point; when they rest, all of them together are one edit."""
    page = at_slope(visitor)
    axis, requests = page.evaluate(AXIS), asked(page)
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
    assert len(requests) == 1
    expect(slider).to_be_focused()
    with visitor.changes():
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Tab")
    assert weight(visitor) < moved["value"]
    assert len(requests) == 2


def test_by_the_slider(visitor: Visitor) -> None:
    """Dragged by its thumb it is set when it is let go; it lies along the axis of the curve."""
    page = at_slope(visitor)
    box = page.locator("#along-range").bounding_box()
    grip = page.locator("#slope .grip").bounding_box()
    assert box
    assert grip
    middle = box["x"] + box["width"] / 2
    assert abs(grip["x"] + grip["width"] / 2 - middle) < 2
    page.mouse.move(middle, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(middle + 50, box["y"] + box["height"] / 2, steps=5)
    moved = now(page)
    grip = page.locator("#slope .grip").bounding_box()
    assert grip
    assert abs(grip["x"] + grip["width"] / 2 - middle - 50) < 4
    with visitor.changes():
        page.mouse.up()
    assert weight(visitor) == moved["value"]


def test_let_go_where_it_was(visitor: Visitor) -> None:
    """A click on the point, or a drag that returns, changes nothing and asks nothing."""
    page = at_slope(visitor)
    box = page.locator("#slope .grip").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with visitor.stays():
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y)
        page.mouse.move(x, y)
        page.mouse.up()
        page.wait_for_timeout(700)


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_without_a_script(new_visitor: NewVisitor, locale: str) -> None:
    """The slider and its button set the weight to the point that is chosen."""
    visitor = new_visitor(java_script_enabled=False, locale=locale)
    page = visitor.open(address_of(ADDRESS)).page
    with page.expect_navigation():
        page.locator('button[name="panel"][value="slope"]').click()
    expect(page.locator("#slope .mover")).to_be_hidden()
    values = (page.locator("#along").get_attribute("data-values") or "").split()
    slider = page.locator("#along-range")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    with page.expect_navigation():
        page.locator("#along button").click()
    assert weight(visitor) == float(values[63])
    assert opened(page)[0] == ADDRESS


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_axe(new_visitor: NewVisitor, colors: str) -> None:
    """axe-core has nothing to say, at rest and on the way."""
    visitor = new_visitor(color_scheme=colors)
    page = at_slope(visitor)
    page.locator("#along-range").focus()
    assert findings(visitor, "#slope") == []
    page.keyboard.press("ArrowRight")
    assert findings(visitor, "#slope") == []
