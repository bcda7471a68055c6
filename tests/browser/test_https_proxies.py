"""What the README promises, below a path of another server over https; and a sign-in before a network is
begun or shared."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from app.examples.published import DECK
from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.derivations import explain, opened
from tests.browser.server import Server
from tests.browser.test_editing import editor, place
from tests.browser.test_following import PHONE
from tests.browser.test_presenting import shares, speaker_of
from tests.browser.visitor import Visitor
from tests.support.https_proxies import (
    BASE,
    BEHIND,
    KINDS,
    SIGNED_IN,
    Proxy,
    authority,
    https_proxy,
)
from tests.support.server import PATIENCE

AT_ONCE = (
    1_000  # milliseconds until a follower sees a step; without events it would take four seconds
)
OWN = re.compile(rf"{BASE}/n/[\w-]{{22}}(\?|$)")
FIRST = DECK.simulation.step("layer").value("net/1/0")


@dataclass
class Site:
    """A proxy before a server, and the visitors who have come through it."""

    proxy: Proxy
    server: Server
    new_visitor: NewVisitor
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, path: str = "/", **options: Any) -> Visitor:
        """Somebody who opens a path below the one of the server. The certificate is the test's own."""
        there = replace(self.server, url=self.proxy.url)
        visitor = self.new_visitor(there, ignore_https_errors=True, **options)
        self.visitors.append(visitor)
        return visitor.open(BASE + path)

    def leave(self) -> None:
        """Close all pages, which ends their requests."""
        for visitor in self.visitors:
            for page in visitor.page.context.pages:
                page.close()


Before = Callable[..., AbstractContextManager[Site]]


@pytest.fixture
def site_behind(serve: Callable[..., Server], new_visitor: NewVisitor, tmp_path: Path) -> Before:
    """`site_behind(kind)`: a server behind a proxy of that kind."""

    @contextmanager
    def site_behind(kind: str, asked: str | None = None) -> Iterator[Site]:
        server = serve(**BEHIND)
        with https_proxy(kind, tmp_path, urlsplit(server.url).netloc, asked) as proxy:
            yield Site(proxy, server, new_visitor)

    return site_behind


def net_of(page: Page) -> str | None:
    return page.locator("#unit-1-0").get_attribute("data-net")


def walk_through_an_iteration(visitor: Visitor) -> None:
    """Step and Back by buttons and keys, whole passes, an explanation, an edit and Undo."""
    page = visitor.page
    visitor.click("Step")
    page.wait_for_url(OWN)
    assert float(net_of(page) or 0) == FIRST
    after = visitor.drawing()
    visitor.key("ArrowRight", "ArrowLeft")
    assert visitor.drawing() == after
    visitor.key("f", "b", "u")
    visitor.click("Back", "Forward", "Backward", "Update")
    explain(visitor, "weight/0/0/0")
    visitor.press(page.locator("#derivation a.under").first)
    assert len(opened(page)) == 2
    visitor.key("Escape")
    place(page, "weight/1/0/0").focus()
    page.keyboard.press("e")
    weight = page.locator("#edge-1-0-0")
    before = weight.get_attribute("data-weight")
    editor(page).fill("0.9")
    with visitor.changes():
        page.keyboard.press("Enter")
    expect(weight).to_have_attribute("data-weight", "0.9")
    visitor.key("z")
    expect(weight).to_have_attribute("data-weight", before or "")


def walk_among_networks(site: Site, visitor: Visitor, folder: Path) -> None:
    """Train, export, import and open a link elsewhere, list networks, another language and theme."""
    page = visitor.page
    visitor.choose("panel", "home")
    link = page.locator("#home-link").input_value()
    assert link.startswith(f"{site.proxy.url}{BASE}/open/")
    with page.expect_download() as download:
        page.get_by_role("link", name="session.json").click()
    download.value.save_as(folder / "session.json")
    other = site.visitor(link.removeprefix(site.proxy.url + BASE))
    assert other.drawing() == visitor.drawing()
    other.choose("panel", "home")
    other.field("file").set_input_files(folder / "session.json")
    other.press(other.page.locator('form[action*="/import"] button'))
    other.page.wait_for_url(OWN)
    assert other.drawing() == visitor.drawing()
    visitor.choose("language", "ko")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    visitor.choose("language", "en")
    with page.expect_navigation():
        page.locator('button[name="theme"]').click()
    visitor.open(f"{BASE}/?layers=8-8-8&seed=3").train(4_000)
    expect(page.locator("#training.done")).to_be_visible()
    page.locator(".network-name").click()
    visitor.follow(page.locator("#presets .all a"))
    expect(page.locator(".cards li")).to_have_count(2)
    visitor.follow(page.locator(".cards h2 a").last)
    expect(page.locator("#controls")).to_be_visible()


def walk_without_script(site: Site) -> None:
    """Forms and links alone."""
    plain = site.visitor(java_script_enabled=False)
    plain.click("Step", "Step", "Back")
    assert float(net_of(plain.page) or 0) == FIRST
    plain.choose("panel", "lecture")
    expect(plain.page.get_by_role("button", name="Present V")).to_be_visible()


def walk_through_a_lecture(site: Site) -> None:
    """Present, share, follow on a phone by the code, step, ask, answer, reveal, copy, and return."""
    lecturer = site.visitor().page
    lecturer.keyboard.press("v")
    lecturer.wait_for_url(re.compile(rf"{BASE}/n/[\w-]{{22}}/present$"))
    window = speaker_of(lecturer)
    code = shares(window)
    address = window.locator(".joining .address").inner_text()
    assert f"https://{address}" == f"{site.proxy.url}{BASE}/live/{code}"
    phone = site.visitor("/live", **PHONE).page
    phone.get_by_label("Code").fill(code.lower())
    phone.get_by_role("button", name="Follow").click()
    expect(phone.locator("#lecture-status")).to_have_text("live")
    expect(window.locator("[data-count=followers]")).to_have_text("1")
    for title in ("net of the hidden layer", "out of the hidden layer", "net of the output layer"):
        window.keyboard.press("ArrowRight")
        for each in (lecturer, phone):
            expect(each.locator("#card h1")).to_have_text(title, timeout=AT_ONCE)
    window.get_by_role("button", name="Ask for the number").click()
    phone.locator("#question [name=answer]").fill("0.5832")
    phone.locator("#question button").click()
    expect(window.locator("[data-count=answers]")).to_have_text("1")
    window.get_by_role("button", name="Show the answer").first.click()
    expect(phone.locator("#question")).to_contain_text("is right.")
    phone.get_by_role("button", name="Try it myself").click()
    phone.wait_for_url(OWN)
    Visitor(phone, script=False).move("Step").click()
    phone.get_by_role("link", name="Back to the lecture").click()
    expect(phone.locator("#lecture-status")).to_have_text("live")


def read_about_the_api(site: Site) -> None:
    """The page about the API reads its document, and sends requests below the path."""
    page = site.visitor("/docs").page
    expect(page.locator("[id$=-create]")).to_be_visible()
    expect(page.locator(".servers select")).to_have_value(BASE)


def wait_for(proxy: Proxy, asked: str) -> None:
    """Wait until the proxy has noticed that a request has ended, and logs it."""
    until = time.monotonic() + PATIENCE
    while not any(re.search(asked, path) for path in proxy.paths()):
        assert time.monotonic() < until, asked
        time.sleep(0.05)


# What each kind of proxy forwards is decided in `deploy/test_https_proxies.py`. Here is what a browser
# makes of it, which is the same for all: every kind is before one of the two tests.


def test_every_journey(site_behind: Before, tmp_path: Path) -> None:
    """No request and no cookie leaves the path, and events are streamed."""
    with site_behind(KINDS[0]) as site:
        visitor = site.visitor()
        walk_through_an_iteration(visitor)
        walk_among_networks(site, visitor, tmp_path)
        walk_without_script(site)
        walk_through_a_lecture(site)
        read_about_the_api(site)
        cookies = [each for one in site.visitors for each in one.page.context.cookies()]
        assert cookies
        assert {(each["path"], each["secure"]) for each in cookies} == {(f"{BASE}/", True)}
        site.leave()
        for asked in (r"/n/.*/training/events$", r"/live/\w{6}/events$", r"/n/.*/lecture/events$"):
            wait_for(site.proxy, asked)
    paths = site.proxy.paths()
    assert len(paths) > 50
    assert [path for path in paths if not path.startswith(f"{BASE}/")] == []


def test_a_sign_in(site_behind: Before, errors: BrowserErrors) -> None:
    """The first step and Share say that one has to sign in, in a page that stays as it is. When the
    sign-in ends, a lecture and those who follow it go on."""
    errors.expect("status of 401", "status of 404")  # the page of the proxy has no icon
    with authority() as asked, site_behind(KINDS[1], asked) as site:
        visitor = site.visitor()
        page, before = visitor.page, visitor.drawing()
        sign_in = page.locator("#notice").get_by_role("link", name="sign in")
        visitor.click("Step")
        expect(sign_in).to_be_visible()
        assert visitor.drawing() == before
        with page.context.expect_page() as tab:
            sign_in.click()
        expect(tab.value.locator("#graph")).to_be_visible()
        tab.value.close()
        visitor.click("Step")
        page.wait_for_url(OWN)
        assert float(net_of(page) or 0) == FIRST

        page.context.clear_cookies(name=SIGNED_IN)
        visitor.open(f"{BASE}/?preset=xor")
        visitor.choose("panel", "lecture")
        present = page.get_by_role("button", name="Present V")
        present.click()  # a form of its own, which leads to the sign-in and back
        page.wait_for_url(OWN)
        visitor.open(f"{BASE}/?preset=xor")
        present.click()
        page.wait_for_url("**/present")

        window = speaker_of(page)
        code = shares(window)
        page.context.clear_cookies(name=SIGNED_IN)
        phone = site.visitor(f"/live/{code}", **PHONE).page
        expect(phone.locator("#lecture-status")).to_have_text("live")
        window.keyboard.press("ArrowRight")
        for each in (page, phone):
            expect(each.locator("#card h1")).to_have_text(
                "net of the hidden layer", timeout=AT_ONCE
            )
        phone.get_by_role("button", name="Try it myself").click()
        phone.wait_for_url(OWN)
        Visitor(phone, script=False).move("Step").click()
        expect(phone.locator("#card h1")).to_have_text("out of the hidden layer")
        window.get_by_role("button", name="End sharing").click()
        window.get_by_role("button", name="Share with the class").click()
        expect(window.locator("#notice").get_by_role("link", name="sign in")).to_be_visible()
        site.leave()
