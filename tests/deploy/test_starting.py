"""A server that cannot start names the setting at fault in one line."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.main import CannotStart, create_app, sweep_forever, try_out
from app.sessions.stores.base import StoreUnavailable
from app.settings import ROOT, Settings
from tests.support.server import SECRET, AppServer, free_port, stored


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    """Start a server that is expected to end by itself."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("BACKSTEP_")
    }
    return subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=ROOT,
        env=environment | {"PORT": "0"} | settings,
        capture_output=True,
        text=True,
        timeout=30,
    )


def refused(done: subprocess.CompletedProcess[str], reason: str) -> None:
    """Hold that it said why in one line, and ended."""
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("Backstep cannot start: BACKSTEP_STORE_URL: ")
    assert reason in line


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that not even root can write to."""
    command = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", f"{tmp_path}"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"not allowed here: {error}")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize("settings", [{}, {"BACKSTEP_SECRET": SECRET}], ids=["", "secret"])
def test_a_folder_that_cannot_be(tmp_path: Path, settings: dict[str, str]) -> None:
    """A folder that cannot be created is named."""
    (tmp_path / "file").write_text("in the way")
    url = f"sqlite:///{tmp_path}/file/new/sessions.db"
    refused(
        start(BACKSTEP_STORE_URL=url, **settings), f"cannot open {tmp_path}/file/new/sessions.db"
    )


def test_a_folder_that_cannot_be_written(read_only: Path) -> None:
    """A read-only folder is named."""
    for name in ("sessions.db", "new/sessions.db"):
        done = start(BACKSTEP_STORE_URL=f"sqlite:///{read_only}/{name}")
        refused(done, f"cannot open {read_only}/{name}")


def test_no_database(tmp_path: Path) -> None:
    """A file that is not a database is named."""
    (tmp_path / "sessions.db").write_text("somebody's work\n" * 100)
    done = start(BACKSTEP_STORE_URL=f"sqlite:///{tmp_path}/sessions.db")
    refused(done, "file is not a database")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mongodb://teacher:hunter2@localhost", "unknown kind of store 'mongodb'"),
        ("sqlite://backstep.db", "expected sqlite:///"),
        ("redis://:hunter2@", "expected redis://"),
        ("redis+cluster://:hunter2@one", "unknown kind of store 'redis+cluster'"),
        ("redis://[hunter2", "Invalid IPv6 URL"),
    ],
)
async def test_an_address_of_no_store(url: str, reason: str) -> None:
    """An invalid store address is refused without repeating its password."""
    with pytest.raises(CannotStart) as refusal:
        await try_out(Settings(store_url=url, secret=SECRET))
    assert f"{refusal.value}".startswith("BACKSTEP_STORE_URL: ")
    assert reason in f"{refusal.value}"
    assert "hunter2" not in f"{refusal.value}"


def test_a_secret_that_cannot_be_kept(tmp_path: Path) -> None:
    """A secret file that cannot be written is named."""
    (tmp_path / "secret").mkdir()
    done = start(BACKSTEP_STORE_URL=f"sqlite:///{tmp_path}/sessions.db")
    refused(done, "BACKSTEP_SECRET is not set")


def test_a_redis_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    """The server starts without Redis, and logs that it is missing."""
    server = AppServer(tmp_path, stored(f"redis://127.0.0.1:{free_port()}/0"))
    server.start(until="/healthz")
    server.kill()
    said = "BACKSTEP_STORE_URL: the store does not answer yet: Redis does not answer"
    assert said in server.err


def test_making_an_app_touches_nothing(tmp_path: Path) -> None:
    """Creating the app creates no file."""
    create_app(Settings(store_url=f"sqlite:///{tmp_path}/data/backstep.db"))
    assert not list(tmp_path.iterdir())


async def test_sweeping_goes_on_when_the_store_is_away() -> None:
    """A failed sweep is tried again."""
    turns = asyncio.Queue[None]()

    class Away:
        async def sweep(self) -> int:
            turns.put_nowait(None)
            raise StoreUnavailable

    task = asyncio.create_task(sweep_forever(Away(), 0.001))  # type: ignore[arg-type]
    for _ in range(3):
        await asyncio.wait_for(turns.get(), 5)
    task.cancel()
