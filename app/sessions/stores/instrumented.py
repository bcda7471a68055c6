"""A store that reports its failures."""

from collections.abc import Callable
from typing import Any

from app.sessions.stores.base import Store, StoreUnavailable


def _reported(operation: str) -> Any:
    async def call(self: "InstrumentedStore", *arguments: Any) -> Any:
        try:
            return await getattr(self.store, operation)(*arguments)
        except StoreUnavailable:
            self.failed(operation)
            raise

    return call


class InstrumentedStore:
    """Wraps a store and calls `failed` with the name of every operation that fails."""

    def __init__(self, store: Store, failed: Callable[[str], None]) -> None:
        self.store = store
        self.failed = failed

    create = _reported("create")
    get = _reported("get")
    replace = _reported("replace")
    touch = _reported("touch")
    delete = _reported("delete")
    sweep = _reported("sweep")
    count = _reported("count")
    check = _reported("check")

    async def close(self) -> None:
        await self.store.close()
