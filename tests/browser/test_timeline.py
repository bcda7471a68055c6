"""Going to any iteration and back: the slider, a jump, branches, undo and redo."""

from playwright.sync_api import expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor


def jump(visitor: Visitor, iteration: str) -> None:
    """Go to an iteration, counted from 1, by the number field."""
    field = visitor.page.locator('#jump input[name="iteration"]')
    field.fill(iteration)
    with visitor.changes():
        field.press("Enter")


def edit_learning_rate(visitor: Visitor, value: str) -> None:
    visitor.choose("panel", "data")
    visitor.enter("learning_rate", value)


def at(visitor: Visitor) -> tuple[tuple[int, int], float]:
    """The position of the session, and its learning rate."""
    return visitor.position, visitor.state()["learning_rate"]


def wait_for(visitor: Visitor, iteration: int) -> None:
    """Wait until the page and its slider show this iteration, counted from 1."""
    expect(visitor.page.locator("#jump input")).to_have_value(str(iteration))
    expect(visitor.page.locator("#scrub input")).to_have_value(str(iteration))


def test_the_slider(visitor: Visitor) -> None:
    """The page follows the slider while it is dragged, and its keys, which then move no step."""
    page = visitor.open().page
    visitor.train(300)
    wait_for(visitor, 300)
    slider = page.locator("#scrub input")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 8, y)
    page.mouse.down()
    for share in (0.9, 0.8, 0.7, 0.6, 0.5):
        page.mouse.move(box["x"] + box["width"] * share, y)
    expect(page.locator("#jump input")).not_to_have_value("300")
    page.mouse.up()
    iteration = int(slider.input_value())
    assert 120 < iteration < 180
    wait_for(visitor, iteration)
    assert visitor.position == (iteration - 1, 77)
    visitor.check()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    wait_for(visitor, iteration - 5)
    page.keyboard.press("Home")
    wait_for(visitor, 1)
    page.keyboard.press("End")
    wait_for(visitor, 300)
    expect(slider).to_be_focused()
    assert visitor.position == (299, 77)


def test_branches(new_visitor: NewVisitor) -> None:
    """An edit at an earlier iteration starts a branch; a button returns to the other one."""
    visitor = new_visitor().open()
    page = visitor.page
    visitor.train(100)
    before = visitor.drawing()
    expect(page.locator("#return button")).to_be_hidden()
    jump(visitor, "40")
    assert visitor.position == (39, 77)
    expect(page.locator("#furthest")).to_contain_text("100")
    edit_learning_rate(visitor, "0.125")
    visitor.click("Update")
    expect(page.locator("#furthest")).to_contain_text("40")
    expect(page.locator("#return button")).to_contain_text("100")
    visitor.press(page.locator("#return button"))
    assert visitor.position == (99, 77)
    assert visitor.drawing() == before
    expect(page.locator("#return button")).to_contain_text("40")
    visitor.press(page.locator("#return button"))
    assert at(visitor) == ((39, 77), 0.125)
    visitor.click("Undo", "Undo", "Undo")
    assert at(visitor) == ((39, 0), 0.125)
    visitor.click("Undo")
    assert at(visitor) == ((39, 77), 0.5)
    visitor.click("Redo")
    assert at(visitor) == ((39, 0), 0.125)


def test_the_other_branch_as_a_network(new_visitor: NewVisitor) -> None:
    """What the other branch is stands in a menu, which makes a network of it and shows it."""
    visitor = new_visitor(viewport={"width": 390, "height": 844}).open()
    page = visitor.page
    visitor.click("Step", "Step", "Back")
    expect(page.locator(".about-branch")).to_be_hidden()
    edit_learning_rate(visitor, "0.125")
    page.locator(".about-branch").click()
    expect(page.locator("#other-branch p")).to_contain_text("1, lr 0.125 → 0.5")
    visitor.follow(page.locator("#other-branch button"))
    expect(page.locator(".cards li")).to_have_count(2)
    visitor.follow(page.locator(".cards li:target h2 a"))
    assert at(visitor) == ((0, 8), 0.5)


def test_undo_and_redo_by_keys(visitor: Visitor, errors: BrowserErrors) -> None:
    """Z undoes any change and Shift+Z redoes it, with Control or without, but not in a field."""
    visitor.open()
    for name in ("Undo", "Redo"):
        expect(visitor.move(name)).to_be_disabled()
    visitor.key("f")
    edit_learning_rate(visitor, "0.25")
    with visitor.stays():  # the field has the focus: the keys are its own
        visitor.page.keyboard.press("Control+z")
        visitor.page.keyboard.press("z")
    with visitor.changes():
        visitor.field("learning_rate").fill("0.2500")
        visitor.blur()
    visitor.train(30)
    visitor.blur()
    visitor.key("z")
    assert at(visitor) == ((0, 0), 0.25)
    visitor.key("Control+z")
    assert at(visitor) == ((0, 15), 0.5)
    visitor.key("z")
    assert visitor.position == (0, 0)
    visitor.key("Shift+Z", "Control+Shift+Z", "Shift+Z")
    assert at(visitor) == ((29, 77), 0.25)
    expect(visitor.move("Redo")).to_be_disabled()
    errors.expect("status of 422")
    jump(visitor, "31")
    notice = visitor.page.locator("#notice")
    expect(notice).to_have_text("iteration: must be an integer from 1 to 30")
    assert visitor.position == (29, 77)


def test_the_step_just_taken_is_in_sight(visitor: Visitor) -> None:
    """Where the steps have more than their room, they scroll to it, and back to the beginning."""
    page = visitor.open("/?layers=8-8-8-8-8&seed=1").page
    ticks = page.locator("#timeline .ticks button")
    for key in ("b", "u", "ArrowLeft"):
        visitor.key(key)
        expect(page.locator("#timeline [aria-current=step]")).to_be_in_viewport(ratio=1)
        expect(ticks.first).not_to_be_in_viewport()
    visitor.key("r")
    expect(ticks.first).to_be_in_viewport(ratio=1)
