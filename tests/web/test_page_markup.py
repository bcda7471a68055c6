"""The markup of the page."""

import pytest
from httpx import Response

from app.view.rendering.page_state import PRESS
from tests.support.markup import Element, tree, without_presses
from tests.support.page_client import PageClient


def checked(response: Response) -> Element:
    """A page, or a region of it, that a strict policy lets work and a morph can compare."""
    page = tree(response.text)
    for element in page:
        names = element.attributes.keys()
        assert "style" not in names, element
        assert not [name for name in names if name.startswith(("on", "hx-on"))], element
        assert element.tag != "style"
        if element.tag == "script":
            assert element["src"]
            assert not element.text
        for name in ("href", "action", "formaction", "src"):
            assert not element.get(name).lower().startswith(("javascript:", "data:"))
    ids = page.ids()
    assert len(ids) == len(set(ids)), [id for id in ids if ids.count(id) > 1]
    for element in page:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(element.get(name).split()) <= set(ids), element
    for form in page.all("form"):
        if form["method"] == "dialog":
            continue
        assert form["method"] in ("post", "get")
        assert form["action"].startswith("/")
        for button in form.all("button"):
            assert button.get("formaction").startswith("/") or not button.get("formaction")
    for field in page.all("input"):
        assert field.get("aria-label") or field.parent is not None
        assert field["name"]
    return page


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("panel", ["matrices", "data", "error"])
async def test_every_page_works_under_a_strict_policy(
    visitor: PageClient, panel: str, language: str
) -> None:
    """No page has inline styles, scripts or duplicate ids."""
    await visitor.post("/view", {"panel": panel, "language": language})
    checked(await visitor.client.get("/?preset=class-notes"))
    for address, by in (("/step", "unit"), ("/backward", "layer"), ("/update", "phase")):
        await visitor.post("/view", {"by": by})
        region = checked(await visitor.post(address, htmx=True))
        whole = checked(await visitor.client.get(f"/n/{visitor.session}"))
        assert whole.all("html")[0]["lang"] == language
        assert whole.id("lab").text == region.id("lab").text
    field = {"matrices": "weight/0/0/0", "data": "learning_rate", "error": "iterations"}[panel]
    address = "/train" if panel == "error" else "/edit"
    checked(await visitor.post(address, {field: "?"}, htmx=True))
    checked(await visitor.post(address, {field: "?"}))


async def test_caches_are_told_what_it_depends_on(visitor: PageClient) -> None:
    """The page varies by cookie and language, and is not stored."""
    response = await visitor.client.get("/")
    vary = {name.strip() for name in response.headers["Vary"].split(",")}
    assert {"Cookie", "Accept-Language"} <= vary
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_region_is_the_page_without_its_frame(visitor: PageClient) -> None:
    """The htmx region is part of the page, byte for byte, but for the names of presses."""
    await visitor.look()
    region = (await visitor.post("/step", htmx=True)).text
    assert f'name="{PRESS}"' not in region
    page = (await visitor.client.get(f"/n/{visitor.session}")).text
    assert without_presses(region).strip() in without_presses(page)
    assert "<html" not in region
