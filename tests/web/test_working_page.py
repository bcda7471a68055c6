"""Check my working: what the page says of numbers that are typed or pasted, without a script."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.examples.published import DECK
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient

# A published example (2-2-2, sigmoid), with a mistake that later lines follow from.
WORKING = """net_h1 = 0.3775; out_h1 = 0.5933, net_h2 = 0.3925; out_h2 = 0.5969
net_o1 = 1.1059
out_o1 = 0.7514
∂E/∂out_o1 = 0.7414
∂out/∂net_o1 = 0.1868
δ_o1 = 0.7414
∂E/∂w5 = 0.4399
net_x = 3"""
ADDRESS = "/working?preset=mazur"


async def sent(client: httpx.AsyncClient, address: str = ADDRESS, **form: str) -> Element:
    response = await client.post(address, data=form)
    assert response.status_code == 200, response.text
    return tree(response.text)


def outcome(page: Element) -> Element:
    return page.id("outcome")


def counts(page: Element) -> dict[str, int]:
    """How many lines have each verdict."""
    [row] = [each for each in page.all("p") if "counts" in each.classes]
    return {each.get("class"): int(each.text.split()[0]) for each in row.all("span")}


def blank(page: Element, field: str) -> tuple[str, str]:
    """What stands in a blank, and its verdict."""
    place = page.field(field)
    assert place.parent is not None
    assert place.parent.parent is not None
    [verdict] = place.parent.parent.classes - {"blank"} or {""}
    return place.get("value"), verdict


async def test_a_pasted_working(client: httpx.AsyncClient) -> None:
    """The first wrong line comes first, named, and done right beside it; what follows from it counts."""
    page = await sent(client, text=WORKING)
    assert counts(page) == {"right": 8, "follow_on": 1, "wrong": 1, "unread": 1}
    first = outcome(page).text
    assert "δ_o1 = 0.7414" in first
    assert "The derivative ∂out/∂net was left out" in first
    assert "line 6, column 1" in first
    assert first.index("0.1868") < first.index("0.1385")
    [explained] = [each["href"] for each in outcome(page).all("a")]
    assert explained == "/?preset=mazur&at=delta/2/0#derivation"
    assert page.all("textarea")[0].text.split() == WORKING.split()
    [unread] = [each.text for each in page.all("p") if each.classes == {"marked", "unread"}]
    assert "net_x = 3" in unread
    assert "No step of this iteration computes this quantity." in unread
    assert "line 8, column 1" in unread


async def test_blanks(client: httpx.AsyncClient) -> None:
    """Each has its verdict beside it, and keeps what was typed; so do the choices."""
    typed = {"net/1/0": "0,3775", "out/1/0": "0.3775", "net/2/0": "?", "error": "1,000"}
    page = await sent(client, **typed, minus_delta="1", numbering="numbered")
    assert {field: blank(page, field) for field in (*typed, "net/1/1")} == {
        "net/1/0": ("0,3775", "right"),
        "out/1/0": ("0.3775", "wrong"),
        "net/2/0": ("?", "unread"),
        "error": ("1,000", "unread"),
        "net/1/1": ("", ""),
    }
    assert "net was used in place of out" in page.id("said-out-1-0").text
    assert "Enter a number" in page.id("said-net-2-0").text
    assert "Write a point" in page.id("said-error").text
    assert "checked" in page.field("minus_delta").attributes
    names = [each.get("aria-label") for each in page.all("input")]
    assert "Err_O1" in names
    assert "∂E/∂w5" in names


async def test_a_row_for_a_layer(client: httpx.AsyncClient) -> None:
    """Its numbers are those of the units in order; one too many is said to be."""
    row = {"by": "layer", "net/1": "0.3775; 0,3925", "out/1": "[0.5933 0.5969 0.7]"}
    page = await sent(client, **row)
    assert blank(page, "net/1") == ("0.3775; 0,3925", "right")
    assert blank(page, "out/1") == ("[0.5933 0.5969 0.7]", "unread")
    assert counts(page) == {"right": 4, "unread": 1}


async def test_the_sign_of_the_sheet(client: httpx.AsyncClient) -> None:
    """A number is read, and the right one written, with the signs of the sheet."""
    for sign, answer in (("", "0.1385"), ("1", "-0.1385")):
        page = await sent(client, text=f"Err_o1 = {answer}", minus_delta=sign)
        assert counts(page) == {"right": 1}, sign
    page = await sent(client, text="Err_o1 = 0.1385", minus_delta="1")
    assert counts(page) == {"wrong": 1}


@pytest.mark.parametrize("text", ["no line of this", "1 2 3"])
async def test_text_without_a_line(client: httpx.AsyncClient, text: str) -> None:
    page = await sent(client, text=text)
    assert "No line of this has a name and a number" in page.id("unread").text
    assert page.all("textarea")[0].text == text


async def test_nothing_is_stored(client: httpx.AsyncClient, app: Starlette) -> None:
    await sent(client, text=WORKING)
    assert await app.state.store.count() == 0
    assert not client.cookies


async def test_a_network_at_any_step(visitor: PageClient) -> None:
    """The whole iteration can be checked, whichever of its steps have been taken; not while a class
    is asked."""
    await visitor.look()
    await visitor.press("Step")
    address = f"/n/{visitor.session}/working"
    error = DECK.simulation.update().value("error")
    page = await sent(visitor.client, address, error=f"{error:.4f}")
    assert counts(page) == {"right": 1}
    asked: Any = {"kind": "number", "address": "out/1/0"}
    assert (await visitor.post(f"/n/{visitor.session}/share")).status_code == 303
    assert (await visitor.post(f"/n/{visitor.session}/ask", asked)).status_code == 303
    for response in (
        await visitor.client.get(address),
        await visitor.post(address, {"error": "1"}),
    ):
        assert response.status_code == 409


async def test_an_unknown_convention(client: httpx.AsyncClient) -> None:
    response = await client.post(ADDRESS, data={"numbering": "roman"})
    assert response.status_code == 422
    assert "numbering" in response.json()["detail"]
