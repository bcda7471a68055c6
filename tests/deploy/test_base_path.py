"""A server under a path, as a proxy forwards to it that gives it no host of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import ValidationError

from app.settings import ROOT, Settings
from tests.support.server import PATIENCE, AppServer, served, stored

BASE = "/uni/backstep"
PATHS = re.compile(r"""(?:href|action|src|data-[a-z]+)="(/[^"]*)\"""")  # also formaction


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    folder = tmp_path_factory.mktemp("base")
    settings = stored(f"sqlite:///{folder}/backstep.db")
    with served(folder, BACKSTEP_BASE_PATH=BASE, **settings) as server:
        yield server


def get(browser: httpx.Client, path: str) -> str:
    """The text at a path, of which every path inside is below the base path."""
    answer = browser.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.status_code < 500, path
    if answer.headers["Content-Type"].startswith("text/html"):
        found = PATHS.findall(answer.text)
        assert found, path
        assert [each for each in found if not each.startswith(f"{BASE}/")] == [], path
    return answer.text


def test_every_link_leads_below_the_base_path(server: AppServer) -> None:
    """All pages that are reached from the first one, with a network and a lecture, and their files."""
    with server.client() as browser:
        begun = browser.post(f"{BASE}/step")
        network = begun.headers["Location"]
        assert network.startswith(f"{BASE}/n/")
        assert {each.path for each in browser.cookies.jar} == {f"{BASE}/"}
        assert browser.post(f"{network}/share", follow_redirects=True).status_code == 200
        for panel in ("lecture", "export", "slides", "builder", "examples", "weights"):
            browser.post(f"{network}/view", data={"panel": panel})
            get(browser, network)
        seen: set[str] = set()
        waiting = [f"{BASE}/", network, f"{network}/present", f"{network}/speaker"]
        waiting += [f"{BASE}/docs", f"{BASE}/live"]
        while waiting and len(seen) < 80:
            path = waiting.pop(0)
            kind = re.sub(r"[?/](?=[^/]*[^a-z/])[^/]*", "", path)  # one of a kind is enough
            if kind in seen:
                continue
            seen.add(kind)
            links = re.findall(r'(?:href|src)="(/[^"#]*)', get(browser, path))
            waiting += [link.replace("&amp;", "&") for link in links]
        reached = ("/", "/networks", "/n", "/n/present", "/n/speaker", "/n/script", "/n/summary")
        assert {BASE + path for path in reached} <= seen


def test_addresses_in_answers(server: AppServer) -> None:
    """Those that programs get, and errors, name it as well."""
    with server.client() as program:
        begun = program.post(f"{BASE}/api/sessions", json={"preset": "deck"})
        assert begun.headers["Location"] == f"{BASE}/api/sessions/{begun.json()['id']}"
        key = {"Authorization": f"Bearer {begun.json()['key']}"}
        path = begun.headers["Location"]
        link = program.get(f"{path}/link", headers=key).json()["link"]
        assert link.startswith(f"{BASE}/open/")
        opened = program.get(link)
        assert opened.headers["Location"].startswith(f"{BASE}/?moment=")
        again = program.post(f"{BASE}/api/sessions", json={"link": server.url + link})
        assert again.json()["state"]["network"] == begun.json()["state"]["network"]
        shared = program.post(f"{path}/share", headers=key).json()
        assert shared["url"] == f"{server.url}{BASE}/live/{shared['code']}"
        events = f"{BASE}/api/live/{shared['code']}/events"
        with program.stream("GET", events) as stream:
            assert next(stream.iter_lines())
        assert program.get(f"{BASE}/openapi.json").json()["servers"] == [{"url": BASE}]
        lost = program.get(f"{BASE}/nowhere", headers={"Accept": "text/html"})
        assert lost.status_code == 404
        assert f'href="{BASE}/"' in lost.text


def test_the_path_itself_and_probes(server: AppServer) -> None:
    """Its last slash is added, the query is kept, and probes are not below it."""
    moved = server.ask(f"{BASE}?preset=xor")
    assert (moved.status_code, moved.headers["Location"]) == (308, f"{BASE}/?preset=xor")
    for probe in ("/healthz", "/readyz", "/metrics"):
        assert server.ask(probe).status_code == 200
        assert server.ask(BASE + probe).status_code == 404
    assert server.ask(f"{BASE}x/").status_code == 404


def test_a_proxy_may_take_it_off(server: AppServer) -> None:
    """The links lead below the base path all the same."""
    page = server.ask("/?preset=deck")
    assert page.status_code == 200
    assert all(urlsplit(each).path.startswith(f"{BASE}/") for each in PATHS.findall(page.text))


@pytest.mark.parametrize(
    "path", ["backstep", "/a//b", "/a/../b", "/.", "/a?b", "/a b", "/ü", "/%61"]
)
def test_a_malformed_path_is_refused(path: str) -> None:
    """It is refused where settings are read."""
    with pytest.raises(ValidationError, match="must be a path"):
        Settings(base_path=path)


def test_with_a_malformed_path_it_does_not_start(tmp_path: Path) -> None:
    """It says why in one line."""
    done = subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PORT": "0", "BACKSTEP_BASE_PATH": "/a//b"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("Backstep cannot start: BACKSTEP_BASE_PATH: must be a path")
