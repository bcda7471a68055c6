"""A watched store answers as the store does, and tells of what it could not."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from app.sessions.stores.base import Store, StoreUnavailable
from app.sessions.stores.instrumented import InstrumentedStore
from app.sessions.stores.sqlite import SQLiteStore

CALLS: dict[str, tuple[Any, ...]] = {
    "create": ("id", b"data", 60.0),
    "get": ("id",),
    "replace": ("id", 1, b"more", 60.0),
    "touch": (["id"], 60.0),
    "delete": ("id",),
    "sweep": (),
    "count": (),
    "check": (),
}


def test_every_operation_is_watched() -> None:
    """All that a store can be asked for, but to close."""
    operations = {name for name, _ in inspect.getmembers(Store, inspect.iscoroutinefunction)}
    assert operations == {*CALLS, "close"}


async def test_it_answers_as_the_store_does(tmp_path: Path) -> None:
    """The same, call by call; nothing is told where nothing failed."""
    told: list[str] = []
    plain = SQLiteStore(tmp_path / "plain.db")
    watched = InstrumentedStore(SQLiteStore(tmp_path / "watched.db"), told.append)
    for name, arguments in CALLS.items():
        assert await getattr(watched, name)(*arguments) == await getattr(plain, name)(*arguments)
    await watched.close()
    await plain.close()
    with pytest.raises(StoreUnavailable):
        await watched.get("id")  # it was closed, too
    assert told == ["get"]


@pytest.mark.parametrize("name", CALLS)
async def test_it_tells_which_operation_failed(name: str) -> None:
    """And lets the failure through."""
    told: list[str] = []

    class Away:
        def __getattr__(self, name: str) -> Any:
            async def unavailable(*_: Any) -> None:
                raise StoreUnavailable(name)

            return unavailable

    with pytest.raises(StoreUnavailable, match=name):
        await getattr(InstrumentedStore(Away(), told.append), name)(*CALLS[name])
    assert told == [name]
