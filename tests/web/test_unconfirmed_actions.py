"""Actions whose answer was lost."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette

from app.sessions.stores.base import AnswerLost
from tests.support.page_client import PageClient


@pytest.fixture
async def at_work(visitor: PageClient) -> PageClient:
    """Somebody who has pressed Step once: the session stands at version 1, cursor 5."""
    await visitor.post("/view", {"by": "unit"})
    assert (await visitor.post("/step")).status_code == 303
    return visitor


@contextmanager
def losing(app: Starlette, *, made: bool) -> Iterator[None]:
    """Let the store's answers to changes be lost, after or before they were made."""
    replace: Callable[..., Awaitable[bool]] = app.state.store.replace

    async def lost(id: str, version: int, data: bytes, ttl: float) -> bool:
        if made:
            assert await replace(id, version, data, ttl)
        error = AnswerLost("the wire is cut")
        error.version = version
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.state.store, "replace", lost)
        yield


async def stands(visitor: PageClient) -> tuple[int, int]:
    """Version and cursor of the session."""
    state = await visitor.state()
    return state["version"], state["cursor"]


async def press(visitor: PageClient, name: str, htmx: bool, status: int | None = None) -> None:
    """Press a button by the name of its change."""
    response = await visitor.post(f"/{name}", htmx=htmx)
    assert response.status_code == (status or (200 if htmx else 303)), response.text


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
@pytest.mark.parametrize("times", [1, 2])
async def test_the_same_press_again(
    app: Starlette, at_work: PageClient, made: bool, htmx: bool, times: int
) -> None:
    """An action that is repeated after its answer was lost is made once."""
    assert await stands(at_work) == (1, 1)
    with losing(app, made=made):
        await press(at_work, "step", htmx, 503)
    for _ in range(times - 1):
        with losing(app, made=False):
            await at_work.post("/step", htmx=htmx)
        if made:  # it was shown what there is, so this ends here
            assert await stands(at_work) == (2, 2)
            return
    await press(at_work, "step", htmx)
    assert await stands(at_work) == (2, 2)
    await press(at_work, "step", htmx)
    assert await stands(at_work) == (3, 3)


@pytest.mark.parametrize("made", [True, False])
async def test_another_press_is_another(app: Starlette, at_work: PageClient, made: bool) -> None:
    """Another action is made as well."""
    with losing(app, made=made):
        await press(at_work, "step", True, 503)
    await press(at_work, "forward", True)
    assert (await at_work.state())["cursor"] == 15
    assert (await at_work.state())["version"] == 2 + made


async def test_whoever_has_looked_presses_anew(app: Starlette, at_work: PageClient) -> None:
    """After loading the page the same action is a new one."""
    with losing(app, made=True):
        await press(at_work, "step", False, 503)
    await at_work.look()
    await press(at_work, "step", False)
    assert await stands(at_work) == (3, 3)


@pytest.mark.parametrize("kept", ["", ".", "x.1", "{name}.-1", "{name}.x", "{name}.", "{name}.²"])
async def test_a_cookie_of_nobody_is_no_cookie(
    app: Starlette, at_work: PageClient, kept: str
) -> None:
    """An invalid cookie is ignored."""
    with losing(app, made=True):
        await press(at_work, "step", True, 503)
    cookies = dict(at_work.client.cookies)
    name = cookies["backstep_lost"].partition(".")[0]
    cookies["backstep_lost"] = kept.format(name=name)
    at_work.client.cookies.clear()
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {b"Cookie": header.encode(), b"HX-Request": b"true"}
    assert (await at_work.client.post("/step", headers=headers)).status_code == 200
    at_work.client.cookies.update({"backstep": cookies["backstep"]})
    assert await stands(at_work) == (3, 3)
