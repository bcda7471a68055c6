"""A person with a browser: opens the page, presses keys and buttons, and looks."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, Request

from app.settings import ROOT
from app.view.panels.registry import PANELS
from app.view.rendering.panel import GROUPS

State = dict[str, Any]

# The markup of the page, for comparisons. Attributes are sorted and htmx's marks removed, as a morph adds
# attributes at the end; the highlight depends on the pointer. What concerns the future (undo, redo, the
# row of iterations) is removed as well: it is there after the way back, and was not before. So is what
# names presses, which differs each time.
MARKUP = """(page) => {
  const lab = page.getElementById("lab").cloneNode(true);
  for (const future of lab.querySelectorAll("#travel, #other-branch, #history, [name=press]")) future.remove();
  for (const name of ["data-change", "data-shown"]) lab.querySelector("#moves")?.removeAttribute(name);
  lab.querySelector("#newest")?.removeAttribute("data-version");
  for (const element of lab.querySelectorAll("*")) {
    element.removeAttribute("data-htmx-powered");
    element.classList.remove("lit", "from", "htmx-request");
    if (!element.classList.length) element.removeAttribute("class");
    const sorted = [...element.attributes].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name } of sorted) element.removeAttribute(name);
    for (const { name, value } of sorted) element.setAttribute(name, value);
  }
  return lab.outerHTML;
}"""
# `answers` counts the requests that htmx has finished, `asked` those that any script has begun. After a
# click in the drawing the page scrolls once no second click can follow (derivation.js, 300 ms): `settling`
# counts what still waits for that, and `doubleClickTime` replaces the time.
COUNT = f"""
window.answers = 0;
window.asked = 0;
window.settling = 0;
document.addEventListener("htmx:finally:request", () => {{ window.answers += 1; }});
const send = window.fetch, later = window.setTimeout, never = window.clearTimeout, waits = new Set();
window.fetch = (...request) => {{ window.asked += 1; return send(...request); }};
window.setTimeout = (run, time, ...more) => {{
  if (time !== 300) return later(run, time, ...more);
  window.settling += 1;
  const id = later(() => {{ run(); later(() => settled(id), 0); }}, window.doubleClickTime ?? time);
  waits.add(id);
  return id;
}};
const settled = (id) => {{ if (waits.delete(id)) window.settling -= 1; }};
window.clearTimeout = (id) => {{ settled(id); never(id); }};
window.markup = {MARKUP};
"""
NETWORK = re.compile(r"/n/([\w-]{22})(?=$|[/?#])")
STEP, BACK = "#moves button.main", "#moves button.back"
DICTIONARY = "/static/dictionary."  # a browser asks for it when it has nothing else to do
# Presses a button from within the page: the server cannot tell it from a click, and it is much faster.
PRESS = "(selector) => document.querySelector(selector).click()"
PRESS_AND_READ = """(selector) => new Promise((resolve) => {
  document.addEventListener("htmx:finally:request", () => resolve(markup(document)), { once: true });
  document.querySelector(selector).click();
})"""
CLICK = "(it) => it.click ? it.click() : it.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))"
# After the tasks that are waiting now. Unlike a timer it works where a test has stopped the clock.
NEXT_TASK = """new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve();
  port2.postMessage(0);
})"""
SETTLED = """new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))).then(() =>
  Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))"""
AXE = """async ([region, without]) => {
  const off = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const rules = { rules: { "target-size": { enabled: true }, ...off }, resultTypes: ["violations"], preload: false };
  const { violations } = await axe.run(region, rules);
  // The links of the drawing are named by what they show, and show more than one number.
  const drawn = (node) => document.querySelector("#graph")?.contains(document.querySelector(node.target[0]));
  for (const each of violations) {
    if (each.id === "label-content-name-mismatch") each.nodes = each.nodes.filter((node) => !drawn(node));
  }
  return violations.filter((violation) => violation.nodes.length).map((violation) =>
    `${violation.id}: ${violation.help}: ${violation.nodes.map((node) =>
      `${node.target} ${node.any.map((check) => check.message).join()}`).slice(0, 3).join(" | ")}`);
}"""


class Visitor:
    """One page of one browser. With `script` it replaces parts of itself, else it is loaded again."""

    def __init__(self, page: Page, *, script: bool = True) -> None:
        self.page = page
        self.script = script
        if script:
            page.add_init_script(COUNT)

    def open(self, address: str = "/") -> "Visitor":
        self.page.goto(address)
        return self

    @contextmanager
    def changes(self, count: int = 1) -> Iterator[None]:
        """Wait until what is done meanwhile has changed the page so many times."""
        if not self.script:
            with self.page.expect_navigation():
                yield
            return
        before = self.page.evaluate("answers")
        yield
        self.page.wait_for_function("(count) => answers >= count && !settling", arg=before + count)

    @contextmanager
    def stays(self) -> Iterator[None]:
        """Check that what is done meanwhile sends no request, but for the browser's own."""
        sent: list[str] = []

        def note(request: Request) -> None:
            if DICTIONARY not in request.url:
                sent.append(request.url)

        self.page.on("request", note)
        before = self.page.evaluate("asked")
        yield
        self.page.evaluate(NEXT_TASK)
        assert self.page.evaluate("asked") == before
        self.page.remove_listener("request", note)
        assert not sent, sent

    def settle(self) -> None:
        """Wait for the next frame and the end of all transitions."""
        self.page.evaluate(SETTLED)

    def move(self, name: str) -> Locator:
        """A button of the controls by the end of its path: Step, Back, Update, Undo, ..."""
        if name == "Step":
            return self.page.locator(STEP)
        path = "/start-over" if name == "Reset" else f"/{name.lower()}"
        selectors = (f'#lab button[formaction{test}"]' for test in (f'$="{path}', f'*="{path}?'))
        return self.page.locator(", ".join(selectors))

    def click(self, *names: str) -> "Visitor":
        """Press buttons of the controls one after another."""
        for name in names:
            self.press(self.move(name))
        return self

    def press(self, target: Locator) -> None:
        """Click on something that changes the page.

        Without JavaScript, by a script: Chromium drops clicks on a page that is not painted yet.
        """
        with self.changes():
            if self.script:
                target.click()
            else:
                target.evaluate(CLICK)

    def key(self, *keys: str) -> None:
        """Press keys one after another without waiting; each changes the page."""
        with self.changes(len(keys)):
            for key in keys:
                self.page.keyboard.press(key)

    def blur(self) -> None:
        """Leave the focused element; a button, for example, keeps the space bar for itself."""
        self.page.evaluate("document.activeElement.blur()")

    def choose(self, name: str, value: str) -> None:
        """Choose how the page is shown: by (granularity), panel, theme or language."""
        if name == "panel" and value:
            self._open_group(value)
        button = self.page.locator(f'button[name="{name}"][value="{value}"]:not(.spark)').last
        if self.script and name in ("by", "panel"):
            self.press(button)
        else:
            with self.page.expect_navigation():
                button.evaluate(CLICK)

    def choose_digits(self, name: str) -> None:
        """Choose how many digits numbers have, in the form for it; on a phone it is behind a button."""
        if not self.page.locator("[popovertarget=digits]").is_visible():
            self.page.locator("[popovertarget=display]").click()
        self.page.locator("[popovertarget=digits]").click()
        self.page.locator("#digits [name=digits]").select_option(name)
        with self.changes():
            self.page.locator("#digits button").click()

    def _open_group(self, panel: str) -> None:
        """Open the group of a panel, unless it is open."""
        group = self.page.locator(".groups button").nth(list(GROUPS).index(PANELS[panel].group))
        tabs = self.page.locator(f'.tabs button[value="{panel}"]')
        if tabs.count():
            return
        if self.script:
            if not group.is_visible():  # behind ⋯
                self.page.locator("#status .menu-button").click()
            self.press(group)
        else:
            with self.page.expect_navigation():
                group.evaluate(CLICK)

    def follow(self, target: Locator) -> None:
        """Click on something that loads another page."""
        with self.page.expect_navigation():
            target.click()

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]')

    def enter(self, name: str, text: str) -> None:
        """Type into a field and press Enter."""
        with self.changes():
            self.field(name).fill(text)
            self.field(name).press("Enter")

    def seek(self, cursor: int) -> None:
        """Click a step of the timeline."""
        self.press(self.page.locator(f'#timeline button[value="{cursor}"]'))

    def train(self, iterations: int) -> None:
        """Train by the form above the error curve."""
        if not self.field("iterations").is_visible():
            self.choose("panel", "error")
        self.enter("iterations", str(iterations))

    def look(self) -> str:
        """The markup of the page."""
        markup: str = self.page.evaluate(f"({MARKUP})(document)")
        return markup

    def check(self) -> None:
        """The page is what the server sends now if it is loaded as a whole."""
        language = self.page.evaluate("navigator.language")
        headers = {"Accept": "text/html", "Accept-Language": language}
        html = self.page.context.request.get(self.page.url, headers=headers).text()
        loaded = f"(html) => ({MARKUP})(new DOMParser().parseFromString(html, 'text/html'))"
        assert self.look() == self.page.evaluate(loaded, html)

    def drawing(self) -> dict[str, dict[str, str]]:
        """The numbers of the drawing, by the ids of its elements."""
        numbers: dict[str, dict[str, str]] = self.page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('#graph [id], #learning-rate')]"
            ".map(({ id, dataset }) => [id, { ...dataset }]))"
        )
        return numbers

    def step(self) -> str:
        return self._pressed(STEP)

    def back(self) -> str:
        return self._pressed(BACK)

    def _pressed(self, selector: str) -> str:
        if self.script:
            markup: str = self.page.evaluate(PRESS_AND_READ, selector)
            return markup
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.evaluate(PRESS, selector)
        return self.look()

    def findings(self, region: str = "html", without: Sequence[str] = ()) -> list[str]:
        """The violations that axe-core finds on the page or in a region, with all rules but these."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text())
        found: list[str] = self.page.evaluate(AXE, [region, without])
        return found

    # The same session through the API, with the browser's own cookie.

    @property
    def session(self) -> str | None:
        """The id of the network that the address names, else the one opened last; None if there is
        none."""
        if named := NETWORK.search(self.page.url):
            return named[1]
        answer = self.page.context.request.get("/", max_redirects=0)
        last = NETWORK.search(answer.headers.get("location", ""))
        return last[1] if last else None

    @property
    def position(self) -> tuple[int, int]:
        """The iteration and the cursor of the session."""
        state = self.state()
        return state["iteration"], state["cursor"]

    def state(self) -> State:
        return self.api("")

    def api(self, path: str) -> dict[str, Any]:
        """What the API says about the session."""
        response = self.page.context.request.get(f"/api/sessions/{self.session}{path}")
        assert response.ok, response.text()
        answer: dict[str, Any] = response.json()
        return answer
