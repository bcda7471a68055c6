"""Every URL of the application is made here, so that one prefix can be put before them all."""

from collections.abc import Mapping
from urllib.parse import urlencode

PREFIX = ""
SAFE = "/~,"  # these separate the parts of a value and need no escape in a query


def url(path: str, fields: Mapping[str, str] | None = None) -> str:
    """The URL of a path of this application, such as `/step`, with the fields of a query."""
    return PREFIX + path + query(fields or {})


def base_of(network: str) -> str:
    """The path of a network by its id, which the paths of its forms and links begin with."""
    return f"/n/{network}"


def query(fields: Mapping[str, str]) -> str:
    """The query of a URL with its question mark; empty without fields."""
    return f"?{urlencode(fields, safe=SAFE)}" if fields else ""
