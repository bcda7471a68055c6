"""Every panel, and a derivation above it: nothing is cut off, and axe-core finds nothing."""

import pytest
from playwright.sync_api import expect

from app.view.panels.registry import PANELS
from tests.browser.axe import findings
from tests.browser.conftest import NewVisitor
from tests.browser.explaining import BLAMED, DEEP, address_of
from tests.browser.visitor import Visitor

WIDER = "document.documentElement.scrollWidth - innerWidth"
# Texts that stick out of what frames them: a cell, a button, whatever has a border or a background
# of its own, a drawing, the panel. What scrolls by itself may be longer, where keys can scroll it.
CUT_OFF = """() => {
  const panel = document.getElementById("panel"), found = new Set();
  const scrolls = (part, style) => ["auto", "scroll"].includes(style.overflowX) && part.scrollWidth > part.clientWidth + 1;
  const framed = (part, style) => part === panel || part.matches("td, th, button, input") ||
    parseFloat(style.borderLeftWidth) > 0 || parseFloat(style.borderRightWidth) > 0 ||
    style.overflowX !== "visible" || style.backgroundColor !== "rgba(0, 0, 0, 0)";
  const described = (part, text) => `${part.tagName}.${part.getAttribute("class") ?? part.id}: “${text.trim()}”`;
  const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (!node.data.trim() || node.parentElement.closest("title, .vh, .word, annotation")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    if (!text.width) continue;
    for (let part = node.parentElement; ; part = part.parentElement) {
      const style = getComputedStyle(part);
      if (scrolls(part, style)) {
        if (part.tabIndex < 0 && !part.querySelector("a, button, input")) found.add(described(part, "no way to scroll"));
        break;
      }
      const box = part.getBoundingClientRect();
      const out = text.left < box.left - 1 || text.right > box.right + 1 ||
        text.top < box.top - 1 || text.bottom > box.bottom + 1;
      if (out && framed(part, style) && style.display !== "inline") found.add(described(part, node.data));
      if (part === panel) break;
    }
  }
  for (const input of panel.querySelectorAll("input:not([readonly])")) {  // a link is longer
    if (input.scrollWidth > input.clientWidth + 1) found.add(described(input, input.value));
  }
  return [...found].slice(0, 8);
}"""
SMALLEST = """() => [...document.querySelectorAll("#panel svg text")]
  .filter((text) => text.getBoundingClientRect().width > 0)
  .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)
  .reduce((least, size) => Math.min(least, size), 99)"""
UNFOLDED = "for (const part of document.querySelectorAll('#panel details')) part.open = true"
WIDE = ("weight/0/3/7", "weight_gradient/0/3/7", "delta/1/7", "error_slope/1/7")
ADDRESSES = (address_of(*DEEP), "/?layers=4-8-8-4&seed=7&at=" + "~".join(WIDE))


def show(visitor: Visitor, address: str) -> None:
    """A derivation in the middle of an iteration, its blame split."""
    visitor.open(address)
    visitor.key("b")


def room(visitor: Visitor) -> list[str]:
    """What there is no room for."""
    found: list[str] = visitor.page.evaluate(CUT_OFF)
    if (wider := visitor.page.evaluate(WIDER)) > 0:
        found.append(f"the page is {wider} px wider than the window")
    if (size := visitor.page.evaluate(SMALLEST)) < 9.5:
        found.append(f"a text of {size:.1f} px")
    return found


@pytest.mark.parametrize(("width", "language"), [(390, "ko"), (390, "en"), (1280, "en")])
def test_there_is_room(new_visitor: NewVisitor, width: int, language: str) -> None:
    """In every panel, with a derivation unfolded to the inputs or with sums of many terms."""
    visitor = new_visitor(viewport={"width": width, "height": 844}, locale=language)
    found: dict[str, list[str]] = {}
    for address in ADDRESSES:
        show(visitor, address)
        for panel in PANELS:
            visitor.choose("panel", panel)
            visitor.page.evaluate(UNFOLDED)
            if words := room(visitor):
                found[f"{panel} {address}"] = words
        visitor.key("u")
        visitor.choose("panel", "slide4")
        if words := room(visitor):
            found[f"updated {address}"] = words
        visitor.choose("panel", "data")
    assert not found


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ko")])
def test_axe_finds_nothing(new_visitor: NewVisitor, theme: str, language: str) -> None:
    """In any panel; in a derivation with ribbons, and in one unfolded to the inputs."""
    visitor = new_visitor(color_scheme=theme, locale=language)
    visitor.open()
    visitor.choose("panel", "data")
    found = {}
    for way in (DEEP, BLAMED):
        show(visitor, address_of(*way))
        found["~".join(way)] = findings(visitor, "#panel")
    expect(visitor.page.locator(".blame")).to_be_visible()
    visitor.page.mouse.move(0, 0)
    visitor.open()
    for panel in PANELS:
        visitor.choose("panel", panel)
        found[panel] = findings(visitor, "#panel")
    assert not {moment: words for moment, words in found.items() if words}
