"""What a click costs, as a visitor meets with it: here, and in Streamlit, Dash and NiceGUI.

    python -m benchmarks.clicks [--clicks 60] [--pages 10]

Ours is the whole page as it is served, stepping by one number; each peer is a small app of a button
and a drawing (benchmarks/peers), so that it has far less to send and to lay out. All servers run at
once, each with a page of its own in one Chromium, and the pages take turns, a click each, so that what
else the machine does meets all of them alike.

Measured in the page, with its own clock, from the `timeStamp` of a real click:

- to DOM: to the MutationObserver's call that finds the number of the step and its value where they
  are to appear;
- to paint: to the end of the first frame that has them, which is when a message posted from that
  frame's requestAnimationFrame arrives: style, layout and paint are done then. What the compositor
  and the screen still take is not in it, and the wait for the frame (up to 16.7 ms) is.

Motion is reduced, as a system's setting asks for it, so that nothing moves on one page while another
is clicked. Medians over all clicks after a warm-up, with the quartiles. Each click is the next step of
the same session; ours therefore draws most steps for the first time, and the peers keep nothing of the
kind.

Then memory: by how much the resident memory of the server (with its children) grows while so many
more visitors open the page, take three steps, and stay. It is grown before by as many others as make
a warm-up. Dash keeps nothing for a visitor. At so few pages what the allocator happens to do is in
the figure; benchmarks/memory.py has ours for thousands.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.examples.published import DECK
from app.view.rendering.numbers import short
from benchmarks.environments import NotInstalledError
from benchmarks.servers import backstep, peer, resident

WARM_UP = 10  # clicks
PAUSE = 0.1  # seconds before each click, for what the one before has left to do
WARM_PAGES = 12  # until then the threads that serve Dash take up what they never give back
STEPS = 3  # that a visitor takes whose memory is measured
FLAGS = (  # nothing leaves the machine
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Waits, in the page, for the next click and for what it is to bring; `measured` has both times.
# A frame's message is in the queue before anything else that the frame leads to.
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


@dataclass(frozen=True, slots=True)
class Site:
    """A server, and where its page has what is pressed and what is shown."""

    name: str
    serve: Callable[[], AbstractContextManager[int]]
    button: str
    shown: str
    first: str | None = None  # a button to be pressed before, so that a step is one number

    def open(self, browser: Browser, port: int) -> Page:
        """A page of a newcomer, which is on its way."""
        page = browser.new_context(reduced_motion="reduce").new_page()
        page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
        return page

    def make_ready(self, page: Page) -> None:
        """Waits until a page can take the first step."""
        page.wait_for_load_state()
        if self.first is not None:
            page.click(self.first)
            page.wait_for_selector(f"{self.first}[aria-pressed=true]")
        page.wait_for_selector(self.button)
        page.wait_for_selector(self.shown)

    def click(self, page: Page, expected: tuple[str, str]) -> tuple[float, float]:
        """Milliseconds from the click to the DOM and to the paint of what is expected."""
        page.bring_to_front()
        page.evaluate(WATCH, [self.shown, *expected])
        page.click(self.button)
        dom, paint = page.evaluate("measured")
        return float(dom), float(paint)


def sites(folder: Path) -> tuple[Site, ...]:
    """Ours first."""
    step = "button:has-text('Step')"
    return (
        Site(
            "ours",
            partial(backstep, folder),
            "#moves button.main",
            "#card",
            first='#by button[value="unit"]',
        ),
        Site("Streamlit", partial(peer, "streamlit"), step, "#network"),
        Site("Dash", partial(peer, "dash"), step, "#network .js-plotly-plot"),
        Site("NiceGUI", partial(peer, "nicegui"), step, "#network"),
    )


def expectations() -> Iterator[tuple[str, str]]:
    """What each step is to bring: its number and its value."""
    simulation = DECK.simulation
    while True:
        simulation = simulation.step("unit")
        value = simulation.trace()[simulation.cursor - 1]
        yield f"step {simulation.cursor} of {len(simulation.steps)}", short(value)


def measured(
    browser: Browser, running: list[tuple[Site, int]], clicks: int
) -> list[list[tuple[float, float]]]:
    """The times of each site's clicks, which take turns."""
    pages = [(site, site.open(browser, port)) for site, port in running]
    for site, page in pages:
        site.make_ready(page)
    steps = zip(range(WARM_UP + clicks), expectations(), strict=False)
    turns = [[_rested(site, page, expected) for site, page in pages] for _, expected in steps]
    for _, page in pages:
        page.context.close()
    return [list(times) for times in zip(*turns[WARM_UP:], strict=True)]


def _rested(site: Site, page: Page, expected: tuple[str, str]) -> tuple[float, float]:
    time.sleep(PAUSE)
    return site.click(page, expected)


def grown(browser: Browser, site: Site, port: int, pages: int) -> float:
    """Bytes by which the server grows for each page that is open."""
    visits = _visits(browser, site, port, WARM_PAGES)
    before = resident(port)
    visits += _visits(browser, site, port, pages)
    after = resident(port)
    for page in visits:
        page.context.close()
    return (after - before) / pages


def _visits(browser: Browser, site: Site, port: int, count: int) -> list[Page]:
    pages = [site.open(browser, port) for _ in range(count)]
    for page in pages:
        site.make_ready(page)
        for _, expected in zip(range(STEPS), expectations(), strict=False):
            site.click(page, expected)
    return pages


def told(name: str, times: list[tuple[float, float]], ours: list[tuple[float, float]]) -> str:
    """A site's row: medians, quartiles, and how many times ours that is."""
    parts = []
    for what, mine, its in zip(
        ("DOM", "paint"), zip(*ours, strict=True), zip(*times, strict=True), strict=True
    ):
        low, middle, high = statistics.quantiles(its, n=4)
        part = f"click to {what} {middle:.1f} ms ({low:.1f} to {high:.1f})"
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
            print(told(site.name, its, times[0]), flush=True)
        for site, port in running if asked.pages else ():
            size = grown(browser, site, port, asked.pages) / 1024
            print(f"{site.name}: {size:.0f} KiB of the server for each of {asked.pages} open pages")


if __name__ == "__main__":
    main()
