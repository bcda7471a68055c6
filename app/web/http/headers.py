"""The headers of a request."""

from collections.abc import Mapping

from starlette.types import Scope

HEADERS = "backstep.headers"  # in a scope: its headers by name


def headers_of(scope: Scope) -> Mapping[str, str]:
    """Return the headers of a request by their names in lower case, the first of each name.

    A step looks for a dozen of them, half of which are missing: Starlette's `Headers`, which searches
    a list each time, would take 6 µs more.
    """
    found: Mapping[str, str] | None = scope.get(HEADERS)
    if found is None:
        found = scope[HEADERS] = {
            name.decode("latin-1"): text.decode("latin-1")
            for name, text in reversed(scope["headers"])
        }
    return found
