"""Sessions in an SQLite file, for a single server process. Nothing to install."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from app.sessions.stores.base import Record, StoreUnavailable

log = logging.getLogger(__name__)

BUSY_TIMEOUT = 0.2  # seconds to wait for another process; this blocks the event loop
SWEEP_BATCH = 100  # rows between two pauses
TOUCH_BATCH = 10  # the same, of rows that are written
CHECKPOINT_EVERY = 4_000_000  # bytes written between two checkpoints in the background
PAGE = 4096
CHECKPOINT_AT_LATEST = 8_000  # pages in the WAL (32 MB) at which a write makes a checkpoint
LARGEST = 256_000_000  # bytes of a file that is checked for damage; 64 MB take 50 ms on a thread
CUT_OFF = sqlite3.SQLITE_IOERR_SHORT_READ  # the WAL is shorter than its index says

# `data` is last, so that queries on `expires` do not read the long values. An index on `expires`
# would make every write 50 % slower, only to spare the sweep a scan. WITHOUT ROWID would make reads
# and writes of long values three to five times slower.
SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, expires REAL NOT NULL, data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS trial (id INTEGER PRIMARY KEY, filling BLOB NOT NULL);
"""
CREATE = """
INSERT INTO sessions (id, version, expires, data) VALUES (?, 1, ?, ?)
ON CONFLICT (id) DO UPDATE SET version = 1, expires = excluded.expires, data = excluded.data
WHERE expires <= ?
"""
GET = "SELECT version, data FROM sessions WHERE id = ? AND expires > ?"
REPLACE = """
UPDATE sessions SET version = version + 1, expires = ?, data = ?
WHERE id = ? AND version = ? AND expires > ?
"""
TOUCH = "UPDATE sessions SET expires = ? WHERE expires > ? AND id IN (%s)"
DELETE = "DELETE FROM sessions WHERE id = ? AND expires > ?"
LAST = "SELECT coalesce(max(rowid), 0) FROM sessions"
BATCH_END = """
SELECT coalesce(max(rowid), ?)
FROM (SELECT rowid FROM sessions WHERE rowid > ? ORDER BY rowid LIMIT ?)
"""
SWEEP = "DELETE FROM sessions WHERE rowid > ? AND rowid <= ? AND expires <= ?"
COUNT = "SELECT count(*) FROM sessions"
# As large as a large session: if this does not fit, a step may not fit either.
TRIAL = "INSERT OR REPLACE INTO trial (id, filling) VALUES (1, zeroblob(65536))"


class SQLiteStore:
    """A store in an SQLite file, called on the event loop: a call takes tens of microseconds.

    The file is in WAL mode with `synchronous=NORMAL`. Killing the process loses no write that has
    returned. A power cut or a crash of the operating system may lose the last writes. Neither
    leaves a damaged file or half a record.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Open the file, or create it and its folder; `clock` returns Unix seconds.

        Raises StoreUnavailable.
        """
        self._path = path.resolve()
        self._clock = clock
        self._wal = self._path.with_name(f"{self._path.name}-wal")
        self._wal_size = 0
        self._damage: str | None = None  # stays set until the file is opened again
        self._written = 0  # bytes since the last checkpoint
        self._checkpoint: asyncio.Future[None] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(self._path)
            self._inode = self._path.stat().st_ino
        except (OSError, sqlite3.Error) as error:
            raise StoreUnavailable(f"cannot open {path}: {error}") from error

    @classmethod
    def open(cls, url: str) -> Self:
        """Open `sqlite:///relative/path` or `sqlite:////absolute/path`.

        Raises ValueError for any other URL, StoreUnavailable.
        """
        parts = urlsplit(url)
        path = unquote(parts.path.removeprefix("/"))
        if parts.netloc or parts.query or parts.fragment or not path:
            raise ValueError("expected sqlite:///relative/path or sqlite:////absolute/path")
        return cls(Path(path))

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        now = self._clock()
        return self._put(CREATE, (id, now + ttl, data, now), len(data))

    async def get(self, id: str) -> Record | None:
        row = self._one(GET, (id, self._clock()))
        return None if row is None else Record(*row)

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        now = self._clock()
        return self._put(REPLACE, (now + ttl, data, id, version, now), len(data))

    async def touch(self, ids: Sequence[str], ttl: float) -> int:
        touched = 0
        for begin in range(0, len(ids), TOUCH_BATCH):
            batch, now = ids[begin : begin + TOUCH_BATCH], self._clock()
            marks = ", ".join("?" * len(batch))
            touched += self._write(TOUCH % marks, (now + ttl, now, *batch))
            await asyncio.sleep(0)
        return touched

    async def delete(self, id: str) -> bool:
        return self._write(DELETE, (id, self._clock())) == 1

    async def sweep(self) -> int:
        """Scan the whole table in batches, then check the file for damage on a thread."""
        # Only up to the current last row; otherwise a busy server would sweep forever.
        swept, begin, last = 0, 0, self._number(LAST)
        while begin < last:
            end = self._number(BATCH_END, (last, begin, SWEEP_BATCH))
            swept += self._write(SWEEP, (begin, end, self._clock()))
            begin = end
            await asyncio.sleep(0)
        await self._find_damage()
        return swept

    async def count(self) -> int:
        return self._number(COUNT)

    async def check(self) -> None:
        """Write a row, and check that the file is still the one that was opened and that its WAL
        has not shrunk. Damage found earlier is reported until the file is opened again."""
        if self._wal_is_shorter():
            await self._find_damage()
        if self._damage is not None:
            raise StoreUnavailable(f"{self._path} is damaged: {self._damage}")
        self._write(TRIAL, ())
        self._check_file()

    def _wal_is_shorter(self) -> bool:
        """Whether the WAL was truncated, or copied into the file, which does no harm."""
        try:
            before, self._wal_size = self._wal_size, self._wal.stat().st_size
        except OSError:
            self._report_damage("its -wal is gone")
            return False
        return self._wal_size < before

    async def _find_damage(self) -> None:
        loop = asyncio.get_running_loop()
        damage = await loop.run_in_executor(None, damage_of, self._path)
        if damage is not None:
            self._report_damage(damage)

    def _report_damage(self, damage: str) -> None:
        if self._damage is None:
            log.error("%s is damaged: %s", self._path, damage)
            self._damage = damage

    def _check_file(self) -> None:
        try:
            moved = self._path.stat().st_ino != self._inode
        except OSError as error:
            raise StoreUnavailable(f"{self._path} is gone: {error}") from error
        if moved:
            raise StoreUnavailable(f"{self._path} was replaced while in use: restart the server")

    async def close(self) -> None:
        """Wait for a running checkpoint and close the file."""
        if self._checkpoint is not None:
            await self._checkpoint
        self._connection.close()

    def _put(self, sql: str, parameters: tuple[Any, ...], size: int) -> bool:
        """Write a record of `size` bytes, and start a checkpoint if the WAL has grown enough."""
        done = self._write(sql, parameters) == 1
        self._written += size + PAGE
        if self._written > CHECKPOINT_EVERY:
            self._start_checkpoint()
        return done

    def _number(self, sql: str, parameters: tuple[Any, ...] = ()) -> int:
        row = self._one(sql, parameters)
        assert row is not None
        return int(row[0])

    # All reads and writes go through these two, which map errors.

    def _one(self, sql: str, parameters: tuple[Any, ...]) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._connection.execute(sql, parameters).fetchone()
        except sqlite3.Error as error:
            if is_damage(error):
                self._report_damage(str(error))
            raise StoreUnavailable(f"cannot read {self._path}: {error}") from error
        return row

    def _write(self, sql: str, parameters: tuple[Any, ...]) -> int:
        try:
            return self._connection.execute(sql, parameters).rowcount
        except sqlite3.Error as error:
            if _is_read_only(error):
                self._reopen()
            elif is_damage(error):
                self._report_damage(str(error))
            raise StoreUnavailable(f"cannot write {self._path}: {error}") from error

    def _reopen(self) -> None:
        """Open the file again after a write to a read-only file: a connection never notices that
        the file has become writable."""
        with suppress(StoreUnavailable, sqlite3.Error):
            self._check_file()
            opened = _connect(self._path)
            self._connection.close()
            self._connection = opened

    def _start_checkpoint(self) -> None:
        """Make a checkpoint on a thread: its fsyncs would block the event loop for 10 ms."""
        if self._checkpoint is not None and not self._checkpoint.done():
            return
        self._written = 0
        loop = asyncio.get_running_loop()
        self._checkpoint = loop.run_in_executor(None, checkpoint, self._path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_AT_LATEST}")
        connection.executescript(SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_read_only(error: sqlite3.Error) -> bool:
    # Errors of the sqlite3 module itself, as for a closed connection, have no code.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY


def checkpoint(path: Path) -> None:
    """Copy the WAL into the file, over a separate connection, without blocking others.

    A failure is only logged: the WAL still has everything, and will be copied later.
    """
    try:
        # mode=rw does not create a file that was removed.
        address = f"{path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.Error as error:
        log.warning("cannot checkpoint %s: %s", path, error)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is damaged, and not just unavailable for now."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or code == CUT_OFF


def damage_of(path: Path) -> str | None:
    """Check the integrity of a file, over a separate connection, without blocking others.

    Returns None if no damage was found. The contents of records are not checked, and neither is a
    file that is too large or cannot be read at the moment.
    """
    try:
        if path.stat().st_size > LARGEST:
            return None
        # mode=rw does not create a file that was removed.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
            result = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and is_damage(error):
            return str(error)
        log.warning("cannot check %s for damage: %s", path, error)
        return None
    return None if result == "ok" else " ".join(result.split())
