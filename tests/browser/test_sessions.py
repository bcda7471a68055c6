"""When a session begins, who shares it, and what a browser keeps: choices, reload, tabs, history."""

from playwright.sync_api import expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.server import Server
from tests.browser.visitor import Visitor


def test_looking_around(new_visitor: NewVisitor, server: Server) -> None:
    """Looking stores nothing; choices last, and a step begins a session that outlives a reload."""
    visitor, begun = new_visitor(), server.sessions()
    page = visitor.page
    for address in ("/", "/?preset=mazur", "/?layers=2-2&seed=1"):
        visitor.open(address)
        assert not page.context.cookies()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    choices = {"by": "unit", "panel": "data", "theme": "dark", "language": "ko"}
    for choice in choices.items():
        visitor.choose(*choice)
    assert server.sessions() - begun == 0
    assert visitor.session is None
    visitor.step()
    look = visitor.step()
    assert server.sessions() - begun == 1
    assert visitor.state()["network"]["layers"] == [2, 2]  # the example that was shown
    assert visitor.state()["cursor"] == 2
    for address in ("reload", "/", "/?preset=mazur"):
        if address == "reload":
            assert page.url.endswith(f"/n/{visitor.session}")
            page.reload()
            assert visitor.look() == look
        else:
            visitor.open(address)
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        expect(page.locator('#by [aria-pressed="true"]')).to_have_attribute("value", "unit")
        expect(page.locator("#data")).to_be_visible()


def test_fast_first_presses_begin_one_session(
    visitor: Visitor, new_visitor: NewVisitor, server: Server
) -> None:
    """The second press continues the session of the first, also with another example; a double click too."""
    begun = server.sessions()
    visitor.open("/?preset=mazur")
    visitor.key("ArrowRight", "ArrowRight")
    assert server.sessions() - begun == 1
    assert visitor.state()["cursor"] == 4
    visitor.open("/?preset=class-notes")
    visitor.key("ArrowRight", "ArrowRight", "ArrowRight")
    assert server.sessions() - begun == 2
    assert visitor.state()["network"]["layers"] == [3, 2, 1]
    plain = new_visitor(java_script_enabled=False).open()
    plain.move("Step").dblclick()
    plain.page.wait_for_load_state("networkidle")  # which of the two answers it shows is open
    assert plain.session is not None
    assert (
        server.sessions() - begun <= 4
    )  # the browser drops the first answer, cookie and all, if it comes too late
    plain.check()
    assert plain.state()["cursor"] in (4, 8)


def test_two_tabs_share_a_session(visitor: Visitor, errors: BrowserErrors) -> None:
    """Either tab goes on from what it shows; if the network is deleted, the next step says so."""
    one, two = visitor, Visitor(visitor.page.context.new_page())
    one.open().key("1")
    one.step()
    two.open()
    for each, cursor in ((two, 2), (one, 3), (two, 4), (one, 5)):
        each.open().step()
        each.check()
        assert each.state()["cursor"] == cursor
    old = one.session
    assert old == two.session
    two.page.reload()
    assert two.look() == one.look()
    one.page.context.request.delete(f"/api/sessions/{old}")
    errors.expect("status of 404")
    one.click("Step")
    expect(one.page.locator("#notice")).to_contain_text("This network is private")


def test_the_browsers_back_button(either: NewVisitor) -> None:
    """It leads to the page before, which shows the session as it is now and still works."""
    visitor = either()
    visitor.open("about:blank").open()
    length = visitor.page.evaluate("history.length")
    for _ in range(3):
        visitor.step()
    if visitor.script:  # a step is not a page of its own
        assert visitor.page.evaluate("history.length") == length
    visitor.open("/?preset=mazur")
    visitor.page.go_back()
    assert visitor.state()["cursor"] == 10
    visitor.check()
    visitor.page.go_forward()
    visitor.step()
    assert visitor.state()["network"]["layers"] == [2, 2, 2]
    for _ in range(1 if visitor.script else 2):  # without it the example is a page of its own
        visitor.page.go_back()
    assert visitor.state()["network"]["layers"] == [3, 4, 2]
    visitor.step()
    visitor.check()
    assert visitor.state()["cursor"] == 12
