"""The drawer: panels and derivations beside the network, and the way back."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

PLACES = """() => ["#graph svg", "#moves .main", "#strip", "#unit-1-0", "#unit-2-1"].map((selector) => {
  const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
  return [x, y, width, height].map(Math.round);
})"""


def all_in_view(page: Page) -> bool:
    """Whether network, matrices and *Step* are on the screen, whole."""
    size = page.viewport_size
    assert size
    places = page.evaluate(PLACES)
    return all(
        x >= 0 and y >= 0 and x + width <= size["width"] and y + height <= size["height"]
        for x, y, width, height in places
    )


def test_escape_leads_back_to_where_it_was_opened(visitor: Visitor) -> None:
    """A derivation or a panel moves nothing, and the focus returns to what opened it."""
    page = visitor.open().page
    visitor.click("Forward")
    before = page.evaluate(PLACES)
    unit = page.locator("#unit-1-0 > a")
    group = page.locator(".groups button").first
    for opener, drawer in ((unit, "#derivation"), (group, "#panel")):
        opener.focus()
        with visitor.changes():
            page.keyboard.press("Enter")
        expect(page.locator(drawer)).to_be_visible()
        expect(page.locator("#card")).to_be_hidden()
        assert page.evaluate(PLACES) == before
        assert all_in_view(page)
        with visitor.changes():
            page.keyboard.press("Escape")
        expect(page.locator(drawer)).to_have_count(0)
        expect(page.locator("#card")).to_be_visible()
        expect(opener).to_be_focused()


def test_a_number_opens_inside_the_formula(new_visitor: NewVisitor) -> None:
    """A number of the card opens its derivation, one of its numbers the next level; closing keeps
    the formula on what was chosen."""
    visitor = new_visitor().open()
    page = visitor.page
    visitor.click("Backward")
    visitor.press(page.locator("#unit-1-1 > a"))
    expect(page.locator("#derivation .level")).to_have_count(1)
    visitor.press(page.locator("#derivation .under").first)
    expect(page.locator("#derivation .level")).to_have_count(2)
    visitor.press(page.locator("#derivation .close"))
    expect(page.locator("#derivation")).to_have_count(0)
    assert "focus=" in page.url


def test_a_result_moves_the_formula(new_visitor: NewVisitor) -> None:
    """A chip of the card puts its unit in focus, in the formula and in the drawing."""
    visitor = new_visitor().open()
    page = visitor.page
    visitor.step()
    expect(page.locator("#unit-1-0")).to_contain_class("focus")
    visitor.press(page.locator("#card .chip").nth(2))
    expect(page.locator("#unit-1-2")).to_contain_class("focus")
    expect(page.locator("#card output.large")).to_have_text("0.7500")
    visitor.step()
    expect(page.locator("#unit-1-2")).to_contain_class("focus")


def test_the_chosen_weight_is_the_one_of_the_plot(new_visitor: NewVisitor) -> None:
    """E along one weight stays open, and shows the weight that was chosen in the drawing."""
    visitor = new_visitor().open()
    page = visitor.page
    visitor.step()
    visitor.choose("panel", "slope")
    title = page.locator("#slope h2")
    visitor.press(page.locator("#edge-0-1-2 a"))
    expect(title).to_contain_text("w")
    expect(title).to_contain_text("23")
    expect(page.locator("#derivation")).to_have_count(0)


def test_a_group_opens_and_closes(either: NewVisitor) -> None:
    """The button of a group opens its first panel, and closes it again."""
    visitor = either().open()
    page = visitor.page
    groups = page.locator(".groups button")
    for number, first in enumerate(("#deck", "#network", "#error-curve", "#home-link")):
        visitor.press(groups.nth(number))
        expect(page.locator(f"#panel {first}")).to_be_visible()
        expect(groups.nth(number)).to_have_attribute("aria-expanded", "true")
    visitor.press(groups.last)
    expect(page.locator("#panel")).to_have_count(0)
    expect(page.locator("#card")).to_be_visible()
