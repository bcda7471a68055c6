"""Stepping through iterations: the drawing at every step, buttons, keys, play and the timeline."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

# An address, a granularity, the steps of an iteration, and how many of them are taken back.
WALKS = [
    ("/", "unit", 77, 30),
    ("/?layers=2-3-3-2&seed=5&bias=per_unit", "layer", 28, 29),
    ("/?layers=8-8-8-8-8&seed=1", "phase", 3, 4),
]
# From the end of the forward pass of 3-4-2: a button, its keys, and the cursors before and after.
MOVES = [
    ("Step", ("ArrowRight", " "), 15, 17),
    ("Back", ("ArrowLeft",), 15, 12),
    ("Forward", ("f", "F"), 12, 15),
    ("Backward", ("b", "B"), 15, 55),
    ("Update", ("u", "U"), 15, 77),
    ("Reset", ("r", "R"), 15, 0),
]
ENDS = [4, 8, 10, 12, 15, 17, 19, 21, 29, 30, 34, 38, 42, 54, 55, 63, 64, 76, 77]


@pytest.mark.parametrize(("address", "by", "count", "back"), WALKS)
def test_every_step_forward_and_back(
    visitor: Visitor, address: str, by: str, count: int, back: int
) -> None:
    """After steps the page equals a loaded one (`test_patches.py` compares each); Back restores the markup."""
    visitor.open(address).choose("by", by)
    visitor.step()
    looks, cursors = [visitor.back()], [0]
    for number in range(count + 1):  # the last of them is the first of the next iteration
        looks.append(visitor.step())
        if number % 4 == count % 4:
            visitor.check()
        cursors.append(visitor.state()["cursor"])
    assert cursors[count] == len(visitor.api("/steps")["steps"])
    assert visitor.state()["iteration"] == 1
    for look in looks[-2 : -2 - back : -1]:
        assert visitor.back() == look
    assert visitor.state()["cursor"] == cursors[-1 - back]


def test_buttons_and_their_keys(visitor: Visitor) -> None:
    """Each button and each step of the timeline leads where it says, and so do the buttons' keys."""
    visitor.open()
    for name in ("Back", "Reset"):
        expect(visitor.move(name)).to_be_disabled()
    with visitor.stays():
        visitor.page.keyboard.press("ArrowLeft")
        visitor.page.keyboard.press("r")
    for key, by, cursor in (("1", "unit", 1), ("2", "layer", 4), ("3", "phase", 15)):
        visitor.key(key)
        pressed = visitor.page.locator('#by [aria-pressed="true"]')
        expect(pressed).to_have_attribute("value", by)
        visitor.click("Step")
        assert visitor.state()["cursor"] == cursor
    visitor.key("2")
    for name, keys, before, after in MOVES:
        visitor.seek(before)
        expect(visitor.move(name)).to_have_accessible_name(name)
        visitor.click(name)
        look = visitor.look()
        visitor.check()
        assert visitor.state()["cursor"] == after
        for key in keys:
            visitor.seek(before)
            visitor.blur()
            visitor.key(key)
            assert visitor.look() == look
    visitor.key("1")
    visitor.seek(29)
    units = visitor.page.locator("#units button")
    assert [int(tick.get_attribute("value") or "") for tick in units.all()] == [*range(22, 30)]
    visitor.press(units.nth(2))
    expect(visitor.page.locator('#units [aria-current="step"]')).to_have_attribute("value", "24")
    expect(visitor.page.locator("#graph .result")).to_have_id("edge-1-2-0")


def test_keys_with_another_meaning(visitor: Visitor) -> None:
    """Keys are left to fields, to focused buttons, to the browser and to the list of keys."""
    page = visitor.open().page
    visitor.key("f")
    visitor.choose("panel", "matrices")
    field = visitor.field("weight/0/0/0")
    field.fill("")
    with visitor.stays():
        field.press_sequentially("fburp 123?")
        field.press("ArrowLeft")
        field.press("ArrowRight")
    expect(field).to_have_value("fburp 123?")
    with visitor.changes():
        field.fill("0.25")
        visitor.blur()
    visitor.key("f")
    visitor.move("Back").focus()
    with visitor.changes():
        page.keyboard.press(" ")
    assert visitor.state()["cursor"] == 12  # pressed once, and no step as well
    visitor.blur()
    with visitor.stays():
        for keys in ("Control+b", "Alt+ArrowRight", "Meta+f", "Control+ArrowLeft"):
            page.keyboard.press(keys)
    dialog = page.locator("#keys")
    for close in ("Escape", "Enter"):
        page.keyboard.press("?")
        expect(dialog.get_by_role("button", name="Close")).to_be_focused()
        with visitor.stays():
            for key in ("ArrowRight", "f", close):
                page.keyboard.press(key)
        expect(dialog).to_be_hidden()
    visitor.key("ArrowRight")
    assert visitor.state()["cursor"] == 15


def test_play(new_visitor: NewVisitor) -> None:
    """Play steps at once and then at its pace; Pause, and any other key or button, ends it."""
    visitor = new_visitor(fresh=True)
    clock = visitor.page.clock
    clock.install(time=0)
    visitor.open()
    clock.pause_at(3600)  # otherwise a slow machine plays more steps
    play = visitor.page.locator("#play")
    visitor.press(play)
    expect(play).to_have_attribute("aria-pressed", "true")
    expect(play).to_have_text("Pause")
    for _ in range(3):
        with visitor.changes():
            clock.run_for(950)
    play.click()
    expect(play).to_have_text("Play")
    with visitor.stays():
        clock.run_for(5000)
    assert visitor.state()["cursor"] == ENDS[3]
    visitor.blur()
    visitor.key("p", "ArrowLeft")
    expect(play).to_have_attribute("aria-pressed", "false")
    for end in ("p", "Step", "tick", "?"):
        visitor.key("p")
        expect(play).to_have_attribute("aria-pressed", "true")
        match end:
            case "Step":
                visitor.click(end)
            case "tick":
                visitor.seek(30)
            case _:
                visitor.page.keyboard.press(end)
        expect(play).to_have_attribute("aria-pressed", "false")
        with visitor.stays():
            clock.run_for(5000)


def test_fast_presses(visitor: Visitor) -> None:
    """Keys and clicks that come faster than the answers all count, in order."""
    visitor.open().key("1")
    visitor.key(*["ArrowRight"] * 10)
    assert visitor.state()["cursor"] == 10
    visitor.key("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight")
    assert visitor.state()["cursor"] == 11
    with visitor.changes(5):
        visitor.move("Step").click(click_count=5)
    assert visitor.state()["cursor"] == 16
    visitor.check()


def test_without_javascript(new_visitor: NewVisitor) -> None:
    """Every button but Play, which is not offered, and the timeline work by loading the page."""
    visitor = new_visitor(java_script_enabled=False, locale="ko-KR").open()
    expect(visitor.move("Step")).to_have_accessible_name("다음")
    moves = {"Step": 4, "Forward": 15, "Backward": 55, "Back": 54, "Update": 77, "Reset": 0}
    for name, cursor in moves.items():
        visitor.click(name)
        assert visitor.state()["cursor"] == cursor
        assert visitor.page.url.endswith(f"/n/{visitor.session}")
    visitor.seek(29)
    assert visitor.state()["cursor"] == 29
    expect(visitor.page.locator("#play")).to_be_hidden()
