"""Which proxies are believed about the client's address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.server import served

LIMIT = 3


@contextmanager
def client(folder: Path, trusted: str) -> Iterator[httpx.Client]:
    """A client on this machine of a server that trusts these proxies, and allows few requests."""
    settings = {"BACKSTEP_CLIENT_REQUESTS": f"{LIMIT}", "BACKSTEP_TRUSTED_PROXIES": trusted}
    with (
        served(folder, **settings) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        yield client


def allowed(client: httpx.Client, forwarded: list[str]) -> list[bool]:
    """Which of the requests, each said to come from there, are allowed."""
    return [
        client.get("/api/presets", headers={"X-Forwarded-For": address}).status_code == 200
        for address in forwarded
    ]


MANY = [f"198.51.100.{n}" for n in range(LIMIT + 2)]


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8, proxy"])
def test_nobody_is_believed_unasked(tmp_path: Path, trusted: str) -> None:
    """The headers of an untrusted client do not change its address."""
    with client(tmp_path, trusted) as untrusted:
        assert allowed(untrusted, MANY) == [True] * LIMIT + [False] * 2


@pytest.mark.parametrize("trusted", ["127.0.0.1", "127.0.0.0/8,10.0.0.1"])
def test_trusted_proxy_is_believed(tmp_path: Path, trusted: str) -> None:
    """Behind a trusted proxy only the address that the proxy added counts."""
    with client(tmp_path, trusted) as proxy:
        assert allowed(proxy, MANY) == [True] * (LIMIT + 2)
        spoofed = [f"192.0.2.{n}, 203.0.113.1" for n in range(LIMIT + 2)]
        assert allowed(proxy, spoofed) == [True] * LIMIT + [False] * 2


@pytest.mark.parametrize(("trusted", "secure"), [("", False), ("127.0.0.1", True)])
def test_scheme(tmp_path: Path, trusted: str, secure: bool) -> None:
    """The cookie is Secure if a trusted proxy says that the request came over TLS."""
    with client(tmp_path, trusted) as proxy:
        answer = proxy.post("/step", headers={"X-Forwarded-Proto": "https"})
        assert answer.status_code == 303
        assert ("Secure" in answer.headers["Set-Cookie"]) is secure
