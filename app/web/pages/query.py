"""What a browser brings along: its session or the example it looks at, and how it wants to see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request

from app.examples.presets import DECK, preset
from app.simulation.permalink import decode_permalink
from app.simulation.simulation import Simulation
from app.view.rendering.links import AT
from app.web.http.security import read_cookie
from app.web.pages.network_query import build_network

MOST_DEEP = 64


@dataclass(frozen=True, slots=True)
class InitialExample:
    """An example looked at, from which the first change begins a session.

    Attributes:
        query: what names it in an address.
        simulation: the example as it is.
    """

    query: Mapping[str, str]
    simulation: Simulation


DEFAULT = InitialExample({"preset": DECK.name}, DECK.simulation)


def initial_example(query: Mapping[str, str]) -> InitialExample | None:
    """The example that an address names: `preset`, a network to build (`layers`, `seed` and so on),
    or the `moment` of anybody's simulation; None if it names none.

    Raises:
        Invalid: where there is no such example.
    """
    if "preset" in query:
        named = preset(query["preset"])
        return InitialExample({"preset": named.name}, named.simulation)
    if "moment" in query:
        return InitialExample({"moment": query["moment"]}, decode_permalink(query["moment"]))
    if "seed" not in query and "layers" not in query:
        return None
    return InitialExample(*build_network(query))


def current_session(request: Request) -> tuple[str, str] | None:
    """The (id, key) of the session to work on; None where a new one is to begin.

    The forms of an example say which session the browser held when it was drawn (`replaced_session`). If
    it holds another by now, an earlier press on the same page began it: a second press, however
    fast, goes on from there and does not begin again.
    """
    cookie = read_cookie(request)
    if cookie is None or not request.scope["query_string"]:
        return cookie
    query = request.query_params
    if not query.keys() & {"preset", "seed", "layers", "moment"}:
        return cookie
    return None if query.get("instead", "") == short_hash(cookie[0]) else cookie


def replaced_session(request: Request) -> dict[str, str]:
    """What the forms of an example say of the session that is held now."""
    cookie = read_cookie(request)
    return {"instead": short_hash(cookie[0])} if cookie else {}


def short_hash(id: str) -> str:
    """A short name of what must not be told as it is."""
    return sha256(id.encode()).hexdigest()[:12]


def derivation_path(request: Request) -> tuple[str, ...]:
    """The addresses that the request's `at` names: what is explained, and the way down into it."""
    text = request.query_params.get("at", "") if request.scope["query_string"] else ""
    return tuple(text.split(AT)[:MOST_DEEP]) if text else ()
