"""The limit on the number of stored sessions."""

import time

from app.sessions.stores.base import Store

COUNT_EVERY = 10.0  # seconds; counting a large table takes milliseconds
COUNT_WHEN_FULL_EVERY = 1.0  # seconds; sweeping may have made room


class CapacityReached(Exception):
    """The limit is reached. No session is dropped to make room for a new one."""


class Capacity:
    """Allows new sessions up to a limit.

    It asks the store for the number of sessions now and then, and counts new ones itself in
    between. Several processes may together exceed the limit by the sessions that they create
    between two counts.
    """

    def __init__(self, store: Store, most: int) -> None:
        """Allow `most` sessions; 0 allows any number."""
        self._store = store
        self._most = most
        self._count = 0
        self._counted_at = float("-inf")

    async def take(self) -> None:
        """Make room for a new session. Raises CapacityReached, StoreUnavailable."""
        if not self._most:
            return
        age = time.monotonic() - self._counted_at
        if age >= COUNT_EVERY or (self._count >= self._most and age >= COUNT_WHEN_FULL_EVERY):
            self._count = await self._store.count()
            self._counted_at = time.monotonic()
        if self._count >= self._most:
            raise CapacityReached
        self._count += 1
