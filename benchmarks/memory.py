"""The memory per session, and whether memory leaks in a long lecture.

    python -m benchmarks.memory [--sessions 2000] [--minutes 10]

In a four-hour lecture, each of 64 students takes 14,400 steps. Here they step as fast as the server
responds, for some minutes. The resident memory of the server is read after the first tenth, when the
caches of limited size are full, and at the end.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.servers import backstep, resident
from benchmarks.step import CONNECTIONS, Client, begin, per_second

MOST_GROWTH = 0.05
LECTURE = 4 * 60 * 60  # steps of each student


def sessions(count: int) -> None:
    with tempfile.TemporaryDirectory() as name, backstep(Path(name)) as port:
        warm = Client(port, begin(port))
        for _ in range(400):
            warm.ask()
        before = resident(port)
        for _ in range(count):
            Client(port, begin(port)).ask()
        grown = resident(port) - before
        print(f"memory: {grown / count / 1024:.1f} KiB for each of {count} sessions")


def lecture(minutes: float) -> None:
    with tempfile.TemporaryDirectory() as name, backstep(Path(name)) as port:
        folder = Path(name)
        networks = [begin(port) for _ in range(CONNECTIONS)]
        presses = 60 * minutes * 0.1 * per_second(port, networks, folder, 60 * minutes * 0.1)
        warm = resident(port)
        presses += 60 * minutes * 0.9 * per_second(port, networks, folder, 60 * minutes * 0.9)
        grown = resident(port) / warm - 1
        print(
            f"lecture: {presses:.0f} presses ({presses / CONNECTIONS / LECTURE:.0%} of four hours of "
            f"{CONNECTIONS} students), {warm / 1e6:.0f} MB after warm-up, {grown:+.1%} at the end "
            f"(at most {MOST_GROWTH:+.0%})"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=2_000)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    sessions(asked.sessions)
    lecture(asked.minutes)


if __name__ == "__main__":
    main()
