"""What a store of sessions is: bytes under an id, with a version and an expiry.

A store knows nothing of simulations or owners. It changes a record only by
compare-and-set, so that two writers can never overwrite each other unseen, and
each of its operations touches one record alone, so that a store may spread its
records over many machines.
"""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

ON_REDIS = ("redis", "rediss", "redis+cluster", "rediss+cluster")  # schemes of many processes


class StoreUnavailable(Exception):
    """The store cannot be read or written now: away, locked, full, read-only or damaged.

    Nothing was changed, unless it is AnswerLost.
    """


class AnswerLost(StoreUnavailable):
    """A change was asked for and no answer came: it may have been made, or be made yet.

    To ask once more is safe for a replace, as it names the version that it is meant for.

    Attributes:
        version: of a replace, that version.
    """

    version: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What a store holds under one id. `version` counts from 1, by one for each change."""

    version: int
    data: bytes


class Store(Protocol):
    """Bytes under an id. Every method raises StoreUnavailable when the store cannot answer.

    A write is kept once its call has returned. A record past its expiry is absent
    to every method at once, whether or not its space has been given back yet; each
    successful write gives the record its whole `ttl` (seconds) anew, a read does not.
    """

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        """Keep `data` as version 1; False, and nothing is changed, if the id is taken."""
        ...

    async def get(self, id: str) -> Record | None:
        """Return the record as last written, None if there is none."""
        ...

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        """Make `data` version + 1 if the record stands at `version`; otherwise change nothing.

        False means that the record stands at another version or is absent.
        """
        ...

    async def delete(self, id: str) -> bool:
        """Forget the record; False if there was none."""
        ...

    async def sweep(self) -> int:
        """Give back the space of expired records; return how many.

        A store that drops expired records by itself has nothing to do here.
        """
        ...

    async def count(self) -> int:
        """Return how many records are held; expired ones may count until they are swept."""
        ...

    async def check(self) -> None:
        """Return if the store can be read and written now; raise StoreUnavailable if not."""
        ...

    async def close(self) -> None:
        """Let go of files and connections. The store is not used afterwards."""
        ...


async def open_store(url: str) -> Store:
    """Open the store that `url` names; its scheme picks the kind.

    `sqlite:///data/backstep.db` is relative to the working directory,
    `sqlite:////var/lib/backstep.db` absolute. `redis://host:6379/0` is shared by many
    processes, `redis+cluster://host:6379,other:6379` is a cluster of servers; with `rediss` the
    same over TLS. Raises ValueError for an unknown scheme or an unusable address,
    StoreUnavailable if the store cannot be opened.
    """
    # A kind is imported only when it is asked for: nobody needs another's libraries.
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        from app.sessions.stores.sqlite import SQLiteStore

        return SQLiteStore.open(url)
    if scheme in ON_REDIS:
        from app.sessions.stores.redis import RedisStore

        return RedisStore.open(url)
    # The address itself may hold a password, so only its scheme is repeated.
    raise ValueError(
        f"unknown kind of store {scheme!r}: expected sqlite:///path/to/file.db, "
        "redis://host:port/0 or redis+cluster://host:port"
    )
