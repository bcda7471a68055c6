"""The fonts that ship: no text depends on those of the machine, and few files are loaded."""

from typing import Any

import pytest

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

# Code is set in a font of the machine, since any will do that has columns.
TEXTS = """[...document.querySelectorAll("body *")].filter((each) =>
  !each.closest("code, kbd, .code, script, option") && each.getClientRects().length &&
  [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))"""
WIDTHS = """([texts, size, weight]) => {
  const at = document.createElement("span");
  at.style.font = `${weight} ${size}px var(--sans)`;
  at.style.cssText += "; position: absolute; white-space: pre; font-variant-numeric: tabular-nums";
  document.body.append(at);
  const widths = texts.map((text) => {
    at.textContent = text;
    return at.getBoundingClientRect().width;
  });
  at.remove();
  return widths;
}"""


def fonts_of_the_machine(visitor: Visitor) -> dict[str, str]:
    """The texts that are not in a font of ours, with the font that the browser took."""
    page = visitor.page
    page.evaluate("document.fonts.ready.then(() => null)")
    page.evaluate(f"{TEXTS}.forEach((each, index) => each.setAttribute('data-text', index))")
    protocol = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        protocol.send(f"{domain}.enable")
    root = protocol.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    found: dict[str, Any] = protocol.send(
        "DOM.querySelectorAll", {"nodeId": root, "selector": "[data-text]"}
    )
    others = {}
    for index, node in enumerate(found["nodeIds"]):
        fonts = protocol.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        for font in fonts:
            if not font["isCustomFont"]:
                text = page.locator("[data-text]").nth(index).text_content()
                others[str(text).strip()] = font["familyName"]
    protocol.detach()
    return others


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_no_font_of_the_machine(new_visitor: NewVisitor, locale: str) -> None:
    """All texts and formulas of the page are set in the fonts that ship, in both languages."""
    visitor = new_visitor(locale=locale).open("/?preset=deck")
    for panel in (None, "deck", "slide4", "error"):
        if panel:
            visitor.choose("panel", panel)
        assert not fonts_of_the_machine(visitor), panel
        visitor.click("Backward", "Step")


def test_a_minus_is_as_wide_as_a_digit(visitor: Visitor) -> None:
    """Numbers with and without a sign line up, at any size and weight."""
    visitor.open()
    numbers = ["−", *"0123456789", "+"]
    for size, weight in ((16, 400), (18, 620), (46, 720)):
        widths = visitor.page.evaluate(WIDTHS, [numbers, size, weight])
        assert max(widths) - min(widths) < 0.01, (size, weight)
        [signed, digits] = visitor.page.evaluate(WIDTHS, [["−0.25", "00.25"], size, weight])
        assert signed == pytest.approx(digits, abs=0.01)


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_what_the_first_page_loads(new_visitor: NewVisitor, locale: str) -> None:
    """At most 10 files and 400 kB with the fonts, 12 kB of them the page itself, as they are sent; then
    no request is open."""
    visitor = new_visitor(locale=locale, fresh=True)
    protocol = visitor.page.context.new_cdp_session(visitor.page)
    protocol.send("Network.enable")
    asked: dict[str, str] = {}
    sent: dict[str, float] = {}
    protocol.on(
        "Network.requestWillBeSent",
        lambda event: asked.update({event["requestId"]: event["request"]["url"]}),
    )
    protocol.on(
        "Network.loadingFinished",
        lambda event: sent.update({event["requestId"]: event["encodedDataLength"]}),
    )
    visitor.open("/?preset=deck")
    visitor.page.wait_for_load_state("networkidle")
    protocol.detach()
    assert len(set(asked.values())) == len(asked) <= 10, list(asked.values())
    assert asked.keys() == sent.keys()
    [page] = [sent[id] for id, url in asked.items() if url.endswith("/?preset=deck")]
    assert page <= 12_000
    assert sum(sent.values()) <= 400_000
