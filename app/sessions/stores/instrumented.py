"""A store that reports its failures."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

from app.sessions.stores.base import Record, Store, StoreUnavailable

T = TypeVar("T")


class InstrumentedStore:
    """Wraps a store and calls `failed` with the name of every operation that fails."""

    def __init__(self, store: Store, failed: Callable[[str], None]) -> None:
        self.store = store
        self._failed = failed

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        return await self._report("create", self.store.create(id, data, ttl))

    async def get(self, id: str) -> Record | None:
        return await self._report("get", self.store.get(id))

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        try:  # without `_report`, which would cost every step another call
            return await self.store.replace(id, version, data, ttl)
        except StoreUnavailable:
            self._failed("replace")
            raise

    async def delete(self, id: str) -> bool:
        return await self._report("delete", self.store.delete(id))

    async def sweep(self) -> int:
        return await self._report("sweep", self.store.sweep())

    async def count(self) -> int:
        return await self._report("count", self.store.count())

    async def check(self) -> None:
        await self._report("check", self.store.check())

    async def close(self) -> None:
        await self.store.close()

    async def _report(self, operation: str, call: Coroutine[object, object, T]) -> T:
        try:
            return await call
        except StoreUnavailable:
            self._failed(operation)
            raise
