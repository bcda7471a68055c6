"""Whose word on where a request comes from is taken, over a real server."""

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


@pytest.mark.parametrize("trusted", ["", "10.9.8.7", "10.0.0.0/8, proxy"])
def test_nobody_is_believed_unasked(tmp_path: Path, trusted: str) -> None:
    """Whatever an untrusted client says of itself, it is counted as what it is."""
    with client(tmp_path, trusted) as untrusted:
        assert allowed(untrusted, MANY) == [True] * LIMIT + [False] * 2


@pytest.mark.parametrize("trusted", ["127.0.0.1", "127.0.0.0/8,10.0.0.1"])
def test_trusted_proxy_is_believed(tmp_path: Path, trusted: str) -> None:
    """Behind a proxy each client has its own requests; and only the address that the proxy itself
    added counts, not what the client wrote before it."""
    with client(tmp_path, trusted) as proxy:
        assert allowed(proxy, MANY) == [True] * (LIMIT + 2)
        spoofed = [f"192.0.2.{n}, 203.0.113.1" for n in range(LIMIT + 2)]
        assert allowed(proxy, spoofed) == [True] * LIMIT + [False] * 2


@pytest.mark.parametrize(("trusted", "secure"), [("", False), ("127.0.0.1", True)])
def test_scheme(tmp_path: Path, trusted: str, secure: bool) -> None:
    """A cookie is Secure where a trusted proxy says that TLS ends there."""
    with client(tmp_path, trusted) as proxy:
        answer = proxy.post("/step", headers={"X-Forwarded-Proto": "https"})
        assert answer.status_code == 303
        assert ("Secure" in answer.headers["Set-Cookie"]) is secure
