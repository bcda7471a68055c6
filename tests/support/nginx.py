"""nginx as a process, with a configuration of the project on a port of this machine."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.server import PATIENCE, free_port


@contextmanager
def nginx(folder: Path, configuration: Path, replaced: dict[str, str]) -> Iterator[str]:
    """A running nginx, and its address. Each text of `replaced` is replaced; `{port}` is its port."""
    port, text = free_port(), configuration.read_text()
    for usual, ours in replaced.items():
        assert usual in text, usual
        text = text.replace(usual, ours.replace("{port}", f"{port}"))
    (folder / "nginx.conf").write_text(text)
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "nginx is missing: apt-get install nginx"
    user = "user root; " if os.getuid() == 0 else ""  # the folder is this user's alone
    options = ["-e", "stderr", "-p", f"{folder}", "-c", "nginx.conf", "-g", f"daemon off; {user}"]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen([program, *options], stdout=log, stderr=log)
    try:
        end = time.monotonic() + PATIENCE
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"nginx does not start:\n{(folder / 'nginx.log').read_text()}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False
