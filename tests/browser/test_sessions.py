"""When a session begins, who shares it, and what a browser keeps: reload, tabs, history."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewContext, NewVisitor
from tests.browser.drawing import drawn
from tests.browser.server import Server
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

CHOICES = [("by", "unit"), ("panel", "data"), ("theme", "dark"), ("language", "ko")]


@pytest.fixture
def begun(server: Server) -> Callable[[], int]:
    """How many sessions have begun since the test did."""
    before = server.sessions()
    return lambda: server.sessions() - before


@pytest.mark.parametrize("script", [True, False])
def test_a_visit_alone_stores_nothing(
    new_visitor: NewVisitor, begun: Callable[[], int], script: bool
) -> None:
    """Looking, in whatever way and at whatever example, leaves no row and gives no session."""
    visitor = new_visitor(java_script_enabled=script)
    for address in ("/", "/?preset=mazur", "/?layers=2-2&seed=1"):
        visitor.open(address)
        assert not visitor.page.context.cookies()
    for choice in CHOICES:
        visitor.choose(*choice)
    assert begun() == 0
    assert visitor.session is None
    visitor.step()
    assert begun() == 1
    assert visitor.state()["network"]["layers"] == [2, 2]  # what was looked at, all along


def test_two_fast_first_clicks_begin_one_session(
    visitor: Visitor, begun: Callable[[], int]
) -> None:
    """The second press goes on in the session that the first one began."""
    visitor.open("/?preset=mazur")
    visitor.key("ArrowRight", "ArrowRight")
    assert begun() == 1
    assert visitor.state()["cursor"] == 4
    visitor.open("/?preset=class-notes")  # and so it is with another example in hand
    visitor.key("ArrowRight", "ArrowRight", "ArrowRight")
    assert begun() == 2
    assert visitor.state()["network"]["layers"] == [3, 2, 1]


def test_a_double_click_without_javascript_begins_one_session(
    new_visitor: NewVisitor, begun: Callable[[], int]
) -> None:
    """Nor does a double click on the real form leave the page in a session of another start."""
    visitor = new_visitor(java_script_enabled=False).open()
    visitor.move("Step").dblclick()
    visitor.page.wait_for_timeout(300)
    visitor.page.wait_for_load_state()
    assert visitor.session is not None
    assert begun() <= 2  # the browser drops the first answer, cookie and all, if it comes too late
    assert visitor.look().drawing == drawn(visitor.state())
    assert visitor.state()["cursor"] in (4, 8)


@pytest.mark.parametrize("script", [True, False])
def test_choices_stick(new_visitor: NewVisitor, script: bool) -> None:
    """Granularity, panel, colours and language outlive a reload and a new page."""
    visitor = new_visitor(java_script_enabled=script).open()
    visitor.step()
    for choice in CHOICES:
        visitor.choose(*choice)
    for address in ("/", "/", "/?preset=mazur"):
        visitor.open(address)
        page = visitor.page
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        expect(page.locator('#by [aria-pressed="true"]')).to_have_attribute("value", "unit")
        expect(page.locator('.tabs [aria-pressed="true"]')).to_have_attribute("value", "data")
        expect(page.locator("#data")).to_be_visible()


def test_the_language_is_the_browsers_until_one_is_chosen(new_visitor: NewVisitor) -> None:
    """A Korean browser gets Korean at once, and English once that is asked for."""
    visitor = new_visitor(locale="ko-KR").open()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "ko")
    expect(visitor.move("다음")).to_be_visible()
    visitor.choose("language", "en")
    visitor.open()
    expect(visitor.move("Step")).to_be_visible()


def test_the_menu_of_examples(visitor: Visitor) -> None:
    """The menu opens at a click, closes at a click beside it, and leads to an example that stays."""
    page = visitor.open().page
    menu, sheet = page.locator("#presets summary"), page.locator("#presets .sheet")
    menu.click()
    expect(sheet).to_be_visible()
    page.locator("#card").click()
    expect(sheet).to_be_hidden()
    menu.click()
    sheet.get_by_role("link", name="Mazur").click()
    expect(menu).to_contain_text("Mazur")
    visitor.click("Step")
    assert visitor.state()["network"]["layers"] == [2, 2, 2]
    assert page.url.endswith("/")  # the address named the example that it began from
    page.reload()
    expect(menu).to_contain_text("Mazur")


@pytest.mark.parametrize("script", [True, False])
def test_a_random_network(new_visitor: NewVisitor, script: bool) -> None:
    """Layers and a seed draw a network, the same for everybody; the browser checks the layers."""
    visitor = new_visitor(java_script_enabled=script).open()
    page = visitor.page
    page.locator("#presets summary").click()
    page.get_by_label("layers").fill("3-9")
    page.get_by_label("seed").fill("5")
    page.get_by_role("button", name="Draw").click()
    expect(page.locator(".random input:invalid")).to_have_count(1)
    page.get_by_label("layers").fill("2-3-3-2")
    page.get_by_role("button", name="Draw").click()
    expect(page.locator("#unit-3-1")).to_be_attached()
    assert "/?layers=2-3-3-2&seed=5&" in page.url  # and the choices that were left as they are
    first = visitor.step()
    assert visitor.state()["network"]["layers"] == [2, 3, 3, 2]
    other = new_visitor().open("/?layers=2-3-3-2&seed=5&error=half_squared")
    assert other.step().drawing == first.drawing


@pytest.mark.parametrize(
    ("address", "status"),
    [("/nowhere", 404), ("/?preset=nothing", 422), ("/?layers=9-9&seed=1", 422)],
)
def test_an_address_of_nothing(visitor: Visitor, watch: Watch, address: str, status: int) -> None:
    """Where there is nothing, or no such example, a page says so, minds no keys and leads back."""
    watch.expect(f"status of {status}")
    response = visitor.page.goto(address)
    assert response is not None
    assert response.status == status
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.get_by_role("link", name="To the simulator").click()
    expect(visitor.move("Step")).to_be_visible()


def test_two_tabs_share_a_session(new_context: NewContext) -> None:
    """Steps of either tab count, and each shows where its own press has led."""
    context = new_context()
    one, two = Visitor(context.new_page()), Visitor(context.new_page())
    one.open().key("1")
    one.step()
    two.open()
    for visitor, cursor in ((two, 2), (one, 3), (two, 4), (one, 5)):
        look = visitor.step()
        state = visitor.state()
        assert state["cursor"] == cursor
        assert look.drawing == drawn(state)
    assert one.session == two.session
    two.page.reload()
    assert two.look().markup == one.look().markup


@pytest.mark.parametrize("script", [True, False])
def test_reload_keeps_the_state(new_visitor: NewVisitor, script: bool) -> None:
    """A reload shows the same page, and asks for nothing to be done again."""
    visitor = new_visitor(java_script_enabled=script).open("/?preset=mazur")
    visitor.step()
    look = visitor.step()
    visitor.page.reload()
    assert visitor.look() == look
    assert visitor.state()["cursor"] == 4


@pytest.mark.parametrize("script", [True, False])
def test_the_browsers_back_button(new_visitor: NewVisitor, script: bool) -> None:
    """It leads to the page before, which shows where the session stands, and works."""
    visitor = new_visitor(java_script_enabled=script)
    visitor.page.goto("about:blank")
    visitor.open()
    length = visitor.page.evaluate("history.length")
    for _ in range(3):
        visitor.step()
    if script:  # a step is no page of its own
        assert visitor.page.evaluate("history.length") == length
    visitor.open("/?preset=mazur")
    visitor.page.go_back()
    assert visitor.state()["cursor"] == 10
    assert visitor.look().drawing == drawn(visitor.state())
    visitor.page.go_forward()
    visitor.step()
    visitor.page.go_back()
    assert visitor.state()["network"]["layers"] == [2, 2, 2]
    assert visitor.step().drawing == drawn(visitor.state())


def test_a_session_that_is_gone_begins_anew(visitor: Visitor, server: Server) -> None:
    """Where the server no longer knows the session, the next step begins another."""
    visitor.open()
    visitor.step()
    old = visitor.session
    visitor.page.context.request.delete(f"/api/sessions/{old}")
    assert visitor.step().drawing == drawn(visitor.state())
    assert visitor.session != old
