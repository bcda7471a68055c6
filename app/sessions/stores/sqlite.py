"""Sessions in one SQLite file: nothing to install, for one server process."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from app.sessions.stores.base import Record, StoreUnavailable

LARGEST = 256_000_000  # bytes of a file that is looked through; 64 MB take 50 ms on a thread
CUT_OFF = sqlite3.SQLITE_IOERR_SHORT_READ  # what the index of the log names is not in the log


def is_damage(error: sqlite3.Error) -> bool:
    """Whether it tells of the file, and not of what stands in the way just now."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or code == CUT_OFF


def damage_of(path: Path) -> str | None:
    """Look through a file that is not too large, over a connection of its own; blocks no one.

    None says that nothing was found: the contents of records are not looked at, and a file that
    cannot be read just now is read another time.
    """
    try:
        if path.stat().st_size > LARGEST:
            return None
        # mode=rw: a file that somebody has removed is not made anew.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and is_damage(error):
            return str(error)
        log.warning("cannot look through %s: %s", path, error)
        return None
    return None if said == "ok" else " ".join(said.split())


log = logging.getLogger(__name__)

# `data` comes last: what looks at `expires` alone then never reads the long values.
# There is no index on `expires`: it would add half again to the cost of every write, to
# spare only the sweep a walk. WITHOUT ROWID makes reads and writes of long values three
# to five times slower.
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
DELETE = "DELETE FROM sessions WHERE id = ? AND expires > ?"
LAST = "SELECT coalesce(max(rowid), 0) FROM sessions"
BATCH_END = """
SELECT coalesce(max(rowid), ?)
FROM (SELECT rowid FROM sessions WHERE rowid > ? ORDER BY rowid LIMIT ?)
"""
SWEEP = "DELETE FROM sessions WHERE rowid > ? AND rowid <= ? AND expires <= ?"
COUNT = "SELECT count(*) FROM sessions"
# As long as a long session: where only this much does not fit, a step might not either.
TRIAL = "INSERT OR REPLACE INTO trial (id, filling) VALUES (1, zeroblob(65536))"

BUSY_TIMEOUT = 0.2  # seconds that a call waits for another process; everybody waits meanwhile
SWEEP_BATCH = 100  # rows looked at without a pause
CHECKPOINT_EVERY = 4_000_000  # bytes written between two checkpoints in the background
PAGE = 4096
CHECKPOINT_AT_LATEST = 8_000  # pages in the WAL (32 MB) after which a write does it itself


class SQLiteStore:
    """A store in one SQLite file, called directly on the event loop (tens of microseconds).

    The file is in WAL mode with `synchronous=NORMAL`. That guarantees that killing the
    process, at any instant and with any signal, loses no write that has returned; that a
    power cut or a crash of the operating system may lose the last writes before it; and
    that neither ever leaves a damaged file or half a record.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Open the file, making it and its folder if need be; `clock` gives Unix seconds.

        Raises StoreUnavailable.
        """
        self._path = path.resolve()
        self._clock = clock
        self._log = self._path.with_name(f"{self._path.name}-wal")
        self._log_size = 0
        self._damage: str | None = None  # once there is some, it does not go away by itself
        self._unchecked = 0
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

        Raises ValueError for an address of another form, StoreUnavailable.
        """
        parts = urlsplit(url)
        path = unquote(parts.path.removeprefix("/"))
        if parts.netloc or parts.query or parts.fragment or not path:
            raise ValueError("expected sqlite:///relative/path or sqlite:////absolute/path")
        return cls(Path(path))

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        """See Store: False if the id is taken."""
        now = self._clock()
        return self._put(CREATE, (id, now + ttl, data, now), len(data))

    async def get(self, id: str) -> Record | None:
        """See Store: the record, or None."""
        row = self._one(GET, (id, self._clock()))
        return None if row is None else Record(*row)

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        """See Store: False unless the record stands at `version`."""
        now = self._clock()
        return self._put(REPLACE, (now + ttl, data, id, version, now), len(data))

    async def delete(self, id: str) -> bool:
        """See Store: False if there was none."""
        return self._write(DELETE, (id, self._clock())) == 1

    async def sweep(self) -> int:
        """See Store: walks the whole table, letting others go on after each batch; then looks
        through the file for damage, on a thread."""
        # What is created meanwhile is not waited for, or a busy server would sweep for ever.
        swept, begin, last = 0, 0, self._number(LAST)
        while begin < last:
            end = self._number(BATCH_END, (last, begin, SWEEP_BATCH))
            swept += self._write(SWEEP, (begin, end, self._clock()))
            begin = end
            await asyncio.sleep(0)
        await self._look_through()
        return swept

    async def count(self) -> int:
        """See Store: all rows, swept or not."""
        return self._number(COUNT)

    async def check(self) -> None:
        """See Store: a write of its own, and a look whether the file is still the one opened, and
        its log not shorter than it was. Damage that was ever met with is told until the file is
        opened anew."""
        if self._log_is_shorter():
            await self._look_through()
        if self._damage is not None:
            raise StoreUnavailable(f"{self._path} is damaged: {self._damage}")
        self._write(TRIAL, ())
        self._check_file()

    def _log_is_shorter(self) -> bool:
        """Whether somebody cut it off, or copied it into the file, which is no harm."""
        try:
            before, self._log_size = self._log_size, self._log.stat().st_size
        except OSError:
            self._found("its -wal is gone")
            return False
        return self._log_size < before

    async def _look_through(self) -> None:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, damage_of, self._path)
        if found is not None:
            self._found(found)

    def _found(self, damage: str) -> None:
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
        """See Store: waits for a checkpoint under way."""
        if self._checkpoint is not None:
            await self._checkpoint
        self._connection.close()

    def _put(self, sql: str, parameters: tuple[Any, ...], size: int) -> bool:
        """Write one record of `size` bytes and see to it that the WAL does not grow for long."""
        done = self._write(sql, parameters) == 1
        self._unchecked += size + PAGE
        if self._unchecked > CHECKPOINT_EVERY:
            self._start_checkpoint()
        return done

    def _number(self, sql: str, parameters: tuple[Any, ...] = ()) -> int:
        row = self._one(sql, parameters)
        assert row is not None
        return int(row[0])

    # The two below are the only ways into the file; both speak of its troubles in one way.

    def _one(self, sql: str, parameters: tuple[Any, ...]) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._connection.execute(sql, parameters).fetchone()
        except sqlite3.Error as error:
            if is_damage(error):
                self._found(str(error))
            raise StoreUnavailable(f"cannot read {self._path}: {error}") from error
        return row

    def _write(self, sql: str, parameters: tuple[Any, ...]) -> int:
        try:
            return self._connection.execute(sql, parameters).rowcount
        except sqlite3.Error as error:
            if _is_read_only(error):
                self._reopen()
            elif is_damage(error):
                self._found(str(error))
            raise StoreUnavailable(f"cannot write {self._path}: {error}") from error

    def _reopen(self) -> None:
        """Open the file again where it could only be opened for reading: by the next write that
        may have changed, but a connection never notices."""
        with suppress(StoreUnavailable, sqlite3.Error):
            self._check_file()
            opened = _connect(self._path)
            self._connection.close()
            self._connection = opened

    def _start_checkpoint(self) -> None:
        """Copy the WAL into the file on a thread: here its fsyncs would stop everybody for 10 ms."""
        if self._checkpoint is not None and not self._checkpoint.done():
            return
        self._unchecked = 0
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
    # What sqlite3 itself says, such as of a closed connection, has no code.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY


def checkpoint(path: Path) -> None:
    """Copy what the WAL holds into the file, over a connection of its own; blocks no one.

    A failure is only logged: the WAL still holds everything, and a later checkpoint or
    the writes themselves will copy it.
    """
    try:
        # mode=rw: a file that somebody has removed is not made anew.
        address = f"{path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.Error as error:
        log.warning("cannot checkpoint %s: %s", path, error)
