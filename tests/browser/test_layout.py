"""What is drawn has room: measured in the browser, at every step, from a phone to a projector."""

from base64 import b64encode
from itertools import product
from typing import Any

import pytest

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import STEP, Visitor

SIZES = {"laptop": (1280, 720), "projector": (1920, 1080), "phone": (390, 844)}
NETWORKS = {"/": 19, "/?preset=mazur": 19, "/?preset=class-notes": 19}
SMALLEST = {"laptop": 11, "projector": 11, "phone": 10}  # px

# Boxes of the drawing's texts and circles, and how small a text is. A text that stands within a
# circle is that unit's own; others may touch no circle and no other text.
MEASURE = """() => {
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom };
  };
  const texts = [...document.querySelectorAll("#graph svg.network text")].map((text) => ({
    text: [...text.querySelectorAll("tspan")].map((e) => e.textContent).join(""), ...box(text),
    size: Math.min(...[...text.querySelectorAll("tspan")].concat([text]).filter((e) =>
      [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
    ).map((e) => parseFloat(getComputedStyle(e).fontSize))),
    sub: Boolean(text.querySelector(".sub")),
  }));
  const circles = [...document.querySelectorAll("#graph circle.body, #graph .constant circle")]
    .map((circle) => ({ text: "circle of " + (circle.closest("[id]")?.id), ...box(circle) }));
  return { texts, circles };
}"""

# Text that is cut off or sticks out of its section. A section that can be scrolled may be longer.
CLIPPED = """() => {
  const found = [];
  for (const id of ["status", "graph", "card", "controls"]) {
    const section = document.getElementById(id);
    const frame = section.getBoundingClientRect();
    if (frame.bottom > innerHeight + 1 || frame.right > innerWidth + 1 || frame.top < -1) {
      found.push(`#${id} sticks out of the window`);
    }
    for (const part of [section, ...section.querySelectorAll("*")]) {
      if (part.closest("#presets .sheet, .vh, title, defs") || part.clientWidth === 0) continue;
      const scrolls = part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1;
      const style = getComputedStyle(part);
      if (scrolls && style.overflow !== "visible" && part.namespaceURI.endsWith("xhtml")
          && !part.matches(".others")) {
        found.push(`#${id} ${part.tagName}.${part.className} is cut off`);
      }
    }
    const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
      if (!node.data.trim() || node.parentElement.closest("title, .sheet, .others, .vh, annotation")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const r = range.getBoundingClientRect();
      if (!r.width) continue;
      if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1) {
        found.push(`#${id}: “${node.data.trim()}” sticks out`);
      }
    }
  }
  return found;
}"""


# The most that any colour of any pixel differs between pictures of one size.
DIFFERENCE = """async (pictures) => {
  const pixels = await Promise.all(pictures.map(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const { width, height } = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(await createImageBitmap(new Blob([bytes])), 0, 0);
    return canvas.getImageData(0, 0, width, height).data;
  }));
  return pixels[0].reduce((most, value, at) =>
    Math.max(most, ...pixels.map((picture) => Math.abs(picture[at] - value))), 0);
}"""

TICKS = """() => [...document.querySelectorAll("#timeline button")].map((tick) => {
  const { left, top, right, bottom } = tick.getBoundingClientRect();
  return { text: tick.textContent, left, top, right, bottom };
})"""


def size(name: str) -> dict[str, int]:
    width, height = SIZES[name]
    return {"width": width, "height": height}


def overlap(a: dict[str, Any], b: dict[str, Any], slack: float = 1.0) -> bool:
    """Whether two boxes share more than a hair's breadth. Boxes of texts include their leading."""
    return bool(
        a["left"] + slack < b["right"]
        and b["left"] + slack < a["right"]
        and a["top"] + slack < b["bottom"]
        and b["top"] + slack < a["bottom"]
    )


def within(a: dict[str, Any], circle: dict[str, Any]) -> bool:
    """Whether a text's middle lies in a circle's box: it is that unit's own number."""
    x, y = (a["left"] + a["right"]) / 2, (a["top"] + a["bottom"]) / 2
    return bool(circle["left"] < x < circle["right"] and circle["top"] < y < circle["bottom"])


def reaches(a: dict[str, Any], circle: dict[str, Any]) -> bool:
    """Whether a text's box reaches into a circle (and not merely into the circle's box)."""
    radius = (circle["right"] - circle["left"]) / 2
    x, y = (circle["left"] + circle["right"]) / 2, (circle["top"] + circle["bottom"]) / 2
    near_x = min(max(x, a["left"]), a["right"])
    near_y = min(max(y, a["top"]), a["bottom"])
    return bool((near_x - x) ** 2 + (near_y - y) ** 2 < (radius - 1) ** 2)


def crowded(visitor: Visitor, smallest: float) -> list[str]:
    """What overlaps in the drawing, or is too small, in words."""
    measured = visitor.page.evaluate(MEASURE)
    texts, circles = measured["texts"], measured["circles"]
    assert len(texts) > 10
    found = [
        f"“{text['text']}” is {text['size']:.1f} px"
        for text in texts
        if text["size"] < smallest and not text["sub"]
    ]
    for index, text in enumerate(texts):
        found += [f"“{text['text']}” on “{o['text']}”" for o in texts[:index] if overlap(text, o)]
        found += [
            f"“{text['text']}” in the {circle['text']}"
            for circle in circles
            if reaches(text, circle) and not within(text, circle)
        ]
    return found


def jump(visitor: Visitor, cursor: int) -> None:
    """To a moment that no tick of the timeline may stand for at present."""
    with visitor.changes():
        visitor.page.evaluate(
            """(cursor) => {
              const tick = document.querySelector("#timeline button");
              tick.value = cursor;
              tick.click();
            }""",
            cursor,
        )


@pytest.mark.parametrize(
    ("where", "address"),
    [("projector", "/"), *product(("laptop", "phone"), NETWORKS)],
)
def test_nothing_overlaps(new_visitor: NewVisitor, where: str, address: str) -> None:
    """At every step of an iteration no label touches another or a unit, and all can be read."""
    visitor = new_visitor(viewport=size(where)).open(address)
    found = {0: crowded(visitor, SMALLEST[where])}
    for step in range(1, NETWORKS[address] + 1):
        visitor.step()
        found[step] = crowded(visitor, SMALLEST[where])
    assert not {step: words for step, words in found.items() if words}


@pytest.mark.parametrize("by", ["unit", "phase"])
def test_nothing_overlaps_by_other_steps(new_visitor: NewVisitor, by: str) -> None:
    """Nor where steps are single numbers or whole passes, which mark and label differently."""
    visitor = new_visitor(viewport=size("phone")).open()
    visitor.choose("by", by)
    for cursor in (2, 13, 16, 22, 45, 60, 77) if by == "unit" else (15, 55, 77):
        jump(visitor, cursor)
        assert not crowded(visitor, SMALLEST["phone"])


@pytest.mark.parametrize(
    ("where", "language"), [("laptop", "en"), ("laptop", "ko"), ("projector", "ko")]
)
def test_the_first_screen_fits(new_visitor: NewVisitor, where: str, language: str) -> None:
    """Status, graph, card and controls are whole in the window, at every step."""
    visitor = new_visitor(viewport=size(where), locale=language)
    found: dict[str, list[str]] = {}
    for address, count in NETWORKS.items():
        visitor.open(address)
        for step in range(count + 1):
            if words := visitor.page.evaluate(CLIPPED):
                found[f"{address} {step}"] = words
            visitor.step()
    visitor.open("/?preset=deck")
    visitor.choose("by", "unit")
    for step in range(6, 78, 6):
        jump(visitor, step)
        if words := visitor.page.evaluate(CLIPPED):
            found[f"by unit {step}"] = words
    assert not found


@pytest.mark.parametrize("panel", ["matrices", "data", "error"])
def test_no_page_scrolls_sideways(new_visitor: NewVisitor, panel: str) -> None:
    """What is wide scrolls within its own part; the page never does."""
    visitor = new_visitor(viewport=size("phone")).open()
    visitor.choose("panel", panel)
    for address in ("/", "/?preset=class-notes", "/?layers=8-8-8-8-8&seed=1"):
        visitor.open(address)
        for width in (320, 390, 640, 768, 1000, 1280, 1920):
            visitor.page.set_viewport_size({"width": width, "height": 844})
            wide = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} px wide at {width}"


@pytest.mark.parametrize("width", [390, 640, 1000, 1280])
def test_ticks_do_not_overlap(new_visitor: NewVisitor, width: int) -> None:
    """The timeline of the deepest network can still be read and clicked."""
    visitor = new_visitor(viewport={"width": width, "height": 844})
    for address in ("/", "/?layers=8-8-8-8-8&seed=1"):
        visitor.open(address)
        ticks = visitor.page.evaluate(TICKS)
        for index, tick in enumerate(ticks):
            assert not [o["text"] for o in ticks[:index] if overlap(tick, o)], (address, tick)


@pytest.mark.parametrize(
    ("language", "address"), [("ko", "/?preset=xor-alone"), ("en", "/?layers=8-8-2&seed=1")]
)
def test_what_stands_above_and_below_on_a_phone(
    new_visitor: NewVisitor, language: str, address: str
) -> None:
    """The status takes two lines, the facts side by side; the names of the passes fit their ticks."""
    page = new_visitor(viewport=size("phone"), locale=language).open(address).page
    places = page.evaluate(
        """() => ["#presets", ".wishes", ".facts div:first-child", ".facts .E"].map((of) => {
          const { top, bottom, right } = document.querySelector(`#status ${of}`).getBoundingClientRect();
          return { middle: (top + bottom) / 2, right };
        })"""
    )
    lines = [place["middle"] for place in places]
    assert lines[0] == pytest.approx(lines[1], abs=3)
    assert lines[2] == pytest.approx(lines[3], abs=3)
    assert lines[2] > lines[0] + 20
    assert all(place["right"] <= 390 for place in places)
    page.locator('#by button[value="phase"]').click()
    page.wait_for_selector("#timeline.phase-by")
    wide = """() => [...document.querySelectorAll("#timeline button")].filter((tick) =>
      tick.scrollWidth > tick.clientWidth || tick.scrollHeight > tick.clientHeight + 1).map((tick) => tick.textContent)"""
    assert page.evaluate(wide) == []


def test_what_a_step_leaves_alone_looks_as_before(visitor: Visitor) -> None:
    """The edges to the outputs are painted alike whether or not others are lit."""
    visitor.open("/?layers=8-8-8-8-8&seed=1")
    frame = visitor.page.locator("#graph").bounding_box()
    assert frame is not None
    between = visitor.page.evaluate(
        """() => [[3, "right"], [4, "left"]].map(([layer, side]) =>
          document.querySelector(`#unit-${layer}-1 .body`).getBoundingClientRect()[side])"""
    )
    clip = {
        "x": between[0] + 4,
        "width": between[1] - between[0] - 8,
        "y": frame["y"] + 4,
        "height": frame["height"] - 8,
    }
    pictures = []
    for _ in range(4):  # with net of a hidden layer its edges are lit, with out they are not
        visitor.step()
        picture = visitor.page.screenshot(clip=clip)  # type: ignore[arg-type]
        pictures.append(b64encode(picture).decode())
    assert visitor.page.evaluate(DIFFERENCE, pictures) < 30  # of 255; smoothing alone makes 14


def test_motion_is_off_for_those_who_ask(visitor: Visitor) -> None:
    """Under prefers-reduced-motion nothing moves after a step; else a pulse runs."""
    running = "document.getAnimations().length"
    visitor.open()
    for _ in range(3):
        visitor.step()
        assert visitor.page.evaluate(running) == 0
    visitor.page.emulate_media(reduced_motion="no-preference")
    moved = visitor.page.evaluate(
        """(selector) => new Promise((resolve) => {
          document.addEventListener("htmx:finally:request", () =>
            requestAnimationFrame(() => resolve(document.getAnimations().length)), { once: true });
          document.querySelector(selector).click();
        })""",
        STEP,
    )
    assert moved > 0
