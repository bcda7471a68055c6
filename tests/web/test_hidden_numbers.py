"""While somebody practises, no answer about the network has a number of a step that was not taken."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from app.examples.published import DECK
from app.sessions.codec import Stored
from app.sessions.service import Sessions
from app.simulation.simulation import Simulation
from app.view.export.files import FILES
from app.view.panels.registry import PANELS
from app.view.rendering.page_state import Preferences
from app.view.screen.page import prepared_iteration
from tests.attacks.test_strangers import ENDLESS, NAMED, PAGES, Asked
from tests.support.markup import tree
from tests.support.page_client import PageClient

# What deletes the network, or needs a lecture that is shared.
LEFT_OUT = {
    *ENDLESS,
    ("DELETE", "/api/sessions/{id}"),
    ("POST", "/n/{id}/delete"),
    ("POST", "/n/{id}/practise"),  # tests/web/test_practice_page.py
}
OTHER_NETWORKS = ("/sheets",)  # whose numbers may be the same by chance
NUMBER = re.compile(r"\d+\.\d{4,}")


@pytest.fixture(params=["start", "delta", "back"])
async def practising(
    request: pytest.FixtureRequest, visitor: PageClient, app: Starlette
) -> tuple[PageClient, Stored]:
    """Somebody who practises: at the start, at δ alone, or back at the start after a whole iteration."""
    response = await visitor.post("/practise?preset=deck")
    await visitor.look(response.headers["Location"])
    if request.param == "delta":
        await visitor.post(visitor.address, {"do": "only/delta"})
    if request.param == "back":
        await visitor.post(f"/n/{visitor.session}/update")
        await visitor.post(f"/n/{visitor.session}/step")
        for _ in range(2):
            await visitor.post(f"/n/{visitor.session}/start-over")
    stored = await stored_of(visitor, app)
    assert stored.practice is not None
    assert stored.practice.hides
    return visitor, stored


async def stored_of(visitor: PageClient, app: Starlette, put: Stored | None = None) -> Stored:
    """What is stored, which may be put there."""
    found: list[Stored] = []

    def noted(stored: Stored, _: int) -> Stored:
        found.append(put or stored)
        return put or stored

    sessions: Sessions = app.state.sessions
    key = visitor.client.cookies["backstep"].partition(".")[0]
    await sessions.rewrite(str(visitor.session), key, noted)
    return found[0]


def hidden_in(simulation: Simulation) -> set[str]:
    """The numbers of the steps still to be taken in this iteration, as they would be written."""
    trace, cursor = simulation.trace(), simulation.cursor
    known = [*trace[:cursor], *simulation.start.state, *simulation.start.settings]
    if simulation.history.other_branch is not None:  # its E was seen there, and is named
        known.append(trace[simulation.compiled.position["error"]])
    texts = {f"{abs(number):.4f}" for number in (*known, 0.0, 1.0, 2.0)}
    return {f"{abs(number):.4f}" for number in trace[cursor:]} - texts


def shown_in(text: str) -> set[str]:
    """The numbers in a text, with four decimals."""
    return {f"{float(number):.4f}" for number in NUMBER.findall(text)}


def asked() -> Iterator[tuple[str, str, Asked]]:
    """All routes of a network, with each of its files, panels and derivations."""
    for (method, path), sent in {**PAGES, **NAMED}.items():
        if (method, path) in LEFT_OUT:
            continue
        names = FILES if "{name}" in path else ("",)
        addresses = ("delta/2/0", "net/1/0", "weight/1/0/0") if "{address" in path else ("",)
        for name in names:
            for address in addresses:
                named = {"{name}": name, "{address:path}": address, "{question}": "1"}
                filled = path
                for place, text in named.items():
                    filled = filled.replace(place, text)
                yield method, filled, sent
    for panel in PANELS:
        yield "POST", "/n/{id}/view", {"data": {"panel": panel}}
    for address in ("delta/2/0", "net/1/0", "weight/1/0/0"):
        yield "GET", f"/n/{{id}}?at={address}&typed=0.5", {}
    yield "GET", "/n/{id}/sheet?answers=1", {}
    yield "GET", "/n/{id}/beside?step=9", {}


async def test_no_answer_of_any_route(
    app: Starlette, practising: tuple[PageClient, Stored]
) -> None:
    """Whatever is asked for, as a page, as a region, and by a program."""
    visitor, stored = practising
    assert len(hidden_in(stored.simulation)) > 25
    for method, path, sent in asked():
        for headers in ({}, {"HX-Request": "true", "Ahead": ""}):
            await stored_of(visitor, app, replace(stored, changes=()))
            address = path.replace("{id}", str(visitor.session))
            response = await visitor.client.request(method, address, headers=headers, **sent)
            assert response.status_code != 500, (method, path)
            texts = [response.text]
            if response.status_code == 303:
                texts.append((await visitor.client.get(response.headers["Location"])).text)
            if path == "/n/{id}/view":
                texts.append((await visitor.client.get(f"/n/{visitor.session}")).text)
            hidden = hidden_in((await stored_of(visitor, app)).simulation)
            if not path.endswith(OTHER_NETWORKS):
                found = hidden & shown_in(" ".join(texts))
                assert not found, (method, path, sent, found)


async def test_looking_ahead_is_refused(practising: tuple[PageClient, Stored]) -> None:
    """Until one stops."""
    visitor, _ = practising
    page, api = f"/n/{visitor.session}", f"/api/sessions/{visitor.session}"
    paths = [f"{page}{path}" for path in ("/sheet", "/working", "/beside")]
    paths += [f"{api}/{path}" for path in ("gradient-check", "slope/weight/1/0/0")]
    assert {(await visitor.client.get(path)).status_code for path in paths} == {409}
    refused = tree((await visitor.client.get(f"{page}/working")).text)
    assert refused.all("h1")[0].text == "You are practising"
    assert f"{page}/practise" in [each["href"] for each in refused.all("a")]
    stopped = await visitor.post(f"{page}/practise", {"do": "stop"})
    assert stopped.headers["Location"] == page
    assert {(await visitor.client.get(path)).status_code for path in paths} == {200}


async def test_the_next_step_is_not_sent_in_advance(visitor: PageClient, app: Starlette) -> None:
    """As it is otherwise."""
    list(prepared_iteration(DECK.simulation, Preferences()))  # as the server does beside requests
    await visitor.post("/practise?preset=deck")
    for practises in (True, False):
        await visitor.post(
            f"/n/{visitor.session}/practise", {"do": "begin" if practises else "stop"}
        )
        await visitor.post(f"/n/{visitor.session}/reset")
        texts = []
        for _ in range(4):
            page = await visitor.look(f"/n/{visitor.session}")
            headers = {
                "HX-Request": "true",
                "Ahead": "",
                "Shown": page.id("moves").get("data-shown"),
            }
            path = f"/n/{visitor.session}/step"
            texts.append((await visitor.client.post(path, headers=headers)).text)
        hidden = hidden_in((await stored_of(visitor, app)).simulation)
        assert bool(hidden & shown_in(texts[-1])) is not practises, practises
