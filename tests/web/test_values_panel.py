"""The panel *Values*, against what the API says of the same moment."""

import pytest

from tests.support.markup import Element
from tests.support.page_client import PageClient


def rows_of(visitor: PageClient) -> list[tuple[str, str]]:
    """The address and the printed value of every row, in order."""
    rows = visitor.page.id("values").all("tr")
    return [(row["data-of"], shown(row)) for row in rows if row.get("data-of")]


def shown(row: Element) -> str:
    return row.all("td")[0].text.replace("−", "-")


@pytest.mark.parametrize("query", ["preset=deck", "layers=2-2-2&seed=3&optimiser=momentum"])
@pytest.mark.parametrize("presses", [(), ("Backward",), ("Update",), ("Update", "Forward")])
async def test_every_quantity_with_all_its_digits(
    visitor: PageClient, query: str, presses: tuple[str, ...]
) -> None:
    """Each step's result is a row: its value bit for bit once it is taken, a dash until then."""
    await visitor.look(f"/?{query}")
    await visitor.press("Step")
    await visitor.open_panel("values")
    for press in presses:
        await visitor.press(press)
    steps = (await visitor.client.get(f"/api/sessions/{visitor.session}/steps")).json()["steps"]
    rows = rows_of(visitor)
    given, computed = dict(rows[: -len(steps)]), rows[-len(steps) :]
    assert [address for address, _ in computed] == [step["at"] for step in steps]
    for (_, text), step in zip(computed, steps, strict=True):
        assert text == "–" if step["value"] is None else float(text) == step["value"]
    assert float(given["learning_rate"]) == 0.5
    assert given.keys() >= {"weight/0/0/0", "bias/0", "out/0/0", "target/0"}


async def test_each_row_opens_its_derivation(visitor: PageClient) -> None:
    """The link of a row leads to the page that explains this very quantity."""
    await visitor.look("/?preset=deck")
    await visitor.press("Update")
    await visitor.open_panel("values")
    links = {
        row["data-of"]: row.all("a")[0]["href"]
        for row in visitor.page.id("values").all("tr")
        if row.get("data-of")
    }
    assert len(links) > 80
    for address in ("net/1/2", "delta/2/1", "weight/0/2/3", "error", "learning_rate"):
        assert f"={address}" in links[address] or f"at={address}" in links[address]
        page = await visitor.look(links[address])
        assert page.id("derivation").all("h1")
