"""Which answers are patches. What is in them is compared in Chromium (browser/test_patches.py)."""

import re

import httpx
import pytest

from tests.support.markup import tree
from tests.support.page_client import PageClient

HTMX = {"HX-Request": "true"}


def state_in(text: str) -> str:
    return tree(text).id("moves")["data-shown"]


async def begun(visitor: PageClient) -> tuple[str, str]:
    """The address of a new network, and the name of what its loaded page shows."""
    await visitor.client.post("/step?preset=deck", headers=HTMX)
    address = f"/n/{visitor.session}"
    return address, state_in((await visitor.client.get(address)).text)


async def step(visitor: PageClient, address: str, **headers: str) -> httpx.Response:
    return await visitor.client.post(f"{address}/step", headers=HTMX | headers)


async def test_a_loaded_page_is_patched_at_its_first_press(visitor: PageClient) -> None:
    """The answer names the state that it leads to, and the next one is a patch of that."""
    address, shown = await begun(visitor)
    for _ in range(3):
        answer = await step(visitor, address, Shown=shown)
        assert answer.headers["HX-Reswap"].startswith("patch")
        [shown] = re.findall("data-shown\x1f([^\x1e]+)\x1e", answer.text)


@pytest.mark.parametrize("shown", ["", "nothing", "AAAAAAAA.1.0123456789ab"])
async def test_an_unknown_state_gets_the_whole_region(visitor: PageClient, shown: str) -> None:
    """So does one that two presses have left behind."""
    address, first = await begun(visitor)
    await step(visitor, address)
    for state in (shown, first):
        answer = await step(visitor, address, Shown=state)
        assert "HX-Reswap" not in answer.headers
        assert tree(answer.text).id("lab")


async def test_only_the_script_gets_patches(visitor: PageClient) -> None:
    """A whole page stays whole, whatever its request says that another one shows."""
    address, shown = await begun(visitor)
    page = await visitor.client.get(address, headers={"Shown": shown})
    assert page.text.lower().startswith("<!doctype html>")
    assert tree(page.text).id("card")
