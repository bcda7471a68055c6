"""The panel *Values*: searched, stepped beside, and opened."""

from playwright.sync_api import expect

from tests.browser.visitor import Visitor


def test_search_and_open(visitor: Visitor) -> None:
    """A search narrows the rows, still does after a step, and a row opens its derivation."""
    visitor.open()
    visitor.key("f")
    visitor.choose("panel", "values")
    rows = visitor.page.locator("#values tr[data-search]:visible")
    visitor.page.fill("#values-search", "delta/2")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("td").first).to_have_text("–")
    visitor.page.locator("#values-search").blur()
    visitor.key("b")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("td").first).to_have_text("−0.10130053160758255")
    visitor.page.fill("#values-search", "no such quantity")
    expect(rows).to_have_count(0)
    expect(visitor.page.locator("#values-found")).to_have_text("No quantity matches.")
    visitor.page.fill("#values-search", "δ_O1")
    with visitor.changes():
        rows.first.locator("a").click()
    expect(visitor.page.locator("#derivation-title")).to_be_visible()
    expect(visitor.page.locator("#derivation nav")).to_contain_text("δ_O1")
