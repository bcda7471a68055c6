"""A store that tells of every call that it could not answer."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

from app.sessions.stores.base import Record, Store, StoreUnavailable

T = TypeVar("T")


class InstrumentedStore:
    """Another store, with a word to `failed` for each call in vain: the name of its operation."""

    def __init__(self, store: Store, failed: Callable[[str], None]) -> None:
        self.store = store
        self._failed = failed

    async def create(self, id: str, data: bytes, ttl: float) -> bool:
        """See Store."""
        return await self._told("create", self.store.create(id, data, ttl))

    async def get(self, id: str) -> Record | None:
        """See Store."""
        return await self._told("get", self.store.get(id))

    async def replace(self, id: str, version: int, data: bytes, ttl: float) -> bool:
        """See Store. Every step passes here: a call less deep than the others."""
        try:
            return await self.store.replace(id, version, data, ttl)
        except StoreUnavailable:
            self._failed("replace")
            raise

    async def delete(self, id: str) -> bool:
        """See Store."""
        return await self._told("delete", self.store.delete(id))

    async def sweep(self) -> int:
        """See Store."""
        return await self._told("sweep", self.store.sweep())

    async def count(self) -> int:
        """See Store."""
        return await self._told("count", self.store.count())

    async def check(self) -> None:
        """See Store."""
        await self._told("check", self.store.check())

    async def close(self) -> None:
        """See Store."""
        await self.store.close()

    async def _told(self, operation: str, call: Coroutine[object, object, T]) -> T:
        try:
            return await call
        except StoreUnavailable:
            self._failed(operation)
            raise
