"""Derivations on the page, without JavaScript."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from httpx import AsyncClient
from starlette.applications import Starlette

from app.examples.published import DECK
from app.view.screen.derivation import known_path, quantities
from tests.support.derivation_markup import (
    Way,
    close,
    levels,
    links,
    opened,
    operands,
    result,
    way_of,
)
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient, drawn, expected

SHAPE = DECK.simulation.network.shape
DEEP: Way = ("weight/0/0/0", "weight_gradient/0/0/0", "delta/1/0", "error_slope/1/0", "delta/2/1")


def page_of(way: Way) -> str:
    return "/?" + urlencode({"at": "~".join(way)}, safe="/~")


async def at(visitor: PageClient, *presses: str) -> None:
    """In the middle of things."""
    await visitor.look()
    for text in presses:
        await visitor.press(text)


@pytest.mark.parametrize(
    ("presses", "way"),
    [
        ([], DEEP),
        (["Step"], ()),
        (["Forward"], ("bias/1", "bias_gradient/1")),
        (["Backward"], ()),
        (["Update"], DEEP),
    ],
)
async def test_every_link_opens_what_it_says(
    visitor: PageClient, presses: list[str], way: Way
) -> None:
    """Every link opens the derivation that it names."""
    await at(visitor, *presses)
    page = await visitor.look(page_of(way) if way else "/")
    assert opened(page) == way
    found = links(page)
    assert len(found) > 20
    for number, address in enumerate(found):
        asked = way_of(address)
        assert known_path(SHAPE, asked) == asked
        if number % 5 == len(presses):  # each page opens another fifth of them
            assert opened(await visitor.look(address)) == asked


async def test_everything_drawn_can_be_asked(visitor: PageClient) -> None:
    """Each weight, bias and unit in the drawing is a link."""
    await at(visitor, "Backward")
    found = {way_of(link.get("href"))[:1] for link in visitor.page.id("graph").all("a")}
    wanted = {(text,) for text in quantities(SHAPE) if text.startswith(("weight/", "bias/"))}
    wanted |= {
        (f"delta/{layer}/{unit}",) for layer in (1, 2) for unit in range(SHAPE.layers[layer])
    }
    wanted |= {(f"out/0/{unit}",) for unit in range(3)}
    assert len([text for (text,) in wanted if text.startswith("weight/")]) == 20
    assert wanted <= found


async def test_down_and_up_again(visitor: PageClient) -> None:
    """An operand opens below its formula, and closes with everything below it."""
    await at(visitor, "Update")
    way = DEEP[:1]
    page = await visitor.look(page_of(way))
    for text in DEEP[1:]:
        fitting = [each for each in operands(levels(page)[-1]) if way_of(each["href"])[-1] == text]
        assert {each["aria-expanded"] for each in fitting} == {"false"}
        page = await visitor.look(fitting[0]["href"])
        way = (*way, text)
        assert opened(page) == way
    for depth, level in enumerate(levels(page)[:-1], 1):
        folding = [each for each in operands(level) if each["aria-expanded"] == "true"]
        assert {way_of(each["href"]) for each in folding} == {DEEP[:depth]}
        assert opened(await visitor.look(folding[0]["href"])) == DEEP[:depth]
    assert not [e for e in operands(levels(page)[-1]) if e["aria-expanded"] == "true"]


async def test_every_form_keeps_it(visitor: PageClient) -> None:
    """Every form keeps the derivation open."""
    await at(visitor, "Step")
    page = await visitor.look(page_of(DEEP))
    for form in page.all("form"):
        opens_a_panel = any(button.get("name") == "panel" for button in form.all("button"))
        if form.get("method") == "post" and not opens_a_panel:
            assert way_of(form["action"]) == DEEP
            for button in form.all("button"):
                assert way_of(button.get("formaction") or form["action"]) == DEEP
    for text in (
        "Step",
        "Forward",
        "unit",
        "Backward",
        "Update",
        "한국어",
        "English",
        "Back",
    ):
        page = await visitor.press(text)
        assert opened(page) == DEEP
        assert way_of(visitor.address) == DEEP
        state = await visitor.state()
        assert drawn(page) == expected(state)
        assert result(levels(page)[2]) == state["values"]["delta"][0][0]
    page = await visitor.swap("Step")
    assert opened(page) == DEEP
    page = await visitor.look(page_of(DEEP))
    await visitor.open_panel("matrices")
    assert way_of(visitor.address) == ()
    page = await visitor.type("weight/0/0/0", "0.75")
    assert not page.all("article")


async def test_a_preview_keeps_it(visitor: PageClient, app: Starlette) -> None:
    """On a previewed example links keep the example, and the first change keeps the derivation."""
    for panel in ("matrices", "slope", "check"):
        await visitor.look("/?preset=mazur&at=weight/0/0/0~weight_gradient/0/0/0")
        page = await visitor.open_panel(panel)
        found = [way_of(address) for address in links(page)]
        assert panel != "check" or ("bias_gradient/1",) in found
        for address in links(page)[::4]:
            assert parse_qs(urlsplit(address).query)["preset"] == ["mazur"]
            way = way_of(address)
            stays = panel == "slope" and way[0].startswith(("weight", "bias"))
            assert opened(await visitor.look(address)) == (() if stays else way)
    assert await app.state.store.count() == 0
    await visitor.look("/?preset=mazur&at=weight/0/0/0")
    page = await visitor.press("Step")
    assert opened(page) == ("weight/0/0/0",)
    assert (await visitor.state())["network"]["layers"] == [2, 2, 2]


async def test_htmx_takes_the_region_and_the_address(visitor: PageClient) -> None:
    """An htmx request gets the region and pushes the URL."""
    await at(visitor, "Forward")
    base = f"/n/{visitor.session}"
    deep = page_of(DEEP).replace("/", base, 1)
    for way, pushed in ((DEEP, deep), ((*DEEP, "nothing"), deep), ((), base)):
        address = page_of(way).replace("/", base, 1) if way else base
        response = await visitor.client.get(address, headers={"HX-Request": "true"})
        assert response.text.startswith('<div id="lab">')
        assert response.headers["HX-Push-Url"] == pushed
        assert "HX-Request" in response.headers["Vary"]
        assert opened(tree(response.text)) == (way and DEEP)


async def test_in_korean(visitor: PageClient) -> None:
    """The derivation is in Korean."""
    await at(visitor, "Forward", "한국어")
    page = await visitor.look(page_of(DEEP))
    words = page.id("derivation")
    assert [level for level in levels(page) if not _hangul(level)] == []
    assert close(page)["aria-label"].startswith("닫기")
    for english in ("computed in", "slide", "Where it comes", "Derivation path", "Close", "given"):
        assert english not in words.text
        assert all(english not in (e.get("aria-label") + e.get("title")) for e in words)


def _hangul(element: Element) -> bool:
    return any("가" <= letter <= "힣" for letter in element.text)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("at=delta/9/9", "delta/9/9"),
        ("at=eror", "eror"),
        ("at=error~weight/0/0/0", "weight/0/0/0"),
        ("focus=weight/7/0/0", "weight/7/0/0"),
        ("at=%3Cb%3Ex", "<b>x"),
        ("focus=" + "x" * 500, "x" * 63 + "…"),
        ("at=error", None),
        ("focus=error", None),
        ("at=", None),
    ],
)
async def test_a_quantity_that_there_is_not(
    visitor: PageClient, query: str, named: str | None
) -> None:
    """An address whose quantity the network does not have says so, and shows the rest; a press then
    says nothing about it."""
    await visitor.look(f"/?preset=mazur&{query}")
    said = visitor.page.id("notice").text
    assert (f"no quantity “{named}”" in said) if named else not said
    assert ("derivation" in visitor.page.ids()) == query.startswith("at=error")
    await visitor.press("Step")
    assert not visitor.page.id("notice").text
    own = await visitor.look(f"/n/{visitor.session}?{query}")
    assert bool(own.id("notice").text) == bool(named)
    korean = await visitor.client.get(f"/?preset=mazur&{query}", headers={"Accept-Language": "ko"})
    assert bool(visitor.shown(korean).id("notice").text) == bool(named)


@pytest.mark.parametrize(
    "query", ["at=%ff", "at=%ED%A0%80", "at", "at=", "at=error&at=x", "at=x&at=error"]
)
async def test_odd_queries(client: AsyncClient, query: str) -> None:
    """Invalid queries give a page."""
    response = await client.get(f"/?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    response = await client.post(f"/step?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,000", "Is this 1.000 or 1000?"),
        ("1_000", "without underscores"),
        ("٣", "digits 0 to 9"),
        ("1.000.000", "thousands separators"),
        ("many", "Enter a number, such as −0.25."),
        ("0,366", "Not right"),
    ],
)
async def test_a_number_to_check(visitor: PageClient, typed: str, said: str) -> None:
    """It is read like any other: nothing is guessed, and a refusal says why."""
    page = await visitor.look(
        page_of(("net/1/0",)) + "&" + urlencode({"level": 1, "number": typed})
    )
    assert said in page.id("verdict-1").text
    assert page.field("number")["value"] == typed
