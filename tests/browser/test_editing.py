"""Numbers typed where they stand in the drawing: by mouse, by keyboard, refused, and left alone."""

from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.view.rendering.numbers import data
from tests.browser.axe import findings
from tests.browser.conftest import NewVisitor
from tests.browser.drawing import drawn
from tests.browser.explaining import BIASES, WEIGHTS, address_of, in_drawing, opened, operand
from tests.browser.test_edits import at_work, put
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

GIVEN = {
    "weight/0/0/0": ("network", "weights", 0, 0, 0),
    "weight/1/3/1": ("network", "weights", 1, 3, 1),
    "bias/1": ("network", "biases", 1, 0),
    "out/0/2": ("examples", 0, "inputs", 2),
    "target/1": ("examples", 0, "targets", 1),
    "learning_rate": ("learning_rate",),
}
PARTS = ("network", "examples", "learning_rate", "iteration", "previous_error")
DENSE = "/?layers=8-8-8-8-4&seed=7"


def place(page: Page, address: str) -> Locator:
    """The number itself, as it is aimed at."""
    if address in ("learning_rate", "momentum"):
        return page.locator(f"#{address.replace('_', '-')} a")
    return in_drawing(page, address)


def editor(page: Page) -> Locator:
    return page.locator("#editing input")


def selected(page: Page) -> str:
    """What of the field is selected, and would be typed over."""
    text: str = page.evaluate(
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))"
        "(document.activeElement)"
    )
    return text


def typed(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("address", "path"), GIVEN.items())
def test_by_mouse(visitor: Visitor, address: str, path: tuple[Any, ...]) -> None:
    """A double click opens a field over the number, all of its digits selected; Enter sends it, and
    nothing else changes; Back takes it back."""
    page = at_work(visitor).page
    before, top = visitor.state(), page.evaluate("scrollY")
    target = place(page, address)
    target.dblclick()
    expect(editor(page)).to_be_focused()
    value: Any = before
    for name in path:
        value = value[name]
    # At cursor 20 nothing is updated yet: the number drawn is the one that is edited.
    assert selected(page).replace("−", "-") == data(value)
    field, number = editor(page).bounding_box(), target.bounding_box()
    assert field
    assert number
    middles = [box["x"] + box["width"] / 2 for box in (field, number)]
    assert abs(middles[0] - middles[1]) < 24 or field["x"] < 12  # within the window
    assert -number["height"] < field["y"] - number["y"] < number["height"]
    page.wait_for_timeout(400)  # the explanation of the first click has come, and stayed below
    assert page.evaluate("scrollY") == top
    with visitor.changes():
        typed(page, "0,375")
    expect(page.locator("#editing")).to_be_hidden()
    after, expected = visitor.state(), put(before, path, 0.375)
    assert {part: after[part] for part in PARTS} == {part: expected[part] for part in PARTS}
    assert after["cursor"] == 0
    assert visitor.look().drawing == drawn(after)
    expect(place(page, address)).to_be_focused()
    visitor.click("Back")
    assert visitor.state() == {**before, "version": visitor.state()["version"]}


@pytest.mark.parametrize(
    ("address", "key"), list(zip(GIVEN, cycle(["F2", "e", "E"]), strict=False))
)
def test_by_keyboard(visitor: Visitor, address: str, key: str) -> None:
    """Of what has the focus, a key opens the field; so it does of what is explained."""
    page = at_work(visitor).page
    before = visitor.state()
    place(page, address).focus()
    page.keyboard.press(key)
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(place(page, address)).to_be_focused()
    with visitor.changes():
        page.keyboard.press("Enter")
    assert opened(page)[0] == address
    expect(page.locator("#derivation")).to_be_focused()
    page.keyboard.press(key)
    expect(editor(page)).to_be_focused()
    with visitor.changes():
        typed(page, "0.625")
    assert visitor.state() != before
    expect(place(page, address)).to_be_focused()
    assert visitor.steps()[0]  # the session is whole


def test_every_weight_and_bias(visitor: Visitor) -> None:
    """None is out of reach of a double click, and each changes the one that it was aimed at."""
    page = visitor.open().page
    for number, address in enumerate(WEIGHTS + BIASES):
        place(page, address).dblclick()
        typed(page, f"{number / 64}")  # without waiting for the answer
    page.wait_for_function(
        "() => answers >= 44 && !settling"
    )  # each click's explanation, and each edit
    network = visitor.state()["network"]
    flat = [value for layer in network["weights"] for row in layer for value in row]
    flat += [value for layer in network["biases"] for value in layer]
    assert flat == [number / 64 for number in range(22)]


def test_a_single_click_explains(visitor: Visitor) -> None:
    """It opens no field."""
    page = at_work(visitor).page
    with visitor.changes():
        place(page, "weight/0/0/0").click()
    expect(page.locator("#derivation")).to_be_focused()
    expect(page.locator("#derivation")).to_be_in_viewport()
    expect(page.locator("#editing")).to_be_hidden()


@pytest.mark.parametrize("way", ["Escape", "leaving", "Enter"])
def test_unchanged(visitor: Visitor, way: str) -> None:
    """Escape and leaving drop what was typed; Enter on what was there sends nothing."""
    page = at_work(visitor).page
    before = visitor.state()
    place(page, "weight/0/0/0").focus()
    page.keyboard.press("F2")
    if way != "Enter":
        page.keyboard.type("5")
    with visitor.stays():
        if way == "leaving":
            page.locator("#card").click(position={"x": 5, "y": 5})
        else:
            page.keyboard.press(way)
    expect(page.locator("#editing")).to_be_hidden()
    assert visitor.state() == before


@pytest.mark.parametrize(
    ("locale", "message"), [("en-US", "Enter a number, such as"), ("ko-KR", "같은 수")]
)
def test_a_refusal(new_visitor: NewVisitor, watch: Watch, locale: str, message: str) -> None:
    """It is said under the field, which keeps what was typed; nothing else changes. Mended, it is
    taken. The open field, and the refusal, are as accessible as all else."""
    watch.expect("status of 422")
    visitor = new_visitor(locale=locale)
    page = visitor.open().page
    page.locator("#moves button.main").click()
    expect(page.locator("#timeline .now")).to_have_count(1)
    look, before = visitor.look(), visitor.state()
    place(page, "weight/1/3/1").focus()
    page.keyboard.press("F2")
    assert findings(visitor) == []
    with visitor.changes():
        typed(page, "abc")
    alert = page.get_by_role("alert").filter(has_text=message)
    expect(alert).to_be_in_viewport()
    expect(editor(page)).to_have_value("abc")
    expect(editor(page)).to_be_focused()
    expect(editor(page)).to_have_attribute("aria-invalid", "true")
    assert findings(visitor) == []
    assert visitor.state() == before
    assert visitor.look().drawing == look.drawing
    with visitor.changes():
        typed(page, "0.125")
    expect(page.locator("#editing")).to_be_hidden()
    assert visitor.state()["network"]["weights"][1][3][1] == 0.125


def test_after_the_update(visitor: Visitor) -> None:
    """An edit begins the iteration anew, so the field has what the weight was at its start."""
    page = visitor.open().page
    visitor.click("Update")
    state = visitor.state()
    old = page.locator('[name="weight/0/0/0"]').get_attribute("title")
    place(page, "weight/0/0/0").dblclick()
    assert selected(page) == old == "0.2"
    assert state["network"]["weights"][0][0][0] != 0.2
    page.keyboard.press("Escape")
    expect(page.locator("#editing")).to_be_hidden()


@pytest.mark.parametrize("viewport", [(1280, 720), (390, 844)])
def test_within_the_window(new_visitor: NewVisitor, viewport: tuple[int, int]) -> None:
    """Where numbers stand at the edge, and where an edge has no label, the field is inside, and the
    page is no wider for it."""
    width, height = viewport
    visitor = new_visitor(viewport={"width": width, "height": height})
    page = visitor.open(DENSE).page
    for address in ("out/0/0", "target/3", "weight/0/0/0", "weight/3/7/3", "bias/0"):
        # Not by keys: an edge without a label has the focus by Tab alone.
        place(page, address).evaluate("(link) => link.focus()")
        page.keyboard.press("F2")
        expect(editor(page)).to_be_focused()
        box = editor(page).bounding_box()
        assert box
        assert 0 <= box["x"] <= width - box["width"], address
        assert 0 <= box["y"] <= height - box["height"], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("address", "script"), list(zip(GIVEN, cycle([True, False]), strict=False))
)
def test_in_the_derivation(
    new_visitor: NewVisitor, watch: Watch, address: str, script: bool
) -> None:
    """What a click opens has a field, with and without JavaScript; a refusal is said beside it."""
    watch.expect("status of 422")
    visitor = at_work(new_visitor(java_script_enabled=script))
    page, before = visitor.page, visitor.state()
    with visitor.changes():
        place(page, address).click()
    field = page.locator(f'#derivation [name="derivation/{address}"]')
    with visitor.changes():
        field.fill("abc")
        field.press("Enter")
    expect(page.locator("#derivation").get_by_role("alert")).to_contain_text(
        "Enter a number, such as"
    )
    expect(page.get_by_role("alert").filter(has_text="Enter a number")).to_have_count(1)
    expect(field).to_have_value("abc")
    assert visitor.state() == before
    with visitor.changes():
        field.fill("0.375")
        field.press("Enter")
    after, expected = visitor.state(), put(before, GIVEN[address], 0.375)
    assert {part: after[part] for part in PARTS} == {part: expected[part] for part in PARTS}
    assert opened(page)[0] == address


def test_an_old_weight_opened(visitor: Visitor) -> None:
    """Where the weight that an update reads is opened, it has the field, and no other has."""
    page = visitor.open(address_of("weight/0/0/0")).page
    expect(page.locator('#derivation [name="derivation/weight/0/0/0"]')).to_have_count(1)
    with visitor.changes():
        operand(page, "weight/0/0/0").click()
    expect(page.locator("#derivation .level")).to_have_count(2)
    expect(page.locator('#derivation [name="derivation/weight/0/0/0"]')).to_have_count(1)


def test_momentum_stands_beside_the_learning_rate(visitor: Visitor, watch: Watch) -> None:
    """It is typed into as that is; what it cannot be is refused there."""
    watch.expect("status of 422")
    page = visitor.open("/?layers=2-2-1&seed=3&optimiser=momentum").page
    place(page, "momentum").dblclick()
    expect(editor(page)).to_be_focused()
    assert selected(page) == "0.9"
    typed(page, "1")
    expect(page.locator("#editing-refusal")).not_to_be_empty()
    with visitor.changes():
        typed(page, "0.5")
    assert visitor.state()["momentum"] == 0.5


def test_a_negative_rate_is_refused_in_its_place(visitor: Visitor, watch: Watch) -> None:
    """As it is in the table: no learning rate is below 0."""
    watch.expect("status of 422")
    page = visitor.open("/").page
    place(page, "learning_rate").dblclick()
    typed(page, "-1")
    expect(page.locator("#editing-refusal")).not_to_be_empty()
