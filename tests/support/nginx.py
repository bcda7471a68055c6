"""nginx as a process, with a configuration of the project on a port of this machine."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.server import PATIENCE, free_port


@contextmanager
def nginx(folder: Path, configuration: Path, replaced: dict[str, str]) -> Iterator[str]:
    """A running nginx, and its address. Each text of `replaced` is replaced; `{port}` is its port."""
    port = free_port()
    text = adapted(configuration, replaced, port)
    (folder / "nginx.conf").write_text(text)
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "nginx is missing: apt-get install nginx"
    user = "user root; " if os.getuid() == 0 else ""  # the folder is this user's alone
    options = ["-e", "stderr", "-p", f"{folder}", "-c", "nginx.conf", "-g", f"daemon off; {user}"]
    with listening([program, *options], port, folder / "nginx.log"):
        yield f"http://127.0.0.1:{port}"


def adapted(configuration: Path, replaced: Mapping[str, str], port: int) -> str:
    """A configuration in which each text of `replaced` is replaced; `{port}` is the port."""
    text = configuration.read_text()
    for usual, ours in replaced.items():
        assert usual in text, usual
        text = text.replace(usual, ours.replace("{port}", f"{port}"))
    return text


@contextmanager
def listening(
    command: Sequence[str], port: int, log: Path, environment: Mapping[str, str] = os.environ
) -> Iterator[None]:
    """A process that listens on a port of this machine, and writes what it says to a log."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        end = time.monotonic() + PATIENCE
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{command[0]} does not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False
