"""The drawing of the error profile."""

import re
from itertools import pairwise

import pytest

from app.analysis.error_profile import ErrorProfile, Range, curve, error_profile, steepest
from app.analysis.gradient_check import gradient_of
from app.backprop.network import Example, Network, Shape
from app.backprop.quantity_names import symbol
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.text.typed_numbers import read_number
from app.view.panels.error_profile import error_profile_panel, parameter_of, sentence
from app.view.panels.error_profile_figure import (
    BOTTOM,
    CURVE_POINTS,
    HEIGHT,
    LEFT,
    LISTED,
    RIGHT,
    TOP,
    WIDTH,
    Figure,
    figures,
)
from app.view.rendering.digits import FOUR
from app.view.rendering.numbers import exact, four_digits
from tests.support.markup import Element, region_of
from tests.support.networks import FEW, simulation_of

Point = tuple[float, float]

CURVED = Simulation.of(
    Network.of((1, 1), (((0.2,),),), bias="none", activations=("identity",)),
    [Example((1.0,), (1.0,))],
    3.0,
)
STILL = DECK.simulation.edit(learning_rate=0.0)
LOST = random_simulation((2, 2, 1), 1, activations=("identity", "identity"))
LOST = LOST.edit(learning_rate=1e6).train(20)


def panel(simulation: Simulation, *at: str) -> Element:
    return region_of(simulation, *at, panel="slope").id("slope")


def drawn(simulation: Simulation, address: str) -> tuple[ErrorProfile, Figure, Figure]:
    step = error_profile(simulation, address)
    (_, whole), (_, close) = figures(simulation, step, str)
    return step, whole, close


def places(path: str) -> list[Point]:
    assert re.fullmatch(r"M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)*", path), path
    return [(float(x), float(y)) for x, y in (part.split() for part in path[1:].split("L"))]


class Reading:
    """A drawing read by its own axes: from places back to numbers."""

    def __init__(self, figure: Figure, across: Range) -> None:
        self.low, self.high = across
        (y0, e0), *_, (y1, e1) = [(mark.at, read_number(mark.text)) for mark in figure.up]
        self.scale = (e1 - e0) / (y1 - y0)
        self.first = (y0, e0)

    def number(self, place: Point) -> Point:
        x, y = place
        share = (x - LEFT) / (WIDTH - RIGHT - LEFT)
        value = self.low + share * (self.high - self.low)
        return value, self.first[1] + (y - self.first[0]) * self.scale


@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_the_drawing_is_true(shape: Shape) -> None:
    """Read by its axes, the drawing has the curve, both points and the tangent."""
    simulation = simulation_of(shape)
    step, whole, close = drawn(simulation, steepest(simulation))
    for figure, across in ((whole, step.wide), (close, step.close)):
        read = Reading(figure, across)
        room = abs(read.scale) * 0.1, (across[1] - across[0]) / 1e4

        def near(place: Point, number: Point, read: Reading = read, room: Point = room) -> bool:
            value, error = read.number(place)
            return abs(value - number[0]) <= room[1] and abs(error - number[1]) <= room[0]

        points = curve(simulation, step.address, *across, CURVE_POINTS)
        line = places(figure.line)
        assert all(near(*pair) for pair in zip(line, points, strict=True))
        assert near(figure.now, (step.at, step.error))
        assert near(figure.lands, (step.next, step.landing))
        for x, y in (figure.tangent[:2], figure.tangent[2:]):
            value, error = read.number((x, y))
            on_it = step.error + step.gradient * (value - step.at)
            assert error == pytest.approx(on_it, abs=2 * room[0] + abs(step.gradient) * room[1])
        for mark in figure.across:
            assert read.number((mark.at, TOP))[0] == pytest.approx(
                read_number(mark.text), abs=room[1]
            )


@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_all_is_inside(shape: Shape) -> None:
    """Everything is inside the axes."""
    simulation = simulation_of(shape)
    for address in simulation.compiled.inputs[: shape.parameter_count]:
        for figure in drawn(simulation, address)[1:]:
            tangent = figure.tangent[:2], figure.tangent[2:]
            for x, y in (*places(figure.line), figure.now, figure.lands, *tangent):
                assert LEFT <= x <= WIDTH - RIGHT
                assert TOP <= y <= HEIGHT - BOTTOM
            assert all(LEFT <= mark.at <= WIDTH - RIGHT for mark in figure.across)
            assert all(TOP <= mark.at <= HEIGHT - BOTTOM for mark in figure.up)
            assert all(a.at < b.at for a, b in pairwise(figure.across))


def test_the_arrow_is_the_step() -> None:
    """The arrow goes from the old value to the new one."""
    for address in ("weight/0/0/0", "weight/1/2/1"):
        _, whole, close = drawn(DECK.simulation, address)
        matched = re.fullmatch(r"M([\d.]+) (\d+)H([\d.]+)M.*", close.arrow)
        assert matched
        assert (float(matched[1]), float(matched[3])) == (close.now[0], close.lands[0])
        assert float(matched[2]) == HEIGHT - BOTTOM
        assert whole.arrow == ""
        assert whole.window is not None
        x, y, width, height = whole.window
        assert x < whole.now[0] < x + width
        assert y < whole.now[1] < y + height
    assert drawn(STILL, "bias/0")[2].arrow == ""


def test_the_numbers_in_words() -> None:
    """The panel lists the numbers of the profile and of the curve."""
    view = panel(DECK.simulation, "weight/0/2/1")
    step = error_profile(DECK.simulation, "weight/0/2/1")
    shown = [(cell.text, cell["title"]) for cell in view.all("dd")]
    places = (step.at, step.error, step.gradient, step.step, step.next, step.landing)
    changes = (step.predicted_change, step.actual_change)
    assert shown == [
        *((FOUR.short(number), exact(number)) for number in places),
        *((four_digits(number), exact(number)) for number in changes),
    ]
    assert shown[-1][0] != shown[-2][0], "the two are told from each other by the digits shown"
    points = curve(DECK.simulation, step.address, *step.wide, CURVE_POINTS)[::LISTED]
    body = view.all("tbody")[0]
    listed = [[cell["title"] for cell in row.all("td")] for row in body.all("tr")]
    assert listed == [[exact(value), exact(error)] for value, error in points]


def test_sentences() -> None:
    """A sentence compares the predicted change with the actual one."""

    def said(simulation: Simulation, address: str = "weight/0/0/0") -> str:
        return sentence(simulation.shape, error_profile(simulation, address), str)

    assert said(CURVED.edit(learning_rate=0.5)) == (
        "Predicted change −0.32, actual −0.24 (75.00%)."
    )
    assert said(CURVED) == (
        "E does not fall: the step goes beyond the point where the curve turns up. "
        "Predicted change −1.92, actual 0.96."
    )
    assert said(STILL) == "The step is 0, so nothing changes."
    assert said(CURVED.edit(learning_rate=1e-18)).startswith("The step changes E by less than")
    assert said(LOST).startswith("E or its gradient is no longer finite")


def test_what_is_looked_along() -> None:
    """The panel is about the explained parameter, or else the steepest."""
    shape = DECK.simulation.shape
    assert parameter_of(shape, ("weight/0/1/2", "delta/1/2")) == "weight/0/1/2"
    assert parameter_of(shape, ("bias_gradient/1",)) == "bias/1"
    for other in ("weight/7/0/0", "bias/0/1", "net/1/0", "error", "weight"):
        assert parameter_of(shape, (other,)) is None
    assert parameter_of(shape, ()) is None
    default = steepest(DECK.simulation)
    assert error_profile_panel(DECK.simulation, (), str)["shows"] == (default, gradient_of(default))
    assert error_profile_panel(DECK.simulation, ("net/1/0",), str)["by_default"]
    assert error_profile_panel(DECK.simulation, ("bias/1",), str)["shows"] == (
        "bias/1",
        "bias_gradient/1",
    )


@pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
def test_every_parameter_can_be_chosen(shape: Shape) -> None:
    """Every parameter has a link, and the current one is marked."""
    simulation = simulation_of(shape)
    addresses = simulation.compiled.inputs[: shape.parameter_count]
    for asked in (addresses[-1], gradient_of(addresses[-1])):
        view = panel(simulation, asked)
        links = {link["data-of"]: link for link in view.all("a") if link.get("data-of")}
        assert sorted(links) == sorted(f"{text} {gradient_of(text)}" for text in addresses)
        for of, link in links.items():
            text = of.split()[0]
            assert f"at={text}~{gradient_of(text)}#" in link["href"]
            assert link["aria-label"] == symbol(text, shape)
            is_asked = text == addresses[-1]
            assert bool(link.get("aria-current")) == is_asked
            assert ("data-chosen" in link.attributes) == is_asked
        [title] = view.all("h2")
        assert title["data-of"] == f"{addresses[-1]} {gradient_of(addresses[-1])}"
        assert "data-chosen" in title.attributes
    [title] = panel(simulation).all("h2")
    assert "data-chosen" not in title.attributes
