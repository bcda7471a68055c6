"""The page, with JavaScript and without."""

import pytest
from starlette.applications import Starlette

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
    assert await app.state.store.count() == 1
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
    assert await app.state.store.count() == 1


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
    before = (await visitor.client.get("/")).text
    for _ in range(3):
        await visitor.press("Step")
    assert (await visitor.client.get("/")).text != before
    for _ in range(3):
        await visitor.press("Back")
    assert (await visitor.client.get("/")).text == before


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
