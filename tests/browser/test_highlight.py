"""What shows one number lights up together: drawing, formula, matrix and NumPy line, from each."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import NewVisitor
from tests.browser.explaining import address_of, at_work, in_drawing, operand, seek
from tests.browser.visitor import Visitor
from tests.support.derivation_markup import way_of

GRADIENTS = 29  # the cursor after ∂E/∂W_HO: an outer product
# What each element shows, whether it is lit by the pointer or the focus, and in which of the places.
SHOWN = """() => [...document.querySelectorAll("[data-of]")].map((element) => ({
  of: element.dataset.of.split(" "),
  lit: element.classList.contains("lit"),
  chosen: "chosen" in element.dataset,
  place: element.closest("#graph") ? "drawing" : element.closest(".code, code") ? "line"
    : element.closest("td") ? "matrix" : element.closest(".formula, .others, .operand-of") ? "formula" : "",
}))"""
PLACES = {"drawing", "formula", "matrix", "line"}
# The cells of the equations that are outlined, in each equation that has one of a result's.
MADE_FROM = """(address) => [...document.querySelectorAll("#slide4 .equation")]
  .filter((equation) => equation.querySelector(`.gives [data-of="${address}"]`))
  .map((equation) => [...equation.querySelectorAll("td")].filter((cell) =>
    !cell.closest(".gives") && getComputedStyle(cell).outlineStyle !== "none").map((cell) => cell.dataset.of))
  .flat()"""
# What is seen of whatever shows one of these: a stroke in the drawing, an outline elsewhere.
STROKES = """(selectors) => selectors.map((selector) => {
  const found = document.querySelector(selector);
  const { stroke, outlineStyle, outlineColor } = getComputedStyle(found.querySelector("line, rect, .body") ?? found);
  return [stroke, outlineStyle, outlineColor].join();
})"""

# A weight's gradient, and a unit's δ: where each is to be pointed at, and where to put the focus.
# A name in a line, and a symbol in a formula, cannot have the focus; the line and the number can.
GRADIENT, DELTA = "weight_gradient/1/0/0", "delta/2/0"
POINTED = {
    GRADIENT: {
        "drawing": "#graph svg.tag[data-of~='weight_gradient/1/0/0']",
        "formula": "#card .pair.left",
        "matrix": f"#slide4 td[data-of='{GRADIENT}']",
        "line": "#card .code [data-of='weight_gradient/1'] >> nth=0",
        "line of slide 4": "#slide4-now .code code > [data-of='weight_gradient/1']",
    },
    DELTA: {
        "drawing": "#unit-2-0",
        "formula": f"#card .pair[data-of='{DELTA}']",
        "matrix": f"#slide4 td[data-of='{DELTA}']",
        "line": "#card .code span span[data-of='delta/2']",
        "line of slide 4": "#slide4-now .code span span[data-of='delta/2']",
    },
}
FOCUSED = {
    GRADIENT: POINTED[GRADIENT] | {"formula": "#card .pair.value"},
    DELTA: {
        "drawing": "#unit-2-0",
        "formula": f"#derivation .operand-of[data-of='{DELTA}']",
        "matrix": f"#slide4 td[data-of='{DELTA}']",
        "line of slide 4": "#slide4 .code code > [data-of='delta/2']",
    },
}


def related(one: str, other: str) -> bool:
    """Whether one address is the other, or a part of it."""
    return all(a == b for a, b in zip(one.split("/"), other.split("/"), strict=False))


def lit(page: Page, own: list[str], mark: str = "lit") -> set[str]:
    """The places that are lit now; exactly what is related to these addresses must be."""
    page.wait_for_timeout(30)
    shown: list[dict[str, Any]] = page.evaluate(SHOWN)
    for element in shown:
        expected = any(related(text, mine) for text in element["of"] for mine in own)
        assert element[mark] == expected, (element, own)
    return {element["place"] for element in shown if element[mark]} - {""}


def shows(place: Locator) -> list[str]:
    return (place.get_attribute("data-of") or "").split()


@pytest.fixture
def at_the_gradients(visitor: Visitor) -> Visitor:
    """Where the drawing, the formula, slide 4 and its lines all show the gradients of W_HO."""
    at_work(visitor, "Forward").choose("panel", "slide4")
    seek(visitor, GRADIENTS)
    return visitor


def test_with_the_pointer(at_the_gradients: Visitor) -> None:
    """From each of the places all of the others light up, and nothing else; and no longer."""
    page = at_the_gradients.page
    for subject, places in POINTED.items():
        for name, selector in places.items():
            place = page.locator(selector).first
            place.hover(force=True)
            assert lit(page, shows(place)) == PLACES, name
            assert set(page.evaluate(MADE_FROM, GRADIENT)) >= {DELTA}, name
            if subject == GRADIENT:
                assert "out/1/0" in page.evaluate(MADE_FROM, GRADIENT), name
    page.locator("#moves").hover(position={"x": 1, "y": 1})
    assert lit(page, []) == set()


def test_with_the_focus(at_the_gradients: Visitor) -> None:
    """The same by keyboard: what has the focus is lit everywhere else."""
    page = at_the_gradients.page
    with at_the_gradients.changes():
        in_drawing(page, "weight/1/0/0").click()
    page.locator("#moves").hover(position={"x": 1, "y": 1})
    for places in FOCUSED.values():
        for name, selector in places.items():
            place = page.locator(selector).first
            link = place.locator("a, input").first
            (link if link.count() else place).focus()
            assert lit(page, shows(place)) == PLACES, name
    page.evaluate("document.activeElement.blur()")
    assert lit(page, []) == set()


def test_with_a_finger(new_visitor: NewVisitor) -> None:
    """A tap lights it up everywhere; where it follows a link as well, it stays marked everywhere."""
    visitor = at_work(new_visitor(has_touch=True), "Forward")
    visitor.choose("panel", "slide4")
    seek(visitor, GRADIENTS)
    page = visitor.page
    for places in POINTED.values():
        for name, selector in places.items():
            place = page.locator(selector).first
            own = shows(place)
            if not place.locator("a").count():
                place.tap()
                assert lit(page, own) == PLACES, name
                continue
            with visitor.changes():
                place.locator("a").first.tap()
            [*_, asked] = way_of(page.url)
            assert any(related(asked, text) for text in own)
            assert lit(page, list(way_of(page.url)[:1]), "chosen") == PLACES, name


def test_what_is_lit_is_to_be_seen(at_the_gradients: Visitor) -> None:
    """It is drawn otherwise than before, in every place; the numbers that it is made from, too."""
    page = at_the_gradients.page
    selectors = [
        *("#edge-1-0-0", "#graph svg.tag[data-of~='weight_gradient/1/0/0']", "#card .pair.left"),
        *(f"#slide4 td[data-of='{GRADIENT}']", "#card .code [data-of='weight_gradient/1'] span"),
        *("#slide4-now td[data-of='out/1/0']", f"#slide4-now td[data-of='{DELTA}']"),
    ]
    before = page.evaluate(STROKES, selectors)
    page.locator(f"#slide4 td[data-of='{GRADIENT}']").first.hover()
    page.wait_for_timeout(400)
    after = page.evaluate(STROKES, selectors)
    assert not [name for name, a, b in zip(selectors, before, after, strict=True) if a == b]


def test_a_result_marks_its_row_and_column(visitor: Visitor) -> None:
    """On slide 4, in every product, sum and update: the cells that its step reads and no others."""
    at_work(visitor, "Update").choose("panel", "slide4")
    page = visitor.page
    last = {(step["kind"], step["layer"]): step for step in visitor.steps()}
    assert len(last) == 19
    for step in last.values():
        address = step["at"]
        cells = page.locator(f'#slide4 .gives td[data-of="{address}"]')
        cells.last.hover()
        page.wait_for_timeout(20)
        read = {each["at"] for each in step["operands"]}
        assert set(page.evaluate(MADE_FROM, address)) == read, address


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """What the address names is marked by the server, in every place, and seen to be."""
    visitor = at_work(new_visitor(java_script_enabled=False), "Forward")
    visitor.choose("panel", "slide4")
    seek(visitor, GRADIENTS)
    page = visitor.page
    for way in ((GRADIENT,), (DELTA,), ("weight/1/0/0", GRADIENT)):
        visitor.open(address_of(*way))
        assert lit(page, [way[0]], "chosen") == PLACES, way
    selectors = ["#edge-1-0-{}", "#slide4 .gives td[data-of='weight_gradient/1/0/{}']"]
    chosen, other = ([selector.format(unit) for selector in selectors] for unit in (0, 1))
    marked, plain = page.evaluate(STROKES, chosen), page.evaluate(STROKES, other)
    assert all(a != b for a, b in zip(marked, plain, strict=True))
    visitor.open(address_of(GRADIENT))
    assert {"out/1/0", DELTA} == set(page.evaluate(MADE_FROM, GRADIENT))


def test_down_the_way_it_follows(visitor: Visitor) -> None:
    """In the derivation each operand lights up what it is, too, however deep."""
    page = at_work(visitor, "Backward").page
    with visitor.changes():
        in_drawing(page, "delta/1/0").click()
    with visitor.changes():
        operand(page, "error_slope/1/0").click()
    place = page.locator("#derivation .operand-of[data-of='weight/1/0/1']")
    place.hover()
    assert {"drawing", "formula", "matrix"} <= lit(page, ["weight/1/0/1"])
    page.wait_for_timeout(400)
    assert place.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    path = page.locator("#derivation .blame g[data-of~='weight/1/0/1'] text").first
    symbol = page.locator("#derivation .level .symbol[data-of='error_slope/1/0']")
    color = "(it) => getComputedStyle(it).fill"
    assert path.evaluate(color) != page.locator(".blame text").first.evaluate(color)
    symbol.hover()
    assert symbol.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
