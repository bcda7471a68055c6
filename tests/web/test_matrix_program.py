"""The program of the matrix view, as a browser gets it."""

import httpx
import pytest

from app.examples.presets import PRESETS
from app.examples.random_network import random_simulation
from app.view.export.matrix_program import program_text
from tests.support.page_client import Guest


async def program(client: httpx.AsyncClient, query: str = "", language: str = "en") -> str:
    response = await client.get(f"/program.py{query}", headers={"Accept-Language": language})
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "text/x-python; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="backstep.py"'
    assert {"Cookie", "Accept-Language"} <= set(response.headers["Vary"].split(", "))
    return response.text


@pytest.mark.parametrize("name", PRESETS)
async def test_of_the_example_looked_at(guest: Guest, name: str) -> None:
    """Without a session it is the program of the example that the address names."""
    expected = program_text(PRESETS[name].simulation, str)
    assert await program(guest.client, f"?preset={name}") == expected
    drawn = random_simulation([2, 3, 1], 7)
    assert await program(guest.client, "?layers=2-3-1&seed=7") == program_text(drawn, str)
    assert await program(guest.client) == program_text(PRESETS["deck"].simulation, str)
    assert guest.session is None


async def test_of_the_session(guest: Guest) -> None:
    """With a session it is that of the session's iteration, with its weights as they are by now."""
    await guest.look("/?preset=mazur")
    await guest.press("Update")
    await guest.press("Step")
    simulation = PRESETS["mazur"].simulation.train(1).step()
    assert await program(guest.client) == program_text(simulation, str)
    deck = PRESETS["deck"].simulation
    assert await program(guest.client, "?preset=deck") == program_text(deck, str)


async def test_in_the_language_of_the_page(guest: Guest) -> None:
    """The comments are in the language that the browser asks for, or that was chosen."""
    assert "슬라이드 4" in await program(guest.client, language="ko")
    await guest.client.post("/view", data={"language": "ko"})
    assert "슬라이드 4" in await program(guest.client, language="en")


async def test_the_panel_links_to_it(guest: Guest) -> None:
    """The matrix view has a link to the file of what it shows, which htmx leaves to the browser."""
    for address in ("/?preset=mazur", "/"):
        await guest.look(address)
        await guest.press("Matrix form")
        [link] = [a for a in guest.page.all("a") if a.get("href").startswith("/program.py")]
        assert "download" in link.attributes
        text = await program(guest.client, link["href"].removeprefix("/program.py"))
        assert "W_ih" in text
        await guest.press("Step")
