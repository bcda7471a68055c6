"""Embedded pages: n calculations after a moment, the same for everybody, and nothing is kept.

`BACKSTEP_EMBEDDED=10000` compares so many random n with a session of the API.
"""

import os
from collections.abc import AsyncIterator
from random import Random

import httpx
import pytest
from starlette.applications import Starlette

from app.examples.published import DECK
from app.main import create_app
from app.settings import Settings
from app.simulation.permalink import encode_permalink
from app.simulation.simulation import Simulation
from app.view.rendering.page_state import PRESS
from tests.support.lab import Lab
from tests.support.markup import Element, tree
from tests.support.page_client import drawn, expected

COMPARED = int(os.environ.get("BACKSTEP_EMBEDDED", "60"))
MOMENT = f"/embed/{encode_permalink(DECK.simulation)}"
HTML = {"Accept": "text/html"}


def is_off(page: Element, name: str) -> bool:
    return "disabled" in control(page, name).attributes


def control(page: Element, name: str) -> Element:
    """A button of the page by what it does."""
    [found] = [each for each in page.all("button") if each.get("data-does") == name]
    return found


async def look(client: httpx.AsyncClient, path: str, **query: str) -> Element:
    response = await client.get(path, params=query)
    assert response.status_code == 200, response.text
    return tree(response.text)


async def test_random_moments_are_those_of_a_session(client: httpx.AsyncClient, lab: Lab) -> None:
    """Up to 100,000 calculations after it, the drawing has all digits of the API's state."""
    state = await lab.create()
    link = (await lab.request("GET", "/link")).json()["link"]
    path, done, random = link.replace("/open/", "/embed/"), 0, Random(18)
    for count in sorted(random.randint(0, 100_000) for _ in range(COMPARED)):
        while done < count:
            more = min(count - done, 10_000)
            state = await lab.step(by="unit", count=more)
            done += more
        page = await look(
            client, path, step=str(count), by=random.choice(("unit", "layer", "phase"))
        )
        assert drawn(page) == expected(state), count


async def test_each_control_is_a_get_of_another_number(client: httpx.AsyncClient) -> None:
    """Step, Back and the phases lead where the session's commands lead; the rest of the query stays."""
    query = {"by": "layer", "hide": "card,matrices", "lang": "ko", "until": "70"}
    page, step = await look(client, MOMENT, **query), "0"
    steps = [step]
    while not is_off(page, "next"):
        [form] = [each for each in page.all("form") if each["id"] == "moves"]
        assert (form["method"], form["action"]) == ("get", MOMENT)
        kept = {each["name"]: each["value"] for each in form.all("input")}
        assert kept == query
        step = control(page, "next")["value"]
        steps.append(step)
        page = await look(client, MOMENT, **kept, step=step)
    ends = DECK.simulation.compiled.ends["layer"]
    assert steps == ["0", *(str(end) for end in ends if end < 70), "70"]
    back = [step]
    while not is_off(page, "back"):
        back.append(control(page, "back")["value"])
        page = await look(client, MOMENT, **query, step=back[-1])
    assert back == steps[::-1]
    values = {name: control(page, name)["value"] for name in ("forward", "backward", "update")}
    assert values == {"forward": "15", "backward": "55", "update": "70"}


async def test_nothing_is_kept(client: httpx.AsyncClient, app: Starlette, lab: Lab) -> None:
    """Neither by the server nor in a cookie; and what a browser has does not matter."""
    before = await client.get(MOMENT, params={"step": "9"})
    assert "Set-Cookie" not in before.headers
    assert before.headers["Cache-Control"] == "public, max-age=3600"
    assert (
        before.headers["Vary"]
        == "Accept-Language, HX-Request, Accept-Encoding, Available-Dictionary"
    )
    assert await app.state.store.count() == 0
    await client.post("/step", headers={PRESS: "a.1~"})  # a network, and how its page is shown
    await client.post("/view", data={"theme": "dark", "language": "ko", "panel": "weights"})
    assert client.cookies
    stored = await app.state.store.count()
    after = await client.get(MOMENT, params={"step": "9"})
    assert after.text == before.text
    assert "Set-Cookie" not in after.headers
    wrong = await client.get(MOMENT, params={"step": "-1"}, headers=HTML)
    assert (wrong.status_code, 'lang="en"' in wrong.text) == (422, True)
    assert "Set-Cookie" not in wrong.headers
    assert await app.state.store.count() == stored


async def test_it_is_read_only(client: httpx.AsyncClient) -> None:
    """All that it sends is its one form; its one link opens this very moment."""
    page = await look(client, MOMENT, step="31")
    assert [each["id"] for each in page.all("form") if each.get("action")] == ["moves"]
    [link] = page.all("a")
    now = DECK.simulation.step("unit", 31)
    assert link["href"] == f"/open/{encode_permalink(now)}"
    assert link["target"] == "_blank"
    for method in ("POST", "PATCH", "DELETE"):
        assert (await client.request(method, MOMENT)).status_code == 405


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"step": "100001"}, "step: must be an integer from 0 to 100000"),
        ({"step": "x"}, "step: must be an integer"),
        ({"until": "-1"}, "until: must be an integer"),
        ({"hide": "card,graph"}, "hide: must be one of card, matrices, controls, not 'graph'"),
        ({"by": "minute"}, "by: must be one of unit, layer, phase, not 'minute'"),
        ({"theme": "pink"}, "theme: must be one of auto, dark, light, not 'pink'"),
        ({"lang": "tlh"}, "lang: must be one of en, ko, not 'tlh'"),
    ],
)
async def test_a_wrong_query_is_named(
    client: httpx.AsyncClient, query: dict[str, str], message: str
) -> None:
    response = await client.get(MOMENT, params=query)
    assert (response.status_code, response.json()["detail"]) == (422, message)


async def test_a_damaged_moment(client: httpx.AsyncClient) -> None:
    """The page says so within the frame, and its links leave it."""
    response = await client.get(MOMENT[:-9], headers=HTML)
    assert response.status_code == 422
    assert "frame-ancestors" not in response.headers["Content-Security-Policy"]
    page = tree(response.text)
    assert {each["target"] for each in page.all("a")} == {"_blank"}


@pytest.fixture
async def framed_by_some(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A server that only some pages may frame."""
    allowed = settings.model_copy(update={"frame_ancestors": "https://*.example.edu 'self'"})
    app = create_app(allowed)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield client


async def test_who_may_frame(client: httpx.AsyncClient, framed_by_some: httpx.AsyncClient) -> None:
    """By default any page, one that is a file too; no other page of ours is ever framed."""
    for browser, policy in ((client, None), (framed_by_some, "https://*.example.edu 'self'")):
        for path, allowed in ((MOMENT, policy), ("/", "'none'"), ("/embedded", "'none'")):
            response = await browser.get(path)
            policies = response.headers["Content-Security-Policy"].split("; ")
            found = [each for each in policies if each.startswith("frame-ancestors")]
            assert found == ([f"frame-ancestors {allowed}"] if allowed else []), path
            assert "X-Frame-Options" not in response.headers


async def test_the_code_under_share(client: httpx.AsyncClient, lab: Lab) -> None:
    """It shows the present moment of the network, in the visitor's language and steps."""
    await client.post("/view", data={"panel": "home", "by": "unit"})
    stepped = await client.post("/step")
    page = await look(client, stepped.headers["Location"])
    [code] = [each.text for each in page.all("textarea") if each.get("id") == "home-embed"]
    [frame] = tree(code).all("iframe")
    moment = encode_permalink(DECK.simulation.step("unit"))
    assert frame["src"] == f"http://testserver/embed/{moment}?by=unit&lang=en"
    assert drawn(await look(client, frame["src"])) == drawn(page)
    assert frame["title"]


async def test_a_network_that_diverges(client: httpx.AsyncClient) -> None:
    """Its numbers are shown as they are."""
    wild: Simulation = DECK.simulation.edit(learning_rate=1e6)
    page = await look(client, f"/embed/{encode_permalink(wild)}", step="100000")
    assert "step" in page.text
