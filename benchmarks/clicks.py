"""The latency of a click in the browser, compared with Streamlit, Dash and NiceGUI.

    python -m benchmarks.clicks [--clicks 60] [--pages 10]

Ours is the complete page, stepping by one number. Each peer is a small app with a button and a
drawing (benchmarks/peers), so it has far less to send and to lay out. All servers run at the same
time, each with a page in the same Chromium, and the pages take turns, one click each, so that other
load on the machine affects all of them equally. The floor is a page that has all its numbers, and shows
the next one without a server: what a click costs in this browser at least.

Measured in the page with its own clock, from the `timeStamp` of a real click:

- to DOM: until a MutationObserver finds the number of the step and its value in their places;
- to paint: until the end of the first frame that shows them, when a message posted from that
  frame's requestAnimationFrame arrives. Style, layout and paint are done by then. This includes
  the wait for the frame (up to 16.7 ms), but not the time of the compositor and the screen.

- layout and style: what the browser counts of its main thread's time, per click.

Reduced motion is set, so that nothing is animated on one page while another one is clicked. The
figures are medians over all clicks after a warm-up, with quartiles. Each click is the next step of
the same session. Ours therefore renders most steps for the first time; the peers cache nothing.

Memory is the growth of the resident memory of the server (with its children) while more visitors
open the page, take three steps and stay, after a warm-up with other visitors. Dash stores nothing
per visitor. With so few pages, the figure depends on the allocator; benchmarks/memory.py measures
ours with thousands of sessions.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from app.examples.published import DECK
from app.view.rendering.digits import FOUR
from benchmarks.environments import NotInstalledError
from benchmarks.servers import backstep, peer, resident

WARM_UP = 10  # clicks
PAUSE = 0.1  # seconds before each click, to let the previous one finish
WARM_PAGES = 12  # until then, the threads of Dash allocate memory that they keep
STEPS = 3  # of each visitor in the memory measurement
FLAGS = (  # no traffic leaves the machine
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Runs in the page: waits for the next click and its expected result; `measured` has both times. The
# message of a frame is queued before anything else that the frame causes.
WATCH = """([shown, ...expected]) => {
  window.measured = new Promise((resolve, reject) => {
    setTimeout(() => reject(`${expected} is not shown: ${document.querySelector(shown)?.textContent}`), 10000);
    let clicked = null, dom = null;
    addEventListener("click", (event) => { clicked = event.timeStamp; }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      const text = document.querySelector(shown)?.textContent ?? "";
      if (clicked === null || !expected.every((part) => text.includes(part))) return;
      dom = performance.now() - clicked;
      observer.disconnect();
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      if (dom === null) requestAnimationFrame(frame);
      else resolve([dom, performance.now() - clicked]);
    };
    const frame = () => port2.postMessage(null);
    requestAnimationFrame(frame);
  });
}"""


Times = tuple[float, float, float]  # of a click in ms: to DOM, to paint; layout and style
NAMES = ("click to DOM", "click to paint", "layout and style")


@dataclass(frozen=True, slots=True)
class Site:
    """A server, and the selectors of its button and its result."""

    name: str
    serve: Callable[[], AbstractContextManager[int]]
    button: str
    shown: str
    first: str | None = None  # a button to press first, so that a step is one number

    def open(self, browser: Browser, port: int) -> Page:
        """Opens the page for a new visitor, without waiting for it to load."""
        page = browser.new_context(reduced_motion="reduce").new_page()
        page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
        return page

    def make_ready(self, page: Page) -> None:
        """Waits until the page is ready for the first step."""
        page.wait_for_load_state()
        if self.first is not None:
            page.click(self.first)
            page.wait_for_selector(f"{self.first}[aria-pressed=true]")
        page.wait_for_selector(self.button)
        page.wait_for_selector(self.shown)

    def click(self, page: Page, expected: tuple[str, str]) -> tuple[float, float]:
        """Milliseconds from a click until the expected text is in the DOM, and is painted."""
        page.bring_to_front()
        page.evaluate(WATCH, [self.shown, *expected])
        page.click(self.button)
        dom, paint = page.evaluate("measured")
        return float(dom), float(paint)


def sites(folder: Path) -> tuple[Site, ...]:
    """All servers, ours first."""
    step = "button:has-text('Step')"
    return (
        Site(
            "ours",
            partial(backstep, folder),
            "#moves button.main",
            "#card",
            first='#by button[value="unit"]',
        ),
        Site("floor", partial(page_alone, folder), "button", "p"),
        Site("Streamlit", partial(peer, "streamlit"), step, "#network"),
        Site("Dash", partial(peer, "dash"), step, "#network .js-plotly-plot"),
        Site("NiceGUI", partial(peer, "nicegui"), step, "#network"),
    )


def _counters(page: Page) -> CDPSession:
    """A session that reads what the browser counts of a page."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    return session


def _layout_and_style(counters: CDPSession) -> float:
    """Milliseconds that the main thread of a page has spent on them so far."""
    metrics = counters.send("Performance.getMetrics")["metrics"]
    counted = {each["name"]: each["value"] for each in metrics}
    return 1000 * float(counted["LayoutDuration"] + counted["RecalcStyleDuration"])


@contextmanager
def page_alone(folder: Path) -> Iterator[int]:
    """Serve a page that shows the steps of an iteration by itself; the value is the port."""
    texts = json.dumps(
        [" ".join(texts) for texts in islice(expectations(), len(DECK.simulation.steps))]
    )
    script = f"let n = 0; const texts = {texts}; const next = () => texts[n++ % texts.length];"
    page = "<button onclick='document.querySelector(`p`).textContent = next()'>Step</button><p>0"
    site = folder / "floor"
    site.mkdir()
    (site / "index.html").write_text(f"<!doctype html><script>{script}</script>{page}")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def expectations() -> Iterator[tuple[str, str]]:
    """The number and the value that each step must show."""
    simulation = DECK.simulation
    while True:
        simulation = simulation.step("unit")
        value = simulation.trace()[simulation.cursor - 1]
        yield f"step {simulation.cursor} of {len(simulation.steps)}", FOUR.short(value)


def measured(browser: Browser, running: list[tuple[Site, int]], clicks: int) -> list[list[Times]]:
    """The times of the clicks on each site; the sites take turns."""
    pages = [(site, site.open(browser, port)) for site, port in running]
    for site, page in pages:
        site.make_ready(page)
    counted = [(site, page, _counters(page)) for site, page in pages]
    steps = zip(range(WARM_UP + clicks), expectations(), strict=False)
    turns = [[_click(*each, expected) for each in counted] for _, expected in steps]
    for _, page in pages:
        page.context.close()
    return [list(times) for times in zip(*turns[WARM_UP:], strict=True)]


def _click(site: Site, page: Page, counters: CDPSession, expected: tuple[str, str]) -> Times:
    time.sleep(PAUSE)
    before = _layout_and_style(counters)
    dom, paint = site.click(page, expected)
    return dom, paint, _layout_and_style(counters) - before


def grown(browser: Browser, site: Site, port: int, pages: int) -> float:
    """Bytes by which the server grows per open page."""
    visits = _open_pages(browser, site, port, WARM_PAGES)
    before = resident(port)
    visits += _open_pages(browser, site, port, pages)
    after = resident(port)
    for page in visits:
        page.context.close()
    return (after - before) / pages


def _open_pages(browser: Browser, site: Site, port: int, count: int) -> list[Page]:
    pages = [site.open(browser, port) for _ in range(count)]
    for page in pages:
        site.make_ready(page)
        for _, expected in zip(range(STEPS), expectations(), strict=False):
            site.click(page, expected)
    return pages


def row(name: str, times: list[Times], ours: list[Times]) -> str:
    """The row of a site: medians, quartiles, and the ratios to ours."""
    parts = []
    for what, mine, its in zip(
        NAMES, zip(*ours, strict=True), zip(*times, strict=True), strict=True
    ):
        low, middle, high = statistics.quantiles(its, n=4)
        part = f"{what} {middle:.1f} ms ({low:.1f} to {high:.1f})"
        parts.append(
            part if times is ours else f"{part}, {middle / statistics.median(mine):.1f}x ours"
        )
    return f"{name}: " + "; ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clicks", type=int, default=60)
    parser.add_argument("--pages", type=int, default=10)
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = []
        for site in sites(folder):
            try:
                running.append((site, stack.enter_context(site.serve())))
            except NotInstalledError as error:
                print(f"{site.name}: not measured, since it cannot be installed here ({error})")
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        stack.callback(browser.close)
        times = measured(browser, running, asked.clicks)
        for (site, _), its in zip(running, times, strict=True):
            print(row(site.name, its, times[0]), flush=True)
        for site, port in running if asked.pages else ():
            size = grown(browser, site, port, asked.pages) / 1024
            print(f"{site.name}: {size:.0f} KiB of the server for each of {asked.pages} open pages")


if __name__ == "__main__":
    main()
