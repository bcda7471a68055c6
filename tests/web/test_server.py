"""What the limited protocol takes from uvicorn is still there. Its effects are in `tests/attacks`."""

import ast
import asyncio
import inspect
import textwrap
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.settings import Settings
from app.web.http.joined_writes import JoinedWrites
from app.web.http.server import LimitedProtocol

OWN = {"_check", "_reject", "_in_headers"}
OVERRIDDEN = {
    name: method
    for name, method in vars(LimitedProtocol).items()
    if isinstance(method, FunctionType) and name not in OWN
}
REQUEST = b"POST / HTTP/1.1\r\nHost: testserver\r\nContent-Length: 1\r\n\r\nx"


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_uvicorn_has_the_method(name: str) -> None:
    """uvicorn itself defines every method that is overridden, with the same parameters."""
    theirs = vars(HttpToolsProtocol)[name]
    parameters = inspect.signature(OVERRIDDEN[name]).parameters
    assert list(inspect.signature(theirs).parameters) == list(parameters)


class Transport(asyncio.Transport):
    """A connection that keeps what is written to it."""

    closed = False

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    @property
    def written(self) -> bytes:
        return b"".join(self.writes)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = (await receive())["body"]
    headers = [(b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def converse(kind: type[HttpToolsProtocol]) -> tuple[HttpToolsProtocol, Transport]:
    """A connection after two pipelined requests, a pause, bytes that are no request, and its end."""
    config = uvicorn.Config(echo, lifespan="off", log_config=None, ws="none")
    protocol, transport = kind(config, ServerState(), {}), Transport()
    protocol.connection_made(transport)
    protocol.data_received(REQUEST * 2)
    protocol.pause_writing()
    protocol.resume_writing()
    while protocol.tasks:
        await asyncio.gather(*protocol.tasks)
    assert protocol.cycle.response_complete
    protocol.data_received(b"no request\r\n\r\n")
    protocol.connection_lost(None)
    return protocol, transport


async def test_uvicorn_calls_the_methods() -> None:
    """uvicorn, its parser and asyncio call every method that is overridden."""
    called = set()

    def recorded(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def record(*arguments: Any) -> Any:
            called.add(name)
            return method(*arguments)

        return record

    methods = {name: recorded(name, method) for name, method in OVERRIDDEN.items()}
    kind = type("Recorded", (LimitedProtocol,), methods | {"settings": Settings()})
    _, transport = await converse(kind)
    assert called == set(OVERRIDDEN)
    assert transport.written.count(b"HTTP/1.1 200 OK") == 2
    assert transport.written.count(b"HTTP/1.1 400 Bad Request") == 1


async def test_uvicorn_sets_the_attributes() -> None:
    """uvicorn's own protocol has every attribute that is read and not set here."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(LimitedProtocol)))
    own = {"settings", *OWN}
    read: dict[str, set[str]] = {"self": set(), "cycle": set()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node.value).removeprefix("self.").replace("_running", "cycle")
            if name == "self" and isinstance(node.ctx, ast.Store):
                own.add(node.attr)
            elif name in read:
                read[name].add(node.attr)
    protocol, _ = await converse(HttpToolsProtocol)
    assert read["self"] - own <= set(dir(protocol))
    assert {"url", "headers", "scope", "cycle"} <= read["self"] - own
    assert read["cycle"] == {"disconnected", "response_complete", "response_started"}
    assert read["cycle"] <= set(dir(protocol.cycle))


async def test_head_and_body_are_one_write() -> None:
    """The head of an answer waits for its body, and is sent with it."""
    kind = type("Limited", (LimitedProtocol,), {"settings": Settings()})
    _, transport = await converse(kind)
    *answers, refusal = transport.writes
    assert len(answers) == 2
    assert all(each.startswith(b"HTTP/1.1 200 OK") for each in answers)
    assert all(each.endswith(b"\r\n\r\nx") for each in answers)
    assert refusal.startswith(b"HTTP/1.1 400 Bad Request")


async def test_a_write_waits_for_one_turn() -> None:
    """What nothing follows, such as an event of a stream, is sent at once; also before the end."""
    transport = Transport()
    joined = JoinedWrites(transport, asyncio.get_running_loop())
    joined.write(b"event")
    assert transport.writes == []
    await asyncio.sleep(0)
    assert transport.writes == [b"event"]
    joined.write(b"last")
    joined.close()
    assert transport.writes == [b"event", b"last"]
    assert joined.is_closing()
