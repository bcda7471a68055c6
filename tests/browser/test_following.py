"""A lecture with a lecturer, the speaker's window, and phones that follow: by code and by the QR's address."""

import csv
import re
from io import StringIO
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.examples.published import DECK
from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.test_editing import editor, place
from tests.browser.test_presenting import presenter, shares, speaker_of
from tests.browser.visitor import Visitor

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def lecture(visitor: Visitor) -> tuple[Page, Page, str]:
    """The projector, the speaker's window, and the code."""
    page = presenter(visitor)
    window = speaker_of(page)
    return page, window, shares(window)


def title_of(page: Page) -> str:
    return page.locator("#card h1").inner_text()


def test_a_lecture_from_the_code_to_its_end(
    lecture: tuple[Page, Page, str], new_visitor: NewVisitor, errors: BrowserErrors
) -> None:
    """Join by code and by the address of the QR; follow, break away, edit, return; ask, answer right,
    wrong and change; see the histogram; reveal; summary; CSV; pause; end."""
    projector, window, code = lecture
    phone = new_visitor(**PHONE).open("/live").page
    phone.get_by_label("Code").fill(code.lower())
    phone.get_by_role("button", name="Follow").click()
    address = window.locator(".joining .address").inner_text()
    assert address.endswith(f"/live/{code}")
    laptop = new_visitor().open(f"http://{address}").page
    expect(window.locator("[data-count=followers]")).to_have_text("2")
    for each in (phone, laptop):
        expect(each.locator("#lecture-status")).to_have_text("live")
    for title in ("net of the hidden layer", "out of the hidden layer", "net of the output layer"):
        window.keyboard.press("ArrowRight")
        for each in (projector, phone, laptop):
            expect(each.locator("#card h1")).to_have_text(title)

    # Somebody tries it alone, while the lecture goes on.
    phone.get_by_role("button", name="Try it myself").click()
    phone.wait_for_url(re.compile(r"/n/[\w-]{22}$"))
    own = Visitor(phone)
    assert own.position == (0, 10)
    phone.locator("#moves .main").click()
    expect(phone.locator("#card h1")).to_have_text("out of the output layer")
    place(phone, "weight/1/0/0").focus()
    phone.keyboard.press("e")
    editor(phone).fill("0.9")
    phone.keyboard.press("Enter")
    expect(phone.locator("#edge-1-0-0")).to_have_attribute("data-weight", "0.9")
    expect(projector.locator("#edge-1-0-0")).to_have_attribute("data-weight", "0.7")
    window.keyboard.press("ArrowRight")
    expect(laptop.locator("#card h1")).to_have_text("out of the output layer")
    expect(laptop.locator("#edge-1-0-0")).to_have_attribute("data-weight", "0.7")
    phone.get_by_role("link", name="Back to the lecture").click()
    expect(phone.locator("#card h1")).to_have_text("out of the output layer")

    # The class is asked for E1 = ½ (1 − 0.5832)² = 0.0868.
    window.get_by_role("button", name="Ask for the number").click()
    for each in (phone, laptop):
        expect(each.locator("#question")).to_contain_text("What is")
        expect(each.get_by_role("button", name="Try it myself")).to_be_disabled()
    phone.locator("#question [name=answer]").fill("a lot")
    phone.locator("#question button").click()
    expect(phone.locator("#question .said")).to_have_text("Enter a number, such as −0.25.")
    errors.expect("status of 422")
    phone.locator("#question [name=answer]").fill("0.1737")  # without the ½
    phone.locator("#question button").click()
    expect(phone.locator("#question .said")).to_contain_text("Your answer is in.")
    laptop.locator("#question [name=answer]").fill("0.5")
    laptop.locator("#question button").click()
    expect(window.locator("[data-count=answers]")).to_have_text("2")
    laptop.locator("#question [name=answer]").fill("0.0868")
    laptop.locator("#question button").click()
    expect(laptop.locator("#question .said")).to_contain_text("Your answer is in.")
    expect(window.locator("[data-count=answers]")).to_have_text("2")
    errors.expect("Failed to load resource")
    laptop.route("**/verdict?*", lambda route: route.abort(), times=1)  # it asks again
    window.get_by_role("button", name="Show the answer").first.click()
    expect(laptop.locator("#question")).to_contain_text("Your answer, 0.0868, is right.")
    expect(phone.locator("#question")).to_contain_text("Your answer was 0.1737.")
    expect(phone.locator("#question")).to_contain_text("a ½ was forgotten")
    expect(projector.locator(".histogram .right")).to_contain_text("0.0868")

    summary = window.context.new_page()
    summary.goto(window.url.replace("/speaker", "/summary"))
    expect(summary.locator(".chart")).to_contain_text("a ½ was forgotten")
    with summary.expect_download() as download:
        summary.get_by_role("link", name="Save as CSV").click()
    rows = list(csv.DictReader(StringIO(download.value.path().read_text())))
    assert {(row["outcome"], row["count"]) for row in rows} == {("right", "1"), ("doubled", "1")}
    assert float(rows[0]["value"]) == DECK.simulation.step("phase").value("output_error/0")

    window.get_by_role("button", name="Pause").click()
    expect(phone.locator("#lecture-status")).to_have_text("paused by the lecturer")
    shown = title_of(phone)
    window.keyboard.press("ArrowRight")
    expect(projector.locator("#card h1")).not_to_have_text(shown)
    assert title_of(phone) == shown
    window.get_by_role("button", name="Resume").click()
    expect(phone.locator("#lecture-status")).to_have_text("live")
    expect(phone.locator("#card h1")).to_have_text(title_of(projector))
    window.get_by_role("button", name="End sharing").click()
    for each in (phone, laptop):
        expect(each.locator("#lecture-status")).to_have_text("the lecture has ended")


def test_a_lost_connection_and_a_late_joiner(
    lecture: tuple[Page, Page, str], new_visitor: NewVisitor, errors: BrowserErrors
) -> None:
    """Both stand at the lecturer's step within two seconds."""
    errors.expect("net::ERR_INTERNET_DISCONNECTED", "status of 5")
    _, window, code = lecture
    follower = new_visitor(fresh=True, **PHONE).open(f"/live/{code}").page
    expect(follower.locator("#lecture-status")).to_have_text("live")
    follower.context.set_offline(True)
    for _ in range(3):
        window.keyboard.press("ArrowRight")
    expect(window.locator("#now-title")).to_have_text("net of the output layer")
    follower.context.set_offline(False)
    late = new_visitor().open(f"/live/{code}").page
    for each in (follower, late):
        expect(each.locator("#card h1")).to_have_text("net of the output layer", timeout=2_000)


def test_tabs_of_one_browser_share_a_stream(
    lecture: tuple[Page, Page, str], new_visitor: NewVisitor
) -> None:
    """Nine tabs follow, though a browser opens six connections to a server."""
    _, window, code = lecture
    follower = new_visitor(fresh=True).open(f"/live/{code}")
    tabs = [follower.page]
    for _ in range(8):
        tab = follower.page.context.new_page()
        tab.goto(f"/live/{code}")
        tabs.append(tab)
    window.keyboard.press("ArrowRight")
    for tab in tabs:
        expect(tab.locator("#card h1")).to_have_text("net of the hidden layer")


# Holds what a page tells the worker until `let_go` is called, and notes that it was told of a step.
HOLD = """
const send = MessagePort.prototype.postMessage, held = [];
window.told = false;
MessagePort.prototype.postMessage = function (...message) {
  held.push(() => send.apply(this, message));
  this.addEventListener("message", ({ data }) => { told ||= data.kind === "step"; });
};
window.let_go = () => {
  MessagePort.prototype.postMessage = send;
  for (const each of held) each();
};
"""


def test_a_tab_that_joins_late_misses_no_step(
    lecture: tuple[Page, Page, str], new_visitor: NewVisitor
) -> None:
    """A step that comes after a tab has been loaded, and before the shared stream knows of it."""
    _, window, code = lecture
    first = new_visitor(fresh=True).open(f"/live/{code}").page
    expect(first.locator("#lecture-status")).to_have_text("live")
    late = first.context.new_page()
    late.add_init_script(HOLD)
    late.goto(f"/live/{code}")
    window.keyboard.press("ArrowRight")
    expect(first.locator("#card h1")).to_have_text("net of the hidden layer")
    late.evaluate("let_go()")
    expect(late.locator("#card h1")).to_have_text("net of the hidden layer")


def test_a_step_that_overtakes_an_answer_is_not_missed(
    lecture: tuple[Page, Page, str], new_visitor: NewVisitor
) -> None:
    """A page asks as it is shown. A step comes after the answer was made, and is there before it."""
    _, window, code = lecture
    page = new_visitor(fresh=True).page
    page.add_init_script(HOLD)
    asked: list[Route] = []
    page.route("**/update?*", lambda route: asked.append(route), times=1)
    page.goto(f"/live/{code}")
    while not asked:
        page.wait_for_timeout(10)
    answer = asked[0].fetch()
    window.keyboard.press("ArrowRight")
    expect(window.locator("#now-title")).to_have_text("net of the hidden layer")
    page.evaluate("let_go()")
    page.wait_for_function("() => told")
    asked[0].fulfill(response=answer)
    expect(page.locator("#card h1")).to_have_text("net of the hidden layer")
    expect(page.locator("#lecture-status")).to_have_text("live")


def test_without_events_a_page_asks(
    lecture: tuple[Page, Page, str], new_visitor: NewVisitor
) -> None:
    """A proxy that holds the events back does not hold the lecture back."""
    _, window, code = lecture
    follower = new_visitor(fresh=True)
    follower.page.add_init_script("delete window.SharedWorker;")
    page = follower.open(f"/live/{code}").page
    window.keyboard.press("ArrowRight")
    expect(page.locator("#card h1")).to_have_text("net of the hidden layer", timeout=3_000)


def test_it_needs_no_script(lecture: tuple[Page, Page, str], new_visitor: NewVisitor) -> None:
    """Follow by Refresh, or every five seconds; answer, and learn what was wrong."""
    _, window, code = lecture
    page = new_visitor(java_script_enabled=False, **PHONE).open(f"/live/{code}").page
    window.keyboard.press("ArrowRight")
    expect(window.locator("#now-title")).to_have_text("net of the hidden layer")
    page.get_by_role("link", name="Refresh", exact=True).click()
    expect(page.locator("#card h1")).to_have_text("net of the hidden layer")
    page.get_by_role("link", name="Refresh every 5 seconds").click()
    expect(page.locator('meta[http-equiv="refresh"][content="5"]')).to_have_count(1)
    page.get_by_role("link", name="Stop refreshing").click()
    window.get_by_role("button", name="Ask for the number").click()
    expect(window.locator("[data-count=answers]")).to_have_text("0")
    page.get_by_role("link", name="Refresh", exact=True).click()
    page.locator("#question [name=answer]").fill("a lot")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("#question")).to_contain_text("Enter a number, such as −0.25.")
    page.locator("#question [name=answer]").fill("0.5")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("#question")).to_contain_text("Your answer is in.")
    expect(window.locator("[data-count=answers]")).to_have_text("1")
    window.get_by_role("button", name="Show the answer").first.click()
    expect(window.locator("#now-title")).to_have_text("out of the hidden layer")
    page.get_by_role("link", name="Refresh", exact=True).click()
    expect(page.locator("#question")).to_contain_text("Your answer was 0.5.")


@pytest.mark.parametrize(("theme", "language"), [("light", "ko"), ("dark", "en")])
def test_axe_finds_nothing(
    lecture: tuple[Page, Page, str], new_visitor: NewVisitor, theme: str, language: str
) -> None:
    """On a phone: the code, a step, a question, a verdict; and the summary."""
    _, window, code = lecture
    visitor = new_visitor(color_scheme=theme, locale=language, **PHONE)
    page = visitor.open("/live").page
    found = {"code": visitor.findings()}
    visitor.open(f"/live/{code}")
    page.locator("#lecture-status.live").wait_for()
    window.keyboard.press("ArrowRight")
    expect(page.locator("output.large")).to_have_text("−0.2500")
    found["step"] = visitor.findings()
    window.get_by_role("button", name="Ask for the sign").click()
    page.locator("#question [value='+']").check()
    found["question"] = visitor.findings()
    page.locator("#question button").click()
    expect(window.locator("[data-count=answers]")).to_have_text("1")
    window.get_by_role("button", name="Show the answer").first.click()
    page.locator(".answer-verdict").wait_for()
    found["verdict"] = visitor.findings()
    window.goto(window.url.replace("/speaker", "/summary"))
    found["summary"] = Visitor(window).findings()
    assert not {screen: words for screen, words in found.items() if words}
