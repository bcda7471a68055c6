"""Error pages and notices."""

import re

import pytest
from starlette.applications import Starlette

from app.sessions.stores.base import StoreUnavailable
from app.web.http.middleware import BODY_LIMIT
from tests.support.markup import tree
from tests.support.page_client import PageClient

BAD = [
    ("/?preset=nothing", "nothing"),
    ("/?preset=%3Cscript%3E1", "<script>1"),
    ("/?seed=%D9%A3", "seed"),
    ("/?seed=1&layers=3-0-2", "layer 2"),
    ("/?seed=1&layers=" + "1-" * 5000 + "1", "layers"),
]


async def test_an_example_that_there_is_not(app: Starlette, visitor: PageClient) -> None:
    """An invalid URL gives an error page and begins no session."""
    for address, named in BAD:
        for response in (
            await visitor.client.get(address),
            await visitor.post("/step" + address[1:]),
        ):
            assert response.status_code in (404, 422), address
            page = tree(response.text)
            assert named in page.text, address
            assert "Traceback" not in response.text
            assert [link["href"] for link in page.all("main")[0].all("a")] == ["/"]
            assert "Set-Cookie" not in response.headers
    assert await app.state.store.count() == 0


async def test_other_addresses_and_methods(visitor: PageClient) -> None:
    """They are answered with a page, and a wrong method with the methods that are allowed."""
    for method, address, allowed in (
        ("GET", "/step", "POST"),
        ("POST", "/", "GET, HEAD"),
        ("GET", "/nothing", None),
        ("POST", "/step/", None),
    ):
        response = await visitor.client.request(method, address)
        assert response.status_code == (405 if allowed else 404)
        assert tree(response.text).all("h1")
        assert response.headers.get("Allow") == allowed


@pytest.fixture
async def away(app: Starlette, visitor: PageClient, monkeypatch: pytest.MonkeyPatch) -> PageClient:
    """A browser with a session, whose store then does not answer."""
    await visitor.look()
    await visitor.press("Step")

    async def fail(*_: object) -> None:
        raise StoreUnavailable("secret of the store")

    for name in ("get", "create", "replace"):
        monkeypatch.setattr(app.state.store, name, fail)
    return visitor


async def test_the_store_is_away(away: PageClient) -> None:
    """Without its store the page says when to try again."""
    for response in (await away.client.get("/"), await away.post("/step")):
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        page = tree(response.text)
        assert "Nothing was lost" in page.text
        assert "secret" not in response.text
        assert "Set-Cookie" not in response.headers


async def test_the_store_is_away_under_htmx(away: PageClient) -> None:
    """Under htmx only the notice is replaced."""
    response = await away.post("/step", htmx=True)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert response.headers["HX-Retarget"] == "#notice"
    assert response.headers["HX-Reswap"] == "textContent"
    assert "Nothing was lost" in response.text
    assert "<" not in response.text
    assert away.page.id("notice")["role"] == "status"


async def test_an_example_needs_no_store(away: PageClient) -> None:
    """An example is shown without a store."""
    away.client.cookies.clear()
    assert (await away.client.get("/")).status_code == 200


async def test_a_passing_problem_can_be_tried_again(away: PageClient) -> None:
    """Where the same request may succeed later, the page leads to its own address again."""
    page = tree((await away.client.get("/")).text)
    assert [link["href"] for link in page.all("main")[0].all("a")] == ["", "/"]
    page = tree((await away.post("/step")).text)
    assert [link["href"] for link in page.all("main")[0].all("a")] == ["/"]


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Page not found"), ("ko", "찾을 수 없습니다")]
)
async def test_an_error_page_wears_the_design(
    visitor: PageClient, language: str, title: str
) -> None:
    """It has the brand that leads home, the status, and the page's styles, in both languages."""
    headers = {"Accept": "text/html", "Accept-Language": language}
    response = await visitor.client.get("/nothing", headers=headers)
    page = tree(response.text)
    assert title in page.all("h1")[0].text
    assert page.all("header")[0].all("a")[0]["href"] == "/"
    assert page.all("svg")[0].text.strip() == "404"
    assert any("styles.css" in link["href"] for link in page.all("link"))
    assert not page.all("script")


async def test_an_error_page_is_in_the_visitors_language(visitor: PageClient) -> None:
    """No English sentence is left on the Korean page of an error, whatever it is about."""
    page = {"Accept": "text/html", "Accept-Language": "ko"}
    large = b"x" * (BODY_LIMIT + 1)
    refused = [
        await visitor.client.post("/edit", content=large, headers=page),
        await visitor.client.delete("/", headers=page),
        await visitor.client.post("/step", headers=page | {"Sec-Fetch-Site": "cross-site"}),
        await visitor.client.get("/nothing", headers=page),
    ]
    assert [response.status_code for response in refused] == [413, 405, 403, 404]
    for response in refused:
        [main] = tree(response.text).all("main")
        assert not re.search("[a-z]", main.text), main.text
    assert f"{BODY_LIMIT // 1024}KB" in refused[0].text


@pytest.mark.parametrize("htmx", [False, True])
async def test_what_a_failure_says(visitor: PageClient, htmx: bool) -> None:
    """Each says in plain words what happened, what is kept and what to do."""
    await visitor.look()
    await visitor.press("Step")
    headers = {"HX-Request": "true"} if htmx else {}
    large = await visitor.client.post(
        f"/n/{visitor.session}/import", content=b"x" * (BODY_LIMIT + 1), headers=headers
    )
    nowhere, private, damaged = [
        await visitor.client.get(address, headers=headers)
        for address in ("/nowhere", f"/n/{'A' * 22}", "/?moment=A")
    ]
    for response, title, *parts in (
        (large, "Too much data", "64 KB", "Nothing was changed", "smaller file"),
        (nowhere, "Page not found", "no page", "networks are kept", "misspelt"),
        (
            private,
            "A private network",
            "is private",
            "networks are kept",
            "under Share",
            "My networks",
        ),
        (damaged, "A damaged link", "is damaged", "networks are kept", "Copy the whole link"),
    ):
        page = tree(response.text)
        for part in parts:
            assert part in page.text
        assert htmx or [each.text for each in page.all("h1")] == [title]
