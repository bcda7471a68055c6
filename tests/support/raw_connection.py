"""A client that does what no client should: it speaks bytes, slowly, in part, or not at all."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

PATIENCE = 20  # seconds for what a busy machine may take


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, url: str) -> Self:
        """A connection to where a server listens."""
        address = urlsplit(url)
        return cls(*await asyncio.open_connection(address.hostname, address.port))

    async def send(self, data: bytes) -> None:
        """Send, as far as the other side still takes it."""
        self.writer.write(data)
        with suppress(ConnectionError):
            await self.writer.drain()

    async def rest(self) -> bytes:
        """All that comes until the server closes the connection."""
        received = b""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionError):
                while more := await self.reader.read(65_536):
                    received += more
        return received

    async def answer(self) -> tuple[int, bytes]:
        """The status and the body of one answer that states its length."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return int(head.split()[1]), await self.reader.readexactly(length)

    async def asked(self, data: bytes) -> int | None:
        """The status of the answer to a request; None where the connection is closed instead."""
        await self.send(data)
        try:
            return (await self.answer())[0]
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
