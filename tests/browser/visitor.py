"""Somebody with a browser: opens the page, presses keys and buttons, and looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.drawing import LOOK, Look, State, Step

# Counts what htmx has brought to an end, read by a test that waits for it; and how to look. A click in
# the drawing scrolls once no second one can make it a double click (derivation.js): a test that clicks on
# waits for that as well, for it would aim at what moves away.
COUNT = f"""
window.answers = 0;
window.settling = 0;
document.addEventListener("htmx:finally:request", () => {{ window.answers += 1; }});
const later = window.setTimeout;
window.setTimeout = (run, time, ...more) => {{
  if (time !== 300) return later(run, time, ...more);
  window.settling += 1;
  return later(() => {{ run(); later(() => {{ window.settling -= 1; }}, 0); }}, time);
}};
window.look = {LOOK};
"""
# Presses a button within the page: as good as a click for what the server does, and much faster.
PRESS = "(selector) => document.querySelector(selector).click()"
PRESS_AND_LOOK = """(selector) => new Promise((resolve) => {
  document.addEventListener("htmx:finally:request", () => resolve(look()), { once: true });
  document.querySelector(selector).click();
})"""
STEP, BACK = "#moves button.main", '#moves button[formaction^="/back"]'


class Visitor:
    """One page of one browser.

    `script` says whether the page can swap a part of itself; without it, it is loaded anew.
    """

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
        """What is done meanwhile changes the page so many times: it is waited for."""
        if not self.script:
            with self.page.expect_navigation():
                yield
            return
        before = self.page.evaluate("answers")
        yield
        self.page.wait_for_function("(count) => answers >= count && !settling", arg=before + count)

    @contextmanager
    def stays(self) -> Iterator[None]:
        """What is done meanwhile asks the server for nothing."""
        asked: list[str] = []
        self.page.on("request", lambda request: asked.append(request.url))
        yield
        self.page.wait_for_timeout(120)
        assert not asked, asked

    def move(self, name: str) -> Locator:
        """A button of the controls by its name."""
        return self.page.locator("#moves").get_by_role("button", name=name, exact=True)

    def click(self, name: str) -> None:
        with self.changes():
            self._press(self.move(name))

    def _press(self, button: Locator) -> None:
        """With the pointer; but right after a load, as between any two changes without a script,
        the browser may not have painted yet and then drops what a pointer does."""
        if self.script:
            button.click()
        else:
            button.evaluate("button => button.click()")

    def key(self, *keys: str) -> None:
        """Presses keys one after another, without waiting between them; each changes the page."""
        with self.changes(len(keys)):
            for key in keys:
                self.page.keyboard.press(key)

    def choose(self, name: str, value: str) -> None:
        """A choice of how to see it: by (granularity), panel, theme or language."""
        button = self.page.locator(f'button[name="{name}"][value="{value}"]')
        if self.script and name in ("by", "panel"):
            with self.changes():
                button.click()
        else:
            with self.page.expect_navigation():
                self._press(button)

    def look(self) -> Look:
        return Look.of(self.page.evaluate(LOOK))

    def step(self) -> Look:
        return self._pressed(STEP)

    def back(self) -> Look:
        return self._pressed(BACK)

    def _pressed(self, selector: str) -> Look:
        if self.script:
            return Look.of(self.page.evaluate(PRESS_AND_LOOK, selector))
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.evaluate(PRESS, selector)
        return self.look()

    # The same session through the API, with the browser's own cookie.

    @property
    def session(self) -> str | None:
        """The id of the session that the browser holds, None where it holds none."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        return cookies["backstep"].split(".")[0] if "backstep" in cookies else None

    def state(self) -> State:
        return self._asked("")

    def steps(self) -> list[Step]:
        steps: list[Step] = self._asked("/steps")["steps"]
        return steps

    def derivation(self, address: str) -> dict[str, Any]:
        return self._asked(f"/derivation/{address}")

    def _asked(self, path: str) -> dict[str, Any]:
        response = self.page.context.request.get(f"/api/sessions/{self.session}{path}")
        assert response.ok, response.text()
        answer: dict[str, Any] = response.json()
        return answer
