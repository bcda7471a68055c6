"""A minimal ASGI app: responds to every request with a constant of a given size."""

import os
from typing import Any

BODY = b"x" * int(os.environ["BARE_SIZE"])
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(BODY)).encode()),
    ],
}
END = {"type": "http.response.body", "body": BODY}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reads the request body, as a form handler must, and responds."""
    if scope["type"] == "http":
        await receive()
        await send(START)
        await send(END)
