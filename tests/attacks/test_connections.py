"""Slow, partial and oversized requests to a real server."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.raw_connection import Wire
from tests.support.server import AppServer, served

SECONDS = 1.0  # of patience, instead of 20
KEEP_ALIVE = 2
HEAD = b"POST /api/sessions HTTP/1.1\r\nHost: testserver\r\nContent-Type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: testserver\r\n\r\n"
BODY = b'{"preset": "deck"}'
CHUNK = b"a" * 1_000
IDLE = 500


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server of little patience, and no proxy that it trusts."""
    with served(
        tmp_path_factory.mktemp("server"),
        BACKSTEP_REQUEST_SECONDS=f"{SECONDS}",
        BACKSTEP_KEEP_ALIVE=f"{KEEP_ALIVE}",
        BACKSTEP_CLIENT_REQUESTS="0",
    ) as server:
        yield server


def refusal(answer: bytes) -> int:
    """The status of a refusal that the server itself made: a problem, and the last on its line."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"connection: close" in head.lower()
    status: int = json.loads(body)["status"]
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    return status


HALF = {
    "nothing": (b"", None),
    "half a line": (b"POST /api/ses", 408),
    "a head without end": (HEAD + b"X-More: ", 408),
    "empty lines": (b"\r\n\r\n", 408),
    "no body": (HEAD + b"Content-Length: 18\r\n\r\n", 408),
    "half a body": (HEAD + b"Content-Length: 18\r\n\r\n" + BODY[:9], 408),
    "half a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n12\r\n" + BODY[:9], 408),
    "after an answer": (GET + b"GET /hea", 200),
}


@pytest.mark.parametrize("name", HALF)
async def test_half_open(server: AppServer, name: str) -> None:
    """An incomplete request is answered, and its connection is closed."""
    data, status = HALF[name]
    wire = await Wire.open(server.url)
    await wire.send(data)
    answer = await wire.rest()
    if status is None:
        assert answer == b""
    elif status == 200:
        assert answer.startswith(b"HTTP/1.1 200")
    else:
        assert refusal(answer) == status
    await wire.close()


@pytest.mark.parametrize(
    "begin", [b"GET / HTTP/1.1\r\nX-Slow: ", HEAD + b"Content-Length: 99\r\n\r\n"]
)
async def test_dripping(server: AppServer, begin: bytes) -> None:
    """Bytes that arrive slowly do not keep a connection open."""
    wire = await Wire.open(server.url)
    await wire.send(begin)

    async def drip() -> None:
        while True:
            await wire.send(b" ")
            await asyncio.sleep(SECONDS / 5)

    dripping = asyncio.create_task(drip())
    assert refusal(await wire.rest()) == 408
    dripping.cancel()
    await wire.close()


async def test_body_that_nobody_reads(server: AppServer) -> None:
    """A body that no route reads is not accepted forever."""
    wire = await Wire.open(server.url)
    await wire.send(b"POST /nothing HTTP/1.1\r\nHost: testserver\r\nContent-Length: 60000\r\n\r\n")
    assert (await wire.answer())[0] == 404

    async def drip() -> None:
        while True:
            await wire.send(b" ")
            await asyncio.sleep(SECONDS / 5)

    dripping = asyncio.create_task(drip())
    await wire.rest()
    dripping.cancel()
    await wire.close()


LARGE = {
    "a header": b"GET / HTTP/1.1\r\nHost: testserver\r\nX-Large: " + CHUNK * 100 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-More: 12345\r\n" * 5_000 + b"\r\n",
    "a name": b"GET / HTTP/1.1\r\nHost: testserver\r\nX" + CHUNK * 40 + b": 1\r\n\r\n",
    "an address": b"GET /" + CHUNK * 40 + b" HTTP/1.1\r\nHost: testserver\r\n\r\n",
    "no end": b"GET / HTTP/1.1\r\nX-Large: " + CHUNK * 40,
}


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("pieces", [1, 50])
async def test_oversize_head(server: AppServer, name: str, pieces: int) -> None:
    """A head that is too large is refused, whole or in pieces."""
    wire = await Wire.open(server.url)
    data = LARGE[name]
    size = len(data) // pieces + 1

    async def send() -> None:
        for start in range(0, len(data), size):
            await wire.send(data[start : start + size])
            await asyncio.sleep(0)

    _, answer = await asyncio.gather(send(), wire.rest())
    # What is sent to a closed connection can make the system drop what was said before.
    assert not answer or refusal(answer) == 431
    assert answer or name != "no end" or pieces > 1
    await wire.close()


async def test_large_body_is_no_large_head(server: AppServer) -> None:
    """A body may be larger than a head, and the connection stays usable."""
    wire = await Wire.open(server.url)
    body = b" " * 50_000 + BODY
    for _ in range(2):
        await wire.send(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert (await wire.answer())[0] == 201
    await wire.close()


async def test_idle_connection_is_closed(server: AppServer) -> None:
    """A connection that is kept alive and sends no further request is closed without a word."""
    wire = await Wire.open(server.url)
    await wire.send(GET)
    assert (await wire.answer())[0] == 200
    assert await wire.rest() == b""
    await wire.close()


async def test_answer_that_nobody_takes(server: AppServer) -> None:
    """A client that does not read its answers is disconnected."""
    wire = await Wire.open(server.url)
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
    asking = b"GET /openapi.json HTTP/1.1\r\nHost: testserver\r\n\r\n"
    async with asyncio.timeout(30):
        while not wire.writer.is_closing():
            wire.writer.write(asking)
            try:
                await asyncio.wait_for(wire.writer.drain(), 0.05)
            except TimeoutError:
                continue
            except ConnectionError:
                break
    await wire.close()


async def test_others_are_served(server: AppServer) -> None:
    """With 500 idle or half-open connections every step is still answered correctly."""
    wires = await asyncio.gather(*(Wire.open(server.url) for _ in range(IDLE)))
    parts = [data for data, _ in HALF.values()]
    await asyncio.gather(*(wire.send(parts[n % len(parts)]) for n, wire in enumerate(wires)))
    async with httpx.AsyncClient(base_url=server.url, timeout=30, trust_env=False) as client:
        created = (await client.post("/api/sessions", json={"preset": "deck"})).json()
        path = f"/api/sessions/{created['id']}"
        key = {"Authorization": f"Bearer {created['key']}"}
        for version in range(2, 102):
            stepped = await client.post(f"{path}/step", json={"by": "unit"}, headers=key)
            assert stepped.status_code == 200
            state = stepped.json()
            assert (state["version"], state["cursor"]) == (version, (version - 2) % 77 + 1)
    await asyncio.gather(*(wire.rest() for wire in wires))  # each was closed
    await asyncio.gather(*(wire.close() for wire in wires))


async def test_nothing_was_logged_as_a_fault(server: AppServer) -> None:
    """None of these requests makes the server fail."""
    wire = await Wire.open(server.url)  # a client that is gone in the middle of its form
    await wire.send(b"POST /edit HTTP/1.1\r\nHost: testserver\r\nContent-Length: 99\r\n\r\nx")
    await wire.close()
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        assert (await client.get("/readyz")).status_code == 200
    assert "Traceback" not in server.err


async def test_connections_at_once(tmp_path: Path) -> None:
    """A connection above the limit is closed at once, and the others go on."""
    with served(tmp_path, BACKSTEP_CONNECTIONS="3") as server:
        wires = [await Wire.open(server.url) for _ in range(3)]
        assert [await wire.asked(GET) for wire in wires] == [200] * 3
        surplus = await Wire.open(server.url)
        assert await surplus.asked(GET) is None
        assert [await wire.asked(GET) for wire in wires] == [200] * 3
        await wires.pop().close()
        async with asyncio.timeout(10):
            while await (wire := await Wire.open(server.url)).asked(GET) is None:
                await wire.close()
        wires.append(wire)
        for wire in [*wires, surplus]:
            await wire.close()
