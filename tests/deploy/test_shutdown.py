"""SIGTERM: requests are finished, new ones refused, and the process ends."""

import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.support.server import PATIENCE, AppServer, served

ITERATIONS = 2_000


def read_answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of the one answer that a server sends before it closes the connection."""
    answer = b""
    while part := connection.recv(65_536):
        answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def wait_until_refused(server: AppServer) -> None:
    """Return when the port takes no new connections."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)):
                return
        time.sleep(0.01)
    pytest.fail("it still takes connections")


def test_a_train_in_flight_is_answered(tmp_path: Path) -> None:
    """A training in flight is completed and stored while new connections are refused."""
    with served(tmp_path) as server, server.client() as client:
        begun = client.post("/api/sessions", json={"preset": "deck"}).json()
        body = b'{"iterations": %d}' % ITERATIONS
        head = (
            f"POST /api/sessions/{begun['id']}/train HTTP/1.1\r\nHost: backstep\r\n"
            f"Authorization: Bearer {begun['key']}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as train:
            train.sendall(head + body[:-1])
            # Answered after what came before it: the train has begun.
            assert client.get("/healthz").status_code == 200
            server.process.send_signal(signal.SIGTERM)
            wait_until_refused(server)
            train.sendall(body[-1:])
            answer, state = read_answer(train)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert f'"iteration":{ITERATIONS - 1},'.encode() in state
        assert server.process.wait(PATIENCE) == 0
    # And it was kept.
    with served(tmp_path) as server, server.client() as client:
        key = {"Authorization": f"Bearer {begun['key']}"}
        assert client.get(f"/api/sessions/{begun['id']}", headers=key).content == state


def test_a_request_that_never_ends_does_not_hold_it_up(tmp_path: Path) -> None:
    """After two seconds an unfinished request is cut off."""
    with served(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as slow:
            slow.sendall(b"POST /api/sessions HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\n{")
            with server.client() as client:
                assert client.get("/healthz").status_code == 200
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE) == 0
        assert "timeout graceful shutdown exceeded" in server.err


def test_readiness_goes_first(tmp_path: Path) -> None:
    """While draining /readyz fails and requests are served; a second signal ends it."""
    with served(tmp_path, BACKSTEP_DRAIN="3600") as server:
        with server.client() as client:
            assert client.get("/readyz").status_code == 200
            server.process.send_signal(signal.SIGTERM)
            end = time.monotonic() + PATIENCE
            while client.get("/readyz").status_code == 200 and time.monotonic() < end:
                time.sleep(0.01)
            assert httpx.get(f"{server.url}/readyz").status_code == 503
            assert httpx.get(f"{server.url}/healthz").status_code == 200
            page = httpx.get(f"{server.url}/")
            # No connection is kept, so that none is cut when the port closes.
            assert (page.status_code, page.headers["Connection"]) == (200, "close")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        with suppress(httpx.ConnectError):
            pytest.fail(f"{httpx.get(server.url)} from a server that has ended")


def test_a_time_to_drain_ends(tmp_path: Path) -> None:
    """The drain ends by itself."""
    with served(tmp_path, BACKSTEP_DRAIN="0.2") as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
