"""Logging: plain text for a terminal, or one JSON object per line.

A line names the request that it belongs to. Requests are logged by their route's template, never by
path, query or headers, which contain the ids and keys of sessions.
"""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.settings import Settings

# Set for each request, in the task that answers it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

TEXT = "%(asctime)s %(levelname)s %(message)s"
ACCESS = "backstep.access"

_encode = msgspec.json.Encoder(enc_hook=str).encode


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON, including the traceback of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id := request_id.get():
            line["request_id"] = id
        if isinstance(record.args, dict):  # the named values of the message
            line |= record.args
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line).decode()

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class TextFormatter(logging.Formatter):
    """Formats a record for a terminal, with the id of the request at the end."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:
        id = request_id.get()
        return super().formatMessage(record) + (f" [{id}]" if id else "")


def configure(settings: Settings) -> None:
    """Configure all loggers of the process, once, before the server starts.

    JSON goes to stdout, as containers expect; text goes to stderr.
    """
    json = settings.log_format == "json"
    handler = logging.StreamHandler(sys.stdout if json else sys.stderr)
    handler.setFormatter(JsonFormatter() if json else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    # The access log is meant for machines. A terminal shows it only at the level debug.
    access = json or settings.log_level == "debug"
    logging.getLogger(ACCESS).setLevel(logging.NOTSET if access else logging.WARNING)
    # These would be determined for every line, and no format has them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
