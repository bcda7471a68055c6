"""What the process says of itself: for people on a terminal, or one JSON object a line.

A line names the request that it belongs to. What is told of a request is its route's template and
never its path, query or headers: those hold sessions' ids and keys.
"""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.settings import Settings

# Who a line belongs to: set for each request, in the task that answers it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

TEXT = "%(asctime)s %(levelname)s %(message)s"
ACCESS = "backstep.access"

_encode = msgspec.json.Encoder(enc_hook=str).encode


class JsonFormatter(logging.Formatter):
    """A record as one line: an exception, too, which is otherwise a line for each call."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id := request_id.get():
            line["request_id"] = id
        if isinstance(record.args, dict):  # what the message is made of, under its names
            line |= record.args
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line).decode()

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class TextFormatter(logging.Formatter):
    """A record as a terminal shows it, with the request's id at the end."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:
        id = request_id.get()
        return super().formatMessage(record) + (f" [{id}]" if id else "")


def configure(settings: Settings) -> None:
    """Makes every logger of the process say its lines so; called once, before the server starts.

    JSON goes to stdout, where containers are listened to; text to stderr, as a terminal has it.
    """
    json = settings.log_format == "json"
    handler = logging.StreamHandler(sys.stdout if json else sys.stderr)
    handler.setFormatter(JsonFormatter() if json else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    # A line for each request is for machines; people ask for it.
    access = json or settings.log_level == "debug"
    logging.getLogger(ACCESS).setLevel(logging.NOTSET if access else logging.WARNING)
    # Found out at every line otherwise, and said in none.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
