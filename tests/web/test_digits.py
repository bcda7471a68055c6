"""How many digits the page shows, as the visitor has chosen."""

from decimal import Decimal
from fractions import Fraction
from itertools import cycle, islice

import pytest

from app.examples.presets import preset
from app.examples.random_network import random_simulation
from app.view.rendering.digits import DEFAULT, DIGITS
from app.view.rendering.numbers import MINUS
from tests.support.markup import Element, region_of, tree
from tests.support.page_client import PageClient

DECK = preset("deck").simulation
HTMX = {"HX-Request": "true"}


def large(page: Element) -> str:
    """The number that the card is about."""
    [value] = [each for each in page.id("card").all("output") if "large" in each.classes]
    return value.text


def rounded(value: float, decimals: int) -> str:
    """A number with so many decimals, from its exact value."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-decimals))).replace("-", MINUS)


def choices(page: Element) -> list[Element]:
    [menu] = [each for each in page.id("digits").all("select") if each.get("name") == "digits"]
    return menu.all("option")


def chosen(page: Element) -> str:
    [option] = [each for each in choices(page) if "selected" in each.attributes]
    return option["value"]


async def test_the_choice_is_kept(visitor: PageClient) -> None:
    """The numbers of the card and of every later page have the chosen decimals, without a script."""
    page = await visitor.look("/?preset=deck")
    assert chosen(page) == DEFAULT
    assert [option["value"] for option in choices(page)] == [*DIGITS]
    await visitor.press("Backward")
    address = page.id("digits")["action"].partition("?")[0]
    response = await visitor.post(f"/n/{visitor.session}{address}", {"digits": "8"})
    page = await visitor.look(response.headers["Location"])
    assert chosen(page) == "8"
    await visitor.press("δ of the hidden layer")
    value = (await visitor.state())["values"]["delta"][0][0]
    assert large(visitor.page) == rounded(value, 8)
    assert large(await visitor.look(f"/n/{visitor.session}")) == rounded(value, 8)


@pytest.mark.parametrize("value", ["1", "13", "4.0", "08", "8S", "s", "", "%C2%B2", "8&digits=99"])
async def test_a_broken_choice_is_the_default(visitor: PageClient, value: str) -> None:
    """A cookie that names no number of digits is as good as none."""
    visitor.client.cookies.set("backstep_view", f"by=layer&digits={value}&theme=dark")
    page = await visitor.look("/?preset=deck")
    assert chosen(page) == DEFAULT
    assert [each["data-theme"] for each in page.all("html")] == ["dark"]


async def test_a_choice_is_answered_with_the_region(visitor: PageClient) -> None:
    """Other digits are everywhere on the page. After that, presses get patches with these digits."""
    await visitor.client.post("/backward?preset=deck", headers=HTMX)
    address = f"/n/{visitor.session}"
    shown = tree((await visitor.client.get(address)).text).id("moves")["data-shown"]
    answer = await visitor.client.post(
        f"{address}/view", data={"digits": "8s"}, headers=HTMX | {"Shown": shown}
    )
    assert "HX-Reswap" not in answer.headers
    shown = tree(answer.text).id("moves")["data-shown"]
    answer = await visitor.client.post(f"{address}/step", headers=HTMX | {"Shown": shown})
    assert answer.headers["HX-Reswap"].startswith("patch")
    value = (await visitor.state())["step"]["value"]
    assert f"{value:#.8g}".replace("-", MINUS) in answer.text


def is_right(text: str, exact: str) -> bool:
    """Whether a text is a number to its last digit; a fraction is one that it was given as."""
    text, exact = (each.strip("()").replace(MINUS, "-") for each in (text, exact))
    if "/" in text:
        return float(Fraction(text)) == float(exact)
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(Decimal(text) - Decimal(exact)) <= Decimal(5).scaleb(exponent - 1)


def test_the_card_has_the_digits() -> None:
    """At every step the value has the chosen digits, and each number of the formula is right."""
    simulation, choices = DECK.train(2), cycle(["2", "8", "12", "2s", "9s"])  # they take turns
    for digits in islice(choices, len(simulation.steps)):
        simulation = simulation.step("unit")
        page = region_of(simulation, by="unit", digits=digits)
        assert large(page) == DIGITS[digits].short(simulation.trace()[simulation.cursor - 1])
        numbers = [each for each in page.id("card") if "operand" in each.classes]
        assert numbers
        assert [each.text for each in numbers if not is_right(each.text, each["title"])] == []


@pytest.mark.parametrize("optimiser", ["gradient_descent", "adam"])
def test_narrow_places_show_at_least_four(optimiser: str) -> None:
    """Of twelve decimals, chips, long formulas and the strip show those that have room: at least four."""
    simulation = random_simulation((4, 5, 3, 2), 1, optimiser=optimiser).backward()
    while simulation.cursor < len(simulation.steps):
        simulation = simulation.step("layer")
        page = region_of(simulation, by="layer", digits="12")
        cells = [each for each in page.id("strip").all("td") if " = " in each.get("title")]
        chips = [each for each in page.id("card") if "chip" in each.classes]
        formula = [each for each in page.id("card") if "operand" in each.classes]
        assert all((cells, chips, formula))
        for each in (*cells, *chips, *formula):
            exact = each["title"].rpartition(" ")[2]
            [text] = [name.text for name in each.all("b")] or [each.text]
            decimals = len(text.strip("()").partition(".")[2])
            assert is_right(text, exact)
            assert (
                4 <= decimals <= 12 or text.strip("()") == exact.removesuffix(".0") or "e" in text
            )


async def test_fields_keep_all_digits(visitor: PageClient) -> None:
    """A form that is sent as it was shown changes no number, however few digits it shows."""
    await visitor.look("/?preset=deck")
    await visitor.press("Update")
    await visitor.press("Step")
    before = (await visitor.state())["network"]["weights"]
    for digits in DIGITS:
        await visitor.post(f"/n/{visitor.session}/view", {"digits": digits, "panel": "matrices"})
        page = await visitor.look(f"/n/{visitor.session}")
        field = page.field("weight/0/0/0")
        assert field.get("value") == DIGITS[digits].entered(before[0][0][0])
        await visitor.post(*visitor.typed("weight/0/0/0", field["value"]))
        assert (await visitor.state())["network"]["weights"] == before


async def test_worksheets_have_the_digits(visitor: PageClient) -> None:
    """A worksheet says to how many digits to round, and its answers have them."""
    sheet = (await visitor.client.get("/sheet?preset=deck&answers=1")).text
    assert "Round to four decimals." in sheet
    error = DECK.backward().value("error")
    assert error is not None
    for digits, text in (
        ("6", "Round to 6 decimals."),
        ("3s", "Round to 3 significant digits."),
    ):
        visitor.client.cookies.set("backstep_view", f"digits={digits}")
        sheet = (await visitor.client.get("/sheet?preset=deck&answers=1")).text
        assert text in sheet
        assert f"<b>{DIGITS[digits].short(error)}</b>" in sheet
        assert ">0.5<" in sheet  # what is given stays as it is
