"""Numbers edited where they are shown: in the drawing, the matrices, the table, and a derivation."""

import json
from itertools import cycle
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from app.view.rendering.numbers import data
from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.derivations import (
    BIASES,
    WEIGHTS,
    address_of,
    in_drawing,
    number_in,
    opened,
    operand,
)
from tests.browser.measure import SIZES, resize, size
from tests.browser.visitor import State, Visitor

# Quantities that can be edited, and where the API has them.
EDITABLE: dict[str, tuple[Any, ...]] = {
    "weight/0/0/0": ("network", "weights", 0, 0, 0),
    "weight/1/3/1": ("network", "weights", 1, 3, 1),
    "bias/1": ("network", "biases", 1, 0),
    "out/0/2": ("examples", 0, "inputs", 2),
    "target/1": ("examples", 0, "targets", 1),
    "learning_rate": ("learning_rate",),
}


def settings_of(state: State) -> State:
    """The cursor, and the part of a state that no step computes."""
    names = ("network", "examples", "learning_rate", "iteration", "previous_error", "cursor")
    return {name: state[name] for name in names}


def changed(state: State, path: tuple[Any, ...], value: float) -> State:
    """The settings after an edit: one number is another, and the iteration restarts."""
    copy: State = json.loads(json.dumps(state))
    part: Any = copy
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return settings_of(copy) | {"cursor": 0}


def place(page: Page, address: str) -> Locator:
    """The number in the drawing or the status."""
    if address in ("learning_rate", "momentum"):
        return page.locator(f"#{address.replace('_', '-')} a")
    return in_drawing(page, address)


def editor(page: Page) -> Locator:
    return page.locator("#editing input")


def type_in(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def selected(page: Page) -> str:
    """The part of the field that is selected, and would be replaced."""
    text: str = page.evaluate(
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))"
        "(document.activeElement)"
    )
    return text.replace("−", "-")


def test_in_the_drawing(visitor: Visitor) -> None:
    """A double click, or a key, opens a field over a number; Enter changes it alone; Back undoes that."""
    page = visitor.page
    for (address, path), key in zip(EDITABLE.items(), cycle(["F2", "e", "E"]), strict=False):
        visitor.open()
        target = place(page, address)
        with visitor.changes():  # the first click explains, but the page does not scroll
            number_in(target).dblclick()
        expect(editor(page)).to_be_focused()
        assert page.evaluate("scrollY") == 0
        field, number = editor(page).bounding_box(), number_in(target).bounding_box()
        assert field
        assert number
        middles = [box["x"] + box["width"] / 2 for box in (field, number)]
        assert abs(middles[0] - middles[1]) < 24 or field["x"] < 12  # within the window
        assert -number["height"] < field["y"] - number["y"] < number["height"]
        value = float(selected(page))
        with visitor.changes():
            type_in(page, "0,375")
        expect(page.locator("#editing")).to_be_hidden()
        expect(place(page, address)).to_be_focused()
        after = visitor.state()
        visitor.click("Back")
        undone = visitor.state()
        assert settings_of(after) == changed(undone, path, 0.375)
        assert settings_of(undone) == changed(undone, path, value)
        place(page, address).focus()
        page.keyboard.press(key)
        expect(editor(page)).to_be_focused()
        assert selected(page) == data(value)
        page.keyboard.press("Escape")
        expect(place(page, address)).to_be_focused()
        visitor.key("Enter")
        assert opened(page)[0] == address
        expect(page.locator("#derivation")).to_be_focused()
        page.keyboard.press(key)
        expect(editor(page)).to_be_focused()
        with visitor.changes():
            type_in(page, "0.625")
        assert settings_of(visitor.state()) == changed(undone, path, 0.625)
        visitor.check()
        expect(place(page, address)).to_be_focused()
        visitor.click("Undo")


def test_every_weight_and_bias(visitor: Visitor) -> None:
    """A double click reaches each of them, however fast one types."""
    page = visitor.open().page
    for number, address in enumerate(WEIGHTS + BIASES):
        number_in(place(page, address)).dblclick()
        type_in(page, f"{number / 64}")  # without waiting for the answer
    page.wait_for_function("() => answers >= 44 && !settling")  # each explanation, and each edit
    network = visitor.state()["network"]
    flat = [value for layer in network["weights"] for row in layer for value in row]
    flat += [value for layer in network["biases"] for value in layer]
    assert flat == [number / 64 for number in range(22)]


def test_unchanged(visitor: Visitor) -> None:
    """Escape and leaving drop what was typed; Enter on the same number sends nothing."""
    page = visitor.open().click("Update").page
    before = visitor.state()
    for way in ("Escape", "leaving", "Enter"):
        place(page, "weight/0/0/0").focus()
        page.keyboard.press("F2")
        assert selected(page) == "0.2" != before["network"]["weights"][0][0][0]  # before the update
        with visitor.stays():
            page.keyboard.type("5" if way != "Enter" else "0.2")
            if way == "leaving":
                page.locator("#card").click(position={"x": 5, "y": 5})
            else:
                page.keyboard.press(way)
        expect(page.locator("#editing")).to_be_hidden()
    assert visitor.state() == before


def test_a_refusal_in_the_drawing(visitor: Visitor, errors: BrowserErrors) -> None:
    """It is shown under the field, which keeps the text; nothing else changes; a correction is taken."""
    errors.expect("status of 422")
    page = visitor.open("/?layers=2-2-1&seed=3&optimiser=momentum").page
    visitor.click("Step")
    drawing, before = visitor.drawing(), visitor.state()
    place(page, "weight/1/1/0").focus()
    page.keyboard.press("F2")
    assert visitor.findings() == []
    with visitor.changes():
        type_in(page, "abc")
    expect(page.get_by_role("alert").filter(has_text="Enter a number")).to_be_in_viewport()
    expect(editor(page)).to_have_value("abc")
    expect(editor(page)).to_be_focused()
    expect(editor(page)).to_have_attribute("aria-invalid", "true")
    assert visitor.findings() == []
    assert visitor.state() == before
    assert visitor.drawing() == drawing
    with visitor.changes():
        type_in(page, "0.125")
    expect(page.locator("#editing")).to_be_hidden()
    assert visitor.state()["network"]["weights"][1][1][0] == 0.125
    with visitor.changes():
        place(page, "momentum").dblclick()
    assert selected(page) == "0.9"
    with visitor.changes():
        type_in(page, "1")
    expect(page.locator("#editing-refusal")).not_to_be_empty()
    with visitor.changes():
        type_in(page, "0.25")
    assert visitor.state()["momentum"] == 0.25


def test_the_field_is_within_the_window(visitor: Visitor) -> None:
    """It is inside at the edges of the drawing as well, and the page becomes no wider."""
    page = visitor.open("/?layers=8-8-8-8-4&seed=7").page
    for where in ("laptop", "phone"):
        resize(page, where)
        width, height = SIZES[where]
        for address in ("out/0/0", "target/3", "weight/0/0/0", "weight/3/7/3", "bias/0"):
            # Not by keys: an edge without a label can be reached with Tab only.
            place(page, address).evaluate("(link) => link.focus()")
            page.keyboard.press("F2")
            expect(editor(page)).to_be_focused()
            box = editor(page).bounding_box()
            assert box
            assert 0 <= box["x"] <= width - box["width"], address
            assert 0 <= box["y"] <= height - box["height"], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.keyboard.press("Escape")


def test_in_a_derivation(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """What a click explains has a field there, and only there; a refusal is shown beside it."""
    errors.expect("status of 422")
    visitor = new_visitor().open().click("Step")
    page, before = visitor.page, visitor.state()
    address = "weight/1/3/1"
    visitor.press(number_in(place(page, address)))
    name = f"derivation/{address}"
    visitor.enter(name, "abc")
    expect(page.locator("#derivation").get_by_role("alert")).not_to_be_empty()
    expect(visitor.field(name)).to_have_value("abc")
    assert visitor.state() == before
    visitor.enter(name, "0.375")
    assert settings_of(visitor.state()) == changed(before, EDITABLE[address], 0.375)
    assert opened(page)[0] == address
    visitor.open(address_of("weight/0/0/0"))
    visitor.press(operand(page, "weight/0/0/0"))
    expect(page.locator("#derivation .level")).to_have_count(2)
    expect(visitor.field("derivation/weight/0/0/0")).to_have_count(1)


def test_in_tables(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """Enter changes one number and keeps the digits of the others; a refusal is shown beside its field."""
    errors.expect("status of 422")
    visitor = new_visitor().open().click("Update", "Forward")
    page = visitor.page
    visitor.choose("panel", "matrices")
    before, name = visitor.state(), "weight/0/0/0"
    with visitor.changes():
        visitor.field(name).press("Enter")
    assert visitor.state() == before  # four decimals are shown, but all of them are kept
    for panel, name, path in (
        ("matrices", "weight/0/0/0", EDITABLE["weight/0/0/0"]),
        ("matrices", "bias/1", EDITABLE["bias/1"]),
        ("data", "example/0/inputs/2", EDITABLE["out/0/2"]),
    ):
        visitor.choose("panel", panel)
        look = visitor.look()
        visitor.enter(name, "0.25")
        after = visitor.state()
        assert settings_of(after) == changed(before, path, 0.25)
        visitor.check()
        assert visitor.back() == look
    visitor.choose("panel", "matrices")
    before, drawing, name = visitor.state(), visitor.drawing(), "weight/0/1/2"
    visitor.enter(name, "abc")
    entry = page.locator(".entry", has=visitor.field(name))
    expect(entry.get_by_role("alert")).to_contain_text("Enter a number, such as")
    expect(entry.get_by_role("alert")).to_be_in_viewport()
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(visitor.field(name)).to_have_value("abc")
    expect(visitor.field(name)).to_have_attribute("aria-invalid", "true")
    expect(visitor.field(name)).to_be_focused()
    assert visitor.state() == before
    assert visitor.drawing() == drawing
    visitor.enter(name, "0.125")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert visitor.state()["network"]["weights"][0][1][2] == 0.125


def test_leaving_a_field_sends_it_once(visitor: Visitor) -> None:
    """So does Enter; the next field has the focus, and what is typed there meanwhile is not lost."""
    page = visitor.open().page
    visitor.choose("panel", "matrices")
    first, second = visitor.field("weight/0/0/0"), visitor.field("weight/0/0/1")
    first.focus()
    with visitor.stays():
        page.keyboard.press("Tab")
    asked = page.evaluate("asked")
    with visitor.changes():
        first.fill("−0,25")  # a true minus sign, a decimal comma
        first.press("Tab")
    expect(first).to_have_value("−0.2500")
    expect(second).to_be_focused()
    visitor.enter("weight/0/0/0", "0.5")
    expect(first).to_be_focused()
    expect(first).to_have_value("0.5000")
    with visitor.stays():
        first.press("Tab")
    assert page.evaluate("asked") == asked + 2
    waiting: list[Route] = []
    page.route("**/edit", lambda route: waiting.append(route))
    with visitor.changes():
        first.fill("0.25")
        first.press("Tab")
        page.keyboard.type("0.5")
        waiting[0].continue_()
        page.unroute("**/edit")
    expect(second).to_be_focused()
    expect(second).to_have_value("0.5")
    with visitor.changes():
        type_in(page, "1")
    assert visitor.state()["network"]["weights"][0][0][:2] == [0.25, 0.51]


def test_pasting_cells(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """Cells fill the matrix from a field on, as one edit; a refused block can be corrected below it."""
    errors.expect("status of 422")
    visitor = new_visitor(fresh=True).open().click("Update", "Forward")
    page = visitor.page
    visitor.choose("panel", "matrices")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def paste(name: str, text: str) -> None:
        page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
        visitor.field(name).focus()
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+v")

    before, look = visitor.state(), visitor.look()
    with visitor.changes():
        paste("weight/0/1/2", "0.5\t−0.25\n0.125\t1e-3\n")
    after = visitor.state()
    weights = [list(row) for row in before["network"]["weights"][0]]
    weights[1][2:], weights[2][2:] = [0.5, -0.25], [0.125, 0.001]
    assert after["network"]["weights"] == [weights, before["network"]["weights"][1]]
    assert after["network"]["biases"] == before["network"]["biases"]
    visitor.check()
    expect(visitor.field("weight/0/1/2")).to_be_focused()
    expect(visitor.field("weight/0/1/2")).to_have_value("0.5000")
    expect(visitor.field("weight/0/2/3")).to_have_value("0.0010")
    with visitor.stays():
        page.keyboard.press("Tab")
    assert visitor.back() == look
    with visitor.stays():  # a single cell is typed like any other text
        paste("weight/0/0/0", "0.5\n")
    expect(visitor.field("weight/0/0/0")).to_have_value("0.5")
    visitor.key("Enter")
    before = visitor.state()
    assert before["network"]["weights"][0][0][0] == 0.5
    shown = visitor.field("weight/0/1/2").input_value()
    with visitor.changes():
        paste("weight/0/1/2", "1\tx\n2\t3")
    alert = page.locator("#matrices").get_by_role("alert")
    expect(alert).to_contain_text("weight/0/1/3")
    expect(alert).to_be_in_viewport()
    block = visitor.field("block/weight/0/1/2")
    expect(block).to_have_value("1\tx\n2\t3")
    expect(visitor.field("weight/0/1/2")).to_have_value(shown)
    assert visitor.findings() == []
    assert visitor.state() == before
    block.fill("1\t2\n3\t4")
    visitor.press(page.locator(".pastes[open] button"))
    expect(page.locator(".pastes[open]")).to_have_count(0)
    weights = visitor.state()["network"]["weights"][0]
    assert (weights[1][2:], weights[2][2:]) == ([1, 2], [3, 4])


def test_copying_and_pasting_a_matrix(new_visitor: NewVisitor) -> None:
    """The field below a matrix holds all of its digits, and takes another matrix, or this one again."""
    visitor = new_visitor().open().click("Update", "Step")
    visitor.choose("panel", "matrices")
    details, network = visitor.page.locator(".pastes"), visitor.state()["network"]
    texts = [visitor.field(f"matrix/{layer}").input_value() for layer in (0, 1)]
    visitor.click("Update", "Step")
    assert visitor.state()["network"] != network
    for layer, text in enumerate(texts):
        details.nth(layer).locator("summary").click()
        visitor.field(f"matrix/{layer}").fill(text)
        visitor.press(details.nth(layer).locator("button"))
    assert visitor.state()["network"] == network


def test_escape_shows_the_number_that_holds(visitor: Visitor, errors: BrowserErrors) -> None:
    """In a panel and in a derivation; nothing is sent. A second Escape closes the drawer."""
    errors.expect("status of 422")
    page = visitor.open().page
    visitor.choose("panel", "matrices")
    for name, shown, drawer in (
        ("weight/0/0/0", "0.2000", "#panel"),
        ("derivation/weight/0/1/2", "0.1000", "#derivation"),
    ):
        if drawer == "#derivation":
            visitor.press(number_in(place(page, "weight/0/1/2")))
        before = visitor.state() if visitor.session else None
        field = visitor.field(name)
        with visitor.stays():
            field.fill("0.75")
            field.press("Escape")
            expect(field).to_have_value(shown)
            field.blur()
        expect(page.locator(drawer)).to_be_visible()
        visitor.enter(name, "1,000")
        expect(page.locator(drawer).get_by_role("alert")).to_contain_text("1.000 or 1000")
        expect(field).to_have_value("1,000")
        with visitor.stays():
            field.press("Escape")
            expect(field).to_have_value(shown)
            expect(page.locator(drawer).get_by_role("alert")).to_have_count(0)
            expect(field).not_to_have_attribute("aria-invalid", "true")
            field.blur()
        assert (visitor.state() if visitor.session else None) == before
        field.focus()
        with visitor.changes():
            page.keyboard.press("Escape")
        expect(page.locator(drawer)).to_have_count(0)


def test_one_apply_without_javascript(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """All edited numbers of a panel go in by one button, as one command; a refusal keeps all of them."""
    errors.expect("status of 422")
    visitor = new_visitor(java_script_enabled=False).open().click("Update", "Step")
    visitor.choose("panel", "matrices")
    before = visitor.state()
    apply = visitor.page.locator("#edits button")
    typed = {"weight/0/0/0": "−0,25", "weight/1/3/1": "1/3", "bias/1": "abc"}
    for name, text in typed.items():
        visitor.field(name).fill(text)
    visitor.press(apply)
    for name, text in typed.items():
        expect(visitor.field(name)).to_have_value(text)
    expect(visitor.field("bias/1")).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.get_by_role("alert")).to_have_count(1)
    assert visitor.state() == before
    visitor.field("bias/1").fill("½")
    visitor.press(apply)
    weights, biases = (visitor.state()["network"][name] for name in ("weights", "biases"))
    assert (weights[0][0][0], weights[1][3][1], biases[1]) == (-0.25, 1 / 3, [0.5])
    expect(visitor.field("weight/1/3/1")).to_have_value("1/3")
    visitor.click("Undo")
    assert visitor.state()["network"] == before["network"]
    visitor.choose("panel", "data")
    visitor.field("example/0/inputs/1").fill("2")
    visitor.field("learning_rate").fill("0,25")
    visitor.press(visitor.page.locator("#edits button"))
    after = visitor.state()
    assert (after["examples"][0]["inputs"][1], after["learning_rate"]) == (2, 0.25)


def test_a_square_matrix_is_previewed(new_visitor: NewVisitor) -> None:
    """By touch on a phone: both directions are shown below the text, and one is chosen."""
    visitor = new_visitor(viewport=size("phone"), has_touch=True).open("/?layers=2-2-1&seed=3")
    page = visitor.click("Step").page
    visitor.choose("panel", "matrices")
    before = visitor.state()
    page.locator(".pastes summary").first.tap()
    visitor.field("matrix/0").fill("[[0.1, 0.2], [1/3, -0.4]]")
    with visitor.changes():
        page.locator(".pastes button").first.tap()
    question = page.locator("#question")
    expect(question).to_be_in_viewport()
    expect(visitor.field("matrix/0")).to_have_value("[[0.1, 0.2], [1/3, -0.4]]")
    expect(page.locator(".previews table")).to_have_count(2)
    assert visitor.state() == before
    expect(question).to_be_focused()
    assert visitor.findings("#matrices") == []
    for box in (
        page.locator(".previews").bounding_box(),
        page.locator(".previews button").last.bounding_box(),
    ):
        assert box
        assert 0 <= box["x"] <= size("phone")["width"] - box["width"]
        assert box["height"] >= 24
    assert page.evaluate("document.documentElement.scrollWidth") <= size("phone")["width"]
    with visitor.changes():
        page.locator(".previews button").last.tap()
    assert visitor.state()["network"]["weights"][0] == [[0.1, 1 / 3], [0.2, -0.4]]
    expect(question).to_have_count(0)
    expect(visitor.field("weight/0/0/1")).to_have_value("1/3")


def test_an_array_pasted_into_a_cell(new_visitor: NewVisitor) -> None:
    """A whole matrix may be pasted into its first cell; the previews stand below the matrix."""
    visitor = new_visitor(fresh=True).open("/?layers=2-2-1&seed=3").click("Step")
    page = visitor.page
    visitor.choose("panel", "matrices")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = visitor.field("weight/0/0/0").input_value()
    page.evaluate("(text) => navigator.clipboard.writeText(text)", "[[0.1, 0.2], [0.3, -0.4]]")
    visitor.field("weight/0/0/0").focus()
    with visitor.changes():
        page.keyboard.press("Control+v")
    expect(visitor.field("weight/0/0/0")).to_have_value(shown)
    expect(page.locator("#question")).to_be_focused()
    with visitor.changes():
        page.locator(".previews button").first.press("Enter")
    assert visitor.state()["network"]["weights"][0] == [[0.1, 0.2], [0.3, -0.4]]


def test_a_fraction_by_touch(new_visitor: NewVisitor) -> None:
    """A fraction that is typed on a phone is shown as it was typed, in the field and in the drawing."""
    visitor = new_visitor(viewport=size("phone"), has_touch=True).open("/?layers=2-2-1&seed=3")
    page = visitor.click("Step").page
    visitor.choose("panel", "matrices")
    field = visitor.field("weight/0/0/0")
    expect(field).to_have_attribute("inputmode", "text")
    field.tap()
    field.fill("-2/7")
    with visitor.changes():
        visitor.field("weight/0/0/1").tap()
    expect(field).to_have_value("−2/7")
    assert visitor.state()["network"]["weights"][0][0][0] == -2 / 7
    expect(visitor.field("weight/0/0/1")).to_be_focused()
    place(page, "weight/0/0/0").evaluate("(link) => link.focus()")
    page.keyboard.press("F2")
    assert selected(page) == "-2/7"
    with visitor.stays():
        page.keyboard.press("Enter")
