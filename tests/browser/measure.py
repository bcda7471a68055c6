"""Measuring a page: what overlaps, is cut off, or is too small to read."""

from typing import Any

from playwright.sync_api import Page

SIZES = {"laptop": (1280, 720), "projector": (1920, 1080), "phone": (390, 844)}
SMALLEST = {"laptop": 11, "projector": 11, "phone": 10}  # px

# Texts of the drawing that touch each other or a unit, are too small, or are not within the graph (or
# not within what it scrolls to). A text whose middle lies within a circle is that unit's own. Boxes of
# texts include their leading: they may share `slack` pixels.
CROWDED = """([smallest, slack]) => {
  const found = [], graph = document.getElementById("graph");
  const box = (element) => element.getBoundingClientRect();
  const texts = [...graph.querySelectorAll("svg.network text")].map((text) => {
    const { left, top, right, bottom } = box(text);
    const spans = [...text.querySelectorAll("tspan")];
    return {
      left, top, right, bottom, sub: Boolean(text.querySelector(".sub")),
      words: spans.map((span) => span.textContent).join("") || text.textContent.trim(),
      size: Math.min(...spans.concat([text]).filter((e) =>
        [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
      ).map((e) => parseFloat(getComputedStyle(e).fontSize))),
    };
  }).filter(({ left, right }) => right > left);
  if (texts.length < 11) found.push("there is hardly any text");
  const circles = [...graph.querySelectorAll("circle.body, .constant circle")].map((circle) => {
    const { left, top, right, bottom, width } = box(circle);
    return { left, top, right, bottom, x: (left + right) / 2, y: (top + bottom) / 2, radius: width / 2,
      id: circle.closest("[id]")?.id };
  });
  const between = (low, x, high) => low < x && x < high;
  const clamp = (low, x, high) => Math.min(Math.max(x, low), high);
  texts.forEach((a, index) => {
    if (a.size < smallest && !a.sub) found.push(`“${a.words}” is ${a.size} px`);
    for (const b of texts.slice(0, index)) {
      if (a.left + slack < b.right && b.left + slack < a.right && a.top + slack < b.bottom && b.top + slack < a.bottom) {
        found.push(`“${a.words}” on “${b.words}”`);
      }
    }
    for (const c of circles) {
      const own = between(c.left, (a.left + a.right) / 2, c.right) && between(c.top, (a.top + a.bottom) / 2, c.bottom);
      const distance = Math.hypot(clamp(a.left, c.x, a.right) - c.x, clamp(a.top, c.y, a.bottom) - c.y);
      if (!own && distance < c.radius - 1) found.push(`“${a.words}” in the circle of ${c.id}`);
    }
  });
  const frame = box(graph), left = frame.left - graph.scrollLeft, top = frame.top - graph.scrollTop;
  if (graph.scrollWidth > graph.clientWidth + 1 && innerWidth > 800) found.push("scrolls");
  if (graph.scrollHeight > graph.clientHeight + 1) found.push("scrolls down");
  for (const part of graph.querySelectorAll("svg.network text, circle.body, .constant circle")) {
    const r = box(part);
    if (r.width && (r.left < left - 1 || r.top < top - 1 || r.right > left + graph.scrollWidth + 1
        || r.bottom > top + graph.scrollHeight + 1)) {
      found.push(`${part.textContent.trim() || part.closest("[id]").id} is cut off`);
    }
  }
  for (const mark of graph.querySelectorAll(":is(.pill, .tag rect)")) {
    const frame = box(mark), text = box(mark.nextElementSibling);
    if (text.width && (text.left < frame.left - 2 || text.right > frame.right + 2)) {
      found.push(`“${mark.nextElementSibling.textContent.trim()}” is longer than its mark`);
    }
  }
  return found;
}"""

# Parts of the page that are not in the window, and text that sticks out of what frames it: the part, and
# in a panel also a cell, a button, whatever has a border or a background, or a drawing. On the first
# screen nothing but the list of a step's other numbers may scroll; in a panel keys must be able to scroll.
CUT_OFF = """(ids) => ids.flatMap((id) => {
  const root = document.getElementById(id), panel = id === "panel", found = new Set();
  const described = (part, text) => `#${id} ${part.tagName}.${part.getAttribute("class") ?? part.id}: “${text.trim()}”`;
  const framed = (part, style) => part === root || panel && style.display !== "inline" && (
    part.matches("td, th, button, input") || parseFloat(style.borderLeftWidth) > 0 || parseFloat(style.borderRightWidth) > 0 ||
    style.overflowX !== "visible" || style.backgroundColor !== "rgba(0, 0, 0, 0)");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (!node.data.trim() || node.parentElement.closest("title, .vh, .word, .sheet, annotation")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    if (!text.width) continue;
    for (let part = node.parentElement; ; part = part.parentElement) {
      const style = getComputedStyle(part), wide = part.scrollWidth > part.clientWidth + 1;
      if (panel && wide && ["auto", "scroll"].includes(style.overflowX)) {
        if (part.tabIndex < 0 && !part.querySelector("a, button, input")) found.add(described(part, "no way to scroll"));
        break;
      }
      if (!panel && part.matches(".equations, .steps")) break;
      if (!panel && part.clientWidth && part.namespaceURI.endsWith("xhtml") && style.overflow !== "visible" &&
          (wide || part.scrollHeight > part.clientHeight + 1)) found.add(described(part, "is cut off"));
      const box = part.getBoundingClientRect();
      const out = text.left < box.left - 1 || text.right > box.right + 1 ||
        text.top < box.top - 1 || text.bottom > box.bottom + 1;
      if (out && framed(part, style)) found.add(described(part, node.data));
      if (part === root) break;
    }
  }
  for (const input of root.querySelectorAll("input:not([readonly])")) {  // a link is longer
    if (input.scrollWidth > input.clientWidth + 1) found.add(described(input, input.value));
  }
  for (const text of panel ? root.querySelectorAll("svg text") : []) {
    const size = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM()?.a;
    if (text.getBoundingClientRect().width > 0 && size < 9.5) found.add(`a text of ${size} px`);
  }
  const box = root.getBoundingClientRect();
  if (!panel && (box.bottom > innerHeight + 1 || box.right > innerWidth + 1 || box.top < -1)) found.add(`#${id} sticks out of the window`);
  const wider = document.documentElement.scrollWidth - innerWidth;
  if (wider > 0) found.add(`the page is ${wider} px wider than the window`);
  return [...found].slice(0, 8);
})"""

# Steps of the timeline that overlap, by more than a pixel.
TICKS = """() => {
  const ticks = [...document.querySelectorAll("#timeline button")].map((tick) => [tick.textContent, tick.getBoundingClientRect()]);
  return ticks.flatMap(([name, a], index) => ticks.slice(0, index).filter(([_, b]) => a.left + 1 < b.right &&
    b.left + 1 < a.right && a.top + 1 < b.bottom && b.top + 1 < a.bottom).map(([other]) => `${name} on ${other}`));
}"""

# The focused element: whether its outline marks it (in the drawing, whose shapes would be framed badly,
# their strokes), whether it can be seen, and the quantity that it shows or leads to.
FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  if (at === document.body) return null;
  const shapes = at.closest("svg") ? at.querySelectorAll("circle, rect, line") : [];
  const strokes = () => [...shapes].map((shape) => {
    const { stroke, strokeWidth } = getComputedStyle(shape);
    return parseFloat(strokeWidth) >= 2 ? stroke + strokeWidth : "";
  });
  const { outlineStyle, outlineWidth } = getComputedStyle(at), focused = strokes();
  let marked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  if (outlineStyle === "none") {
    at.blur();
    const without = strokes();
    at.focus();
    marked = focused.some((stroke, index) => stroke && stroke !== without[index]);
  }
  const visible = (part) => at.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height * part));
  return {
    region: at.closest("#lab > *, #stage > *, .skip")?.id || at.className,
    href: at.getAttribute("href") ?? "", operand: at.closest(".operand-of")?.dataset.of ?? "",
    drawn: at.closest("#graph") !== null, inside: at.closest("#derivation") !== null, top: box.top,
    html: at.outerHTML, marked, middle: visible(0.5), visible: [0.1, 0.5, 0.9].some(visible),
  };
}"""


def size(where: str) -> dict[str, Any]:
    width, height = SIZES[where]
    return {"width": width, "height": height}


def resize(page: Page, where: str) -> None:
    page.set_viewport_size(size(where))  # type: ignore[arg-type]


def crowded(page: Page, where: str, slack: float = 1.0) -> list[str]:
    """What touches, is cut off or is too small in the drawing, in a window of this size."""
    found: list[str] = page.evaluate(CROWDED, [SMALLEST[where], slack])
    return found


def cut_off(page: Page, *ids: str) -> list[str]:
    """What has no room in these parts of the page."""
    found: list[str] = page.evaluate(CUT_OFF, ids)
    return found
