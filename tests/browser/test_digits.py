"""How many digits numbers have, and all digits of one that is tapped or has the focus."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewVisitor
from tests.browser.measure import cut_off, size
from tests.browser.test_first_screen import places

ALL_DIGITS = "#all-digits"


def exact_in(number: Locator) -> str:
    """All digits of a number, as its title has them."""
    return (number.get_attribute("title") or "").rpartition(" ")[2]


@pytest.mark.parametrize("where", ["laptop", "phone"])
def test_more_decimals_on_the_card(new_visitor: NewVisitor, where: str) -> None:
    """With eight decimals δ of a hidden unit can be compared, also when the page is loaded again."""
    visitor = new_visitor(viewport=size(where), has_touch=where == "phone").open()
    visitor.key("b")
    visitor.choose_digits("8")
    value = visitor.page.locator("#unit-1-0").get_attribute("data-delta")
    assert value is not None
    shown = f"{float(value):.8f}".replace("-", "−")
    with visitor.changes():
        visitor.page.locator('#timeline button[title*="δ"]').last.dispatch_event("click")
    expect(visitor.page.locator("#card output.large a")).to_have_text(shown)
    visitor.page.reload()
    expect(visitor.page.locator("#card output.large a")).to_have_text(shown)
    expect(visitor.page.locator("#digits [name=digits]")).to_have_value("8")
    assert visitor.page.locator("#narration").text_content()


def test_without_a_script(new_visitor: NewVisitor) -> None:
    """The choice is a form like any other."""
    visitor = new_visitor(java_script_enabled=False).open()
    visitor.click("Backward")
    visitor.page.locator("[popovertarget=digits]").click()
    visitor.page.locator("#digits [name=digits]").select_option("8s")
    with visitor.changes():
        visitor.page.locator("#digits button").click()
    expect(visitor.page.locator("#digits [name=digits]")).to_have_value("8s")
    text = visitor.page.locator("#card output.large a").inner_text()
    assert len(text.lstrip("−0.")) == 8


def test_a_tap_shows_all_digits(new_visitor: NewVisitor) -> None:
    """By touch, a number of card, strip and drawing shows all its digits in place; nothing moves."""
    visitor = new_visitor(viewport=size("phone"), has_touch=True).open()
    visitor.key("f")
    for _ in range(3):
        visitor.step()
    page = visitor.page
    height = page.evaluate("document.body.scrollHeight")
    digits = page.locator(ALL_DIGITS)
    card = page.locator("#card .numbers .operand").first
    strip = page.locator("#strip td.result").first
    for number in (card, strip):
        number.tap()
        expect(digits).to_have_text(exact_in(number))
        box, at = digits.bounding_box(), number.bounding_box()
        assert box
        assert at
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        assert abs(box["y"] + box["height"] / 2 - at["y"] - at["height"] / 2) < 2
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate("document.body.scrollHeight") == height
    page.locator("#card h1").tap()
    expect(digits).to_be_hidden()
    out = page.locator("#unit-1-0 text.number, #unit-1-0 text.out, #unit-1-0 text").last
    value = page.locator("#unit-1-0").get_attribute("data-out")
    assert value is not None
    with visitor.changes():
        out.tap(force=True)
    expect(digits).to_have_text(value)  # while the derivation opens, too


def test_the_focus_shows_all_digits(new_visitor: NewVisitor) -> None:
    """By keyboard, the number that has the focus does; a step shows the new one, Escape hides it."""
    visitor = new_visitor().open()
    page, digits = visitor.page, visitor.page.locator(ALL_DIGITS)
    visitor.key("f")
    output, value = page.locator("#card output.large"), page.locator("#card output.large a")
    page.keyboard.press("Tab")  # whoever uses the keyboard sees where the focus is
    value.focus()
    exact = exact_in(output)
    expect(digits).to_have_text(exact)
    page.keyboard.press("Tab")  # to the number in the chip
    expect(digits).to_have_text(exact)
    page.keyboard.press("Shift+Tab")
    visitor.key("ArrowRight")
    new = exact_in(output)
    assert new != exact
    expect(digits).to_have_text(new)
    page.keyboard.press("Escape")
    expect(digits).to_be_hidden()
    link = page.locator("#unit-1-0 a[href]").first
    link.focus()
    out = page.locator("#unit-1-0").get_attribute("data-out")
    expect(digits).to_have_text(out or "")


@pytest.mark.parametrize(
    ("where", "address"),
    [("laptop", "/?preset=deck"), ("phone", "/?preset=deck"), ("laptop", "/?layers=8-8-8&seed=1")],
)
def test_twelve_decimals_fit(new_visitor: NewVisitor, where: str, address: str) -> None:
    """At every step of an iteration nothing of the first screen is cut off, or moved."""
    visitor = new_visitor(viewport=size(where)).open(address)
    visitor.click("Step")
    visitor.choose_digits("12")
    first, found = places(visitor), {}
    for step in range(18):
        parts = ("card", "strip", "status") if where == "laptop" else ("card",)
        cut = [each for each in cut_off(visitor.page, *parts) if "sticks out" not in each]
        equations = "(it) => it.scrollWidth - it.clientWidth"
        wider = visitor.page.locator("#strip .equations").evaluate(equations)
        if where == "laptop" and wider > 1:
            cut.append(f"the strip is {wider} px too wide")
        if now := {k: v for k, v in places(visitor).items() if first[k] != v}:
            cut.append(f"moved: {now}")
        if cut:
            found[step] = cut
        visitor.step()
    assert not found
