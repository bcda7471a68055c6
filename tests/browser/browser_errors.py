"""Errors that fail any browser test: in the console or on the page (a breach of the content security
policy is one of them), and requests to any host but our own server."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

HOME = "127.0.0.1"


class BrowserErrors:
    """The errors of the browser contexts that a test uses."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self._expected: list[str] = []
        self._handlers: Any = (
            *(("console", self._console), ("weberror", self._error), ("request", self._request)),
        )

    def listen(self, context: BrowserContext) -> None:
        """Record the errors of every page of a context."""
        for event, handler in self._handlers:
            context.on(event, handler)

    def ignore(self, context: BrowserContext) -> None:
        """Stop listening to a context."""
        for event, handler in self._handlers:
            context.remove_listener(event, handler)

    def expect(self, *texts: str) -> None:
        """Accept errors that contain one of these texts."""
        self._expected += texts

    def check(self) -> None:
        """Fail if there were other errors."""
        unexpected = [
            message
            for message in self.messages
            if not any(text in message for text in self._expected)
        ]
        assert not unexpected, "\n".join(unexpected)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(f"console {message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.messages.append(f"page error: {error.error}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "about") and address.hostname != HOME:
            self.messages.append(f"request to another host: {request.url}")
