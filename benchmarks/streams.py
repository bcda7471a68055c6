"""Many event streams of one training: how long its Stop takes, and the memory of a stream.

    python -m benchmarks.streams [--streams 1000]

A session trains the largest network, with one stream and then with many of the same owner (forgotten
tabs, or a browser that reconnects without end). Once each has received an event, Stop is pressed: the
time until its response, the median of several trainings. The memory is the growth of the server's
resident memory while the streams are open.
"""

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.servers import backstep, resident
from benchmarks.step import Opened, answered

TRAININGS = 5
LARGEST = "layers=8-8-8-8-8&seed=3"
HEAD = "Host: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
FORM = "HX-Request: true\r\nContent-Type: application/x-www-form-urlencoded\r\n"


async def post(port: int, path: str, body: str, cookie: str = "") -> tuple[float, Opened]:
    """Seconds until the response to a form, and the network that it began."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    begun = time.perf_counter()
    writer.write(
        f"POST {path} HTTP/1.1\r\n{HEAD}{FORM}Cookie: {cookie}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    head = (await answered(reader))[0].decode()
    took = time.perf_counter() - begun
    writer.close()
    assert head.startswith("HTTP/1.1 200"), head
    headers = {
        name.lower(): text for name, _, text in (line.partition(": ") for line in head.splitlines())
    }
    set_cookie, address = headers.get("set-cookie", ""), headers.get("hx-replace-url", "")
    return took, Opened(set_cookie.partition(";")[0], address)


async def listen(port: int, network: Opened, heard: asyncio.Semaphore) -> None:
    """Reads the events of a training until they end; says once that the first has come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path, cookie = f"{network.address}/training/events", network.cookie
    writer.write(f"GET {path} HTTP/1.1\r\n{HEAD}Cookie: {cookie}\r\n\r\n".encode())
    await reader.readuntil(b"data: ")
    heard.release()
    while await reader.read(65_536):
        pass


async def stop(port: int, streams: int) -> tuple[float, float]:
    """Seconds of Stop, and bytes of the server's memory for each stream."""
    before = resident(port)
    _, network = await post(port, f"/train?{LARGEST}", "iterations=100000")
    heard = asyncio.Semaphore(0)
    listeners = [asyncio.create_task(listen(port, network, heard)) for _ in range(streams)]
    for _ in listeners:
        await heard.acquire()
    grown = resident(port) - before
    took, _ = await post(port, f"{network.address}/train/stop", "", network.cookie)
    for each in listeners:
        each.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    return took, grown / streams


async def measured(port: int, streams: int) -> None:
    await stop(port, 1)
    for count in (1, streams):
        figures = [await stop(port, count) for _ in range(TRAININGS)]
        took = statistics.median(each for each, _ in figures)
        print(
            f"{count} streams: Stop after {1000 * took:.0f} ms, "
            f"{figures[0][1] / 1024:.1f} KiB of the server for each"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, default=1_000)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory() as name, backstep(Path(name)) as port:
        asyncio.run(measured(port, asked.streams))


if __name__ == "__main__":
    main()
