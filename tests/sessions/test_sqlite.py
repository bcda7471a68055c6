"""What is particular to SQLite: its file, its faults, its walk through what has expired."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy, move

import pytest

from app.sessions.stores import sqlite
from app.sessions.stores.base import Record, StoreUnavailable
from app.sessions.stores.sqlite import SQLiteStore
from tests.support.clock import Clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the file goes."""
    return tmp_path / "sessions.db"


@pytest.fixture
async def store(path: Path, clock: Clock) -> AsyncIterator[SQLiteStore]:
    """Open a store that goes by the clock."""
    opened = SQLiteStore(path, clock)
    yield opened
    await opened.close()


def rows(path: Path) -> int:
    """Count the rows in the file, expired or not."""
    connection = sqlite3.connect(path)
    count = int(connection.execute("SELECT count(*) FROM sessions").fetchone()[0])
    connection.close()
    return count


def size(path: Path) -> int:
    """Return how many bytes the file has, without its WAL."""
    return path.stat().st_size


async def test_the_file_is_in_wal_mode(store: SQLiteStore, path: Path) -> None:
    """Readers and the writer do not wait for each other."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def test_a_record_lives_until_its_expiry_and_not_at_it(
    store: SQLiteStore, clock: Clock
) -> None:
    """A record with a ttl of 10 s is there for just under 10 s."""
    await store.create("a", b"one", 10)
    clock.now += 9.999
    assert await store.get("a") == Record(1, b"one")
    clock.now += 0.001
    assert await store.get("a") is None


async def test_sweep_gives_back_the_space(store: SQLiteStore, clock: Clock, path: Path) -> None:
    """A sweep removes the rows that have expired, and only those, and says how many."""
    for number in range(350):
        await store.create(f"{number}", b"x", 10 if number % 3 else 100)
    clock.now += 50
    assert rows(path) == 350
    assert await store.sweep() == 233
    assert rows(path) == 117


async def test_sweep_lets_others_go_on(store: SQLiteStore, clock: Clock) -> None:
    """Between its batches a sweep gives way, and what others write then is kept."""
    for number in range(sqlite.SWEEP_BATCH * 5):
        await store.create(f"{number}", b"x", 10)
    clock.now += 50
    sweeping = asyncio.create_task(store.sweep())
    turns = 0
    while not sweeping.done():
        await asyncio.sleep(0)
        assert await store.create(f"new{turns}", b"x", 10)
        turns += 1
    assert turns >= 5
    assert sweeping.result() == sqlite.SWEEP_BATCH * 5
    assert await store.count() == turns


async def test_a_locked_file_is_unavailable_for_writing(store: SQLiteStore, path: Path) -> None:
    """While another process holds the file, writes and the check fail, reads do not, and all recover."""
    await store.create("a", b"one", 10)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for write in (store.create("b", b"", 10), store.replace("a", 1, b"two", 10), store.check()):
        with pytest.raises(StoreUnavailable, match="locked"):
            await write
    assert await store.get("a") == Record(1, b"one")
    holder.execute("ROLLBACK")
    holder.close()
    await store.check()
    assert await store.replace("a", 1, b"two", 10)


async def test_a_full_disk_is_unavailable_and_loses_nothing(store: SQLiteStore) -> None:
    """Where there is no more room a write fails, and all that was written before is readable."""
    await store.create("a", b"one", 10)
    store._connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StoreUnavailable, match="full"):
        await store.create("b", bytes(100_000), 10)
    with pytest.raises(StoreUnavailable, match="full"):
        await store.replace("a", 1, bytes(100_000), 10)
    assert await store.get("a") == Record(1, b"one")
    assert await store.get("b") is None


def test_a_damaged_file_is_unavailable(path: Path) -> None:
    """A file that is no database is not opened, nor touched."""
    path.write_bytes(b"not a database, but somebody's work" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match=r"sessions\.db"):
        SQLiteStore(path)
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    """Where the folder cannot be, the error names the file."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match=r"file/sessions\.db"):
        SQLiteStore(tmp_path / "file" / "sessions.db")


async def test_the_check_notices_a_file_that_was_taken_away(store: SQLiteStore, path: Path) -> None:
    """Removing or replacing the file under the server does not go unnoticed."""
    move(path, path.with_name("away.db"))
    with pytest.raises(StoreUnavailable, match="gone"):
        await store.check()
    copy(path.with_name("away.db"), path)
    with pytest.raises(StoreUnavailable, match="replaced"):
        await store.check()


async def test_a_closed_store_is_unavailable(path: Path) -> None:
    """After closing, a store says so."""
    store = SQLiteStore(path)
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.get("a")


async def test_the_wal_is_copied_into_the_file_in_the_background(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After enough was written a checkpoint runs by itself, and the file holds it all."""
    monkeypatch.setattr(sqlite, "CHECKPOINT_EVERY", 100_000)
    await store.create("a", b"", 1_000)
    assert size(path) < 100_000
    await store.replace("a", 1, bytes(200_000), 1_000)
    assert store._checkpoint is not None
    await store._checkpoint
    assert size(path) > 200_000
    assert await store.get("a") == Record(2, bytes(200_000))


async def test_a_failing_checkpoint_stops_nobody(
    store: SQLiteStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A checkpoint that fails is logged; it makes no file, and reads and writes go on."""
    monkeypatch.setattr(sqlite, "CHECKPOINT_EVERY", 0)
    monkeypatch.setattr(store, "_path", tmp_path / "none.db")
    assert await store.create("a", b"one", 10)
    assert store._checkpoint is not None
    await store._checkpoint
    assert "cannot checkpoint" in caplog.text
    assert not (tmp_path / "none.db").exists()
    assert await store.get("a") == Record(1, b"one")


async def test_many_checkpoints_under_load_lose_nothing(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes during checkpoints stand, each in its turn, and after a reopening."""
    monkeypatch.setattr(sqlite, "CHECKPOINT_EVERY", 50_000)
    for number in range(10):
        await store.create(f"{number}", b"", 1_000)
    for version in range(1, 60):
        for number in range(10):
            assert await store.replace(f"{number}", version, bytes([version]) * 5_000, 1_000)
        await asyncio.sleep(0)
    await store.close()
    again = SQLiteStore(path, Clock())
    for number in range(10):
        assert await again.get(f"{number}") == Record(60, bytes([59]) * 5_000)
    await again.close()
