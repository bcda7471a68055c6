"""How the time of a step grows with the size of the network and the number of stored sessions.

    python -m benchmarks.growth [--stored 100000]

Everything that is compared takes turns in one run. The network sizes share a server, next to the
bare ASGI app. The empty and the full store have a server each.
"""

import argparse
import secrets
import sqlite3
import tempfile
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from app.examples.published import DECK
from app.sessions.codec import Stored, encode
from benchmarks.servers import backstep, bare
from benchmarks.step import Client, Opened, begin, in_turns

SIZES = ("3-4-2", "8-8-4", "8-8-8-8-8")
MOST_STORED = 1.3  # times the step on an empty store


def fill(path: Path, stored: int) -> None:
    """Stores sessions in the database of a server, each with its own id."""
    data = encode(Stored(sha256(b"nobody's").digest(), DECK.simulation.train(100)))
    expires = time.time() + 1_000_000
    rows = ((secrets.token_urlsafe(16), 1, expires, data) for _ in range(stored))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO sessions VALUES (?, ?, ?, ?)", rows)


def sizes() -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        backstep(Path(name)) as port,
        bare(50_000) as nothing,
    ):
        clients = [Client(port, begin(port, f"layers={size}&seed=7")) for size in SIZES]
        floor = Client(nothing, Opened())
        *times, least = in_turns(*(client.ask for client in clients), floor.ask)
        for size, client, seconds in zip(SIZES, clients, times, strict=True):
            print(
                f"{size}: {seconds * 1e6:.0f} µs, {seconds / times[0]:.2f}x 3-4-2, "
                f"{seconds / least:.2f}x bare; fragment {client.size / 1000:.0f} kB"
            )


def stored(count: int) -> None:
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        with backstep(Path(full)):
            pass  # creates the file
        fill(Path(full) / "backstep.db", count)
        with backstep(Path(empty)) as few, backstep(Path(full)) as many:
            clients = [Client(port, begin(port)) for port in (few, many)]
            few_s, many_s = in_turns(*(client.ask for client in clients))
        print(
            f"{count} stored sessions: {many_s * 1e6:.0f} µs, on an empty store "
            f"{few_s * 1e6:.0f} µs: {many_s / few_s:.2f}x (at most {MOST_STORED}x)"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stored", type=int, default=100_000)
    asked = parser.parse_args()
    sizes()
    stored(asked.stored)


if __name__ == "__main__":
    main()
