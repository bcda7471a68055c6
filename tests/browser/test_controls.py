"""Every button and key, the timeline, play, and presses that come faster than answers."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.drawing import drawn
from tests.browser.visitor import Visitor

# From the end of the forward pass of 3-4-2: where each leads, by the design's table of layers.
MOVES = [
    ("Step", ("ArrowRight", " "), 15, 17),
    ("Back", ("ArrowLeft",), 15, 12),
    ("Forward", ("f", "F"), 12, 15),
    ("Backward", ("b", "B"), 15, 55),
    ("Update", ("u", "U"), 15, 77),
    ("Reset", ("r", "R"), 15, 0),
]
ENDS = [4, 8, 10, 12, 15, 17, 19, 21, 29, 30, 34, 38, 42, 54, 55, 63, 64, 76, 77]


def seek(visitor: Visitor, cursor: int) -> None:
    """Clicks a tick of the timeline."""
    with visitor.changes():
        visitor.page.locator(f'#timeline button[value="{cursor}"]').click()


@pytest.fixture
def at_work(visitor: Visitor) -> Visitor:
    """A visitor in the middle of an iteration, at the end of the forward pass."""
    visitor.open()
    visitor.key("f")
    return visitor


@pytest.mark.parametrize(("name", "keys", "before", "after"), MOVES)
def test_a_button_and_its_keys(
    at_work: Visitor, name: str, keys: tuple[str, ...], before: int, after: int
) -> None:
    """Each button leads where it says, and so do its keys."""
    if before != 15:
        seek(at_work, before)
    at_work.click(name)
    assert at_work.state()["cursor"] == after
    look = at_work.look()
    assert look.drawing == drawn(at_work.state())
    for key in keys:
        seek(at_work, before)
        at_work.page.evaluate("document.activeElement.blur()")  # a button keeps its space bar
        at_work.key(key)
        assert at_work.look() == look


def test_back_and_reset_have_nothing_to_do_at_the_beginning(visitor: Visitor) -> None:
    """Where there is nothing to take back the buttons say so, and their keys do nothing."""
    visitor.open()
    for name in ("Back", "Reset"):
        expect(visitor.move(name)).to_be_disabled()
    with visitor.stays():
        visitor.page.keyboard.press("ArrowLeft")
        visitor.page.keyboard.press("r")
    visitor.click("Step")
    expect(visitor.move("Back")).to_be_enabled()


@pytest.mark.parametrize(
    ("key", "by", "cursor"), [("1", "unit", 1), ("2", "layer", 4), ("3", "phase", 15)]
)
def test_granularity_keys(visitor: Visitor, key: str, by: str, cursor: int) -> None:
    """1, 2 and 3 choose how much one step is."""
    visitor.open().key(key)
    pressed = visitor.page.locator('#by [aria-pressed="true"]')
    expect(pressed).to_have_attribute("value", by)
    visitor.click("Step")
    assert visitor.state()["cursor"] == cursor


def test_keys_are_left_to_a_field(at_work: Visitor) -> None:
    """What is typed into a field is text, arrows move in it, and nothing else happens."""
    field = at_work.page.locator('[name="weight/0/0/0"]')
    field.fill("")
    with at_work.stays():
        field.press_sequentially("fburp 123?")
        field.press("ArrowLeft")
        field.press("ArrowRight")
    expect(field).to_have_value("fburp 123?")
    expect(at_work.page.locator("#keys")).to_be_hidden()


def test_the_space_bar_is_left_to_a_button(at_work: Visitor) -> None:
    """On a focused button the space bar presses that button, once, and does not step as well."""
    at_work.move("Back").focus()
    at_work.key(" ")
    at_work.page.wait_for_timeout(100)
    assert at_work.state()["cursor"] == 12


def test_combinations_are_left_to_the_browser(at_work: Visitor) -> None:
    """A letter with Control, Alt or Meta is no key of ours."""
    with at_work.stays():
        for keys in ("Control+b", "Alt+ArrowRight", "Meta+f", "Control+ArrowLeft"):
            at_work.page.keyboard.press(keys)


def test_the_list_of_keys(at_work: Visitor) -> None:
    """? opens the list; while it is open no key moves anything; Escape and Close close it."""
    dialog = at_work.page.locator("#keys")
    for close in ("Escape", "Enter"):
        at_work.page.keyboard.press("?")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_role("button", name="Close")).to_be_focused()
        with at_work.stays():
            at_work.page.keyboard.press("ArrowRight")
            at_work.page.keyboard.press("f")
            at_work.page.keyboard.press(close)
        expect(dialog).to_be_hidden()
    at_work.key("ArrowRight")


def test_play_runs_until_paused(visitor: Visitor) -> None:
    """Play steps at once and then at its pace, on into the next iteration; Pause ends it."""
    visitor.page.clock.install(time=0)
    visitor.open()
    visitor.page.clock.pause_at(3600)  # else it goes on by itself, and a slow machine plays more
    play = visitor.page.locator("#play")
    with visitor.changes():
        play.click()
    expect(play).to_have_attribute("aria-pressed", "true")
    expect(play).to_have_text("Pause")
    for _ in range(3):
        with visitor.changes():
            visitor.page.clock.run_for(950)
    play.click()
    expect(play).to_have_text("Play")
    with visitor.stays():
        visitor.page.clock.run_for(5000)
    assert visitor.state()["cursor"] == ENDS[3]


@pytest.mark.parametrize("how", ["p", "ArrowLeft", "Step", "tick", "?"])
def test_play_stops_at_a_word(visitor: Visitor, how: str) -> None:
    """P begins it; P, any other key and any other button end it."""
    visitor.page.clock.install()
    visitor.open().key("p")
    play = visitor.page.locator("#play")
    expect(play).to_have_attribute("aria-pressed", "true")
    match how:
        case "Step":
            visitor.click("Step")
        case "tick":
            seek(visitor, 30)
        case "p" | "?":
            visitor.page.keyboard.press(how)
        case _:
            visitor.key(how)
    expect(play).to_have_attribute("aria-pressed", "false")
    with visitor.stays():
        visitor.page.clock.run_for(5000)


def test_fast_presses_are_none_lost(visitor: Visitor) -> None:
    """Ten keys faster than any answer are ten steps, in order."""
    visitor.open().key("1")
    visitor.key(*["ArrowRight"] * 10)
    assert visitor.state()["cursor"] == 10
    visitor.key("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight")
    assert visitor.state()["cursor"] == 11
    assert visitor.look().drawing == drawn(visitor.state())


def test_fast_clicks_are_none_lost(visitor: Visitor) -> None:
    """Nor are clicks of the mouse."""
    visitor.open()
    with visitor.changes(5):
        visitor.move("Step").click(click_count=5)
    assert visitor.state()["cursor"] == ENDS[4]


def test_the_timeline(visitor: Visitor) -> None:
    """Each of its nineteen steps can be clicked, in any order, and is then the current one."""
    visitor.open()
    ticks = visitor.page.locator("#timeline button")
    assert ticks.evaluate_all("ticks => ticks.map((tick) => Number(tick.value))") == ENDS
    for cursor in (55, 4, 77, 29):
        seek(visitor, cursor)
        assert visitor.state()["cursor"] == cursor
        now = visitor.page.locator('#timeline [aria-current="step"]')
        expect(now).to_have_attribute("value", str(cursor))


def test_the_single_steps_of_a_layer(visitor: Visitor) -> None:
    """By unit, the numbers of the layer at hand can be clicked, too."""
    visitor.open().key("1")
    seek(visitor, 29)
    units = visitor.page.locator("#units button")
    assert units.evaluate_all("ticks => ticks.map((tick) => Number(tick.value))") == [
        *range(22, 30)
    ]
    with visitor.changes():
        units.nth(2).click()
    assert visitor.state()["cursor"] == 24
    assert visitor.look().results == ["edge-1-2-0"]


def test_controls_without_javascript(new_visitor: NewVisitor) -> None:
    """Every button but Play works by loading the page; Play is not offered."""
    visitor = new_visitor(java_script_enabled=False).open()
    for name, cursor in [
        *[("Step", 4), ("Forward", 15), ("Backward", 55), ("Back", 54), ("Update", 77)],
        *[("Reset", 0)],
    ]:
        visitor.click(name)
        assert visitor.state()["cursor"] == cursor
        assert visitor.page.url.endswith("/")
    seek(visitor, 29)
    assert visitor.state()["cursor"] == 29
    expect(visitor.page.locator("#play")).to_be_hidden()
