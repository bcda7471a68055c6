"""What is shown of a blackboard: every line adds up to the number below it."""

import re
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

import pytest

from app.analysis.rounding import rounded_iteration
from app.backprop.rounding_rule import Rounding
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.view.export.graph_svg import graph_svg
from app.view.export.worksheet import worksheet
from app.view.rendering.digits import DIGITS, board_digits
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import StepView
from app.view.screen.step_card import term_values

LARGE = random_simulation((8, 5, 3), 1)
TEXT = re.compile(r"<[^>]*>")


def texts_of(svg: str) -> list[str]:
    """The texts of a drawing, but for its title."""
    root = ElementTree.fromstring(svg)
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


@pytest.mark.parametrize("places", [2, 3, 4])
def test_terms_add_up(places: int) -> None:
    """In every step whose terms are shown, through three iterations: to the last digit."""
    rounding, seen = Rounding("decimals", places), 0
    unit = Decimal(1).scaleb(-places)
    for iteration in range(3):
        simulation = DECK.simulation.train(iteration).step("unit") if iteration else DECK.simulation
        board = rounded_iteration(simulation, rounding)
        numbers = numbers_of(simulation, board)
        for cursor, result in enumerate(board.results, 1):
            shown = term_values(
                *(simulation.shape, cursor, "unit", (), numbers, DIGITS[str(places)], rounding)
            )
            terms = TEXT.sub("", shown).split("\n")
            if not shown:
                continue
            assert "≈" not in shown
            total = sum(map(number, terms), Decimal(0))
            assert total.quantize(unit, ROUND_HALF_UP) == result, (cursor, terms)
            seen += 1
    assert seen > 60


def test_long_terms_are_marked() -> None:
    """With six decimals a product has twelve: seven are shown, and that they are not all."""
    rounding = Rounding("decimals", 6)
    simulation = DECK.simulation.train(1).step("unit")
    numbers = numbers_of(simulation, rounded_iteration(simulation, rounding))
    position = simulation.compiled.position["net/2/0"] + 1
    shown = term_values(
        *(simulation.shape, position, "unit", (), numbers, DIGITS["6"], rounding),
    )
    products = TEXT.sub("", shown).split("\n")[1:]
    assert all(re.fullmatch(r"[+−]≈0\.\d{7}", text) for text in products), products


def test_terms_without_a_board_are_as_before() -> None:
    simulation = DECK.simulation.step("unit", 1)
    shown = term_values(simulation.shape, 1, "unit", (), numbers_of(simulation))
    assert TEXT.sub("", shown).split("\n") == ["0.1", "+0.2000", "−0.2500", "−0.3000"]


@pytest.mark.parametrize(
    ("rounding", "net", "out"),
    [
        (Rounding("decimals", 2), "−0.25", "0.44"),
        (Rounding("decimals", 3), "−0.250", "0.438"),
        (Rounding("decimals", 4), "−0.2500", "0.4378"),
        (Rounding("decimals", 6), "−0.2500", "0.4378"),
        (Rounding("significant", 3), "−0.250", "0.438"),
        (Rounding("significant", 1), "−0.3", "0.4"),
    ],
)
def test_the_drawing_has_the_digits_of_the_board(rounding: Rounding, net: str, out: str) -> None:
    """As far as it has room: four decimals."""
    for steps, text in ((1, net), (2, out)):
        simulation = DECK.simulation.step("layer", steps)
        svg = graph_svg(simulation, "", board=rounded_iteration(simulation, rounding))
        assert text in texts_of(svg)


@pytest.mark.parametrize("start", [DECK.simulation, LARGE], ids=["docks", "heat maps"])
def test_products_of_the_drawing(start: Simulation) -> None:
    """Each has all its digits if there is room, or a mark."""
    rounding, marked = Rounding("decimals", 4), 0
    simulation = start.train(1).step("layer", 3)
    board = rounded_iteration(simulation, rounding)
    svg = graph_svg(simulation, "", board=board)
    texts, values = texts_of(svg), board.values
    count = simulation.shape.layers[-2]
    for source in range(count):
        exact = values[f"out/1/{source}"] * values[f"weight/1/{source}/0"]
        written = f"{exact.normalize():f}".replace("-", "−")
        if len(written) > 8:
            written, marked = "≈" + f"{exact:.4f}".replace("-", "−"), marked + 1
        assert written in texts
    assert marked


def test_given_numbers_with_many_digits_are_marked() -> None:
    """A line in which they stand for more than is shown would not add up."""
    digits = board_digits(DIGITS["3"], Rounding("decimals", 3))
    assert digits.given(0.2) == "0.2"
    assert digits.given(1 / 3) == "1/3"
    assert digits.given(0.123456789) == "≈0.123"
    assert DIGITS["3"].given(0.123456789) == "0.123"


def test_the_worksheet_begins_with_the_numbers_on_the_board() -> None:
    """Its tables and its drawing have the rounded weights of a later iteration."""
    simulation, rounding = DECK.simulation.train(2).step("unit"), Rounding("decimals", 3)
    values = rounded_iteration(simulation, rounding).values
    sheet = worksheet(simulation, str, DIGITS["3"], answers=True, rounding=rounding)
    written = [str(values[f"weight/0/0/{j}"]).rstrip("0").replace("-", "−") for j in range(4)]
    tables: object = sheet["tables"]
    assert isinstance(tables, tuple)
    assert list(tables[3].rows[0][1]) == written
    shown = StepView(simulation.shape, 0, "unit").operand("weight/0/0/0")
    assert numbers_of(simulation)[shown.slot] != float(values["weight/0/0/0"])
