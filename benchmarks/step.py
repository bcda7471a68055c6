"""The cost of a step, as a ratio to a minimal response, both measured in one run.

    python -m benchmarks.step

One htmx step is a POST with the browser's cookie: the session is read from SQLite, stepped by a
layer and written back, and what differs from the page is rendered: each request names what its page
shows. It is compared with a bare ASGI app on the same uvicorn that responds with a constant of the
same size. First with sequential requests on one connection, in turns, by visitors who are alone with
their numbers: also with a step ahead, which is confirmed and gets the next one, and with a derivation
open on the page; and by one who takes the steps that others have taken, as in a class. Then with 64
connections at the same time, by wrk: those of a class, and each with numbers of its own.
"""

import asyncio
import re
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from app.view.screen.page import AHEAD
from benchmarks.servers import backstep, bare

TURNS = 3_000
WARM_UP = 300
CONNECTIONS = 64
SECONDS = 4
ROUNDS = 3
LEAST = 0.10  # times the bare requests per second
MOST_OPEN = 1.6  # times the step without a derivation
STATE = re.compile(rb'data-shown(?:="|\x1f)([^"\x1e]+)')
OPEN = (
    "at=weight/0/2/1~weight_gradient/0/2/1~delta/1/1"  # down to a hidden δ, with path contributions
)

ALONE = "layers=3-4-2&seed={}"  # a network that nobody else has
FIRST = 2  # visitors of a class for whom nothing is ready yet


class Opened(NamedTuple):
    """A network in a browser: the cookie and the address."""

    cookie: str = ""
    address: str = ""


def begin(port: int, start: str = "preset=deck") -> Opened:
    """Begins a network from an example, as a new browser."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("POST", f"/step?{start}", headers={"HX-Request": "true"})
    answer = connection.getresponse()
    answer.read()
    cookie = str(answer.headers["set-cookie"]).split(";")[0]
    return Opened(cookie, str(answer.headers["hx-replace-url"]))


def request(network: Opened, query: str = "", state: str = "", ahead: str | None = None) -> bytes:
    """The request for a step, as htmx in a browser sends it from a page that shows a state, and has
    gone ahead to another one, or asks for that."""
    more = "" if ahead is None else f"Ahead: {ahead}\r\n"
    return (
        f"POST {network.address}/step{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n"
        "Accept-Language: en-US,en;q=0.9\r\nHX-Request: true\r\nHX-Target: div#lab\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Shown: {state}\r\n{more}Cookie: {network.cookie}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def state_in(body: bytes) -> str:
    """The name of the state that an answer brings; it is the same in a region and in a patch."""
    found = STATE.search(body)
    return found[1].decode() if found else ""


class Client:
    """A keep-alive connection that measures from the first byte sent to the last one received."""

    def __init__(
        self, port: int, network: Opened, query: str = "", *, goes_ahead: bool = False
    ) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.network, self.query = network, query
        self.state = ""
        self.ahead = "" if goes_ahead else None
        self.size = 0

    def ask(self) -> float:
        """Seconds of one request; sets `size` to that of the response body."""
        message = request(self.network, self.query, self.state, self.ahead)
        started = time.perf_counter()
        self.socket.sendall(message)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.socket.recv(262_144)
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        parts = [body]
        left = length - len(body)
        while left > 0:
            parts.append(self.socket.recv(262_144))
            left -= len(parts[-1])
        taken = time.perf_counter() - started
        self.size = length
        self._show(*b"".join(parts).partition(AHEAD)[::2])
        return taken

    def _show(self, patch: bytes, following: bytes) -> None:
        """Show what an answer brings, and go ahead; an empty patch confirms the step ahead."""
        self.state = state_in(patch) if patch else self.ahead or ""
        if self.ahead is not None:
            self.ahead = state_in(following)


async def answered(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The head and the body of the next response."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head, await reader.readexactly(length)


def in_turns(*asks: Callable[[], float]) -> tuple[float, ...]:
    """The median seconds of each kind of request; the kinds take turns."""
    for _ in range(WARM_UP):
        for ask in asks:
            ask()
    times = [[ask() for ask in asks] for _ in range(TURNS)]
    return tuple(statistics.median(each) for each in zip(*times, strict=True))


def per_second(
    port: int,
    networks: list[Opened],
    folder: Path,
    seconds: float = SECONDS,
    *,
    reads: bool = True,
) -> float:
    """Requests per second over 64 connections; the sessions take turns.

    A client that `reads` the answers names the states that they bring. Where the answer is a constant,
    reading would be most of wrk's work.
    """
    script = folder / "step.lua"
    # The name of a state begins with the first characters of its session's id, as the cookie does.
    asking = (
        "local cookies = {" + ", ".join(f'"{each.cookie}"' for each in networks) + "}\n"
        "local addresses = {" + ", ".join(f'"{each.address}"' for each in networks) + "}\n"
        "local states, turn = {}, 0\n"
        "function request()\n"
        "  turn = turn % #cookies + 1\n"
        '  local state = states[addresses[turn]:sub(4, 11)] or ""\n'
        '  return wrk.format("POST", addresses[turn] .. "/step", {["Cookie"] = cookies[turn], ["Shown"] = state, '
        '["HX-Request"] = "true", ["Accept"] = "text/html", ["Accept-Language"] = "en-US,en;q=0.9", '
        '["Sec-Fetch-Site"] = "same-origin", ["Content-Length"] = "0"})\n'
        "end\n"
    )
    reading = (
        "function response(status, headers, body)\n"
        "  local state = body:match('data%-shown[=\\31]\"?([^\"\\30]+)')\n"
        "  if state then states[state:sub(1, 8)] = state end\n"
        "end\n"
    )
    script.write_text(asking + reading if reads else asking)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(script)]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True
    )
    assert "Non-2xx" not in done.stdout, done.stdout
    line = next(line for line in done.stdout.splitlines() if line.startswith("Requests/sec"))
    return float(line.split()[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as name, backstep(Path(name)) as ours:
        folder = Path(name)
        step = Client(ours, begin(ours, ALONE.format(1)))
        sizes = [(step.ask(), step.size)[1] for _ in range(190)]
        with bare(round(statistics.mean(sizes))) as theirs:
            nothing = Client(theirs, Opened())
            opened = Client(ours, begin(ours, ALONE.format(2)), f"?{OPEN}")
            ahead = Client(ours, begin(ours, ALONE.format(3)), goes_ahead=True)
            *first, later = (Client(ours, begin(ours)) for _ in range(FIRST + 1))
            asks = (step, nothing, opened, ahead, *first, later)
            ours_s, theirs_s, open_s, ahead_s, *_, later_s = in_turns(*(each.ask for each in asks))
            print(f"answer {statistics.mean(sizes) / 1000:.1f} kB")
            print(
                f"one after another: step {ours_s * 1e6:.0f} µs, bare {theirs_s * 1e6:.0f} µs: "
                f"{ours_s / theirs_s:.2f}x"
            )
            print(
                f"above the bare app: step {(ours_s - theirs_s) * 1e6:.0f} µs, a step ahead "
                f"{(ahead_s - theirs_s) * 1e6:.0f} µs, a step that others have taken "
                f"{(later_s - theirs_s) * 1e6:.0f} µs"
            )
            print(
                f"with a derivation open: {open_s * 1e6:.0f} µs: {open_s / ours_s:.2f}x the step "
                f"without (at most {MOST_OPEN}x)"
            )
            alone = [begin(ours, ALONE.format(9 + number)) for number in range(CONNECTIONS)]
            together = [begin(ours) for _ in range(CONNECTIONS)]
            sides = (ours, together), (ours, alone), (theirs, together)
            rates = [
                [per_second(*side, folder, reads=side[0] == ours) for side in sides]
                for _ in range(ROUNDS)
            ]
            mine, apart, bare_rate = (statistics.median(side) for side in zip(*rates, strict=True))
            print(
                f"{CONNECTIONS} at once: step {mine:.0f}/s, bare {bare_rate:.0f}/s: "
                f"{mine / bare_rate:.3f} (at least {LEAST}); each alone {apart:.0f}/s"
            )


if __name__ == "__main__":
    main()
