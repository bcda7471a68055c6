"""What no test may see happen: an error in the console or on the page, a breach of the content
security policy (the console names it), a request to anyone but our own server."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

HOME = "127.0.0.1"


class Watch:
    """Keeps an eye on browser contexts, and its complaints until they are asked for."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._expected: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Watches every page of a context from now on."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def expect(self, *texts: str) -> None:
        """Complaints with one of these texts are what the test is about."""
        self._expected += texts

    def check(self) -> None:
        """Fails where there is something to complain about."""
        unexpected = [
            complaint
            for complaint in self.complaints
            if not any(text in complaint for text in self._expected)
        ]
        assert not unexpected, "\n".join(unexpected)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"page error: {error.error}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "about") and address.hostname != HOME:
            self.complaints.append(f"request to another host: {request.url}")
