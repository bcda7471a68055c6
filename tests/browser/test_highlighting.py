"""What shows one number is highlighted together: in drawing, formula, matrix and code."""

from typing import Any

from playwright.sync_api import Locator

from tests.browser.conftest import NewVisitor
from tests.browser.derivations import address_of, explain, operand
from tests.browser.visitor import Visitor
from tests.support.derivation_markup import way_of

GRADIENTS = 29  # the cursor after ∂E/∂W_HO, an outer product
# What each element shows, whether it is highlighted by the pointer or the focus, and where it is.
SHOWN = """() => [...document.querySelectorAll("[data-of]")].map((element) => ({
  of: element.dataset.of.split(" "),
  lit: element.classList.contains("lit"),
  chosen: "chosen" in element.dataset,
  place: element.closest("#graph") ? "drawing" : element.closest(".code, code") ? "code"
    : element.closest("td, #strip") ? "matrix" : element.closest(".working, .chips, .operand-of") ? "formula" : "",
}))"""
PLACES = {"drawing", "formula", "matrix", "code"}
# The cells of the equations that are outlined, in each equation that has this result.
OUTLINED = """(address) => [...document.querySelectorAll("#slide4 .equation")]
  .filter((equation) => equation.querySelector(`.gives [data-of="${address}"]`))
  .map((equation) => [...equation.querySelectorAll("td")].filter((cell) =>
    !cell.closest(".gives") && getComputedStyle(cell).outlineStyle !== "none").map((cell) => cell.dataset.of))
  .flat()"""
# How elements look: a stroke in the drawing, an outline elsewhere.
STROKES = """(selectors) => selectors.map((selector) => {
  const found = document.querySelector(selector);
  const { stroke, outlineStyle, outlineColor } = getComputedStyle(found.querySelector("path, rect, .body") ?? found);
  return [stroke, outlineStyle, outlineColor].join();
})"""

# Where a weight's gradient and a unit's δ are pointed at, and where they have the focus: a name in the
# code and a symbol in a formula cannot have it, but the line of code and the number can.
GRADIENT, DELTA = "weight_gradient/1/0/0", "delta/2/0"
POINTED = {
    GRADIENT: {
        "drawing": "#edge-1-0-0",
        "formula": "#card .left",
        "matrix": f"#slide4 td[data-of='{GRADIENT}']",
        "code": "#strip .code [data-of='weight_gradient/1'] >> nth=0",
        "code of the matrix form": "#slide4-now .code code > [data-of='weight_gradient/1']",
    },
    DELTA: {
        "drawing": "#unit-2-0",
        "formula": f"#card .symbols [data-of='{DELTA}']",
        "matrix": f"#slide4 td[data-of='{DELTA}']",
        "code": "#strip .code span span[data-of='delta/2']",
        "code of the matrix form": "#slide4-now .code span span[data-of='delta/2']",
    },
}
FOCUSED = {
    GRADIENT: {
        "drawing": POINTED[GRADIENT]["drawing"],
        "formula": "#card output",
        "code": POINTED[GRADIENT]["code"],
    },
    DELTA: {
        "drawing": POINTED[DELTA]["drawing"],
        "formula": f"#derivation .operand-of[data-of='{DELTA}']",
    },
}


def related(one: str, other: str) -> bool:
    """Whether one address is the other, or a part of it."""
    return all(a == b for a, b in zip(one.split("/"), other.split("/"), strict=False))


def highlighted(visitor: Visitor, own: list[str], mark: str = "lit") -> set[str]:
    """The places that are highlighted; exactly what is related to these addresses must be."""
    if visitor.script:
        visitor.settle()
    shown: list[dict[str, Any]] = visitor.page.evaluate(SHOWN)
    for element in shown:
        expected = any(related(text, mine) for text in element["of"] for mine in own)
        assert element[mark] == expected, (element, own)
    return {element["place"] for element in shown if element[mark]} - {""}


def shows(place: Locator) -> list[str]:
    return (place.get_attribute("data-of") or "").split()


def part_of(place: Locator) -> Locator:
    """Where to point at an element: in the drawing at its number, since lines are thin."""
    part = place.locator(".mark, .body").first
    return part if part.count() else place


# Wide enough for a panel beside the card.
WIDE = {"width": 1800, "height": 800}


def at_the_gradients(visitor: Visitor) -> Visitor:
    """Where the drawing, the formula and the matrix form all show the gradients of W_HO."""
    visitor.open().click("Forward").choose("panel", "slide4")
    visitor.seek(GRADIENTS)
    return visitor


def test_with_the_pointer_and_the_focus(new_visitor: NewVisitor) -> None:
    """Whatever is pointed at or has the focus is highlighted in all places, visibly, and nothing else."""
    visitor = at_the_gradients(new_visitor(viewport=WIDE))
    page = visitor.page
    strokes = [
        *("#edge-1-0-0", "#edge-1-0-0 .mark", "#card .left"),
        *(f"#slide4 td[data-of='{GRADIENT}']", "#strip .code [data-of='weight_gradient/1'] span"),
        *("#slide4-now td[data-of='out/1/0']", f"#slide4-now td[data-of='{DELTA}']"),
    ]
    before = page.evaluate(STROKES, strokes)
    for subject, places in POINTED.items():
        for name, selector in places.items():
            place = page.locator(selector).first
            part_of(place).hover(force=True)
            assert highlighted(visitor, shows(place)) == PLACES, name
            outlined = set(page.evaluate(OUTLINED, GRADIENT))
            assert outlined >= ({DELTA, "out/1/0"} if subject == GRADIENT else {DELTA}), name
    page.locator(f"#slide4 td[data-of='{GRADIENT}']").first.hover()
    visitor.settle()
    after = page.evaluate(STROKES, strokes)
    assert not [name for name, a, b in zip(strokes, before, after, strict=True) if a == b]
    page.locator("#moves").hover(position={"x": 1, "y": 1})
    assert highlighted(visitor, []) == set()
    explain(visitor, "weight/1/0/0")
    page.locator("#moves").hover(position={"x": 1, "y": 1})
    for places in FOCUSED.values():
        for name, selector in places.items():
            place = page.locator(selector).first
            link = place.locator("a, input").first
            (link if link.count() else place).focus()
            assert highlighted(visitor, shows(place)) == PLACES, name
    visitor.blur()
    assert highlighted(visitor, []) == set()


def test_with_a_finger(new_visitor: NewVisitor) -> None:
    """A tap highlights; if it follows a link, what is explained stays highlighted in all places."""
    visitor = at_the_gradients(new_visitor(has_touch=True, viewport=WIDE))
    page = visitor.page
    for places in POINTED.values():
        for name, selector in places.items():
            if name != "formula" and not page.locator("#slide4").count():
                visitor.choose("panel", "slide4")  # a derivation took its place
            place = page.locator(selector).first
            own = shows(place)
            if not place.locator("a").count():
                place.tap()
                assert highlighted(visitor, own) == PLACES, name
                continue
            with visitor.changes():
                (part_of(place) if name == "drawing" else place.locator("a").first).tap()
            [*_, asked] = way_of(page.url)
            assert any(related(asked, text) for text in own)
            # The strip shows what the step is about, which the weight of a gradient is not.
            found = highlighted(visitor, list(way_of(page.url)[:1]), "chosen")
            assert found >= PLACES - {"matrix"}, name


def test_results_and_operands(visitor: Visitor) -> None:
    """In the matrix form a result outlines its operands; in a derivation each operand is highlighted."""
    page = visitor.open().click("Update").page
    visitor.choose("panel", "slide4")
    last = {(step["kind"], step["layer"]): step for step in visitor.api("/steps")["steps"]}
    assert len(last) == 19
    for step in last.values():
        page.locator(f'#slide4 .gives td[data-of="{step["at"]}"]').last.hover()
        visitor.settle()
        operands = {each["at"] for each in step["operands"]}
        assert set(page.evaluate(OUTLINED, step["at"])) == operands, step["at"]
    visitor.seek(55)
    explain(visitor, "delta/1/0")
    visitor.press(operand(page, "error_slope/1/0"))
    place = page.locator("#derivation .operand-of[data-of='weight/1/0/1']")
    place.hover()
    assert {"drawing", "formula"} <= highlighted(visitor, ["weight/1/0/1"])
    assert place.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    symbol = page.locator("#derivation .level .symbol[data-of='error_slope/1/0']")
    symbol.hover()
    assert symbol.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """The server highlights what the address names, in all places and visibly."""
    visitor = at_the_gradients(new_visitor(java_script_enabled=False, locale="ko-KR"))
    page = visitor.page
    for path in ((GRADIENT,), (DELTA,)):
        visitor.open(address_of(*path))
        assert highlighted(visitor, [path[0]], "chosen") == PLACES, path
        visitor.open(f"/?focus={path[0]}")
        assert highlighted(visitor, [path[0]], "chosen") == PLACES, path
    visitor.open(f"/?focus={GRADIENT}")
    selectors = ["#edge-1-0-{}", "#slide4 .gives td[data-of='weight_gradient/1/0/{}']"]
    chosen, other = ([selector.format(unit) for selector in selectors] for unit in (0, 1))
    marked, plain = page.evaluate(STROKES, chosen), page.evaluate(STROKES, other)
    assert all(a != b for a, b in zip(marked, plain, strict=True))
    assert {"out/1/0", DELTA} == set(page.evaluate(OUTLINED, GRADIENT))
