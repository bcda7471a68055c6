"""How soon a lecturer's step reaches those who follow, and what each of them costs the server.

    python -m benchmarks.followers [--followers 1000] [--polling 300] [--seconds 30] [--redis]

The lecturer steps once a second, by layer. Each follower of a page reads its own stream, compressed as
for a browser, and notes when the event of each step comes. Those who poll ask once a second. With
`--redis`, two processes have half of the followers each. In the end everybody must be at the last step.
"""

import argparse
import asyncio
import re
import resource
import statistics
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import httpx
import uvloop
from msgspec.json import decode

from benchmarks.servers import backstep, redis, resident

GZIP = 31  # the window of zlib, with a header of gzip
VERSION = re.compile(rb'^data: \{"version":(\d+)', re.MULTILINE)
POLL_EVERY = 1.0  # seconds
MOST_WAITED = 3.0  # seconds, for the last event


class Follower:
    """Reads the stream of a lecture."""

    def __init__(self, port: int, code: str) -> None:
        self._port, self._code = port, code
        self._parts: list[tuple[float, bytes]] = []  # what came, and when
        self._came: dict[int, float] = {}

    @property
    def bytes(self) -> int:
        """How many bytes came on the wire."""
        return sum(len(part) for _, part in self._parts)

    @property
    def came(self) -> dict[int, float]:
        """When each version came. It is read in the end, so that reading delays no other follower."""
        inflate, rest, body = zlib.decompressobj(GZIP), b"", False
        for moment, part in self._parts:
            rest += part
            if not body:
                _, blank, after = rest.partition(b"\r\n\r\n")
                body, rest = bool(blank), after if blank else rest
            while b"\r\n" in rest:  # chunks (RFC 9112, 7.1)
                size, _, after = rest.partition(b"\r\n")
                end = int(size, 16) + 2
                if len(after) < end:
                    break
                for version in VERSION.findall(inflate.decompress(after[: end - 2])):
                    self._came.setdefault(int(version), moment)
                rest = after[end:]
        self._parts = []
        return self._came

    async def follow(self, joined: asyncio.Semaphore) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        path = f"/live/{self._code}/events"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )
        while part := await reader.read(65_536):
            self._parts.append((perf_counter(), part))
            if self._parts[-2:] == self._parts[-1:]:
                joined.release()


class Polling(Follower):
    """Asks once a second."""

    async def follow(self, joined: asyncio.Semaphore) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}") as client:
            etag, shown = "", ""
            while True:
                begun = perf_counter()
                answer = await client.get(
                    f"/live/{self._code}/update",
                    params={"shown": shown},
                    headers={"If-None-Match": etag},
                )
                if answer.status_code == 200:
                    etag, shown = answer.headers["etag"], decode(answer.content)["to"]
                    self._came.setdefault(int(etag.strip('"')), perf_counter())
                    if len(self._came) == 1:
                        joined.release()
                await asyncio.sleep(max(0.0, begun + POLL_EVERY - perf_counter()))


async def lecture(ports: Sequence[int], followers: int, polling: int, seconds: int) -> None:
    before = sum(map(resident, ports))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}") as client:
        made = (await client.post("/api/sessions", json={"preset": "deck"})).json()
        path, headers = f"/api/sessions/{made['id']}", {"Authorization": f"Bearer {made['key']}"}
        code = (await client.post(f"{path}/share", headers=headers)).json()["code"]
        joined = asyncio.Semaphore(0)
        all = [Follower(ports[number % len(ports)], code) for number in range(followers)]
        all += [Polling(ports[number % len(ports)], code) for number in range(polling)]
        tasks = []
        for each in all:
            tasks.append(asyncio.create_task(each.follow(joined)))
            await asyncio.sleep(0.002)
        for _ in all:
            await joined.acquire()
        grown = (sum(map(resident, ports)) - before) / max(1, len(all))
        sent: dict[int, float] = {}
        bytes_before = sum(each.bytes for each in all)
        for _ in range(seconds):
            begun = perf_counter()
            answer = await client.post(f"{path}/step", headers=headers, json={"by": "layer"})
            sent[answer.json()["version"]] = begun
            await asyncio.sleep(max(0.0, begun + 1.0 - perf_counter()))
        await asyncio.sleep(MOST_WAITED)
        size = (sum(each.bytes for each in all) - bytes_before) / max(1, followers) / len(sent)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    report(all[:followers], "streams", sent)
    report(all[followers:], "polling", sent)
    if followers:
        print(
            f"{size / 1000:.2f} kB for each follower and step, {grown / 1024:.1f} KiB of the server"
        )


def report(followers: Sequence[Follower], kind: str, sent: dict[int, float]) -> None:
    if not followers:
        return
    last = max(sent)
    arrived = sum(last in each.came for each in followers)
    waits = sorted(
        each.came[version] - begun
        for each in followers
        for version, begun in sent.items()
        if version in each.came
    )
    p99 = waits[int(0.99 * len(waits))]
    print(
        f"{len(followers)} {kind}: {arrived} at the last step; "
        f"{len(waits)} of {len(sent) * len(followers)} events, median "
        f"{1000 * statistics.median(waits):.0f} ms, p99 {1000 * p99:.0f} ms, "
        f"largest {1000 * waits[-1]:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--followers", type=int, default=1_000)
    parser.add_argument("--polling", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--redis", action="store_true", help="two processes on a Redis")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.redis:
            store = f"redis://127.0.0.1:{stack.enter_context(redis(folder))}/0"
            ports = [stack.enter_context(backstep(folder, store)) for _ in range(2)]
        else:
            ports = [stack.enter_context(backstep(folder))]
        uvloop.run(lecture(ports, asked.followers, asked.polling, asked.seconds))


if __name__ == "__main__":
    main()
