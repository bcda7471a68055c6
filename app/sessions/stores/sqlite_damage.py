"""What can be seen of damage to a SQLite file: a bad page, a log that was cut off."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)

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
