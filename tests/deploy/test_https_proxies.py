"""Backstep below a path of another server, over https: what its proxy forwards, and who signs in first."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ssl import create_default_context

import httpx
import pytest

from tests.attacks.test_strangers import HELD, LISTS, NAMED, PAGES, Asked, filled
from tests.support.https_proxies import (
    BASE,
    BEHIND,
    KINDS,
    OTHER,
    SIGNED_IN,
    Proxy,
    authority,
    https_proxy,
)
from tests.support.server import PATIENCE, AppServer, served, stored

GUESSES = 5  # of codes, by one address
AT_ONCE = 1.0  # seconds in which an event arrives
Routes = dict[tuple[str, str], Asked]

# What begins a network or a lecture, of what is sent to a network; and what does not, of the rest.
BEGINNING = {
    *(f"/n/{{id}}/{name}" for name in ("share", "duplicate", "keep-branch", "import")),
    "/api/sessions/{id}/share",
}
NOT_BEGINNING = {"/view", "/alter/preview", "/working", "/exercise/preview", "/sheets"} | {
    f"/api/{name}" for name in ("exercise", "mark", "sheets")
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    folder = tmp_path_factory.mktemp("server")
    settings = stored(f"sqlite:///{folder}/backstep.db") | BEHIND
    with served(folder, BACKSTEP_CODE_GUESSES=f"{GUESSES}", **settings) as server:
        yield server


@pytest.fixture(scope="module", params=KINDS)
def proxy(
    request: pytest.FixtureRequest, server: AppServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Each proxy without a sign-in."""
    folder = tmp_path_factory.mktemp(request.param)
    with https_proxy(request.param, folder, f"127.0.0.1:{server.port}") as proxy:
        yield proxy


@pytest.fixture(scope="module", params=KINDS)
def guarded(
    request: pytest.FixtureRequest, server: AppServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Each proxy with a sign-in."""
    folder = tmp_path_factory.mktemp(request.param)
    upstream = f"127.0.0.1:{server.port}"
    with authority() as address, https_proxy(request.param, folder, upstream, address) as proxy:
        yield proxy


def client(proxy: Proxy, address: str = "127.0.0.1") -> httpx.Client:
    """A program at an address of this machine."""
    trusted = create_default_context(cafile=str(proxy.log.parent / "cert.pem"))
    wire = httpx.HTTPTransport(verify=trusted, local_address=address)
    return httpx.Client(base_url=proxy.url, transport=wire, timeout=PATIENCE, trust_env=False)


@contextmanager
def lecture(proxy: Proxy) -> Iterator[tuple[httpx.Client, str, str]]:
    """A program with a network that it shares: the program, the path of its network, and the code."""
    with client(proxy) as program:
        if proxy.asks_sign_in:
            program.cookies.set(SIGNED_IN, "yes")
        begun = program.post(f"{BASE}/api/sessions", json={"preset": "deck"})
        program.headers["Authorization"] = f"Bearer {begun.json()['key']}"
        path = begun.headers["Location"]
        shared = program.post(f"{path}/share").json()
        assert shared["url"] == f"{proxy.url}{BASE}/live/{shared['code']}"
        yield program, path, shared["code"]


def test_nothing_else_is_forwarded(proxy: Proxy) -> None:
    """The rest of the host is its own, and probes are below no path of it."""
    with client(proxy) as anybody:
        assert OTHER in anybody.get("/").text
        assert anybody.get(f"{BASE}/").status_code == 200
        moved = anybody.get(f"{BASE}?preset=xor")
        assert moved.status_code == 308
        assert moved.headers["Location"].removeprefix(proxy.url) == f"{BASE}/?preset=xor"
        for probe in ("/metrics", "/healthz", "/readyz"):
            for path in (probe, BASE + probe, f"{BASE}/..{probe}", f"{BASE}/%2e%2e{probe}"):
                answer = anybody.request(
                    "GET", httpx.URL(proxy.url).copy_with(raw_path=path.encode())
                )
                assert answer.status_code in (400, 404), path
                assert "backstep_" not in answer.text


def test_limits_count_the_client(proxy: Proxy) -> None:
    """The address of the client counts, not that of the proxy, nor one that the client claims."""
    first = 2 + 2 * KINDS.index(proxy.kind)  # so that no other test counts
    with client(proxy, f"127.0.0.{first}") as one, client(proxy, f"127.0.0.{first + 1}") as other:
        status = [
            one.get(
                f"{BASE}/api/live/AAAAA{number}",
                headers={
                    "X-Forwarded-For": f"198.51.100.{number}",
                    "Forwarded": f"for=192.0.2.{number}",
                },
            ).status_code
            for number in range(2, GUESSES + 4)
        ]
        assert status == [404] * GUESSES + [429] * 2
        assert other.get(f"{BASE}/api/live/AAAAA2").status_code == 404


def test_the_scheme_and_the_host(proxy: Proxy) -> None:
    """Cookies are for https and the path alone, and other sites are refused."""
    with client(proxy) as browser:
        begun = browser.post(f"{BASE}/step?preset=deck", headers={"Origin": proxy.url})
        assert begun.status_code == 303
        cookies = begun.headers.get_list("Set-Cookie")
        assert cookies
        for cookie in cookies:
            assert re.search(rf"; Path={BASE}/(;|$)", cookie), cookie
            assert re.search(r"; Secure(;|$)", cookie), cookie
        other = browser.post(f"{BASE}/step?preset=deck", headers={"Origin": "https://example.org"})
        assert other.status_code == 403


def test_events_are_not_held_back(proxy: Proxy) -> None:
    """Each step arrives within a second while the stream stays open, also for a browser that accepts
    compressed answers."""
    with lecture(proxy) as (program, path, code), client(proxy) as follower:
        for coding in ("identity", "gzip"):
            events = f"{BASE}/api/live/{code}/events"
            with follower.stream("GET", events, headers={"Accept-Encoding": coding}) as stream:
                assert stream.headers.get("Content-Encoding", "identity") == coding
                lines = stream.iter_lines()
                next(line for line in lines if line == "event: state")
                for _ in range(3):
                    started = time.monotonic()
                    stepped = program.post(f"{path}/step").json()
                    at = f'"cursor":{stepped["cursor"]},'
                    next(line for line in lines if at in line.replace(" ", ""))
                    assert time.monotonic() - started < AT_ONCE
        program.delete(f"{path}/share")


def networks(server: AppServer) -> set[str]:
    """The ids of all networks that are stored."""
    with closing(sqlite3.connect(server.folder / "backstep.db")) as file:
        return {id for (id,) in file.execute("SELECT id FROM sessions WHERE length(id) = 22")}


def sent() -> Routes:
    """All that a browser or a program sends: methods and paths of routes, and what comes with them.

    What deletes the network comes last.
    """
    routes: Routes = NAMED | PAGES | HELD | LISTS | {("POST", "/api/sessions"): {"json": {}}}
    changing = {route: asked for route, asked in routes.items() if route[0] != "GET"}
    last = {("POST", "/n/{id}/delete"), ("DELETE", "/api/sessions/{id}")}
    return dict(sorted(changing.items(), key=lambda each: each[0] in last))


def needs_sign_in(method: str, path: str) -> bool:
    """Whether a request begins a network or a lecture, or may do so where there is no network yet."""
    if path.startswith(("/n/{id}", "/api/sessions/{id}")):
        return method == "POST" and path in BEGINNING
    return path not in NOT_BEGINNING


def test_a_sign_in_before_anything_is_begun(guarded: Proxy, server: AppServer) -> None:
    """Whoever is signed out begins no network and no lecture, on no route, and is told to sign in; all
    else goes on. Whoever is signed in does."""
    with client(guarded) as browser:
        browser.cookies.set(SIGNED_IN, "yes")
        network = browser.post(f"{BASE}/step?preset=deck").headers["Location"]
        id = network.rpartition("/")[2]
        content = browser.get(f"{network}/export/session.json").text
        routes = sent()
        for path in ("/import", "/n/{id}/import"):
            routes["POST", path] = {"data": {"text": content}}
        before = networks(server)
        assert id in before
        browser.cookies.delete(SIGNED_IN)
        for (method, path), asked in routes.items():
            answer = browser.request(method, BASE + filled(path, id), **asked)
            assert (answer.status_code == 401) is needs_sign_in(method, path), path
            if answer.status_code == 401:
                assert 'href="/oauth2/start' in answer.text
                assert answer.headers["HX-Retarget"] == "#notice"
                assert answer.headers["Cache-Control"] == "no-store"
            assert networks(server) <= before, path
        form = {"Sec-Fetch-Mode": "navigate"}
        shown = browser.post(f"{BASE}/step?preset=deck", headers=form)
        assert shown.status_code == 401
        assert f'content="0; url=/oauth2/start?rd={BASE}/"' in shown.text
        browser.cookies.set(SIGNED_IN, "yes")
        for path in ("/step?preset=xor", "/share?preset=and", "/import"):
            begun = networks(server)
            browser.post(BASE + path, **routes["POST", path.partition("?")[0]])
            assert len(networks(server)) == len(begun) + 1, path


def test_a_lecture_goes_on_when_the_sign_in_ends(guarded: Proxy) -> None:
    """The lecturer steps, asks, reveals and ends; others follow, answer and copy without a sign-in."""
    with lecture(guarded) as (program, path, code), client(guarded) as follower:
        program.cookies.delete(SIGNED_IN)
        assert program.post(f"{path}/step").status_code == 200
        live = follower.get(f"{BASE}/api/live/{code}").json()
        asked = program.post(f"{path}/questions", json={"address": "out/1/0"})
        assert asked.status_code < 300
        answer = {
            "question": asked.json()["question"],
            "answer": "0.5",
            "follower": live["follower"],
        }
        taken = follower.post(f"{BASE}/api/live/{code}/answers", json=answer)
        assert taken.json() == {"taken": True}
        revealed = program.post(f"{path}/questions/{answer['question']}/reveal")
        assert revealed.json()["answers"] == 1
        copied = follower.post(f"{BASE}/live/{code}/copy")
        assert copied.headers["Location"].startswith(f"{BASE}/n/")
        stepped = follower.post(
            f"{copied.headers['Location']}/step", headers={"HX-Request": "true"}
        )
        assert stepped.status_code == 200
        assert follower.get(f"{BASE}/live/{code}").status_code == 200
        assert program.delete(f"{path}/share").status_code < 300
        assert program.post(f"{path}/share").status_code == 401
