"""A real server for the browser: `python -m app` in its own process, on any free port."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.settings import ROOT

START = 30  # seconds that a busy machine may need to start a server


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, its database and its log."""

    url: str
    database: Path
    log: Path

    def sessions(self) -> int:
        """The number of sessions in its SQLite file, without the lists of their owners."""
        with closing(sqlite3.connect(self.database)) as connection:
            [(count,)] = connection.execute(
                "SELECT count(*) FROM sessions WHERE id NOT LIKE 'owner:%'"
            )
        return int(count)


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    """A server with these settings (`BACKSTEP_…`) that keeps its database and log in the folder."""
    database, log = folder / "backstep.db", folder / "server.log"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BACKSTEP_") and name not in ("HOST", "PORT")
    }
    environment |= {
        "PORT": "0",
        "BACKSTEP_STORE_URL": f"sqlite:///{database}",
        "BACKSTEP_SECRET": "for tests alone" * 2,
    }
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=ROOT,
            env=environment | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Server(_address(process, log), database, log)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, as soon as its log says so."""
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"running on (http://\S+)", log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")
