"""Swagger UI on /docs. It keeps to the content security policy: a breach is an error of the test."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.measure import size

WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"


@pytest.mark.parametrize(("where", "theme"), [("laptop", "light"), ("phone", "dark")])
def test_docs(new_visitor: NewVisitor, where: str, theme: str) -> None:
    """A request is sent and answered, with the key; the page has the browser's theme and fits."""
    page = new_visitor(viewport=size(where), color_scheme=theme).open("/docs").page
    create = page.locator("[id$=-create]")
    create.locator(".opblock-summary-control").click()
    create.get_by_role("button", name="Try it out").click()
    create.get_by_role("button", name="Execute").click()
    expect(create.locator(".live-responses-table .response-col_status").last).to_contain_text("201")
    expect(create.locator(".live-responses-table")).to_contain_text('"key"')
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.locator(".modal-ux")).to_be_visible()
    wide, window = page.evaluate(WIDTHS)
    assert wide <= window
    assert (page.evaluate(BACKGROUND) == "rgb(28, 32, 34)") == (theme == "dark")


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """The page then links to the document."""
    page = new_visitor(java_script_enabled=False).open("/docs").page
    link = page.get_by_role("link", name="openapi.json")
    expect(link).to_have_attribute("href", "/openapi.json")
