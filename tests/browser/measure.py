"""Measuring a page: what overlaps, is cut off, or is too small to read."""

from collections.abc import Iterable, Iterator

from playwright.sync_api import Page, ViewportSize

SIZES = {"laptop": (1280, 720), "projector": (1920, 1080), "phone": (390, 844)}
SMALLEST = {"laptop": 16, "projector": 16, "phone": 12}  # px

# What is wrong in the drawing at some scales: texts that are too small, touch each other, are cut off or
# longer than their mark, and lines that are covered by what is not their own. Boxes of texts depend on the
# scale, by up to two units, and include their leading: they may share `slack` units of the drawing.
CROWDED = """([scales, slack]) => {
  const svg = document.querySelector("#graph svg.network"), found = new Set();
  const shown = (part) => part.getClientRects().length > 0 && getComputedStyle(part).display !== "none";
  const boxOf = (part) => {
    const { x, y, width, height } = part.getBBox();
    return { left: x, top: y + (part.matches("text") ? height * .16 : 0), right: x + width,
      bottom: y + height - (part.matches("text") ? height * .16 : 0), width };
  };
  const said = (text) => [...text.childNodes].filter((node) => node.nodeName !== "title")
    .map((node) => node.textContent).join("").trim();
  const lines = [...svg.querySelectorAll(".wire, .ribbon")].map((line) => {
    const points = [], whole = line.getTotalLength();
    for (let at = 0; at <= whole; at += 4) points.push(line.getPointAtLength(at));
    return { own: line.closest("g"), points };
  });
  const measure = (scale, smallest) => {
    if (Math.abs(svg.getScreenCTM().a - scale) > .001) found.add(`the drawing has no scale of ${scale}`);
    const texts = [...svg.querySelectorAll("text")].filter((text) => shown(text) && said(text))
      .map((text) => ({ text, words: said(text), own: text.closest("g"), ...boxOf(text) }));
    if (texts.length < 6) found.add("there is hardly any text");
    texts.forEach((a, index) => {
      for (const part of [a.text, ...a.text.querySelectorAll("tspan")]) {
        const size = parseFloat(getComputedStyle(part).fontSize) * scale;
        const least = part.matches(".index") ? Math.min(12, smallest) : smallest;
        if (size < least - .1) found.add(`“${a.words}” is ${size.toFixed(1)} px`);
      }
      if (a.left < -1 || a.right > 821 || a.top < -1 || a.bottom > 479) found.add(`“${a.words}” is cut off`);
      for (const b of texts.slice(0, index)) {
        if (a.left + slack < b.right && b.left + slack < a.right && a.top + slack < b.bottom && b.top + slack < a.bottom) {
          found.add(`“${a.words}” on “${b.words}”`);
        }
      }
    });
    const marks = [...svg.querySelectorAll(".mark")].filter(shown).map((mark) => ({ own: mark.closest("g"), ...boxOf(mark) }));
    for (const mark of marks) {
      const on = texts.filter((text) => text.own === mark.own && text.bottom > mark.top + 4 && text.top < mark.bottom - 4
        && text.right > mark.left + 4 && text.left < mark.right - 4);
      for (const text of on) {
        if (text.left < mark.left - 2 || text.right > mark.right + 2) found.add(`“${text.words}” is longer than its mark`);
      }
    }
    for (const { own, points } of lines) {
      for (const { x, y } of points) {
        for (const part of [...texts, ...marks]) {
          if (part.own === own || part.right < x || part.left > x || part.bottom < y || part.top > y) continue;
          found.add(`${own.id} is covered by “${part.words ?? "a mark"}” of ${part.own.closest("[id]").id}`);
        }
      }
    }
  };
  for (const [scale, smallest] of scales) {
    svg.style.width = `${820 * scale}px`;
    svg.style.height = `${478 * scale}px`;
    measure(scale, smallest);
  }
  svg.getAttribute("style"); // Chromium writes the attribute only when it is read
  svg.removeAttribute("style");
  return [...found];
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
    let scrolls = false;  // down a frame of its own: what is below its edge is not cut off
    for (let part = node.parentElement; ; part = part.parentElement) {
      const style = getComputedStyle(part), wide = part.scrollWidth > part.clientWidth + 1;
      if (panel && wide && ["auto", "scroll"].includes(style.overflowX)) {
        if (part.tabIndex < 0 && !part.querySelector("a, button, input")) found.add(described(part, "no way to scroll"));
        break;
      }
      if (!panel && part.matches(".equations, .steps, .network-name .what")) break;
      if (!panel && part.clientWidth && part.namespaceURI.endsWith("xhtml") && style.overflow !== "visible" &&
          (wide || part.scrollHeight > part.clientHeight + 1)) found.add(described(part, "is cut off"));
      scrolls ||= panel && ["auto", "scroll"].includes(style.overflowY) && part.scrollHeight > part.clientHeight + 1;
      const box = part.getBoundingClientRect();
      const out = text.left < box.left - 1 || text.right > box.right + 1 ||
        !scrolls && (text.top < box.top - 1 || text.bottom > box.bottom + 1);
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
  const at = document.activeElement;
  if (at === document.body) return null;
  // A line is too thin, and its box too large: in the drawing its number is looked at.
  const box = (at.closest("svg") && at.querySelector(".value, .body, .mark, .number") || at).getBoundingClientRect();
  const shapes = at.closest("svg") ? at.querySelectorAll("circle, rect, path") : [];
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
  const line = at.querySelector(".value, .body, .mark, .number") ? null : at.querySelector(".wire");
  const onLine = (part) => {
    const point = line.getPointAtLength(part * line.getTotalLength()).matrixTransform(line.getScreenCTM());
    return at.contains(document.elementFromPoint(point.x, point.y));
  };
  const visible = (part) => line ? [0.05, 0.3, 0.5, 0.7, 0.95].some(onLine)
    : at.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height * part));
  return {
    region: at.closest("#lab > *, #stage > *, .skip")?.id || at.className,
    href: at.getAttribute("href") ?? "", operand: at.closest(".operand-of")?.dataset.of ?? "",
    drawn: at.closest("#graph") !== null, inside: at.closest("#derivation") !== null, top: box.top,
    html: at.outerHTML, marked, middle: visible(0.5), visible: [0.1, 0.5, 0.9].some(visible),
  };
}"""


def size(where: str) -> ViewportSize:
    width, height = SIZES[where]
    return {"width": width, "height": height}


def resize(page: Page, where: str) -> None:
    page.set_viewport_size(size(where))


def in_windows(page: Page, sizes: Iterable[ViewportSize]) -> Iterator[None]:
    """Give the page windows of these sizes, first the one that it has: a change takes long."""
    for each in sorted(sizes, key=lambda size: size != page.viewport_size):
        page.set_viewport_size(each)
        yield


Scales = list[tuple[float, int]]  # pixels per unit of the drawing, and the least pixels of a text


def scales_of(page: Page) -> Scales:
    """The scales that the drawing has in all windows; the last one is a laptop's.

    No step changes them (test_first_screen.py).
    """
    found = []
    for where in reversed(SIZES):
        resize(page, where)
        scale = page.evaluate("document.querySelector('#graph svg.network').getScreenCTM().a")
        found.append((scale, SMALLEST[where]))
    return found


def crowded(page: Page, scales: Scales, slack: float = 1.0) -> list[str]:
    """What touches, is cut off or is too small in the drawing, at any of these scales."""
    found: list[str] = page.evaluate(CROWDED, [scales, slack])
    return found


def cut_off(page: Page, *ids: str) -> list[str]:
    """What has no room in these parts of the page."""
    found: list[str] = page.evaluate(CUT_OFF, ids)
    return found
