"""Setting a weight on its error profile without JavaScript."""

import pytest

from app.analysis.error_profile import error_profile
from app.examples.published import DECK
from app.view.panels.error_profile_figure import CURVE_POINTS
from app.view.rendering.digits import FOUR
from app.web.pages.forms.fields import slider_edit
from tests.support.markup import Element
from tests.support.page_client import PageClient

ADDRESS = "weight/0/2/3"


@pytest.fixture
async def at_slope(visitor: PageClient) -> PageClient:
    """Somebody who looks along a weight, in the middle of an iteration."""
    await visitor.look()
    await visitor.press("Forward")
    await visitor.post("/view", {"panel": "slope"})
    await visitor.look(f"/?at={ADDRESS}~weight_gradient/0/2/3")
    return visitor


def slider(page: Element) -> tuple[Element, Element]:
    form = page.id("along")
    [range_] = [each for each in form.all("input") if each.get("type") == "range"]
    return form, range_


async def test_every_point_is_told(at_slope: PageClient) -> None:
    """The page has the value and E of each point."""
    form, range_ = slider(at_slope.page)
    columns = [form[f"data-{name}"].split() for name in ("values", "shown", "errors", "places")]
    assert {len(column) for column in columns} == {CURVE_POINTS} == {int(range_["max"]) + 1}
    values, shown, errors, _places = columns
    here = int(range_["value"])
    state = await at_slope.state()
    assert float(values[here]) == state["network"]["weights"][0][2][3]
    assert shown == [FOUR.short(float(value)) for value in values]
    assert [float(value) for value in values] == sorted(map(float, values))
    for index in (0, here - 7, here, here + 11, CURVE_POINTS - 1):
        there = DECK.simulation.edit_parameter(ADDRESS, float(values[index])).forward()
        error = there.value("error")
        assert error is not None
        assert errors[index] == FOUR.short(error)
    said = f"= {shown[here]}, E = {errors[here]}"
    assert range_["aria-valuetext"].endswith(said)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("index", [0, 43, 120])
async def test_a_point_is_set(at_slope: PageClient, index: int, htmx: bool) -> None:
    """Setting a point changes only that weight, and Back undoes it."""
    before = await at_slope.state()
    form, range_ = slider(at_slope.page)
    value = float(form["data-values"].split()[index])
    response = await at_slope.post(form["action"], {range_["name"]: str(index)}, htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    if not htmx:
        assert f"at={ADDRESS}" in response.headers["Location"]
    weights = [list(row) for row in before["network"]["weights"][0]]
    weights[2][3] = value
    after = await at_slope.state()
    assert after["network"]["weights"][0] == weights
    assert after["network"]["weights"][1] == before["network"]["weights"][1]
    assert after["cursor"] == 0
    await at_slope.post("/back")
    again = await at_slope.state()
    assert (again["network"], again["cursor"]) == (before["network"], before["cursor"])


async def test_the_steepest_stays(visitor: PageClient) -> None:
    """A weight that is set stays the one that is shown."""
    await visitor.look()
    await visitor.post("/view", {"panel": "slope"})
    form, range_ = slider(await visitor.look("/?preset=deck"))
    response = await visitor.post(form["action"], {range_["name"]: "0"})
    page = await visitor.look(response.headers["Location"])
    assert slider(page)[1]["name"] == range_["name"]


def test_where_it_is_already() -> None:
    """The weight's own point is no edit."""
    simulation = DECK.simulation.train(3).step()
    index = (CURVE_POINTS - 1) // 2
    assert slider_edit(simulation, f"along/{ADDRESS}", str(index)) is simulation
    moved = slider_edit(simulation, f"along/{ADDRESS}", str(index + 1))
    step = error_profile(simulation, ADDRESS)
    assert moved.reading()[ADDRESS] == pytest.approx(step.at + 6 / 120)


async def test_points_and_weights_that_there_are_not(at_slope: PageClient) -> None:
    """Invalid points and unknown parameters are refused, and nothing is changed."""
    before = await at_slope.state()
    refused = [(f"along/{ADDRESS}", text) for text in ("", "121", "-1", "00", "1.5", "x", "٠")]
    names = ("", "out/0/0", "weight/0/3/0", "learning_rate")
    for field, text in [*refused, *((f"along/{name}", "1") for name in names)]:
        assert (await at_slope.post("/edit", {field: text})).status_code == 422
    assert await at_slope.state() == before
