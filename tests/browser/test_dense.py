"""Large networks: drawn small enough for the stage and large enough to be read, numbers apart."""

from itertools import cycle
from typing import Any

import pytest

from tests.browser.conftest import NewVisitor
from tests.browser.test_layout import MEASURE, SIZES, SMALLEST, overlap, reaches, size, within
from tests.browser.visitor import Visitor

LARGE = [
    "/?layers=8-8-8-8-8&seed=1",
    "/?layers=8-8-8-8-4&seed=1",
    "/?layers=8-8-4&seed=2",
    "/?layers=2-4-4&seed=3",
    "/?layers=5-6-3&seed=4",
    "/?layers=8-8-8-8-8&seed=5&bias=per_unit",
    "/?layers=1-8-1&seed=6&bias=none",
    "/?layers=3-5-7-3&seed=7&bias=per_unit",
]

# A laptop's stage is the lowest, and a phone's the narrowest: all there, some where there is room.
# By turns in steps of a layer and of single numbers; the largest in both where it is tightest.
PLACES = [
    *(("laptop", address) for address in LARGE),
    *(("phone", address) for address in LARGE[::2]),
    *(("projector", address) for address in LARGE[1::3]),
]
GAPS = "/?layers=3-8-8-8-2&seed=1&bias=per_unit"  # where weights have room in one gap of four
SEEN = [("laptop", LARGE[0], "unit"), ("phone", GAPS, "phase")]
SEEN += [("laptop", GAPS, by) for by in ("unit", "layer", "phase")]
SEEN += [(*place, by) for place, by in zip(PLACES, cycle(("layer", "unit")), strict=False)]

# Texts and circles that do not lie in what can be seen of the graph, or scrolled into sight there; and
# texts that are longer than what marks them.
CUT = """() => {
  const graph = document.getElementById("graph");
  const frame = graph.getBoundingClientRect();
  const left = frame.left - graph.scrollLeft, top = frame.top - graph.scrollTop;
  const found = graph.scrollWidth > graph.clientWidth + 1 && innerWidth > 800 ? ["scrolls"] : [];
  if (graph.scrollHeight > graph.clientHeight + 1) found.push("scrolls down");
  for (const part of graph.querySelectorAll("svg.network text, circle.body, .constant circle")) {
    const r = part.getBoundingClientRect();
    if (!r.width) continue;
    if (r.left < left - 1 || r.top < top - 1 || r.right > left + graph.scrollWidth + 1
        || r.bottom > top + graph.scrollHeight + 1) {
      found.push(part.textContent.trim() || part.closest("[id]").id);
    }
  }
  for (const mark of graph.querySelectorAll(":is(.pill, .tag rect)")) {
    const frame = mark.getBoundingClientRect(), text = mark.nextElementSibling;
    const box = text.getBoundingClientRect();
    if (box.width && (box.left < frame.left - 2 || box.right > frame.right + 2)) {
      found.push(`“${text.textContent.trim()}” is longer than its mark`);
    }
  }
  return found;
}"""


def troubles(visitor: Visitor, smallest: float) -> list[str]:
    """What overlaps, is cut off or too small."""
    measured: dict[str, Any] = visitor.page.evaluate(MEASURE)
    shown = [text for text in measured["texts"] if text["right"] > text["left"]]
    assert len(shown) > 10
    found: list[str] = visitor.page.evaluate(CUT)
    for index, text in enumerate(shown):
        if text["size"] < smallest and not text["sub"]:
            found.append(f"“{text['text']}” is {text['size']:.1f} px")
        found += [
            f"“{text['text']}” on “{o['text']}”" for o in shown[:index] if overlap(text, o, 1.5)
        ]
        found += [
            f"“{text['text']}” in the {circle['text']}"
            for circle in measured["circles"]
            if reaches(text, circle) and not within(text, circle)
        ]
    return found


@pytest.mark.parametrize(("where", "address", "by"), SEEN)
def test_large_networks_can_be_read(
    new_visitor: NewVisitor, where: str, address: str, by: str
) -> None:
    """At moments of every phase, by layers or by single numbers, nothing touches or is cut off."""
    visitor = new_visitor(viewport=size(where)).open(address)
    found = {"start": troubles(visitor, SMALLEST[where])}
    visitor.choose("by", by)
    for press in ("u", "f", "ArrowLeft", "ArrowLeft", "b", "ArrowLeft", "u", "ArrowLeft"):
        visitor.key(press)
        found[f"{press} {len(found)}"] = troubles(visitor, SMALLEST[where])
    assert not {moment: words for moment, words in found.items() if words}


@pytest.mark.parametrize("where", SIZES)
def test_a_unit_that_is_pointed_at_shows_its_weights(new_visitor: NewVisitor, where: str) -> None:
    """All of its edges have their numbers then, and nothing touches; also by the keyboard."""
    visitor = new_visitor(viewport=size(where)).open("/?layers=8-8-8-8-8&seed=1")
    visitor.key("b")
    shown = "() => [...document.querySelectorAll('.tag text')].filter((e) => e.getBoundingClientRect().width).map((e) => e.textContent)"  # fmt: skip
    assert not visitor.page.evaluate(shown)
    for unit, edges in (("unit-0-0", 8), ("unit-1-4", 16), ("unit-4-7", 8)):
        visitor.page.locator(f"#{unit} .body").hover()
        assert len(visitor.page.evaluate(shown)) == edges
        assert not troubles(visitor, SMALLEST[where])
        visitor.page.mouse.move(1, 1)
        visitor.page.locator(f"#{unit} > a").focus()
        assert len(visitor.page.evaluate(shown)) == edges
        visitor.page.locator(f"#{unit} > a").blur()
    assert not visitor.page.evaluate(shown)


def test_what_is_explained_keeps_its_weights(new_visitor: NewVisitor) -> None:
    """The edges of the unit in the address are labelled, without a pointer and without a script."""
    visitor = new_visitor(viewport=size("laptop"))
    visitor.open("/?layers=8-8-8-8-8&seed=1&at=out/2/3")
    assert visitor.page.locator(".tags .tag").count() == 16
    assert not troubles(visitor, SMALLEST["laptop"])
    visitor.open("/?layers=8-8-8-8-8&seed=1&at=weight/1/2/5~weight_gradient/1/2/5")
    assert visitor.page.locator(".tags .tag").count() == 1
