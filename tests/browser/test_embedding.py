"""A network in a reveal.js deck of another site, whose cookies are blocked there: docs/slides.html."""

import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Frame, Route, expect

from app.examples.published import DECK
from app.settings import ROOT
from app.simulation.permalink import encode_permalink
from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.server import Server
from tests.browser.visitor import Visitor

EMBED = f"/embed/{encode_permalink(DECK.simulation)}"
SITE = "slides.example"  # the browser finds it on this machine
CDN = "https://cdn.jsdelivr.net/npm/reveal.js@"
REVEAL = ROOT / "node_modules" / "reveal.js"
ELSEWHERE = (f"request to another host: http://{SITE}", f"request to another host: {CDN}")
TITLES = ["net of the hidden layer", "out of the hidden layer", "net of the output layer"]


class Deck:
    """The slides, and the frame in them."""

    def __init__(self, visitor: Visitor, server: Server, address: str) -> None:
        self.visitor, self.page, self.address = visitor, visitor.page, address
        context = self.page.context
        context.route(f"{CDN}**", from_package)
        # Given before the frame is there: a cookie of ours that must not come with it.
        visitor.open("/").click("Step")
        assert context.cookies(server.url)
        # As browsers do by default, or are told to.
        session = context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.setCookieControls", {"enableThirdPartyCookieRestriction": True})
        self.sent: list[dict[str, str]] = []
        self.received: list[dict[str, str]] = []
        self.page.on("requestfinished", self._note)
        self.page.goto(address)
        self.page.keyboard.press("ArrowRight")
        self.is_at("#/1")

    def _note(self, request: Any) -> None:
        if "/embed/" in request.url:
            self.sent.append(request.all_headers())
            self.received.append(request.response().all_headers())

    @property
    def frame(self) -> Frame:
        [frame] = [each for each in self.page.frames if "/embed/" in each.url]
        return frame

    @property
    def step(self) -> int:
        return int(self.frame.locator("#moves").get_attribute("data-step") or "")

    def is_at(self, slide: str) -> None:
        expect(self.page).to_have_url(self.address + slide)

    def shows(self, title: str) -> None:
        expect(self.frame.locator("#card h1")).to_have_text(title)


def from_package(route: Route) -> None:
    """What the CDN would send: the file of the package."""
    path = REVEAL / re.sub(r".*/reveal\.js@[^/]*/", "", route.request.url)
    kind = {".css": "text/css", ".mjs": "text/javascript"}[path.suffix]
    headers = {"Access-Control-Allow-Origin": "*"}
    route.fulfill(body=path.read_text(), content_type=kind, headers=headers)


class Slides(BaseHTTPRequestHandler):
    """The site of the slides."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.server.html)  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:
        pass


NewDeck = Callable[..., Deck]


@pytest.fixture
def new_deck(new_visitor: NewVisitor, server: Server, errors: BrowserErrors) -> Iterator[NewDeck]:
    errors.expect(*ELSEWHERE)

    html = (ROOT / "docs" / "slides.html").read_text().replace("http://127.0.0.1:8000", server.url)
    slides = ThreadingHTTPServer(("127.0.0.1", 0), Slides)
    Thread(target=slides.serve_forever, daemon=True).start()

    def opened(edit: Callable[[str], str] = str) -> Deck:
        slides.html = edit(html).encode()  # type: ignore[attr-defined]
        address = f"http://{SITE}:{slides.server_port}/"
        return Deck(new_visitor(fresh=True), server, address)

    yield opened
    slides.shutdown()
    slides.server_close()


def test_in_the_slides_of_another_site(new_deck: NewDeck) -> None:
    """Step by a button and by keys, load again, go back and forth in the slides; no cookie at all."""
    deck = new_deck(lambda html: html.replace("until=77", "until=12"))
    page = deck.page
    output = page.locator("output")
    expect(output).to_have_text("not known yet")
    entries = page.evaluate("history.length")
    deck.frame.locator("#moves .main").click()
    deck.shows(TITLES[0])
    for title in TITLES[1:]:
        page.keyboard.press("ArrowRight")
        deck.shows(title)
    page.keyboard.press("ArrowLeft")
    deck.shows(TITLES[1])
    assert deck.frame.url.endswith("&step=8")
    # A step is an entry of no history, and loading the frame or the slides again shows the same.
    assert page.evaluate("history.length") == entries
    deck.frame.evaluate("location.reload()")
    deck.shows(TITLES[1])
    page.reload()
    deck.shows(TITLES[1])
    assert deck.step == 8
    # When the steps are used up, the arrow keys are those of the slides.
    deck.frame.locator("#moves .main").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    deck.shows("out of the output layer")
    page.keyboard.press("ArrowRight")
    deck.is_at("#/2")
    page.keyboard.press("ArrowLeft")
    deck.is_at("#/1")
    assert deck.step == 12
    # The browser's Back goes to the slide before.
    page.go_back()
    deck.is_at("#/2")
    page.go_back()
    deck.is_at("#/1")
    page.go_back()
    deck.is_at("#/")
    page.go_forward()
    deck.is_at("#/1")
    deck.shows("out of the output layer")
    assert len(deck.sent) > 6
    assert not [each for each in deck.sent if "cookie" in each]
    assert not [each for each in deck.received if "set-cookie" in each]
    assert not [each for each in page.context.cookies() if "slides" in each["domain"]]


def test_a_page_steps_and_reads(new_deck: NewDeck) -> None:
    """Messages of the page around are done and answered to its origin; those of others are not."""
    deck = new_deck()
    page = deck.page
    page.evaluate(
        """() => {
          window.heard = [];
          addEventListener("message", ({ data, origin }) => { if (data.backstep) heard.push({ ...data, origin }); });
          window.say = (message) => document.querySelector("iframe").contentWindow.postMessage(message, "*");
        }"""
    )
    page.evaluate(
        "say({ backstep: 'step' }); say({ backstep: 'step' }); say({ backstep: 'seek', step: 15 })"
    )
    page.wait_for_function("() => heard.at(-1)?.step === 15")
    last = page.evaluate("heard.at(-1)")
    state = DECK.simulation.step("unit", 15)
    assert (last["iteration"], last["cursor"], last["until"]) == (0, 15, 77)
    assert f"http://127.0.0.1:{page.frames[1].url.split(':')[2].split('/')[0]}" == last["origin"]
    for address in ("net/1/3", "out/2/1", "weight/1/3/0", "bias/0", "error", "target/1"):
        assert last["values"][address] == state.operand(address), address
    assert "delta/2/0" not in last["values"]
    expect(page.locator("output")).to_have_text(repr(state.value("error")))
    for message in (
        {"backstep": "edit"},
        {"backstep": "seek", "step": 78},
        {"step": 3},
        "step",
        None,
    ):
        page.evaluate("say", message)
    page.evaluate("say({ backstep: 'back' })")
    page.wait_for_function("() => heard.at(-1).step === 12")
    # Another window is no parent.
    count = page.evaluate("heard.length")
    deck.frame.evaluate("window.postMessage({ backstep: 'step' }, '*')")
    page.evaluate("say({ backstep: 'read' })")
    page.wait_for_function("(count) => heard.length > count", arg=count)
    assert page.evaluate("heard.at(-1).step") == 12


def test_quick_presses_each_count(new_visitor: NewVisitor) -> None:
    """By keys and by clicks, on a slow line; the step that comes next is there already."""
    visitor = new_visitor(fresh=True)
    page = visitor.open(f"{EMBED}?by=unit").page
    expect(page.locator("#moves")).to_have_attribute("data-step", "0")
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#moves")).to_have_attribute("data-step", "7")
    page.evaluate("for (let i = 0; i < 5; i++) document.querySelector('#moves .main').click()")
    expect(page.locator("#moves")).to_have_attribute("data-step", "12")
    page.keyboard.press("r")
    expect(page.locator("#moves")).to_have_attribute("data-step", "0")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#moves")).to_have_attribute("data-step", "1")
    sizes = page.evaluate(
        """performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("step=1"))
          .map(({ transferSize }) => transferSize)"""
    )
    assert sizes[0] > 0
    assert sizes[-1] == 0  # from the browser's cache


@pytest.mark.parametrize("script", [True, False], ids=["", "no-javascript"])
def test_by_keyboard(new_visitor: NewVisitor, script: bool) -> None:
    """Every control has the focus in turn, and works; without a script, too."""
    page = new_visitor(java_script_enabled=script, viewport={"width": 640, "height": 360}).page
    page.goto(f"{EMBED}?hide=card&lang=ko")
    page.keyboard.press("Tab")
    expect(page.locator("#moves .main")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#moves")).to_have_attribute("data-step", "4")
    page.locator("#moves .back").focus()
    names = []
    for _ in range(7):
        names.append(page.evaluate("document.activeElement.textContent.trim()") if script else "")
        page.keyboard.press("Tab")
    if script:
        assert names == ["이전", "다음", "순전파", "역전파", "갱신", "처음으로", "열기 ↗"]
    page.locator("[data-does=backward]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#moves")).to_have_attribute("data-step", "55")
    page.go_back()
    if not script:
        expect(page.locator("#moves")).to_have_attribute("data-step", "4")


@pytest.mark.parametrize(
    ("theme", "language", "size"), [("light", "ko", (640, 360)), ("dark", "en", (960, 540))]
)
def test_axe_finds_nothing(
    new_visitor: NewVisitor, theme: str, language: str, size: tuple[int, int]
) -> None:
    """At the size of a small and of a large frame."""
    (width, height), found = size, {}
    visitor = new_visitor(viewport={"width": width, "height": height})
    for query in ("step=0", "step=12", "step=31&by=unit", "step=70&hide=card"):
        visitor.open(f"{EMBED}?{query}&theme={theme}&lang={language}")
        found[query] = visitor.findings()
    assert not {screen: words for screen, words in found.items() if words}
