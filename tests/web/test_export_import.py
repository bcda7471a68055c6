"""The export panel, its files and links, and importing."""

import json
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from app.backprop.network import Example, Network, Shape
from app.examples.presets import PRESETS
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from app.view.export.files import FILES
from app.view.export.matrix_program import program_text
from app.view.export.session_file import link_of, session_json
from app.view.rendering.digits import FOUR
from app.web.api.schemas.session_import import import_simulation
from tests.support.lab import Lab
from tests.support.markup import tree
from tests.support.page_client import PageClient
from tests.web.test_session_import import LATER, TABLE, bits


async def test_over_the_api(lab: Lab) -> None:
    """A session file and a link create an equal session."""
    await lab.create()
    await lab.train(3)
    state = await lab.step(by="unit", count=20)
    file = (await lab.request("GET", "/export/session.json")).json()
    link = (await lab.request("GET", "/link?at=delta/2/1~net/0")).json()["link"]
    assert link.startswith("/open/")
    assert link.endswith("?at=delta/2/1")
    assert len("https://backstep.example.org" + link) < 1500
    for body in ({"import": file}, {"link": link}, {"link": f"https://a.example{link}"}):
        other = Lab(lab.client)
        again = await other.create(**body)
        for name in state.keys() - {"id", "version"}:
            assert again[name] == state[name], name


async def test_every_file_has_its_kind(lab: Lab, visitor: PageClient) -> None:
    """The API and the page give the same files."""
    await visitor.look("/")
    await visitor.press("Update")
    for name, file in FILES.items():
        page = await visitor.client.get(f"/export/{name}")
        api = await visitor.client.get(f"/api/sessions/{visitor.session}/export/{name}")
        for response in (page, api):
            assert response.status_code == 200
            assert response.headers["Content-Type"].partition(";")[0] == file.media
            kept = f'attachment; filename="backstep-{name}"'
            assert response.headers["Content-Disposition"] == kept
        assert page.text == api.text == file.write(DECK.simulation.update(), str, None)
    for path in ("/export/nothing.json", f"/api/sessions/{visitor.session}/export/nothing.json"):
        assert (await visitor.client.get(path)).status_code == 404


async def test_the_largest_fits(lab: Lab) -> None:
    """The largest session fits into a request."""
    shape = Shape((8,) * 5, ("sigmoid",) * 4, bias="per_unit")
    network = Network(shape, (-1 / 3e-5,) * shape.parameter_count)
    rows = [Example((-1 / 3e-5,) * 8, (-1 / 7e-5,) * 8)] * 64
    text = session_json(Simulation.of(network, rows, 1 / 3).train(1))
    await lab.create(**{"import": json.loads(text)})
    visitor = PageClient(lab.client)
    assert (await visitor.post("/import", {"text": text})).status_code == 303
    assert visitor.session is not None


async def test_a_link_opens_as_a_copy(visitor: PageClient) -> None:
    """A link shows the simulation, and the first change begins a session."""
    link = link_of(LATER, ("delta/1/0",))
    response = await visitor.client.get(link)
    assert response.status_code == 302
    address = response.headers["Location"]
    assert address == f"/?moment={encode_permalink(LATER)}&at=delta/1/0"
    page = await visitor.look(address)
    assert "42" in page.id("status").text
    assert page.id("derivation")
    assert visitor.session is None
    await visitor.press("Step")
    assert (await visitor.state())["iteration"] == 41


@pytest.mark.parametrize("after", [".", ",", ")", ").", "”", "%E3%80%82", "%3E"])
async def test_punctuation_after_a_link(visitor: PageClient, after: str) -> None:
    """What a sentence puts after a link is no part of it, whichever kind of link it is."""
    moment = encode_permalink(LATER)
    for link, meant in (
        (f"/open/{moment}", f"/?moment={moment}"),
        (link_of(LATER, ("delta/1/0",)), f"/?moment={moment}&at=delta/1/0"),
    ):
        response = await visitor.client.get(link + after)
        assert response.headers["Location"] == meant
    for link in (
        f"/?moment={moment}&at=error",
        f"/?at=error&moment={moment}",
        "/?preset=xor",
        "/?seed=4",
    ):
        meant_page = await visitor.look(link)
        page = await visitor.look(link + after)
        assert page.id("graph").text == meant_page.id("graph").text
        assert ("derivation" in page.ids()) == ("at=" in link)
        assert page.id("notice").text == ""
    await visitor.look("/?preset=xor")
    await visitor.press("Step")
    own = f"/n/{visitor.session}"
    response = await visitor.client.get(f"{own}{after}?at=error")
    assert (response.status_code, response.headers["Location"]) == (302, f"{own}?at=error")


async def test_a_link_is_pasted_into_import(visitor: PageClient) -> None:
    """A link begins a network with its name, as session.json does. A damaged one stays in its field."""
    link = "https://a.example" + link_of(replace(LATER, name="Zoë’s"))
    await visitor.look("/?preset=xor")
    await visitor.press("Step")
    before = visitor.session
    assert (await visitor.post("/import", {"text": f" <{link}>.\n"})).status_code == 303
    assert visitor.session != before
    assert (await visitor.state())["name"] == "Zoë’s"
    assert (await visitor.state())["iteration"] == LATER.iteration
    damaged = link[:200]
    response = await visitor.post("/import", {"text": damaged})
    assert response.status_code == 422
    page = visitor.shown(response)
    assert "This link is damaged." in page.id("import-refusal").text
    assert damaged in page.id("home").text


@pytest.mark.parametrize("text", ["A", "%00", "W10", encode_permalink(LATER)[:-9], "x" * 17_000])
async def test_a_damaged_link_is_said_to_be(visitor: PageClient, text: str) -> None:
    """A damaged link is refused."""
    response = await visitor.client.get(f"/open/{text}")
    assert response.status_code == 422
    assert "This link is damaged" in response.text


async def test_the_panel(visitor: PageClient) -> None:
    """The panel has the link and every file."""
    for address in ("/?preset=mazur", "/"):
        await visitor.look(address)
        page = await visitor.open_panel("home")
        whole = page.id("home-link").get("value")
        assert whole.startswith("http://testserver/open/")
        links = [a["href"] for a in page.id("home").all("a")]
        assert len(links) == len(FILES) + 5
        for link in links:
            response = await visitor.client.get(link)
            assert response.status_code in (200, 302), link
            assert "%" not in urlsplit(link).path
        file = await visitor.client.get(links[2])
        assert file.json()["network"]["layers"] == [2, 2, 2]
        assert bits(decode_permalink(whole.partition("/open/")[2])) == bits(
            import_simulation(file.content, DECK.simulation)[0]
        )
        await visitor.press("Step")


@pytest.mark.parametrize("public", ["https://lecture.example.edu", "http://10.0.0.1:8080/"])
async def test_the_link_begins_with_the_public_address(
    app: Starlette, visitor: PageClient, public: str
) -> None:
    """Where the public address is set, the link begins with it, whatever the request names."""
    app.state.settings = app.state.settings.model_copy(update={"public_url": public})
    await visitor.look("/?preset=mazur")
    page = await visitor.open_panel("home")
    assert page.id("home-link").get("value").startswith(f"{public.rstrip('/')}/open/")


@pytest.mark.parametrize("multipart", [False, True])
async def test_opening_on_the_page(visitor: PageClient, multipart: bool) -> None:
    """A session file begins a session, and a table changes the current one."""

    async def send(text: str, query: str = "") -> httpx.Response:
        if multipart:
            files = {"file": ("any name", text), "text": (None, "")}
            return await visitor.client.post(f"/import{query}", files=files)
        return await visitor.post(f"/import{query}", {"text": text})

    assert (await send(TABLE.replace("0.7", "0.875"), "?preset=deck")).status_code == 303
    begun = visitor.session
    assert (await visitor.state())["network"]["weights"][1][0][0] == 0.875
    response = await send(session_json(LATER))
    assert visitor.session != begun
    assert (response.status_code, response.headers["Location"]) == (303, f"/n/{visitor.session}")
    assert (await visitor.state())["iteration"] == 41
    held = visitor.session
    assert (await send(TABLE.replace("0.7", "0.875"))).status_code == 303
    assert visitor.session == held
    state = await visitor.state()
    assert (state["iteration"], state["network"]["weights"][1][0][0]) == (41, 0.875)
    response = await send("{}")
    assert response.status_code == 422
    assert "backstep: is required" in response.text
    assert await visitor.state() == state


async def test_a_file_before_a_text(visitor: PageClient) -> None:
    """A file takes precedence over a text, and neither is refused."""
    files = {"file": ("f.json", session_json(LATER)), "text": (None, "nonsense")}
    assert (await visitor.client.post("/import", files=files)).status_code == 303
    headers = {"Accept-Language": "ko"}
    response = await visitor.client.post("/import", headers=headers)
    assert response.status_code == 422
    assert "파일을 선택하거나" in response.text


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_sheet(visitor: PageClient, language: str) -> None:
    """The worksheet has every step, with answers or without."""
    headers = {"Accept-Language": language}
    for answers in ("0", "1"):
        response = await visitor.client.get(
            f"/sheet?preset=deck&answers={answers}", headers=headers
        )
        assert response.status_code == 200
        assert ("역전파" in response.text) == (language == "ko")
        page = tree(response.text.partition("<!doctype html>")[2])
        lines = [li for ol in page.all("ol") for li in ol.all("li")]
        assert len(lines) == len(DECK.simulation.steps)
        values = [b.text for li in lines for b in li.all("b")]
        if answers == "1":
            assert values == [FOUR.short(value) for value in DECK.simulation.trace()]
        else:
            assert values == []
            assert "0.1908" not in response.text


async def program(client: httpx.AsyncClient, query: str = "", language: str = "en") -> str:
    response = await client.get(f"/program.py{query}", headers={"Accept-Language": language})
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "text/x-python; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="backstep.py"'
    assert {"Cookie", "Accept-Language"} <= set(response.headers["Vary"].split(", "))
    return response.text


@pytest.mark.parametrize("name", PRESETS)
async def test_of_the_example_looked_at(visitor: PageClient, name: str) -> None:
    """Without a session the program is that of the URL's example."""
    expected = program_text(PRESETS[name].simulation, str)
    assert await program(visitor.client, f"?preset={name}") == expected
    drawn = random_simulation([2, 3, 1], 7)
    assert await program(visitor.client, "?layers=2-3-1&seed=7") == program_text(drawn, str)
    assert await program(visitor.client) == program_text(PRESETS["deck"].simulation, str)
    assert visitor.session is None


async def test_of_the_session(visitor: PageClient) -> None:
    """With a session the program is that of its iteration."""
    await visitor.look("/?preset=mazur")
    await visitor.press("Update")
    await visitor.press("Step")
    simulation = PRESETS["mazur"].simulation.train(1).step()
    assert await program(visitor.client) == program_text(simulation, str)
    deck = PRESETS["deck"].simulation
    assert await program(visitor.client, "?preset=deck") == program_text(deck, str)


async def test_the_panel_links_to_it(visitor: PageClient) -> None:
    """The matrix form links to the program."""
    for address in ("/?preset=mazur", "/"):
        await visitor.look(address)
        await visitor.open_panel("slide4")
        [link] = [a for a in visitor.page.all("a") if "/program.py" in a.get("href")]
        assert "download" in link.attributes
        text = (await visitor.client.get(link["href"])).text
        assert "W_ih" in text
        await visitor.press("Step")
