"""Every URL of the application is made here, so that one path can be put before them all.

The paths of routes, and of `base_of`, are those inside the application, without it.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

EMBED = "/embed/"  # begins the paths of the pages that others may show in a frame
SAFE = "/~,"  # these separate the parts of a value and need no escape in a query

_base_path = ""


def serve_under(base_path: str) -> None:
    """Put a path such as `/backstep` before every URL that is made from now on.

    A process has one: URLs become parts of templates and of other things that are kept.
    """
    global _base_path
    _base_path = base_path


def url(path: str, fields: Mapping[str, str] | None = None) -> str:
    """The URL of a path of this application, such as `/step`, with the fields of a query."""
    return _base_path + path + query(fields or {})


def base_of(network: str) -> str:
    """The path of a network by its id, which the paths of its forms and links begin with."""
    return f"/n/{network}"


def query(fields: Mapping[str, str]) -> str:
    """The query of a URL with its question mark; empty without fields."""
    return f"?{urlencode(fields, safe=SAFE)}" if fields else ""
