"""My networks: the list, the addresses, and what becomes of a browser of the version before."""

import asyncio
import json
import os
from base64 import b64decode
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.examples.published import DECK
from app.sessions.codec import FORMAT
from app.sessions.owner_codec import MOST_NETWORKS
from app.sessions.service import Session
from app.settings import ROOT
from app.simulation.permalink import encode_permalink
from app.view.rendering.page_state import PRESS
from app.web.http.security import COOKIE
from tests.support.lab import Lab
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient, drawn, expected
from tests.support.session_changes import key_of

OLD = json.loads((ROOT / "tests/sessions/records/format-4.json").read_text())
PRIVATE = {"en": "This network is private", "ko": "이 신경망은 비공개"}


@pytest.fixture
async def friend(app: Starlette) -> AsyncIterator[PageClient]:
    """Somebody else, who has never been here."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield PageClient(client)


async def begun(visitor: PageClient, preset: str) -> str:
    """Begin a network by a step of an example; return its id."""
    await visitor.look(f"/?preset={preset}")
    await visitor.swap("Step")
    assert visitor.session is not None
    return visitor.session


def titles(page: Element) -> list[str]:
    """The names of the networks in the list."""
    return [link.text for each in page.all("h2") for link in each.all("a")]


async def listed(visitor: PageClient) -> list[dict[str, Any]]:
    """The list by the API."""
    answer = await visitor.client.get("/api/networks")
    assert answer.status_code == 200
    body = answer.json()
    assert body["most"] == MOST_NETWORKS
    networks: list[dict[str, Any]] = body["networks"]
    return networks


async def act(visitor: PageClient, id: str, what: str, **fields: str) -> Element:
    """Send a form of the list, and look at where it leads."""
    answer = await visitor.post(f"/n/{id}/{what}", fields)
    path, _, begun = answer.headers["Location"].partition("#")
    assert (answer.status_code, path) == (303, "/networks")
    page = await visitor.look("/networks")
    if what in ("duplicate", "keep-branch"):
        assert page.id(begun).all("h2")
    else:
        assert not begun
    return page


# Addresses.


async def test_the_network_before_stays_where_it_was(visitor: PageClient) -> None:
    """Whatever is opened and stepped next, an own network is found again with all of its numbers."""
    own = await begun(visitor, "deck")
    await visitor.post(f"/n/{own}/edit", {"weight/0/0/0": "0.15"})
    before = await visitor.state()
    link = f"/?moment={encode_permalink(DECK.simulation.train(3))}"
    for address in ("/?preset=and", "/?preset=lesson-saturation", link, "/?layers=2-2-1&seed=1"):
        answer = await visitor.client.get(address)
        if answer.status_code != 200:  # a lesson of another name
            continue
        await visitor.look(address)
        await visitor.swap("Step")
        assert visitor.session != own
    page = await visitor.look(f"/n/{own}")
    assert (await visitor.state()) == before
    assert drawn(page) == expected(before)
    assert (await visitor.client.get("/")).headers["Location"] == f"/n/{own}"


async def test_the_first_page_leads_to_the_last_one(visitor: PageClient) -> None:
    """Without networks it is the deck; else it leads to the one opened last, with what is open."""
    assert (await visitor.client.get("/")).status_code == 200
    one, two = await begun(visitor, "deck"), await begun(visitor, "xor")
    for opened in (one, two, one):
        await visitor.look(f"/n/{opened}")
        answer = await visitor.client.get("/?at=error&focus=x")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"/n/{opened}?at=error")
    for id in (one, two):
        await visitor.post(f"/n/{id}/delete")
    page = await visitor.look("/")
    assert visitor.address == "/"
    assert page.id("moves")["action"] == "/step?preset=deck"


@pytest.mark.parametrize("script", [True, False])
async def test_the_address_after_the_first_change(visitor: PageClient, script: bool) -> None:
    """It is the network's own, and what is open stays open."""
    await visitor.look("/?preset=xor&at=error")
    path, fields = visitor.form("Step")
    assert path.startswith("http://testserver/step?preset=xor")
    if script:
        answer = await visitor.script_press(path, fields)
        address = answer.headers["HX-Replace-Url"]
    else:
        answer = await visitor.post(path, fields)
        assert answer.status_code == 303
        address = answer.headers["Location"]
    assert address == f"/n/{visitor.session}?at=error"
    page = await visitor.look(address)
    assert page.id("derivation")
    assert page.id("moves")["action"] == f"/n/{visitor.session}/step?at=error"


async def test_every_link_and_form_names_the_network(visitor: PageClient) -> None:
    """On the page of a network every form and file is its own, whatever was opened last."""
    one, two = await begun(visitor, "deck"), await begun(visitor, "xor")
    for panel in ("home", "matrices", "data", "error", "deck", "network", "slope"):
        await visitor.post(f"/n/{one}/view", {"panel": panel})
        page = await visitor.look(f"/n/{one}?focus=weight/0/0/0")
        for form in (each for each in page.all("form") if each.get("method") != "dialog"):
            assert form["action"].startswith(f"/n/{one}"), form["action"]
        own = [a["href"] for a in page.all("a") if f"/n/{one}" in a.get("href")]
        assert own
        assert two not in str([each.attributes for each in page])
    files = await visitor.client.get(f"/n/{one}/export/session.json")
    assert files.json()["network"]["layers"] == [3, 4, 2]
    for path in ("/program.py", "/sheet", "/beside"):
        assert (await visitor.client.get(f"/n/{one}{path}")).text != (
            await visitor.client.get(f"/n/{two}{path}")
        ).text


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_to_anyone_else_it_is_private(
    visitor: PageClient, friend: PageClient, language: str
) -> None:
    """The page says so, in the design of the site, and how it can be shared; of any id the same."""
    own = await begun(visitor, "deck")
    friend.client.headers["Accept-Language"] = language
    for preset in ("xor", ""):
        pages = [await friend.client.get(f"/n/{id}") for id in (own, "A" * 22, "x")]
        assert {page.status_code for page in pages} == {404}
        assert len({page.text for page in pages}) == 1
        page = tree(pages[0].text)
        assert PRIVATE[language] in page.all("main")[0].text
        assert page.all("svg")
        assert "Set-Cookie" not in pages[0].headers
        if preset:  # with networks of one's own it is the same
            await friend.post("/step?preset=xor")
            assert friend.session not in (None, own)


async def test_titles_differ(visitor: PageClient) -> None:
    """The title names the network and the moment, also after a step, and no two are alike."""
    seen = set()
    for preset in ("deck", "deck", "xor"):
        id = await begun(visitor, preset)
        page = await visitor.look(f"/n/{id}")
        seen.add(page.all("title")[0].text)
        region = await visitor.swap("Step")
        seen.add(region.id("newest")["data-title"])
        page = await visitor.look(f"/n/{id}")
        assert page.all("title")[0].text == region.id("newest")["data-title"]
    assert len(seen) == 6
    await act(visitor, id, "name", name="A <b> of mine")
    page = await visitor.look(f"/n/{id}")
    assert page.all("title")[0].text.startswith("A <b> of mine · iteration 1 · ")
    assert "A <b> of mine" in page.id("status").text


# The list.


async def test_the_list(visitor: PageClient) -> None:
    """It shows each network with its picture, shape, iteration, E and when it was changed."""
    page = await visitor.look("/networks")
    assert titles(page) == []
    assert await listed(visitor) == []
    deck, xor = await begun(visitor, "deck"), await begun(visitor, "xor")
    await visitor.post(f"/n/{deck}/update")
    page = await visitor.look("/networks")
    assert set(titles(page)) == {"Deck network #1", "XOR, with a hidden layer #2"}
    row = page.id(f"network-{deck}").text
    error = (await visitor.client.get(f"/api/sessions/{deck}")).json()["previous_error"]
    for text in ("3-4-2", "iteration 1", f"{error:.4f}", "just now"):
        assert text in row
    assert "E not computed yet" in page.id(f"network-{xor}").text
    assert len(page.id(f"network-{deck}").all("path")) == 2
    by_id = {each["id"]: each for each in await listed(visitor)}
    assert by_id[deck]["error"] == error
    assert by_id[xor]["layers"] == [2, 2, 1]


async def test_that_changed_last_is_first(
    app: Starlette, visitor: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is in the order of the last changes, and says how long ago they were."""
    now = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    one = await begun(visitor, "deck")
    now += 7_200
    two = await begun(visitor, "xor")
    now += 300
    assert [each["id"] for each in await listed(visitor)] == [two, one]
    await visitor.post(f"/n/{one}/step")
    assert [each["id"] for each in await listed(visitor)] == [one, two]
    for language, text in (("en", "5 minutes ago"), ("ko", "5분 전")):
        await visitor.post("/view", {"language": language})
        assert text in (await visitor.look("/networks")).id(f"network-{two}").text


async def test_renaming(visitor: PageClient) -> None:
    """A name is kept as typed, in the list, the header, the API, the file and the link."""
    id = await begun(visitor, "deck")
    stepped = visitor.form("Step")
    page = await act(visitor, id, "name", name="  퍼셉트론 · <b>1</b> ")
    name = "퍼셉트론 · <b>1</b>"
    assert titles(page) == [name]
    assert (await visitor.state())["name"] == name
    session = (await visitor.client.get(f"/n/{id}/export/session.json")).json()
    assert session["name"] == name
    link = (await visitor.client.get(f"/api/sessions/{id}/link")).json()["link"]
    # An open page is not outdated by it, and the name outlives steps, undo and a restart of the cache.
    await visitor.look(f"/n/{id}")
    assert (await visitor.script_press(*stepped)).status_code == 200
    await visitor.look(f"/n/{id}")
    for press in ("Undo", "Redo", "Back"):
        await visitor.press(press)
        assert (await visitor.state())["name"] == name
    await visitor.look(link)
    await visitor.swap("Step")
    assert visitor.session != id
    assert (await visitor.state())["name"] == name
    answer = await visitor.post("/import?preset=deck", {"text": json.dumps(session)})
    assert answer.status_code == 303
    assert (await visitor.state())["name"] == name
    page = await act(visitor, id, "name", name="")
    assert titles(page).count("Deck network #1") == 1


@pytest.mark.parametrize("name", ["x" * 61, "a\nb", "a\u202eb", "a\x00"])
async def test_a_name_that_is_none(visitor: PageClient, name: str) -> None:
    """It is refused beside its field, on the page and in the API, and stays there."""
    id = await begun(visitor, "deck")
    answer = await visitor.post(f"/n/{id}/name", {"name": name})
    assert answer.status_code == 422
    page = visitor.shown(answer)
    assert page.field("name").get("aria-invalid") == "true"
    assert page.id("refusal").text.startswith("must ")
    answer = await visitor.client.patch(f"/api/sessions/{id}", json={"name": name})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "name"
    assert (await visitor.state())["name"] == ""


async def test_a_name_by_the_api(visitor: PageClient) -> None:
    """PATCH gives a name alone, without restarting the iteration, or with other changes."""
    id = await begun(visitor, "deck")
    answer = await visitor.client.patch(f"/api/sessions/{id}", json={"name": "one"})
    assert (answer.json()["name"], answer.json()["cursor"]) == ("one", 4)
    answer = await visitor.client.patch(
        f"/api/sessions/{id}", json={"name": "two", "learning_rate": 0.25}
    )
    assert (answer.json()["name"], answer.json()["cursor"]) == ("two", 0)
    assert [each["name"] for each in await listed(visitor)] == ["two"]


async def test_duplicating(visitor: PageClient) -> None:
    """A copy is a network of its own with the same numbers and history, however often it is sent."""
    id = await begun(visitor, "deck")
    await visitor.post(f"/n/{id}/edit", {"weight/0/0/0": "0.15"})
    page = await visitor.look("/networks")
    [token] = [each["value"] for each in page.all("input") if each.get("name") == "list"]
    for _ in range(2):
        page = await act(visitor, id, "duplicate", list=token)
    assert set(titles(page)) == {"Deck network #1", "Deck network #1 (copy)"}
    [copy] = [each["id"] for each in await listed(visitor) if each["id"] != id]
    states = [(await visitor.client.get(f"/api/sessions/{each}")).json() for each in (id, copy)]
    assert states[0]["network"] == states[1]["network"]
    await visitor.look(f"/n/{copy}")
    await visitor.press("Back")
    assert (await visitor.state())["cursor"] == 4
    assert (await visitor.client.get(f"/api/sessions/{id}")).json() == states[0]


async def test_keeping_the_other_branch(visitor: PageClient) -> None:
    """It becomes a network of its own, at its end, with its history; the network at hand stays."""
    id = await begun(visitor, "deck")
    answer = await visitor.post(f"/n/{id}/keep-branch", {"branch": ""})
    assert answer.status_code == 409
    await visitor.press("Step")
    there = await visitor.state()
    await visitor.post(f"/n/{id}/back", {})
    await visitor.post(f"/n/{id}/edit", {"learning_rate": "3"})
    here = await visitor.state()
    menu = (await visitor.look(f"/n/{id}")).id("other-branch")
    [branch] = [button["value"] for button in menu.all("button")]
    for _ in range(2):  # sent twice, it is kept once
        page = await act(visitor, id, "keep-branch", branch=branch)
    assert set(titles(page)) == {"Deck network #1", "Deck network #1 (branch of iteration 1)"}
    assert await visitor.state() == here
    [kept] = [each["id"] for each in await listed(visitor) if each["id"] != id]
    await visitor.look(f"/n/{kept}")
    alone = await visitor.state()
    for name in ("network", "learning_rate", "iteration", "cursor", "trace"):
        assert alone.get(name) == there.get(name)
    cursors = []
    for _ in range(4):
        await visitor.press("Undo")
        cursors.append((await visitor.state())["cursor"])
    assert cursors == [4, 8, 4, 0]  # where the branch was left, and the two steps before
    # It was changed since, so that the same button keeps the branch once more.
    page = await act(visitor, id, "keep-branch", branch=branch)
    assert len(titles(page)) == 3
    # A page that shows another branch keeps nothing, and says why.
    await visitor.post(f"/n/{id}/step", {})
    await visitor.post(f"/n/{id}/back", {})
    await visitor.post(f"/n/{id}/edit", {"learning_rate": "4"})
    answer = await visitor.post(f"/n/{id}/keep-branch", {"branch": branch})
    assert answer.status_code == 409
    assert "newest state" in visitor.shown(answer).id("notice").text
    assert len(await listed(visitor)) == 3


async def test_deleting_and_undoing(visitor: PageClient) -> None:
    """A deleted network is gone from everywhere, and the list takes it back."""
    id = await begun(visitor, "deck")
    state, pressed = await visitor.state(), visitor.form("Step")
    page = await act(visitor, id, "delete")
    assert titles(page) == []
    assert "“Deck network #1” is deleted." in page.text
    assert (await visitor.client.get(f"/n/{id}")).status_code == 404
    assert (await visitor.post(*pressed, htmx=True)).status_code == 404
    page = await act(visitor, id, "restore")
    assert titles(page) == ["Deck network #1"]
    assert await visitor.state() == {**state, "version": state["version"] + 2}


async def test_a_network_of_a_program(visitor: PageClient, lab: Lab, friend: PageClient) -> None:
    """It joins the list by its id and key; with a wrong one the form says so and keeps the id."""
    program = Lab(friend.client)
    await program.create()
    for key in ("x", "", str(program.key) + "x"):
        answer = await visitor.post("/networks/join", {"id": str(program.id), "key": key})
        assert answer.status_code == 422
        page = visitor.shown(answer)
        assert page.field("id")["value"] == program.id
        assert "There is no network" in page.id("refusal").text
    joined = {"id": f" {program.id} ", "key": str(program.key)}
    assert (await visitor.post("/networks/join", joined)).status_code == 303
    assert [each["id"] for each in await listed(visitor)] == [program.id]
    await visitor.look(f"/n/{program.id}")
    await visitor.press("Step")
    assert (await program.state())["version"] == 3


async def test_no_room_for_another(app: Starlette, visitor: PageClient) -> None:
    """From 90 on the list says how many there may be; the 101st is refused, and leads to the list."""
    first = await begun(visitor, "deck")
    for count in range(2, MOST_NETWORKS + 1):
        answer = await visitor.post("/step?preset=deck", {PRESS: f"page{count}.1~"}, htmx=True)
        assert answer.status_code == 200
        if count in (89, 90):
            text = (await visitor.look("/networks")).text
            assert ("There is room for 100" in text) == (count == 90)
    await visitor.look("/?preset=xor")
    press = visitor.form("Step")
    answer = await visitor.script_press(*press)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#notice")
    [link] = tree(answer.text).all("a")
    assert (link["href"], link.text) == ("/networks", "My networks")
    answer = await visitor.post(*press)
    assert answer.status_code == 409
    assert "/networks" in [a["href"] for a in tree(answer.text).all("a")]
    assert len(await listed(visitor)) == MOST_NETWORKS
    assert (await visitor.post(f"/n/{first}/delete")).status_code == 303
    assert (await visitor.script_press(*press)).status_code == 200


# The version before.


async def test_an_old_cookie_is_an_owner(app: Starlette, visitor: PageClient) -> None:
    """The session of a cookie of the version before opens at once, and is the first of a list."""
    old: Session = await app.state.sessions.create(DECK.simulation.train(3))
    cookie = app.state.signer.sign(f"{old.id}.{key_of(old)}").decode()
    visitor.client.cookies.set(COOKIE, cookie, domain="testserver.local")
    # A page of the version before is still open.
    answer = await visitor.post("/step", htmx=True)
    assert (answer.status_code, answer.headers["HX-Replace-Url"]) == (200, f"/n/{old.id}")
    assert (await visitor.client.get(f"/api/sessions/{old.id}")).json()["version"] == 2
    answer = await visitor.client.get("/")
    assert answer.headers["Location"] == f"/n/{old.id}"
    answer = await visitor.client.get(f"/n/{old.id}")
    assert answer.status_code == 200
    assert old.id not in answer.headers["Set-Cookie"]
    assert [each["id"] for each in await listed(visitor)] == [old.id]
    new = await begun(visitor, "xor")
    assert {each["id"] for each in await listed(visitor)} == {old.id, new}
    bearer = {"Authorization": f"Bearer {key_of(old)}"}
    assert (await visitor.client.get(f"/api/sessions/{old.id}", headers=bearer)).status_code == 200


@pytest.mark.parametrize("record", OLD, ids=lambda old: str(old["name"]))
async def test_a_database_of_the_version_before(
    app: Starlette, visitor: PageClient, record: dict[str, Any]
) -> None:
    """Cookie, key and link of a record in the format before open it at the state that it showed; once
    it is changed, it is in the new format."""
    id, key = "B" * 22, "the key of the version before, 43 characters"
    await app.state.store.create(id, b64decode(record["record"]), 1000)
    state = {**record["state"], "id": id, "name": ""}
    bearer = {"Authorization": f"Bearer {key}"}
    assert (await visitor.client.get(f"/api/sessions/{id}", headers=bearer)).json() == state
    cookie = app.state.signer.sign(f"{id}.{key}").decode()
    visitor.client.cookies.set(COOKIE, cookie, domain="testserver.local")
    page = await visitor.look()
    assert visitor.address == f"/n/{id}"
    assert drawn(page) == expected(state)
    await visitor.swap("Step")
    assert (await app.state.store.get(id)).data[0] == FORMAT
    assert [each["id"] for each in await listed(visitor)] == [id]


async def test_a_first_change_with_an_old_cookie(app: Starlette, visitor: PageClient) -> None:
    """Its first request may also begin another network: the session stays in the list."""
    old: Session = await app.state.sessions.create(DECK.simulation)
    cookie = app.state.signer.sign(f"{old.id}.{key_of(old)}").decode()
    visitor.client.cookies.set(COOKIE, cookie, domain="testserver.local")
    new = await begun(visitor, "xor")
    assert {each["id"] for each in await listed(visitor)} == {old.id, new}


async def test_a_newer_record_says_so(app: Starlette, visitor: PageClient) -> None:
    """A network of a newer version is refused in plain words, and is not touched."""
    id = await begun(visitor, "deck")
    record = await app.state.store.get(id)
    newer = b"\x63" + record.data[1:]
    assert await app.state.store.replace(id, record.version, newer, 1000)
    for answer in (
        await visitor.client.get(f"/n/{id}"),
        await visitor.post(f"/n/{id}/step"),
        await visitor.client.get(f"/api/sessions/{id}"),
    ):
        assert answer.status_code == 500
        assert "a newer version of Backstep" in answer.text
    page = await visitor.look("/networks")
    assert titles(page) == ["A network that cannot be read"]
    assert (await app.state.store.get(id)).data == newer


# Two tabs.

# `BACKSTEP_TURNS=500` takes so many turns in all.
SEEDS = int(os.environ.get("BACKSTEP_TURNS", "100")) // 100


class Tab:
    """A tab with the script, which sends presses without waiting for their answers."""

    def __init__(self, client: httpx.AsyncClient, random: Random) -> None:
        self.visitor, self.random = PageClient(client), random
        self.steps, self.edits, self.refused = 0, list[tuple[int, float]](), 0

    async def open(self, id: str) -> None:
        await self.visitor.look(f"/n/{id}")
        self.id = id

    async def act(self) -> None:
        """Press Step some times at once, or type a number; where something else came first, the
        answer says so, and shows the newest state."""
        if self.random.random() < 0.6:
            count = self.random.choice((1, 1, 2, 5))
            presses = [self.visitor.form("Step")] * count
            answers = [await self.visitor.script_press(*each) for each in presses]
            self.steps += sum(each.status_code == 200 for each in answers)
        else:
            typed = self.random.randrange(1, 10**6) / 10**6
            path = f"/n/{self.id}/edit"
            answers = [await self.visitor.script_press(path, {"graph/out/0/0": f"{typed:.6f}"})]
            if answers[0].status_code == 200:
                version = int(tree(answers[0].text).id("newest")["data-version"])
                self.edits.append((version, typed))
        for answer in answers:
            assert answer.status_code in (200, 409), answer.text
            if answer.status_code == 409:
                self.refused += 1
                assert "Another tab or device changed this network" in answer.text
        self.visitor.shown(answers[-1])


@pytest.mark.parametrize("networks", [1, 2])
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_two_tabs(client: httpx.AsyncClient, networks: int, seed: int) -> None:
    """In 50 turns of presses and edits by two tabs, none lands in another network, and none is lost
    without a word; two tabs on two networks never get in each other's way."""
    random = Random(f"{networks}/{seed}")
    client.headers["Accept"] = "text/html"
    own = PageClient(client)
    await own.post("/view", {"by": "unit"})
    ids = [await begun(own, preset) for preset in ("deck", "mazur")[:networks]]
    before = {id: (await client.get(f"/api/sessions/{id}")).json() for id in ids}
    tabs = [Tab(client, random) for _ in range(2)]
    for index, tab in enumerate(tabs):
        await tab.open(ids[index % networks])
    for _ in range(50):
        if random.random() < 0.2:  # both at once
            await asyncio.gather(*(tab.act() for tab in tabs))
        else:
            await random.choice(tabs).act()
    assert networks == 1 or not any(tab.refused for tab in tabs)
    for id in ids:
        mine = [tab for tab in tabs if tab.id == id]
        state = (await client.get(f"/api/sessions/{id}")).json()
        assert state["network"]["layers"] == before[id]["network"]["layers"]
        made = sum(tab.steps + len(tab.edits) for tab in mine)
        assert state["version"] == before[id]["version"] + made
        _, last = max(edit for tab in mine for edit in tab.edits)
        assert state["examples"][0]["inputs"][0] == last


async def test_five_quick_presses_on_an_example_in_two_tabs(visitor: PageClient) -> None:
    """Presses of two pages of one example, in any order, make two networks with five steps each."""
    await visitor.post("/view", {"by": "unit"})
    await begun(visitor, "deck")
    random, pages = Random(1), ("aaaa", "bbbb")
    presses = [(page, number) for page in pages for number in range(1, 6)]
    for _ in range(10):
        random.shuffle(presses)
        tag = f"{random.random()}"[2:8]
        answers = await asyncio.gather(
            *(
                visitor.client.post(
                    "/step?preset=mazur",
                    headers={"HX-Request": "true", PRESS: f"{page}{tag}.{number}~"},
                )
                for page, number in presses
            )
        )
        ids = {answer.headers["HX-Replace-Url"].removeprefix("/n/") for answer in answers}
        assert len(ids) == 2
        for id in ids:
            state = (await visitor.client.get(f"/api/sessions/{id}")).json()
            assert (state["version"], state["cursor"]) == (5, 5)
