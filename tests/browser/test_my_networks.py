"""My networks: what a student finds again after days, and tabs that follow each other."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.server import serving
from tests.browser.visitor import State, Visitor


def test_three_days(new_visitor: NewVisitor, tmp_path: Path) -> None:
    """A student builds, opens an example, a lesson and a friend's link, and each day finds every
    network at its address and in the list, with all of its numbers."""
    found: dict[str, tuple[str, dict[str, dict[str, str]], State]] = {}

    def remember(visitor: Visitor) -> None:
        seen = visitor.page.title(), visitor.drawing(), visitor.state()
        found[visitor.page.url.rpartition("/")[2]] = seen

    with serving(tmp_path) as server:
        monday = new_visitor(server, fresh=True)
        monday.open("/?layers=2-2-1&seed=4").click("Step")
        monday.choose("panel", "matrices")
        monday.enter("weight/0/0/0", "0.15")
        monday.click("Step", "Step", "Step")
        remember(monday)
        monday.open("/?preset=and").click("Step")
        remember(monday)
        cookies = monday.page.context.storage_state()
        friend = new_visitor(server)
        friend.open("/?preset=mazur").click("Update")
        friend.choose("panel", "home")
        link = friend.page.locator("#home-link").input_value()
    for day in range(2):
        with serving(tmp_path) as server:
            student = new_visitor(server, fresh=True, storage_state=cookies)
            student.open()
            assert student.page.url.rpartition("/")[2] in found  # the one opened last
            student.open("/networks")
            expect(student.page.locator(".cards li")).to_have_count(len(found))
            for id, (title, drawing, state) in found.items():
                student.follow(student.page.locator(f"#network-{id} h2 a"))
                assert student.page.title() == title
                assert student.drawing() == drawing
                assert student.state() == state
                student.open("/networks")
            if day == 0:
                student.open("/open/" + link.rpartition("/open/")[2]).click("Step")
                remember(student)
                student.open("/").click("Step", "Back")
                remember(student)
                student.open("/?preset=symmetry")
                student.click("Forward")
                remember(student)
            cookies = student.page.context.storage_state()
    assert len(found) == 4


def test_the_list_of_networks(either: NewVisitor) -> None:
    """By way of the menu, also by keyboard and without JavaScript: rename, duplicate, delete, undo."""
    visitor = either()
    page = visitor.open().page
    visitor.click("Step")
    page.locator(".network-name").click()
    visitor.follow(page.locator("#presets .all a"))
    cards = page.locator(".cards li")
    expect(cards).to_have_count(1)
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.locator("[name=name]").fill("x" * 60)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(cards.locator("h2")).to_have_text("x" * 60)
    for form, count in (("duplicate", 2), ("delete", 1), ("restore", 2)):
        visitor.follow(page.locator(f'form[action$="/{form}"] button').first)
        expect(cards).to_have_count(count)
    visitor.follow(cards.locator("h2 a").last)
    expect(page.locator(".network-name")).to_contain_text("xxx")
    assert page.title().startswith("xxx")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_it_is_accessible(
    new_visitor: NewVisitor, errors: BrowserErrors, width: int, theme: str
) -> None:
    """The list, with everything open, and the page of a private network break no rule of axe, and
    nothing is wider than a phone."""
    viewport = {"width": width, "height": 844}
    visitor = new_visitor(viewport=viewport, color_scheme=theme)
    page = visitor.open().page
    visitor.click("Step")
    visitor.open("/?preset=xor").click("Step")
    visitor.open("/networks")
    visitor.follow(page.locator('form[action$="/delete"] button').first)
    for summary in page.locator("summary").all():
        summary.click()
    assert not visitor.findings()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    errors.expect("status of 404")
    visitor.open("/n/" + "A" * 22)
    assert not visitor.findings()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_tab_that_gets_the_focus(visitor: Visitor) -> None:
    """It shows what another tab has made of its network, asks for nothing if that is nothing, and
    leaves alone what is being typed."""
    focus = "() => { window.dispatchEvent(new Event('focus')); }"
    visitor.open().click("Step")
    other = Visitor(visitor.page.context.new_page())
    other.open(visitor.page.url)
    other.click("Step")
    with visitor.changes():
        visitor.page.evaluate(focus)
    assert visitor.drawing() == other.drawing()
    assert visitor.page.title() == other.page.title()
    before = visitor.page.evaluate("answers")
    with visitor.page.expect_response("**/api/sessions/*") as answer:
        visitor.page.evaluate(focus)
    assert answer.value.status == 304
    other.click("Step")
    visitor.page.locator("#jump input").fill("3")
    visitor.page.evaluate(focus)
    visitor.page.wait_for_timeout(200)
    assert visitor.page.evaluate("answers") == before
    expect(visitor.page.locator("#jump input")).to_have_value("3")


def test_two_tabs_on_two_networks(visitor: Visitor) -> None:
    """What is typed in one tab never changes the network of the other."""
    visitor.open("/?preset=mazur").click("Step")
    other = Visitor(visitor.page.context.new_page())
    other.open("/?preset=xor").click("Step")
    before = other.state()
    visitor.choose("panel", "matrices")
    visitor.enter("weight/0/0/0", "0.77")
    assert other.state() == before
    assert visitor.state()["network"]["weights"][0][0][0] == 0.77
    assert visitor.state()["network"]["layers"] == [2, 2, 2]
    other.click("Step")
    other.check()
    visitor.check()
