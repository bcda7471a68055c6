"""A SQLite file that goes bad, at rest or under the server, and who notices."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from app.sessions.stores import sqlite
from app.sessions.stores.base import Record, StoreUnavailable
from app.sessions.stores.sqlite import SQLiteStore
from tests.support.owner import Owner, client_of
from tests.support.server import AppServer, on_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the file goes."""
    return tmp_path / "sessions.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    """Open a store."""
    opened = SQLiteStore(path)
    yield opened
    await opened.close()


def damage_page(path: Path, holding: bytes) -> bytes:
    """Overwrite the page of the file that holds these bytes; return what the file was."""
    sound = path.read_bytes()
    content = bytearray(sound)
    at = content.index(holding) // 4096 * 4096
    content[at : at + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    return sound


def overwrite(path: Path, content: bytes) -> None:
    """Let the very same file hold something else."""
    path.write_bytes(content)


async def test_a_damaged_page_is_unavailable_and_spares_the_others(path: Path) -> None:
    """Where one record's page is damaged, reading it fails and the others are readable."""
    store = SQLiteStore(path)
    for number in range(100):
        await store.create(f"{number}", bytes([number]) * 3_000, 1_000)
    await store.close()
    damage_page(path, holding=bytes([50]) * 3_000)

    store = SQLiteStore(path)
    with pytest.raises(StoreUnavailable):
        await store.get("50")
    assert await store.get("10") == Record(1, bytes([10]) * 3_000)
    await store.close()


async def test_damage_once_met_with_is_told_until_the_file_is_opened_anew(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that could not read a page is not well, whatever else works; nor one that is opened
    on the same file, as soon as it has met with the page or looked through the file."""
    store = SQLiteStore(path)
    for number in range(100):
        await store.create(f"{number}", bytes([number]) * 3_000, 1_000)
    await store.close()
    sound = damage_page(path, holding=bytes([50]) * 3_000)

    store = SQLiteStore(path)
    await store.check()  # it has not looked there
    with pytest.raises(StoreUnavailable):
        await store.get("50")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="is damaged"):
            await store.check()
    assert await store.replace("10", 1, b"goes on", 1_000)
    await store.close()
    assert caplog.text.count("is damaged") == 1

    store = SQLiteStore(path)
    await store._find_damage()
    with pytest.raises(StoreUnavailable, match="is damaged"):
        await store.check()
    await store.close()

    overwrite(path, sound)
    store = SQLiteStore(path)
    await store._find_damage()
    await store.check()
    await store.close()


async def test_a_sweep_notices_damage_that_nobody_has_met_with(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a sweep the file is looked through, unless it is too large for that; others take
    their steps meanwhile."""
    store = SQLiteStore(path)
    for number in range(100):
        await store.create(f"{number}", bytes([number]) * 30_000, 1_000)
    await store.close()
    damage_page(path, holding=bytes([50]) * 4_000)  # in the middle of a long value

    store = SQLiteStore(path)
    monkeypatch.setattr(sqlite, "LARGEST", 0)
    await store.sweep()
    await store.check()
    monkeypatch.undo()
    await store.sweep()
    with pytest.raises(StoreUnavailable, match="is damaged"):
        await store.check()
    await store.close()


async def test_a_busy_file_is_not_taken_for_damaged(store: SQLiteStore, path: Path) -> None:
    """Nor one whose log was copied into it and made shorter by somebody who may."""
    await store.create("a", bytes(100_000), 10)
    await store.check()
    other = sqlite3.connect(path, isolation_level=None)
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    await store.check()
    other.execute("BEGIN EXCLUSIVE")
    await store._find_damage()
    other.execute("ROLLBACK")
    other.close()
    await store.check()


async def test_the_check_notices_a_log_that_was_taken_away(store: SQLiteStore, path: Path) -> None:
    """Without it everything since the last checkpoint would be lost at the next start."""
    await store.create("a", b"one", 10)
    await store.check()
    path.with_name("sessions.db-wal").unlink()
    with pytest.raises(StoreUnavailable, match="-wal is gone"):
        await store.check()


# Under the server.


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[AppServer, httpx.AsyncClient, list[Owner]]]:
    """Start a server on a file, with many sessions there."""
    with on_file(tmp_path) as server:
        async with client_of(server.url) as client:
            owners = [Owner() for _ in range(40)]
            for owner in owners:
                await owner.begin(client)
                await owner.step(client)
            assert (await client.get("/readyz")).status_code == 200
            yield server, client, owners


async def never_ready(client: httpx.AsyncClient) -> None:
    """Hold that the server says that it is alive and not ready, and goes on saying so."""
    for _ in range(2):
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/healthz")).status_code == 200


async def test_a_log_that_is_cut_off(
    served: tuple[AppServer, httpx.AsyncClient, list[Owner]],
) -> None:
    """The next look at the store notices, though nobody has met with it."""
    server, client, _ = served
    log = server.folder / "backstep.db-wal"
    os.truncate(log, log.stat().st_size // 2)
    await never_ready(client)


async def test_a_page_that_goes_bad(
    served: tuple[AppServer, httpx.AsyncClient, list[Owner]],
) -> None:
    """Once somebody has met with it; whoever is not concerned goes on."""
    server, client, owners = served
    path = server.folder / "backstep.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage_page(path, holding=owners[20].id.encode())
    read = []
    for owner in owners:
        answer = await client.get(f"/api/sessions/{owner.id}", headers=owner.authorization)
        read.append(answer.status_code)
    assert 503 in read
    await never_ready(client)
