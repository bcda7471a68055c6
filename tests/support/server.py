"""`python -m app` as a process of its own, which a test may signal, kill and start again."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from app.settings import ROOT

PATIENCE = 30  # seconds that anything may take on a busy machine
SECRET = "for tests alone" * 2


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class AppServer:
    """A server on a fixed port. By default its database is `data/backstep.db` in its folder.

    Attributes:
        folder: its working folder, which holds its output as well.
        settings: environment variables beside those of the tests.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server is not running"
        return self._process

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def out(self) -> str:
        """What it has written to stdout."""
        return self._output("out").read_text()

    @property
    def err(self) -> str:
        """What it has written to stderr."""
        return self._output("err").read_text()

    def _output(self, name: str) -> Path:
        return self.folder / f"server-{self.port}.{name}"

    def start(self, until: str = "/readyz") -> None:
        """Start it, and wait until this path is answered without an error."""
        environment = {"PYTHONPATH": str(ROOT), "HOST": "127.0.0.1", "PORT": f"{self.port}"}
        with self._output("out").open("ab") as out, self._output("err").open("ab") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app"],
                cwd=self.folder,
                env=os.environ | environment | self.settings,
                stdout=out,
                stderr=err,
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(httpx.TransportError, httpx.HTTPStatusError):
                self.ask(until).raise_for_status()
                return
            time.sleep(0.02)
        self.kill()
        pytest.fail(f"the server does not start:\n{self.out}{self.err}")

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False, verify=False)

    def ask(self, path: str) -> httpx.Response:
        """The answer of this very process, even if it stands behind a proxy."""
        with self.client() as client:
            return client.get(path)


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[AppServer]:
    """A running server with these settings."""
    server = AppServer(folder, settings)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def stored(url: str) -> dict[str, str]:
    """The settings of a server on this store."""
    return {"BACKSTEP_STORE_URL": url, "BACKSTEP_SECRET": SECRET}


@contextmanager
def on_file(folder: Path) -> Iterator[AppServer]:
    """A running server whose sessions are in `backstep.db` in the folder."""
    with served(folder, **stored(f"sqlite:///{folder}/backstep.db")) as server:
        yield server
