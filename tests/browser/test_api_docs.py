"""Swagger UI on /docs. It keeps to the content security policy: a breach is an error of the test."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.measure import size
from tests.browser.visitor import Visitor

WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"
# What Swagger UI's own markup breaks, and a stylesheet cannot mend.
MARKUP = (
    "button-name",  # the button that closes the dialog
    "heading-order",  # h3 follows h1
    "label",  # the field of a request's body
    "label-content-name-mismatch",  # "Authorize" is named "Apply credentials"
    "nested-interactive",  # the path of an operation, a link in a button
    "region",  # the dialog and the title are in no landmark
    "scrollable-region-focusable",  # long examples; browsers let the keyboard scroll them
)


def findings(visitor: Visitor) -> list[str]:
    visitor.settle()
    return visitor.findings(without=MARKUP)


@pytest.mark.parametrize(("where", "theme"), [("laptop", "light"), ("phone", "dark")])
def test_docs(new_visitor: NewVisitor, where: str, theme: str) -> None:
    """A request is sent and answered, with the key; the page has the browser's theme and fits.

    axe-core finds nothing that a stylesheet can mend.
    """
    visitor = new_visitor(viewport=size(where), color_scheme=theme).open("/docs")
    page = visitor.page
    create = page.locator("[id$=-create]")
    expect(create).to_be_visible()
    found = findings(visitor)
    create.locator(".opblock-summary-control").click()
    create.get_by_role("button", name="Try it out").click()
    create.get_by_role("button", name="Execute").click()
    expect(create.locator(".live-responses-table .response-col_status").last).to_contain_text("201")
    expect(create.locator(".live-responses-table")).to_contain_text('"key"')
    found += findings(visitor)
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.locator(".modal-ux")).to_be_visible()
    assert not found + findings(visitor)
    wide, window = page.evaluate(WIDTHS)
    assert wide <= window
    assert (page.evaluate(BACKGROUND) == "rgb(28, 32, 34)") == (theme == "dark")


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """The page then links to the document."""
    page = new_visitor(java_script_enabled=False).open("/docs").page
    link = page.get_by_role("link", name="openapi.json")
    expect(link).to_have_attribute("href", "/openapi.json")
