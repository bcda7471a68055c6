"""What the library for rate limits requires of every storage."""

from limits.aio.storage import Storage


class Counts(Storage):
    """A storage without what the strategy does not call: its windows end by themselves."""

    STORAGE_SCHEME = None

    @property
    def base_exceptions(self) -> type[Exception]:
        """The exceptions for the library to wrap: none of ours."""
        return ValueError

    async def check(self) -> bool:
        return True

    async def reset(self) -> None:
        raise NotImplementedError

    async def clear(self, key: str) -> None:
        raise NotImplementedError
