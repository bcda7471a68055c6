"""The nginx of compose.yaml in front of real servers."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from app.settings import ROOT
from tests.support.deploy_files import compose
from tests.support.nginx import nginx
from tests.support.server import PATIENCE, AppServer, free_port, served

CONFIGURATION = ROOT / "deploy" / "compose" / "nginx.conf"
SECRET = "made for this test alone"
BACKSTEP = compose(BACKSTEP_SECRET=SECRET)["services"]["backstep"]["environment"]
OUTSIDE = {"X-Forwarded-Proto": "https"}


def proxy(folder: Path, *upstreams: int) -> AbstractContextManager[str]:
    """nginx in front of servers on these ports. Debian's is too old for `resolve`, and no name
    server knows of replicas."""
    servers = "".join(f"server 127.0.0.1:{each} max_fails=1 fail_timeout=2s;" for each in upstreams)
    replaced = {
        "server backstep:8000 resolve max_fails=1 fail_timeout=2s;": servers,
        "listen 8080;": "listen 127.0.0.1:{port};",
        "/tmp/": f"{folder}/",
    }
    text = CONFIGURATION.read_text()
    [resolver] = re.findall(r"resolver 127\.0\.0\.11 [^;]*;", text)
    return nginx(folder, CONFIGURATION, replaced | {resolver: ""})


@contextmanager
def replica(folder: Path, store: Path) -> Iterator[AppServer]:
    """A server as compose.yaml sets it up, but on a file that the replicas share."""
    folder.mkdir()
    settings = {
        "BACKSTEP_STORE_URL": f"sqlite:///{store}",
        "BACKSTEP_TRUSTED_PROXIES": "127.0.0.1",
        "BACKSTEP_LOG_FORMAT": "json",
        "BACKSTEP_DRAIN": "0.5",  # shorter than deployed
        "PYTHONUNBUFFERED": "1",
    }
    with served(folder, **(BACKSTEP | settings)) as server:
        yield server


def client(url: str) -> httpx.Client:
    """A browser behind the proxy."""
    return httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False)


@pytest.fixture
def backstep(tmp_path: Path) -> Iterator[AppServer]:
    with replica(tmp_path / "one", tmp_path / "backstep.db") as server:
        yield server


def test_through_the_proxy(backstep: AppServer, tmp_path: Path) -> None:
    """Answers are compressed, requests are named and forwarded, and metrics are hidden."""
    with proxy(tmp_path, backstep.port) as url, client(url) as browser:
        asked = {"X-Request-ID": "from-anybody", "Accept-Encoding": "gzip"}
        page = browser.get("/", headers=asked)
        assert page.status_code == 200
        assert page.headers["Content-Encoding"] == "gzip"
        name = page.headers["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{32}", name)  # nginx's
        stepped = browser.post("/step?preset=deck", headers=OUTSIDE | {"HX-Request": "true"})
        assert stepped.status_code == 200
        assert "Secure" in stepped.headers["Set-Cookie"]
        plain = httpx.post(f"{url}/step?preset=deck", trust_env=False)
        assert "Secure" not in plain.headers["Set-Cookie"]
        assert browser.get("/metrics").status_code == 404
        assert browser.get("/readyz").status_code == 200
        assert browser.post("/step", content=b"x" * 70_000).status_code == 413
        assert "Server" in page.headers
        assert "/" not in page.headers["Server"]  # no version
    backstep.process.send_signal(signal.SIGTERM)  # its lines follow its answers
    backstep.process.wait(PATIENCE)
    assert f'"request_id":"{name}"' in backstep.out


def test_a_replica_that_is_gone_is_passed_over(backstep: AppServer, tmp_path: Path) -> None:
    """Requests that a dead replica cannot take go to another."""
    with proxy(tmp_path, free_port(), backstep.port) as url, client(url) as browser:
        begun = browser.post("/api/sessions", json={"preset": "deck"}).json()
        key = {"Authorization": f"Bearer {begun['key']}"}
        for version in range(2, 22):
            answer = browser.post(f"/api/sessions/{begun['id']}/step", headers=key)
            assert answer.json()["version"] == version


def test_an_upgrade_loses_nothing(tmp_path: Path) -> None:
    """While a replica drains and stops, every acknowledged step counts exactly once."""
    store = tmp_path / "backstep.db"
    refused = 0
    with replica(tmp_path / "old", store) as old, replica(tmp_path / "new", store) as new:
        with proxy(tmp_path, old.port, new.port) as url, client(url) as browser:
            begun = browser.post("/api/sessions", json={"preset": "deck"}).json()
            key = {"Authorization": f"Bearer {begun['key']}"}
            path = f"/api/sessions/{begun['id']}/step"
            versions = []

            def press(times: int) -> None:
                nonlocal refused
                for _ in range(times):
                    answer = browser.post(path, json={"by": "unit"}, headers=key)
                    if answer.status_code == 200:
                        versions.append(answer.json()["version"])
                    else:
                        assert (answer.status_code, answer.json()["status"]) == (503, 503)
                        refused += 1

            press(20)
            assert refused == 0
            old.process.send_signal(signal.SIGTERM)
            end = time.monotonic() + PATIENCE
            while old.process.poll() is None and time.monotonic() < end:
                press(1)
                time.sleep(0.02)
            assert old.process.returncode == 0
            press(20)
            assert versions == list(range(2, len(versions) + 2))
            assert len(versions) > 40
            assert refused <= 1
        for server in (old, new):  # both had their share
            assert '"route":"/api/sessions/{id}/step","status":200' in server.out


def test_nobody_there(tmp_path: Path) -> None:
    """Without an upstream nginx answers as Backstep would, and logs no path."""
    html, json = "text/html", "application/problem+json"
    with proxy(tmp_path, free_port()) as url, client(url) as browser:
        for headers, media_type in (
            ({}, json),
            ({"Accept": "text/html,*/*"}, html),
            ({"HX-Request": "true"}, html),
        ):
            answer = browser.post("/api/sessions/of-somebody/step", headers=headers)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert answer.headers["Content-Type"] == media_type
            assert answer.headers["HX-Retarget"] == "#notice"
            if media_type == html:
                assert answer.text.startswith("Sessions cannot be reached")
            else:
                assert answer.json()["status"] == 503
    assert "of-somebody" not in (tmp_path / "nginx.log").read_text()
