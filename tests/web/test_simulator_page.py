"""The page, with JavaScript and without."""

from math import fsum

import pytest
from starlette.applications import Starlette

from app.view.rendering.digits import FOUR
from tests.support.markup import without_presses
from tests.support.page_client import PageClient, drawn, expected

MOVES = ["Step", "Forward", "Backward", "Update", "New weights of the hidden layer"]
PRESETS = {"deck": "3-4-2", "mazur": "2-2-2", "class-notes": "3-2-1"}


async def test_a_visit_stores_nothing(app: Starlette, visitor: PageClient) -> None:
    """Looking stores nothing and sets no cookie."""
    for address in ("/", "/?preset=mazur", "/?layers=2-3-1&seed=7", "/?seed=7"):
        response = await visitor.client.get(address)
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
    assert (await visitor.client.head("/")).content == b""
    assert await app.state.store.count() == 0


async def test_the_first_change_begins_a_session(app: Starlette, visitor: PageClient) -> None:
    """The first change begins a session and sets its cookie."""
    await visitor.look()
    response = await visitor.post("/step")
    assert await app.state.store.count() == 2  # the network, and the list that has it
    [cookie] = response.headers.get_list("Set-Cookie")
    name_and_value, *flags = cookie.split("; ")
    assert name_and_value.startswith("backstep=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(flags)
    assert "Secure" not in flags
    session = visitor.session
    await visitor.look()
    for text in MOVES:
        await visitor.press(text)
        assert visitor.session == session
    assert await app.state.store.count() == 2  # the network, and the list that has it


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("htmx", [False, True])
async def test_the_page_shows_what_the_api_says(
    visitor: PageClient, preset: str, htmx: bool
) -> None:
    """After every command the drawing agrees with the API."""
    press = visitor.swap if htmx else visitor.press
    page = await visitor.look(f"/?preset={preset}")
    moves = ["Step", "Forward", "Step", "Backward", "Back", "Update", "Step", "Back", "Reset"]
    for text in moves:
        page = await press(text)
        state = await visitor.state()
        assert drawn(page) == expected(state), text
        assert "-".join(map(str, state["network"]["layers"])) == PRESETS[preset]
    assert state["cursor"] == 0


async def test_back_restores_the_very_page(visitor: PageClient) -> None:
    """Back restores the same markup."""
    await visitor.look()
    await visitor.press("Forward")
    address = f"/n/{visitor.session}"
    before = without_presses((await visitor.client.get(address)).text)
    for _ in range(3):
        await visitor.press("Step")
    assert without_presses((await visitor.client.get(address)).text) != before
    for _ in range(3):
        await visitor.press("Back")
    assert without_presses((await visitor.client.get(address)).text) == before


async def test_a_click_on_the_timeline(visitor: PageClient) -> None:
    """Every tick leads to its step."""
    page = await visitor.look()
    ticks = [button for button in page.id("timeline").all("button") if button.get("value")]
    assert len(ticks) == 19
    for tick in (ticks[7], ticks[2], ticks[18]):
        await visitor.press(tick["aria-label"])
        assert (await visitor.state())["cursor"] == int(tick["value"])


@pytest.mark.parametrize("gone", ["expired", "deleted"])
async def test_a_session_that_is_gone_begins_anew(
    app: Starlette, visitor: PageClient, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a session is gone the next change begins another."""
    await visitor.look()
    await visitor.press("Forward")
    old = visitor.session
    store = app.state.store.store
    if gone == "deleted":
        await store.delete(old)
    else:
        now = store._clock()
        monkeypatch.setattr(store, "_clock", lambda: now + app.state.settings.session_ttl + 1)
    page = await visitor.look()
    assert not page.id("unit-1-0").get("data-net")
    page = await visitor.press("Step")
    assert visitor.session != old
    assert drawn(page) == expected(await visitor.state())


@pytest.mark.parametrize("update", ["each", "mean"])
async def test_the_header_says_which_example_and_its_errors(
    visitor: PageClient, update: str
) -> None:
    """The example, E, which is dimmed while it is an earlier one, and the mean of the last pass."""
    await visitor.look("/?preset=and")
    await visitor.post("/step?preset=and")
    address = f"/api/sessions/{visitor.session}"
    await visitor.client.patch(address, json={"update": update})
    assert (await visitor.look()).id("mean-error").text == "mean –"
    await visitor.client.post(f"{address}/train", json={"iterations": 6})
    await visitor.client.post(f"{address}/step", json={})
    answer = await visitor.client.get(f"{address}/errors")
    errors = [error for _, error in answer.json()["points"]]
    page = await visitor.look()
    [title] = [each.text for each in page.id("example").all("span") if each.get("class") == "vh"]
    assert page.id("example").text.startswith("example 3/4")
    assert (
        title
        == {
            "each": "example 3 of 4",
            "mean": "example 3 of 4, the weights move after iteration 8",
        }[update]
    )
    # A pass with one update ends with its last example; any four iterations in a row are one else.
    passed = errors[:4] if update == "mean" else errors[-4:]
    assert page.id("mean-error").text == f"mean {FOUR.short(fsum(passed) / 4)}"
    [shown] = [each for each in page.all("div") if each.get("class") == "E earlier"]
    assert FOUR.short(errors[-1]) in shown.text
    await visitor.press("Forward")
    assert [each for each in visitor.page.all("div") if each.get("class") == "E"]


async def test_one_example_is_not_counted(visitor: PageClient) -> None:
    """With one example there is nothing to tell apart."""
    page = await visitor.look()
    assert "hidden" in page.id("example").attributes
    assert "hidden" in page.id("mean-error").attributes
