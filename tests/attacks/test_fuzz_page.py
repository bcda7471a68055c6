"""Random requests to the page: no failure, no injected markup, no code in the answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from app.main import create_app
from app.settings import Settings
from app.view.rendering.page_state import PRESS
from app.web.http.preferences import PREFERENCES_COOKIE
from app.web.pages.simulator import MOVES

CASES = 400
SEED = 4

# Each would come alive if it came back as it is; none of it is in a page of its own accord.
ALIVE = ("<zq", '"zq=', '" onfocus=', "<!--zq", "1337zq", 'href="java', 'src="java', 'action="java')
HOSTILE = [
    "<zq>",
    "</title><zq src=x onerror=zq()>",
    '"zq="1',
    '" onfocus="zq()"><zq',
    "<!--zq",
    "{{7*191}}zq",
    "javascript:zq()",
    "%(zq)s %s %d",
    "zq\r\nSet-Cookie: zq=1",
    "\x00zq",
    "../../etc/passwd",
    "1e999",
    "NaN",
    "-0",
    "9" * 400,
    "٣",
    "\ud7ff\U0010ffff",
    "%ff%fe",
    "",
]
VALUES = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.builds("".join, st.lists(st.sampled_from(HOSTILE), max_size=3)),
    st.sampled_from("deck mazur 3-4-2 1-1 8-8-8-8-8 7 0 layer unit dark ko data slope".split()),
    st.sampled_from(["0.5", "−0.25", "1000000", "weight/0/2/1", "delta/2/1~net/2/1", "net/1/0"]),
)
FIELDS = st.one_of(
    st.sampled_from("by theme language panel cursor iterations learning_rate field text".split()),
    st.sampled_from("weight/0/0/0 weight/1/3/1 bias/0 bias/9 example/0/inputs/0".split()),
    st.sampled_from("example/0/targets/1 example/-1/inputs/0 weight/0/0/0/0".split()),
    VALUES,
)
NAMES = st.one_of(st.sampled_from("preset seed layers moment at change after".split()), FIELDS)
MINE = "/n/{mine}"  # the address of a network that is there
OF_NETWORKS = [
    *MOVES,
    "view",
    "name",
    "duplicate",
    "keep-branch",
    "delete",
    "restore",
    "script",
    *(
        f"script/{each}"
        for each in "next previous go pin edit order delete import built-in restore".split()
    ),
    "sheet",
    "build",
    "beside",
]
PATHS = st.one_of(
    st.sampled_from(
        [MINE, "/networks", "/networks/join", *(f"{MINE}/{each}" for each in OF_NETWORKS)]
    ),
    st.builds(lambda text, name: f"/n/{quote(text)}/{name}", VALUES, st.sampled_from(OF_NETWORKS)),
    st.sampled_from(["/", "/view", "/program.py", "/docs", *(f"/{move}" for move in MOVES)]),
    st.sampled_from(["/import", "/sheet", "/export/run.py", "/export/graph.svg", "/open/W1sx"]),
    st.builds(lambda text: "/open/" + quote(text), VALUES),
    st.builds(lambda text: "/" + quote(text), VALUES),
    st.builds(lambda text: "/static/" + quote(text), VALUES),
)
LANGUAGES = st.one_of(st.sampled_from(["ko", "en", "ko;q=", "*", "zz;q=9"]), VALUES)
BODIES = st.one_of(
    st.dictionaries(FIELDS, VALUES, max_size=3).map(urlencode).map(str.encode),
    st.binary(max_size=80),
)
HEADERS = st.sampled_from(
    "HX-Request HX-Target HX-Current-URL Content-Type Origin Sec-Fetch-Site Referer Host "
    "If-Match X-Forwarded-For X-Forwarded-Host Authorization Range".split()
)
COOKIES = st.one_of(
    st.builds(lambda text: f"{PREFERENCES_COOKIE}={quote_plus(text)}", VALUES),
    st.builds(
        lambda preferences: f"{PREFERENCES_COOKIE}={urlencode(preferences)}",
        st.dictionaries(st.sampled_from("by panel theme language".split()), VALUES),
    ),
    st.builds(lambda text: f"backstep={text}", VALUES),
    VALUES,
)


@dataclass(frozen=True)
class Asked:
    """One request, as bytes go."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    cookies: tuple[str, ...] = ()
    mine: bool = False  # with a session that is there

    def sent(self, cookie: str, id: str) -> dict[str, Any]:
        """What the client is told to send."""
        target = self.path.replace("{mine}", id) + (
            "?" + urlencode(self.query) if self.query else ""
        )
        cookies = [*self.cookies, *([cookie] if self.mine else [])]
        headers = {
            "Accept": "text/html",
            "Accept-Language": self.language,
            **({"Cookie": "; ".join(cookies)} if cookies else {}),
            **self.headers,
        }
        return {
            "method": self.method,
            "url": httpx.URL("http://testserver").copy_with(raw_path=target.encode()),
            "content": self.body,
            "headers": {name.encode(): _header(text) for name, text in headers.items()},
        }


def _header(text: str) -> bytes:
    """As far as a server lets it through."""
    return "".join(letter for letter in text if letter not in "\r\n\x00").encode("utf-8", "replace")


REQUESTS = st.builds(
    Asked,
    method=st.sampled_from(["GET", "POST", "POST", "POST", "PUT", "HEAD", "ZQ"]),
    path=PATHS,
    query=st.dictionaries(NAMES, VALUES, max_size=3),
    body=BODIES,
    headers=st.dictionaries(HEADERS, VALUES, max_size=2),
    language=LANGUAGES,
    cookies=st.lists(COOKIES, max_size=2).map(tuple),
    mine=st.booleans(),
)


class Visitors:
    """The app, and whoever asks it, from where no event loop runs."""

    def __init__(self, runner: asyncio.Runner, app: Starlette) -> None:
        transport = httpx.ASGITransport(app)
        self.runner = runner
        self.app = app
        self.client = httpx.AsyncClient(transport=transport, base_url="http://testserver")
        self.cookie = self.id = ""

    def ask(self, **sent: Any) -> httpx.Response:
        self.client.cookies.clear()
        return self.runner.run(self.client.request(**sent))


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """The app with its limits off: every answer counts."""
    url = f"sqlite:///{tmp_path_factory.mktemp('page')}/backstep.db"
    off = {"client_requests": 0, "session_requests": 0, "client_sessions": 0}
    app = create_app(Settings(store_url=url, secret="for tests alone" * 2).model_copy(update=off))
    with asyncio.Runner() as runner:
        running = started(app)
        runner.run(running.__aenter__())
        visitors = Visitors(runner, app)
        begun = visitors.ask(method="POST", url="/step")
        visitors.cookie = begun.headers["Set-Cookie"].split(";")[0]
        visitors.id = begun.headers["Location"].removeprefix("/n/")
        yield visitors
        runner.run(running.__aexit__(None, None, None))


@asynccontextmanager
async def started(app: Starlette) -> AsyncIterator[None]:
    async with app.router.lifespan_context(app):
        yield


def harmless(asked: Asked, response: httpx.Response) -> None:
    """Refuses to take an answer that a visitor should not get."""
    assert response.status_code < 500, response.text
    for name, text in response.headers.items():
        assert not {"\r", "\n", "\x00"} & set(text), name
    assert all(text.startswith("backstep") for text in response.headers.get_list("Set-Cookie"))
    location = response.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    text = response.text
    assert "Traceback" not in text
    assert 'File "' not in text
    assert ".venv" not in text
    if response.headers.get("Content-Type", "").startswith("text/html"):
        for sign in ALIVE:
            assert sign not in text, sign
    elif response.headers.get("Content-Type") == "application/problem+json":
        assert response.json()["status"] == response.status_code


@seed(SEED)
@settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(asked=REQUESTS)
def test_page_is_harmless(visitors: Visitors, asked: Asked) -> None:
    """Random forms, paths, queries, headers and cookies do no harm."""
    harmless(asked, visitors.ask(**asked.sent(visitors.cookie, visitors.id)))


@pytest.mark.parametrize(("sign", "htmx"), [(sign, len(sign) % 2 == 0) for sign in HOSTILE])
def test_where_text_comes_back(visitors: Visitors, sign: str, htmx: bool) -> None:
    """Text that is repeated in an answer is escaped."""
    headers = {"HX-Request": "true"} if htmx else {}
    for asked in (
        Asked("POST", "/edit", body=urlencode({"weight/0/0/0": sign}).encode(), mine=True),
        Asked("POST", "/edit", body=urlencode({sign: "1"}).encode(), mine=True),
        Asked("POST", "/train", body=urlencode({"iterations": sign}).encode(), mine=True),
        Asked("GET", "/", {"preset": sign}),
        Asked("GET", "/", {"layers": sign}),
        Asked("GET", "/", {"moment": sign}),
        Asked("GET", "/", {"at": sign}),
        Asked("GET", "/", {"at": f"weight/0/0/0~{sign}", "preset": "deck"}),
        Asked("POST", "/step", {"preset": "deck"}, urlencode({PRESS: sign}).encode(), mine=True),
        Asked("GET", "/", cookies=(f"{PREFERENCES_COOKIE}=language={quote_plus(sign)}",)),
        Asked("POST", f"{MINE}/name", body=urlencode({"name": sign}).encode(), mine=True),
        Asked("GET", MINE, mine=True),
        Asked("GET", "/networks", mine=True),
        Asked("POST", f"{MINE}/duplicate", body=urlencode({"list": sign}).encode(), mine=True),
        Asked("POST", f"{MINE}/keep-branch", body=urlencode({"branch": sign}).encode(), mine=True),
        Asked(
            "POST",
            f"{MINE}/script/pin",
            body=urlencode({"title": sign, "note": sign}).encode(),
            mine=True,
        ),
        Asked("GET", f"{MINE}/script", {"edit": sign, "at": sign, "focus": sign}, mine=True),
        Asked(
            "POST",
            f"{MINE}/script/edit",
            body=urlencode({"pin": "1", "title": sign, "kind": sign}).encode(),
            mine=True,
        ),
        Asked(
            "POST",
            f"{MINE}/script/pin",
            body=urlencode({"iteration": "1", "cursor": sign}).encode(),
            mine=True,
        ),
        Asked("POST", f"{MINE}/script/import", body=urlencode({"text": sign}).encode(), mine=True),
        Asked("POST", f"{MINE}/script/go", body=urlencode({"pin": sign}).encode(), mine=True),
        Asked("POST", "/networks/join", body=urlencode({"id": sign, "key": sign}).encode()),
        Asked("GET", "/docs", headers={"Host": sign.strip() or "h"}),
    ):
        sent = asked.sent(visitors.cookie, visitors.id)
        sent["headers"] |= {name.encode(): text.encode() for name, text in headers.items()}
        harmless(asked, visitors.ask(**sent))
