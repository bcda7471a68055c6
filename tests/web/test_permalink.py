"""Permalinks on the page."""

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from httpx import AsyncClient
from starlette.applications import Starlette

from app.backprop.network import Example, Network, Shape
from app.examples.published import DECK
from app.simulation.permalink import encode_permalink
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import data
from tests.support.derivation_markup import close, levels, links, opened, permalink, result, way_of
from tests.support.lab import State
from tests.support.markup import Element, tree
from tests.support.page_client import SHOWS, PageClient, drawn, expected

WAY = ("weight_gradient/0/0/0", "delta/1/0", "error_slope/1/0", "delta/2/1")
OVERFLOW = Simulation.of(
    Network(Shape((2, 2, 1), ("identity", "tanh")), (1e6, -1e6, 1e6, 3.0, -0.0, -1e6, 1.0, -0.0)),
    [Example((1e6, 2.0), (0.0,)), Example((-0.0, 1.0), (1.0,))],
    1e6,
)
MOMENTS: dict[str, Simulation] = {
    "begun": DECK.simulation,
    "mid backward": DECK.simulation.train(40).step("unit", 30),
    "finished": DECK.simulation.train(3),
    "edited": DECK.simulation.forward().edit(learning_rate=0.25).step("unit", 3),
    "infinite": OVERFLOW.train(2).backward(),
    "nan": OVERFLOW.train(60).step("unit", 7),
}


@pytest.fixture
async def friend(app: Starlette) -> AsyncIterator[PageClient]:
    """Somebody else, who has never been here."""
    transport = httpx.ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield PageClient(client)


def texts(page: Element) -> dict[tuple[str, str], str]:
    """The numbers of the drawing as they are written: NaN is as good as any, and −0 is not 0."""
    return {
        (element["id"], name): element[name]
        for element in page
        if element.get("id").startswith(("unit-", "edge-", "bias-", "learning-rate"))
        for name in element.attributes
        if name.startswith("data-") and name not in SHOWS
    }


def shown(page: Element) -> object:
    """What a page says of a derivation, and where its links lead to within it."""
    return [level.text for level in levels(page)], [way_of(each) for each in links(page)]


async def test_the_same_numbers_for_anybody(
    app: Starlette, visitor: PageClient, friend: PageClient
) -> None:
    """A permalink shows anybody the same numbers and stores nothing."""
    await visitor.look()
    for text in ("Update", "Step", "Backward", "Step"):
        await visitor.press(text)
    own = await visitor.look(f"/?at={'~'.join(WAY)}")
    count = await app.state.store.count()
    page = await friend.look(permalink(own))
    assert opened(page) == WAY
    assert shown(page) == shown(own)
    assert texts(page) == texts(own)
    assert drawn(page) == expected(await visitor.state())
    assert [result(level) for level in levels(page)] == [result(level) for level in levels(own)]
    assert permalink(page) == permalink(own)
    assert friend.session is None
    assert await app.state.store.count() == count


async def test_all_of_it_works_there(app: Starlette, friend: PageClient) -> None:
    """Links, closing and panels keep the permalink."""
    moment = encode_permalink(MOMENTS["mid backward"])
    page = await friend.look(f"/?moment={moment}&at={'~'.join(WAY)}")
    numbers = texts(page)
    for address in links(page)[::4]:
        assert parse_qs(urlsplit(address).query)["moment"] == [moment]
        page = await friend.look(address)
        assert opened(page) == way_of(address)
        assert texts(page) == numbers
    page = await friend.look(close(page)["href"])
    assert (opened(page), texts(page)) == ((), numbers)
    page = await friend.look(f"/?moment={moment}&at=error")
    for text in ("layer", "unit", "한국어"):
        page = await friend.press(text)
        assert (opened(page), texts(page)) == (("error",), numbers)
    assert await app.state.store.count() == 0


def as_numbers(state: State) -> str:
    """All of a state but what names the session."""
    return json.dumps({name: state[name] for name in state if name not in ("id", "version")})


async def state_of(app: Starlette, visitor: PageClient, simulation: Simulation) -> str:
    """What the API says of a simulation, by a session made of it at once."""
    session = await app.state.sessions.create(simulation)
    headers = {"Authorization": f"Bearer {session.key}"}
    response = await visitor.client.get(f"/api/sessions/{session.id}", headers=headers)
    return as_numbers(response.json())


@pytest.mark.parametrize(("name", "htmx"), [(name, name == "nan") for name in MOMENTS])
async def test_going_on_from_a_link(
    app: Starlette, friend: PageClient, name: str, htmx: bool
) -> None:
    """The first change begins a session that goes on exactly from there."""
    simulation = MOMENTS[name]
    press = friend.swap if htmx else friend.press
    page = await friend.look(f"/?moment={encode_permalink(simulation)}&at=delta/1/0")
    assert {text for (_, part), text in texts(page).items() if part == "data-weight"} == {
        data(weight)
        for matrix in simulation.current_network.weights
        for row in matrix
        for weight in row
    }
    page = await press("Step")
    assert opened(page) == ("delta/1/0",)
    assert friend.session is not None
    following = simulation.step("layer")
    assert as_numbers(await friend.state()) == await state_of(app, friend, following)
    page = await friend.look("/")
    await friend.press("Backward")
    back = following.backward()
    while "disabled" not in button(page, "Back").attributes:
        page = await press("Back")
    assert as_numbers(await friend.state()) == await state_of(app, friend, beginning(simulation))
    await press("Step")
    await press("Reset")
    assert as_numbers(await friend.state()) == await state_of(app, friend, beginning(simulation))
    assert back.iteration >= simulation.iteration


def beginning(simulation: Simulation) -> Simulation:
    """The start of its iteration; of one that has not begun, that is the end of the one before."""
    return Simulation(simulation.start, 0, simulation.history)


def button(page: Element, text: str) -> Element:
    [found] = [each for each in page.all("button") if each.text == text]
    return found


async def test_who_has_a_session_keeps_it_until_the_first_change(visitor: PageClient) -> None:
    """A permalink leaves one's session alone until the first change."""
    await visitor.look()
    await visitor.press("Forward")
    session, before = visitor.session, await visitor.state()
    await visitor.look(f"/?moment={encode_permalink(MOMENTS['mid backward'])}&at=error")
    assert (visitor.session, await visitor.state()) == (session, before)
    where, fields = visitor.form("Step")
    first = await visitor.post(where, fields, htmx=True)
    begun = visitor.session
    assert first.headers["HX-Replace-Url"] == f"/n/{begun}?at=error"
    assert begun not in (None, session)
    assert (await visitor.state())["iteration"] == 40
    await visitor.post(where, fields, htmx=True)
    assert visitor.session == begun


DAMAGED = ["", "<script>alert(1)</script>", "한국어", "A" * 20_000, "\0"]
DAMAGED.append(encode_permalink(MOMENTS["mid backward"])[:-5])


async def test_a_damaged_link(app: Starlette, visitor: PageClient, friend: PageClient) -> None:
    """A damaged link is a page that says so; it begins no session and changes none."""
    await visitor.look()
    await visitor.press("Step")
    before = await visitor.state()
    for text in DAMAGED:
        response = await visitor.client.get(f"/?moment={quote(text)}&at=error")
        assert response.status_code == 422
        assert "This link is damaged" in tree(response.text).text
        assert "alert(1)" not in response.text
        for path in ("step", "train", "edit", "view"):
            response = await friend.post(f"/{path}?moment={quote(text)}")
            assert response.status_code == 422
            assert "backstep=" not in response.headers.get("Set-Cookie", "")
    assert await visitor.state() == before
    assert await app.state.store.count() == 2  # the network, and the list that has it
