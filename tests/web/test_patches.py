"""Which answers are patches. What is in them is compared in Chromium (browser/test_patches.py)."""

import re

import httpx
import pytest

from app.backprop.compiler import GRANULARITIES
from app.examples.published import DECK
from app.simulation.navigation import take
from app.simulation.simulation import Simulation
from app.view.rendering.page_state import PageState, Preferences
from app.view.screen import page
from tests.support.markup import tree
from tests.support.page_client import PageClient

VIEWS = [
    *(Preferences(by=by) for by in GRANULARITIES),
    *(Preferences(panel=panel, by="phase", scale="log") for panel in ("home", "error", "values")),
    Preferences(language="ko", theme="dark", digits="6", rounding="decimals.3.up"),
]
STATE = "data-shown\x1f([^\x1e]+)\x1e"  # in a patch
AHEAD = "\x1d"  # before the patch of the next step
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
        [shown] = re.findall(STATE, answer.text)


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
    whole = await visitor.client.get(address, headers={"Shown": shown})
    assert whole.text.lower().startswith("<!doctype html>")
    assert tree(whole.text).id("card")


async def test_the_next_step_is_for_the_presser_alone(visitor: PageClient) -> None:
    """No other answer contains it: not without the header, and of no other press."""
    address, shown = await begun(visitor)
    list(
        page.prepared_iteration(DECK.simulation, Preferences())
    )  # as the server does beside requests
    asked = {"Ahead": "", "Shown": shown}
    answer = await step(visitor, address, **asked)
    own, _, following = answer.text.partition(AHEAD)
    assert following
    [asked["Shown"]] = re.findall(STATE, own)
    others = [
        await step(visitor, address, Shown=asked["Shown"]),
        await visitor.client.get(address, headers=asked),
        await visitor.client.get(address, headers=asked | HTMX),
        await visitor.client.post(f"{address}/back", headers=asked | HTMX),
        await visitor.client.post(f"{address}/view", data={"by": "unit"}, headers=asked | HTMX),
    ]
    assert not [each for each in others if AHEAD in each.text]


def test_a_prepared_step_needs_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for Jinja or for a comparison, from one iteration to the next, either."""
    list(
        page.prepared_iteration(DECK.simulation, Preferences())
    )  # as the server does beside requests
    state = PageState(DECK.simulation, network="A" * 22, version=1)
    shown = state_in(page.simulator_region(state, Preferences()).decode())
    monkeypatch.delattr(page, "render")
    monkeypatch.delattr(page, "compare")
    for _ in range(40):
        state = state.after(state.simulation.step())
        answer = page.answer_to(page.Asked(shown, ""), state, Preferences(), print)
        own, _, following = answer.body.decode().partition(AHEAD)
        assert answer.is_patch
        assert following
        [shown] = re.findall(STATE, own)


async def test_an_unexpected_state_is_no_confirmation(visitor: PageClient) -> None:
    """Only the state that the press has led to is; else the patch begins at what the page showed."""
    address, shown = await begun(visitor)
    network, version, view = shown.split(".")
    for state in (f"{network}.{int(version) + 2}.{view}", f"{network}.{int(version) + 1}.other"):
        answer = await step(visitor, address, Shown=shown, Ahead=state)
        assert re.findall(STATE, answer.text.partition(AHEAD)[0]) == [
            f"{network}.{int(version) + 1}.{view}"
        ]
        version = str(int(version) + 1)
        shown = f"{network}.{version}.{view}"


def page_of(visitor: int, simulation: Simulation, version: int, before: Simulation) -> PageState:
    """What a page shows of a network of one of several visitors."""
    return PageState(
        simulation,
        network=f"{visitor}" * 22,
        number=visitor,
        version=version + visitor,
        changes=(f"page{visitor}.{version}",),
        base_url=f"https://{visitor}.example",
        before=before,
    )


@pytest.mark.parametrize("preferences", VIEWS, ids=str)
def test_all_who_come_to_a_step_get_the_same_but_for_their_names(preferences: Preferences) -> None:
    """What is kept of the answers to two visitors gives a third one what it would get alone."""

    def alone(visitor: int, moment: int) -> list[str]:
        page._filled_patches.clear()
        page._filled_regions.clear()
        page._times_asked.cache_clear()
        return answers(visitor, moment)

    def answers(visitor: int, moment: int) -> list[str]:
        before, now = moments[moment], moments[moment + 1]
        shown = page_of(visitor, before, moment, before)
        region = page.simulator_region(shown, preferences).decode()
        after = page_of(visitor, now, moment + 1, before)
        [state] = re.findall(r'data-shown="([^"]+)"', region)
        asked = page.Asked(state, "")
        return [region, page.answer_to(asked, after, preferences, print).body.decode()]

    moments = [DECK.simulation.step(preferences.by, 13)]
    for _ in range(10):
        moments.append(take(moments[-1], "step", preferences.by))
    several = range(1, 4)
    for moment in range(10):
        expected = [alone(visitor, moment) for visitor in several]
        answers(1, moment)
        found = [answers(visitor, moment) for visitor in several]
        assert found == expected
        for visitor, texts in zip(several, found, strict=True):
            others = [f"{other}" * 22 for other in several if other != visitor]
            assert not [name for name in others for text in texts if name in text]
            assert f"{visitor}" * 8 in texts[1]
