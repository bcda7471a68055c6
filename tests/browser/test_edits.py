"""Numbers edited in place: taken, taken back, refused beside their field, and never by accident."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Request, Route, expect

from tests.browser.conftest import NewVisitor
from tests.browser.drawing import State, drawn
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

# field, its panel, and where the API has it
FIELDS = [
    ("weight/0/0/0", "matrices", ("network", "weights", 0, 0, 0)),
    ("weight/1/3/1", "matrices", ("network", "weights", 1, 3, 1)),
    ("bias/1", "matrices", ("network", "biases", 1, 0)),
    ("example/0/inputs/2", "data", ("examples", 0, "inputs", 2)),
    ("example/0/targets/1", "data", ("examples", 0, "targets", 1)),
    ("learning_rate", "data", ("learning_rate",)),
]
REFUSED = [
    ("abc", "Enter a number, such as"),
    ("", "Enter a number, such as"),
    ("2e6", "Enter a number from"),
]


def field(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(f'[name="{name}"]')


def put(state: State, path: tuple[Any, ...], value: float) -> State:
    """The state with one number changed."""
    changed: State = json.loads(json.dumps(state))
    part: Any = changed
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return changed


def at_work(visitor: Visitor, panel: str = "matrices") -> Visitor:
    """After one iteration and a bit, so that the numbers have all their digits."""
    visitor.open()
    for name in ("Update", "Forward"):
        visitor.click(name)
    if panel != "matrices":
        visitor.choose("panel", panel)
    return visitor


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("name", "panel", "path"), FIELDS[::2])
def test_an_edit_and_back(
    new_visitor: NewVisitor, name: str, panel: str, path: tuple[Any, ...], script: bool
) -> None:
    """Enter sends the number: it alone changes, the iteration begins anew, Back takes it back."""
    visitor = at_work(new_visitor(java_script_enabled=script), panel)
    look, before = visitor.look(), visitor.state()
    with visitor.changes():
        field(visitor, name).fill("0.25")
        field(visitor, name).press("Enter")
    after, expected = visitor.state(), put(before, path, 0.25)
    for part in ("network", "examples", "learning_rate", "iteration", "previous_error"):
        assert after[part] == expected[part]
    assert after["cursor"] == 0
    assert visitor.look().drawing == drawn(after)
    assert visitor.back().markup == look.markup


def test_leaving_a_field_sends_it(visitor: Visitor) -> None:
    """A number is sent, once, when its field is left; the next field has the focus then."""
    at_work(visitor)
    asked: list[Request] = []
    visitor.page.on("request", lambda request: asked.append(request))
    with visitor.changes():
        field(visitor, "weight/0/0/0").fill("−0,25")  # a true minus sign, a decimal comma
        field(visitor, "weight/0/0/0").press("Tab")
    assert visitor.state()["network"]["weights"][0][0][0] == -0.25
    expect(field(visitor, "weight/0/0/0")).to_have_value("−0.2500")
    expect(field(visitor, "weight/0/0/1")).to_be_focused()
    assert [request.post_data for request in asked] == ["weight%2F0%2F0%2F0=%E2%88%920%2C25"]


def test_enter_sends_it_once(visitor: Visitor) -> None:
    """Enter is one request, and leaving the field afterwards none."""
    at_work(visitor)
    asked: list[Request] = []
    visitor.page.on("request", lambda request: asked.append(request))
    with visitor.changes():
        field(visitor, "weight/0/0/0").fill("0.25")
        field(visitor, "weight/0/0/0").press("Enter")
    expect(field(visitor, "weight/0/0/0")).to_be_focused()
    expect(field(visitor, "weight/0/0/0")).to_have_value("0.2500")
    field(visitor, "weight/0/0/0").press("Tab")
    visitor.page.wait_for_timeout(150)
    assert len(asked) == 1


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("typed", "message"), REFUSED)
def test_a_refusal(
    new_visitor: NewVisitor, watch: Watch, typed: str, message: str, script: bool
) -> None:
    """What cannot be is said beside the field, which keeps what was typed; nothing else changes."""
    watch.expect("status of 422")
    visitor = at_work(new_visitor(java_script_enabled=script))
    before = visitor.state()
    name = "weight/0/1/2"
    with visitor.changes():
        field(visitor, name).fill(typed)
        field(visitor, name).press("Enter")
    refused = visitor.page.locator("form.entry", has=field(visitor, name))
    expect(refused.get_by_role("alert")).to_contain_text(message)
    expect(refused.get_by_role("alert")).to_be_in_viewport()
    expect(visitor.page.get_by_role("alert")).to_have_count(1)
    expect(field(visitor, name)).to_have_value(typed)
    expect(field(visitor, name)).to_have_attribute("aria-invalid", "true")
    expect(field(visitor, name)).to_be_focused()
    assert visitor.state() == before
    assert visitor.look().drawing == drawn(before)
    with visitor.changes():
        field(visitor, name).fill("0.125")
        field(visitor, name).press("Enter")
    expect(visitor.page.get_by_role("alert")).to_have_count(0)
    assert visitor.state()["network"]["weights"][0][1][2] == 0.125


@pytest.mark.parametrize("script", [True, False])
def test_a_refusal_in_korean(new_visitor: NewVisitor, watch: Watch, script: bool) -> None:
    """A Korean reader is told in Korean."""
    watch.expect("status of 422")
    visitor = new_visitor(locale="ko-KR", java_script_enabled=script).open()
    for typed, message in (("영", "같은 수를 입력하세요"), ("1e7", "까지의 수를 입력하세요")):
        with visitor.changes():
            field(visitor, "bias/0").fill(typed)
            field(visitor, "bias/0").press("Enter")
        expect(visitor.page.get_by_role("alert")).to_contain_text(message)
    assert visitor.session is None  # a refusal begins nothing


def test_a_learning_rate_is_not_negative(visitor: Visitor, watch: Watch) -> None:
    """Each field has limits of its own."""
    watch.expect("status of 422")
    at_work(visitor, "data")
    with visitor.changes():
        field(visitor, "learning_rate").fill("-0.1")
        field(visitor, "learning_rate").press("Enter")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Enter a number from 0 to")


@pytest.mark.parametrize("script", [True, False])
def test_an_untouched_field_keeps_its_digits(new_visitor: NewVisitor, script: bool) -> None:
    """Four decimals are shown, all are kept: in the fields beside an edit, and when sent back."""
    visitor = at_work(new_visitor(java_script_enabled=script))
    before = visitor.state()
    first = field(visitor, "weight/0/0/0")
    if script:
        with visitor.stays():
            first.focus()
            first.press("Tab")
    with visitor.changes():
        first.press("Enter")
    assert visitor.state() == before
    with visitor.changes():
        first.fill("0.25")
        first.press("Enter")
    changed = put(before, ("network", "weights", 0, 0, 0), 0.25)
    assert visitor.state()["network"] == changed["network"]


def test_typing_on_while_an_edit_is_under_way(visitor: Visitor) -> None:
    """What is being typed into the next field is not lost when the answer to the last one comes."""
    at_work(visitor)
    waiting: list[Route] = []
    visitor.page.route("**/edit", lambda route: waiting.append(route))
    with visitor.changes():
        field(visitor, "weight/0/0/0").fill("0.25")
        field(visitor, "weight/0/0/0").press("Tab")
        visitor.page.keyboard.type("0.5")
        waiting[0].continue_()
        visitor.page.unroute("**/edit")
    following = field(visitor, "weight/0/0/1")
    expect(following).to_be_focused()
    expect(following).to_have_value("0.5")
    with visitor.changes():
        visitor.page.keyboard.type("1")
        visitor.page.keyboard.press("Enter")
    weights = visitor.state()["network"]["weights"][0][0]
    assert weights[:2] == [0.25, 0.51]


@pytest.mark.parametrize("script", [True, False])
def test_training(new_visitor: NewVisitor, watch: Watch, script: bool) -> None:
    """Whole iterations on request, with a curve of E; how many is checked like any other number."""
    watch.expect("status of 422")
    visitor = new_visitor(java_script_enabled=script).open()
    visitor.choose("panel", "error")
    for typed in ("0", "ten", "100001"):
        with visitor.changes():
            field(visitor, "iterations").fill(typed)
            field(visitor, "iterations").press("Enter")
        expect(visitor.page.get_by_role("alert")).to_contain_text("Enter a whole number from 1")
        expect(field(visitor, "iterations")).to_have_value(typed)
    with visitor.changes():
        field(visitor, "iterations").fill("1000")
        visitor.page.get_by_role("button", name="Train", exact=True).click()
    state = visitor.state()
    assert (state["iteration"], state["cursor"]) == (999, 77)
    assert visitor.look().drawing == drawn(state)
    expect(visitor.page.locator("#error-curve figure svg")).to_be_visible()
    visitor.click("Back")
    assert visitor.state()["cursor"] == 76
