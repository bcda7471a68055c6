"""`python -m app` as a process: started on a free port, and ended by its own id."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.settings import ROOT
from benchmarks.servers import free_port

PATIENCE = 30  # seconds that anything may take on a busy machine


@dataclass
class Served:
    """A running server.

    Attributes:
        folder: its working folder; the database is `data/backstep.db` in it.
    """

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def out(self) -> str:
        """What it has written to stdout."""
        return (self.folder / "stdout").read_text()

    @property
    def err(self) -> str:
        """What it has written to stderr."""
        return (self.folder / "stderr").read_text()

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False)


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Served]:
    """A server in a folder, with settings from the environment; it answers from the start on."""
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOST": "127.0.0.1", "PORT": str(port)}
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=folder,
            env=environment | settings,
            stdout=out,
            stderr=err,
        )
    server = Served(process, folder, port)
    try:
        _wait(server)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: Served) -> None:
    end = time.monotonic() + PATIENCE
    with server.client() as client:
        while time.monotonic() < end and server.process.poll() is None:
            with suppress(httpx.TransportError):
                client.get("/readyz").raise_for_status()
                return
            time.sleep(0.02)
    raise AssertionError(f"the server does not start:\n{server.out}{server.err}")
