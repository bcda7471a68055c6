"""A matrix pasted from a spreadsheet: as a whole, and as a block into one of its fields."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import findings
from tests.browser.conftest import NewVisitor
from tests.browser.drawing import drawn
from tests.browser.test_edits import at_work, field
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

PASTE = """([name, text]) => {
  const input = document.querySelector(`#matrices input[name="${name}"]`);
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  input.focus();
  return input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def copied(page: Page, text: str) -> None:
    """The text is in the clipboard, as after a copy in a spreadsheet."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)


def test_a_block_from_the_clipboard(visitor: Visitor) -> None:
    """It fills the matrix from the field on, as one edit, which Back takes back whole."""
    page = at_work(visitor).page
    before, look = visitor.state(), visitor.look()
    copied(page, "0.5\t−0.25\n0.125\t1e-3\n")
    field(visitor, "weight/0/1/2").focus()
    with visitor.changes():
        page.keyboard.press("Control+v")
    after = visitor.state()
    weights = [list(row) for row in before["network"]["weights"][0]]
    weights[1][2:], weights[2][2:] = [0.5, -0.25], [0.125, 0.001]
    assert after["network"]["weights"] == [weights, before["network"]["weights"][1]]
    assert after["network"]["biases"] == before["network"]["biases"]
    assert visitor.look().drawing == drawn(after)
    expect(field(visitor, "weight/0/1/2")).to_be_focused()
    expect(field(visitor, "weight/0/1/2")).to_have_value("0.5000")
    expect(field(visitor, "weight/0/2/3")).to_have_value("0.0010")
    with visitor.stays():
        page.keyboard.press("Tab")
    assert visitor.back().markup == look.markup


def test_a_single_cell(visitor: Visitor) -> None:
    """One number goes into its field, as always, and is sent when that is left."""
    page = at_work(visitor).page
    copied(page, "0.5\n")
    with visitor.stays():
        field(visitor, "weight/0/0/0").focus()
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+v")
    expect(field(visitor, "weight/0/0/0")).to_have_value("0.5")
    with visitor.changes():
        page.keyboard.press("Enter")
    assert visitor.state()["network"]["weights"][0][0][0] == 0.5


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_a_block_that_is_refused(new_visitor: NewVisitor, watch: Watch, locale: str) -> None:
    """Why is said under the matrix, where the block can be mended: it then goes where it was to go."""
    watch.expect("status of 422")
    visitor = new_visitor(locale=locale)
    page = visitor.open().page
    with visitor.changes():
        page.locator("#moves button.main").click()
    before = visitor.state()
    with visitor.changes():
        taken = page.evaluate(PASTE, ["weight/0/1/2", "1\tx\n2\t3"])
    assert not taken, "the browser does not paste it, too"
    alert = page.locator("#matrices").get_by_role("alert")
    expect(alert).to_contain_text("weight/0/1/3")
    expect(alert).to_be_in_viewport()
    block = page.locator('textarea[name="block/weight/0/1/2"]')
    expect(block).to_have_value("1\tx\n2\t3")
    expect(field(visitor, "weight/0/1/2")).to_have_value("0.1000")
    assert findings(visitor) == []
    assert visitor.state() == before
    with visitor.changes():
        block.fill("1\t2\n3\t4")
        page.locator(".pastes[open] button").click()
    expect(page.locator(".pastes[open]")).to_have_count(0)
    weights = visitor.state()["network"]["weights"][0]
    assert (weights[1][2:], weights[2][2:]) == ([1, 2], [3, 4])


@pytest.mark.parametrize("script", [True, False])
def test_a_whole_matrix(new_visitor: NewVisitor, script: bool) -> None:
    """What the field holds can be copied, and pasted into the same network elsewhere."""
    visitor = at_work(new_visitor(java_script_enabled=script))
    other = new_visitor(java_script_enabled=script).open()
    with other.changes():
        other.page.locator("#moves button.main").click()
    for layer in (0, 1):
        visitor.page.locator(".pastes summary").nth(layer).click()
        text = visitor.page.locator(f'[name="matrix/{layer}"]').input_value()
        other.page.locator(".pastes summary").nth(layer).click()
        with other.changes():
            other.page.locator(f'[name="matrix/{layer}"]').fill(text)
            other.page.locator(".pastes[open] button").click()
    there, here = other.state()["network"], visitor.page.locator("#matrices .entry input")
    numbers = [number for layer in there["weights"] for row in layer for number in row]
    numbers += [number for layer in there["biases"] for number in layer]
    titles = here.evaluate_all("(inputs) => inputs.map((input) => input.title)")
    assert sorted(numbers) == sorted(float(text.replace("−", "-")) for text in titles)
