"""What a browser brings along: its session or the example it looks at, and how it wants to see it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.backprop.compiler import BY
from app.examples.presets import DECK, preset
from app.simulation.permalink import read
from app.simulation.simulation import Simulation
from app.view.panels.error_chart import SCALES
from app.view.panels.registry import PANELS
from app.view.rendering.languages import languages, negotiate
from app.view.rendering.links import AT
from app.view.rendering.page_state import Wishes
from app.view.screen.page import THEMES
from app.web.http.security import cookies, read_cookie
from app.web.pages.network_query import built

VIEW_COOKIE = "backstep_view"
YEAR = 365 * 24 * 60 * 60
MOST_LETTERS = 256  # of a header that is remembered
MOST_DEEP = 64


@dataclass(frozen=True, slots=True)
class Start:
    """An example looked at, from which the first change begins a session.

    Attributes:
        query: what names it in an address.
        simulation: the example as it is.
    """

    query: Mapping[str, str]
    simulation: Simulation


DEFAULT = Start({"preset": DECK.name}, DECK.simulation)


def start_of(query: Mapping[str, str]) -> Start | None:
    """The example that an address names: `preset`, a network to build (`layers`, `seed` and so on),
    or the `moment` of anybody's simulation; None if it names none.

    Raises:
        Invalid: where there is no such example.
    """
    if "preset" in query:
        named = preset(query["preset"])
        return Start({"preset": named.name}, named.simulation)
    if "moment" in query:
        return Start({"moment": query["moment"]}, read(query["moment"]))
    if "seed" not in query and "layers" not in query:
        return None
    return Start(*built(query))


def held(request: Request) -> tuple[str, str] | None:
    """The (id, key) of the session to work on; None where a new one is to begin.

    The forms of an example say which session the browser held when it was drawn (`instead`). If
    it holds another by now, an earlier press on the same page began it: a second press, however
    fast, goes on from there and does not begin again.
    """
    cookie = read_cookie(request)
    if cookie is None or not request.scope["query_string"]:
        return cookie
    query = request.query_params
    if not query.keys() & {"preset", "seed", "layers", "moment"}:
        return cookie
    return None if query.get("instead", "") == mark(cookie[0]) else cookie


def instead(request: Request) -> dict[str, str]:
    """What the forms of an example say of the session that is held now."""
    cookie = read_cookie(request)
    return {"instead": mark(cookie[0])} if cookie else {}


def mark(id: str) -> str:
    """A short name of what must not be told as it is."""
    return sha256(id.encode()).hexdigest()[:12]


def way_of(request: Request) -> tuple[str, ...]:
    """The addresses that the request's `at` names: what is explained, and the way down into it."""
    text = request.query_params.get("at", "") if request.scope["query_string"] else ""
    return tuple(text.split(AT)[:MOST_DEEP]) if text else ()


def wishes_of(request: Request) -> Wishes:
    """How the visitor wants to see it: as chosen before, else as the browser asks."""
    choices = cookies(request).get(VIEW_COOKIE, "")[:MOST_LETTERS]
    return _wishes(choices, request.headers.get("accept-language", "")[:MOST_LETTERS])


@lru_cache(maxsize=1024)
def _wishes(cookie: str, accept_language: str) -> Wishes:
    chosen = _known(dict(parse_qsl(cookie)))
    if "language" not in chosen:
        chosen["language"] = negotiate(accept_language)
    return replace(Wishes(), **chosen)


def _known(choices: Mapping[str, str]) -> dict[str, str]:
    """The choices that there are; a cookie may be old, or anybody's."""
    options = {
        "by": BY,
        "panel": tuple(PANELS),
        "theme": THEMES,
        "language": tuple(languages()),
        "scale": SCALES,
    }
    return {name: choices[name] for name in options if choices.get(name) in options[name]}


def chosen(wishes: Wishes, choices: Mapping[str, str]) -> Wishes:
    """The wishes with the choices made in a form; others stay."""
    return replace(wishes, **_known(choices))


def remember(request: Request, response: Response, wishes: Wishes) -> None:
    """Gives the browser its wishes to keep. They name nobody, so they need no signature."""
    response.set_cookie(
        VIEW_COOKIE,
        urlencode(asdict(wishes)),
        max_age=YEAR,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
