"""The panel of the gradient check."""

from dataclasses import replace

import pytest

from app.analysis.gradient_check import (
    AGREES,
    DISAGREES,
    INCONCLUSIVE,
    GradientCheck,
    check_gradients,
    gradient_of,
)
from app.backprop.addresses import parse
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.panels.gradient_check import ICONS, summary
from app.view.rendering.digits import FOUR
from app.view.rendering.numbers import exact, four_digits, scientific
from tests.support.markup import Element, region_of
from tests.support.networks import FEW, relu_network, simulation_of

EVERY_SHAPE = pytest.mark.parametrize("shape", FEW.values(), ids=FEW)
WORDS = {AGREES: "agrees", DISAGREES: "disagrees", INCONCLUSIVE: "inconclusive"}

KINK = relu_network(0.0)


def panel(simulation: Simulation, *at: str, language: str = "en") -> Element:
    """The panel, as a browser gets it."""
    return region_of(simulation, *at, panel="check", language=language).id("check")


def rows(panel: Element) -> list[Element]:
    return [row for body in panel.all("tbody") for row in body.all("tr")]


@EVERY_SHAPE
def test_every_number_of_the_check(shape: Shape) -> None:
    """Every parameter has a row with its numbers, verdict and link."""
    simulation = simulation_of(shape)
    found = {
        f"{row.address} {gradient_of(row.address)}": row for row in check_gradients(simulation).rows
    }
    view = panel(simulation)
    shown = {row["data-of"]: row for row in rows(view)}
    assert shown.keys() == found.keys()
    for of, row in found.items():
        [link] = shown[of].all("a")
        assert link["href"] == f"/?at={gradient_of(row.address)}#derivation"
        [head] = shown[of].all("th")
        spoken = [each.text for each in head.all("span") if not each.get("aria-hidden")]
        assert spoken == [symbol(gradient_of(row.address), shape)]
        cells = shown[of].all("td")
        numbers = [(cell.text, cell["title"]) for cell in cells[1:]]
        assert numbers == [
            (FOUR.short(row.backprop), exact(row.backprop)),
            (FOUR.short(row.difference), exact(row.difference)),
            (scientific(row.h), exact(row.h)),
            (scientific(row.relative_error), exact(row.relative_error)),
        ]
        assert cells[0].text == f"{ICONS[row.verdict]} {WORDS[row.verdict]}"
    for layer, table in enumerate(view.all("table")):
        for element in table.all("tbody")[0].all("tr"):
            assert parse(element["data-of"].split()[0])[1][0] == layer


def test_a_kink_is_explained() -> None:
    """A kink is explained in its rows and above them."""
    view = panel(KINK)
    assert "3 of 9 gradients cannot be judged by a difference; the others agree." in view.text
    assert "Kink: a net lies where its activation function has a corner" in view.text
    doubtful = [row for row in rows(view) if "inconclusive" in row.classes]
    assert len(doubtful) == 3
    assert all(row.all("td")[0].text == "? inconclusive: kink" for row in doubtful)


def test_summaries() -> None:
    """A sentence summarizes the verdicts."""
    found = check_gradients(DECK.simulation)
    first, second, *others = found.rows

    def said(*verdicts: str) -> str:
        changed = [
            replace(row, verdict=v) for row, v in zip((first, second), verdicts, strict=True)
        ]
        return summary(GradientCheck((*changed, *others)), str)

    assert said(AGREES, AGREES) == (
        "All 22 gradients agree with the differences. "
        f"Largest relative error: {scientific(found.max_relative_error)}."
    )
    assert said(DISAGREES, INCONCLUSIVE) == "1 of 22 gradients disagree with the differences."
    assert said(INCONCLUSIVE, AGREES).startswith("1 of 22 gradients cannot be judged")
    alone = summary(GradientCheck((replace(first, verdict=INCONCLUSIVE),)), str)
    assert alone == "None of the 1 gradients can be judged by a difference."


def test_the_chosen_one_is_marked() -> None:
    """The row of the explained parameter is marked."""
    for at in ("weight/0/1/2", "weight_gradient/0/1/2"):
        marked = [
            row for row in rows(panel(DECK.simulation, at)) if "data-chosen" in row.attributes
        ]
        assert [row["data-of"] for row in marked] == ["weight/0/1/2 weight_gradient/0/1/2"]
    assert not [row for row in rows(panel(DECK.simulation)) if "data-chosen" in row.attributes]


def test_verdicts_do_not_rest_on_colour() -> None:
    """Verdicts have an icon and a word."""
    assert len(set(ICONS.values())) == 3
    view = panel(KINK, language="ko")
    assert "판단 불가" in view.text
    assert "일치" in view.text


@pytest.mark.parametrize(
    ("value", "size", "four"),
    [
        (0.0, "0", "0"),
        (4.72e-9, "4.7e−9", "4.72e−9"),
        (1.0, "1.0", "1"),
        (1.0e-300, "1.0e−300", "1e−300"),
        (-0.00155432, "−1.6e−3", "−0.001554"),
        (float("inf"), "∞", "∞"),
        (float("nan"), "NaN", "NaN"),
    ],
)
def test_sizes(value: float, size: str, four: str) -> None:
    """Sizes have two digits, and other numbers four."""
    assert scientific(value) == size
    assert four_digits(value) == four
