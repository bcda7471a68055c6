"""The interface of session stores: bytes under an id, with a version and an expiry.

A store knows nothing of simulations or owners. Records change only by compare-and-set, so no writer
overwrites another one unnoticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

ON_REDIS = ("redis", "rediss", "redis+sentinel", "rediss+sentinel")  # URL schemes


class StoreUnavailable(Exception):
    """The store cannot be read or written now: unreachable, locked, full, read-only or damaged.

    Nothing was changed, except possibly by AnswerLost.
    """


class AnswerLost(StoreUnavailable):
    """A change got no answer. It may have been made, or still be made later.

    A `replace` can safely be repeated, since it names the version that it expects.
    """


@dataclass(frozen=True, slots=True)
class Record:
    """The content of an id. `version` is 1 at first, and one more after every change."""

    version: int
    data: bytes


class Store(Protocol):
    """A session store. Every method raises StoreUnavailable if the store cannot answer.

    A write is durable once its call has returned. An expired record is absent from every method at
    once, even before it is swept. A successful write restarts the `ttl` (seconds), and so does
    `touch`; a read does not.
    """

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        """Store `data` as version 1; return False and change nothing if the id is taken."""
        ...

    async def get(self, id: str) -> Record | None:
        """Return the record; None if there is none."""
        ...

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        """Store `data` as version + 1 if the record is at `version`.

        Otherwise, or if there is no record, return False and change nothing.
        """
        ...

    async def touch(self, ids: Sequence[str], ttl: float) -> int:
        """Restart the `ttl` of records, and change nothing else; return how many there are."""
        ...

    async def delete(self, id: str) -> bool:
        """Delete the record; return False if there was none."""
        ...

    async def sweep(self) -> int:
        """Delete expired records, unless the store does so itself; return how many."""
        ...

    async def count(self) -> int:
        """Return the number of records, which may include expired ones until they are swept."""
        ...

    async def check(self) -> None:
        """Raise StoreUnavailable unless the store can be read and written now."""
        ...

    async def close(self) -> None:
        """Close files and connections. The store cannot be used afterwards."""
        ...


async def open_store(url: str) -> Store:
    """Open the store of a URL.

    `sqlite:///data/backstep.db` is relative to the working directory, and
    `sqlite:////var/lib/backstep.db` absolute. `redis://host:6379/0` is one server,
    `redis+sentinel://host:26379,other:26379/service/0` the one that sentinels name as the primary,
    and `rediss` the same over TLS.

    Raises ValueError for an unknown scheme or an invalid address, StoreUnavailable if the store
    cannot be opened.
    """
    # Imported late: no store needs the libraries of another one.
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        from app.sessions.stores.sqlite import SQLiteStore

        return SQLiteStore.open(url)
    if scheme in ON_REDIS:
        from app.sessions.stores.redis import RedisStore

        return RedisStore(url)
    # Only the scheme is repeated: the URL may contain a password.
    raise ValueError(
        f"unknown kind of store {scheme!r}: expected sqlite:///path/to/file.db, "
        "redis://host:port/0 or redis+sentinel://host:port/service/0"
    )
