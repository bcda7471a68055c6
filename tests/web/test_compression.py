"""Compressed answers: which are, for whom, and that streams are never held back."""

import asyncio
import gzip
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdDecompressor

from app.settings import ROOT
from app.web.http.compression import SMALLEST, CompressionMiddleware, accepted_codings
from app.web.http.static_files import JOINED, TEXTS, HashedStaticFiles, compressed

BROWSER = "gzip, deflate, br, zstd"
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "zstd": ZstdDecompressor().decompress,
}


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        (BROWSER, "zstd"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("zstd;q=0, gzip", "gzip"),
        ("zstd; q=0.0, gzip ; q=0", None),
        ("zstd;q=x, gzip;q=0.5", "gzip"),
        ("*", "zstd"),
        ("*;q=0.1, zstd;q=0", "gzip"),
        ("identity, *;q=0", None),
        ("br", None),
        ("", None),
    ],
)
def test_what_is_accepted(accept: str, coding: str | None) -> None:
    """The better of the two codings that the header allows, or none."""
    found = next(iter(accepted_codings(accept)), None)
    assert (found and found.name) == coding


async def raw(app: Any, method: str, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """An answer, and its body as it is sent."""
    async with (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://testserver"
        ) as client,
        client.stream(method, path, headers={"Accept-Encoding": "", **headers}) as answer,
    ):
        return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("coding", ["", "gzip", "zstd"])
@pytest.mark.parametrize(
    "path", ["/?preset=deck", "/openapi.json", "/export/graph.svg?preset=deck"]
)
async def test_answers(app: Starlette, path: str, coding: str) -> None:
    """A page, JSON and a drawing have the same content in every coding, and say which one it is."""
    answer, body = await raw(app, "GET", path, **{"Accept-Encoding": coding})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding", "") == coding
    assert int(answer.headers["Content-Length"]) == len(body)
    assert ("Accept-Encoding" in answer.headers.get("Vary", "")) == bool(coding)
    content = DECODERS[coding](body)
    assert content.lstrip()[:1] in (b"<", b"{")
    assert not coding or len(body) < len(content) / 3


async def test_a_key_is_not_compressed(app: Starlette) -> None:
    """Its length would tell something about it. Neither is anything small."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        client.headers["Accept-Encoding"] = BROWSER
        created = await client.post("/api/sessions", json={"preset": "deck"})
        assert created.status_code == 201
        assert len(created.content) > SMALLEST
        authorization = {"Authorization": f"Bearer {created.json()['key']}"}
        session = await client.get(f"/api/sessions/{created.json()['id']}", headers=authorization)
        assert session.headers["Content-Encoding"] == "zstd"
        small = await client.get("/healthz")
        assert small.status_code == 200
        for answer in (created, small):
            assert "Content-Encoding" not in answer.headers


class Parts:
    """An app that sends a body in parts, each when it is told to."""

    def __init__(self, media_type: str, **headers: str) -> None:
        self.headers = [(b"content-type", media_type.encode())]
        self.headers += [(name.encode(), value.encode()) for name, value in headers.items()]
        self.parts: asyncio.Queue[bytes] = asyncio.Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        while part := await self.parts.get():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("media_type", ["text/event-stream", "text/plain"])
async def test_a_stream_is_not_held_back(media_type: str) -> None:
    """Each part is passed on as it is, before there is another one."""
    app, sent = Parts(media_type), asyncio.Queue[Message]()
    scope = {"type": "http", "headers": [(b"accept-encoding", BROWSER.encode())]}
    task = asyncio.create_task(CompressionMiddleware(app)(scope, None, sent.put))  # type: ignore[arg-type]
    async with asyncio.timeout(10):
        if media_type == "text/event-stream":  # the head is not held back either
            assert (await sent.get())["headers"] == app.headers
        for part in (b"retry: 1000\n\n", b"data: " + b"x" * SMALLEST + b"\n\n"):
            await app.parts.put(part)
            message = await sent.get()
            if message["type"] == "http.response.start":
                assert message["headers"] == app.headers
                message = await sent.get()
            assert message["body"] == part
        await app.parts.put(b"")
        await task


@pytest.mark.parametrize("name", [*JOINED, "base/icon.svg"])
async def test_files_are_compressed_once(name: str) -> None:
    """A text of the page is compressed the first time, and has an ETag for each coding."""
    assets = HashedStaticFiles(ROOT / "static")
    address, tags = assets.url(name).removeprefix("/static"), set()
    for coding, decoded in DECODERS.items():
        asked = {"Accept-Encoding": coding}
        answer, body = await raw(assets, "GET", address, **asked)
        assert answer.headers.get("Content-Encoding", "") == coding
        assert answer.headers["Content-Type"].startswith(TEXTS[Path(name).suffix])
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Vary"] == "Accept-Encoding"
        _, plain = await raw(assets, "GET", address)
        assert decoded(body) == plain
        known = compressed.cache_info().misses
        again, nothing = await raw(
            assets, "GET", address, **asked, **{"If-None-Match": answer.headers["ETag"]}
        )
        assert (again.status_code, nothing) == (304, b"")
        assert compressed.cache_info().misses == known
        tags.add(answer.headers["ETag"])
    assert len(tags) == len(DECODERS)


async def test_fonts_are_sent_as_they_are(app: Starlette) -> None:
    """They are compressed by themselves."""
    font = "/static/vendor/fonts/latin.woff2"
    answer, body = await raw(app, "GET", font, **{"Accept-Encoding": BROWSER})
    assert "Content-Encoding" not in answer.headers
    assert body == (ROOT / font.removeprefix("/")).read_bytes()


TEXT = "".join(f"<p>unit {number}</p>" for number in range(200))


async def test_a_dictionary(tmp_path: Path) -> None:
    """Who has the dictionary gets what it leaves of an answer, with its hash (RFC 9842, 5.2)."""
    assets = HashedStaticFiles(tmp_path)
    assert assets.dictionary("d.txt") == ""
    content = TEXT.encode()
    assets.add_dictionary("d.txt", content, "/below/*")
    file, _ = await raw(assets, "GET", assets.dictionary("d.txt").removeprefix("/static"))
    assert file.headers["Use-As-Dictionary"] == 'match="/below/*"'
    assert "immutable" in file.headers["Cache-Control"]
    digest = sha256(content).digest()
    offered = f":{b64encode(digest).decode()}:"
    app = CompressionMiddleware(PlainTextResponse(TEXT.replace("unit", "net")))
    known = {"Accept-Encoding": f"{BROWSER}, dcb, dcz", "Available-Dictionary": offered}
    answer, body = await raw(app, "GET", "/", **known)
    assert answer.headers["Content-Encoding"] == "dcz"
    assert answer.headers["Vary"] == "Accept-Encoding, Available-Dictionary"
    assert body[:40] == b"\x5e\x2a\x4d\x18\x20\0\0\0" + digest
    dictionary = ZstdCompressionDict(content, dict_type=DICT_TYPE_RAWCONTENT)
    plain = ZstdDecompressor(dict_data=dictionary).decompress(body[40:])
    assert plain.decode() == TEXT.replace("unit", "net")
    for other in (
        {"Accept-Encoding": BROWSER},
        {"Accept-Encoding": f"{BROWSER}, dcz;q=0"},
        {"Available-Dictionary": f":{'A' * 43}=:"},
        {"Available-Dictionary": "d"},
    ):
        answer, _ = await raw(app, "GET", "/", **known | other)
        assert answer.headers["Content-Encoding"] == "zstd"
