"""How many sessions a server may keep."""

import time

from app.sessions.stores.base import Store

COUNTED_EVERY = 10.0  # seconds; counting a large table takes milliseconds
COUNTED_AGAIN = 1.0  # seconds, while it is full: what has expired is swept meanwhile


class CapacityReached(Exception):
    """As many sessions are kept as may be: none of them is given up for a new one."""


class Capacity:
    """Counts the sessions now and then, and by itself in between.

    Other processes begin sessions too: together they may go over the limit by what they begin
    between two counts.
    """

    def __init__(self, store: Store, most: int) -> None:
        """`most` sessions, or any number if it is 0."""
        self._store = store
        self._most = most
        self._kept = 0
        self._counted = float("-inf")

    async def take(self) -> None:
        """Reserve the place of a session that is about to begin. Raises CapacityReached, StoreUnavailable."""
        if not self._most:
            return
        age = time.monotonic() - self._counted
        if age >= COUNTED_EVERY or (self._kept >= self._most and age >= COUNTED_AGAIN):
            self._kept = await self._store.count()
            self._counted = time.monotonic()
        if self._kept >= self._most:
            raise CapacityReached
        self._kept += 1
