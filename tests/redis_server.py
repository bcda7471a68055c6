"""A Redis of the tests' own, on free ports of this machine, started and ended by its process id."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

START = 30  # seconds that a busy machine may take for a start
FOR_NOTHING = ("--save", "", "--appendonly", "no")
FOR_GOOD = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")


@dataclass
class RedisServer:
    """A Redis that can be killed and started again: on the same port, with the same folder."""

    folder: Path
    options: tuple[str, ...] = FOR_NOTHING
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its first database, as a setting has it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail("Redis is missing: apt-get install redis-server", pytrace=False)
        command = [program, "--port", f"{self.port}", "--bind", "127.0.0.1", "--hz", "100"]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--dir", f"{self.folder}", *self.options], stdout=log, stderr=log
            )
        self.wait_for("PING", "+PONG")

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, command: str) -> str:
        """The answer to a command, as it is sent: its first 64 KiB."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=START) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(65536).decode().strip()

    def wait_for(self, command: str, answer: str) -> None:
        """Ask until the answer is, or has in it, the one expected."""
        latest = time.monotonic() + START
        while time.monotonic() < latest and self.process and self.process.poll() is None:
            with suppress(OSError):
                if answer in self.ask(command):
                    return
            time.sleep(0.02)
        log = (self.folder / "redis.log").read_text()
        self.kill()
        pytest.fail(f"Redis does not answer {answer} to {command}:\n{log}")


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[RedisServer]:
    """A running Redis that keeps its files in the folder."""
    server = RedisServer(folder, options or FOR_NOTHING)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def redis_cluster(folder: Path) -> Iterator[RedisServer]:
    """A cluster of one node, which is as strict about keys as a large one."""
    bus = f"{free_port()}"
    cluster = ("--cluster-enabled", "yes", "--cluster-port", bus)
    with redis_server(folder, *FOR_NOTHING, *cluster) as server:
        server.ask("CLUSTER ADDSLOTSRANGE 0 16383")
        server.wait_for("CLUSTER INFO", "cluster_state:ok")
        yield server


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
