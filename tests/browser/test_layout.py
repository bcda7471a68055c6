"""Everything has room, measured from a phone to a projector, and can be read."""

import pytest
from playwright.sync_api import ViewportSize

from app.view.panels.registry import PANELS
from app.view.rendering.digits import DEFAULT
from tests.browser.conftest import NewVisitor
from tests.browser.derivations import DEEP, address_of
from tests.browser.measure import TICKS, Scales, crowded, cut_off, in_windows, scales_of, size
from tests.browser.visitor import STEP, Visitor

LARGEST = "/?layers=8-8-8-8-8&seed=1"
GAPS = "/?layers=3-8-8-8-2&seed=1&bias=per_unit"  # only one gap of four has room for weights
# Networks of different densities, and a granularity each; the tightest in all.
LARGE = [
    (LARGEST, "layer"),
    ("/?layers=8-8-8-8-8&seed=5&bias=per_unit", "unit"),
    (GAPS, "unit"),
    (GAPS, "phase"),
    ("/?layers=1-8-1&seed=6&bias=none", "layer"),
    ("/?layers=3-5-7-3&seed=7&bias=per_unit", "unit"),
]


def first_screen(visitor: Visitor, scales: Scales) -> list[str]:
    """What has no room on the first screen; that of a phone scrolls."""
    found = crowded(visitor.page, scales)
    for _ in in_windows(visitor.page, (size("laptop"), size("projector"))):
        found += cut_off(visitor.page, "status", "graph", "card", "controls")
    return found


@pytest.mark.parametrize(("language", "preset"), [("en", "mazur"), ("ko", "deck")])
def test_the_first_screen_has_room(new_visitor: NewVisitor, language: str, preset: str) -> None:
    """At every step no label touches another or a unit, and nothing is cut off."""
    visitor = new_visitor(locale=language)
    found: dict[str, list[str]] = {}
    visitor.open(f"/?preset={preset}")
    scales = scales_of(visitor.page)
    for step in range(20):
        found[f"step {step}"] = first_screen(visitor, scales)
        visitor.step()
    assert not {moment: words for moment, words in found.items() if words}


def test_the_first_screen_has_room_by_unit_and_phase(visitor: Visitor) -> None:
    """So it is where a step is a unit or a phase."""
    found: dict[str, list[str]] = {}
    visitor.open("/?preset=deck").choose("by", "unit")
    scales = scales_of(visitor.page)
    for cursor in (12, 15, 17, 21, 29, 38, 54, 55, 64, 76):
        visitor.seek(cursor)
        visitor.step()
        found[f"after {cursor} by unit"] = first_screen(visitor, scales)
    visitor.choose("by", "phase")
    for phase in range(3):
        visitor.step()
        found[f"phase {phase}"] = first_screen(visitor, scales)
    assert not {moment: words for moment, words in found.items() if words}


@pytest.mark.parametrize(("address", "by"), LARGE)
def test_large_networks_can_be_read(visitor: Visitor, address: str, by: str) -> None:
    """In every phase nothing touches, is cut off or is too small, at any size of the window."""
    visitor.open(address).choose("by", by)
    visitor.choose("panel", "lessons")  # the smallest: the panel is not the subject
    scales = scales_of(visitor.page)
    found = {"": crowded(visitor.page, scales, 1.5)}
    for press in ("u", "f", "ArrowLeft", "ArrowLeft", "b", "ArrowLeft", "u", "ArrowLeft"):
        visitor.key(press)
        found[f"{len(found)} {press}"] = crowded(visitor.page, scales, 1.5)
    assert not {moment: words for moment, words in found.items() if words}


# Where everything in the drawing is, and how strongly its lines are drawn.
DRAWN = """() => [...document.querySelectorAll("#graph svg :is(circle, rect, path, text)")].map((part) => {
  const { x, y, width, height } = part.getBoundingClientRect();
  return [part.closest("[id]").id, x, y, width, height].join();
})"""
STRONG = """() => [...document.querySelectorAll("#graph .wire, #graph .ribbon")]
  .filter((line) => getComputedStyle(line).strokeOpacity === "1").map((line) => line.closest("g").id)"""


def test_a_unit_that_is_pointed_at_lights_its_lines(visitor: Visitor) -> None:
    """Those into it, and those that come back to it; nothing moves, also by keyboard."""
    page = visitor.open("/").page
    visitor.step()
    for unit, edges in (
        ("unit-1-2", [f"edge-0-{i}-2" for i in range(3)]),
        ("unit-2-1", [f"edge-1-{i}-1" for i in range(4)]),
    ):
        before, strong = page.evaluate(DRAWN), page.evaluate(STRONG)
        assert not set(edges) & set(strong)
        page.locator(f"#{unit} .body").hover()
        visitor.settle()
        assert set(page.evaluate(STRONG)) == {*strong, *edges}
        assert page.evaluate(DRAWN) == before
        page.mouse.move(1, 1)
        page.locator(f"#{unit} > a").focus()
        assert set(page.evaluate(STRONG)) == {*strong, *edges}
        visitor.blur()


def test_no_page_scrolls_sideways(visitor: Visitor) -> None:
    """At any width the page fits its window, and the steps of the timeline do not overlap."""
    for address, panel in (
        *((LARGEST, "matrices"), ("/", "data"), ("/?preset=class-notes", "error")),
        *((LARGEST, "error"), ("/", "matrices"), (LARGEST, "data")),
    ):
        visitor.open(address).choose("panel", panel)
        for width in (320, 390, 640, 768, 1000, 1280, 1920):
            visitor.page.set_viewport_size({"width": width, "height": 844})
            wide = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} {panel} is {wide} px wide at {width}"
            assert not visitor.page.evaluate(TICKS) or width == 320


@pytest.mark.parametrize(("language", "digits"), [("ko", "4"), ("en", "12")])
def test_every_panel_has_room(new_visitor: NewVisitor, language: str, digits: str) -> None:
    """Nothing is cut off in any panel, nor in a derivation down to the inputs or with long sums."""
    wide = ("weight/0/3/7", "weight_gradient/0/3/7", "delta/1/7", "error_slope/1/7")
    visitor = new_visitor(locale=language)
    if digits != DEFAULT:
        visitor.open().choose_digits(digits)
    found: dict[str, list[str]] = {}
    sizes = ((390, 844), (1280, 844)) if language == "en" else ((390, 844),)

    def measure(name: str) -> None:
        windows: list[ViewportSize] = [
            {"width": width, "height": height} for width, height in sizes
        ]
        for _ in in_windows(visitor.page, windows):
            found[f"{name} {visitor.page.viewport_size}"] = cut_off(visitor.page, "panel")

    large = "/?layers=4-8-8-4&seed=7&at=" + "~".join(wide)
    for address in (address_of(*DEEP), large) if language == "en" else (large,):
        visitor.open(address).key("b")
        for panel in PANELS:
            visitor.choose("panel", panel)
            visitor.page.evaluate(
                "for (const part of document.querySelectorAll('#panel details')) part.open = true"
            )
            measure(f"{panel} {address}")
        visitor.key("u")
        visitor.choose("panel", "slide4")
        measure(f"updated {address}")
        visitor.choose("panel", "data")
    assert not {moment: words for moment, words in found.items() if words}


@pytest.mark.parametrize(
    ("language", "address"), [("ko", "/?preset=xor-alone"), ("en", "/?layers=8-8-2&seed=1")]
)
def test_a_phone(new_visitor: NewVisitor, language: str, address: str) -> None:
    """The header takes one row; a step scrolls nothing, and its title stands above the controls."""
    visitor = new_visitor(viewport=size("phone"), locale=language).open(address)
    page = visitor.page
    places = page.evaluate(
        """() => [".network-name", "#jump", ".facts .E", "#status .menu-button"].map((of) => {
          const { top, bottom, right } = document.querySelector(of).getBoundingClientRect();
          return { middle: (top + bottom) / 2, right };
        })"""
    )
    assert [place["middle"] for place in places] == [pytest.approx(places[0]["middle"], abs=3)] * 4
    assert all(place["right"] <= 390 for place in places)
    for key in ("ArrowRight", "b", "ArrowLeft", "r", "ArrowRight"):
        visitor.key(key)
        assert page.evaluate("scrollY") == 0, key
        title, controls = (page.locator(part).bounding_box() for part in ("#card h1", "#controls"))
        assert title
        assert controls
        assert title["y"] + title["height"] <= controls["y"], key


@pytest.mark.parametrize(
    ("width", "height", "language", "address"),
    [(844, 390, "ko", LARGEST), (640, 360, "en", LARGEST), (640, 360, "ko", "/")],
)
def test_a_low_window(
    new_visitor: NewVisitor, width: int, height: int, language: str, address: str
) -> None:
    """A phone on its side, or a page zoomed to 200 %: the drawing keeps at least half of the height."""
    window = {"width": width, "height": height}
    visitor = new_visitor(viewport=window, locale=language).open(address)
    for key in ("ArrowRight", "b", "u"):
        visitor.key(key)
        graph, controls = (
            visitor.page.locator(part).bounding_box() for part in ("#graph", "#controls")
        )
        assert graph
        assert controls
        assert min(graph["y"] + graph["height"], controls["y"]) - graph["y"] >= height / 2
        assert controls["height"] <= 48
        assert controls["y"] + controls["height"] <= height + 0.5
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
        card = visitor.page.locator("#card").bounding_box()
        assert card
        assert card["x"] >= graph["x"] + graph["width"] - 0.5


def test_a_page_zoomed_to_400_percent(new_visitor: NewVisitor) -> None:
    """1280×720 at 400 %: everything can be reached by scrolling down alone."""
    visitor = new_visitor(viewport={"width": 320, "height": 180}).open()
    visitor.key("b")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320
    output = visitor.page.locator("#card output")
    output.scroll_into_view_if_needed()
    assert output.is_visible()
    for menu in ("#status", "#controls"):
        visitor.page.locator(f"{menu} .menu-button").click()
        box = visitor.page.locator(":popover-open").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        visitor.page.keyboard.press("Escape")
    visitor.click("Step")
    assert visitor.position == (0, 63)


def test_the_builder_fits_a_phone(new_visitor: NewVisitor) -> None:
    """A layer is a row; neither the page nor the panel scrolls sideways."""
    visitor = new_visitor(viewport=size("phone")).open("/?layers=3-8-8-8-2&seed=1")
    page = visitor.page
    page.locator(".network-name").click()
    with visitor.changes():
        page.get_by_role("button", name="Change or build a network").click()
    inside = """() => [document.documentElement, ...document.querySelectorAll("#panel, #panel *")]
      .filter((part) => part.clientWidth && part.scrollWidth > part.clientWidth + 1 && !part.matches(".vh, select, input"))
      .map((part) => part.outerHTML.slice(0, 80))"""
    assert page.evaluate(inside) == []
    assert page.locator("#network [name=layers]").count() == 5


def test_forced_colours(new_visitor: NewVisitor) -> None:
    """What is read is framed, what is made is filled, and what flows with a minus is dashed."""
    visitor = new_visitor(forced_colors="active").open()
    visitor.seek(34)  # ∂E/∂out of the hidden layer
    looks = """(selector) => {
      const { fill, strokeWidth, strokeDasharray } = getComputedStyle(document.querySelector(selector));
      return [fill, parseFloat(strokeWidth), strokeDasharray !== "none"];
    }"""
    read, made, positive, negative, plus, minus = (
        visitor.page.evaluate(looks, f"#graph {selector}")
        for selector in (
            *(".mark.read.strong", ".mark.made"),
            *(".ribbon:not(.negative)", ".ribbon.negative"),
            *("#unit-2-1 .ring", "#unit-2-0 .ring.negative"),
        )
    )
    assert read[0] != made[0]
    assert read[1] >= 3
    assert [line[2] for line in (positive, negative, plus, minus)] == [False, True, False, True]


def test_what_a_step_leaves_alone_looks_as_before(visitor: Visitor) -> None:
    """The edges to the outputs are painted alike whether or not others are highlighted."""
    visitor.open(LARGEST).step()  # the others are drawn more faintly from here on
    lines = visitor.page.locator("[id^=edge-3-] > a > *")
    painted = """(lines) => lines.map((line) => {
      const looks = [];
      for (let part = line; part.id !== "graph"; part = part.parentElement) looks.push(getComputedStyle(part));
      return looks.map(({ stroke, strokeWidth, opacity }) => [stroke, strokeWidth, opacity]).join();
    })"""
    before = lines.evaluate_all(painted)
    assert len(before) >= 64
    for _ in range(3):  # net of a hidden layer highlights its edges, out does not
        visitor.step()
        assert lines.evaluate_all(painted) == before


def test_reduced_motion(new_visitor: NewVisitor) -> None:
    """Nothing moves after a step if that is preferred; otherwise what flows back arrives."""
    visitor = new_visitor(fresh=True).open()
    for _ in range(3):
        visitor.step()
        assert visitor.page.evaluate("document.getAnimations().length") == 0
    visitor.seek(30)  # ∂E/∂b2
    visitor.page.emulate_media(reduced_motion="no-preference")
    moving = visitor.page.evaluate(
        """(selector) => new Promise((resolve) => {
          document.addEventListener("htmx:finally:request", () =>
            requestAnimationFrame(() => resolve(document.getAnimations().length)), { once: true });
          document.querySelector(selector).click();
        })""",
        STEP,
    )
    assert moving > 0
