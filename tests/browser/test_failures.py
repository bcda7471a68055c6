"""Failures: the page shows a notice or a problem page, keeps its state, and continues afterwards."""

from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.derivations import in_drawing
from tests.browser.server import serving
from tests.browser.visitor import Visitor
from tests.support.redis_server import FOR_GOOD, redis_server

# What comes back if the app fails, if it is gone behind a proxy, and if sessions cannot be reached.
ANSWERS: list[dict[str, Any]] = [
    {"status": 500, "content_type": "application/problem+json", "body": '{"title": "Oh"}'},
    {"status": 502, "content_type": "text/html", "body": "<html><h1>Bad Gateway</h1></html>"},
    {
        "status": 503,
        "content_type": "text/html",
        "headers": {"HX-Retarget": "#notice", "HX-Reswap": "textContent"},
        "body": "Sessions are temporarily unavailable.",
    },
]

ELSEWHERE = "https://sign-in.invalid/"

# Where everything on the first screen is.
BOXES = """() => [...document.querySelectorAll("#lab :is(header, section, button, a)")].map((each) => {
  const { x, y, width, height } = each.getBoundingClientRect();
  return [x, y, width, height].join();
})"""


def fail(answer: dict[str, Any] | None, route: Route) -> None:
    """Answer like this, or not at all."""
    route.fulfill(**answer) if answer else route.abort()


def test_a_failure_changes_nothing(visitor: Visitor, errors: BrowserErrors) -> None:
    """A press that fails leaves a notice and the page, and ends play; the next press continues."""
    errors.expect("Failed to load resource", "Failed to fetch")
    visitor.open().key("f")
    notice, play = visitor.page.locator("#notice"), visitor.page.locator("#play")
    said = "cannot be reached", "cannot be reached", "temporarily unavailable", "cannot be reached"
    for answer, cursor, text in zip((*ANSWERS, None), (17, 19, 21, 29), said, strict=True):
        before = visitor.drawing()
        visitor.page.route("**/step", partial(fail, answer))
        visitor.press(play)
        expect(notice).to_contain_text(text)
        expect(play).to_have_attribute("aria-pressed", "false")
        assert visitor.drawing() == before
        visitor.page.unroute("**/step")
        visitor.blur()
        visitor.key("ArrowRight")
        expect(notice).to_be_empty()
        assert visitor.state()["cursor"] == cursor
        visitor.check()


def test_what_is_typed_outlives_a_failure(visitor: Visitor, errors: BrowserErrors) -> None:
    """Offline, without the server, and where a proxy finds it too large or wants a sign-in: the notice
    says which of these it is, and what was typed stays in its field with the focus. Sent again it is one
    edit."""
    errors.expect("Failed to load resource", "Failed to fetch", ELSEWHERE)
    visitor.open("/?preset=xor").click("Step")
    visitor.choose("panel", "matrices")
    page, notice = visitor.page, visitor.page.locator("#notice")
    field, before = visitor.field("weight/0/0/0"), visitor.drawing()
    field.fill("0.77")

    def send(text: str) -> None:
        with visitor.changes():
            field.press("Enter")
        expect(notice).to_contain_text(text)
        expect(field).to_have_value("0.77")
        expect(field).to_be_focused()
        assert visitor.drawing() == before

    for answer, text in (
        (None, "The server cannot be reached."),
        ({"status": 502, "body": "<h1>Bad Gateway</h1>"}, "The server cannot be reached."),
        ({"status": 413, "body": "<h1>Too large</h1>"}, "more than the server accepts"),
        ({"status": 401, "body": "<h1>Sign in</h1>"}, "You may have to sign in again"),
        ({"status": 200, "body": "<h1>Sign in</h1>"}, "You may have to sign in again"),
    ):
        page.route("**/edit", partial(fail, answer))
        send(text)
        page.unroute("**/edit")
    for path in ("**/edit", "**/icon.svg*"):  # which the policy of the page lets no script follow
        page.route(path, partial(fail, {"status": 302, "headers": {"Location": ELSEWHERE}}))
    send("You may have to sign in again")
    page.unroute_all()
    page.context.set_offline(True)
    send("You are offline.")
    page.context.set_offline(False)
    expect(notice).to_contain_text("connected again")
    with visitor.changes():
        field.press("Enter")
    expect(notice).to_be_empty()
    assert visitor.state()["network"]["weights"][0][0][0] == 0.77
    visitor.check()
    visitor.click("Undo")
    assert visitor.drawing() == before
    in_drawing(page, "weight/0/0/0").focus()
    page.keyboard.press("e")
    field = page.locator("#editing input")
    field.fill("0.77")
    page.context.set_offline(True)
    send("You are offline.")
    page.context.set_offline(False)
    with visitor.changes():
        field.press("Enter")
    expect(field).to_be_hidden()
    assert visitor.state()["network"]["weights"][0][0][0] == 0.77


def test_a_sign_of_waiting(new_visitor: NewVisitor) -> None:
    """From 300 ms on a bar is shown, which moves nothing and says nothing; after 5 s the notice says
    that it takes long. Both go when the answer comes, and play waits for it."""
    visitor = new_visitor(fresh=True)
    page = visitor.page
    page.clock.install(time=0)
    visitor.open().click("Step")
    page.clock.pause_at(3600)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/step", hold)
    sign, notice = page.locator("html.waiting"), page.locator("#notice")
    with visitor.changes():
        with page.expect_request("**/step"):
            visitor.move("Step").click()
        before = visitor.page.evaluate(BOXES)
        page.clock.run_for(299)
        expect(sign).to_have_count(0)
        page.clock.run_for(1)
        expect(sign).to_have_count(1)
        assert visitor.page.evaluate(BOXES) == before
        expect(notice).to_be_empty()
        page.clock.run_for(4700)
        expect(notice).to_contain_text("takes long")
        held.pop().continue_()
    expect(sign).to_have_count(0)
    expect(notice).to_be_empty()
    play = page.locator("#play")
    with page.expect_request("**/step"):
        play.click()
    page.clock.run_for(10_000)
    play.click()
    with visitor.changes():
        held.pop().continue_()
    assert not held
    assert visitor.state()["cursor"] == 10


def test_problem_pages(either: NewVisitor, errors: BrowserErrors) -> None:
    """An address without a page, or a damaged link, shows a page that ignores keys and leads back."""
    visitor = either()
    for address, status in (("/nowhere", 404), ("/?preset=nothing", 422), ("/?moment=x", 422)):
        errors.expect(f"status of {status}")
        response = visitor.page.goto(address)
        assert response is not None
        assert response.status == status
        visitor.page.keyboard.press("ArrowRight")
        visitor.page.locator("main a").first.click()
        expect(visitor.move("Step")).to_be_visible()


def test_redis_is_away(new_visitor: NewVisitor, errors: BrowserErrors, tmp_path: Path) -> None:
    """A notice, or a page without JavaScript, says so; when Redis is back the next press continues.
    Without JavaScript the page says that the press before it was not applied."""
    errors.expect("status of 503")
    with (
        redis_server(tmp_path, *FOR_GOOD) as redis,
        serving(tmp_path, BACKSTEP_STORE_URL=redis.url) as server,
    ):
        visitor = new_visitor(server, fresh=True).open()
        plain = new_visitor(server, fresh=True, java_script_enabled=False, locale="ko-KR").open()
        visitor.step()
        before = visitor.drawing()
        plain.step()
        plain.step()
        notice = visitor.page.locator("#notice")
        redis.kill()
        for _ in range(2):
            visitor.click("Step")
            expect(notice).to_have_text(
                "Sessions are temporarily unavailable. Nothing was lost. Please try again shortly."
            )
            assert visitor.drawing() == before
        plain.click("Step")
        expect(plain.page.locator("h1")).to_have_text("지금은 이용할 수 없습니다")
        redis.start()
        visitor.click("Step")
        expect(notice).to_be_empty()
        plain.page.reload()
        expect(plain.page.locator("#notice")).to_contain_text("적용되지 않았습니다")
        plain.step()
        for each, cursor in ((visitor, 8), (plain, 10)):
            assert each.state()["cursor"] == cursor
            each.check()
