"""Through time, in the browser: scrub, jump, branch, return, undo and redo, with and without a script."""

from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.drawing import drawn
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch


def where(visitor: Visitor) -> tuple[int, int]:
    state = visitor.state()
    return state["iteration"], state["cursor"]


def train(visitor: Visitor, iterations: int) -> None:
    """By the form below the error curve."""
    visitor.choose("panel", "error")
    with visitor.changes():
        visitor.page.locator('input[name="iterations"]').fill(str(iterations))
        visitor.page.keyboard.press("Enter")


def jump(visitor: Visitor, iteration: str) -> None:
    """By the number field and its button."""
    visitor.page.locator('#jump input[name="iteration"]').fill(iteration)
    with visitor.changes():
        visitor.page.locator("#jump button").click()


def edit_learning_rate(visitor: Visitor, value: str) -> None:
    visitor.choose("panel", "data")
    with visitor.changes():
        visitor.page.locator('input[name="learning_rate"]').fill(value)
        visitor.page.keyboard.press("Enter")


def settled(visitor: Visitor, iteration: int) -> None:
    """Waits until what is shown is that iteration, the slider with it."""
    expect(visitor.page.locator(".facts dd").first).to_have_text(str(iteration))
    expect(visitor.page.locator("#scrub input")).to_have_value(str(iteration))


def test_dragging_the_slider_scrubs(visitor: Visitor) -> None:
    """The page follows the slider while it is dragged, and ends where it is let go; what is shown
    then is that iteration."""
    visitor.open()
    train(visitor, 300)
    settled(visitor, 299)
    slider = visitor.page.locator("#scrub input")
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    visitor.page.mouse.move(box["x"] + box["width"] - 8, y)
    visitor.page.mouse.down()
    for share in (0.9, 0.8, 0.7, 0.6, 0.5):
        visitor.page.mouse.move(box["x"] + box["width"] * share, y)
    expect(visitor.page.locator(".facts dd").first).not_to_have_text("299")
    visitor.page.mouse.up()
    iteration = int(slider.input_value())
    assert 120 < iteration < 180
    settled(visitor, iteration)
    assert where(visitor) == (iteration, 77)
    assert visitor.look().drawing == drawn(visitor.state())


def test_the_slider_by_keys(visitor: Visitor) -> None:
    """With the focus on the slider its keys move it, and not the step; all presses count."""
    visitor.open()
    train(visitor, 50)
    visitor.page.locator("#scrub input").focus()
    for _ in range(5):
        visitor.page.keyboard.press("ArrowLeft")
    settled(visitor, 44)
    visitor.page.keyboard.press("Home")
    settled(visitor, 0)
    visitor.page.keyboard.press("End")
    settled(visitor, 49)
    expect(visitor.page.locator("#scrub input")).to_be_focused()
    assert where(visitor) == (49, 77)


def test_branch_and_return(visitor: Visitor) -> None:
    """A jump, an edit there, and on: the way that was left is a button away, and back again."""
    visitor.open()
    train(visitor, 100)
    before = visitor.look().drawing
    expect(visitor.page.locator("#return")).to_have_count(0)
    jump(visitor, "40")
    assert where(visitor) == (40, 77)
    expect(visitor.page.locator("#furthest")).to_have_text("of 99")
    edit_learning_rate(visitor, "0.125")
    visitor.click("Update")
    assert where(visitor) == (40, 77)
    expect(visitor.page.locator("#furthest")).to_have_text("of 40")
    button = visitor.page.get_by_role("button", name="Return to iteration 99")
    with visitor.changes():
        button.click()
    assert where(visitor) == (99, 77)
    assert visitor.look().drawing == before
    with visitor.changes():
        visitor.page.get_by_role("button", name="Return to iteration 40").click()
    assert (where(visitor), visitor.state()["learning_rate"]) == ((40, 77), 0.125)


def test_undo_and_redo_by_keys_and_buttons(visitor: Visitor) -> None:
    """Z undoes what was done last, Shift+Z does it again, with Control or without; an edit and a
    training like a step."""
    visitor.open()
    expect(visitor.move("Undo")).to_be_disabled()
    visitor.key("f")
    edit_learning_rate(visitor, "0.25")
    train(visitor, 30)
    visitor.page.evaluate("document.activeElement.blur()")
    visitor.key("z")
    assert (where(visitor), visitor.state()["learning_rate"]) == ((0, 0), 0.25)
    visitor.key("Control+z")
    assert (where(visitor), visitor.state()["learning_rate"]) == ((0, 15), 0.5)
    visitor.click("Undo")
    assert where(visitor) == (0, 0)
    visitor.key("Shift+Z", "Control+Shift+Z")
    visitor.click("Redo")
    assert (where(visitor), visitor.state()["learning_rate"]) == ((29, 77), 0.25)
    expect(visitor.move("Redo")).to_be_disabled()


def test_control_z_in_a_field_is_the_fields_own(visitor: Visitor) -> None:
    """Where one types, undo takes back what was typed."""
    visitor.open()
    visitor.key("f")
    visitor.choose("panel", "data")
    visitor.page.locator('input[name="learning_rate"]').focus()
    with visitor.stays():
        visitor.page.keyboard.press("Control+z")
        visitor.page.keyboard.press("z")


def test_through_time_without_javascript(new_visitor: NewVisitor) -> None:
    """The number field, the button of the other way, undo and redo load the page."""
    visitor = new_visitor(java_script_enabled=False)
    visitor.open()
    train(visitor, 60)
    expect(visitor.page.locator("#scrub")).to_be_hidden()
    jump(visitor, "20")
    assert where(visitor) == (20, 77)
    edit_learning_rate(visitor, "0.25")
    assert where(visitor) == (20, 0)
    with visitor.changes():
        visitor.page.get_by_role("button", name="Return to iteration 59").click()
    assert where(visitor) == (59, 77)
    visitor.click("Undo")
    assert (where(visitor), visitor.state()["learning_rate"]) == ((20, 0), 0.25)
    visitor.click("Undo")
    assert (where(visitor), visitor.state()["learning_rate"]) == ((20, 77), 0.5)
    visitor.click("Redo")
    assert (where(visitor), visitor.state()["learning_rate"]) == ((20, 0), 0.25)


def test_a_jump_beyond_the_end_is_refused_in_words(visitor: Visitor, watch: Watch) -> None:
    """The notice says which iterations there are, and the page stays as it is."""
    visitor.open()
    train(visitor, 10)
    watch.expect("status of 422")
    jump(visitor, "10")
    expect(visitor.page.locator("#notice")).to_have_text(
        "iteration: must be an integer from 0 to 9"
    )
    assert where(visitor) == (9, 77)
