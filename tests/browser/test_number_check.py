"""A student checks a number of their own on a phone, by touch."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.measure import size
from tests.browser.visitor import Visitor


def check(visitor: Visitor, number: str) -> None:
    form = visitor.page.locator(".number-check").first
    form.locator("input[name=number]").fill(number)
    with visitor.changes():
        form.locator("button").tap()


def test_find_the_right_number(new_visitor: NewVisitor) -> None:
    """A wrong δ_H1 is typed, its mistake read, and the right number found; nothing is stored."""
    visitor = new_visitor(viewport=size("phone"), has_touch=True).open(
        "/?preset=mazur&at=delta/1/0"
    )
    verdict = visitor.page.locator(".verdict")

    check(visitor, "0.00729")  # with the weights that were updated already
    expect(verdict).to_have_class("verdict mistaken")
    expect(verdict).to_contain_text("The updated weights were used")
    expect(verdict.locator(".differs")).to_have_count(4)  # two weights, in both formulas
    assert not visitor.findings()

    check(visitor, "0.1234567")
    expect(verdict).to_have_class("verdict unrecognised")
    check(visitor, "−0.00877")
    expect(verdict).to_contain_text("target − out")
    check(visitor, "many")
    expect(verdict).to_have_class("verdict invalid")
    expect(visitor.page.locator("input[name=number]").first).to_have_value("many")

    check(visitor, "0.00877")
    expect(verdict).to_have_class("verdict right")
    assert not visitor.page.context.cookies()


@pytest.mark.parametrize(
    ("where", "theme", "language"), [("laptop", "light", "en"), ("projector", "dark", "ko")]
)
def test_from_the_card(new_visitor: NewVisitor, where: str, theme: str, language: str) -> None:
    """The card leads to the next number before it is shown, and to the same one afterwards."""
    visitor = new_visitor(viewport=size(where), color_scheme=theme, locale=language).open()
    visitor.key("f")
    with visitor.changes():
        visitor.page.locator(".check-next").click()
    expect(visitor.page.locator("#derivation nav")).to_contain_text("∂E/∂out")
    form = visitor.page.locator(".number-check")
    expect(form).to_have_count(1)
    form.locator("input[name=number]").fill("0.4")
    with visitor.changes():
        form.locator("input[name=number]").press("Enter")
    expect(visitor.page.locator(".verdict.mistaken, .verdict.unrecognised")).to_be_visible()
    assert not visitor.findings()
