"""A clock for what asks for the time."""


class Clock:
    """Stands still until a test sets its `now`, in seconds."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
