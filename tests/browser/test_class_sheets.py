"""Sheets for a class: the form by keyboard, with and without a script, and the sheets on paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.measure import FOCUSED, size
from tests.browser.test_export import COLORED, TOO_WIDE

NAMES = "Ada Lovelace\n김하늘"
# What is cut off at the edge of a sheet, and QR codes that are printed too small to be read.
CUT = """() => [...document.querySelectorAll(".sheet *")].filter((part) => {
  const sheet = part.closest(".sheet").getBoundingClientRect(), box = part.getBoundingClientRect();
  return box.width && (box.right > sheet.right + 1 || box.left < sheet.left - 1);
}).map((part) => part.outerHTML.slice(0, 80))"""
MODULE = """() => {
  const code = document.querySelector(".qr");
  return code.getBoundingClientRect().width / code.viewBox.baseVal.width / 96 * 25.4;
}"""


def pages(page: Page) -> int:
    """How many pages the page has when it is printed."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def test_from_the_panel_to_paper(new_visitor: NewVisitor) -> None:
    """By keyboard alone: names, start seed, then a sheet for each, which begins on a page of its own."""
    visitor = new_visitor().open()
    visitor.choose("panel", "home")
    page = visitor.page
    visitor.follow(page.locator('#home a[href^="/sheets"]'))
    counts = []
    for names in ("Ada Lovelace", "김하늘", NAMES):
        page.locator("textarea").fill(names)
        page.locator("[name=seed]").fill("4712" if names == "김하늘" else "4711")
        page.locator("[name=make]").first.focus()
        with page.context.expect_page() as opened:
            page.keyboard.press("Enter")
        sheets = opened.value
        expect(sheets.locator(".sheet")).to_have_count(names.count("\n") + 1)
        for name in names.split("\n"):
            expect(sheets.locator(".who b", has_text=name)).to_be_visible()
        counts.append(pages(sheets))
        if names == NAMES:
            sheets.emulate_media(media="print")
            assert sheets.evaluate(COLORED) == []
            assert sheets.evaluate(TOO_WIDE) == []
            assert sheets.evaluate(CUT) == []
            assert sheets.evaluate(MODULE) > 0.5  # mm; a phone reads codes from about 0.3 on
        sheets.close()
    one, other, both = counts
    assert both == one + other
    assert one > 2
    expect(page.locator("textarea")).to_have_value(NAMES)  # the list is still there


@pytest.mark.parametrize("number", [1, 2])
def test_the_link_opens_the_numbers_of_the_sheet(new_visitor: NewVisitor, number: int) -> None:
    """The address that a sheet shows leads to the simulator, with the same weights."""
    visitor = new_visitor().open("/sheets?preset=deck")
    page = visitor.page
    page.locator("[name=count]").fill("2")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Sheets to fill in").click()
    sheet = opened.value.locator(f".sheet:nth-child({number})")
    link = sheet.locator(".link").inner_text().partition(": ")[2]
    drawn = sheet.locator("svg g[data-weight]").evaluate_all(
        "(all) => all.map((each) => each.dataset.weight)"
    )
    other = new_visitor().open(f"http://{link}")
    again = other.page.locator("#graph svg g[data-weight]").evaluate_all(
        "(all) => all.map((each) => each.dataset.weight)"
    )
    assert drawn == again
    assert len(drawn) == 20
    expect(other.page).to_have_title(re.compile("Sheet"))


def test_files(either: NewVisitor) -> None:
    """The answer key and the questions are downloads; the form stays."""
    visitor = either().open("/sheets?preset=mazur")
    for value, name in (
        ("csv", "backstep-answer-key.csv"),
        ("moodle", "backstep-moodle.xml"),
        ("gift", "backstep-gift.txt"),
    ):
        with visitor.page.expect_download() as download:
            visitor.page.locator(f'[name=make][value="{value}"]').click()
        assert download.value.suggested_filename == name


@pytest.mark.parametrize(
    ("where", "theme", "language"), [("laptop", "light", "en"), ("phone", "dark", "ko")]
)
def test_axe_finds_nothing(
    new_visitor: NewVisitor, errors: BrowserErrors, where: str, theme: str, language: str
) -> None:
    """The form is accessible, also when it was refused, and so are the sheets."""
    errors.expect("status of 422")
    visitor = new_visitor(viewport=size(where), color_scheme=theme, locale=language)
    page = visitor.open("/sheets?preset=deck").page
    assert visitor.findings() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size(where)["width"]
    page.locator("[name=seed]").fill("x")
    visitor.follow(page.locator('[name=make][value="csv"]'))
    assert visitor.findings() == []
    expect(page.locator("[name=seed]")).to_be_focused()
    assert page.evaluate(FOCUSED)
    page.locator("[name=seed]").fill("7")
    with page.context.expect_page() as opened:
        page.locator('[name=make][value="blank"]').click()
    visitor.page = opened.value
    visitor.page.wait_for_load_state()
    assert visitor.findings() == []
