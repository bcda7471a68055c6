"""The drawing at every step of an iteration, forward and back: it says what the API says."""

import pytest

from tests.browser.conftest import NewVisitor
from tests.browser.drawing import Look, State, Step, block_of, drawn, marks
from tests.browser.visitor import Visitor

WALKS = [
    ("/", "unit", 77),
    ("/", "layer", 19),
    ("/", "phase", 3),
    ("/?preset=class-notes", "unit", 39),
    ("/?preset=mazur", "layer", 19),
    ("/?layers=2-3-3-2&seed=5", "layer", 28),
]


def begin(visitor: Visitor, address: str, by: str) -> Look:
    """At the start of a session, in a granularity: a step there and back makes the session."""
    visitor.open(address)
    if by != "layer":
        visitor.choose("by", by)
    visitor.step()
    return visitor.back()


def check(look: Look, state: State, block: list[Step]) -> None:
    """A look at the page agrees with the API's state, and marks the steps just taken."""
    assert look.drawing == drawn(state)
    operands, results = marks(block, last=len(state["network"]["layers"]) - 1)
    assert look.operands == operands
    assert look.results == results


@pytest.mark.parametrize(("address", "by", "count"), WALKS)
def test_every_step_there_and_back(visitor: Visitor, address: str, by: str, count: int) -> None:
    """Each step shows the API's values, marks what it read and made; Back restores the markup."""
    looks, cursors = [begin(visitor, address, by)], [0]
    steps = visitor.steps()
    check(looks[0], visitor.state(), [])
    for _ in range(count + 1):  # the last of them is the first of the next iteration
        look, state = visitor.step(), visitor.state()
        check(look, state, list(block_of(steps, cursors[-1] % len(steps), state["cursor"])))
        looks.append(look)
        cursors.append(state["cursor"])
    assert cursors[count] == len(steps)
    assert visitor.state()["iteration"] == 1
    for look in reversed(looks[:-1]):
        assert visitor.back().markup == look.markup
    assert visitor.state()["cursor"] == 0


def test_every_value_is_that_of_its_step(visitor: Visitor) -> None:
    """After the last step the drawing holds what the API lists for the steps that make them."""
    begin(visitor, "/", "layer")
    visitor.click("Update")
    drawing = visitor.look().drawing
    attributes = {"weight_gradient": "gradient", "bias_gradient": "gradient", "bias": "value"}
    attributes |= {"output_error": "value", "error": "value"}
    for step in visitor.steps():
        kind = step["at"].split("/")[0]
        if kind in ("error_slope", "activation_slope"):
            continue  # on the card and at the unit for the moment, but not an attribute
        [id] = marks([step], last=2)[1]
        assert drawing[id][attributes.get(kind, kind)] == repr(float(step["value"])), step["at"]


def test_the_same_walk_without_javascript(new_visitor: NewVisitor) -> None:
    """Loaded anew at each step, the page is the very markup that htmx morphs it into."""
    smooth, plain = new_visitor(), new_visitor(java_script_enabled=False)
    # Nor does it depend on how the page looks, which is most of what a load of it takes.
    plain.page.route("**/*.css?*", lambda route: route.fulfill(content_type="text/css", body=""))
    looks = [begin(plain, "/", "unit")]
    assert looks[0].markup == begin(smooth, "/", "unit").markup
    for _ in range(77):
        looks.append(plain.step())
        assert looks[-1].markup == smooth.step().markup
    assert looks[-1].drawing == drawn(plain.state())
    for look in looks[-2:-22:-1]:
        assert plain.back().markup == look.markup
