"""What a request names: an example to start from, a derivation."""

from collections.abc import Mapping

from starlette.datastructures import QueryParams
from starlette.requests import Request

from app.examples.presets import preset
from app.examples.published import DECK
from app.simulation.permalink import decode_permalink
from app.view.rendering.links import AT
from app.view.rendering.numbers import digits
from app.view.rendering.page_state import PageState
from app.web.pages.network_query import build_network

MOST_TYPED = 64  # characters of a number
MAX_DEPTH = 64  # addresses of a derivation path
# What a sentence puts after a link, and mail programs take for a part of it.
PUNCTUATION = ".,;:!?)]}>\"'”’»…。、，）」』"


DEFAULT = PageState(DECK.simulation, {"preset": DECK.name})


def initial_example(query: Mapping[str, str]) -> PageState | None:
    """Return the page of the example that a query names, None if it names none.

    The first change creates a session from the example. It is a `preset`, a network to build
    (`layers`, `seed` and so on), or the `moment` of a permalink.

    Raises:
        Invalid: if there is no such example.
    """
    if isinstance(query, QueryParams):
        query = as_meant(query)
    if "preset" in query:
        named = preset(query["preset"])
        return PageState(named.simulation, {"preset": named.name})
    if "moment" in query:
        return PageState(decode_permalink(query["moment"]), {"moment": query["moment"]})
    if "seed" not in query and "layers" not in query:
        return None
    asked, simulation = build_network(query)
    return PageState(simulation, asked)


def as_meant(query: QueryParams) -> QueryParams:
    """Return the query of a link without the punctuation after the link."""
    *others, (name, value) = query.multi_items() or [("", "")]
    if not value or value[-1] not in PUNCTUATION:
        return query
    return QueryParams([*others, (name, value.rstrip(PUNCTUATION))])


def derivation_path(request: Request) -> tuple[str, ...]:
    """Return the addresses in the request's `at`: the explained quantity and the path into it."""
    text = _address(request, "at")
    return tuple(text.split(AT)[:MAX_DEPTH]) if text else ()


def focus(request: Request) -> str:
    """Return the address in the request's `focus`: the quantity that was chosen last."""
    return _address(request, "focus")


def _address(request: Request, name: str) -> str:
    return query_field(request, name).rstrip(PUNCTUATION)


def query_field(request: Request, name: str) -> str:
    """Return a field of the query, empty if it is not there."""
    # Most presses have no query; to parse none takes 6 µs.
    return request.query_params.get(name, "") if request.scope["query_string"] else ""


def typed_number(request: Request) -> tuple[int, str] | None:
    """Return the level of the derivation whose number is to be checked, and what was typed."""
    query = request.query_params
    level = digits(query.get("level", ""), 2)
    return (level, query["number"][:MOST_TYPED]) if level and "number" in query else None
