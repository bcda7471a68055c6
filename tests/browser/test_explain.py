"""Numbers that explain themselves, in Chromium: clicked, focused, tapped, linked and without a script."""

import re
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.settings import ROOT
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.web.explained import way_of

WEIGHTS = [f"weight/0/{i}/{j}" for i in range(3) for j in range(4)]
WEIGHTS += [f"weight/1/{i}/{j}" for i in range(4) for j in range(2)]
UNITS = [f"delta/1/{unit}" for unit in range(4)] + [f"delta/2/{unit}" for unit in range(2)]
BIASES = ["bias/0", "bias/1"]
DEEP = (
    *("weight/0/0/0", "weight_gradient/0/0/0", "delta/1/0", "error_slope/1/0", "delta/2/1"),
    *("activation_slope/2/1", "out/2/1", "net/2/1", "out/1/3", "net/1/3", "out/0/2"),
)
# What each element shows, and whether it is lit.
SHOWN = """() => [...document.querySelectorAll("[data-of]")].map((element) => ({
  of: element.dataset.of.split(" "),
  lit: element.classList.contains("lit"),
  where: element.closest("[id]").id || element.tagName,
}))"""
RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
FINDINGS = """async (rules) => (await axe.run({ include: ["#graph", "#card", "#panel"] }, rules)).violations.map((violation) =>
  `${violation.id}: ${violation.help}: ${violation.nodes.map((node) => node.target).slice(0, 3)}`)"""
WIDER = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


def address_of(*way: str) -> str:
    return f"/?at={'~'.join(way)}"


def at_work(visitor: Visitor, *names: str) -> Visitor:
    """In the middle of an iteration, marked so that another load of the page would show."""
    visitor.open()
    for name in names:
        visitor.click(name)
    if visitor.script:
        visitor.page.evaluate("window.marked = true")
    return visitor


def stayed(page: Page) -> bool:
    """Whether the page is the one that was marked, and was not loaded anew."""
    return bool(page.evaluate("window.marked === true"))


def in_drawing(page: Page, address: str) -> Locator:
    """The link of the drawing that explains a quantity: what a person aims at."""
    links = page.locator(f'#graph a[href*="at={address}~"], #graph a[href$="at={address}"]')
    links = links.or_(page.locator(f'#graph a[href*="at={address}#"]'))
    return links.last


def opened(page: Page) -> tuple[str, ...]:
    """The way down that is open, by its breadcrumbs."""
    last = page.locator("#derivation nav a").last
    return way_of(last.get_attribute("href") or "")


def test_every_number_of_the_drawing_opens(visitor: Visitor) -> None:
    """Each of the 20 weights, 6 units and 2 biases: a click opens its derivation in place, with its
    address in the bar."""
    page = at_work(visitor, "Backward").page
    assert len(WEIGHTS + UNITS + BIASES) == 28
    for address in WEIGHTS + UNITS + BIASES:
        with visitor.changes():
            in_drawing(page, address).click()
        way = opened(page)
        assert way[0] == address
        assert way_of(page.url) == way
        assert page.locator("#derivation").count() == 1
        value = visitor.state()["values"]
        if address in UNITS:
            _, layer, unit = address.split("/")
            title = page.locator("#derivation .level output").last.get_attribute("title") or ""
            assert float(title.replace("−", "-")) == value["delta"][int(layer) - 1][int(unit)]
    assert stayed(page)


@pytest.mark.parametrize("script", [True, False])
def test_the_back_button_returns(new_visitor: NewVisitor, script: bool) -> None:
    """Each level is a page of the browser's history; forward leads down again."""
    visitor = at_work(new_visitor(java_script_enabled=script), "Backward")
    page = visitor.page
    ways = [("delta/2/0",), ("delta/2/0", "error_slope/2/0")]
    with visitor.changes():
        in_drawing(page, "delta/2/0").click()
    with visitor.changes():
        operand(page, "error_slope/2/0").click()
    assert opened(page) == ways[1]
    page.go_back()
    expect(page.locator("#derivation nav a")).to_have_count(1)
    assert opened(page) == ways[0]
    page.go_back()
    expect(page.locator("#derivation")).to_have_count(0)
    assert visitor.state()["cursor"] == 55
    page.go_forward()
    expect(page.locator("#derivation nav a")).to_have_count(1)
    assert opened(page) == ways[0]


def operand(page: Page, address: str) -> Locator:
    """A number of the lowest level that opens its own."""
    level = page.locator("#derivation .level").last
    return level.locator(f'a.under[href*="~{address}"]').last


@pytest.mark.parametrize("address", ["weight/1/0/0", "delta/1/0", "bias/0"])
def test_by_keyboard(visitor: Visitor, address: str) -> None:
    """Tab comes to it, Enter opens it, and Tab goes on from there."""
    page = at_work(visitor, "Backward").page
    page.evaluate("document.activeElement.blur()")
    for _ in range(90):
        page.keyboard.press("Tab")
        href = page.evaluate("document.activeElement.getAttribute('href')") or ""
        inside = page.evaluate("document.activeElement.closest('#graph') !== null")
        if inside and way_of(href)[:1] == (address,):
            break
    else:
        pytest.fail(f"Tab does not come to {address}")
    with visitor.changes():
        page.keyboard.press("Enter")
    assert opened(page)[0] == address
    assert stayed(page)
    assert page.evaluate("document.activeElement !== document.body")


def test_down_to_the_inputs_and_up_again(visitor: Visitor) -> None:
    """From a weight to what was given, number by number; folding the first folds all."""
    page = at_work(visitor, "Update").page
    with visitor.changes():
        in_drawing(page, DEEP[0]).click()
    assert opened(page) == DEEP[:2]
    for depth in range(2, len(DEEP)):
        with visitor.changes():
            operand(page, DEEP[depth]).click()
        assert opened(page) == DEEP[: depth + 1]
    expect(page.locator("#derivation .given")).to_contain_text("given")
    expect(page.locator("#derivation .level")).to_have_count(len(DEEP))
    for depth in (8, 3, 1):
        level = page.locator("#derivation .level").nth(depth - 1)
        with visitor.changes():
            level.locator('a[aria-expanded="true"]').first.click()
        assert opened(page) == DEEP[:depth]
    with visitor.changes():
        page.locator("#derivation .close").click()
    expect(page.locator("#derivation")).to_have_count(0)
    assert way_of(page.url) == ()
    assert stayed(page)


def test_a_step_keeps_it_open(visitor: Visitor) -> None:
    """The derivation follows the iteration: what was not known yet is, once its step is taken."""
    page = at_work(visitor, "Forward").page
    with visitor.changes():
        in_drawing(page, "weight/1/0/0").click()
    expect(page.locator("#derivation .after").first).to_contain_text("known after step")
    visitor.key("b")
    expect(page.locator("#derivation .after")).to_have_count(1)
    visitor.key("u")
    expect(page.locator("#derivation .after")).to_have_count(0)
    assert way_of(page.url) == opened(page) == ("weight/1/0/0", "weight_gradient/1/0/0")


def related(one: str, other: str) -> bool:
    """Whether one address is the other, or a part of it."""
    return all(a == b for a, b in zip(one.split("/"), other.split("/"), strict=False))


def lights(page: Page, own: list[str]) -> list[str]:
    """Where it is lit now; exactly what is related to these addresses must be."""
    page.wait_for_timeout(30)
    places: list[str] = []
    shown: list[dict[str, Any]] = page.evaluate(SHOWN)
    for element in shown:
        expected = any(related(text, mine) for text in element["of"] for mine in own)
        assert element["lit"] == expected, (element, own)
        places += [element["where"]] * expected
    return places


# An element of each kind, and where else what it shows is to be seen after a backward pass.
PLACES = {
    "a weight of the drawing": (
        "#edge-1-0-1 ~ *, #graph svg.tag[data-of^='weight/1/0/1 ']",
        "matrices",
    ),
    "a unit of the drawing": ("#unit-2-1", "card"),
    "a bias of the drawing": ("#bias-1 .constant", "matrices"),
    "a term of the formula": ("#card .pair[data-of]:not(.left) >> nth=0", "unit-2-0"),
    "a result": ("#card li[data-of] >> nth=2", "edge-1-"),
    "a cell of a matrix": ("#matrices td[data-of='weight/1/0/1'] >> nth=0", "edge-1-0-1"),
    "a gradient": ("#matrices td[data-of='weight_gradient/1/0/1']", "edge-1-0-1"),
    "a line of NumPy": ("#card .code span span[data-of] >> nth=0", "matrices"),
}


def seek(visitor: Visitor, cursor: int) -> None:
    with visitor.changes():
        visitor.page.locator(f'#timeline button[value="{cursor}"]').click()


@pytest.mark.parametrize("how", ["hover", "focus", "tap"])
def test_all_that_shows_it_lights_up(new_visitor: NewVisitor, how: str) -> None:
    """Whatever shows a number lights it up wherever else it is, and nothing else; and no longer."""
    visitor = at_work(new_visitor(has_touch=how == "tap"), "Forward")
    page = visitor.page
    seek(visitor, 29)  # the gradients of W_HO
    for name, (selector, other) in PLACES.items():
        place = page.locator(selector).first
        own = (place.get_attribute("data-of") or "").split() or ["bias/1", "bias_gradient/1"]
        if how == "focus":
            link = place.locator("a, input").first
            if not link.count():
                continue
            link.evaluate("(element) => element.focus()")
        elif how == "hover":
            place.hover(force=True)
        elif place.locator("a, input").count():
            continue  # a tap follows the link
        else:
            place.tap(force=True)
        found = lights(page, own)
        assert len(found) > 1, name
        assert how != "hover" or any(where.startswith(other) for where in found), (name, found)
    if how == "focus":
        page.evaluate("document.activeElement.blur()")
    else:
        page.locator("#moves").hover(position={"x": 1, "y": 1})
    assert lights(page, []) == []


def test_what_is_lit_is_to_be_seen(visitor: Visitor) -> None:
    """It is drawn otherwise than before: in the drawing, and in the matrix."""
    page = at_work(visitor, "Backward").page
    style = """(selector) => { const style = getComputedStyle(document.querySelector(selector));
      return [style.stroke, style.outlineStyle, style.outlineColor].join() }"""
    selectors = ["#edge-1-0-1 line", "#matrices td[data-of='weight/1/0/1']"]
    before = [page.evaluate(style, selector) for selector in selectors]
    page.locator("#matrices td[data-of='weight/1/0/1']").first.hover()
    page.wait_for_timeout(400)
    after = [page.evaluate(style, selector) for selector in selectors]
    assert all(a != b for a, b in zip(before, after, strict=True))


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """Links open and fold by loading the page; what is explained is marked all over it."""
    visitor = at_work(new_visitor(java_script_enabled=False), "Backward")
    page = visitor.page
    with visitor.changes():
        in_drawing(page, "weight/1/0/1").click()
    assert opened(page) == ("weight/1/0/1", "weight_gradient/1/0/1")
    with visitor.changes():
        operand(page, "delta/2/1").click()
    assert opened(page)[-1] == "delta/2/1"
    chosen = page.locator("[data-chosen]")
    places = chosen.evaluate_all("(all) => all.map((one) => one.closest('[id]').id)")
    assert {"edge-1-0-1", "matrices"} <= set(places)
    outline = page.locator("#matrices td[data-chosen]").first
    assert outline.evaluate("(cell) => getComputedStyle(cell).outlineStyle") == "solid"
    with visitor.changes():
        page.locator('#derivation a[aria-expanded="true"]').first.click()
    assert opened(page) == ("weight/1/0/1",)
    with visitor.changes():
        page.locator("#derivation .close").click()
    expect(page.locator("#derivation")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_a_link_for_somebody_else(visitor: Visitor, new_visitor: NewVisitor, script: bool) -> None:
    """Opened in another browser it shows the same drawing and derivation, and goes on from there."""
    at_work(visitor, "Update", "Forward")
    visitor.click("Step")
    visitor.open(address_of(*DEEP[:5]))
    link = visitor.page.locator("#derivation .link").get_attribute("href") or ""
    friend = new_visitor(java_script_enabled=script).open(link)
    assert friend.session is None
    assert friend.look().drawing == visitor.look().drawing
    read = "(part) => part.innerText"
    levels = [
        each.page.locator("#derivation .level").evaluate_all(f"(all) => all.map({read})")
        for each in (visitor, friend)
    ]
    assert levels[0] == levels[1]
    friend.click("Step")
    visitor.click("Step")
    assert opened(friend.page) == DEEP[:5]
    assert way_of(friend.page.url) == DEEP[:5]
    assert "moment" not in friend.page.url
    for part in ("values", "network", "iteration", "cursor"):
        assert friend.state()[part] == visitor.state()[part]


@cache
def axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(new_visitor: NewVisitor, theme: str, language: str) -> None:
    """In all that explains or is explained, known and not known yet, and with its ribbons."""
    visitor = new_visitor(color_scheme=theme, locale=language)
    found: dict[str, list[str]] = {}
    for way in (DEEP[:2], DEEP[:4], DEEP):
        visitor.open(address_of(*way))
        if way == DEEP[:4]:
            visitor.key("b")
            expect(visitor.page.locator(".blame")).to_be_visible()
        visitor.page.evaluate(axe())
        found["~".join(way)] = visitor.page.evaluate(FINDINGS, RULES)
    assert not {way: words for way, words in found.items() if words}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_phone_does_not_scroll_sideways(new_visitor: NewVisitor, language: str) -> None:
    """However deep, and at a sum of many terms, the page is as wide as the phone."""
    visitor = new_visitor(viewport={"width": 390, "height": 844}, locale=language)
    for address in (
        address_of(*DEEP),
        "/?layers=8-8-8-8-8&seed=1&at=weight/0/0/0~weight_gradient/0/0/0~delta/1/0~error_slope/1/0",
        "/?layers=8-8-8-8-8&seed=1&at=error~output_error/7~out/4/7~net/4/7~out/3/7~net/3/7",
    ):
        visitor.open(address)
        assert visitor.page.evaluate(WIDER) <= 0, address
        visitor.key("b")
        assert visitor.page.evaluate(WIDER) <= 0, address
        cut = visitor.page.locator("#derivation").evaluate(
            """(section) => [...section.querySelectorAll(".level, .row, .operand-of, .blame")]
              .filter((part) => part.getBoundingClientRect().right > innerWidth)
              .map((part) => part.className)"""
        )
        assert not cut


def test_an_unknown_number_says_when(new_visitor: NewVisitor) -> None:
    """Before its step nothing is shown that could be taken for a number."""
    visitor = new_visitor(java_script_enabled=False).open(address_of("error", "output_error/0"))
    levels = visitor.page.locator("#derivation .level .row")
    for text in levels.all_inner_texts():
        assert "?" in text
        assert re.search(r"known after step \d+ of 77", text)
