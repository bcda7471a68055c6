"""A session is its owner's: on every route of the app, anybody else gets what a stranger gets.

The routes are read from the app: one that is not known here fails the test until it says what is
asked of it, or that it has nothing to do with sessions.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from itsdangerous import Signer
from starlette.applications import Starlette

from app.examples.published import DECK
from app.view.export.csv_files import parameters_csv
from app.view.rendering.page_state import PRESS
from app.web.http.security import COOKIE, signer
from app.web.pages.network_routes import NetworkRoutes
from tests.support.lab import Lab
from tests.support.markup import without_presses

Asked = dict[str, Any]

# Routes that name no session and read no cookie of one.
OPEN = {
    *(("POST", f"/api/{name}") for name in ("sessions", "exercise", "mark")),
    ("GET", "/api/presets"),
    ("GET", "/open/{moment}"),
    ("GET", "/embed/{moment}"),
    *(("GET", "/exercise"), ("POST", "/exercise"), ("POST", "/exercise/preview")),
    ("GET", "/variant"),
    ("POST", "/api/sheets"),
    *(("GET", path) for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs")),
    ("GET", "/static"),
}
# Routes that name a session in their path: what is asked of it beside.
NAMED: dict[tuple[str, str], Asked] = {
    ("GET", "/api/sessions/{id}"): {},
    ("DELETE", "/api/sessions/{id}"): {},
    ("PATCH", "/api/sessions/{id}"): {"json": {"learning_rate": 0.125}},
    ("POST", "/api/sessions/{id}/step"): {"json": {"by": "unit", "count": 3}},
    ("POST", "/api/sessions/{id}/back"): {"json": {"count": 60}},
    ("POST", "/api/sessions/{id}/forward"): {},
    ("POST", "/api/sessions/{id}/backward"): {},
    ("POST", "/api/sessions/{id}/update"): {},
    ("POST", "/api/sessions/{id}/train"): {"json": {"iterations": 60}},
    ("POST", "/api/sessions/{id}/start-over"): {},
    ("POST", "/api/sessions/{id}/reset"): {},
    ("POST", "/api/sessions/{id}/seek"): {"json": {"iteration": 1, "cursor": 5}},
    ("POST", "/api/sessions/{id}/undo"): {},
    ("POST", "/api/sessions/{id}/redo"): {},
    ("POST", "/api/sessions/{id}/return"): {},
    ("GET", "/api/sessions/{id}/travel"): {},
    ("GET", "/api/sessions/{id}/steps"): {},
    ("GET", "/api/sessions/{id}/errors"): {},
    ("GET", "/api/sessions/{id}/derivation/{address:path}"): {},
    ("GET", "/api/sessions/{id}/gradient-check"): {},
    ("POST", "/api/sessions/{id}/diagnose"): {"json": {"address": "delta/1/0", "answer": 1}},
    ("GET", "/api/sessions/{id}/slope/{address:path}"): {},
    ("GET", "/api/sessions/{id}/export/{name}"): {},
    ("GET", "/api/sessions/{id}/link"): {},
    ("POST", "/api/sessions/{id}/share"): {},
    ("DELETE", "/api/sessions/{id}/share"): {},
    ("POST", "/api/sessions/{id}/questions"): {"json": {"address": "weight/0/0/0"}},
    ("GET", "/api/sessions/{id}/questions/{question}"): {},
    ("POST", "/api/sessions/{id}/questions/{question}/reveal"): {},
    ("GET", "/api/sessions/{id}/script"): {},
    ("PUT", "/api/sessions/{id}/script"): {"json": []},
    ("DELETE", "/api/sessions/{id}/script"): {},
}
# Routes that need a code, which the owner of a session gives to whoever is to follow it.
FOLLOWED = {
    ("GET", "/live"),
    *(("GET", f"/live/{{code}}{path}") for path in ("", "/events", "/update", "/verdict")),
    *(("POST", f"/live/{{code}}/{path}") for path in ("answers", "copy")),
    *(("GET", f"/api/live/{{code}}{path}") for path in ("", "/events")),
    *(("POST", f"/api/live/{{code}}/{path}") for path in ("answers", "copy")),
}
ENDLESS = {("GET", "/n/{id}/lecture/events")}
# Routes of the page of a network, which its path names.
PAGES: dict[tuple[str, str], Asked] = {
    ("GET", "/n/{id}"): {},
    ("POST", "/n/{id}/name"): {"data": {"name": "mine"}},
    ("POST", "/n/{id}/duplicate"): {},
    ("POST", "/n/{id}/keep-branch"): {"data": {"branch": "0-0-4"}},
    ("POST", "/n/{id}/delete"): {},
    ("GET", "/n/{id}/script"): {},
    ("GET", "/n/{id}/script/backstep-script.json"): {},
    ("GET", "/n/{id}/present"): {},
    ("GET", "/n/{id}/practise"): {},
    ("GET", "/n/{id}/speaker"): {},
    ("GET", "/n/{id}/summary"): {},
    ("GET", "/n/{id}/questions.csv"): {},
    ("GET", "/n/{id}/lecture/events"): {},
    ("POST", "/n/{id}/share/pause"): {},
    ("POST", "/n/{id}/share/resume"): {},
    ("POST", "/n/{id}/share/end"): {},
    ("POST", "/n/{id}/ask"): {"data": {"kind": "sign", "address": "weight/0/0/0"}},
    ("POST", "/n/{id}/withdraw"): {},
    ("POST", "/n/{id}/reveal"): {},
    ("POST", "/n/{id}/script/next"): {},
    ("POST", "/n/{id}/script/previous"): {},
    ("POST", "/n/{id}/script/go"): {"data": {"pin": "3"}},
    ("POST", "/n/{id}/script/pin"): {"data": {"title": "Mine"}},
    ("POST", "/n/{id}/script/edit"): {"data": {"pin": "1", "title": "Mine"}},
    ("POST", "/n/{id}/script/order"): {"data": {"pin": "1", "to": "2"}},
    ("POST", "/n/{id}/script/delete"): {"data": {"pin": "1"}},
    ("POST", "/n/{id}/script/import"): {"data": {"text": "[]"}},
    ("POST", "/n/{id}/script/built-in"): {},
    ("POST", "/n/{id}/script/restore"): {"data": {"content": "[]"}},
}
DELETED: dict[tuple[str, str], Asked] = {("POST", "/n/{id}/restore"): {}}
# A table of the deck's parameters, with other numbers.
PARAMETERS = parameters_csv(DECK.simulation.train(2))
# Routes of the page that name no network: they work on the one that the browser opened last. All but
# the first page are routes of a network, too, below its address.
HELD: dict[tuple[str, str], Asked] = {
    ("GET", "/"): {},
    ("GET", "/program.py"): {},
    ("GET", "/export/{name}"): {},
    ("GET", "/sheet"): {},
    ("GET", "/sheets"): {},
    ("POST", "/sheets"): {
        "data": {"given": "1", "digits": "4", "questions": "all", "count": "1", "seed": "7"}
    },
    ("POST", "/import"): {"data": {"text": PARAMETERS}},
    ("GET", "/build"): {"params": {"layers": "9", "init": "zeros"}},
    ("GET", "/beside"): {},
    ("POST", "/view"): {"data": {"by": "unit"}},
    ("POST", "/step"): {},
    ("POST", "/back"): {},
    ("POST", "/forward"): {},
    ("POST", "/backward"): {},
    ("POST", "/update"): {},
    ("POST", "/start-over"): {},
    ("POST", "/reset"): {},
    ("POST", "/seek"): {"data": {"cursor": "5"}},
    ("POST", "/undo"): {},
    ("POST", "/redo"): {},
    ("POST", "/return"): {},
    ("POST", "/train"): {"data": {"iterations": "3"}},
    ("POST", "/paste"): {"data": {"block/weight/0/0/0": "0.5\t0.25"}},
    ("POST", "/passes"): {"data": {"update": "sum", "order": "shuffled", "shuffle": "3"}},
    ("POST", "/examples/add"): {},
    ("POST", "/examples/remove"): {"data": {"row": "0"}},
    ("POST", "/examples/replace"): {"data": {"examples": "1 2 3 1 0"}},
    ("POST", "/train/on"): {},
    ("POST", "/train/stop"): {},
    ("GET", "/training/events"): {},  # 204 to the owner, too, where nothing goes on
    ("POST", "/runs/keep"): {},
    ("POST", "/runs/remove"): {"data": {"run": "0"}},
    ("POST", "/edit"): {"data": {"weight/0/0/0": "0.75"}},
    ("POST", "/alter"): {"data": {"units/1": "5", "seed": "3"}},
    ("POST", "/present"): {},
    ("POST", "/speaker"): {},
    ("POST", "/script"): {},
    ("POST", "/share"): {},
    ("POST", "/alter/preview"): {"data": {"learning_rate": "0.25"}},
    ("GET", "/working"): {},
    ("POST", "/working"): {"data": {"net/1/0": "0.25"}},
    ("POST", "/practise"): {"data": {"do": "forget"}},
}
PAGES |= {
    (method, "/n/{id}" + path): asked for (method, path), asked in HELD.items() if path != "/"
}
# Routes of the list of networks, which the cookie holds.
LISTS: dict[tuple[str, str], Asked] = {
    ("GET", "/networks"): {},
    ("GET", "/api/networks"): {},
    ("POST", "/networks/join"): {"data": {"id": "A" * 22, "key": "B" * 43}},
}
ADDRESS = "weight/0/2/1"
NOBODY = "A" * 22  # an id that is nobody's
MADE = "1f.2"  # the id of a change of the victim's, which somebody may have overheard

IDS = re.compile(
    r"[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{22}(\.[A-Za-z0-9_-]{43}){0,2}"
)


def routes(app: Starlette) -> Iterator[tuple[str, str]]:
    """Every route of the app, whoever added it: one for each method, HEAD being GET's."""
    of_networks = next(each for each in app.routes if isinstance(each, NetworkRoutes))
    others = [each for each in app.routes if each is not of_networks]
    for route in iter_route_contexts([*of_networks.routes, *others, *app.state.api.routes]):
        methods = getattr(route, "methods", None) or {"GET"}  # a mounted folder has none of its own
        yield from ((method, route.path or "") for method in methods if method != "HEAD")


def filled(path: str, id: str) -> str:
    """The path of a route with what it names."""
    named = {"{id}": id, "{address:path}": ADDRESS, "{name}": "session.json", "{question}": "1"}
    for place, text in named.items():
        path = path.replace(place, text)
    return path


async def test_every_route_is_known(app: Starlette) -> None:
    """Every route of the app is listed here."""
    known = NAMED.keys() | PAGES.keys() | DELETED.keys() | HELD.keys() | LISTS.keys()
    assert set(routes(app)) == OPEN | FOLLOWED | known


@pytest.fixture
async def victim(lab: Lab) -> Lab:
    """Somebody in the middle of something, with a history."""
    await lab.create()
    await lab.edit(learning_rate=0.25)
    await lab.train(40)
    steps = {"by": "unit", "count": 30}
    made = await lab.request("POST", "/step", json=steps, headers={"Idempotency-Key": MADE})
    assert made.status_code == 200
    return lab


@pytest.fixture
async def attacker(lab: Lab) -> Lab:
    """Somebody with a session of one's own."""
    other = Lab(lab.client)
    await other.create(layers=[2, 2, 1], seed=3)
    return other


def signed(app: Starlette, of: Lab, *, old: bool = False) -> str:
    """The cookie of an owner as the page gives it to a browser; or as it did before there were lists."""
    server: Signer = app.state.signer
    return server.sign(f"{of.id}.{of.key}" if old else str(of.key)).decode()


def tampered(app: Starlette, victim: Lab, attacker: Lab) -> dict[str, str]:
    """Cookies that name the victim's session or key, and are none of the server's."""
    theirs, mine = signed(app, victim), signed(app, attacker)
    signature = mine.rpartition(".")[2]
    old = signed(app, attacker, old=True)
    another = signer("another secret, and no better")
    return {
        "one's own signature": f"{victim.key}.{signature}",
        "one's own old signature": f"{victim.id}.{victim.key}.{old.rpartition('.')[2]}",
        "the id in one's own": victim.id + old[22:],
        "no signature": f"{victim.id}.{victim.key}",
        "only the key": f"{victim.key}",
        "an empty signature": f"{victim.key}.",
        "another server's": another.sign(f"{victim.key}").decode(),
        "another server's old one": another.sign(f"{victim.id}.{victim.key}").decode(),
        "cut off": theirs[:-1],
        "a letter changed": theirs[:-2] + ("A" if theirs[-2] != "A" else "B") + theirs[-1],
        "quoted": f'"{theirs[:-1]}"',
        "twice": f"{mine}; {COOKIE}={victim.key}.{signature}",
    }


def wrong_keys(app: Starlette, victim: Lab, attacker: Lab) -> dict[str, dict[str, str]]:
    """What somebody else can send along with the name of the victim's session."""
    cookies = tampered(app, victim, attacker) | {"one's own": signed(app, attacker)}
    bearers = {
        "one's own": attacker.key,
        "empty": "",
        "a letter less": victim.key[:-1],
        "a letter more": victim.key + "A",
        "another case": victim.key.swapcase(),
        "the id": victim.id,
        "the cookie": signed(app, victim),
        "a list": f"{attacker.key}, {victim.key}",
    }
    return {
        **{f"cookie: {name}": {"Cookie": f"{COOKIE}={text}"} for name, text in cookies.items()},
        **{f"bearer: {name}": {"Authorization": f"Bearer {key}"} for name, key in bearers.items()},
        "basic": {"Authorization": f"Basic {victim.key}"},
        "the key in another header": {"X-Key": victim.key, "Cookie": f"key={victim.key}"},
        # The right cookie, but whoever sends a key is taken at that word.
        "both": {
            "Authorization": f"Bearer {attacker.key}",
            "Cookie": f"{COOKIE}={signed(app, victim)}",
        },
    }


async def ask(
    app: Starlette, method: str, path: str, asked: Asked, headers: dict[str, str]
) -> httpx.Response:
    """A request of somebody who keeps no cookies but those in the headers."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.request(method, path, headers=headers, **asked)


def said(response: httpx.Response) -> tuple[object, ...]:
    """All that an answer tells, but for ids and keys, and the name of the request."""
    headers = sorted((name, IDS.sub("…", text)) for name, text in response.headers.items())
    cookies = [IDS.sub("…", text) for text in response.headers.get_list("set-cookie")]
    others = {"content-length", "x-request-id"}
    kept = [(name, text) for name, text in headers if name not in others]
    return response.status_code, kept, cookies, without_presses(IDS.sub("…", response.text))


@pytest.mark.parametrize(("method", "path"), NAMED)
async def test_sessions_named(
    app: Starlette, victim: Lab, attacker: Lab, method: str, path: str
) -> None:
    """Without its key a session looks as if it did not exist, and is not changed."""
    before, mine = await kept(victim), await kept(attacker)
    there = filled(path, victim.id)
    nowhere = filled(path, NOBODY)
    asked = NAMED[method, path]
    stranger = said(await ask(app, method, nowhere, asked, {}))
    assert stranger[0] == 404
    assert said(await ask(app, method, there, asked, {})) == stranger
    for name, headers in wrong_keys(app, victim, attacker).items():
        for extra in ({}, {"If-Match": '"3"'}, {"Idempotency-Key": MADE}, {"Accept": "text/html"}):
            if "If-Match" in extra and method == "GET":
                continue
            answer = await ask(app, method, there, asked, headers | extra)
            assert said(answer) == stranger, name
    assert (await kept(victim), await kept(attacker)) == (before, mine)
    # That it was not the request that was wrong:
    owner = await ask(app, method, there, asked, victim.authorization)
    assert owner.status_code in (200, 201, 204) or "no such question" in owner.text


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(("method", "path"), HELD)
async def test_sessions_held(
    app: Starlette, victim: Lab, attacker: Lab, method: str, path: str, htmx: bool
) -> None:
    """A cookie that the server did not sign is ignored."""
    before, asked, path = await kept(victim), HELD[method, path], filled(path, NOBODY)
    headers = {"HX-Request": "true", PRESS: f"{MADE}~{MADE}"} if htmx else {}
    stranger = said(await ask(app, method, path, asked, headers))
    for name, cookie in tampered(app, victim, attacker).items():
        if name == "twice":
            continue  # holds one's own session, too
        brought = headers | {"Cookie": f"{COOKIE}={cookie}"}
        answer = await ask(app, method, path, asked, brought)
        assert said(answer) == stranger, name
        assert victim.id not in str(answer.headers) + answer.text
    # Another's cookie is another's session, and so is a key that no page asks for.
    for brought in (
        {"Cookie": f"{COOKIE}={signed(app, attacker)}"},
        {"Authorization": f"Bearer {victim.key}"},
    ):
        await ask(app, method, path, asked, headers | brought)
    assert await kept(victim) == before
    owner = {"Cookie": f"{COOKIE}={signed(app, victim, old=True)}"}
    answer = await ask(app, method, path, asked, headers | owner)
    assert said(answer) != stranger or answer.status_code in (303, 204)


@pytest.mark.parametrize(("method", "path"), [*PAGES, *DELETED])
async def test_networks_of_others(
    app: Starlette, victim: Lab, attacker: Lab, method: str, path: str
) -> None:
    """Whatever is asked at the address of another's network, it looks as if there were none."""
    asked = (PAGES | DELETED)[method, path]
    owner = {"Cookie": f"{COOKIE}={signed(app, victim)}"}
    if (method, path) in DELETED:
        deleted = await ask(app, "POST", f"/n/{victim.id}/delete", {}, owner)
        assert deleted.status_code == 303
        before: object = None
    else:
        before = await kept(victim)
    mine = await kept(attacker)
    there, nowhere = filled(path, victim.id), filled(path, NOBODY)
    cookies = tampered(app, victim, attacker) | {
        "one's own": signed(app, attacker),
        "one's own, old": signed(app, attacker, old=True),
    }
    brought = [{}, {"Authorization": f"Bearer {victim.key}"}]
    brought += [{"Cookie": f"{COOKIE}={text}"} for text in cookies.values()]
    for extra in (
        {},
        {"Accept": "text/html"},
        {"Accept": "text/html", "HX-Request": "true", PRESS: f"{MADE}~{MADE}"},
    ):
        stranger = said(await ask(app, method, nowhere, asked, extra))
        assert stranger[0] == 404
        assert "private" in str(stranger[-1]) or "Accept" not in extra
        for headers in brought:
            answer = await ask(app, method, there, asked, headers | extra)
            assert said(answer) == stranger, headers
    if before is not None:
        assert await kept(victim) == before
    assert await kept(attacker) == mine
    if (method, path) not in ENDLESS:
        answer = await ask(app, method, there, asked, owner)
        assert answer.status_code in (200, 204, 303, 409, 422)


@pytest.mark.parametrize(("method", "path"), LISTS)
async def test_lists_of_others(
    app: Starlette, victim: Lab, attacker: Lab, method: str, path: str
) -> None:
    """A list is that of the cookie, and nobody can put another's network into one."""
    owner = {"Cookie": f"{COOKIE}={signed(app, victim)}"}
    assert (await ask(app, "GET", f"/n/{victim.id}", {}, owner)).status_code == 200
    before, asked = await kept(victim), LISTS[method, path]
    stranger = said(await ask(app, method, path, asked, {}))
    for name, cookie in (tampered(app, victim, attacker) | {"": signed(app, attacker)}).items():
        for fields in (asked, {"data": {"id": victim.id, "key": attacker.key}}):
            if fields is not asked and method == "GET":
                continue
            answer = await ask(app, method, path, fields, {"Cookie": f"{COOKIE}={cookie}"})
            assert victim.id not in answer.text or fields is not asked
            assert said(answer)[0] == stranger[0], name
    mine = await ask(app, "GET", "/networks", {}, {"Cookie": f"{COOKIE}={signed(app, attacker)}"})
    assert victim.id not in mine.text
    assert await kept(victim) == before
    assert victim.id in (await ask(app, "GET", "/networks", {}, owner)).text
    assert victim.id in (await ask(app, "GET", "/api/networks", {}, owner)).text


async def kept(lab: Lab) -> tuple[object, ...]:
    """All that can be known of a session."""
    return await lab.state(), await lab.steps(), await lab.errors()
