"""The query and the preferences of a visitor."""

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette

from app.examples.presets import PRESETS
from app.examples.random_network import random_simulation
from app.simulation.permalink import encode_permalink
from app.view.panels.registry import PANELS
from app.view.rendering.page_state import THEMES
from app.web.pages.query import initial_example
from tests.support.markup import without_presses
from tests.support.page_client import PageClient, drawn, expected

UPHILL = encode_permalink(
    PRESETS["deck"].simulation.edit(learning_rate=-0.5)
)  # which no form takes


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_by_name(name: str) -> None:
    """A URL names a preset."""
    start = initial_example({"preset": name, "seed": "7"})
    assert start
    assert start.simulation == PRESETS[name].simulation
    assert start.example_query == {"preset": name}


def test_a_random_network_by_its_seed() -> None:
    """A URL names a random network by its seed."""
    start = initial_example({"layers": "2-3-1", "seed": "7"})
    assert start
    assert start.simulation == random_simulation((2, 3, 1), 7)
    assert initial_example(start.example_query) == start
    default = initial_example({"seed": "7"})
    assert default
    assert default.simulation == random_simulation((3, 4, 2), 7)


async def test_a_preview_leaves_the_session_alone(visitor: PageClient) -> None:
    """Previewing another example keeps the session."""
    await visitor.look()
    await visitor.press("Forward")
    session, before = visitor.session, await visitor.state()
    page = await visitor.look("/?preset=mazur")
    assert "unit-0-2" not in page.ids()
    assert visitor.session == session
    assert await visitor.state() == before
    assert drawn(await visitor.look("/")) == expected(before)


@pytest.mark.parametrize(
    "address", ["/?preset=mazur", "/?layers=2-2-2&seed=7", "/?preset=deck", "/?seed=7"]
)
@pytest.mark.parametrize("begun", [False, True])
async def test_two_presses_on_one_preview(
    app: Starlette, visitor: PageClient, address: str, begun: bool
) -> None:
    """The first change to a preview begins a session, and the second goes on in it."""
    if begun:
        await visitor.look()
        await visitor.press("Step")
    old = visitor.session
    await visitor.look(address)
    where, fields = visitor.form("Step")
    first = await visitor.post(where, fields, htmx=True)
    session = visitor.session
    assert session not in (None, old)
    assert first.headers["HX-Replace-Url"] == f"/n/{session}"
    assert (await visitor.state())["cursor"] < 5
    for presses in (2, 3):
        assert (await visitor.post(where, fields, htmx=True)).status_code == 200
        assert visitor.session == session
        assert (await visitor.state())["version"] == presses
    assert await app.state.store.count() == 2 + begun  # one is the list


@pytest.mark.parametrize("first", ["edit", "train"])
async def test_a_preview_begins_with_any_change(visitor: PageClient, first: str) -> None:
    """Any change to a preview begins a session."""
    await visitor.look("/?preset=mazur")
    if first == "edit":
        await visitor.open_panel("matrices")
        page = await visitor.type("weight/0/0/0", "0.75")
        assert (await visitor.state())["network"]["weights"][0][0][0] == 0.75
    else:
        await visitor.open_panel("error")
        page = await visitor.type("iterations", "3")
        assert (await visitor.state())["iteration"] == 2
    assert (await visitor.state())["network"]["layers"] == [2, 2, 2]
    assert drawn(page) == expected(await visitor.state())


async def test_a_choice_of_how_to_see_it_keeps_the_preview(
    app: Starlette, visitor: PageClient
) -> None:
    """Changing preferences keeps the preview and stores nothing."""
    await visitor.look("/?layers=2-3-1&seed=7")
    for text in ("unit", "Change", "Data", "한국어", "English"):
        page = await visitor.press(text)
        query = parse_qs(urlsplit(visitor.address).query)
        assert query == {"layers": ["2-3-1"], "seed": ["7"]}
        assert "unit-0-1" in page.ids()
        assert "unit-0-2" not in page.ids()
    assert await app.state.store.count() == 0
    assert visitor.session is None


CHOICES = [
    *(("by", name) for name in ("unit", "layer", "phase")),
    *(("panel", name) for name in PANELS),
    *(("theme", name) for name in THEMES),
    *(("language", name) for name in ("en", "ko")),
]


@pytest.mark.parametrize(("name", "value"), CHOICES)
async def test_choices_stick(visitor: PageClient, name: str, value: str) -> None:
    """A preference is applied at once and kept."""
    await visitor.post("/view", {name: value})
    await visitor.post("/view", {"by": "unit"} if name != "by" else {"panel": "data"})
    page = await visitor.look()
    html = page.all("html")[0]
    if name == "theme":
        assert html["data-theme"] == value
    elif name == "language":
        assert html["lang"] == value
    else:
        pressed = [
            button["value"]
            for button in page.all("button")
            if button.get("name") == name and button.get("aria-pressed") == "true"
        ]
        assert pressed == [value]


async def test_the_cookie_of_choices(visitor: PageClient) -> None:
    """The cookie of preferences is not readable by scripts."""
    response = await visitor.post("/view", {"theme": "dark"})
    [cookie] = response.headers.get_list("Set-Cookie")
    flags = set(cookie.split("; ")[1:])
    assert cookie.startswith("backstep_view=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= flags
    assert [flag for flag in flags if flag.startswith("Max-Age=")] == ["Max-Age=31536000"]


BAD_COOKIES = [
    "by=epoch&panel=../etc&theme=pink&language=xx",
    "by=unit%00&language=KO",
    "%%%;;;",
    "x" * 3000,
    "by=&panel=&theme=&language=",
    '"><script>alert(1)</script>',
]


async def test_bad_cookies_are_passed_over(visitor: PageClient) -> None:
    """An invalid cookie is ignored."""
    plain = without_presses((await visitor.client.get("/")).text)
    for cookie in BAD_COOKIES:
        response = await visitor.client.get("/", headers={"Cookie": f"backstep_view={cookie}"})
        assert response.status_code == 200
        assert without_presses(response.text) == plain


@pytest.mark.parametrize(
    ("header", "language"), [("ko-KR,ko;q=0.9", "ko"), ("en", "en"), ("fr", "en"), ("KO", "ko")]
)
async def test_the_browsers_language(visitor: PageClient, header: str, language: str) -> None:
    """The page is in the browser's language until another is chosen."""
    visitor.client.headers["Accept-Language"] = header
    page = await visitor.look()
    assert page.all("html")[0]["lang"] == language
    other = "en" if language == "ko" else "ko"
    await visitor.post("/view", {"language": other})
    page = await visitor.look()
    assert page.all("html")[0]["lang"] == other
    assert visitor.session is None


@pytest.mark.parametrize(
    ("address", "english"),
    [
        ("/nothing", "There is no page at this address."),
        ("/?preset=100%25s", "not '100%s'"),
        ("/?layers=3-9", "A layer has 1 to 8 units."),
        (f"/?moment={UPHILL}", "a number from 0 to 1,000,000"),
    ],
)
async def test_a_problem_speaks_the_language(
    visitor: PageClient, address: str, english: str
) -> None:
    """Error pages, and notices under htmx, are in the language of the browser."""
    for headers in ({}, {"HX-Request": "true"}):
        for language in ("en", "ko"):
            asked = {"Accept-Language": language, **headers}
            response = await visitor.client.get(address, headers=asked)
            assert response.status_code == (404 if address == "/nothing" else 422)
            text = unescape(response.text)
            assert (english in text) == (language == "en")
            assert headers or f'<html lang="{language}"' in text
            assert language == "en" or any("가" <= letter <= "힣" for letter in text)
